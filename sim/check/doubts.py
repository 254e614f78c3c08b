"""Rules of what is doubtful in a scenario: something in it does nothing, or hardly what is meant.

Each rule answers what it finds; its docstring says what it warns of. `sim.check.advice` names them all.
"""

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import shapely

from sim.check.prospects import (
    Found,
    Leg,
    Prospect,
    Prospects,
    Rule,
    carried,
    investigators,
    longest,
    middle,
    of_crew,
    priorities,
    receives_ais,
    resolves,
    route_key,
    sea_of,
)
from sim.core.legs import legs_along
from sim.core.turns import length_nmi
from sim.core.units import HOURS_PER_MONTH, SECONDS_PER_HOUR
from sim.scenario.groups import left_to_others, patrols_on_route
from sim.scenario.problems import InputError, Path
from sim.scenario.routes import lay_route

_SHUT = 0.1  # of the take-offs come about: an assumption of what nobody means
_SHORT_H = 0.5  # on station, for a flight of hours: an assumption of what nobody means
_CROWDED = 1.0  # vessels a square nautical mile, everywhere: an assumption of what no sea holds


def often_over_too_soon(prospects: Prospects) -> Iterator[Found]:
    """Most transfers are over before a crew has stayed as long as it must to document them."""
    stays = [one.identification.time_h for _, one in investigators(prospects) if one.identification]
    for name, spec in prospects.scenario.transfers.items():
        if stays and middle(spec.duration_h) <= min(stays) < longest(spec.duration_h):
            said = f"half of them last no longer than the {min(stays):g} h that a crew stays beside one"
            yield Found(("transfers", name, "duration_h"), said, "identification.time_h")


def short_time_on_station(prospects: Prospects) -> Iterator[Found]:
    """Hours for the way there and home, and next to none for the search."""
    for one in prospects.patrols:
        for leg in one.reached:
            there = one.station(leg)
            if there.hours < _SHORT_H:
                said = f"{leg.plan.name}: at most {60.0 * there.hours:.0f} minutes on station, for all the way there"
                yield Found(route_key(one, leg.at), said, f"{there.hint} of {one.spec.aircraft}, or base")


def route_partly_out_of_reach(prospects: Prospects) -> Iterator[Found]:
    """The far part of a route, to which the hours do not last, however directly it is approached."""
    for one in prospects.patrols:
        for leg in one.reached:
            share = _share_beyond(one, leg)
            if share > 0.0:
                much = f"the farthest {max(1.0, 100.0 * share):.0f} % of {leg.plan.name} is never flown"
                said = f"{much}: beyond what {one.usable.said} allows"
                yield Found(route_key(one, leg.at), said, f"{one.usable.hint} of {one.spec.aircraft}, or base")


def _share_beyond(one: Prospect, leg: Leg) -> float:
    """The share of a route from which it is too far home; with more bases than one, which is too far to come to."""
    radius = one.radius_nmi * (1.0 if len(one.bases) == 1 else 2.0)
    circle = shapely.buffer(shapely.Point(one.bases[0]), radius, quad_segs=256)
    return _share_outside(legs_along(leg.plan.passes[0]), circle)


def _share_outside(tracks: Sequence[Any], shape: Any) -> float:
    """The share of straight tracks that lies outside a shape; less than 1 nmi is none."""
    lines = shapely.linestrings(np.array(tracks))
    whole, outside = shapely.length(lines).sum(), shapely.length(shapely.difference(lines, shape)).sum()
    return float(outside / whole) if outside > 1.0 else 0.0


def route_never_finished(prospects: Prospects) -> Iterator[Found]:
    """All the time on station there is does not last for one pass: its end is never searched."""
    for one in prospects.patrols:
        for leg in one.reached:
            alone = one.assignment.cursor == one.name
            sorties = one.sorties_on(leg) if leg.plan.resumes else min(1, one.sorties_on(leg))
            speed = one.aircraft.search_speed_kn + one.wind_kn
            shortest = min(length_nmi(way) for way in leg.plan.passes)
            hours = sorties * one.station(leg).hours
            if alone and sorties > 0 and hours * speed < shortest:
                many = "all its sorties" if leg.plan.resumes else "one sortie, each begins anew,"
                said = f"{leg.plan.name} takes {shortest / speed:.1f} h, {many} have {hours:.1f}"
                yield Found(route_key(one, leg.at), f"{said}: its end is never searched", "unfinished, or spacing_nmi")


