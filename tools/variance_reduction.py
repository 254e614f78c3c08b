"""Measure what ways to reduce the variance would give: `python -m tools.variance_reduction`.

Two questions are asked: the documented share of `neon-crew`, and the gain of `agreements-2026` over `agreements-2022`.
For each way the command flies replications whose parts have random numbers of their own, and writes the tables of
`docs/decisions/variance-reduction.md`. It takes some ten minutes of CPU time; the number of a question, 0 or 1, may be
given.
"""

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

import numpy as np
from scipy.stats import poisson, qmc

from sim.core import chance
from sim.core.arrays import Entities, Flags, Floats
from sim.core.codes import DARK, LISTED, Purpose
from sim.core.motion import Motion
from sim.core.units import HOURS_PER_YEAR
from sim.deployment import engine, investigations, transfers
from sim.deployment.log import Log
from sim.deployment.patrols import PatrolPlan
from sim.deployment.traffic import SegmentBuffers, realise_traffic
from sim.deployment.transfers import TransferPlan, realise_transfers
from sim.deployment.world import Plan, World, prepare
from sim.model.sightings import STALE_H, margin_h
from sim.model.weather import Weather, realise_weather
from sim.scenario.load import load_scenario
from tools.interval_coverage import with_table

PAGE = Path(__file__).resolve().parents[1] / "docs/decisions/variance-reduction.md"
SEED = 1
LUCK = {
    "steps": (Purpose.CLASSIFY, Purpose.DOCUMENT),
    "faults": (Purpose.SERVICE, Purpose.ABORT, Purpose.INTERCEPT, Purpose.CLOSURE),
    "reports": (
        Purpose.WATCH, Purpose.REPORT, Purpose.REPORT_PLACE, Purpose.PASS, Purpose.FALSE_REPORT, Purpose.RELEASE
    ),
}  # fmt: skip
"""The parts of luck that Python draws, and what their numbers are for; the thresholds of detection are the other."""
WORLD = ("weather", "transfers", "ships")
PARTS = (*WORLD, "thresholds", *LUCK)
IN_A_BATCH = 32  # replications whose starts and places are stratified together; a power of 2
RESAMPLES = 400


class Question(NamedTuple):
    """What a user wants to know, and how many replications are flown to find what would give it sooner."""

    name: str
    scenarios: tuple[str, ...]
    """One, or two of which the second is taken from the first."""
    replications: int
    pairs: int
    """The replications of each part of luck that is drawn again."""
    turned: int
    """The replications with turned luck."""
    batches: int
    """The batches of stratified replications."""
    lengths: int
    """The replications of each length of deployment."""


QUESTIONS = (
    Question("share", ("neon-crew",), 2000, 1000, 1000, 60, 300),
    Question("gain", ("agreements-2026", "agreements-2022"), 1000, 600, 300, 20, 120),
)
COLUMNS = (
    "transfers",
    "documented",
    "classify",
    "document",
    "serviceable",
    "night",
    "hours",
    "north",
    "foul_h",
    "in_time",
)
"""What is kept of a replication; the scores of the flight as planned follow."""

Numbers = Mapping[str, Floats]
"""Columns of replications by name, (R,) each."""


