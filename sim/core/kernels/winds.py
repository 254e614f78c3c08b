"""Flight through moving air: hours, headings and ground speeds in winds that change at given hours."""

import math
from typing import Any

from sim.core.kernels.compiling import Array, inline, norm, on_demand


@inline
def hours_through_air(t: float, dx: float, dy: float, ux: float, uy: float, speed: float, winds: Array) -> float:
    """Return the hours to a target dx, dy away that moves at ux, uy, flown straight through the air; infinite if never.

    ``winds`` (n, 3): the hour from which each wind holds, and its components, all slower than the aircraft. Seen from
    the air, the target moves against the wind and the straight way to it is the shortest. The hours are the first root
    of |d + (u - wind) hours| = speed * hours, a quadratic equation for each wind in turn; the form of the root with the
    sum in the denominator does not cancel.
    """
    last = winds.shape[0] - 1
    if last == 0 and winds[0, 1] == ux and winds[0, 2] == uy:
        still: float = norm(dx, dy) / speed
        return still
    i = 0
    while i < last and winds[i + 1, 0] <= t:
        i += 1
    gone, begin = 0.0, t
    while True:
        wx, wy = winds[i, 1] - ux, winds[i, 2] - uy
        a = speed * speed - wx * wx - wy * wy
        b = dx * wx + dy * wy + speed * speed * gone
        left = dx * dx + dy * dy - speed * speed * gone * gone
        if a <= 0.0:
            return math.inf
        hours = left / (b + math.sqrt(b * b + a * left)) if left > 0.0 else 0.0
        if i == last or begin + hours <= winds[i + 1, 0]:
            return gone + hours
        span = winds[i + 1, 0] - begin
        dx, dy, gone, begin = dx - wx * span, dy - wy * span, gone + span, winds[i + 1, 0]
        i += 1


@inline
def ground_speed(dx: float, dy: float, length: float, speed: float, wx: float, wy: float) -> Any:
    """Return the speed over the ground along a course at an airspeed: the wind triangle.

    The aircraft heads into the wind so that the component across the course vanishes; what is left of the airspeed
    along the course is sqrt(speed^2 - across^2), to which the wind along the course is added.
    """
    if wx == 0.0 and wy == 0.0:
        return speed
    along, across = (wx * dx + wy * dy) / length, (wx * dy - wy * dx) / length
    return along + math.sqrt(speed * speed - across * across)


@inline
def straight_track(t: float, dx: float, dy: float, speed: float, winds: Array) -> Any:
    """Return the way straight over the ground to a place dx, dy away: hours, velocity now, and how long that holds.

    Where zones must be flown round, the aircraft must not drift off its line, so it holds the line wind by wind. Over
    the open sea ``steer_to`` is quicker: it lets the wind carry the aircraft.
    """
    length, last, i = norm(dx, dy), winds.shape[0] - 1, 0
    if length == 0.0:
        return 0.0, 0.0, 0.0, 0.0
    while i < last and winds[i + 1, 0] <= t:
        i += 1
    pace = ground_speed(dx, dy, length, speed, winds[i, 1], winds[i, 2])
    vx, vy, hold, gone, left = pace * dx / length, pace * dy / length, math.inf, 0.0, length
    while i < last and t + gone + left / pace > winds[i + 1, 0]:
        span = winds[i + 1, 0] - t - gone
        gone, left, i, hold = gone + span, left - pace * span, i + 1, min(hold, gone + span)
        pace = ground_speed(dx, dy, length, speed, winds[i, 1], winds[i, 2])
    hours = gone + left / pace
    return hours, vx, vy, min(hours, hold)


@inline
def _drift(t: float, hours: float, winds: Array) -> Any:
    """Return how far the wind carries the air in ``hours`` from t on, and its first change, at most their end."""
    x, y, end, first = 0.0, 0.0, t + hours, math.inf
    for i in range(winds.shape[0]):
        upto = winds[i + 1, 0] if i + 1 < winds.shape[0] else math.inf
        begin, until = max(t, winds[i, 0]) if i > 0 else t, min(end, upto)
        if until > begin:
            x, y = x + winds[i, 1] * (until - begin), y + winds[i, 2] * (until - begin)
            first = min(first, until)
    return x, y, first


@inline
def steer_to(t: float, dx: float, dy: float, ux: float, uy: float, speed: float, winds: Array) -> Any:
    """Return the way through the air to a target dx, dy away that moves at ux, uy.

    That is hours, velocity over the ground now, and how long that velocity holds.
    """
    hours = hours_through_air(t, dx, dy, ux, uy, speed, winds)
    if hours <= 0.0 or hours == math.inf:
        return hours, 0.0, 0.0, 0.0
    x, y, until = _drift(t, hours, winds)
    i = 0
    while i + 1 < winds.shape[0] and winds[i + 1, 0] <= t:
        i += 1
    vx, vy = (dx - x) / hours + ux + winds[i, 1], (dy - y) / hours + uy + winds[i, 2]
    return hours, vx, vy, min(hours, until - t)


@on_demand
def steer(t: float, dx: float, dy: float, speed: float, winds: Array) -> Any:
    """Return the way through the air to a fixed place dx, dy away, see ``steer_to``."""
    return steer_to(t, dx, dy, 0.0, 0.0, speed, winds)


@on_demand
def track(t: float, dx: float, dy: float, speed: float, winds: Array) -> Any:
    """Return the way straight over the ground to a place, see ``straight_track``."""
    return straight_track(t, dx, dy, speed, winds)
