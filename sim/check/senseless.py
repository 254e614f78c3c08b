"""Rules of what makes a scenario senseless: with it a run, or a part of it, can answer nothing.

Each rule answers what it finds; its docstring says what it warns of. `sim.check.advice` names them all.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from sim.check.prospects import (
    Found,
    Prospects,
    Rule,
    comes_in_range,
    expected,
    investigators,
    longest,
    of_crew,
    priorities,
    resolves,
    route_key,
    share_in_range,
)
from sim.core.units import HOURS_PER_DAY
from sim.deployment.contacts import (
    ALONGSIDE,
    DARK,
    LISTED,
    NEAR_TIP,
    SPOOFING,
    STATIONARY,
    SUSPICIOUS,
    WATCHED,
    plan_scoring,
)
from sim.model.sun import Sun
from sim.scenario.problems import Path

_TWILIGHT_H = 1.0  # light comes and goes by so much earlier or later at places that one patrol investigates: ample


def no_sortie(prospects: Prospects) -> Iterator[Found]:
    """A patrol that never takes off, or never reaches its route before the end, adds nothing."""
    end = prospects.scenario.duration_h
    if not prospects.patrols:
        yield Found(("patrols",), "there is no patrol, so nobody flies", "add a patrol")
    for one in prospects.patrols:
        key: Path = ("patrols", one.name, "sorties") if one.spec.sorties == 0 else one.takeoff_key
        late = one.assignment.first_takeoff_h
        hint = f"the deployment lasts {end:g} h"
        if not one.takeoffs.size:
            said = (
                "no sortie"
                if one.spec.sorties == 0
                else f"the first take-off of {one.name}, at hour {late:g}, is after the end"
            )
            yield Found(key, said, hint)
        elif one.reached and not len(one.stations):
            yield Found(key, f"{one.name} takes off at hour {late:g}: on its route after the end", hint)


def never_fit(prospects: Prospects) -> Iterator[Found]:
    """An aircraft that is never serviceable never flies."""
    for name, one in prospects.scenario.aircraft.items():
        if one.serviceability == 0.0 and prospects.flown(name):
            yield Found(("aircraft", name, "serviceability"), "never fit to fly", "above 0")


def minima_never_met(prospects: Prospects) -> Iterator[Found]:
    """Where the weather is never as good as the minima ask, no sortie takes off."""
    haze, wind = prospects.stated("visibility_nmi"), prospects.stated("wind_kn")
    for name, one in prospects.scenario.aircraft.items():
        if one.minima is None or not prospects.flown(name):
            continue
        if haze and max(haze) < one.minima.visibility_nmi:
            said = f"visibility is {max(haze):g} nmi at best, so it never takes off"
            yield Found(("aircraft", name, "minima", "visibility_nmi"), said, "[environment]")
        if wind and min(wind) > one.minima.wind_kn:
            said = f"wind is {min(wind):g} kn at least, so it never takes off"
            yield Found(("aircraft", name, "minima", "wind_kn"), said, "[environment]")


def route_out_of_reach(prospects: Prospects) -> Iterator[Found]:
    """With the hours given the aircraft turns home before it comes to its route: no time on station."""
    for one in prospects.patrols:
        for leg in one.legs:
            if leg not in one.reached:
                far = f"{leg.there_and_back_nmi:.0f} nmi there and back"
                said = f"{leg.plan.name} is out of reach: {far}, good for {2.0 * one.radius_nmi:.0f}"
                yield Found(route_key(one, leg.at), said, f"{one.usable.hint} of {one.spec.aircraft}, or base")


def area_out_of_reach(prospects: Prospects) -> Iterator[Found]:
    """Transfers so far from every base that no patrol can bring a sensor within range of any, and come home."""
    hints = dict.fromkeys(one.usable.hint for one in prospects.patrols)
    for name, spec in prospects.scenario.transfers.items():
        if not comes_in_range(prospects, name):
            said = f"no patrol can bring a sensor within range of {spec.area} and come home"
            yield Found(("transfers", name, "area"), said, ", ".join(["bases", *hints]))


def area_never_in_range(prospects: Prospects) -> Iterator[Found]:
    """Transfers where no route leads past, and no diversion from one: none is ever detected."""
    for name, spec in prospects.scenario.transfers.items():
        if prospects.patrols and comes_in_range(prospects, name) and share_in_range(prospects, name) == 0.0:
            said = f"no way of a patrol comes within sensor range of {spec.area}, diversions included"
            yield Found(("transfers", name, "area"), said, "the routes of [patrols]")


def sees_nothing(prospects: Prospects) -> Iterator[Found]:
    """No sensor aboard sees any vessel while on station: by night with eyes alone, for instance."""
    for one in prospects.patrols:
        lights = one.lights()
        if lights and prospects.everything and prospects.sight_nmi(one.aircraft, prospects.everything, lights) == 0.0:
            aboard = ", ".join(one.aircraft.sensors)
            if lights == {False} and prospects.sight_nmi(one.aircraft, prospects.everything, {True}):
                said = (
                    f"{one.name} is on station by night only, and {aboard} of {one.spec.aircraft} sees nothing by night"
                )
                yield Found(one.takeoff_key, said, "another hour, or a night sensor")
            else:
                said = f"{aboard} of {one.spec.aircraft} never sees a vessel: {one.name} detects nothing"
                yield Found(("aircraft", one.spec.aircraft, "sensors"), said, "their laws, and the environment")


def no_transfers(prospects: Prospects) -> Iterator[Found]:
    """Without transfers every share of them is empty; only contacts can be counted."""
    scenario = prospects.scenario
    if scenario.outputs.contacts or any(expected(scenario, name) > 0.0 for name in scenario.transfers):
        return
    first = next(iter(scenario.transfers), None)
    key: Path = ("transfers",) if first is None else ("transfers", first, "per_month")
    yield Found(key, "no transfer ever begins, and contacts are not counted", "per_month, or outputs.contacts")


def sea_always_too_rough(prospects: Prospects) -> Iterator[Found]:
    """Transfers that no sea state of the environment lets begin."""
    sea = prospects.stated("sea_state")
    for name, spec in prospects.scenario.transfers.items():
        if sea and spec.max_sea_state is not None and min(sea) > spec.max_sea_state:
            said = f"the sea state is {min(sea):g} at least, so none takes place"
            yield Found(("transfers", name, "max_sea_state"), said, "[environment]")


def never_under_a_sortie(prospects: Prospects) -> Iterator[Found]:
    """Transfers that begin by night only, or by day only, and are over whenever somebody flies."""
    flights = np.vstack([np.zeros((0, 2)), *(one.flights for one in prospects.patrols)])
    for name, spec in prospects.scenario.transfers.items():
        if spec.night_share not in (0.0, 1.0) or not len(flights):
            continue
        begin, end = _alongside(prospects, name)
        meet = (begin[:, None] < flights[:, 1]) & (end[:, None] > flights[:, 0])
        if not meet.any():
            said = f"all begin by {'night' if spec.night_share else 'day'} and are over when somebody flies"
            yield Found(("transfers", name, "night_share"), said, "duration_h, or first_takeoff_h of [patrols]")


def _alongside(prospects: Prospects, name: str) -> tuple[Any, Any]:
    """From the first possible moment alongside to the last, each night (or day) of the deployment."""
    scenario, spec = prospects.scenario, prospects.scenario.transfers[name]
    west, south, east, north = scenario.areas[spec.area].shape.bounds
    lon, lat = np.array([west, west, east, east]), np.array([south, north, south, north])
    most = longest(spec.duration_h)
    cycles = np.arange(-2.0 - np.ceil(min(most, scenario.duration_h) / HOURS_PER_DAY), scenario.duration_days + 2.0)
    sunset, sunrise = Sun(scenario.start).night(cycles[:, None], lon, lat)
    if spec.night_share:
        return sunset.min(axis=1), sunrise.max(axis=1) + most
    return sunrise[:-1].min(axis=1), sunset[1:].max(axis=1) + most


def never_worth_a_look(prospects: Prospects) -> Iterator[Found]:
    """Priorities by which no transfer is ever worth the hours it takes, so none is classified."""
    scenario = prospects.scenario
    for name, one, rules in priorities(prospects):
        scoring, stay = plan_scoring(scenario, one), one.identification.time_h if one.identification else 0.0
        there = (ALONGSIDE if resolves(prospects, one) else 0) | (WATCHED if rules.watch_areas else 0)
        there |= NEAR_TIP if any(patrol.heeds for patrol in prospects.flown(name)) else 0
        shows = [scoring.known(traits) | there for spec in scenario.transfers.values() for traits in _traits(spec)]
        best = max((scoring.score[known] for known in shows), default=1.0)
        if best == 0.0 or best - rules.cost_per_h * stay < 0.0:
            said = f"the most that a crew gives a transfer is {best:g}, its hours cost {rules.cost_per_h * stay:g}"
            yield Found(of_crew(name, "priority"), f"{said}: none is ever worth a look", "the weights")


def _traits(spec: Any) -> list[int]:
    """The most that a pair can have of what may be known, with AIS and without."""
    least = STATIONARY | SUSPICIOUS | (SPOOFING if spec.spoofing_share else 0) | (LISTED if spec.listed_share else 0)
    return [least] * (spec.dark_share < 1.0) + [least | DARK] * (spec.dark_share > 0.0)


def step_without_chance(prospects: Prospects) -> Iterator[Found]:
    """A step of the ladder that never succeeds: none is documented."""
    for name, one in investigators(prospects):
        for step in ("classify", "document"):
            if getattr(one.identification, step).probability == 0.0:
                yield Found(of_crew(name, step, "probability"), "it never succeeds", "above 0")


def light_never_there(prospects: Prospects) -> Iterator[Found]:
    """A step of the ladder that needs light, for crews that are on station by night only."""
    for name, one in investigators(prospects):
        lights = set[bool]().union(*(patrol.lights(_TWILIGHT_H) for patrol in prospects.flown(name)))
        for step in ("classify", "document"):
            if lights == {False} and getattr(one.identification, step).needs_light:
                said = f"{name} is on station by night only, so it never succeeds"
                yield Found(of_crew(name, step, "needs_light"), said, "first_takeoff_h of its patrols")


def haze_always_too_thick(prospects: Prospects) -> Iterator[Found]:
    """A step of the ladder that asks for more visibility than there ever is."""
    haze = prospects.stated("visibility_nmi")
    for name, one in investigators(prospects):
        for step in ("classify", "document"):
            if haze and max(haze) < getattr(one.identification, step).min_visibility_nmi:
                said = f"visibility is {max(haze):g} nmi at best, so it never succeeds"
                yield Found(of_crew(name, step, "min_visibility_nmi"), said, "[environment]")


def over_too_soon(prospects: Prospects) -> Iterator[Found]:
    """Transfers that never last as long as a crew must stay beside them: none is documented."""
    stays = [one.identification.time_h for _, one in investigators(prospects) if one.identification]
    for name, spec in prospects.scenario.transfers.items():
        if stays and longest(spec.duration_h) <= min(stays):
            said = f"none lasts longer than the {min(stays):g} h that a crew stays beside it before it documents"
            yield Found(("transfers", name, "duration_h"), said, "identification.time_h")


RULES: tuple[Rule, ...] = (
    no_sortie, never_fit, minima_never_met, route_out_of_reach, area_out_of_reach, area_never_in_range,
    sees_nothing, no_transfers, sea_always_too_rough, never_under_a_sortie, never_worth_a_look,
    step_without_chance, light_never_there, haze_always_too_thick, over_too_soon,
)  # fmt: skip
