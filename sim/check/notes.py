"""Rules of what is worth knowing of a scenario, and may well be meant.

Each rule answers what it finds; its docstring says what it notes. `sim.check.advice` names them all.
"""

from collections.abc import Iterator

import numpy as np
import shapely

from sim.check.prospects import (
    Found,
    Prospects,
    Rule,
    carried,
    expected,
    investigators,
    of_crew,
    priorities,
    share_in_range,
)
from sim.core.units import HOURS_PER_DAY
from sim.deployment.patrols import memory_of
from sim.scenario.endurance import fuel_h


def few_transfers(prospects: Prospects) -> Iterator[Found]:
    """Less than one transfer a deployment: most replications have none, and intervals are wide."""
    scenario = prospects.scenario
    many = sum(expected(scenario, name) for name in scenario.transfers)
    if 0.0 < many < 1.0:
        first = next(name for name in scenario.transfers if expected(scenario, name) > 0.0)
        said = f"{many:.2g} transfers are expected a deployment"
        yield Found(("transfers", first, "per_month"), said, "more replications, or duration_days")


def area_partly_in_range(prospects: Prospects) -> Iterator[Found]:
    """Sea where transfers happen that no patrol's sensors come near: those there bound what can be detected."""
    for name, spec in prospects.scenario.transfers.items():
        share = share_in_range(prospects, name)
        if 0.0 < share < 0.95:
            said = f"{100.0 * (1.0 - share):.0f} % of {spec.area} never comes within sensor range, diversions included"
            yield Found(("transfers", name, "area"), said, "the routes of [patrols]")


def nobody_investigates(prospects: Prospects) -> Iterator[Found]:
    """Crews that never leave their routes detect; nothing is classified or documented."""
    if prospects.patrols and not any(True for _ in investigators(prospects)):
        name = prospects.patrols[0].spec.aircraft
        said = "no crew investigates contacts: transfers are detected, none is classified or documented"
        yield Found(("aircraft", name, "identification"), said, "identification, or a type")


def nothing_to_remember(prospects: Prospects) -> Iterator[Found]:
    """A memory for later sorties where there is none later."""
    for name, one in investigators(prospects):
        memories = {memory_of(patrol.name, patrol.spec) for patrol in prospects.flown(name)}
        crews = [one for one in prospects.patrols if memory_of(one.name, one.spec) in memories]
        if one.identification and one.identification.remember_h > 0.0 and sum(p.takeoffs.size for p in crews) < 2:
            yield Found(of_crew(name, "remember_h"), "there is one sortie only", "it holds between sorties")


def light_not_asked(prospects: Prospects) -> Iterator[Found]:
    """A crew told not to go where it would lack the light, whose documents need none."""
    for name, one in investigators(prospects):
        identification = one.identification
        if (
            identification
            and not identification.in_dark
            and not identification.document.needs_light
            and not identification.document.min_visibility_nmi
        ):
            said = "its documents need no light: it changes nothing"
            yield Found(of_crew(name, "in_dark"), said, "document.needs_light")


def weather_unheeded(prospects: Prospects) -> Iterator[Found]:
    """Weather that is stated, and that nothing in the scenario heeds."""
    scenario = prospects.scenario
    heeded = frozenset[str]().union(*(one.heeds for _, one in carried(prospects)))
    calm = any(spec.max_sea_state is not None for spec in scenario.transfers.values())
    if prospects.stated("sea_state") and not ("sea_state" in heeded or calm):
        said = "nothing heeds the sea state"
        yield Found(("environment",), said, "sea_state_factor of a radar, or max_sea_state of transfers")
    rungs = [
        rung for _, one in investigators(prospects) if (m := one.identification) for rung in (m.classify, m.document)
    ]
    clear = any(rung.min_visibility_nmi > 0.0 for rung in rungs) or any(
        one.minima for one in scenario.aircraft.values()
    )
    if prospects.stated("visibility_nmi") and not ("visibility_nmi" in heeded or clear):
        yield Found(
            ("environment",), "nothing heeds the visibility", "an eo_ir or visual sensor, or min_visibility_nmi"
        )


