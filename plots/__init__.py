"""Pictures and pages of scenarios, runs and studies, made from results; nothing here simulates.

    from plots import figure_response
    figure_response(results, "documented")

Of each picture, a function `figure_...` returns a figure of Matplotlib, `draw_...` draws on axes, and `save_...` writes
a file. Of a page or a film, `save_...` writes a file.

* `style`: the colours and settings that all pictures share, and how a picture is written to a file.
* `fonts`: fonts for characters that the font of all pictures lacks.
* `basemap`: the theatre as a map: land, graticule, scale bar, areas.
* `bases`: the bases on maps, with their names.
* `place_names`: names of ports and islands on maps.
* `area_names`: names of areas on a map with lanes, where they hide little.
* `leg_numbers`: arrows and numbers beside the legs of a route.
* `route_map`: a route before it is flown, with its length, its time and the coverage it gives.
* `overview_map`: all routes, areas, bases, zones and swaths of a scenario on one map.
* `run_page`: what pictures of a run share: rows of a replication, days, colours of patrols.
* `field_map`: a quantity over the sea as colours on a map: what such maps share.
* `coverage_map`: the probability of detection over the sea, with tracks and transfers of a run.
* `belief_map`: where pairs may lie alongside at an hour that no flight has found.
* `effort_map`: the search effort of a run, and how often places are looked at.
* `traffic_map`: how many background ships are where, by class, along lanes and over the year.
* `transfer_maps`: why transfers were not documented, and how two runs differ, by cell.
* `weeks`: the first week of a run beside its last.
* `inferred`: how many transfers took place, as far as reports tell it.
* `exploit_map`: how often transfers are detected, by the hour and the place where they begin.
* `funnel`: how far transfers come on the ladder, and why not farther.
* `eyes`: which eyes saw transfers, together and alone.
* `timeline`: one replication over its days.
* `sortie_chart`: one sortie as flown: track, phases, fuel.
* `convergence`: a measure as more and more replications are counted.
* `slices`: parts of a study: levels that are fixed, the factor along the axis, facets.
* `study_page`: the page, lines and labels that pictures of a study share.
* `response`: a measure against the factors of a study.
* `heatmap`: a measure over two factors of a study.
* `gain`: how much each point of a study adds to its baseline.
* `decision`: plans, what is regretted, and what knowing an unknown is worth.
* `replay_data`: what a replay shows, as plain data.
* `replay_map`: the map below it: land, graticule, areas, zones and bases on the plane, as plain data.
* `replay_page`: the page of a replay.
* `replay_moment`: one moment of a replay: aircraft, tracks and transfers.
* `replay_film`: the film of a replay, drawn moment by moment.
* `film_files`: moving pictures as files in GIF and MP4.
* `report_page`: the report of a run, of two runs or of a study, as one page.
* `report`: the sections of a report.
* `pages`: the assembly of pages in HTML, and the scripts and styles of which they are made.
* `kinds`: the kinds of plots of `seasweep plot`, a file for each.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from plots.basemap import draw_basemap
    from plots.belief_map import draw_belief, figure_belief, save_belief
    from plots.convergence import draw_convergence, figure_convergence, save_convergence
    from plots.coverage_map import draw_coverage, figure_coverage, save_coverage
    from plots.decision import figure_decision, save_decision
    from plots.effort_map import figure_effort, figure_revisit, save_effort, save_revisit
    from plots.exploit_map import figure_exploit, figure_randomised, save_exploit, save_randomised
    from plots.eyes import draw_eyes, figure_eyes, save_eyes
    from plots.funnel import draw_funnel, figure_funnel, save_funnel
    from plots.gain import draw_gain, figure_gain, save_gain
    from plots.heatmap import draw_heatmap, figure_heatmap, save_heatmap
    from plots.inferred import figure_inferred, save_inferred
    from plots.overview_map import draw_overview, figure_overview, save_overview
    from plots.replay_film import save_replay_film
    from plots.replay_page import save_replay
    from plots.report_page import save_report
    from plots.response import draw_response, figure_response, save_response
    from plots.route_map import draw_route, figure_route, save_route
    from plots.sortie_chart import figure_sortie, save_sortie
    from plots.timeline import figure_timeline, save_timeline
    from plots.traffic_map import draw_traffic, figure_traffic, save_traffic
    from plots.transfer_maps import figure_difference, figure_missed, save_difference, save_missed
    from plots.weeks import figure_weeks, save_weeks

__all__ = [
    "draw_basemap",
    "draw_belief",
    "draw_convergence",
    "draw_coverage",
    "draw_eyes",
    "draw_funnel",
    "draw_gain",
    "draw_heatmap",
    "draw_overview",
    "draw_response",
    "draw_route",
    "draw_traffic",
    "figure_belief",
    "figure_convergence",
    "figure_coverage",
    "figure_decision",
    "figure_difference",
    "figure_effort",
    "figure_exploit",
    "figure_eyes",
    "figure_funnel",
    "figure_gain",
    "figure_heatmap",
    "figure_inferred",
    "figure_missed",
    "figure_overview",
    "figure_randomised",
    "figure_response",
    "figure_revisit",
    "figure_route",
    "figure_sortie",
    "figure_timeline",
    "figure_traffic",
    "figure_weeks",
    "save_belief",
    "save_convergence",
    "save_coverage",
    "save_decision",
    "save_difference",
    "save_effort",
    "save_exploit",
    "save_eyes",
    "save_funnel",
    "save_gain",
    "save_heatmap",
    "save_inferred",
    "save_missed",
    "save_overview",
    "save_randomised",
    "save_replay",
    "save_replay_film",
    "save_report",
    "save_response",
    "save_revisit",
    "save_route",
    "save_sortie",
    "save_timeline",
    "save_traffic",
    "save_weeks",
]

_HOMES = {
    "basemap": "basemap",
    "belief": "belief_map",
    "coverage": "coverage_map",
    "difference": "transfer_maps",
    "effort": "effort_map",
    "exploit": "exploit_map",
    "missed": "transfer_maps",
    "overview": "overview_map",
    "randomised": "exploit_map",
    "replay": "replay_page",
    "report": "report_page",
    "revisit": "effort_map",
    "route": "route_map",
    "sortie": "sortie_chart",
    "traffic": "traffic_map",
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
