"""Rules of what is doubtful in a scenario: something in it does nothing, or hardly what is meant; and of what to note.

Each rule answers what it finds; its docstring says what it warns of. `sim.advice` names them all.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import shapely

from sim.detection import Scan
from sim.legs import segments
from sim.patterns import CreepingLine, ParallelSweep
from sim.problems import InputError, Path
from sim.prospects import (
    Found,
    Leg,
    Prospect,
    Prospects,
    Rule,
    carried,
    carries,
    expected,
    investigators,
    longest,
    middle,
    of_crew,
    priorities,
    resolves,
    route_key,
    sea_of,
    share_in_range,
)
from sim.routes import flyers, lay_route
from sim.schema import DAYS_PER_MONTH, HOURS_PER_DAY
from sim.sensors import Ais, EoIr, Radar

_SHORT_H = 0.5  # on station, for a flight of hours: an assumption of what nobody means
_SECONDS_PER_HOUR = 3600.0
_CROWDED = 1.0  # vessels a square nautical mile, everywhere: an assumption of what no sea holds


def often_over_too_soon(all_of: Prospects) -> Iterator[Found]:
    """Most transfers are over before a crew has stayed as long as it must to document them."""
    stays = [one.identification.time_h for _, one in investigators(all_of) if one.identification]
    for name, spec in all_of.scenario.transfers.items():
        if stays and middle(spec.duration_h) <= min(stays) < longest(spec.duration_h):
            said = f"half of them last no longer than the {min(stays):g} h that a crew stays beside one"
            yield Found(("transfers", name, "duration_h"), said, "identification.time_h")


def short_time_on_station(all_of: Prospects) -> Iterator[Found]:
    """Fuel for the way there and home, and next to nothing for the search."""
    for one in all_of.patrols:
        for leg in one.reached:
            hours = one.station_h(leg)
            if hours < _SHORT_H:
                said = f"{leg.plan.name}: at most {60.0 * hours:.0f} minutes on station, for all the way there"
                yield Found(route_key(one, leg.at), said, f"endurance_h and reserve_h of {one.spec.aircraft}, or base")


def route_partly_out_of_reach(all_of: Prospects) -> Iterator[Found]:
    """The far part of a route, to which the fuel does not last, however directly it is approached."""
    for one in all_of.patrols:
        for leg in one.reached:
            share = _share_beyond(one, leg)
            if share > 0.0:
                said = (
                    f"the farthest {max(1.0, 100.0 * share):.0f} % of {leg.plan.name} is never flown: beyond the fuel"
                )
                yield Found(route_key(one, leg.at), said, f"endurance_h and reserve_h of {one.spec.aircraft}, or base")


def _share_beyond(one: Prospect, leg: Leg) -> float:
    """The share of a route from which fuel does not last home; with more bases than one, to which it does not last."""
    radius = one.radius_nmi * (1.0 if len(one.bases) == 1 else 2.0)
    circle = shapely.buffer(shapely.Point(one.bases[0]), radius, quad_segs=256)
    return _share_outside(segments(leg.plan.passes[0]), circle)


def _share_outside(tracks: Sequence[Any], shape: Any) -> float:
    """The share of straight tracks that lies outside a shape; less than 1 nmi is none."""
    lines = shapely.linestrings(np.array(tracks))
    whole, outside = shapely.length(lines).sum(), shapely.length(shapely.difference(lines, shape)).sum()
    return float(outside / whole) if outside > 1.0 else 0.0


def route_never_finished(all_of: Prospects) -> Iterator[Found]:
    """All the time on station there is does not last for one pass: its end is never searched."""
    for one in all_of.patrols:
        for leg in one.reached:
            alone = one.share.cursor == one.name
            sorties = one.sorties_on(leg) if leg.plan.resumes else min(1, one.sorties_on(leg))
            speed = one.aircraft.search_speed_kn + one.wind_kn
            shortest = min(float(np.hypot(*np.diff(way, axis=0).T).sum()) for way in leg.plan.passes)
            if alone and sorties > 0 and sorties * one.station_h(leg) * speed < shortest:
                many = "all its sorties" if leg.plan.resumes else "one sortie, each begins anew,"
                said = f"{leg.plan.name} takes {shortest / speed:.1f} h, {many} have {sorties * one.station_h(leg):.1f}"
                yield Found(route_key(one, leg.at), f"{said}: its end is never searched", "unfinished, or spacing_nmi")


def slots_lost(all_of: Prospects) -> Iterator[Found]:
    """Take-offs scheduled sooner than the aircraft can be ready: slots are late, and in the end cancelled."""
    for one in all_of.patrols:
        busy = one.shortest_h + one.aircraft.turn_round_h
        if one.shortest_h and one.takeoffs.size > 1 and busy > one.spec.every_h:
            said = f"a sortie takes {one.shortest_h:.3g} h and turn-round {one.aircraft.turn_round_h:g}"
            yield Found(("patrols", one.name, "every_h"), f"{said}: not ready by then", f"at least {busy:.3g}")


def crews_too_few(all_of: Prospects) -> Iterator[Found]:
    """Crews that have not rested when their turn comes: slots are late, and in the end cancelled."""
    for one in all_of.patrols:
        crews, rest = one.spec.crews, one.spec.crew_rest_h
        if crews is None and rest > 0.0:
            yield Found(("patrols", one.name, "crew_rest_h"), "without crews it changes nothing", "crews")
        elif crews is not None and one.takeoffs.size > crews and one.shortest_h:
            need = (one.shortest_h + rest) / one.spec.every_h
            if need > crews:
                said = f"flights of {one.shortest_h:.3g} h and rest of {rest:g} every {one.spec.every_h:g} h"
                yield Found(("patrols", one.name, "crews"), f"{said} take {need:.2g} crews", "crews or every_h")


def spacing_too_wide(all_of: Prospects) -> Iterator[Found]:
    """Tracks farther apart than twice the longest range leave strips that are never seen."""
    scenario = all_of.scenario
    targets = [target for name in scenario.transfers for target in all_of.targets(name)]
    for name, route in scenario.routes.items():
        for aircraft in flyers(scenario, name) if targets else ():
            spacing = lay_route(scenario, name, aircraft).spacing_nmi
            reach = all_of.sight_nmi(scenario.aircraft[aircraft], targets, {True, False})
            if spacing is not None and spacing > 2.0 * reach > 0.0:
                given = next(key for key in ("spacing_nmi", "legs", "time_h") if getattr(route, key, None) is not None)
                said = f"tracks {spacing:.4g} nmi apart, and {aircraft} sees a transfer {reach:.4g} nmi off at most"
                yield Found(("routes", name, given), f"{said}: strips between them are never seen", "a closer spacing")


def unused_sensor(all_of: Prospects) -> Iterator[Found]:
    """A sensor that nobody carries sees nothing."""
    carried = {sensor for one in all_of.scenario.aircraft.values() for sensor in one.sensors}
    for name in all_of.scenario.sensors:
        if name not in carried:
            yield Found(("sensors", name), "nobody carries it", "sensors of an aircraft")


def sensor_adds_nothing(all_of: Prospects) -> Iterator[Found]:
    """A sensor that sees no vessel under any condition that its carriers meet, while others aboard do."""
    for name, one in all_of.scenario.aircraft.items():
        lights = set[bool]().union(*(patrol.lights() for patrol in all_of.flown(name)))
        if not lights or not all_of.everything or not all_of.sight_nmi(one, all_of.everything, lights):
            continue
        for at, sensor in enumerate(one.sensors):
            spec = all_of.scenario.sensors[sensor]
            if not isinstance(spec, Ais) and not all_of.range_nmi(spec, one.altitude_ft, all_of.everything, lights):
                when = "on station by night only" if lights == {False} else "in this weather"
                yield Found(
                    ("aircraft", name, "sensors", at), f"{sensor} never sees a vessel {when}", f"sensors.{sensor}"
                )


def ais_adds_nothing(all_of: Prospects) -> Iterator[Found]:
    """AIS hears no transfer, and the crew makes nothing of a contact that is silent."""
    dark = all(spec.dark_share == 1.0 for spec in all_of.scenario.transfers.values())
    for name, one in investigators(all_of):
        rules = one.identification.priority if one.identification else None
        heeds = rules is not None and (rules.dark or rules.suspect or rules.listed)
        if dark and not heeds:
            for at, sensor in enumerate(one.sensors):
                if isinstance(all_of.scenario.sensors[sensor], Ais):
                    said = (
                        f"{sensor}: every transfer is dark, and no priority heeds that: it leads to other ships alone"
                    )
                    yield Found(("aircraft", name, "sensors", at), said, "identification.priority.dark, or dark_share")


def weight_unknowable(all_of: Prospects) -> Iterator[Found]:
    """A weight on what the crew cannot know: AIS claims without a receiver, hulls no radar resolves, no watch area."""
    for name, one, rules in priorities(all_of):
        no_ais = ("a crew without an AIS receiver cannot know it", carries(all_of, one, Ais), f"sensors of {name}")
        radar = f"resolution_m and beam_deg of a radar among sensors of {name}"
        reasons = {
            **dict.fromkeys(("dark", "suspect", "listed"), no_ais),
            "alongside": ("no radar aboard resolves two hulls alongside", resolves(all_of, one), radar),
            "watched": ("there are no watch_areas", bool(rules.watch_areas), "priority.watch_areas"),
        }
        for key, (why, known, change) in reasons.items():
            if getattr(rules, key) > 0.0 and not known:
                yield Found(of_crew(name, "priority", key), f"{why}: it changes nothing", change)
        if rules.watch_areas and rules.watched == 0.0:
            yield Found(of_crew(name, "priority", "watch_areas"), "they weigh nothing", "priority.watched")


def weight_without_bearer(all_of: Prospects) -> Iterator[Found]:
    """A weight on what no vessel of the scenario has."""
    shares = {"dark": "dark_share", "suspect": "spoofing_share", "listed": "listed_share"}
    for name, one, rules in priorities(all_of):
        for key, share in shares.items():
            borne = any(getattr(source, share) > 0.0 for source in all_of.sources)
            if getattr(rules, key) > 0.0 and carries(all_of, one, Ais) and not borne:
                yield Found(of_crew(name, "priority", key), f"no vessel has a {share} above 0", share)


def size_unknown(all_of: Prospects) -> Iterator[Found]:
    """A sensor that heeds a vessel's size, where no vessel has one: its law holds as it is."""
    if any(one.hulls for one in all_of.sources):
        return
    for kind, key in ((Radar, "reference_rcs_m2"), (EoIr, "reference_length_m")):
        for name, sensor in carried(all_of, kind):
            if getattr(sensor, key) is not None:
                said = "no transfer or background names a class of vessels: it changes nothing"
                yield Found(("sensors", name, key), said, "[vessels]")


