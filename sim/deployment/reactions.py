"""Pairs alongside that watch for aircraft: when they notice one, and what they do then.

What a pair does is drawn for the encounter: for the pair in its present stint, the patrol and the slot. So two plans
that share an encounter share its luck.
"""

import math
from collections.abc import Callable, Sequence

import numpy as np
import shapely
import simpy

from sim.core import chance
from sim.core.arrays import Floats
from sim.core.codes import FLOWN_BEGIN, FLOWN_END, FLOWN_X0, FLOWN_X1, FLOWN_Y0, FLOWN_Y1, Purpose
from sim.deployment.events import Event
from sim.deployment.inbox import Encounter, Inbox, Visitor
from sim.deployment.stints import Stint, Stints
from sim.deployment.transfers import TransferPlan
from sim.deployment.waiting import Process
from sim.model.reactions import Reaction

CAST_OFF, LIE_LOW, GO_ON = "casts off", "lies low", "goes on"
"""What a pair that has noticed an aircraft does."""
_MOST_TRIES = 64  # to find sea near the old place; a pair that finds none comes back to the old place


class Reactions:
    """The watch that the pairs of a replication keep, and their answers."""

    def __init__(self, env: simpy.Environment, plans: Sequence[TransferPlan], stints: Stints, inbox: Inbox) -> None:
        """Let the pairs of all sources with a `reaction` watch."""
        self.env, self.plans, self.stints, self.inbox = env, plans, stints, inbox
        source, specs = stints.table.source, [plan.spec.reaction for plan in plans]
        self.day_nmi, self.dark_nmi = (
            np.array([-1.0 if spec is None else getattr(spec, name) for spec in specs])[source]
            for name in ("notice_nmi", "dark_nmi")
        )
        """The ranges within which each pair notices aircraft, in daylight and in the dark, nmi; -1 for those that watch
        for none."""
        self.noticed_h: Floats = np.full(source.size, np.inf)
        """When each pair first noticed an aircraft."""
        self.parted_early = np.zeros(source.size, bool)
        """Whether each pair has parted because of an aircraft."""
        self.on_notice: Callable[[int], None] = lambda _: None
        """Told which pair notices an aircraft."""

    def _spec(self, pair: int) -> Reaction:
        spec: Reaction | None = self.plans[self.stints.table.source[pair]].spec.reaction
        if spec is None:
            raise AssertionError("a pair without `reaction` answers to nothing")
        return spec

    # ------------------------------------------------------------------------------------------------ noticing
    def encounters(self, visitor: Visitor, flown: Floats, since_h: float, met: set[int]) -> list[Encounter]:
        """Return the first encounter of a sortie with each pair on legs as flown (n, 7), from an hour on, by hour.

        `met`: the identities of the pairs that the sortie has met before.
        """
        stints = self.stints
        if not len(flown):
            return []
        near = (stints.begin < flown[-1, FLOWN_END]) & (stints.end > np.maximum(since_h, stints.begin))
        near &= self.day_nmi > 0.0
        pairs = np.array([pair for pair in np.flatnonzero(near) if int(stints.vessels[pair]) not in met], np.int64)
        if not pairs.size:
            return []
        hours = _first_within(
            flown, since_h, stints.begin[pairs], stints.end[pairs], stints.x[pairs], stints.y[pairs],
            np.maximum(self.day_nmi, self.dark_nmi)[pairs],
        )  # fmt: skip
        found = []
        for pair, hour in zip(pairs.tolist(), hours.tolist(), strict=True):
            if math.isfinite(hour) and self.day_nmi[pair] != self.dark_nmi[pair]:
                hour = self._first_in_light(pair, flown, since_h)
            if math.isfinite(hour):
                found.append(self._encounter(pair, hour, visitor))
        return sorted(found)

    def _first_in_light(self, pair: int, flown: Floats, since_h: float) -> float:
        """The first hour at which an aircraft is within the range that holds in the light of the moment."""
        stints, plan = self.stints, self.plans[self.stints.table.source[pair]]
        begin, end = max(float(stints.begin[pair]), since_h), float(min(stints.end[pair], flown[-1, FLOWN_END]))
        place = (stints.x[[pair]], stints.y[[pair]])
        lon, lat = plan.plane.to_lonlat(*place)
        changes, is_light = plan.sun.crossings(float(lon[0]), float(lat[0]), begin, end, plan.light_begins_deg)
        first = math.inf
        for low, high in zip([begin, *changes], [*changes, end], strict=True):
            reach = (self.day_nmi if is_light else self.dark_nmi)[[pair]]
            piece = (np.array([low]), np.array([high]))
            first = min(first, float(_first_within(flown, since_h, *piece, *place, reach)[0]))
            is_light = not is_light
        return first

    def _encounter(self, pair: int, hour: float, visitor: Visitor) -> Encounter:
        """An encounter with its luck."""
        spec, vessels = self._spec(pair), self.stints.vessels[pair]
        if self._luck(Purpose.NOTICE, pair, visitor) >= spec.notice_chance:
            return Encounter(hour, pair, int(vessels), "", math.inf)
        luck = self._luck(Purpose.ANSWER, pair, visitor)
        answer = CAST_OFF if luck < spec.cast_off_share else LIE_LOW
        if luck >= spec.cast_off_share + spec.lie_low_share:
            return Encounter(hour, pair, int(vessels), GO_ON, math.inf)
        delay_h = spec.delay_h.quantile(np.array(self._luck(Purpose.ANSWER_DELAY, pair, visitor)))
        return Encounter(hour, pair, int(vessels), answer, hour + float(delay_h))

    def _luck(self, purpose: Purpose, pair: int, visitor: Visitor, *counters: int) -> float:
        """A random number in (0, 1) of an encounter."""
        encounter = (self.stints.vessels[pair], visitor.identity, visitor.number)
        return chance.uniform(self.inbox.key, purpose, *encounter, *map(np.uint64, counters))

    # ------------------------------------------------------------------------------------------------ answering
    def take_in(self, visitor: Visitor, encounters: Sequence[Encounter]) -> None:
        """Let pairs answer to encounters that have happened."""
        for encounter in encounters:
            if not encounter.answer:
                continue
            pair = encounter.target
            self.noticed_h[pair] = min(self.noticed_h[pair], encounter.hour)
            place = (float(self.stints.x[pair]), float(self.stints.y[pair]))
            noticed = Event(encounter.hour, "noticed", *visitor[:2], pair, *place, encounter.answer)
            self.inbox.report_all([noticed])
            self.on_notice(pair)
            if encounter.parts_h <= self.env.now:
                self._part(visitor, encounter)
            elif encounter.parts_h < self.stints.end[pair]:
                self.env.process(self._part_later(visitor, encounter))

    def _part_later(self, visitor: Visitor, encounter: Encounter) -> Process:
        yield self.env.timeout(encounter.parts_h - self.env.now)
        self._part(visitor, encounter)

    def _part(self, visitor: Visitor, encounter: Encounter) -> None:
        """Let a pair part, if it is still alongside in the stint of the encounter; it may come alongside again."""
        pair, spec, stints = encounter.target, self._spec(encounter.target), self.stints
        if int(stints.vessels[pair]) != encounter.vessels or stints.end[pair] <= self.env.now:
            return
        self.parted_early[pair] = True
        wait_h = float(spec.wait_h.quantile(np.array(self._luck(Purpose.LIE_LOW, pair, visitor, 0))))
        comes_again = self._luck(Purpose.LIE_LOW, pair, visitor, 1) < spec.again_share
        place = self._place_near_by(pair, visitor)
        left_h = stints.part(pair)
        begin = self.env.now + wait_h
        if encounter.answer == LIE_LOW and comes_again and self._is_calm_enough(pair, begin):
            stints.come_again(pair, Stint(begin, begin + left_h, *place))

    def _is_calm_enough(self, pair: int, hour: float) -> bool:
        """Whether the sea at an hour lets transfers of the source begin."""
        most, weather = self.plans[self.stints.table.source[pair]].spec.max_sea_state, self.inbox.weather
        return most is None or not weather.sea_state[weather.row_at(hour)] > most

    def _place_near_by(self, pair: int, visitor: Visitor) -> tuple[float, float]:
        """A place uniform over the sea of the source within `again_nmi` of the old one."""
        spec, sea = self._spec(pair), self.plans[self.stints.table.source[pair]].sea
        x, y = float(self.stints.x[pair]), float(self.stints.y[pair])
        for tries in range(_MOST_TRIES):
            far, angle = (self._luck(Purpose.AGAIN_PLACE, pair, visitor, 2 * tries + part) for part in (0, 1))
            distance = spec.again_nmi * math.sqrt(far)
            there = x + distance * math.cos(math.tau * angle), y + distance * math.sin(math.tau * angle)
            if shapely.contains_xy(sea, *there):
                return there
        return x, y


