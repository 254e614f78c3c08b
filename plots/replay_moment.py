"""One moment of a replay: who flies where, what was flown in the hours before, and which transfers are to be seen.

All of it comes from the data of `replay_data`; hours count from the start, places are on the plane, nautical miles.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from sim.core.arrays import Floats

TAIL_H = 12.0
"""A track fades in these hours."""
FADE_H = 24.0
"""A transfer fades in these hours after its end."""
UNDETECTED = "not detected yet"
"""The status of a transfer that goes on and that no sensor has detected."""
_RUNGS = ("detected", "classified", "documented")


@dataclass(frozen=True)
class Flight:
    """One sortie: the hours and places of the corners of its track (n + 1,), and the phase of each leg (n)."""

    patrol: str
    t: Floats
    x: Floats
    y: Floats
    phases: tuple[str, ...]

    def place(self, hours: Any) -> Floats:
        """Where it is at some hours, (n, 2)."""
        return np.column_stack([np.interp(hours, self.t, self.x), np.interp(hours, self.t, self.y)])


class Aircraft(NamedTuple):
    """An aircraft in flight: the patrol, the phase of its leg, its place, and its course on the plane, degrees."""

    patrol: str
    phase: str
    x: float
    y: float
    course_deg: float


class Pieces(NamedTuple):
    """What was flown in the last hours: lines (n, 2, 2), the share of those hours that each is old, and who flew it."""

    lines: Floats
    ages: Floats
    patrols: list[str]
    phases: list[str]


class Transfer(NamedTuple):
    """A transfer: its place, its status so far, whether the ships lie alongside, and how much of it has not faded."""

    x: float
    y: float
    status: str
    is_alongside: bool
    strength: float


class Contact(NamedTuple):
    """A contact that is no transfer: its place, whether it sends no AIS, and how much of it has not faded."""

    x: float
    y: float
    is_dark: bool
    strength: float


def flights_of(data: Mapping[str, Any]) -> list[Flight]:
    """The sorties of the data of a replay."""
    return [
        Flight(
            data["patrols"][sortie["patrol"]],
            np.array(sortie["t"], float),
            np.array(sortie["x"], float),
            np.array(sortie["y"], float),
            tuple(data["phases"][int(digit)] for digit in sortie["phase"]),
        )
        for sortie in data["sorties"]
    ]


def aircraft_at(flights: Sequence[Flight], hour: float) -> list[Aircraft]:
    """The aircraft in flight at an hour."""
    found = []
    for flight in flights:
        if flight.t[0] <= hour < flight.t[-1]:
            leg = int(np.searchsorted(flight.t, hour, side="right")) - 1
            ((x, y),) = flight.place([hour])
            found.append(Aircraft(flight.patrol, flight.phases[leg], float(x), float(y), _course(flight, leg)))
    return found


def _course(flight: Flight, leg: int) -> float:
    """The course of a leg on the plane, clockwise from its upper edge; without length, that of the leg before."""
    dx, dy = np.diff(flight.x[: leg + 2]), np.diff(flight.y[: leg + 2])
    moved = np.flatnonzero((dx != 0.0) | (dy != 0.0))
    return float(np.degrees(np.arctan2(dx[moved[-1]], dy[moved[-1]]))) if moved.size else 0.0


def pieces_at(flights: Sequence[Flight], hour: float) -> Pieces:
    """The legs, or the parts of them, that were flown in the last hours before an hour, the oldest first."""
    begin_h = hour - TAIL_H
    lines, ages, patrols, phases = [np.zeros((0, 2, 2))], [np.zeros(0)], list[str](), list[str]()
    for flight in flights:
        if flight.t[0] >= hour or flight.t[-1] <= begin_h:
            continue
        begin, end = np.maximum(flight.t[:-1], begin_h), np.minimum(flight.t[1:], hour)
        shown = np.flatnonzero(begin < end)
        lines.append(np.stack([flight.place(begin[shown]), flight.place(end[shown])], axis=1))
        ages.append((hour - end[shown]) / TAIL_H)
        patrols += [flight.patrol] * len(shown)
        phases += [flight.phases[leg] for leg in shown]
    return Pieces(np.concatenate(lines), np.concatenate(ages), patrols, phases)


def transfers_at(data: Mapping[str, Any], hour: float) -> list[Transfer]:
    """The transfers that go on at an hour, and those that ended a short time before, which fade."""
    found = []
    for _, _, x, y, begin, end, *more in data["transfers"]:
        if begin <= hour < end + FADE_H:
            strength = min(1.0, 1.0 - (hour - end) / FADE_H)
            found.append(Transfer(x, y, _status(end, more[:3], hour), hour < end, strength))
    return found


def contacts_at(data: Mapping[str, Any], hour: float) -> list[Contact]:
    """The contacts that crews have at an hour, and those they had in the hours before, which fade."""
    dark, found = int(data["traits"][0][0]), []
    for _, traits, _, _, _, _, begin, end, _, x0, y0, x1, y1, _ in data["contacts"]:
        if begin <= hour < end + TAIL_H:
            share = min((hour - begin) / (end - begin), 1.0) if end > begin else 0.0
            x, y = x0 + share * (x1 - x0), y0 + share * (y1 - y0)
            found.append(Contact(x, y, bool(traits & dark), min(1.0, 1.0 - 0.85 * (hour - end) / TAIL_H)))
    return found


def weather_words(data: Mapping[str, Any], hour: float) -> str:
    """The weather at an hour as far as the scenario states it; empty where it states none."""
    rows = data["weather"]["rows"]
    at = max(0, bisect_right([row[0] for row in rows], hour) - 1)
    _, sea, sight, wind, blows_from, _ = rows[at]
    words = [f"wind {wind:g} kn from {blows_from:03d}°"] if "wind" in data["weather"]["stated"] else []
    words += [] if sea is None else [f"sea state {sea:g}"]
    words += [] if sight is None else [f"visibility {sight:g} nmi"]
    return ", ".join(words)


def counts_at(data: Mapping[str, Any], hour: float) -> dict[str, int]:
    """How many of the transfers that have begun have which status."""
    begun = [row for row in data["transfers"] if row[4] <= hour]
    found = [_status(row[5], row[6:9], hour) for row in begun]
    return {status: found.count(status) for status in (UNDETECTED, "missed", *_RUNGS)}


def final_status(row: Sequence[Any]) -> str:
    """How far a transfer, a row of the data of a replay, came in the end."""
    return _status(row[5], row[6:9], np.inf)


def _status(end: float, rungs: Sequence[float | None], hour: float) -> str:
    """How far a transfer has come by an hour, by the hours at which it reached the rungs of the ladder."""
    reached = [name for name, rung_h in zip(_RUNGS, rungs, strict=True) if rung_h is not None and rung_h <= hour]
    return reached[-1] if reached else UNDETECTED if hour < end else "missed"


def is_light(data: Mapping[str, Any], hour: float) -> bool:
    """Whether there is light at an hour, by the scenario, in the middle of the sea that is shown."""
    at_start, *changes = data["light"]["light"]
    changed = sum(float(change) <= hour for change in changes)
    return bool(at_start) != (changed % 2 == 1)
