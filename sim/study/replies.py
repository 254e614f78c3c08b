"""Replies of smugglers to a schedule, estimated from tries: what one who knows more is left with.

The least of many estimated chances is biased low: it is partly the cell whose luck was least. So a reply is never
judged by the replications by which it was chosen. Half of the replications choose and the others judge, and then the
other way round. The mean of both is what a smuggler gets who learned the chances from so many replications, and it is
at least what one would get who knew them exactly.

More parts, of which all but one choose, would choose better, but their intervals hold the truth too seldom, since the
choices of the parts depend on one another: with ten parts in 69 to 90 % of made-up studies, with halves and the degrees
of freedom of one half in 92 to 96 % (`docs/methods/games.md`).
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sim.core.arrays import Floats, Ints
from sim.study.games import logit_reply
from sim.study.intervals import normal_quantile, product_sum, student_quantile, wilson
from sim.study.tries import Tries

PARTS = 2  # into which replications are divided: each is judged by the choice of the other
_PRIOR_DAYS = 10.0  # days of the shallower memory that a sign is believed to be worth besides its own
_LEAST_TRIES = 20.0  # in a cell before a smuggler chooses by it; hypothetical tries have as many in a replication
_FEW = 5.0  # hits or misses below which the spread between replications may not show all there is
Sign = tuple[str, ...]


@dataclass(frozen=True)
class Share:
    """A share of tries with its interval, or a difference of two."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Reply:
    """What a smuggler chooses, and what becomes of his tries."""

    cell: tuple[int, int] | None
    """The start hour and the place that he chooses by all replications; None where his choice differs by the day."""
    share: Share
    hits: Floats
    """Of his tries in each replication those that are detected, (R,), by choices that other replications made."""
    tries: Floats
    """His tries in each replication, (R,)."""
    steady: float
    """The share of the halves in which he chose that cell too."""
    chooses: bool = True
    """Whether his choice follows from what he knows of the chances."""


def share_of(hits: Floats, tries: Floats, number: float, level: float, freedom: float | None = None) -> Share:
    """The share of tries that are hits, with Wilson's interval on the effective number of tries, by replication.

    `hits` and `tries` have one number for each replication, (R,); only their ratio counts. See `sim.study.estimates`
    for the interval; its t has R - 1 degrees of freedom, or `freedom`. Where replications show no spread, the
    `number` of tries takes the place of the effective one. With fewer hits or misses than five tries the interval holds
    both of them: what was hardly seen may be commoner. NaN where nobody tried.
    """
    total, count = float(tries.sum()), tries.size
    if not total > 0.0:
        return Share(np.nan, np.nan, np.nan)
    value = min(1.0, float(hits.sum()) / total)
    influence = (hits - value * tries) * (count / total)
    error = float(np.sqrt(product_sum(influence, influence) / (count * max(1, count - 1))))
    by_number = wilson(value, number, normal_quantile(level))
    if not 1e-9 < value < 1.0 - 1e-9 or error < 1e-9:
        return Share(value, *by_number)
    by_spread = wilson(value, value * (1.0 - value) / error**2, student_quantile(level, freedom or count - 1))
    if number * min(value, 1.0 - value) >= _FEW:
        return Share(value, *by_spread)
    return Share(value, min(by_spread[0], by_number[0]), max(by_spread[1], by_number[1]))


def difference_of(ours: Reply, theirs: Reply, level: float) -> Share:
    """The share of the first less that of the second, paired by replication, with Student's interval, or NaN."""
    count, parts = ours.hits.size, []
    for one in (ours, theirs):
        total = float(one.tries.sum())
        if not total > 0.0:
            return Share(np.nan, np.nan, np.nan)
        parts.append((one.hits - one.hits.sum() / total * one.tries) * (count / total))
    influence = parts[0] - parts[1]
    error = float(np.sqrt(product_sum(influence, influence) / (count * (count - 1))))
    freedom = max(1.0, count / PARTS - 1.0) if ours.chooses or theirs.chooses else count - 1.0
    gap, half = ours.share.value - theirs.share.value, student_quantile(level, freedom) * error
    return Share(gap, gap - half, gap + half)