# ---------------------------------------------------------------------------------------------------- the laboratory
class Laboratory:
    """The program with a key for each part of a replication, turned luck, and a record of each step of the ladder."""

    def __init__(self) -> None:
        """Draw every number by the key of its part, while it is `installed`."""
        self.keys: dict[Purpose, Entities] = {}
        self.turned: frozenset[Purpose] = frozenset()
        self.points: Floats | None = None  # of the transfers of one replication: begin, x, y, length; first the number
        self.transfers_key: Entities = chance.replication_key(SEED, 0)
        self.steps: list[tuple[int, Purpose, int, float]] = []  # target, purpose, slot, success less its probability
        self.buffers = SegmentBuffers()
        self._uniform, self._uniforms = chance.uniform, chance.uniforms
        self._succeeds, self._process = investigations._step_succeeds, transfers._base_process

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Put the functions of the laboratory in the place of the program's."""
        with ExitStack() as stack:
            for module, name, function in (
                (chance, "uniform", self.uniform),
                (chance, "uniforms", self.uniforms),
                (investigations, "_step_succeeds", self.succeeds),
                (transfers, "_base_process", self.process),
                (engine, "observed_transfers", self.observed),
            ):
                stack.enter_context(patch.object(module, name, function))
            yield

    def uniform(self, key: Entities, purpose: Purpose, *parts: np.uint64) -> float:
        """One number, by the key of its part."""
        drawn = self._uniform(self.keys.get(purpose, key), purpose, *parts)
        return 1.0 - drawn if purpose in self.turned else drawn

    def uniforms(self, key: Entities, purpose: Purpose, entities: Entities, counter: int = 0) -> Floats:
        """Two numbers for each entity, by the key of their part; those of stratified transfers are given."""
        drawn = self._uniforms(self.keys.get(purpose, key), purpose, entities, counter)
        if self.points is not None and counter == 0 and purpose in (Purpose.PLACE, Purpose.DURATION):
            rows = {int(name): row for row, name in enumerate(self.names)}
            known = np.array([rows.get(int(entity), -1) for entity in entities])
            columns = [2, 3] if purpose == Purpose.PLACE else [4, 4]
            drawn[known >= 0] = self.points[known[known >= 0]][:, columns]
        return 1.0 - drawn if purpose in self.turned else drawn

    def process(self, plan: TransferPlan, key: Entities, slack_h: float) -> Any:
        """The hours of the transfers; those of stratified ones are uniform, given their number."""
        if self.points is None:
            return self._process(plan, key, slack_h)
        begin, end = stratified_window(plan)
        count = int(poisson.ppf(self.points[0, 0], plan.per_hour * (end - begin)))
        self.names = chance.identities(plan.source, count)
        return np.arange(count), self.names, begin + (end - begin) * self.points[:count, 1]

    def succeeds(self, flight: Any, target: int, purpose: Purpose, probability: float) -> bool:
        """Whether a step of the ladder succeeds, which is written down."""
        success = self._succeeds(flight, target, purpose, probability)
        if flight.state.hour < flight.inbox.end_h:
            self.steps.append((target, purpose, flight.slot, success - probability))
        return success

    def observed(self, plan: Plan, world: World) -> Any:
        """The transfers that observers may report, by the key of transfers."""
        margin = 0.0 if plan.dissemination is None else margin_h(plan.dissemination.observers)
        return realise_transfers(plan.transfers, self.transfers_key, world.weather, margin_h=margin)

    def sea(self, plan: Plan, keys: Mapping[str, Entities]) -> tuple[Weather, Any]:
        """The weather and the transfers of one replication, each by its own key."""
        self.keys, self.transfers_key = {}, keys["transfers"]
        weather = realise_weather(plan.weather, keys["weather"])
        table = realise_transfers(plan.transfers, keys["transfers"], weather)
        return weather, table.alongside_within(plan.scenario.duration_h)

    def fly(self, plan: Plan, keys: Mapping[str, Entities]) -> Log:
        """One replication, each part of it by its own key."""
        weather, table = self.sea(plan, keys)
        ships = [realise_traffic(source, keys["ships"], False, self.buffers)[0] for source in plan.traffic]
        world = World(keys["thresholds"], table, Motion.of_fleets([table.fleet(), *ships]), None, weather)
        self.keys = {purpose: keys[part] for part, purposes in LUCK.items() for purpose in purposes}
        self.steps = []
        return engine.fly(plan, world, 0)


def stratified_window(plan: TransferPlan) -> tuple[float, float]:
    """The hours between which stratified transfers begin: all that observers or crews may come to know of."""
    margin_h = STALE_H + 48.0
    return -plan.spec.duration_h.bounds()[1] - margin_h, plan.duration_h + margin_h