def slots_lost(prospects: Prospects) -> Iterator[Found]:
    """Take-offs scheduled sooner than the aircraft can be ready: slots are late, and in the end cancelled."""
    for one in prospects.patrols:
        busy = one.shortest_h + one.aircraft.turn_round_h
        if one.shortest_h and one.takeoffs.size > 1 and busy > one.spec.every_h:
            said = f"a sortie takes {one.shortest_h:.3g} h and turn-round {one.aircraft.turn_round_h:g}"
            yield Found(("patrols", one.name, "every_h"), f"{said}: not ready by then", f"at least {busy:.3g}")


def crews_too_few(prospects: Prospects) -> Iterator[Found]:
    """Crews that have not rested when their turn comes: slots are late, and in the end cancelled."""
    for one in prospects.patrols:
        crews, rest = one.spec.crews, one.spec.crew_rest_h
        if crews is None and rest > 0.0:
            yield Found(("patrols", one.name, "crew_rest_h"), "without crews it changes nothing", "crews")
        elif crews is not None and one.takeoffs.size > crews and one.shortest_h:
            need = (one.shortest_h + rest) / one.spec.every_h
            if need > crews:
                said = f"flights of {one.shortest_h:.3g} h and rest of {rest:g} every {one.spec.every_h:g} h"
                yield Found(("patrols", one.name, "crews"), f"{said} take {need:.2g} crews", "crews or every_h")


def spacing_too_wide(prospects: Prospects) -> Iterator[Found]:
    """Tracks farther apart than twice the longest range leave strips that are never seen."""
    scenario = prospects.scenario
    targets = [target for name in scenario.transfers for target in prospects.targets(name)]
    for name, route in scenario.routes.items():
        for aircraft, spacing in _spacings(prospects, name) if targets else ():
            reach = prospects.sight_nmi(scenario.aircraft[aircraft], targets, {True, False})
            if spacing > 2.0 * reach > 0.0:
                given = next(key for key in ("spacing_nmi", "legs", "time_h") if getattr(route, key, None) is not None)
                said = f"tracks {spacing:.4g} nmi apart, and {aircraft} sees a transfer {reach:.4g} nmi off at most"
                yield Found(("routes", name, given), f"{said}: strips between them are never seen", "a closer spacing")


def _spacings(prospects: Prospects, route: str) -> Iterator[tuple[str, float]]:
    """Each type of aircraft that flies a route, and the widest spacing at which it does, its share laid by itself."""
    widest = dict[str, float]()
    for one in prospects.patrols:
        if any(leg.plan.name == route for leg in one.legs):
            aside = left_to_others(prospects.scenario, route, one.assignment)
            spacing = lay_route(prospects.scenario, route, one.spec.aircraft, elsewhere=aside).spacing_nmi or 0.0
            widest[one.spec.aircraft] = max(spacing, widest.get(one.spec.aircraft, 0.0))
    yield from widest.items()


def unused_sensor(prospects: Prospects) -> Iterator[Found]:
    """A sensor that nobody carries sees nothing."""
    carried = {sensor for one in prospects.scenario.aircraft.values() for sensor in one.sensors}
    for name in prospects.scenario.sensors:
        if name not in carried:
            yield Found(("sensors", name), "nobody carries it", "sensors of an aircraft")


def sensor_adds_nothing(prospects: Prospects) -> Iterator[Found]:
    """A sensor that sees no vessel under any condition that its carriers meet, while others aboard do."""
    for name, one in prospects.scenario.aircraft.items():
        lights = set[bool]().union(*(patrol.lights() for patrol in prospects.flown(name)))
        if not lights or not prospects.everything or not prospects.sight_nmi(one, prospects.everything, lights):
            continue
        for at, sensor in enumerate(one.sensors):
            spec = prospects.scenario.sensors[sensor]
            if not spec.receives_ais and not prospects.range_nmi(spec, one.altitude_ft, prospects.everything, lights):
                when = "on station by night only" if lights == {False} else "in this weather"
                yield Found(
                    ("aircraft", name, "sensors", at), f"{sensor} never sees a vessel {when}", f"sensors.{sensor}"
                )


