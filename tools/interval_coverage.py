"""Measure how often each kind of interval holds the true value: `python -m tools.interval_coverage`.

A made-up study is drawn from a small world whose truth is known, and goes through the functions that every table uses.
The command writes all figures into `docs/methods/intervals.csv`, and the tables of the page beside it from them. It
takes some minutes; a number of studies for each cell may be given.
"""

import csv
import math
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from sim.core.arrays import Floats
from sim.study.estimates import Measure, difference, estimate, together
from sim.study.measures import MEASURES
from sim.study.precision import CHECK_EVERY, FIRST_CHECK, Aim

PAGE = Path(__file__).resolve().parents[1] / "docs/methods/intervals.md"
FIGURES = PAGE.with_suffix(".csv")
STUDIES = 10_000
CHANCES = (0.005, 0.02, 0.1, 0.5, 0.98)
REPLICATIONS = (5, 10, 20, 40, 200)
HORIZON_H = 720.0
TRANSFERS = 20.0  # in a deployment, the mean
LUCK = 0.3  # spread of the luck that the transfers of a replication share, as a share of their chance
_PAIR = (HORIZON_H, HORIZON_H)

Totals = dict[str, Floats]
"""Totals by name, each of the shape (studies, replications)."""


class World(NamedTuple):
    """Totals of many made-up studies, those of a second scenario if there are two, and the true value."""

    ours: Totals
    theirs: Totals | None
    truth: float


@dataclass(frozen=True)
class Case:
    """One kind of interval: the measure that has it, the world it is tried in, and what the page says of it."""

    measure: str
    says: str
    make: Callable[[np.random.Generator, tuple[int, int], float], World]


class Figures(NamedTuple):
    """What is measured in one cell: a case, a chance and a number of replications. Shares are of the studies."""

    case: str
    chance: float
    replications: int
    covered: float
    """The share of the intervals that hold the true value."""
    below: float
    """The share of the intervals that lie wholly below the true value."""
    above: float
    """The share of the intervals that lie wholly above the true value."""
    width: float
    """The median width of an interval, in the unit of the measure."""
    zero_width: float
    """The share of the intervals that have no width."""
    absent: float
    """The share of the studies that have no interval, because there is nothing to divide by."""
    studies: int
    """The number of studies."""


# ---------------------------------------------------------------------------------------------------- parts of worlds
def _lucky(rng: np.random.Generator, shape: tuple[int, int], chance: float) -> Floats:
    """The chance of each replication: a beta distribution around `chance`, whose spread is that of `LUCK`."""
    rare = min(chance, 1.0 - chance)
    size = (1.0 - rare) / (rare * LUCK**2) - 1.0
    drawn = rng.beta(rare * size, (1.0 - rare) * size, shape)
    return drawn if chance <= 0.5 else 1.0 - drawn


def _transfers(rng: np.random.Generator, shape: tuple[int, int]) -> Floats:
    return rng.poisson(TRANSFERS, shape).astype(float)


def _of(rng: np.random.Generator, trials: Floats, chance: Floats) -> Floats:
    return rng.binomial(trials.astype(np.int64), chance).astype(float)


def _flown(rng: np.random.Generator, shape: tuple[int, int]) -> Totals:
    """Thirty sorties of about eight hours."""
    hours: Floats = rng.normal(240.0, 12.0, shape)
    return {"sorties": np.full(shape, 30.0), "flight_hours": hours}


def _episodes(rng: np.random.Generator, numbers: Floats, hours: float) -> Floats:
    """The hours of so many episodes, each from a gamma distribution of this mean."""
    return np.where(numbers > 0.0, rng.gamma(2.0 * np.maximum(numbers, 1.0), hours / 2.0), 0.0)


# ---------------------------------------------------------------------------------------------------- worlds of one run
def _counts(rng: np.random.Generator, shape: tuple[int, int], p: float) -> World:
    n = _transfers(rng, shape)
    return World({"transfers": n, "detected": _of(rng, n, _lucky(rng, shape, p))}, None, TRANSFERS * p)


