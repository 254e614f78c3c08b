"""Reports by area, source, hour or week: how many transfers took place in each part, and in all of them together.

Each part has its own chance that a transfer is documented and its own expected number, so that nothing is assumed of
where or when transfers are common. The shape of the prior is divided evenly among the parts: the sum of their expected
numbers then has the same prior, however finely reports are divided. In the sum the luck of the parts is taken to be
independent, which is an assumption: `Parts.correlation` says how far the replications contradict it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sim.core.arrays import Flags, Floats
from sim.scenario.nearest import nearest_other
from sim.scenario.problems import refused
from sim.scenario.schema import Scenario
from sim.study.cuts import KEYS, Part, fault_of, minutes_of_day, tidied
from sim.study.infer.posterior import Posterior

PART_KEYS = ("area", "hour", "source", "week")
"""The keys by which the rows of transfers tell what was documented of a part."""
_BINS = 8192  # of the distribution of a sum
_BEYOND = 0.02  # of a tail of the interval, which may lie beyond the last bin
_DAY_MIN = 24 * 60


def counts_by(texts: Sequence[str], scenario: Scenario) -> dict[Part, int]:
    """The reports of each part of a key, as `--by` gives them: texts such as `area=north:2,south:1`.

    Parts that are not named have none. InputError where the scenario has no such part, where a text has no count, or
    where the texts name different keys, or a part or an hour twice.
    """
    found: dict[Part, int] = {}
    for text in texts:
        key, _, items = text.partition("=")
        if key not in PART_KEYS or not items:
            allowed = f"KEY=PART:REPORTS,... with a key out of {', '.join(PART_KEYS)}, such as area=north:2,south:1"
            raise refused(text, allowed, key="--by", hint=nearest_other(key, PART_KEYS))
        for item in items.split(","):
            part, count = _part_and_count(key, item.strip(), text, scenario)
            if part in found or any(other.key != key for other in found):
                raise refused(text, "each part once, and parts of one key", key="--by")
            found[part] = count
    return _with_others(found, scenario)


def _part_and_count(key: str, item: str, text: str, scenario: Scenario) -> tuple[Part, int]:
    """The part and its reports that one item of `--by` gives."""
    value, colon, count = item.rpartition(":")
    if not colon or not count.isascii() or not count.isdigit() or len(count) > 7:
        allowed = "the number of reports behind each part, such as area=north:2,south:1 or hour=18-24:2"
        raise refused(text, allowed, key="--by")
    part = tidied(Part(key, value))
    fault = fault_of(part, PART_KEYS, "reports", scenario)
    if fault is not None:
        raise refused(text, fault.allowed, key="--by", hint=fault.hint)
    return part, int(count)


def _with_others(found: Mapping[Part, int], scenario: Scenario) -> dict[Part, int]:
    """The reports by part, with all other parts of the key, which have no reports."""
    key = next(iter(found)).key
    usual = [Part(key, value) for value in KEYS[key](scenario)]
    if key != "hour" or set(found) <= set(usual):
        return {part: found.get(part, 0) for part in usual}
    minutes = np.zeros(_DAY_MIN, int)
    for part in found:
        begin, end = minutes_of_day(part.value) or (0, 0)
        minutes[np.arange(begin, end if end > begin else end + _DAY_MIN) % _DAY_MIN] += 1
    if minutes.max() > 1:
        raise refused(", ".join(map(str, found)), "hours of the day that do not overlap", key="--by")
    return {**found, **dict.fromkeys(_gaps(minutes == 0), 0)}


def _gaps(free: Flags) -> list[Part]:
    """The spells of the day that no part holds, as parts."""
    begins = np.flatnonzero(free & ~np.roll(free, 1))
    ends = np.flatnonzero(~free & np.roll(free, 1))
    return [_spell(int(begin), int(ends[np.argmax(ends > begin)] if np.any(ends > begin) else ends[0] + _DAY_MIN))
            for begin in begins]  # fmt: skip


def _spell(begin: int, end: int) -> Part:
    """The part from one minute of the day to another, which may lie beyond midnight."""
    end = end if end <= _DAY_MIN else end - _DAY_MIN
    return tidied(Part("hour", "-".join(f"{minute // 60}:{minute % 60:02d}" for minute in (begin, end))))


@dataclass(frozen=True)
class Sum:
    """The distribution of the sum of the numbers of independent parts."""

    parts: Sequence[Posterior]
    level: float

    @property
    def is_bounded(self) -> bool:
        """Whether every part is bounded from above."""
        return all(part.is_bounded for part in self.parts)

    @property
    def mean(self) -> float | None:
        """The mean of the number that took place; None where a part has none."""
        means = [part.mean for part in self.parts]
        return None if None in means else float(sum(mean or 0.0 for mean in means))

    def quantile(self, q: float) -> float:
        """The least number of which at most so many took place with probability q or more."""
        if not self.is_bounded:
            return float("inf")
        step, below = self._below
        at = int(np.searchsorted(below, q))
        return float("inf") if at >= below.size else float(step * at)

    def below(self, number: float) -> float:
        """The probability that at most so many transfers took place."""
        step, below = self._below
        at = int(np.floor(number / step))
        return 0.0 if at < 0 else float(below[min(at, below.size - 1)])

    @cached_property
    def _below(self) -> tuple[float, Floats]:
        """The step of the numbers, and the probability that at most so many steps took place.

        The step is 1, so that the sum is exact, unless a part may be as large as thousands.
        """
        from scipy.signal import fftconvolve

        last = 1.0 - _BEYOND * (1.0 - self.level) / 2.0
        most = sum(part.quantile(last) for part in self.parts)
        step = max(1.0, float(np.ceil(most / _BINS)))
        ends = step * (np.arange(min(_BINS, most + 1.0)) + 0.5)  # numbers are rounded to the nearest step
        total = np.ones(1)
        for part in self.parts:
            below = np.array([part.below(end) for end in ends])
            total = np.maximum(0.0, fftconvolve(total, np.diff(below, prepend=0.0)))[: ends.size]
        return step, np.cumsum(total)


@dataclass(frozen=True)
class Parts:
    """The reports by part: what is believed of each, and of their sum."""

    posteriors: Mapping[Part, Posterior]
    correlation: float
    """The largest correlation of the luck of two parts over the replications."""
    covered: float
    """The transfers of the parts, as a share of all of the run: above 1 where areas overlap."""
    level: float

    @property
    def key(self) -> str:
        """The key of the parts."""
        return next(iter(self.posteriors)).key

    @property
    def overlap(self) -> bool:
        """Whether transfers belong to several parts, so that no sum is made."""
        return self.covered > 1.0 + 1e-9

    @cached_property
    def sum(self) -> Sum:
        """The distribution of the number in all parts together."""
        return Sum(list(self.posteriors.values()), self.level)


def luck_correlation(transfers: Sequence[Floats], documented: Sequence[Floats]) -> float:
    """The correlation of two parts' documented transfers less those expected of their transfers, (R,), of largest size.

    0 where fewer than two parts have any luck.
    """
    rests = [d - n * (d.sum() / max(1.0, n.sum())) for n, d in zip(transfers, documented, strict=True)]
    rests = [rest for rest in rests if rest.std() > 0.0]
    if len(rests) < 2:
        return 0.0
    matrix = np.corrcoef(rests)
    pairs = matrix[np.triu_indices(len(rests), 1)]
    return float(pairs[np.argmax(np.abs(pairs))])