def keys_of(number: int, again: Sequence[str] = ()) -> dict[str, Entities]:
    """The key of each part of a replication; some parts are drawn again."""
    return {part: chance.replication_key(SEED + (part in again), number) for part in PARTS}


# ---------------------------------------------------------------------------------------------------- one replication
class Planned(NamedTuple):
    """The flights of a patrol as planned, in still air and with nothing on the way, every six minutes in light."""

    hours: Floats
    """(slots, m)"""
    light: Flags
    """(slots, m)"""
    after_h: Floats
    """Hours after take-off, (m,)."""
    places: Floats
    """(m, 2), nmi"""


def planned_flight(patrol: PatrolPlan) -> Planned:
    """The flights of a patrol as planned, until fuel makes the crew turn home."""
    chain = patrol.chains[0][patrol.routes[0].nearest_pass(patrol.base)]
    points = np.vstack([patrol.base, chain[:, :2]])
    ends_h = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T) / chain[:, 2])])
    after_h = np.arange(0.05, patrol.aircraft.endurance_h / patrol.aircraft.burn.search, 0.1)
    places = np.column_stack([np.interp(after_h, ends_h, points[:, axis]) for axis in (0, 1)])
    home_h = np.hypot(*(places - patrol.base).T) / patrol.aircraft.transit_speed_kn
    burnt_h = np.where(after_h < ends_h[1], after_h, ends_h[1] + (after_h - ends_h[1]) * patrol.aircraft.burn.search)
    out = burnt_h + home_h < patrol.aircraft.endurance_h - patrol.aircraft.reserve_h
    hours = np.array(patrol.scheduled_h)[:, None] + after_h[out][None, :]
    light = np.array([[patrol.light.at(hour) for hour in row] for row in hours.tolist()])
    return Planned(hours, light, after_h[out], places[out])


def scores_of_plan(planned: Planned, table: Any, weather: Weather) -> Floats:
    """What the flight as planned tells of each counted transfer, (n, k): when, how near and for how long it is met."""
    rows = np.flatnonzero(table.counted)
    far = np.hypot(
        *(planned.places[None, :, :] - np.column_stack([table.x, table.y])[rows][:, None, :]).transpose(2, 0, 1)
    )
    begin, end = table.begin[rows][:, None, None], table.end[rows][:, None, None]
    calm = ~(weather.sea_state[weather.rows_at(planned.hours)] > 4.0)
    meets = (planned.hours >= begin) & (planned.hours + 0.3 <= end) & (far < 80.0)[:, None, :] & planned.light
    is_met, in_calm = meets.any((1, 2)), (meets & calm).any((1, 2))
    first_h = np.where(meets, planned.hours, np.inf).min((1, 2))
    after_h = np.where(meets.any(1), planned.after_h, np.inf).min(1)
    nearest = np.where(meets.any(1), far, np.inf).min(1)
    left_h = np.where(is_met, table.end[rows] - np.where(is_met, first_h, 0.0), -1.0)
    dark, listed = ((table.traits[rows] & bit > 0) & is_met for bit in (DARK, LISTED))
    bins = [after_h[:, None] < np.arange(1.0, 11.0), left_h[:, None] > [0.5, 1.0, 1.5, 2.0, 3.0]]
    bins += [nearest[:, None] < [20.0, 40.0, 60.0], np.column_stack([is_met, in_calm, dark, listed])]
    return np.column_stack(bins).astype(float)


class Flown(NamedTuple):
    """What is kept of some replications."""

    columns: Floats
    """(R, len(COLUMNS))"""
    scores: list[Floats]
    """Of each replication the scores of its counted transfers (n, k), and whether each was documented."""
    ms: float
    """CPU milliseconds of one replication, without what is worked out here beside it."""
    score_ms: float
    """CPU milliseconds of the weather, the transfers and the scores of a replication that is not flown."""