def weather_not_stated(all_of: Prospects) -> Iterator[Found]:
    """A key that asks for weather which the environment does not state: it changes nothing."""
    scenario, asked = all_of.scenario, list[tuple[str, Path]]()
    for name, sensor in carried(all_of, Radar):
        asked += [("sea_state", ("sensors", name, "sea_state_factor"))] * (sensor.sea_state_factor is not None)
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
        if not all_of.stated(quantity):
            yield Found(path, f"no {quantity} is stated: it changes nothing", f"environment.{quantity}")


def wind_too_strong(all_of: Prospects) -> Iterator[Found]:
    """Wind of half a search speed and more: routes are planned for less, legs against it hardly end."""
    for name, one in all_of.scenario.aircraft.items():
        if all_of.flown(name) and all_of.wind_kn > 0.5 * one.search_speed_kn:
            said = f"wind of {all_of.wind_kn:g} kn is more than half of it"
            yield Found(("aircraft", name, "search_speed_kn"), said, "wind_kn of the environment")


def zone_over_route(all_of: Prospects) -> Iterator[Found]:
    """Zones over half of a route or more: what is flown is hardly the pattern that the scenario names."""
    scenario = all_of.scenario
    if not scenario.zones:
        return
    free = scenario.model_copy(update={"zones": {}})
    for name in scenario.routes:
        for aircraft in flyers(scenario, name)[:1]:
            try:
                share = 1.0 - _share_outside(lay_route(free, name, aircraft).tracks[0], all_of.air.closed)
            except InputError:  # it can be flown with the zones alone, as a time_h too short for all of an area
                continue
            if share >= 0.5:
                said = f"no-go zones lie over {100.0 * share:.0f} % of its tracks"
                yield Found(("routes", name), said, "[zones], or another route")


