"""The kind `route`: a planned route."""

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
    "Draw a planned route on a map.\n\nThe picture shows its legs, length, flight time and coverage factor.",
    _save,
    (
        click.option("--route", metavar="NAME", help="Draw this route. Default: the first route of the patrol."),
        click.option(
            "--patrol",
            metavar="NAME",
            help="Draw the route as this patrol flies it. Default: the first patrol that flies it.",
        ),
    ),
)