def _seldom(rng: np.random.Generator, shape: tuple[int, int], p: float) -> World:
    return World({"transfers": rng.poisson(p, shape).astype(float)}, None, p)


def _nearly_constant(rng: np.random.Generator, shape: tuple[int, int], p: float) -> World:
    flown = 30.0 - _of(rng, np.full(shape, 30.0), np.full(shape, p))
    return World({"transfers": flown, "sorties": flown}, None, 30.0 * (1.0 - p))


def _hours(rng: np.random.Generator, shape: tuple[int, int], p: float) -> World:
    hours = _episodes(rng, rng.poisson(TRANSFERS * p, shape).astype(float), 2.0)
    return World({"transfers": hours, "tip_hours": hours, **_flown(rng, shape)}, None, 2.0 * TRANSFERS * p)


def _share(rng: np.random.Generator, shape: tuple[int, int], p: float) -> World:
    return _counts(rng, shape, p)._replace(truth=p)


def _ratio(rng: np.random.Generator, shape: tuple[int, int], p: float) -> World:
    flown = _flown(rng, shape)
    documented = rng.poisson(flown["flight_hours"] * p / 10.0).astype(float)
    return World({"transfers": documented, "documented": documented, **flown}, None, 10.0 * p)


def _part_of_time(rng: np.random.Generator, shape: tuple[int, int], p: float) -> World:
    hours = _episodes(rng, rng.poisson(TRANSFERS * p, shape).astype(float), 0.5)
    totals = {"transfers": hours, "identification_hours": hours, **_flown(rng, shape)}
    return World({**totals, "on_station_hours": rng.normal(120.0, 6.0, shape)}, None, TRANSFERS * p * 0.5 / 120.0)


def _age(rng: np.random.Generator, shape: tuple[int, int], p: float) -> World:
    tips = rng.poisson(TRANSFERS * p, shape).astype(float)
    ages = _episodes(rng, tips, 6.0) - 2.0 * tips
    return World({"transfers": tips, "tips_released": tips, "tip_age_h": ages, **_flown(rng, shape)}, None, 4.0)


def _any(rng: np.random.Generator, shape: tuple[int, int], p: float) -> World:
    documented = (rng.random(shape) < p).astype(float)
    return World({"transfers": documented, "documented": documented}, None, p)


def _mean_time(rate: float) -> float:
    """The mean of the lesser of the deployment's length and an exponential time with so many in a deployment."""
    return HORIZON_H * (1.0 - math.exp(-rate)) / rate


def _first(rng: np.random.Generator, shape: tuple[int, int], p: float) -> World:
    times = rng.exponential(HORIZON_H / (TRANSFERS * p), shape)
    first = np.where(times < HORIZON_H, times, np.nan)
    return World({"transfers": times, "first_documented_h": first}, None, _mean_time(TRANSFERS * p))


# ---------------------------------------------------------------------------------------------- worlds of two runs
_BASE = 0.3  # the chance of detection of the first scenario of two


def _pair(rng: np.random.Generator, shape: tuple[int, int], p: float, gain: float) -> World:
    """The second scenario loses each detection with the chance p, and gains `gain` times what it loses."""
    n = _transfers(rng, shape)
    ours = _of(rng, n, _lucky(rng, shape, _BASE))
    lost = _of(rng, ours, _lucky(rng, shape, p))
    won = gain * p * _BASE / (1.0 - _BASE)
    theirs = ours - lost + (_of(rng, n - ours, _lucky(rng, shape, won)) if won else 0.0)
    truth = _BASE * p * (1.0 - gain)
    return World({"transfers": n, "detected": ours}, {"transfers": n, "detected": theirs}, truth)


def _pair_of_means(rng: np.random.Generator, shape: tuple[int, int], p: float) -> World:
    world = _pair(rng, shape, p, 0.0)
    return world._replace(truth=TRANSFERS * world.truth)


def _pair_of_means_both_ways(rng: np.random.Generator, shape: tuple[int, int], p: float) -> World:
    world = _pair(rng, shape, p, 0.5)
    return world._replace(truth=TRANSFERS * world.truth)


