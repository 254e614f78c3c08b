"""Events: what happened in a deployment, one after the other."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sim.core.codes import EVENT_DETECTED, KERNEL_EVENTS


class Event(NamedTuple):
    """One event: a row of `events.parquet`."""

    time_h: float
    event: str
    """What happened."""
    patrol: str
    """Empty where no patrol took part."""
    sortie: int
    """Number of the slot in the patrol's schedule, -1 for none."""
    vessel: int
    """Number among the targets, -1 for none."""
    x: float
    y: float
    detail: str


def events_of_rows(rows: Iterable[Sequence[float]], patrol: str, sortie: int, sensors: Sequence[str]) -> list[Event]:
    """Return the events that compiled code has written as rows of numbers; the detail of a detection is its sensor.

    The columns are those of `sim.core.codes.EVENT_H`.
    """
    make = tuple.__new__  # a third of the time of `Event(...)`
    return [
        make(
            Event,
            (
                hour,
                KERNEL_EVENTS[int(code)],
                patrol,
                sortie,
                int(target),
                x,
                y,
                sensors[int(detail)] if code == EVENT_DETECTED else "",
            ),
        )
        for hour, code, target, x, y, detail in rows
    ]
