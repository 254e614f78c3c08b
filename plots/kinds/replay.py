"""The kind `replay`: a page or a film that shows one replication of a run in time."""

from pathlib import Path
from typing import Any

import click

from plots.kinds import PlotKind
from sim.options import FiniteRange, replication_option
from sim.scenario.arguments import FILMS, PAGES
from sim.study.progress import Progress

_LONGEST_H = 1e6  # no deployment is longer


def _save(results: Any, path: Path, progress: Progress, replication: int | None, **of_film: Any) -> None:
    if path.suffix in FILMS:
        from plots.replay_film import save_replay_film

        save_replay_film(results, path, replication=replication, progress=progress, **of_film)
        return
    _refuse_options(of_film)
    from plots.replay_page import save_replay

    save_replay(results, path, replication=replication)


def _refuse_options(of_film: dict[str, Any]) -> None:
    """Raise InputError for the first option that only a film has."""
    from sim.scenario.problems import refused

    for name, value in of_film.items():
        if value is not None:
            hint = "-o replay.gif and -o replay.mp4 write films"
            raise refused(
                value, "nothing for a page, which shows all hours", key=f"--{name.replace('_', '-')}", hint=hint
            )


KIND = PlotKind(
    "replay",
    "RUN",
    "Write a page or a film that replays one replication.\n\n"
    "The page, which ends in .html, is one file that any browser shows without a network. It has the aircraft and "
    "their tracks, the transfers and how far each climbed the ladder, contacts, tips, weather and light, with keys and "
    "buttons to play, to step from event to event, and to zoom. A film for slides ends in .gif or .mp4. It has the "
    "aircraft, their tracks, the contacts, the transfers, weather and light. An .mp4 file needs the program ffmpeg.",
    _save,
    (
        replication_option,
        click.option(
            "--from-h",
            type=FiniteRange(0.0, _LONGEST_H),
            help="Begin the film at this hour of the deployment. Default: 0.",
        ),
        click.option(
            "--to-h",
            type=FiniteRange(0.0, _LONGEST_H),
            help="End the film at this hour of the deployment. Default: its end.",
        ),
        click.option(
            "--step-h",
            type=FiniteRange(0.001, _LONGEST_H),
            help="Let this many hours pass from frame to frame of the film. Default: a round number that gives 300 "
            "frames at most.",
        ),
        click.option(
            "--frames-per-s",
            type=click.IntRange(1, 50),
            help="Show this many frames of the film in a second. Default: 10.",
        ),
    ),
    tells_progress=True,
    endings=(*PAGES, *FILMS),
)