def row_of(log: Log, lab: Laboratory) -> list[float]:
    """What is kept of a replication: see `COLUMNS`. The luck of steps has the mean 0."""
    table, counted = log.world.transfers, log.world.transfers.counted
    luck, seen = {Purpose.CLASSIFY: 0.0, Purpose.DOCUMENT: 0.0}, set[Any]()
    done = set[int]()
    for target, purpose, slot, surprise in lab.steps:
        fresh = (target, purpose, slot) not in seen and target not in done
        seen.add((target, purpose, slot))
        if target < counted.size and counted[target] and fresh:
            luck[purpose] += surprise
            if purpose == Purpose.DOCUMENT and surprise > 0.0:
                done.add(target)
    details = [event.detail for event in log.events if event.event == "cancelled"]
    night = np.sin(2.0 * np.pi * (table.begin[counted] - log.plan.patrols[0].first_takeoff_h) / 24.0)
    begin = np.clip(np.append(log.world.weather.begin, np.inf), 0.0, log.end)
    foul_h = np.diff(begin)[log.world.weather.sea_state > 4.0].sum()
    documented = float((~np.isnan(log.climbed["documented"]) & counted).sum())
    return [
        float(counted.sum()), documented, *luck.values(), float(details.count("unserviceable")), float(night.sum()),
        float((table.end - table.begin)[counted].sum()), float(table.y[counted].sum()), float(foul_h),
        0.0 if log.tips is None else float(log.tips.came_to("in_time")),
    ]  # fmt: skip


def flown(lab: Laboratory, plan: Plan, count: int, again: Sequence[str] = (), planned: Planned | None = None) -> Flown:
    """Fly some replications; the parts in `again` are drawn again. With `planned`, keep the scores of transfers too."""
    rows, scores, spent, spent_on_scores = [], [], 0.0, 0.0
    for number in range(count):
        keys, begin = keys_of(number, again), time.process_time()
        log = lab.fly(plan, keys)
        spent += time.process_time() - begin
        rows.append(row_of(log, lab))
        if planned is not None:
            begin = time.process_time()
            weather, table = lab.sea(plan, keys)
            score = scores_of_plan(planned, table, weather)
            spent_on_scores += time.process_time() - begin
            scores.append(np.column_stack([score, ~np.isnan(log.climbed["documented"][table.counted])]))
    return Flown(np.array(rows), scores, 1e3 * spent / count, 1e3 * spent_on_scores / count)


# ---------------------------------------------------------------------------------------------------- estimates
def influences(runs: Sequence[Floats], share: float | None = None) -> Floats:
    """The influence of each replication on the answer, (R,): of a share, or of a difference of numbers."""
    transfers, documented = runs[0][:, 0], runs[0][:, 1]
    if len(runs) == 2:
        return documented - runs[1][:, 1]
    share = float(documented.sum() / transfers.sum()) if share is None else share
    return (documented - share * transfers) / float(transfers.mean())


def left_over(y: Floats, controls: Floats) -> float:
    """The share of the variance of y (R,) that is left after a regression on controls (R, k), k being paid for."""
    x = np.column_stack([np.ones(y.size), controls])
    rest = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
    return float(rest @ rest / (y.size - x.shape[1]) / y.var(ddof=1))


class Factor(NamedTuple):
    """How much a way reduces variance times CPU time, with an interval, and what it is."""

    way: str
    value: float
    low: float
    high: float

    @property
    def row(self) -> str:
        """It as a row of a table."""
        return f"| {self.way} | {self.value:.2f} | {self.low:.2f} to {self.high:.2f} |"


def bootstrapped(way: str, columns: Sequence[Floats], factor: Callable[..., float]) -> Factor:
    """A factor of columns (R, ...), with its 95 % interval from rows that are drawn again with replacement."""
    rng, count = np.random.default_rng(SEED), len(columns[0])
    rows = [rng.integers(0, count, count) for _ in range(RESAMPLES)]
    low, high = np.percentile([factor(*(column[some] for column in columns)) for some in rows], [2.5, 97.5])
    return Factor(way, factor(*columns), float(low), float(high))