def _pair_of_shares(rng: np.random.Generator, shape: tuple[int, int], p: float) -> World:
    return _pair(rng, shape, p, 0.0)


def _pair_of_shares_both_ways(rng: np.random.Generator, shape: tuple[int, int], p: float) -> World:
    return _pair(rng, shape, p, 0.5)


def _pair_of_seas(rng: np.random.Generator, shape: tuple[int, int], p: float) -> World:
    ours, theirs = (_counts(rng, shape, chance).ours for chance in (p, 0.5 * p))
    return World(ours, theirs, 0.5 * p)


def _pair_of_ratios(rng: np.random.Generator, shape: tuple[int, int], p: float) -> World:
    hours = _flown(rng, shape)
    ours = rng.poisson(hours["flight_hours"] * 0.02).astype(float)
    theirs = ours - _of(rng, ours, _lucky(rng, shape, p))
    other = {**hours, "flight_hours": hours["flight_hours"] + rng.normal(0.0, 0.5, shape)}
    first, second = ({"transfers": x, "documented": x, **h} for x, h in ((ours, hours), (theirs, other)))
    return World(first, second, 2.0 * p)


def _pair_of_any(rng: np.random.Generator, shape: tuple[int, int], p: float) -> World:
    ours = (rng.random(shape) < 0.5).astype(float)
    theirs = ours * (rng.random(shape) >= p)
    first, second = ({"transfers": x, "documented": x} for x in (ours, theirs))
    return World(first, second, 0.5 * p)


def _pair_of_firsts(rng: np.random.Generator, shape: tuple[int, int], p: float) -> World:
    rate = 2.0  # documented in a deployment of the first scenario; the second loses each with the chance p
    kept, lost = (rng.exponential(HORIZON_H / part, shape) for part in (rate * (1.0 - p), rate * p))
    times = [np.where(time < HORIZON_H, time, np.nan) for time in (np.minimum(kept, lost), kept)]
    first, second = ({"transfers": kept, "first_documented_h": time} for time in times)
    return World(first, second, _mean_time(rate) - _mean_time(rate * (1.0 - p)))


def _pair_of_hours(rng: np.random.Generator, shape: tuple[int, int], p: float) -> World:
    flown = _flown(rng, shape)
    more, less = (_episodes(rng, rng.poisson(rate * p, shape).astype(float), 2.0) for rate in (6.0, 2.0))
    other = {**flown, "flight_hours": flown["flight_hours"] + less - more}
    first, second = ({"transfers": more, **totals} for totals in (flown, other))
    return World(first, second, 8.0 * p)


CASES: dict[str, Case] = {
    "mean of a count": Case("detected", "transfers that are each detected with the chance p", _counts),
    "mean of a rare count": Case("transfers", "p events in a deployment", _seldom),
    "mean of a nearly constant count": Case(
        "sorties", "30 sorties, each cancelled with the chance p", _nearly_constant
    ),
    "mean of hours": Case("tip_hours", "20 p episodes of about 2 hours in a deployment", _hours),
    "share of transfers": Case("p_detected", "each detected with the chance p", _share),
    "share of deployments": Case("p_any_documented", "a deployment documents one with the chance p", _any),
    "ratio to hours": Case("documented_per_100_flight_hours", "10 p in 100 hours", _ratio),
    "part of hours": Case("identification_share", "20 p episodes of about half an hour in 120 hours", _part_of_time),
    "mean age": Case("tip_age_h", "20 p tips in a deployment, 4 hours old", _age),
    "restricted mean": Case("first_documented_h", "20 p documented in a deployment", _first),
    "difference of counts, one way": Case("detected", "the second loses a detection with the chance p", _pair_of_means),
    "difference of counts, both ways": Case(
        "detected", "the second also gains half as many as it loses", _pair_of_means_both_ways
    ),
    "difference of shares, one way": Case(
        "p_detected", "the second loses a detection with the chance p", _pair_of_shares
    ),
    "difference of shares, both ways": Case(
        "p_detected", "the second also gains half as many as it loses", _pair_of_shares_both_ways
    ),
    "difference of shares of unlike seas": Case("p_detected", "chances p and p / 2 of other transfers", _pair_of_seas),
    "difference of ratios": Case(
        "documented_per_100_flight_hours",
        "the second loses one with the chance p, and flies other hours",
        _pair_of_ratios,
    ),
    "difference of shares of deployments": Case(
        "p_any_documented", "half document one; the second loses it with the chance p", _pair_of_any
    ),
    "difference of restricted means": Case(
        "first_documented_h", "2 documented in a deployment; the second loses one with the chance p", _pair_of_firsts
    ),
    "difference of hours": Case(
        "flight_hours", "6 p episodes of about 2 hours are lost, and 2 p gained", _pair_of_hours
    ),
}