def group_at_odds(all_of: Prospects) -> Iterator[Found]:
    """What a group does not heed: its members' own routes and times, a pattern it cannot divide, a second group."""
    scenario = all_of.scenario
    for title, group in scenario.groups.items():
        first, *others = (scenario.patrols[name] for name in group.patrols)
        for name, one in zip(group.patrols[1:], others, strict=True):
            if one.routes != first.routes:
                said = f"its own are never flown: groups.{title} flies those of {group.patrols[0]}"
                yield Found(("patrols", name, "routes"), said, f"the routes of {group.patrols[0]}")
            if group.divide == "time" and one.every_h != first.every_h:
                said = (
                    f"take-offs of groups.{title} do not stay spread: {group.patrols[0]} flies every {first.every_h:g}"
                )
                yield Found(("patrols", name, "every_h"), said, "the same every_h")
        for route in first.routes:
            if group.divide == "area" and not isinstance(scenario.routes[route], ParallelSweep | CreepingLine):
                said = f"{route} cannot be cut into strips: each patrol flies all of it"
                yield Found(("groups", title, "divide"), said, "a parallel_sweep or a creeping_line")
            if group.divide == "hand_over" and scenario.routes[route].unfinished == "restart":
                said = f"{route} begins anew each sortie: nothing is handed over"
                yield Found(("groups", title, "divide"), said, f"routes.{route}.unfinished")
    for name in scenario.patrols:
        titles = sorted(title for title, group in scenario.groups.items() if name in group.patrols)
        for title in titles[1:]:
            said = f"{name} belongs to groups.{titles[0]} already, which alone counts"
            yield Found(("groups", title, "patrols"), said, "each patrol in one group")