def correlation(a: Floats, b: Floats) -> float:
    """The correlation of two columns."""
    return float(np.corrcoef(a, b)[0, 1])


def share_apart(a: Floats, b: Floats) -> float:
    """The share of the variance that differs between two columns of the same variance."""
    return 1.0 - correlation(a, b)


def factor_of_pairs(a: Floats, b: Floats) -> float:
    """The factor of pairs of replications whose mean counts as one of two."""
    return 1.0 / (1.0 + correlation(a, b))


def factor_of_controls(y: Floats, controls: Floats) -> float:
    """The factor of control variates whose expectations are known."""
    return 1.0 / left_over(y, controls)


def factor_of_common_numbers(ours: Floats, theirs: Floats) -> float:
    """The factor of common random numbers against two runs with numbers of their own."""
    return float((ours.var() + theirs.var()) / (ours - theirs).var())


# ---------------------------------------------------------------------------------------------------- the ways
def scores_by_plan(scores: Sequence[Floats]) -> Floats:
    """Of each replication the sum over its transfers of the chance by the flight as planned, less its mean, (R,).

    The chance is a regression on the scores of the transfers of the other half of the replications.
    """
    owner = np.repeat(np.arange(len(scores)), [len(score) for score in scores])
    x, y = np.vstack(scores)[:, :-1], np.vstack(scores)[:, -1]
    x = np.column_stack([np.ones(len(y)), x])
    chances, first = np.empty(len(y)), owner < len(scores) // 2
    for half in (first, ~first):
        chances[half] = x[half] @ np.linalg.lstsq(x[~half], y[~half], rcond=None)[0]
    return np.bincount(owner, chances - chances.mean(), len(scores)).astype(float)


def picked(runs: Sequence[Flown], *names: str) -> Floats:
    """Some columns of all runs beside each other, (R, names x runs)."""
    return np.column_stack([run.columns[:, COLUMNS.index(name)] for run in runs for name in names])


def control_factors(runs: Sequence[Flown]) -> list[Factor]:
    """The factors of control variates; where their expectations are not known, as if these cost nothing."""
    y = influences([run.columns for run in runs])
    steps = picked(runs, "classify", "document")
    planned = np.column_stack([*(scores_by_plan(run.scores) for run in runs), runs[0].columns[:, 0]])
    both = np.column_stack([planned, steps])
    simple = picked(runs[:1], "transfers", "night", "hours", "north", "foul_h", "serviceable")
    ways = {
        "control variates: number, hours and places of transfers, weather, serviceable aircraft": simple,
        "control variate: the flight as planned": planned,
        "control variates: the luck of the steps of the ladder": steps,
        "control variates: the flight as planned and the steps": both,
    }
    if len(runs) == 2:
        ways["control variates: the steps, and the reports that came in time"] = np.hstack(
            [steps, picked(runs, "in_time")]
        )
    found = [bootstrapped(way, (y, controls), factor_of_controls) for way, controls in ways.items()]
    score = np.full(y.size, sum(run.score_ms for run in runs) / sum(run.ms for run in runs))
    found.insert(
        4, bootstrapped("the same two, with the CPU time for the expectation", (y, both, steps, score), paid_factor)
    )
    return found


def paid_factor(y: Floats, controls: Floats, known: Floats, prices: Floats) -> float:
    """The factor of controls of which only `known` have a known expectation.

    That of the others is the mean of m more worlds that are not flown, for each that is; each has its price as a
    share of a replication. With a share v of the variance left by all controls and u by the known ones, what is left is
    v + (u - v) / m, at 1 + m price times the CPU time. m is the best whole number.
    """
    v, u, price = left_over(y, controls), left_over(y, known), float(prices[0])
    return max(1.0 / ((v + (u - v) / m) * (1.0 + m * price)) for m in range(1, 50))


