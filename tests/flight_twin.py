"""A readable twin of the compiled flight, in plain Python: legs, bingo fuel, exposures and moments of detection.

It repeats what `sim.core.kernels.fly` computes, by the definitions and without its shortcuts: each target is followed
along the whole flight by itself, moments are found by halving, and no array is shared. There is no wind and no zone,
and of the laws it knows the inverse cube and the definite range.
"""

import math
from dataclasses import dataclass

HALVINGS = 60  # of an interval of hours: down to rounding


@dataclass(frozen=True)
class Law:
    """A detection law of a sensor: a rate k / r^3, or a jump of exposure, within a maximum range."""

    reach: float
    strength: float = 0.0
    """k, nmi^3 an hour; 0 for a definite range law."""
    jump: float = 0.0
    """The exposure that a definite range law adds once."""


@dataclass(frozen=True)
class Line:
    """Straight motion from (x, y) at (vx, vy) over the hours [begin, end)."""

    begin: float
    end: float
    x: float
    y: float
    vx: float
    vy: float

    def at(self, hour: float) -> tuple[float, float]:
        """The place at an hour."""
        return self.x + self.vx * (hour - self.begin), self.y + self.vy * (hour - self.begin)


@dataclass(frozen=True)
class Fuel:
    """When the aircraft must be home at the latest, and what it burns."""

    base: tuple[float, float]
    home_speed: float
    by_fuel: float
    """The latest landing if every hour burnt what an hour of transit does."""
    by_clock: float
    burn: tuple[float, ...]
    """The fuel of an hour in each phase, in hours of transit."""


def last_hour(begin: float, end: float, is_allowed) -> float:
    """The last hour in [begin, end] that is allowed, where all hours before an allowed one are allowed, too."""
    if is_allowed(end):
        return end
    for _ in range(HALVINGS):
        middle = (begin + end) / 2.0
        begin, end = (middle, end) if is_allowed(middle) else (begin, middle)
    return begin


def flown(legs, start: tuple[float, float], fuel: Fuel) -> tuple[list[Line], str]:
    """The legs (x, y, speed, phase) as they are flown from hour 0 on, and "done" or "bingo".

    A leg of negative speed takes so many hours instead. Bingo is the last moment from which the aircraft lands in time.
    """
    hour, (x, y), extra, lines = 0.0, start, 0.0, []
    for to_x, to_y, speed, phase in legs:
        length = math.hypot(to_x - x, to_y - y)
        hours = length / speed if speed > 0.0 else -speed
        if hours <= 0.0:
            continue
        line = Line(hour, hour + hours, x, y, (to_x - x) / hours, (to_y - y) / hours)
        more = fuel.burn[phase] - 1.0

        def lands_in_time(when: float, line: Line = line, more: float = more, extra: float = extra) -> bool:
            there = when + math.dist(line.at(when), fuel.base) / fuel.home_speed
            burnt = extra + more * (when - line.begin)
            return there <= fuel.by_clock and there + burnt <= fuel.by_fuel

        turn = last_hour(line.begin, line.end, lands_in_time)
        lines.append(Line(hour, turn, x, y, line.vx, line.vy))
        if turn < line.end:
            return lines, "bingo"
        hour, x, y, extra = line.end, to_x, to_y, extra + more * hours
    return lines, "done"


def exposure(law: Law, ship: Line, aircraft: Line, begin: float, end: float) -> float:
    """The exposure between two hours by the inverse cube law: the integral of k / r^3 within range (Koopman 1946).

    With the closest distance x and the distances s along the relative track from the closest point on, the
    antiderivative of k / (x^2 + s^2)^(3/2) is k / x^2 times s / sqrt(x^2 + s^2).
    """
    (sx, sy), (ax, ay) = ship.at(begin), aircraft.at(begin)
    dx, dy, vx, vy = sx - ax, sy - ay, ship.vx - aircraft.vx, ship.vy - aircraft.vy
    w = math.hypot(vx, vy)
    if w == 0.0:
        apart = math.hypot(dx, dy)
        return law.strength * (end - begin) / apart**3 if apart < law.reach else 0.0
    x, s = abs(dx * vy - dy * vx) / w, (dx * vx + dy * vy) / w
    if x >= law.reach:
        return 0.0
    half = math.sqrt(law.reach**2 - x**2)
    s1, s2 = max(s, -half), min(s + w * (end - begin), half)
    if s1 >= s2:
        return 0.0
    return law.strength / (w * x * x) * (s2 / math.hypot(x, s2) - s1 / math.hypot(x, s1))


def hour_in_range(law: Law, ship: Line, aircraft: Line, begin: float, end: float) -> float:
    """The first of the hours [begin, end) at which the ship is within range; infinite if it never is."""

    def apart(hour: float) -> float:
        return math.dist(ship.at(hour), aircraft.at(hour))

    low, high = begin, end  # range is convex in time, so thirds close in on its minimum
    for _ in range(100):
        a, b = low + (high - low) / 3.0, high - (high - low) / 3.0
        low, high = (low, b) if apart(a) < apart(b) else (a, high)
    if apart(low) >= law.reach:
        return math.inf
    return begin if apart(begin) < law.reach else last_hour(begin, low, lambda hour: apart(hour) >= law.reach)


def search(law: Law, ship: list[Line], aircraft: list[Line], threshold: float) -> tuple[float, float]:
    """When a sensor detects a ship on a flight (infinite: never), and the exposure up to then.

    A ship is detected as soon as the exposure, which grows over all lines of both, reaches the threshold.
    """
    total = 0.0
    for leg in aircraft:
        for track in ship:
            begin, end = max(leg.begin, track.begin), min(leg.end, track.end)
            if begin >= end:
                continue
            if law.jump:
                when = hour_in_range(law, track, leg, begin, end)
                if when < math.inf:
                    return (when if law.jump >= threshold else math.inf), law.jump
                continue
            gained = exposure(law, track, leg, begin, end)
            if total + gained >= threshold:

                def is_short(hour: float, so_far=total, track=track, leg=leg, begin=begin) -> bool:
                    return so_far + exposure(law, track, leg, begin, hour) < threshold

                return last_hour(begin, end, is_short), threshold
            total += gained
    return math.inf, total