def alternates_unused(all_of: Prospects) -> Iterator[Found]:
    """Alternates of a base that never closes, for a patrol that lands at home."""
    for one in all_of.patrols:
        home = all_of.scenario.bases[one.spec.base]
        if one.spec.alternates and one.spec.lands == "home" and home.closed is None and not all_of.wind_kn:
            said = f"{one.spec.base} never closes, so it always lands there"
            yield Found(
                ("patrols", one.name, "alternates"), said, f'lands = "nearest", or bases.{one.spec.base}.closed'
            )


def intercepts_nowhere(all_of: Prospects) -> Iterator[Found]:
    """Fighters in an area that no route touches come to nobody."""
    scenario = all_of.scenario
    for name, one in scenario.intercepts.items():
        if one.area is None or scenario.zones or not all_of.patrols:
            continue
        area = scenario.plane.project(scenario.areas[one.area].shape)
        hulls = [leg.line.convex_hull for patrol in all_of.patrols for leg in patrol.reached]
        if not any(shapely.intersects(area, hull) for hull in hulls):
            yield Found(("intercepts", name, "area"), f"no route touches {one.area}", "the routes of [patrols]")


def looks_too_rare(all_of: Prospects) -> Iterator[Found]:
    """A sensor whose looks are farther apart than any vessel stays in range."""
    for name, one in all_of.scenario.aircraft.items():
        for sensor in one.sensors:
            law = all_of.scenario.sensors[sensor].law
            if isinstance(law, Scan) and all_of.flown(name):
                hours, interval = 2.0 * law.reach_nmi / one.search_speed_kn, law.look_interval_s
                if interval > hours * _SECONDS_PER_HOUR:
                    said = f"{name} passes through its range in {hours * _SECONDS_PER_HOUR:.0f} s at most"
                    yield Found(("sensors", sensor, "law", "look_interval_s"), said, "seconds, not minutes")