def antithetic_factors(
    lab: Laboratory, question: Question, plans: Sequence[Plan], plain: Sequence[Flown]
) -> list[Factor]:
    """The factors of pairs of replications with turned luck, in worlds of their own and in the same world."""
    found = []
    y = influences([run.columns[: question.turned] for run in plain])
    for way, again in (
        ("antithetic luck, each in a world of its own", (*WORLD, "thresholds")),
        ("antithetic luck, both in one world", ()),
    ):
        lab.turned = frozenset(purpose for purposes in LUCK.values() for purpose in purposes)
        other = influences([flown(lab, plan, question.turned, again).columns for plan in plans])
        lab.turned = frozenset()
        found.append(bootstrapped(way, (y, other), factor_of_pairs))
    return found


def stratified_factor(lab: Laboratory, question: Question, plans: Sequence[Plan], plain: Sequence[Flown]) -> Factor:
    """The factor of scrambled Sobol points for begin, place and length of each transfer, over a batch."""
    runs: list[list[list[float]]] = [[] for _ in plans]
    begin, end = stratified_window(plans[0].transfers[0])
    most = chance.poisson_bound(plans[0].transfers[0].per_hour * (end - begin))
    rng = np.random.default_rng(SEED)
    for batch in range(question.batches):
        points = np.stack([qmc.Sobol(4, seed=rng).random(IN_A_BATCH) for _ in range(most)], axis=1)
        numbers = (rng.permutation(IN_A_BATCH) + rng.random(IN_A_BATCH)) / IN_A_BATCH
        for row in range(IN_A_BATCH):
            lab.points = np.column_stack([np.full(most, numbers[row]), points[row]])
            for run, plan in zip(runs, plans, strict=True):
                run.append(row_of(lab.fly(plan, keys_of(batch * IN_A_BATCH + row)), lab))
    lab.points = None
    usual = influences([run.columns for run in plain])
    share = plain[0].columns[:, 1].sum() / plain[0].columns[:, 0].sum()
    y = influences([np.array(run) for run in runs], share).reshape(question.batches, IN_A_BATCH).mean(1)

    def factor(means: Floats) -> float:
        return float(usual.var(ddof=1) / IN_A_BATCH / means.var(ddof=1))

    return bootstrapped(f"scrambled Sobol starts, places and lengths, batches of {IN_A_BATCH}", (y,), factor)


def length_factors(lab: Laboratory, question: Question) -> list[Factor]:
    """The factors of longer deployments, the same days in all."""
    days = {times: 30.0 * times for times in (1, 2, 4)}
    plans = {
        times: [prepare(load_scenario(name, {"duration_days": d})) for name in question.scenarios]
        for times, d in days.items()
    }
    rows: dict[int, list[list[list[float]]]] = {times: [[] for _ in question.scenarios] for times in days}
    spent: dict[int, list[float]] = {times: [] for times in days}
    for number in range(question.lengths):
        for times, some in plans.items():
            begin = time.process_time()
            for run, plan in zip(rows[times], some, strict=True):
                run.append(row_of(lab.fly(plan, keys_of(number)), lab))
            spent[times].append(time.process_time() - begin)
    # The number of a longer deployment is larger in proportion: a difference is divided by its length.
    y = {t: influences([np.array(run) for run in rows[t]]) / (1 if len(question.scenarios) == 1 else t) for t in days}
    price = {t: float(np.median(spent[t])) for t in days}

    def factor(short: Floats, long: Floats) -> float:
        return float((short[:, 0].var(ddof=1) * short[0, 1]) / (long[:, 0].var(ddof=1) * long[0, 1]))

    columns = {t: np.column_stack([y[t], np.full(y[t].size, price[t])]) for t in days}
    return [bootstrapped(f"deployments {t} times as long", (columns[1], columns[t]), factor) for t in (2, 4)]