# ---------------------------------------------------------------------------------------------------- uneven luck
_LUCKY = 0.1  # the share of replications that can detect anything


def _uneven(rng: np.random.Generator, shape: tuple[int, int], p: float) -> World:
    n = _transfers(rng, shape)
    chance = np.where(rng.random(shape) < _LUCKY, p / _LUCKY, 0.0)
    return World({"transfers": n, "detected": _of(rng, n, chance)}, None, TRANSFERS * p)


def _uneven_share(rng: np.random.Generator, shape: tuple[int, int], p: float) -> World:
    return _uneven(rng, shape, p)._replace(truth=p)


UNEVEN: dict[str, Case] = {
    "mean of a count, uneven luck": Case("detected", "one replication in ten can detect, with 10 p", _uneven),
    "share of transfers, uneven luck": Case(
        "p_detected", "one replication in ten can detect, with 10 p", _uneven_share
    ),
}
"""Worlds in which intervals of few replications fail: the page shows them too."""
UNEVEN_CHANCES = (0.005, 0.02, 0.1)


# ---------------------------------------------------------------------------------------------------- measuring
def _generator(*numbers: int) -> np.random.Generator:
    """Random numbers of their own for each cell, the same in each call."""
    return np.random.default_rng(numbers)


def _each(totals: Totals, studies: int) -> Iterator[Totals]:
    """The totals of one study after the other."""
    for study in range(studies):
        yield {name: column[study] for name, column in totals.items()}


def intervals(case: Case, world: World, studies: int) -> list[Measure]:
    """The estimate of a case in each of the made-up studies of a world."""
    if world.theirs is None:
        return [estimate(case.measure, ours, HORIZON_H) for ours in _each(world.ours, studies)]
    pairs = zip(_each(world.ours, studies), _each(world.theirs, studies), strict=True)
    return [difference(case.measure, ours, theirs, _PAIR) for ours, theirs in pairs]


def figures(name: str, chance: float, replications: int, studies: int = STUDIES) -> Figures:
    """The figures of one cell."""
    every = CASES | UNEVEN
    case = every[name]
    rng = _generator(list(every).index(name), round(1000 * chance), replications)
    world = case.make(rng, (studies, replications), chance)
    return _summary(name, chance, replications, intervals(case, world, studies), world.truth)


def _summary(name: str, chance: float, replications: int, found: Sequence[Measure], truth: float) -> Figures:
    """The figures of intervals of one truth."""
    ends = np.array([(one.low, one.high) for one in found if one.low is not None], float).reshape(-1, 2)
    low, high = ends.T
    slack = 1e-9 * abs(truth)  # a bound that is the truth up to rounding holds it
    below, above = float(np.mean(high < truth - slack)), float(np.mean(low > truth + slack))
    width, zero = float(np.median(high - low)), float(np.mean(high - low <= slack))
    absent = 1.0 - len(ends) / len(found)
    covered = 1.0 - below - above
    return Figures(name, chance, replications, covered, below, above, width, zero, absent, len(found))


# ---------------------------------------------------------------------------------------------------- until precise
UNTIL_PRECISE = ("mean of a count", "mean of hours", "share of transfers", "restricted mean")
STOPPED_CHANCES = (0.02, 0.5)
WANTED_AT = (50, 100, 200)  # replications that half of all studies would need for the half-width that is wanted
_LONGEST = 4  # times as many replications, at which a study is given up


