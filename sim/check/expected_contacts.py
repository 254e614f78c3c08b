"""How many contacts a crew would investigate on a sortie, and how much of its route they leave time for, by estimate.

It is an estimate, not a bound: ships are taken to lie still, where they are on average, and nobody to have
identified any of them before.
"""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import NamedTuple

import numpy as np
import shapely
from shapely.ops import substring

from sim.check.bounds import Bounds
from sim.check.patrol_bounds import PatrolBounds, RouteBounds
from sim.core.arrays import Floats
from sim.core.codes import ALONGSIDE, DARK, LISTED, SPOOFING, STATIONARY, STATIONARY_KN, SUSPICIOUS
from sim.deployment.ais_load import sensors_under_load
from sim.deployment.contacts import ContactScoring, plan_scoring
from sim.deployment.traffic.base import TrafficPlan
from sim.model.aircraft import Identification
from sim.model.background.base import Background

_MOST_CORNERS = 400  # of the line of a route for which the estimate is made: its time grows faster than their number
_HALVINGS = 7  # of a pass, to find how far the crew comes: exact to 1 % of it


class ExpectedContacts(NamedTuple):
    """What the contacts of one sortie on a route leave of its time on station."""

    investigations: float
    hours: float
    """The hours that they take, there and back."""
    station_h: float
    """The hours of the sortie on station."""
    flown: float
    """The part of a pass that is flown in the hours that are left, at most 1."""

    @property
    def share(self) -> float:
        """The part of the time on station that contacts take."""
        return self.hours / self.station_h


class Season(NamedTuple):
    """A time of the year with the ships that there are then."""

    label: str
    begin_h: float
    end_h: float
    traffic: Mapping[str, TrafficPlan]
    """The sources of background traffic, made ready, by name."""


def expected_contacts(
    bounds: Bounds, patrol: PatrolBounds, route: RouteBounds, season: Season | None = None
) -> ExpectedContacts | None:
    """The contacts that a crew investigates on one sortie along a route, and how far along the route it comes.

    Ships are those of a season, or of the whole deployment. None where the crew investigates nothing or has no time on
    station, and where the line of the route has so many corners that the estimate would take seconds.
    """
    identification, station_h = patrol.identification, patrol.time_on_station(route).hours
    line = route.track.geoms[0]
    pass_h = float(line.length) / patrol.aircraft.search_speed_kn
    if identification is None or station_h <= 0.0 or len(line.coords) > _MOST_CORNERS:
        return None
    season = season or Season("", 0.0, bounds.scenario.duration_h, bounds.traffic)
    sources = list(_worthwhile(bounds, patrol, identification, np.array(line.coords)))

    def contacts(part: float) -> tuple[float, float]:
        """The contacts along the first part of a pass: their number, and the hours that they take."""
        way, count, hours = substring(line, 0.0, part, normalized=True), 0.0, 0.0
        for name, share, reach_nmi in sources:
            within = shapely.buffer(way, reach_nmi)
            found = share * season.traffic[name].mean_present(season.begin_h, season.end_h, within)
            count += found  # on average half of the reach away
            hours += found * (_stay_h(identification, name) + reach_nmi / patrol.aircraft.transit_speed_kn)
        return count, hours

    low, high = 0.0, 1.0
    if contacts(1.0)[1] + pass_h <= station_h:
        low = 1.0
    for _ in range(_HALVINGS if low < 1.0 else 0):
        middle = (low + high) / 2.0
        low, high = (middle, high) if contacts(middle)[1] + middle * pass_h <= station_h else (low, middle)
    count, hours = contacts(low)
    return ExpectedContacts(count, min(hours, station_h), station_h, low)


def _worthwhile(
    bounds: Bounds, patrol: PatrolBounds, identification: Identification, track: Floats
) -> Iterator[tuple[str, float, float]]:
    """The sources of ships that a crew investigates: of each source the share, and how far away the crew goes.

    Hulls side by side show only within the range at which a radar resolves them, so their source may come twice.
    `track` has the waypoints of its route, (n, 2), nmi, along which its receivers hear.
    """
    sensors = sensors_under_load(bounds.scenario, patrol.aircraft, [track])
    scoring, lights = plan_scoring(bounds.scenario, patrol.aircraft, sensors), patrol.light_on_station()
    for name, source in bounds.scenario.background.items():
        range_nmi = bounds.detection_range_nmi(patrol.aircraft, bounds.background_targets(name), lights)
        reach_nmi = min(range_nmi, identification.max_detour_nmi)
        share = worth_share(scoring, identification, source)
        if share > 0.0 and reach_nmi > 0.0:
            yield name, share, reach_nmi
        resolved_nmi = min(reach_nmi, max(map(scoring.resolved_within_nmi, source.hull_gaps_m), default=0.0))
        beside = worth_share(scoring, identification, source, ALONGSIDE) - share if resolved_nmi > 0.0 else 0.0
        if beside > 0.0:
            yield name, beside, resolved_nmi


def _stay_h(identification: Identification, source: str) -> float:
    """The mean time beside a ship of a source; none beside a lookalike that the crew tells from afar."""
    rung = identification.lookalikes.get(source)
    return identification.time_h if rung is None else identification.time_h * (1.0 - rung.probability)


def worth_share(scoring: ContactScoring, identification: Identification, source: Background, seen: int = 0) -> float:
    """The share of the ships of a source that a crew would investigate, wherever they are.

    `seen` holds features that all these ships show besides their traits, such as that of hulls side by side.
    """
    chances = {
        DARK: 1.0 - (1.0 - source.dark_share) * (1.0 - scoring.chance_unheard),  # or looks dark, as it is unheard
        SPOOFING: source.spoofing_share,
        LISTED: source.listed_share,
        SUSPICIOUS: source.suspicious_share,
        STATIONARY: source.share_slower_than(STATIONARY_KN),
    }
    cost = scoring.priority.cost_per_h * identification.time_h if scoring.priority else 0.0
    share = 0.0
    for has in product((False, True), repeat=len(chances)):
        traits = sum(bit for bit, is_there in zip(chances, has, strict=True) if is_there)
        score = scoring.score[scoring.features_anywhere(traits) | seen]
        if score > 0.0 and score >= cost:
            pairs = zip(chances.values(), has, strict=True)
            share += float(np.prod([chance if is_there else 1.0 - chance for chance, is_there in pairs]))
    return share
