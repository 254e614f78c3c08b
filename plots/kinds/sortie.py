"""The kind `sortie`: one flight of a run as it was flown."""

from pathlib import Path
from typing import Any

import click

from plots.kinds import PlotKind
from sim.options import replication_option


def _save(results: Any, path: Path, **options: Any) -> None:
    from plots.sortie_chart import save_sortie

    save_sortie(results, path, **options)


KIND = PlotKind(
    "sortie",
    "RUN",
    "Draw one sortie as flown: its track, phases and fuel.\n\n"
    "Without options, the picture shows the first sortie of the first replication of which tracks were recorded.",
    _save,
    (
        replication_option,
        click.option("--patrol", metavar="NAME", help="Draw a sortie of this patrol."),
        click.option("--sortie", type=click.IntRange(0), help="Draw the sortie with this number."),
    ),
)