class Stopped(NamedTuple):
    """What is measured where replications are added until an interval is narrow enough."""

    case: str
    chance: float
    wanted_at: int
    mean: float
    """The mean number of replications at the end."""
    covered: float
    below: float
    above: float


def until_precise(name: str, chance: float, wanted_at: int, studies: int = STUDIES) -> Stopped:
    """The figures of studies that stop as `run` with a precision does."""
    case = CASES[name]
    wanted = 0.5 * figures(name, chance, wanted_at, 200).width
    rng = _generator(100 + list(CASES).index(name), round(1000 * chance), wanted_at)
    world = case.make(rng, (studies, _LONGEST * wanted_at), chance)
    found = [_stopped(case.measure, totals, wanted, _LONGEST * wanted_at) for totals in _each(world.ours, studies)]
    row = _summary(name, chance, wanted_at, found, world.truth)
    mean = float(np.mean([one.replications for one in found]))
    return Stopped(name, chance, wanted_at, mean, row.covered, row.below, row.above)


def _stopped(measure: str, totals: Totals, wanted: float, most: int) -> Measure:
    """The estimate of a study that stops where its interval is narrow enough."""
    count, aim = FIRST_CHECK, Aim(measure, wanted, FIRST_CHECK, most)
    while True:
        some = {name: column[:count] for name, column in totals.items()}
        if count + CHECK_EVERY > most or aim.look(some, count, HORIZON_H).is_enough:
            return estimate(measure, some, HORIZON_H)
        count += CHECK_EVERY


# ---------------------------------------------------------------------------------------------------- families
FAMILY = tuple(name for name, definition in MEASURES.items() if definition.kind == "count")
"""Measures that one table compares: those of counts, as many as a table has rows."""
FAMILY_CHANCES = (0.02, 0.1, 0.5)
FAMILY_REPLICATIONS = (20, 40, 200)


class Family(NamedTuple):
    """What is measured of tables all of whose rows have no true difference. Shares are of the tables."""

    chance: float
    replications: int
    starred: float
    """The mean number of rows whose own interval excludes 0."""
    any_star: float
    """The share of tables with at least one such row."""
    any_together: float
    """The share of tables with at least one row that stands when all are judged together."""


