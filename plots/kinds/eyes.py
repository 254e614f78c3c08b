"""The kind `eyes`: which eyes saw the transfers of a run."""

from pathlib import Path
from typing import Any

import click

from plots.kinds import PlotKind


def _save(results: Any, path: Path, by: str) -> None:
    from plots.eyes import save_eyes

    save_eyes(results, path, by=by)


KIND = PlotKind(
    "eyes",
    "RUN",
    "Draw which eyes saw the transfers: patrols, observers, or none.\n\n"
    "Each column is a combination of eyes, marked by dots, and its bar shows the share of all transfers that these "
    "eyes saw and no others. The bars at the left show what each eye saw by itself.",
    _save,
    options=(
        click.option(
            "--by",
            type=click.Choice(("observer", "kind")),
            default="observer",
            show_default=True,
            help="Take each observer for an eye of its own, or all observers of one kind together.",
        ),
    ),
)
