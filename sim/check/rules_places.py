"""Rules of check about land and sea: areas, bases and the theatre against the included coastlines."""

from collections.abc import Iterator

import numpy as np
import shapely

from sim.check.bounds import Bounds
from sim.check.registry import DOUBTFUL, NOTE, Found, rule
from sim.core.geo import OPEN_SEA_NMI, is_open_sea
from sim.core.units import HOURS_PER_DAY
from sim.model.background.recorded import Recorded

_MOSTLY_LAND = 0.5  # Who draws a polygon of sea roughly, over a coast, still has more sea than land: an assumption.

_ON_LAND = 0.01  # the share on land; any recording has ships in harbours and rivers, which the coastlines lack
_MOST_PLACES = 20_000  # so many places of a recording are looked at, evenly spread over it


@rule(DOUBTFUL)
def area_mostly_land(bounds: Bounds) -> Iterator[Found]:
    """Most of an area with ships, or of one that is searched, is land (more than half, a threshold chosen here).

    Only the sea that is left of it is used. This is most often a mistake in its polygon.
    """
    scenario = bounds.scenario
    users = [*bounds.vessel_sources, *scenario.routes.values(), *scenario.observers.values()]
    used = {getattr(user, "area", None) for user in users}
    for name, area in scenario.areas.items():
        share = scenario.plane.land_share(area.shape) if name in used else 0.0
        if share > _MOSTLY_LAND:
            problem = (
                f"{100.0 * share:.1f} % of the area {name} is land, and only the sea that is left of it, "
                f"{bounds.sea_of(name).area:,.0f} sq nmi, is used."
            )
            yield Found(("areas", name), problem, "Move or redraw its polygon so that most of it is sea.")


@rule(NOTE)
def base_in_open_sea(bounds: Bounds) -> Iterator[Found]:
    """A base is far from all land of the included coastlines, which lack only small islands and reefs.

    It is a ship or on such an island, or its position is an example or a mistake.
    """
    for name, base in bounds.scenario.bases.items():
        if is_open_sea(*base.position):
            problem = (
                f"The base {name} lies in open sea: it is more than {OPEN_SEA_NMI:g} nmi from all land of the included "
                "coastlines, which lack only small islands and reefs."
            )
            advice = "Correct position ([longitude, latitude]), unless the base is a ship or on such an island."
            yield Found(("bases", name, "position"), problem, advice)


@rule(NOTE)
def sea_without_coastline(bounds: Bounds) -> Iterator[Found]:
    """The theatre reaches beyond the included coastlines, so land is taken for sea there, and maps show none."""
    if bounds.scenario.coastline_warning:
        problem = f"{bounds.scenario.coastline_warning}."
        yield Found(("theatre",), problem, "Draw the areas so that they hold no land.")


@rule(NOTE)
def recorded_ships_on_land(bounds: Bounds) -> Iterator[Found]:
    """Many places of a recording are on land (more than 1 %, a threshold chosen here): it was moved to a wrong place.

    The recording may also hold ships in harbours and on rivers, which the included coastlines lack. No recorded
    place is changed.
    """
    plane = bounds.scenario.plane
    for name, source in bounds.scenario.background.items():
        if not isinstance(source, Recorded):
            continue
        tracks = source.recording
        chosen = np.unique(np.linspace(0, tracks.time_s.size - 1, _MOST_PLACES).astype(int))
        x, y = plane.to_xy(tracks.lon[chosen] + source.move_deg[0], tracks.lat[chosen] + source.move_deg[1])
        shapely.prepare(plane.land)
        count = int(shapely.contains_xy(plane.land, x, y).sum())
        if count > _ON_LAND * chosen.size:
            problem = (
                f"Of {chosen.size:,} places of the recording {name}, {count:,} are on land, "
                f"{100.0 * count / chosen.size:.1f} %."
            )
            advice = "Correct move_deg, or use only the ships of an area of sea (area)."
            yield Found(("background", name), problem, advice)


@rule(NOTE)
def recorded_hours_without_ships(bounds: Bounds) -> Iterator[Found]:
    """For some hours a recording has no ship at all, so the sea is empty of its ships then.

    The recording may be shorter than the days for which it is used, or its receivers failed.
    """
    for name, source in bounds.scenario.background.items():
        if isinstance(source, Recorded):
            hours = HOURS_PER_DAY * source.days if source.day is not None else bounds.scenario.duration_h
            empty = source.recording.hours_without_ships(source.first_s(bounds.scenario.start), int(hours))
            if empty:
                problem = f"The recording {name} has no ship for {empty:,} of the {int(hours):,} hours that are used."
                yield Found(("background", name), problem, "Use days that are recorded as a whole (day and days).")
