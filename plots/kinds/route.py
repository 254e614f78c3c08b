"""A route before it is flown."""

from pathlib import Path
from typing import Any

import click

from plots.kinds import PlotKind


def _save(scenario: Any, path: Path, **options: Any) -> None:
    from plots.route_map import save_route

    save_route(scenario, path, **options)


KIND = PlotKind(
    "route",
    "SCENARIO",
    "Draw a route before it is flown: its legs, length, time and coverage factor.",
    _save,
    (
        click.option("--route", metavar="NAME", help="Route to draw. Default: the first route of the patrol."),
        click.option(
            "--patrol", metavar="NAME", help="Patrol that flies the route. Default: the first patrol that flies it."
        ),
    ),
)
