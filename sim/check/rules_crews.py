"""Rules of check about crews: how they choose, classify and document contacts."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from sim.check.bounds import Bounds, identification_key
from sim.check.expected_contacts import ExpectedContacts, expected_contacts
from sim.check.patrol_bounds import PatrolBounds, RouteBounds
from sim.check.registry import DOUBTFUL, NOTE, SENSELESS, Found, rule
from sim.core.codes import ALONGSIDE, DARK, LISTED, NEAR_TIP, SPOOFING, STATIONARY, STATIONARY_KN, SUSPICIOUS, WATCHED
from sim.deployment.contacts import plan_scoring
from sim.deployment.passes import MUCH_AT_CONTACTS
from sim.deployment.patrols import identification_record_of
from sim.model.transfers import HULL_GAP_M, TransferSource


@rule(SENSELESS)
def never_worth_investigating(bounds: Bounds) -> Iterator[Found]:
    """By the priorities of a crew, no transfer has a score above 0, or none is worth the hours that it costs.

    The crew investigates no transfer.
    """
    scenario = bounds.scenario
    for name, aircraft, priority in bounds.prioritising_aircraft():
        scoring, stay_h = plan_scoring(scenario, aircraft), 0.0
        if aircraft.identification is not None:
            stay_h = aircraft.identification.time_h
        by_place = (ALONGSIDE if scoring.resolves_hulls(HULL_GAP_M) else 0) | (WATCHED if priority.watch_areas else 0)
        by_place |= NEAR_TIP if any(patrol.follows_tips for patrol in bounds.patrols_of(name)) else 0
        features = [
            scoring.features_anywhere(traits) | by_place
            for source in scenario.transfers.values()
            for traits in _most_traits(source, any(sensor.hears_partly for sensor in scoring.sensors))
        ]
        best, cost = max((scoring.score[shown] for shown in features), default=1.0), priority.cost_per_h * stay_h
        if best == 0.0 or best - cost < 0.0:
            problem = (
                f"The crew of {name} gives a transfer a score of {best:g} at most, and the {stay_h:g} h beside it cost "
                f"{cost:g}, so it investigates no transfer."
            )
            advice = (
                "Raise the weight of something that transfers have, such as stationary or dark, or lower cost_per_h."
            )
            yield Found(identification_key(name, "priority"), problem, advice)


def _most_traits(source: TransferSource, may_look_dark: bool) -> list[int]:
    """All traits that a pair of a source may have, once with AIS and once without, where either is possible.

    `may_look_dark`: a pair with AIS may look like one without, because it is not heard.
    """
    traits = SUSPICIOUS
    if source.making_way_kn is None or source.making_way_kn.bounds()[0] < STATIONARY_KN:
        traits |= STATIONARY
    traits |= (SPOOFING if source.spoofing_share else 0) | (LISTED if source.listed_share else 0)
    return [traits] * (source.dark_share < 1.0) + [traits | DARK] * (source.dark_share > 0.0 or may_look_dark)


@rule(SENSELESS)
def step_without_chance(bounds: Bounds) -> Iterator[Found]:
    """A crew classifies or documents with probability 0, so no transfer is documented."""
    for name, aircraft in bounds.investigating_aircraft():
        for step, result in (("classify", "classified"), ("document", "documented")):
            if getattr(aircraft.identification, step).probability == 0.0:
                problem = f"The probability is 0, so no contact of {name} is ever {result}."
                yield Found(identification_key(name, step, "probability"), problem, "Set probability above 0.")


@rule(DOUBTFUL)
def weight_unobservable(bounds: Bounds) -> Iterator[Found]:
    """A weight is given to something that the crew cannot observe, for example AIS claims without an AIS receiver.

    The weight has no effect.
    """
    for name, aircraft, priority in bounds.prioritising_aircraft():
        scoring, sensors = plan_scoring(bounds.scenario, aircraft), f"aircraft.{name}.sensors"
        no_ais = f"{name} carries no AIS receiver, so its crew cannot observe what this weight is for"
        reasons = {
            **dict.fromkeys(
                ("dark", "suspect", "listed"), (no_ais, f"Add an AIS receiver to {sensors}", scoring.has_ais)
            ),
            "alongside": (
                f"No radar of {name} can separate two hulls that lie alongside",
                f"Give a radar of {sensors} a resolution_m and a beam_deg that can",
                scoring.resolves_hulls(max([HULL_GAP_M, *scoring.gaps_m])),
            ),
            "watched": (
                "The crew has no watch_areas",
                "Name the areas in priority.watch_areas",
                bool(priority.watch_areas),
            ),
        }
        for key, (reason, remedy, observable) in reasons.items():
            if (weight := getattr(priority, key)) > 0.0 and not observable:
                problem = f"{reason}: the weight of {weight:g} has no effect."
                yield Found(identification_key(name, "priority", key), problem, f"{remedy}, or remove {key}.")
        if priority.watch_areas and priority.watched == 0.0:
            areas = ", ".join(priority.watch_areas)
            problem = f"The weight watched is 0, so the watch_areas ({areas}) have no effect."
            advice = "Set priority.watched above 0, or remove watch_areas."
            yield Found(identification_key(name, "priority", "watch_areas"), problem, advice)


@rule(DOUBTFUL)
def weight_without_vessels(bounds: Bounds) -> Iterator[Found]:
    """A weight is given to a property that no vessel of the scenario has, so the weight has no effect."""
    shares = {"dark": "dark_share", "suspect": "spoofing_share", "listed": "listed_share"}
    for name, aircraft, priority in bounds.prioritising_aircraft():
        scoring = plan_scoring(bounds.scenario, aircraft)
        observable, may_look_dark = scoring.has_ais, any(sensor.hears_partly for sensor in scoring.sensors)
        for key, share in shares.items():
            borne = any(getattr(source, share) > 0.0 for source in bounds.vessel_sources)
            borne |= key == "dark" and may_look_dark
            if (weight := getattr(priority, key)) > 0.0 and observable and not borne:
                problem = (
                    f"The {share} of all transfers and background is 0, so the weight of {weight:g} has no effect."
                )
                advice = f"Set {share} of some vessels above 0, or remove {key}."
                yield Found(identification_key(name, "priority", key), problem, advice)


def _estimate(
    bounds: Bounds, patrol: PatrolBounds, route: RouteBounds, known: dict[Any, ExpectedContacts | None]
) -> ExpectedContacts | None:
    """The contacts of a sortie along a route; patrols that differ in nothing that it depends on share one estimate."""
    light, hours = frozenset(patrol.light_on_station()), patrol.time_on_station(route).hours
    key = (route.plan.name, patrol.assignment.part, patrol.assignment.parts, patrol.spec.aircraft, hours, light)
    if key not in known:
        known[key] = expected_contacts(bounds, patrol, route)
    return known[key]


@rule(NOTE)
def contacts_fill_the_sortie(bounds: Bounds) -> Iterator[Found]:
    """By estimate, contacts leave less than a third of the time on station, and the crew does not finish one pass.

    What is searched is then decided by the contacts, not by the route.
    """
    known: dict[Any, ExpectedContacts | None] = {}
    for patrol in bounds.patrols:
        estimates = [(route, _estimate(bounds, patrol, route, known)) for route in patrol.reachable_routes]
        full = [(found.flown, route, found) for route, found in estimates if found is not None]
        full = [row for row in full if row[2].share > MUCH_AT_CONTACTS and row[2].flown < 1.0]
        if full:
            _, route, found = min(full, key=lambda row: row[0])
            problem = (
                f"About {found.investigations:.0f} ships along the route {route.plan.name} are worth an investigation "
                f"to the crew of {patrol.name}. It has at most {found.station_h:.1f} h on station, of which they take "
                f"about {found.hours:.1f} h, and it flies about {100.0 * found.flown:.0f} % of a pass."
            )
            advice = (
                "Lower time_h or max_detour_nmi, or let fewer ships be worth an investigation (priority, or "
                "suspicious_share of [background]); `seasweep run --by route` shows what is flown."
            )
            yield Found(identification_key(patrol.spec.aircraft), problem, advice)


@rule(DOUBTFUL)
def lookalikes_without_pairs(bounds: Bounds) -> Iterator[Found]:
    """Lookalikes name a source of background of which no vessels lie or sail side by side, so they have no effect."""
    for name, aircraft in bounds.investigating_aircraft():
        for source in aircraft.identification.lookalikes if aircraft.identification else {}:
            if not any(bounds.scenario.background[source].hull_gaps_m):
                problem = f"No vessels of {source} lie or sail side by side, so its lookalikes have no effect."
                advice = f"Remove {source} from lookalikes, or name a source of pairs."
                yield Found(identification_key(name, "lookalikes", source), problem, advice)


@rule(NOTE)
def nobody_investigates(bounds: Bounds) -> Iterator[Found]:
    """No crew investigates contacts: transfers are detected, but none is classified or documented."""
    if bounds.patrols and not any(True for _ in bounds.investigating_aircraft()):
        name = bounds.patrols[0].spec.aircraft
        problem = "No crew investigates contacts: transfers are detected, but none is classified or documented."
        advice = f"Add the table aircraft.{name}.identification, or use an aircraft type of the library."
        yield Found(("aircraft", name, "identification"), problem, advice)


@rule(NOTE)
def nothing_to_remember(bounds: Bounds) -> Iterator[Found]:
    """Fewer than two sorties share a record of identified vessels, so `remember_h` has no effect."""
    for name, aircraft in bounds.investigating_aircraft():
        records = {identification_record_of(patrol.name, patrol.spec) for patrol in bounds.patrols_of(name)}
        sharing = [patrol for patrol in bounds.patrols if identification_record_of(patrol.name, patrol.spec) in records]
        hours = aircraft.identification.remember_h if aircraft.identification else 0.0
        if hours > 0.0 and sum(np.inf if one.stands_by else one.schedule.possible for one in sharing) < 2:
            problem = f"Fewer than two sorties share the record of {name}, so remember_h = {hours:g} has no effect."
            advice = "Schedule more sorties (sorties, take-offs or duration_days), or remove remember_h."
            yield Found(identification_key(name, "remember_h"), problem, advice)