def zone_out_of_the_way(prospects: Prospects) -> Iterator[Found]:
    """A no-go zone that nobody would come to, diversions included."""
    if any(one.heeds for one in prospects.patrols):
        return
    rooms = [
        shapely.buffer(one.room, one.identification.max_detour_nmi if one.identification else 0.0)
        for one in prospects.patrols
    ]
    if (
        prospects.scenario.zones
        and rooms
        and not any(shapely.intersects(prospects.air.kept_clear, one) for one in rooms)
    ):
        yield Found(("zones",), "nobody would fly there: it closes nothing", "the zones' places")


def intercepts_cost_nothing(prospects: Prospects) -> Iterator[Found]:
    """Fighters that never come, or that cost no time."""
    for name, one in prospects.scenario.intercepts.items():
        for key, said in (("per_100_h", "none ever comes"), ("time_h", "they cost no time")):
            if getattr(one, key) == 0.0:
                yield Found(("intercepts", name, key), said, "above 0")
                break


def airframe_out_of_hours(prospects: Prospects) -> Iterator[Found]:
    """The hours an airframe may fly a day do not last for every slot: sorties are late, short or cancelled."""
    for one in prospects.patrols:
        most, every = one.aircraft.max_flight_h_a_day, one.spec.every_h
        if most is not None and one.takeoffs.size > 1:
            fuel = fuel_h(one.aircraft)
            whole = min(fuel, one.aircraft.max_flight_h or fuel)
            if whole * max(1.0, np.floor(HOURS_PER_DAY / every)) > most:
                said = f"flights of {whole:g} h every {every:g} h exceed {most:g} h a day"
                yield Found(("aircraft", one.spec.aircraft, "max_flight_h_a_day"), said, f"every_h of {one.name}")


def stale_as_it_comes(prospects: Prospects) -> Iterator[Found]:
    """Reports that are typically older than a tip may be, by the quickest path there is."""
    for cell in prospects.reporting.cells:
        lasts = prospects.scenario.nations[cell].cell.lasts_h
        for one in prospects.reporting.ways_to(cell):
            if one.way is not None and one.age_h >= lasts:
                said = f"its reports typically reach {cell} {one.age_h:.3g} h old, by {' > '.join(one.way.path)}"
                delays = ", ".join(
                    [f"observers.{one.observer.name}", *(f"agreements.{link.name}" for link in one.way.via)]
                )
                hint = f"delay_h of {delays}; or nations.{cell}.cell.lasts_h"
                yield Found(("observers", one.observer.name), f"{said}: a tip lasts {lasts:g} h", hint)


def tip_weighs_nothing(prospects: Prospects) -> Iterator[Found]:
    """A crew that heeds tips and whose rules give what lies near one no weight."""
    for name, _, rules in priorities(prospects):
        if rules.near_tip == 0.0 and any(one.heeds for one in prospects.flown(name)):
            said = "a contact near a tip counts as any other: one with no score is left"
            yield Found(of_crew(name, "priority"), said, "near_tip")


def unused(prospects: Prospects) -> Iterator[Found]:
    """A part that no other refers to, as where a variant has put another in its place."""
    scenario = prospects.scenario
    patrols, sources = scenario.patrols.values(), prospects.sources
    places = [*scenario.routes.values(), *scenario.intercepts.values()]
    areas = {one.area for one in sources} | {area for one in places if (area := getattr(one, "area", None))}
    areas |= {area for one in scenario.observers.values() if (area := getattr(one, "area", None))}
    areas |= {area for _, _, rules in priorities(prospects) for area in rules.watch_areas}
    used: dict[str, set[str]] = {
        "areas": areas,
        "vessels": {hull for one in sources for hull in one.hulls},
        "aircraft": {one.aircraft for one in patrols},
        "bases": {base for one in patrols for base in (one.base, *one.alternates)},
        "nations": {
            *(one.nation or "" for one in patrols),
            *(one.nation for one in scenario.observers.values()),
            *(nation for one in scenario.agreements.values() for nation in one.nations),
        },
        "routes": {route for one in prospects.patrols for route in one.assignment.routes},
    }
    for section, names in used.items():
        for name in getattr(scenario, section):
            if name not in names:
                yield Found((section, name), "nothing refers to it", "a slip, or left over from what this extends")


RULES: tuple[Rule, ...] = (
    few_transfers, area_partly_in_range, nobody_investigates, nothing_to_remember, light_not_asked,
    weather_unheeded, zone_out_of_the_way, intercepts_cost_nothing, airframe_out_of_hours,
    stale_as_it_comes, tip_weighs_nothing, unused,
)  # fmt: skip
