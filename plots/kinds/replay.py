"""The kind `replay`: a page that shows one replication of a run in time."""

from pathlib import Path
from typing import Any

import click

from plots.kinds import PlotKind


def _save(results: Any, path: Path, replication: int | None) -> None:
    from plots.replay_page import save_replay

    save_replay(results, path, replication=replication)


KIND = PlotKind(
    "replay",
    "RUN",
    "Write a page that replays one replication in time.\n\n"
    "The page is one file that any browser shows without a network. It has the aircraft and their tracks, the "
    "transfers and how far each climbed the ladder, contacts, tips, weather and light, with keys and buttons to play, "
    "to step from event to event, and to zoom.",
    _save,
    (
        click.option(
            "--replication",
            type=click.IntRange(0),
            help="Replay this replication. Default: the first whose tracks were recorded.",
        ),
    ),
    is_page=True,
)
