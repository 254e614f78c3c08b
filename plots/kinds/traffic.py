"""The kind `traffic`: where the background ships of a scenario are, by class."""

from pathlib import Path
from typing import Any

import click

from plots.kinds import PlotKind
from sim.options import many_cells_option


def _save(scenario: Any, path: Path, **options: Any) -> None:
    from plots.traffic_map import save_traffic

    save_traffic(scenario, path, **options)


KIND = PlotKind(
    "traffic",
    "SCENARIO",
    "Map the density of background ships, by class.\n\n"
    "The map also shows lanes, the wider the more ships go along them, and the areas of other ships. Small maps show "
    "each class, the ships that have their AIS on, and those that each receiver of AIS hears. Where numbers change "
    "with the season, a chart shows them over the year.",
    _save,
    (
        click.option(
            "--day",
            metavar="DATE",
            help="Map the mean of this day in local time: a month and a day, such as 05-01, or a date, such as "
            "2026-05-01. The day may lie outside the deployment. Default: the mean of the deployment.",
        ),
        click.option("--vessel", metavar="NAME", help="Map the ships of this class alone."),
        many_cells_option,
    ),
)