def family(chance: float, replications: int, studies: int = STUDIES // 5) -> Family:
    """The figures of tables without a true difference: each row loses with the chance, and gains as many."""
    rng = _generator(200, round(1000 * chance), replications)
    stars, stand = [], []
    for _ in range(studies):
        world = _pair(rng, (len(FAMILY), replications), chance, 1.0)
        ours = dict(zip(FAMILY, world.ours["detected"], strict=True))
        theirs = dict(zip(FAMILY, (world.theirs or {})["detected"], strict=True))
        stars.append(sum(difference(name, ours, theirs, _PAIR).excludes_zero for name in FAMILY))
        stand.append(len(together(FAMILY, ours, theirs, _PAIR)))
    some, held = (float(np.mean(np.array(counts) > 0)) for counts in (stars, stand))
    return Family(chance, replications, float(np.mean(stars)), some, held)


# ---------------------------------------------------------------------------------------------------- the page
def _per_cent(share: float) -> str:
    return f"{100.0 * share:.1f}"


def coverage_table(rows: Sequence[Figures]) -> str:
    """The table of coverage: a row for each case and chance, a column for each number of replications."""
    counts = sorted({row.replications for row in rows})
    lines = [f"| interval of a | p | {' | '.join(map(str, counts))} |", f"| --- |{' --- |' * (1 + len(counts))}"]
    for name in dict.fromkeys(row.case for row in rows):
        for chance in sorted({row.chance for row in rows}):
            cells = {row.replications: row for row in rows if (row.case, row.chance) == (name, chance)}
            text = (
                f"{_per_cent(cells[n].covered)} ({_per_cent(cells[n].below)}, {_per_cent(cells[n].above)})"
                for n in counts
            )
            lines.append(f"| {name} | {chance:g} | {' | '.join(text)} |")
    return "\n".join(lines)


def cases_table() -> str:
    """The table of cases: the measure of each, and its world."""
    lines = ["| interval of a | measure | world |", "| --- | --- | --- |"]
    return "\n".join([*lines, *(f"| {name} | `{case.measure}` | {case.says} |" for name, case in CASES.items())])


def stopped_table(rows: Sequence[Stopped]) -> str:
    """The table of studies that stop where they are precise enough."""
    lines = ["| interval of a | p | wanted at | mean number at the end | coverage |", "| --- | --- | --- | --- | --- |"]
    for row in rows:
        cell = f"{_per_cent(row.covered)} ({_per_cent(row.below)}, {_per_cent(row.above)})"
        lines.append(f"| {row.case} | {row.chance:g} | {row.wanted_at} | {row.mean:.0f} | {cell} |")
    return "\n".join(lines)


def family_table(rows: Sequence[Family]) -> str:
    """The table of tables without a true difference."""
    lines = ["| p | replications | rows with *, mean | tables with a * | tables with a ** |", "| --- |" + " --- |" * 4]
    for row in rows:
        shares = f"{_per_cent(row.any_star)} % | {_per_cent(row.any_together)} %"
        lines.append(f"| {row.chance:g} | {row.replications} | {row.starred:.2f} | {shares} |")
    return "\n".join(lines)


def read_figures() -> list[Figures]:
    """The figures that the last call of the command wrote."""
    with FIGURES.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [_read(row) for row in rows]


def _read(row: dict[str, str]) -> Figures:
    covered, below, above, width, zero_width, absent = (float(row[name]) for name in Figures._fields[3:9])
    cell = (row["case"], float(row["chance"]), int(row["replications"]))
    return Figures(*cell, covered, below, above, width, zero_width, absent, int(row["studies"]))


def tables_of(rows: Sequence[Figures]) -> dict[str, str]:
    """The tables of the page that follow from the figures, by the names of their marks."""
    return {
        "cases": cases_table(),
        "studies": f"{rows[0].studies:,} made-up studies",
        "coverage": coverage_table([row for row in rows if row.case in CASES]),
        "uneven luck": coverage_table([row for row in rows if row.case in UNEVEN]),
    }


def with_table(page: str, name: str, table: str) -> str:
    """The page with the table between the marks of this name written anew."""
    begin, end = f"<!-- {name} -->\n", f"\n<!-- end of {name} -->"
    return re.sub(f"(?<={re.escape(begin)}).*?(?={re.escape(end)})", lambda _: table, page, flags=re.DOTALL)


# ---------------------------------------------------------------------------------------------------- the command
def _measured(studies: int) -> Iterator[Figures]:
    """The figures of every cell."""
    for name in CASES | UNEVEN:
        for chance in UNEVEN_CHANCES if name in UNEVEN else CHANCES:
            for count in REPLICATIONS:
                yield figures(name, chance, count, studies)


def main(studies: int = STUDIES) -> None:
    """Measure everything, and write the figures and the page."""
    rows = []
    for row in _measured(studies):
        rows.append(row)
        print(
            f"{row.case}, p = {row.chance:g}, {row.replications} replications: {_per_cent(row.covered)} %", flush=True
        )
    stopped = [until_precise(name, p, n, studies) for name in UNTIL_PRECISE for p in STOPPED_CHANCES for n in WANTED_AT]
    families = [family(p, n, studies // 5) for p in FAMILY_CHANCES for n in FAMILY_REPLICATIONS]
    with FIGURES.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(Figures._fields)
        writer.writerows([f"{value:.6g}" if isinstance(value, float) else value for value in row] for row in rows)
    page = PAGE.read_text(encoding="utf-8")
    tables = {**tables_of(read_figures()), "until precise": stopped_table(stopped), "families": family_table(families)}
    for name, table in tables.items():
        page = with_table(page, name, table)
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