def shares_of_variance(lab: Laboratory, question: Question, plans: Sequence[Plan], plain: Sequence[Flown]) -> list[str]:
    """Which part of the variance is due to the world, and which parts would vanish with some luck: rows of a table."""
    y, count = influences([run.columns[: question.pairs] for run in plain]), question.pairs
    luck = tuple(part for part in PARTS if part not in WORLD)
    asked = {
        "weather, transfers and ships together, without any luck": (luck, False),
        "luck of the steps of the ladder, with all that follows from it": (("steps",), True),
        "luck of detection, with all that follows from it": (("thresholds",), True),
    }
    if len(plans) == 2:
        asked["luck of the reports, with all that follows from it"] = (("reports",), True)
    lines = []
    for says, (again, is_total) in asked.items():
        other = influences([flown(lab, plan, count, again).columns for plan in plans])
        share = bootstrapped(says, (y, other), share_apart if is_total else correlation)
        lines.append(f"| {says} | {100 * share.value:.0f} % | {100 * share.low:.0f} to {100 * share.high:.0f} % |")
    return lines


# ---------------------------------------------------------------------------------------------------- the command
def tables_of(question: Question) -> dict[str, str]:
    """The tables of a question, by the names of their marks on the page."""
    lab = Laboratory()
    with lab.installed():
        plans = [prepare(load_scenario(name)) for name in question.scenarios]
        for plan in plans:
            lab.fly(plan, keys_of(0))  # the compiled functions are loaded
        plain = [flown(lab, plan, question.replications, (), planned_flight(plan.patrols[0])) for plan in plans]
        report(question, "plain", answer(plain))
        factors = control_factors(plain)
        if len(plans) == 2:
            ours, theirs = (run.columns[:, 1] for run in plain)
            way = "common random numbers, against two runs with different seeds"
            factors.append(bootstrapped(way, (ours, theirs), factor_of_common_numbers))
        report(question, "controls", "\n".join(factor.row for factor in factors))
        shares = shares_of_variance(lab, question, plans, plain)
        report(question, "shares", "\n".join(shares))
        factors += antithetic_factors(lab, question, plans, plain)
        report(question, "antithetic", "\n".join(factor.row for factor in factors[-2:]))
        factors += [stratified_factor(lab, question, plans, plain)]
        report(question, "stratified", factors[-1].row)
        factors += length_factors(lab, question)
        report(question, "lengths", "\n".join(factor.row for factor in factors[-2:]))
    head = "| way | factor | 95 % interval |\n| --- | --- | --- |\n"
    parts = "| part | share of the variance | 95 % interval |\n| --- | --- | --- |\n"
    return {
        f"plain {question.name}": answer(plain),
        f"factors {question.name}": head + "\n".join(factor.row for factor in factors),
        f"shares {question.name}": parts + "\n".join(shares),
    }


def answer(plain: Sequence[Flown]) -> str:
    """What the plain replications say, as a line."""
    y, ms = influences([run.columns for run in plain]), sum(run.ms for run in plain)
    scale = 100.0 if len(plain) == 1 else HOURS_PER_YEAR / 720.0
    values = [run.columns[:, 1].sum() / (run.columns[:, 0].sum() if len(plain) == 1 else y.size) for run in plain]
    value = scale * (values[0] - (values[1] if len(plain) == 2 else 0.0))
    half, wanted = scale * 1.96 * y.std(ddof=1) / np.sqrt(y.size), 1.0
    unit, needed = ("percentage points" if len(plain) == 1 else "a year"), y.size * (half / wanted) ** 2
    return (
        f"{value:.2f} ± {half:.2f} {unit} from {y.size:,} replications of {ms:.0f} CPU ms; "
        f"± 1 needs {needed:.0f} replications, {needed * ms / 1e3:.1f} CPU s"
    )


def report(question: Question, what: str, text: str) -> None:
    """Print what has been measured so far."""
    print(f"{question.name}, {what}:\n{text}\n", flush=True)


def main(*numbers: int) -> None:
    """Measure some questions, or both, and write the tables of the page."""
    for number in numbers or range(len(QUESTIONS)):
        for name, table in tables_of(QUESTIONS[number]).items():
            PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8"), name, table), encoding="utf-8")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