def crowded_sea(all_of: Prospects) -> Iterator[Found]:
    """More vessels than a sea holds: a slip of a digit, or of an area."""
    scenario, hours = all_of.scenario, DAYS_PER_MONTH * HOURS_PER_DAY
    many = [(("background", name, "present"), one.area, one.present) for name, one in scenario.background.items()]
    many += [
        (("transfers", name, "per_month"), one.area, one.per_month / hours * middle(one.duration_h))
        for name, one in scenario.transfers.items()
    ]
    for path, area, count in many:
        sea = float(sea_of(all_of, area).area)
        if count > _CROWDED * sea:
            said = f"{count:.0f} at a time in {sea:.0f} sq nmi of sea are more than one a square mile"
            yield Found(path, said, f"areas.{area}")


# ---------------------------------------------------------------------------------------------------- notes
def few_transfers(all_of: Prospects) -> Iterator[Found]:
    """Less than one transfer a deployment: most replications have none, and intervals are wide."""
    scenario = all_of.scenario
    many = sum(expected(scenario, name) for name in scenario.transfers)
    if 0.0 < many < 1.0:
        first = next(name for name in scenario.transfers if expected(scenario, name) > 0.0)
        said = f"{many:.2g} transfers are expected a deployment"
        yield Found(("transfers", first, "per_month"), said, "more replications, or duration_days")


def area_partly_in_range(all_of: Prospects) -> Iterator[Found]:
    """Sea where transfers happen that no patrol's sensors come near: those there bound what can be detected."""
    for name, spec in all_of.scenario.transfers.items():
        share = share_in_range(all_of, name)
        if 0.0 < share < 0.95:
            said = f"{100.0 * (1.0 - share):.0f} % of {spec.area} never comes within sensor range, diversions included"
            yield Found(("transfers", name, "area"), said, "the routes of [patrols]")


def nobody_investigates(all_of: Prospects) -> Iterator[Found]:
    """Crews that never leave their routes detect; nothing is classified or documented."""
    if all_of.patrols and not any(True for _ in investigators(all_of)):
        name = all_of.patrols[0].spec.aircraft
        said = "no crew investigates contacts: transfers are detected, none is classified or documented"
        yield Found(("aircraft", name, "identification"), said, "identification, or a type")


def nothing_to_remember(all_of: Prospects) -> Iterator[Found]:
    """A memory for later sorties where there is none later."""
    for name, one in investigators(all_of):
        nations = {patrol.spec.nation or f" {patrol.name}" for patrol in all_of.flown(name)}
        crews = [p for p in all_of.patrols if (p.spec.nation or f" {p.name}") in nations]
        if one.identification and one.identification.remember_h > 0.0 and sum(p.takeoffs.size for p in crews) < 2:
            yield Found(of_crew(name, "remember_h"), "there is one sortie only", "it holds between sorties")


def light_not_asked(all_of: Prospects) -> Iterator[Found]:
    """A crew told not to go where it would lack the light, whose documents need none."""
    for name, one in investigators(all_of):
        manner = one.identification
        if manner and not manner.in_dark and not manner.document.needs_light and not manner.document.min_visibility_nmi:
            said = "its documents need no light: it changes nothing"
            yield Found(of_crew(name, "in_dark"), said, "document.needs_light")