def _chosen_share(tries: Tries, got: Floats, made: Floats, level: float) -> Share:
    """The share of tries in cells that were chosen, with the degrees of freedom of one half of the replications."""
    return share_of(got, made, tries.number(made), level, max(1.0, len(got) / PARTS - 1.0))


def parts_of(replications: int) -> list[Ints]:
    """The numbers of the replications in each part; neighbours are in different parts."""
    return [np.arange(first, replications, min(PARTS, replications)) for first in range(min(PARTS, replications))]


def blind(tries: Tries, level: float) -> Reply:
    """One who knows nothing: he begins when and where transfers of the scenario do."""
    return replace(_of_weights(tries, lambda _: tries.usual, level), chooses=False)


def logit(tries: Tries, rationality: float, level: float) -> Reply:
    """One who knows the plan and chooses by a logit of the chances, as `sim.study.games.logit_reply` says."""

    def weights(chances: Floats) -> Floats:
        known = np.where(np.isnan(chances), 1.0, chances).ravel()
        return logit_reply(known, rationality, tries.usual.ravel()).reshape(chances.shape)

    return _of_weights(tries, weights, level)


def _of_weights(tries: Tries, weights: Callable[[Floats], Floats], level: float) -> Reply:
    """One who chooses cells at random, with probabilities that he derives from the chances in other replications.

    Cells with few tries in a replication count by their mean over a part, so a share is a mean of means.
    """
    hits, counts = tries.hits.sum(axis=1), tries.tries.sum(axis=1)  # replications, hours, places
    got, made = np.zeros(tries.replications), np.zeros(tries.replications)
    for part in parts_of(tries.replications):
        chosen = weights(_chances(tries, part))
        share = chosen / np.maximum(counts.mean(axis=0), 1e-300)  # so that tries add up to 1 in the mean
        share = share * tries.days.count
        got[part] = np.sum(hits[part] * share, axis=(1, 2))
        made[part] = np.sum(counts[part] * share, axis=(1, 2))
    return Reply(None, share_of(got, made, tries.number(made), level), got, made, 1.0)


def _chances(tries: Tries, part: Ints) -> Floats:
    """The chance in each cell by the replications that are not in a part, (hours, places); NaN where few tried."""
    others = np.ones(tries.replications, bool)
    others[part] = False
    hits, counts = tries.hits[others].sum(axis=(0, 1)), tries.tries[others].sum(axis=(0, 1))
    enough = counts >= min(_LEAST_TRIES, float(counts.max())) if tries.measure == "p_documented" else counts > 0.0
    return np.where(enough, hits / np.where(enough, counts, 1.0), np.nan)


def knows_plan(tries: Tries, level: float) -> Reply:
    """One who knows the chance in each cell, but not what is drawn today: he always chooses the cell of the least."""
    best, steady = _least(tries.chances()), 0.0
    got, made = np.zeros(tries.replications), np.zeros(tries.replications)
    parts = parts_of(tries.replications)
    for part in parts:
        cell = _least(_chances(tries, part))
        steady += (cell == best) / len(parts)
        got[part] = tries.hits[part][:, :, *cell].sum(axis=1)
        made[part] = tries.tries[part][:, :, *cell].sum(axis=1)
    return Reply(best, _chosen_share(tries, got, made, level), got, made, steady)