def ais_adds_nothing(prospects: Prospects) -> Iterator[Found]:
    """AIS hears no transfer, and the crew makes nothing of a contact that is silent."""
    dark = all(spec.dark_share == 1.0 for spec in prospects.scenario.transfers.values())
    for name, one in investigators(prospects):
        rules = one.identification.priority if one.identification else None
        heeds = rules is not None and (rules.dark or rules.suspect or rules.listed)
        if dark and not heeds:
            for at, sensor in enumerate(one.sensors):
                if prospects.scenario.sensors[sensor].receives_ais:
                    said = (
                        f"{sensor}: every transfer is dark, and no priority heeds that: it leads to other ships alone"
                    )
                    yield Found(("aircraft", name, "sensors", at), said, "identification.priority.dark, or dark_share")


def weight_unknowable(prospects: Prospects) -> Iterator[Found]:
    """A weight on what the crew cannot know: AIS claims without a receiver, hulls no radar resolves, no watch area."""
    for name, one, rules in priorities(prospects):
        no_ais = ("a crew without an AIS receiver cannot know it", receives_ais(prospects, one), f"sensors of {name}")
        radar = f"resolution_m and beam_deg of a radar among sensors of {name}"
        reasons = {
            **dict.fromkeys(("dark", "suspect", "listed"), no_ais),
            "alongside": ("no radar aboard resolves two hulls alongside", resolves(prospects, one), radar),
            "watched": ("there are no watch_areas", bool(rules.watch_areas), "priority.watch_areas"),
        }
        for key, (why, known, change) in reasons.items():
            if getattr(rules, key) > 0.0 and not known:
                yield Found(of_crew(name, "priority", key), f"{why}: it changes nothing", change)
        if rules.watch_areas and rules.watched == 0.0:
            yield Found(of_crew(name, "priority", "watch_areas"), "they weigh nothing", "priority.watched")


def weight_without_bearer(prospects: Prospects) -> Iterator[Found]:
    """A weight on what no vessel of the scenario has."""
    shares = {"dark": "dark_share", "suspect": "spoofing_share", "listed": "listed_share"}
    for name, one, rules in priorities(prospects):
        for key, share in shares.items():
            borne = any(getattr(source, share) > 0.0 for source in prospects.sources)
            if getattr(rules, key) > 0.0 and receives_ais(prospects, one) and not borne:
                yield Found(of_crew(name, "priority", key), f"no vessel has a {share} above 0", share)


def size_unknown(prospects: Prospects) -> Iterator[Found]:
    """A sensor that heeds a vessel's size, where no vessel has one: its law holds as it is."""
    if any(one.hulls for one in prospects.sources):
        return
    for name, sensor in carried(prospects):
        if sensor.size_key and getattr(sensor, sensor.size_key) is not None:
            said = "no transfer or background names a class of vessels: it changes nothing"
            yield Found(("sensors", name, sensor.size_key), said, "[vessels]")


def weather_not_stated(prospects: Prospects) -> Iterator[Found]:
    """A key that asks for weather which the environment does not state: it changes nothing."""
    scenario, asked = prospects.scenario, list[tuple[str, Path]]()
    for name, sensor in carried(prospects):
        asked += [(quantity, ("sensors", name, key)) for quantity, key in sensor.weather_keys.items()]
    for name, spec in scenario.transfers.items():
        asked += [("sea_state", ("transfers", name, "max_sea_state"))] * (spec.max_sea_state is not None)
    for name, one in scenario.aircraft.items():
        for step in ("classify", "document"):
            rung = getattr(one.identification, step, None)
            needs = rung is not None and rung.min_visibility_nmi > 0.0
            asked += [("visibility_nmi", of_crew(name, step, "min_visibility_nmi"))] * needs
        for quantity in ("visibility_nmi", "wind_kn") if one.minima else ():
            given = quantity in one.minima.model_fields_set if one.minima else False
            asked += [(quantity, ("aircraft", name, "minima", quantity))] * given
    for quantity, path in asked:
        if not prospects.stated(quantity):
            yield Found(path, f"no {quantity} is stated: it changes nothing", f"environment.{quantity}")