def weather_unheeded(all_of: Prospects) -> Iterator[Found]:
    """Weather that is stated, and that nothing in the scenario heeds."""
    scenario = all_of.scenario
    radar = any(one.sea_state_factor is not None for _, one in carried(all_of, Radar))
    calm = any(spec.max_sea_state is not None for spec in scenario.transfers.values())
    if all_of.stated("sea_state") and not (radar or calm):
        said = "nothing heeds the sea state"
        yield Found(("environment",), said, "sea_state_factor of a radar, or max_sea_state of transfers")
    eyes = any(not isinstance(one, Radar | Ais) for _, one in carried(all_of, object))
    rungs = [rung for _, one in investigators(all_of) if (m := one.identification) for rung in (m.classify, m.document)]
    clear = any(rung.min_visibility_nmi > 0.0 for rung in rungs) or any(
        one.minima for one in scenario.aircraft.values()
    )
    if all_of.stated("visibility_nmi") and not (eyes or clear):
        yield Found(
            ("environment",), "nothing heeds the visibility", "an eo_ir or visual sensor, or min_visibility_nmi"
        )


def zone_out_of_the_way(all_of: Prospects) -> Iterator[Found]:
    """A no-go zone that nobody would come to, diversions included."""
    rooms = [shapely.buffer(one.room, one.manner.max_detour_nmi if one.manner else 0.0) for one in all_of.patrols]
    if all_of.scenario.zones and rooms and not any(shapely.intersects(all_of.air.kept_clear, one) for one in rooms):
        yield Found(("zones",), "nobody would fly there: it closes nothing", "the zones' places")


def airframe_out_of_hours(all_of: Prospects) -> Iterator[Found]:
    """The hours an airframe may fly a day do not last for every slot: sorties are late, short or cancelled."""
    for one in all_of.patrols:
        most, every = one.aircraft.max_flight_h_a_day, one.spec.every_h
        if most is not None and one.takeoffs.size > 1:
            whole = min(one.fuel_h, one.aircraft.max_flight_h or one.fuel_h)
            if whole * max(1.0, np.floor(HOURS_PER_DAY / every)) > most:
                said = f"flights of {whole:g} h every {every:g} h exceed {most:g} h a day"
                yield Found(("aircraft", one.spec.aircraft, "max_flight_h_a_day"), said, f"every_h of {one.name}")


def unused(all_of: Prospects) -> Iterator[Found]:
    """A part that no other refers to, as where a variant has put another in its place."""
    scenario = all_of.scenario
    patrols, sources = scenario.patrols.values(), all_of.sources
    places = [*scenario.routes.values(), *scenario.intercepts.values()]
    areas = {one.area for one in sources} | {area for one in places if (area := getattr(one, "area", None))}
    areas |= {area for _, _, rules in priorities(all_of) for area in rules.watch_areas}
    used: dict[str, set[str]] = {
        "areas": areas,
        "vessels": {hull for one in sources for hull in one.hulls},
        "aircraft": {one.aircraft for one in patrols},
        "bases": {base for one in patrols for base in (one.base, *one.alternates)},
        "routes": {route for one in all_of.patrols for route in one.share.routes},
    }
    for section, names in used.items():
        for name in getattr(scenario, section):
            if name not in names:
                yield Found((section, name), "nothing refers to it", "a slip, or left over from what this extends")


DOUBTFUL: tuple[Rule, ...] = (
    often_over_too_soon, short_time_on_station, route_partly_out_of_reach, route_never_finished, slots_lost,
    crews_too_few, spacing_too_wide, unused_sensor, sensor_adds_nothing, ais_adds_nothing, weight_unknowable,
    weight_without_bearer, size_unknown, weather_not_stated, wind_too_strong, zone_over_route, group_at_odds,
    alternates_unused, intercepts_nowhere, looks_too_rare, crowded_sea,
)  # fmt: skip
NOTES: tuple[Rule, ...] = (
    few_transfers, area_partly_in_range, nobody_investigates, nothing_to_remember, light_not_asked,
    weather_unheeded, zone_out_of_the_way, airframe_out_of_hours, unused,
)  # fmt: skip
