"""The state of a flight: the arrays that the compiled functions read and change, with their names for Python.

The compiled crew keeps a copy of what a flight along its legs changes. `FlightState.restore` puts it back, so that a
flight can be called back to an earlier hour.
"""

from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np

from sim.core import codes
from sim.core.arrays import Flags, Floats, Ints
from sim.core.records import FLIGHT, new_record
from sim.deployment.inbox import Inbox
from sim.deployment.patrols import PatrolPlan

FIRST_ROWS = 256  # of the legs as flown; the array grows where a sortie needs more
EVENT_ROOM = 512  # events that a call may write down, beside a detection of each target; where more come, it returns

_FIELDS: dict[str, Any] = dict(FLIGHT.fields or {})  # type, and place in the record

T = TypeVar("T")


class Field(Generic[T]):
    """A field of the state of a flight, by the name of the attribute."""

    def __set_name__(self, owner: type, name: str) -> None:
        """Take the name of the attribute for that of the field."""
        kind, offset = _FIELDS[name][:2]
        self.view, self.place = kind.char, offset // kind.itemsize

    def __get__(self, state: "FlightState", owner: type) -> T:
        """Return the value of the field."""
        value: T = state.views[self.view][self.place]
        return value

    def __set__(self, state: "FlightState", value: T) -> None:
        """Set the field."""
        state.views[self.view][self.place] = value


class Kept(NamedTuple):
    """A copy of the state of a flight, from which the flight can be put back to the hour of the copy."""

    hour: float
    first_row: int
    """The first row of the legs as flown that may change after it."""
    record: Any
    opportunities: Floats
    marks: Flags
    per_target: tuple[Any, ...]
    """What has one place for each target: features, contacts that wait, progress, ranges."""
    legs: Floats
    aside: Floats
    last_row: Floats
    observed: tuple[bool, Flags]


