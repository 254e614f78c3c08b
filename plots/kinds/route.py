"""The kind `route`: the planned routes of a scenario, or one of them."""

from pathlib import Path
from typing import Any

import click

from plots.kinds import PlotKind


def _save(scenario: Any, path: Path, route: str | None, patrol: str | None) -> None:
    if route is None and patrol is None:
        from plots.overview_map import save_overview

        save_overview(scenario, path)
        return
    from plots.route_map import save_route

    save_route(scenario, path, route, patrol)


KIND = PlotKind(
    "route",
    "SCENARIO",
    "Draw the planned routes on a map, or one of them.\n\nThe map shows all routes, areas, bases, no-go zones and the "
    "swaths of satellites. With --route or --patrol it shows one route with its legs numbered, its length, its flight "
    "time and its coverage factor.",
    _save,
    (
        click.option("--route", metavar="NAME", help="Draw this route, with its legs numbered."),
        click.option(
            "--patrol",
            metavar="NAME",
            help="Draw one route as this patrol flies it. Default: the first patrol that flies the route.",
        ),
    ),
)
