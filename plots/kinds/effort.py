"""The kind `effort`: where a run searched, and how thoroughly."""

from pathlib import Path
from typing import Any

import click

from plots.kinds import PlotKind
from sim.options import cells_option


def _save(results: Any, path: Path, **options: Any) -> None:
    from plots.effort_map import save_effort

    save_effort(results, path, **options)


KIND = PlotKind(
    "effort",
    "RUN",
    "Map the search effort as coverage factor or as hours flown.\n\n"
    "The coverage factor C of a place is the area swept there, divided by the area of the place.",
    _save,
    (
        click.option(
            "--show",
            type=click.Choice(["factor", "hours"]),
            default="factor",
            show_default=True,
            help="Show the coverage factor C, or the hours flown over each cell.",
        ),
        click.option(
            "--sensor",
            metavar="NAME",
            help="Take the sweep width of this sensor. Default: the sensor with the widest one among those that detect "
            "ships without AIS.",
        ),
        cells_option,
    ),
    tells_progress=True,
)