class FlightState:
    """What changes while an aircraft flies. The sorties of a patrol use the same arrays.

    Arrays have one place for each of m targets. Fields are those of `sim.core.records.FLIGHT`; row numbers and columns
    are those of `sim.core.codes`.
    """

    hour, x, y, extra_burn_h = Field[float](), Field[float](), Field[float](), Field[float]()
    leg, rows, found, taken_in, events = Field[int](), Field[int](), Field[int](), Field[int](), Field[int]()
    continues, asked, has_gone = Field[bool](), Field[bool](), Field[bool]()
    next_change_h, caught_up_h, in_step = Field[float](), Field[float](), Field[int]()
    stops_at_contacts, watches_fuel = Field[bool](), Field[bool]()
    may_be_undone, returns = Field[bool](), Field[bool]()
    decisions, aborted, has_news = Field[int](), Field[bool](), Field[bool]()
    task, waiting, target, classified = Field[int](), Field[int](), Field[int](), Field[int]()
    hours_left = Field[float]()
    left_x, left_y, route_leg = Field[float](), Field[float](), Field[int]()
    meet_h, meet_x, meet_y = Field[float](), Field[float](), Field[float]()
    turn_h, end_h = Field[float](), Field[float]()
    aim_again_h = Field[float]()
    range_nmi, vx, vy = Field[float](), Field[float](), Field[float]()
    ground_x, ground_y, hold_h = Field[float](), Field[float](), Field[float]()
    has_via, via_x, via_y, is_clear = Field[bool](), Field[float](), Field[float](), Field[bool]()
    classify_h = Field[float]()
    told_lawful = Field[int]()

    def __init__(self, plan: PatrolPlan, inbox: Inbox) -> None:
        """Make the arrays of a patrol, for the targets of the inbox."""
        count = inbox.targets.vessels.size
        self.record = new_record(FLIGHT)
        self.bytes = self.record.view(np.uint8)
        memory: Any = self.bytes.data
        self.views: dict[str, Any] = {kind.char: memory.cast(kind.char) for kind, *_ in _FIELDS.values()}
        """The memory of the record as numbers, whole numbers and flags: the quickest way from Python to a field."""
        self.legs = np.zeros((1, codes.LEG_COLUMNS))
        """The legs of the route; the row before `leg` may be overwritten, so row 0 is none of them."""
        self.aside = np.zeros((1, codes.LEG_COLUMNS))
        """A leg that is flown aside from the route, to a contact or beside it."""
        self.opportunities = np.zeros((codes.MEMORY_ROWS, len(plan.sensor_ids), count))
        """Threshold, exposure and range of each sensor against each target, (MEMORY_ROWS, sensors, m)."""
        self.draft_calls = np.zeros(count + 1, np.int64)
        """For each target the compiled call that wrote its draft of an exposure; last, the number of calls."""
        self.marks: Flags = np.zeros((codes.MARKS, count), bool)
        """Whether each target is a contact, waits, came within range, and so on, (MARKS, m)."""
        self.features: Ints = np.zeros(count, np.int64)
        """What the crew knows of each contact, as bits, (m,)."""
        self.waiting_targets: Ints = np.zeros(count, np.int64)
        """The contacts that wait for an investigation; the first `waiting` of (m,) are in use."""
        self.progress: Ints = np.zeros(count, np.int64)
        """How far each transfer came on the ladder in this sortie, (m,): a code of `sim.deployment.ladder`."""
        self.reconsider_ranges = np.zeros((count, 2))
        """`reconsider_ranges[:, 1]`: the range within which each waiting contact stops the flight again."""
        self.flown = np.empty((FIRST_ROWS, codes.FLOWN_COLUMNS))
        """Legs as flown; the first `rows` are in use."""
        self.detections = np.empty((count, 3))
        """Hour, target and sensor of each detection; a target is detected once in a sortie."""
        self.event_rows = np.empty((EVENT_ROOM + count, codes.EVENT_COLUMNS))
        """Events that have not been read yet."""
        self.ways = np.zeros((count, codes.WAY_COLUMNS))
        """The ways to the contacts that wait, in their order, and what each is worth."""
        self.saved = (
            new_record(FLIGHT), np.zeros_like(self.opportunities[codes.EXPOSURE : codes.SCRATCH]),
            np.zeros_like(self.marks), np.zeros(codes.FLOWN_COLUMNS),
        )  # fmt: skip
        """What the state was when the aircraft last set out along its legs: see `sim.core.kernels.crew`."""
        room = np.zeros(len(inbox.targets.rows), np.int64)  # for the segments that come near
        self.memory = (self.opportunities, self.draft_calls, self.marks, room)
        self.reconsider_nmi, self.came_in_range = plan.reconsider_nmi, inbox.came_in_range
        self.is_observed, self.in_range_at_end = True, self.marks[codes.MET]

    def begin(self, takeoff_h: float, base: tuple[float, float]) -> None:
        """Forget everything about an earlier sortie, and stand at a base."""
        self.bytes[:] = 0
        self.hour, (self.x, self.y) = takeoff_h, base
        self.legs, self.leg = np.zeros((1, codes.LEG_COLUMNS)), 1
        self.is_observed = True
        self.reconsider_ranges[:, 1] = self.reconsider_nmi
        self.opportunities[codes.THRESHOLD], self.opportunities[codes.RANGE_FELL] = -1.0, -np.inf
        self.opportunities[codes.EXPOSURE] = 0.0
        self.marks[:] = False
        self.progress[:] = codes.NO_ONE_THERE

    @property
    def place(self) -> tuple[float, float]:
        """Where the aircraft is, nmi."""
        return self.x, self.y

    @property
    def output(self) -> tuple[Floats, Floats, Floats, Floats]:
        """What the compiled functions write into: legs as flown, detections, events, ways."""
        return self.flown, self.detections, self.event_rows, self.ways

    def set_legs(self, legs: Floats) -> None:
        """Fly these legs (n, 6) next."""
        self.legs = np.empty((len(legs) + 1, codes.LEG_COLUMNS))
        self.legs[0], self.legs[1:] = 0.0, legs
        self.leg, self.continues, self.hours_left = 1, False, 0.0

    def rest(self) -> Floats:
        """Return the legs (n, 6) that are left."""
        return self.legs[self.leg :].copy()

    def grow(self) -> None:
        """Make room for twice as many legs as flown, if they fill their array."""
        if self.rows == len(self.flown):
            self.flown = np.vstack([self.flown, np.empty_like(self.flown)])

    def place_at(self, hour: float) -> tuple[float, float]:
        """Return where the aircraft was at an hour of the flight, nmi."""
        rows = self.flown[: self.rows]
        after = rows[:, codes.FLOWN_BEGIN].searchsorted(hour, side="right")
        if after == 0:
            return self.place
        t0, t1, x0, y0, x1, y1, _ = rows[after - 1].tolist()
        share = min(1.0, (hour - t0) / (t1 - t0))
        return x0 + share * (x1 - x0), y0 + share * (y1 - y0)

    # ------------------------------------------------------------------------------------------------ the end
    def stop_observing(self) -> None:
        """Note which targets have come within range at the deployment's end: what comes later is not observed."""
        self.in_range_at_end, self.is_observed = self.marks[codes.MET].copy(), False

    def end(self) -> None:
        """Add the targets that came within range before the deployment's end to those of earlier sorties."""
        self.came_in_range |= self.marks[codes.MET] if self.is_observed else self.in_range_at_end

    # ------------------------------------------------------------------------------------------------ called back
    @property
    def _per_target(self) -> tuple[Any, ...]:
        return self.features, self.waiting_targets, self.progress, self.reconsider_ranges

    def keep(self) -> Kept:
        """Return a copy of all that flying on can change."""
        row = max(0, self.rows - 1)
        return Kept(
            self.hour, row, self.record.copy(), self.opportunities[: codes.SCRATCH].copy(), self.marks.copy(),
            tuple(part.copy() for part in self._per_target), self.legs.copy(), self.aside.copy(),
            self.flown[row].copy(), (self.is_observed, self.in_range_at_end),
        )  # fmt: skip

    def put_back(self, kept: Kept) -> None:
        """Be as when the state was kept; what was read since then must not have been acted on.

        See `restore` for the drafts of exposures.
        """
        self.record[:] = kept.record
        self.opportunities[: codes.SCRATCH] = kept.opportunities
        self.marks[:] = kept.marks
        for part, before in zip(self._per_target, kept.per_target, strict=True):
            part[:] = before
        self.legs, self.aside[:] = kept.legs.copy(), kept.aside
        self.flown[kept.first_row] = kept.last_row
        self.is_observed, self.in_range_at_end = kept.observed

    def forget(self, target: int) -> None:
        """Forget a vessel: when it is there again, it is a new opportunity for each sensor, and a new contact."""
        waiting = [other for other in self.waiting_targets[: self.waiting].tolist() if other != target]
        self.waiting = len(waiting)
        self.waiting_targets[: self.waiting] = waiting
        self.marks[[codes.SEEN, codes.WAITING, codes.SET_ASIDE], target] = False
        self.opportunities[codes.THRESHOLD, :, target] = -1.0
        self.opportunities[codes.EXPOSURE, :, target] = 0.0
        self.opportunities[codes.RANGE_FELL, :, target] = -np.inf
        self.reconsider_ranges[target, 1] = self.reconsider_nmi
        self._make_room_for_detections(len(self.detections) + 1)  # it may be detected once more

    def _make_room_for_detections(self, most: int) -> None:
        """Make room for so many detections in a sortie, and for their events."""
        more = most - len(self.detections)
        self.detections = np.vstack([self.detections, np.empty((more, 3))])
        self.event_rows = np.vstack([self.event_rows, np.empty((more, codes.EVENT_COLUMNS))])

    def make_room(self, segments: int) -> None:
        """Make room for so many segments of vessels."""
        if len(self.memory[3]) < segments:
            self.memory = (*self.memory[:3], np.zeros(segments, np.int64))

    def restore(self) -> None:
        """Undo the flight along the legs: be where the aircraft last set out.

        The drafts of exposures need not be put back: the number of calls goes on, so the next call makes its own. Of
        the legs as flown only the last may have been extended; those after it are no longer in use.
        """
        record, exposures, marks, last_row = self.saved
        self.record[:] = record
        self.events = 0  # those before have been read
        self.opportunities[codes.EXPOSURE : codes.SCRATCH] = exposures
        self.marks[:] = marks
        self.flown[max(0, self.rows - 1)] = last_row
