"""The kind `replay`: a page that shows one replication of a run in time."""

from pathlib import Path
from typing import Any

from plots.kinds import PlotKind
from sim.options import replication_option


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
    (replication_option,),
    is_page=True,
)