def _least(chances: Floats) -> tuple[int, int]:
    """The cell of the least chance; of equal ones it is in the middle of the longest row of hours."""
    least = np.nanmin(chances)
    alike = chances <= least + 1e-9
    longest, found = 0, np.argwhere(alike)[0]
    for place in range(chances.shape[1]):
        begin, length = _longest_row(alike[:, place])
        if length > longest:
            longest, found = length, np.array([(begin + (length - 1) // 2) % len(alike), place])
    return int(found[0]), int(found[1])


def _longest_row(alike: Any) -> tuple[int, int]:
    """Where the longest row of true values of a circle (n,) begins, and its length; the first of several."""
    count = len(alike)
    if alike.all():
        return 0, count
    best = (0, 0)
    for begin in np.flatnonzero(alike & ~np.roll(alike, 1)):
        length = int(np.argmin(np.roll(alike, -begin)))
        best = max(best, (int(begin), length), key=lambda pair: pair[1])
    return best


def watches(tries: Tries, signs: Sequence[Sequence[Sequence[Sign]]], level: float) -> Reply:
    """One who knows the plan and sees the aircraft of the last days: each day he chooses by what he has seen.

    `signs` are, for each number of days from 1 on, what he sees before each day of each replication, as
    `sim.study.tries.signs_of` gives it. The chances after a sign are those of the days with the same sign, drawn
    towards those after the sign of a day less as if that were worth ten days. He may also look less far back than he
    could, down to not at all: he takes the number of days that does best among the replications by which he chooses.
    """
    nothing = [[() for _ in of_replication] for of_replication in signs[0]] if signs else []
    depths: list[Any] = [nothing, *signs]
    got, made = np.zeros(tries.replications), np.zeros(tries.replications)
    for part in parts_of(tries.replications):
        others = np.setdiff1d(np.arange(tries.replications), part)
        halves = others[::2], others[1::2]
        trials = [
            _judged(tries, depths[: depth + 1], *pair)
            for depth in range(len(depths))
            for pair in (halves, halves[::-1])
            if len(halves[1])
        ]
        shares = [
            sum(hits.sum() for hits, _ in pair) / max(1e-300, sum(tried.sum() for _, tried in pair))
            for pair in _pairs(trials)
        ] or [0.0]
        depth = int(np.argmin(np.array(shares) + 1e-9 * np.arange(len(shares))))  # of equal ones the least
        got[part], made[part] = _judged(tries, depths[: depth + 1], others, part)
    return Reply(None, _chosen_share(tries, got, made, level), got, made, 1.0)


def _pairs(items: Sequence[Any]) -> list[tuple[Any, Any]]:
    return list(zip(items[::2], items[1::2], strict=True))


def _judged(tries: Tries, depths: Sequence[Any], by: Ints, judged: Ints) -> tuple[Floats, Floats]:
    """The hits and tries in each of some replications, (j,), of choices by others with a memory of some depth."""
    sums: list[dict[Sign, list[Any]]] = []
    for signs in depths:
        of_sign: dict[Sign, list[Any]] = defaultdict(lambda: [0.0, 0.0, 0])
        for row in by:
            for day, sign in enumerate(signs[row]):
                one = of_sign[sign]
                one[0], one[1], one[2] = one[0] + tries.hits[row, day], one[1] + tries.tries[row, day], one[2] + 1
        sums.append(of_sign)
    chosen: dict[tuple[Sign, ...], tuple[int, int]] = {}
    hits, made = np.zeros(len(judged)), np.zeros(len(judged))
    for number, row in enumerate(judged):
        for day in range(tries.days.count):
            seen = tuple(signs[row][day] for signs in depths)
            if seen not in chosen:
                chosen[seen] = _least(_believed(sums, seen))
            cell = chosen[seen]
            hits[number] += tries.hits[row, day][cell]
            made[number] += tries.tries[row, day][cell]
    return hits, made


def _believed(sums: Sequence[dict[Sign, list[Any]]], seen: Sequence[Sign]) -> Floats:
    """The chances that he believes in after what he has seen, (hours, places)."""
    believed = np.ones(())
    for of_sign, sign in zip(sums, seen, strict=True):
        if sign not in of_sign:
            break  # he has never seen the like, so he goes by fewer days
        hits, counts, days = of_sign[sign]
        worth = _PRIOR_DAYS if believed.ndim else 0.0
        each = counts / days  # tries a day, so that the belief counts as so many days
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = (hits + worth * each * believed) / (counts + worth * each)
        believed = np.where(np.isnan(mean), believed if believed.ndim else 1.0, mean)
    return believed