def wind_too_strong(prospects: Prospects) -> Iterator[Found]:
    """Wind of half a search speed and more: routes are planned for less, legs against it hardly end."""
    for name, one in prospects.scenario.aircraft.items():
        if prospects.flown(name) and prospects.wind_kn > 0.5 * one.search_speed_kn:
            said = f"wind of {prospects.wind_kn:g} kn is more than half of it"
            yield Found(("aircraft", name, "search_speed_kn"), said, "wind_kn of the environment")


def zone_over_route(prospects: Prospects) -> Iterator[Found]:
    """Zones over half of a route or more: what is flown is hardly the pattern that the scenario names."""
    scenario = prospects.scenario
    if not scenario.zones:
        return
    free = scenario.model_copy(update={"zones": {}})
    for name in scenario.routes:
        for one in patrols_on_route(scenario, name)[:1]:
            try:
                tracks = lay_route(free, name, scenario.patrols[one].aircraft).tracks[0]
                share = 1.0 - _share_outside(tracks, prospects.air.closed)
            except InputError:  # it can be flown with the zones alone, as a time_h too short for all of an area
                continue
            if share >= 0.5:
                said = f"no-go zones lie over {100.0 * share:.0f} % of its tracks"
                yield Found(("routes", name), said, "[zones], or another route")


def group_at_odds(prospects: Prospects) -> Iterator[Found]:
    """What a group does not heed: its members' own routes and times, a pattern it cannot divide."""
    scenario = prospects.scenario
    for title, group in scenario.groups.items():
        first, *others = (scenario.patrols[name] for name in group.patrols)
        for name, one in zip(group.patrols[1:], others, strict=True):
            if one.routes != first.routes:
                said = f"its own are never flown: groups.{title} flies those of {group.patrols[0]}"
                yield Found(("patrols", name, "routes"), said, f"the routes of {group.patrols[0]}")
            if group.divide != "area" and one.every_h != first.every_h:
                turns = "spread" if group.divide == "time" else "in turn"
                said = f"take-offs of groups.{title} do not stay {turns}"
                said += f": {group.patrols[0]} flies every {first.every_h:g} h"
                yield Found(("patrols", name, "every_h"), said, "the same every_h")
        routes = {route: scenario.routes[route] for route in first.routes}
        whole = [name for name, one in routes.items() if not one.is_divisible]
        anew = [name for name, one in routes.items() if one.unfinished == "restart"]
        if group.divide == "area" and whole:
            said = f"no area to cut into strips: each patrol flies all of {', '.join(whole)}"
            yield Found(("groups", title, "divide"), said, "a parallel_sweep or a creeping_line")
        if group.divide == "hand_over" and anew:
            said = f"each sortie begins {', '.join(anew)} anew: nothing is handed over"
            yield Found(("groups", title, "divide"), said, f"routes.{anew[0]}.unfinished")


def base_nearly_always_closed(prospects: Prospects) -> Iterator[Found]:
    """A base whose spells of weather let hardly a sortie take off, or, where none starts there, land."""
    for name, base in prospects.scenario.bases.items():
        homes = [one for one in prospects.patrols if one.spec.base == name]
        if base.closed is None or not (homes or any(name in one.spec.alternates for one in prospects.patrols)):
            continue
        opens, closes = base.closed.mean_open_h, base.closed.mean_closed_h
        shut = closes / (opens + closes)
        # Spells are exponential: one met when a take-off is due lasts max_delay_h more by exp(-max_delay_h / mean).
        chances = [1.0 - shut * math.exp(-one.spec.max_delay_h / closes) for one in homes]
        if max(chances, default=1.0 - shut) < _SHUT:
            said = f"open {100.0 * (1.0 - shut):.2g} % of the time"
            slots = sum(one.takeoffs.size for one in homes)
            flown = sum(chance * one.takeoffs.size for chance, one in zip(chances, homes, strict=True))
            said += (
                f": of {slots} take-offs some {flown:.2g} come about" if homes else ": hardly anybody can land there"
            )
            hint = "mean_open_h and mean_closed_h" + (", or max_delay_h of [patrols]" if homes else "")
            yield Found(("bases", name, "closed"), said, hint)


