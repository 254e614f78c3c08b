"""The kind `revisit`: how often the places of a run are looked at."""

from pathlib import Path
from typing import Any

import click

from plots.kinds import PlotKind
from sim.options import FiniteRange, cells_option


def _save(results: Any, path: Path, **options: Any) -> None:
    from plots.effort_map import save_revisit

    save_revisit(results, path, **options)


KIND = PlotKind(
    "revisit",
    "RUN",
    "Map how long it takes until somebody looks at a place.\n\n"
    "An aircraft looks at a place while it is within half its sweep width of the place, or within --range-nmi. Its "
    "sweep width is that of the sensor with the widest one among those that detect ships without AIS.",
    _save,
    (
        click.option(
            "--show",
            type=click.Choice(["response", "mean", "percentile", "longest", "looks"]),
            default="response",
            show_default=True,
            help="Show the mean time to the next look, the mean gap between looks, the gap that 90 % do not exceed, "
            "the longest gap, or the number of looks.",
        ),
        click.option(
            "--range-nmi",
            type=FiniteRange(0.1, 500.0),
            help="Range within which an aircraft looks at a place. Default: half the sweep width.",
        ),
        cells_option,
    ),
    tells_progress=True,
)
