"""Pictures of scenarios, runs and studies, drawn with Matplotlib from results; nothing here simulates.

    from plots import figure_response
    figure_response(results, "documented")

Of each picture, a function `figure_...` returns a figure, `draw_...` draws on axes, and `save_...` writes a file.

* `style`: the colours and settings that all pictures share, and how a picture is written to a file.
* `fonts`: fonts for characters that the font of all pictures lacks.
* `basemap`: the theatre as a map: land, graticule, scale bar, areas.
* `leg_numbers`: arrows and numbers beside the legs of a route.
* `route_map`: a route before it is flown, with its length, its time and the coverage it gives.
* `overview_map`: all routes, areas, bases, zones and swaths of a scenario on one map.
* `coverage_map`: the probability of detection over the sea, with tracks and transfers of a run.
* `study_page`: the page, lines and labels that pictures of a study share.
* `response`: a measure against the factors of a study.
* `heatmap`: a measure over two factors of a study.
* `gain`: how much each point of a study adds to its baseline.
* `kinds`: the kinds of plots of `seasweep plot`, a file for each.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from plots.basemap import draw_basemap
    from plots.coverage_map import draw_coverage, figure_coverage, save_coverage
    from plots.gain import draw_gain, figure_gain, save_gain
    from plots.heatmap import draw_heatmap, figure_heatmap, save_heatmap
    from plots.overview_map import draw_overview, figure_overview, save_overview
    from plots.response import draw_response, figure_response, save_response
    from plots.route_map import draw_route, figure_route, save_route

__all__ = [
    "draw_basemap",
    "draw_coverage",
    "draw_gain",
    "draw_heatmap",
    "draw_overview",
    "draw_response",
    "draw_route",
    "figure_coverage",
    "figure_gain",
    "figure_heatmap",
    "figure_overview",
    "figure_response",
    "figure_route",
    "save_coverage",
    "save_gain",
    "save_heatmap",
    "save_overview",
    "save_response",
    "save_route",
]

_HOMES = {
    "basemap": "basemap",
    "coverage": "coverage_map",
    "overview": "overview_map",
    "route": "route_map",
}  # of other pictures: their own name


def __getattr__(name: str) -> Any:
    """Load what is asked for when it is asked for: importing `plots` itself costs nothing."""
    from importlib import import_module

    if name not in __all__:
        raise AttributeError(f"module 'plots' has no attribute {name!r}")
    picture = name.partition("_")[2]
    return getattr(import_module(f"plots.{_HOMES.get(picture, picture)}"), name)


def __dir__() -> list[str]:
    """The public names, whether or not they have been loaded."""
    return sorted([*(name for name in globals() if name.startswith("__")), *__all__])
