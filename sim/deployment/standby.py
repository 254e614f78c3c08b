"""A crew at readiness: it waits for news of its nation's cell, takes off for a tip that is worth it, and goes home."""

import math
from collections.abc import Generator

import simpy

from sim.core.units import HOURS_PER_MONTH
from sim.deployment.crew import tip_sortie
from sim.deployment.flight import Crew, Flight
from sim.deployment.readiness import Readiness, departure, is_serviceable, longest_flight_h
from sim.deployment.sorties import Sortie
from sim.deployment.tips import best_tip
from sim.deployment.waiting import Process, wait
from sim.model.cells import Tip
from sim.model.patrols import Standby


class StandbyCrew:
    """The crew of one patrol that stands by in a replication; it shares the aircraft with the schedule.

    It looks at the tips of its cell when news comes, when its hours of readiness begin, and when it is back from a
    flight. A tip for which it gets ready is still open to others. So it looks again as it takes off, and stays if
    nothing is worth a flight any more. A scheduled sortie goes first: for a tip nobody takes off later than that.
    """

    def __init__(
        self, env: simpy.Environment, rules: Standby, crew: Crew, ready: Readiness, sorties: list[Sortie]
    ) -> None:
        """Nobody has taken off for a tip; each sortie will be appended to `sorties` as it lands."""
        self.env, self.rules, self.crew, self.plan, self.inbox = env, rules, crew, crew.plan, crew.inbox
        self.ready, self.sorties, self.windows_h = ready, sorties, self.plan.standby_windows_h
        self.number = self.plan.slots
        """The number of its next sortie."""
        self.takeoffs_h: list[float] = []

    def wait_until(self, end_h: float) -> Process:
        """Wait for tips up to an hour, and fly to those that are worth it; a flight may last longer."""
        while self.env.now < end_h:
            begin_h, over_h = self._window_h()
            if self.env.now < begin_h:
                yield wait(self.env, min(begin_h, end_h))
                continue
            takeoff_h = self._takeoff_h(end_h)
            if takeoff_h is not None:
                yield wait(self.env, takeoff_h)
                has_flown = yield from self._fly(takeoff_h)
                if has_flown:
                    continue
            news = self.inbox.news(self.plan.spec.nation)
            yield news | wait(self.env, min(over_h, end_h))

    def _window_h(self) -> tuple[float, float]:
        """The hours of readiness that last now, or else the next ones."""
        after = (window for window in self.windows_h if window[1] > self.env.now)
        return next(after, (math.inf, math.inf))

    def _takeoff_h(self, end_h: float) -> float | None:
        """When the crew could take off for a tip that it knows now; None: for none, or not before an hour."""
        takeoff_h, _ = departure(self.plan, self.inbox, self.env.now + self.rules.ready_h, self.ready)
        if takeoff_h >= end_h or not self._is_allowed(takeoff_h):
            return None
        return takeoff_h if self._best_tip(self._flight(takeoff_h)) is not None else None

    def _is_allowed(self, takeoff_h: float) -> bool:
        """Whether fewer sorties than the limit have taken off for tips in the 30 days before an hour."""
        most = self.rules.sorties_a_month
        lately = [hour for hour in self.takeoffs_h if hour > takeoff_h - HOURS_PER_MONTH]
        return most is None or len(lately) < most

    def _flight(self, takeoff_h: float) -> Flight:
        """Its next flight, as it stands at the base at the hour of take-off."""
        return Flight(self.crew, self.number, takeoff_h, longest_flight_h(self.plan, self.ready, takeoff_h))

    def _best_tip(self, flight: Flight) -> Tip | None:
        """The best of the tips for which it takes off; None if there is none."""
        best = best_tip(flight, self.rules.least_chance)
        return None if best is None else best[0]

    def _fly(self, takeoff_h: float) -> Generator[simpy.Event, None, bool]:
        """Fly to the tips that are worth it, and home; whether the crew took off."""
        flight = self._flight(takeoff_h)
        tip = self._best_tip(flight)
        if tip is None:
            return False
        if not is_serviceable(self.plan, self.inbox, self.number):
            self.number += 1
            return False
        self.number += 1
        self.takeoffs_h.append(takeoff_h)
        base = yield from tip_sortie(self.env, flight, tip)
        flown = flight.sortie()
        flown.from_standby = True
        self.sorties.append(flown)
        self.ready.land(self.plan, takeoff_h, flight.state.hour, base)
        return True