def _first_within(
    flown: Floats, since_h: float, begin: Floats, end: Floats, x: Floats, y: Floats, reach: Floats
) -> Floats:
    """When an aircraft on legs as flown (n, 7) is first within reach of things that lie still, (m,).

    It is infinite for never. Thing m lies at x, y in [begin, end), all (m,). What happens before `since_h` does not
    count.
    """
    begins, ends = flown[:, FLOWN_BEGIN, None], flown[:, FLOWN_END, None]
    low, high = np.maximum(np.maximum(begins, since_h), begin), np.minimum(ends, end)
    with np.errstate(divide="ignore", invalid="ignore"):
        vx = (flown[:, FLOWN_X1, None] - flown[:, FLOWN_X0, None]) / (ends - begins)
        vy = (flown[:, FLOWN_Y1, None] - flown[:, FLOWN_Y0, None]) / (ends - begins)
        dx = flown[:, FLOWN_X0, None] + vx * (low - begins) - x
        dy = flown[:, FLOWN_Y0, None] + vy * (low - begins) - y
        outside, along, speed2 = dx * dx + dy * dy - reach * reach, dx * vx + dy * vy, vx * vx + vy * vy
        discriminant = along * along - speed2 * outside
        # The first root of |d + v t| = reach, in a form in which nothing cancels.
        enters = low + outside / (np.sqrt(np.maximum(discriminant, 0.0)) - along)
    enters = np.where(outside <= 0.0, low, np.where((discriminant >= 0.0) & (along < 0.0), enters, np.inf))
    hours: Floats = np.where((low <= high) & (enters <= high), enters, np.inf).min(axis=0)
    return hours
