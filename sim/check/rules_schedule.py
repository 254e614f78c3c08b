"""Rules of check about when patrols fly: take-offs, crews, airframes and bases."""

import math
from collections.abc import Iterator

import numpy as np

from sim.check.prospects import Prospects
from sim.check.registry import DOUBTFUL, NOTE, SENSELESS, Found, rule
from sim.core.units import HOURS_PER_DAY
from sim.scenario.endurance import fuel_h
from sim.scenario.problems import Path

_SHUT = 0.1  # of the take-offs come about: an assumption of what nobody means


@rule(SENSELESS)
def no_sortie(prospects: Prospects) -> Iterator[Found]:
    """No patrol exists, or a patrol never takes off or reaches its route before the end.

    It adds nothing to any measure.
    """
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


@rule(SENSELESS)
def never_fit(prospects: Prospects) -> Iterator[Found]:
    """An aircraft has a `serviceability` of 0: it never flies."""
    for name, one in prospects.scenario.aircraft.items():
        if one.serviceability == 0.0 and prospects.flown(name):
            yield Found(("aircraft", name, "serviceability"), "never fit to fly", "above 0")


@rule(DOUBTFUL)
def slots_lost(prospects: Prospects) -> Iterator[Found]:
    """Take-offs are scheduled closer together than a sortie and the turn-round take.

    Sorties are late, and in the end cancelled.
    """
    for one in prospects.patrols:
        busy = one.shortest_h + one.aircraft.turn_round_h
        if one.shortest_h and one.takeoffs.size > 1 and busy > one.spec.every_h:
            said = f"a sortie takes {one.shortest_h:.3g} h and turn-round {one.aircraft.turn_round_h:g}"
            yield Found(("patrols", one.name, "every_h"), f"{said}: not ready by then", f"at least {busy:.3g}")


@rule(DOUBTFUL)
def crews_too_few(prospects: Prospects) -> Iterator[Found]:
    """There are fewer crews than flights and rest require, or rest is given without crews.

    Sorties are cancelled, or the rest has no effect.
    """
    for one in prospects.patrols:
        crews, rest = one.spec.crews, one.spec.crew_rest_h
        if crews is None and rest > 0.0:
            yield Found(("patrols", one.name, "crew_rest_h"), "without crews it changes nothing", "crews")
        elif crews is not None and one.takeoffs.size > crews and one.shortest_h:
            need = (one.shortest_h + rest) / one.spec.every_h
            if need > crews:
                said = f"flights of {one.shortest_h:.3g} h and rest of {rest:g} every {one.spec.every_h:g} h"
                yield Found(("patrols", one.name, "crews"), f"{said} take {need:.2g} crews", "crews or every_h")


@rule(DOUBTFUL)
def base_nearly_always_closed(prospects: Prospects) -> Iterator[Found]:
    """A base is nearly always closed, as home or as alternate.

    At most a tenth of the take-offs take place (a threshold chosen here).
    """
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


@rule(DOUBTFUL)
def alternates_unused(prospects: Prospects) -> Iterator[Found]:
    """A patrol has alternates, but lands at a base that never closes: the alternates have no effect."""
    for one in prospects.patrols:
        home = prospects.scenario.bases[one.spec.base]
        if one.spec.alternates and one.spec.lands == "home" and home.closed is None and not prospects.wind_kn:
            said = f"{one.spec.base} never closes, so it always lands there"
            yield Found(
                ("patrols", one.name, "alternates"), said, f'lands = "nearest", or bases.{one.spec.base}.closed'
            )


@rule(NOTE)
def airframe_out_of_hours(prospects: Prospects) -> Iterator[Found]:
    """More flights are scheduled in a day than the airframe may fly hours: sorties are late, short or cancelled."""
    for one in prospects.patrols:
        most, every = one.aircraft.max_flight_h_a_day, one.spec.every_h
        if most is not None and one.takeoffs.size > 1:
            fuel = fuel_h(one.aircraft)
            whole = min(fuel, one.aircraft.max_flight_h or fuel)
            if whole * max(1.0, np.floor(HOURS_PER_DAY / every)) > most:
                said = f"flights of {whole:g} h every {every:g} h exceed {most:g} h a day"
                yield Found(("aircraft", one.spec.aircraft, "max_flight_h_a_day"), said, f"every_h of {one.name}")