def alternates_unused(prospects: Prospects) -> Iterator[Found]:
    """Alternates of a base that never closes, for a patrol that lands at home."""
    for one in prospects.patrols:
        home = prospects.scenario.bases[one.spec.base]
        if one.spec.alternates and one.spec.lands == "home" and home.closed is None and not prospects.wind_kn:
            said = f"{one.spec.base} never closes, so it always lands there"
            yield Found(
                ("patrols", one.name, "alternates"), said, f'lands = "nearest", or bases.{one.spec.base}.closed'
            )


def datum_astray(prospects: Prospects) -> Iterator[Found]:
    """A pattern about a datum on land, or outside every area where there is something to find."""
    scenario = prospects.scenario
    for name, route in scenario.routes.items():
        datum = getattr(route, "datum", None)
        if datum is None:
            continue
        place = shapely.Point(*scenario.plane.to_xy(*datum))
        far = {one.area: float(shapely.distance(place, sea_of(prospects, one.area))) for one in prospects.sources}
        nearest = min(far, key=lambda area: far[area], default="")
        if shapely.intersects(scenario.plane.land, place):
            yield Found(("routes", name, "datum"), "it lies on land", "[lon, lat], or area instead of it")
        elif far and far[nearest] > 1.0:
            said = f"it lies {far[nearest]:.0f} nmi outside {nearest}, the nearest area with transfers or ships"
            yield Found(("routes", name, "datum"), said, "[lon, lat], or area instead of it")


def intercepts_nowhere(prospects: Prospects) -> Iterator[Found]:
    """Fighters in an area that no route touches come to nobody."""
    scenario = prospects.scenario
    for name, one in scenario.intercepts.items():
        if (
            one.area is None
            or scenario.zones
            or not prospects.patrols
            or any(patrol.heeds for patrol in prospects.patrols)
        ):
            continue
        area = scenario.plane.project(scenario.areas[one.area].shape)
        hulls = [leg.line.convex_hull for patrol in prospects.patrols for leg in patrol.reached]
        if not any(shapely.intersects(area, hull) for hull in hulls):
            yield Found(("intercepts", name, "area"), f"no route touches {one.area}", "the routes of [patrols]")


def looks_too_rare(prospects: Prospects) -> Iterator[Found]:
    """A sensor whose looks are farther apart than any vessel stays in range."""
    for name, one in prospects.scenario.aircraft.items():
        for sensor in one.sensors:
            law = prospects.scenario.sensors[sensor].nominal_law
            if law.seconds_between_looks > 0.0 and prospects.flown(name):
                hours, interval = 2.0 * law.reach_nmi / one.search_speed_kn, law.seconds_between_looks
                if interval > hours * SECONDS_PER_HOUR:
                    said = f"{name} passes through its range in {hours * SECONDS_PER_HOUR:.0f} s at most"
                    yield Found(("sensors", sensor, "law", "look_interval_s"), said, "seconds, not minutes")


def crowded_sea(prospects: Prospects) -> Iterator[Found]:
    """More vessels than a sea holds: a slip of a digit, or of an area."""
    scenario, hours = prospects.scenario, HOURS_PER_MONTH
    many = [(("background", name, "present"), one.area, one.present) for name, one in scenario.background.items()]
    many += [
        (("transfers", name, "per_month"), one.area, one.per_month / hours * middle(one.duration_h))
        for name, one in scenario.transfers.items()
    ]
    for path, area, count in many:
        sea = float(sea_of(prospects, area).area)
        if count > _CROWDED * sea:
            said = f"{count:.0f} at a time in {sea:.0f} sq nmi of sea are more than one a square mile"
            yield Found(path, said, f"areas.{area}")


RULES: tuple[Rule, ...] = (
    often_over_too_soon, short_time_on_station, route_partly_out_of_reach, route_never_finished, slots_lost,
    crews_too_few, spacing_too_wide, unused_sensor, sensor_adds_nothing, ais_adds_nothing, weight_unknowable,
    weight_without_bearer, size_unknown, weather_not_stated, wind_too_strong, zone_over_route, group_at_odds,
    base_nearly_always_closed, alternates_unused, datum_astray, intercepts_nowhere, looks_too_rare, crowded_sea,
)  # fmt: skip
