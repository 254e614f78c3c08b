"""A run to a precision: when it looks at its interval, when it ends, and how many replications it will take.

The looks come after fixed numbers of replications, whatever they show: that keeps the coverage of the interval at which
the run ends (docs/methods/measures.md).
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from numbers import Real
from typing import Any

from sim.core.limits import MOST_FOR_PRECISION, MOST_REPLICATIONS
from sim.scenario.problems import refused
from sim.study.estimates import LEVEL, Columns, estimate
from sim.study.measures import Definition
from sim.study.progress import Done
from sim.study.records import Warn
from sim.study.store import RowCollector

FIRST_CHECK = 40  # replications before the first look: intervals of fewer are often too narrow by luck
CHECK_EVERY = 20  # replications between looks
_MOST_TIMES = 1e6  # an interval that is wider than this many times what was asked for is out of reach in any case
BATCH_REPLICATIONS = 5  # in a batch of a run; every look comes at the end of one


@dataclass(frozen=True)
class Look:
    """What one look at the interval of a measure has found."""

    measure: str
    replications: int
    """The replications that are done."""
    half_width: float | None
    """Half the width of the interval, in the unit of the measure; None where there is no interval yet."""
    wanted: float
    """The half-width that was asked for."""
    expected: int | None
    """The replications after which it will be reached, by estimate; None where there is no interval yet."""

    @property
    def is_enough(self) -> bool:
        """Whether the interval is as narrow as was asked for."""
        return self.half_width is not None and self.half_width <= self.wanted


Looked = Callable[[Look], None]
"""A function that is called after each look."""


def not_looked(look: Look) -> None:
    """Do nothing after a look."""


@dataclass(frozen=True)
class Aim:
    """What a run aims at: a measure with a half-width, and between which numbers of replications it may end."""

    measure: str
    wanted: float
    first: int
    """The replications before the first look, a multiple of `CHECK_EVERY`, unless the run has fewer."""
    most: int
    """The replications after which the run ends in any case."""

    def is_look(self, done: int) -> bool:
        """Whether the run looks at its interval after some replications."""
        return done == self.most or (done >= self.first and done % CHECK_EVERY == 0)

    def look(self, columns: Columns, done: int, horizon_h: float, level: float = LEVEL) -> Look:
        """Look at the interval; `columns` has the totals, `horizon_h` is the length of the deployment in hours."""
        half = estimate(self.measure, columns, horizon_h, level).half_width
        return Look(self.measure, done, half, self.wanted, None if half is None else self._expected(half, done))

    def _expected(self, half_width: float, done: int) -> int:
        """The look that will be precise enough: a half-width falls with the root of the number of replications."""
        if half_width <= self.wanted:
            return done
        needed = done * min(half_width / self.wanted, _MOST_TIMES) ** 2
        return max(done + CHECK_EVERY, CHECK_EVERY * math.ceil(needed / CHECK_EVERY))


def precision_given(given: Any) -> tuple[str, float] | None:
    """The measure and the half-width that a program asked for, None for none; raises InputError for anything else."""
    if given is None:
        return None
    try:
        name, wanted = given
        wanted = float(wanted) if isinstance(wanted, Real) and not isinstance(wanted, bool) else 0.0
    except (TypeError, ValueError):
        name, wanted = "", 0.0
    if not isinstance(name, str) or not 0.0 < wanted < math.inf:
        allowed = 'a measure and a half-width above 0, such as ("p_documented", 0.02)'
        raise refused(given, allowed, file="run", key="precision")
    return name, wanted


def refuse_wide(definition: Definition, wanted: float, key: str = "precision") -> None:
    """Refuse, under a key, a half-width of a share that all intervals have, such as 2 where 2 % is meant."""
    if definition.is_share and wanted >= 1.0:
        given, allowed = f"{definition.name} = {wanted:g}", "a half-width below 1 for a share, such as 0.02 for 2 %"
        raise refused(given, allowed, key=key, hint=f"did you mean {wanted / 100.0:g}?" if wanted < 100.0 else "")


def aim_of(precision: tuple[str, float] | None, replications: int, most: int | None, warn: Warn) -> Aim | None:
    """The aim of a run that was asked for a precision, else None.

    The first look is after `replications`, but not before `FIRST_CHECK`; `warn` is called where that is later. `most`
    is `MOST_FOR_PRECISION` unless another is given. Raises InputError where the first look would be after `most`, or
    where `most` is given without a precision.
    """
    if precision is None:
        if most is not None:
            raise refused(str(most), "--most only together with --precision", key="--most")
        return None
    if replications < FIRST_CHECK:
        warn(
            f"the first look at the precision is after {FIRST_CHECK} replications, not {replications}: "
            "intervals of fewer are often too narrow by luck"
        )
    first = max(FIRST_CHECK, CHECK_EVERY * math.ceil(replications / CHECK_EVERY))
    least, most = max(FIRST_CHECK, replications), max(MOST_FOR_PRECISION, replications) if most is None else most
    if not least <= most <= MOST_REPLICATIONS:
        allowed = f"{least:,} to {MOST_REPLICATIONS:,} replications: the precision is first looked at after {least:,}"
        raise refused(f"{most:,}", allowed, key="--most")
    return Aim(*precision, min(first, most), most)


def asked_record(replications: int, only: int | None, aim: Aim | None, totals: Sequence[str]) -> dict[str, Any]:
    """What a run was asked for, for its record: which replications, and the totals of parts that it was asked for."""
    parts = {"totals": list(totals)} if totals else {}
    if only is not None:
        return {"only": only, **parts}
    return {**({"replications": replications} if aim is None else asdict(aim)), **parts}


def asked_options(asked: Mapping[str, Any]) -> list[str]:
    """The options of `run` that give a record of what was asked for, without the number of replications and parts."""
    if "only" in asked:
        return ["--only", str(asked["only"])]
    if "measure" not in asked:
        return []
    options = ["--precision", f"{asked['measure']}={asked['wanted']:g}"]
    options += ["--replications", str(asked["first"])] if asked["first"] != FIRST_CHECK else []
    return [*options, *(["--most", str(asked["most"])] if asked["most"] != MOST_FOR_PRECISION else [])]


def out_of_reach(look: Look, most: int) -> str:
    """A warning where a precision will not be reached within `most` replications, by estimate; empty where it may."""
    if look.expected is None or look.expected <= most:
        return ""
    return (
        f"by estimate, {look.measure} needs about {_rounded(look.expected):,} replications for the half-width "
        f"{look.wanted:g}; the run goes on to the {most:,} that --most allows"
    )


def _rounded(count: int) -> int:
    """A number with two digits: an estimate is not more precise."""
    return int(float(f"{count:.1e}"))


@dataclass
class Until:
    """Whether a run has enough replications, and how many there will be, by estimate."""

    aim: Aim | None
    """None for a run of a given number of replications."""
    done: Done
    horizon_h: float
    level: float
    looked: Looked
    warn: Warn
    is_warned: bool = False
    good: int = 0
    """The replications that had not failed at the last look."""

    def batches_left(self) -> int:
        """How many more batches there will be, by estimate."""
        return -((self.done.count - self.done.total) // BATCH_REPLICATIONS)

    def is_enough(self, more: int, collector: RowCollector) -> bool:
        """Count the replications of a batch, which the collector has, and say whether a run to a precision ends."""
        self.done.add(more)
        aim, done = self.aim, self.done.count
        if aim is None or not aim.is_look(done):
            return False
        good = sum(len(totals) for totals in collector.totals)
        if good == self.good:  # all replications since the last look have failed, so more would too
            return True
        self.good = good
        look = aim.look(collector.columns(), done, self.horizon_h, self.level)
        self.done.total = min(aim.most, look.expected or aim.most)
        self.done.under_way(0)
        self.looked(look)
        too_far = "" if self.is_warned or done == aim.most else out_of_reach(look, aim.most)
        if too_far:
            self.warn(too_far)
            self.is_warned = True
        return look.is_enough
