"""The plan without a gap: pure plans simulated, mixed by a linear programme, and the mix simulated on fresh luck."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sim.core.text import visible
from sim.scenario.digest import flat_tables
from sim.scenario.files import shipped_names
from sim.scenario.load import Given, Sets, load_scenario
from sim.scenario.problems import toml_text
from sim.scenario.schema import Scenario
from sim.study.cost import check_cost
from sim.study.design import REPLICATIONS, SEED
from sim.study.exploit import Asked, Exploit, exploit_of, prepared, tries_of
from sim.study.games import logit_chance
from sim.study.plans import Lots, Mixes, Plan, best_lots, flown_purely, mixes_of, offer_of
from sim.study.progress import Progress, Steps, no_progress
from sim.study.records import Warn, log_warning
from sim.study.replies import Share, difference_of, knows_plan, logit
from sim.study.runs import run
from sim.study.store import Results
from sim.study.tries import Tries, source_of

PLAN_REPLICATIONS = 10
"""Replications of each pure plan, unless another number is asked for."""


@dataclass(frozen=True)
class Flown:
    """One plan as it was flown on fresh luck."""

    name: str
    """For programs: as_it_is, best_mean or by_lot."""
    answer: Exploit
    flights: dict[str, float]
    """Mean totals of a deployment: sorties, cancelled sorties, flight hours."""

    def gain(self, other: "Flown", smuggler: str) -> Share | None:
        """How much more often a smuggler is detected than under another plan, paired; None where one has him not."""
        ours, theirs = self.answer.smuggler(smuggler), other.answer.smuggler(smuggler)
        if ours is None or theirs is None or ours.reply.hits.size != theirs.reply.hits.size:
            return None  # nobody has him, or some replications have failed
        return difference_of(ours.reply, theirs.reply, self.answer.asked.level)


@dataclass(frozen=True)
class Trial:
    """Lots that were flown while the best were looked for."""

    lots: Lots
    promised: float
    """The chance of the smuggler whom they are for, by the matrix."""
    flown: float
    """The same as flown."""


@dataclass(frozen=True)
class Randomised:
    """The mixes, and the plans as they were flown."""

    name: str
    scenario: Scenario
    seed: int
    replications: int
    """Of each pure plan."""
    mixes: Mixes
    plan_shares: list[tuple[Plan, float, float]]
    """Each pure plan with its guarantee and its mean."""
    trials: list[Trial]
    """The lots that were flown while the best were looked for."""
    flown: list[Flown]
    """The plan as it is, that with the best mean, and the lots, on the seed that follows."""

    def of(self, name: str) -> Flown:
        """The plan of a name as it was flown."""
        return next(one for one in self.flown if one.name == name)


_IN_A_LINE = 12  # items of a list in a scenario file
ROUNDS = 3
"""How often lots are flown to improve them."""
_MOST_FACTOR = (0.25, 4.0)  # by which a round changes a chance
_FLIGHTS = ("sorties", "cancelled_sorties", "flight_hours")


def randomise(
    scenario: Given,
    replications: int = PLAN_REPLICATIONS,
    seed: int = SEED,
    *,
    judged: int = REPLICATIONS,
    sets: Sets = (),
    asked: Asked = Asked(),  # noqa: B008  it never changes
    patrol: str | None = None,
    takeoffs: Sequence[str] = (),
    routes: Sequence[str] = (),
    jobs: int = 1,
    name: str | None = None,
    progress: Progress = no_progress,
    allow_long: bool = False,
    warn: Warn = log_warning,
) -> Randomised:
    """Find the mix of take-offs and routes of a patrol that leaves a smuggler who knows it the least gap, and fly it.

    Each pure plan is simulated `replications` times from `seed`. The scenario as it is, the plan with the best mean and
    the mix are then simulated `judged` times from `seed` + 1, which the choice has not seen. Raises InputError as
    `sim.study.exploit.exploit` and `sim.study.plans.offer_of` do.
    """
    loaded = load_scenario(scenario, sets)
    source_of(loaded, asked.source)
    offer = offer_of(loaded, patrol, takeoffs, routes)
    loaded = prepared(prepared(loaded, asked, replications), asked, judged)
    pure = [flown_purely(loaded, offer.patrol, plan) for plan in offer.plans]
    total = len(pure) * replications + (3 + ROUNDS) * judged
    check_cost([loaded], total, jobs, allow_long, warn)
    work = _Work(asked, jobs, name, warn, Steps(progress, 2 * total))
    rows, usual = [], np.zeros(0)
    for one in pure:  # of whose tries only the chances are kept
        view = work.tries(one, replications, seed)
        rows.append(np.nan_to_num(view.chances(), nan=1.0).ravel())
        usual = view.usual.ravel()
    mixes = mixes_of(offer, np.array(rows), usual, asked.rationality)
    mixes, trials = improved(loaded, mixes, asked, lambda one: work.tries(one, judged, seed))
    plan_shares = [(plan, float(row.min()), float(row @ usual)) for plan, row in zip(offer.plans, rows, strict=True)]
    best = offer.plans[int(np.argmax(np.array(rows) @ usual))]
    scenarios = {
        "as_it_is": loaded,
        "best_mean": flown_purely(loaded, offer.patrol, best),
        "by_lot": flown_by_lot(loaded, mixes.lots),
    }
    flown = [work.flown(plan, one, judged, seed + 1) for plan, one in scenarios.items()]
    return Randomised(name or loaded.title, loaded, seed, replications, mixes, plan_shares, trials, flown)


@dataclass(frozen=True)
class _Work:
    """How scenarios are simulated, and what is asked of them."""

    asked: Asked
    jobs: int
    name: str | None
    warn: Warn
    steps: Steps

    def _run(self, scenario: Scenario, replications: int, seed: int) -> Results:
        """Simulate a scenario, with the tracks of all replications."""
        told = self.steps.begin(replications)
        return run(
            scenario, replications, seed, jobs=self.jobs, keep=replications, name=self.name, progress=told,
            allow_long=True, warn=self.warn,
        )  # fmt: skip

    def tries(self, scenario: Scenario, replications: int, seed: int) -> Tries:
        """The tries of a smuggler who chooses what is asked."""
        results = self._run(scenario, replications, seed)
        tries = tries_of(results, self.asked, jobs=self.jobs, progress=self.steps.begin(replications))
        return tries if self.asked.place else tries.without_place()

    def flown(self, name: str, scenario: Scenario, replications: int, seed: int) -> Flown:
        """A plan as it was flown."""
        results = self._run(scenario, replications, seed)
        flights = {total: float(results.columns[total].mean()) for total in _FLIGHTS}
        answer = exploit_of(results, self.asked, jobs=self.jobs, progress=self.steps.begin(replications))
        return Flown(name, answer, flights)


def improved(
    scenario: Scenario, mixes: Mixes, asked: Asked, fly: Callable[[Scenario], Tries]
) -> tuple[Mixes, list[Trial]]:
    """Improve lots by what they are worth when they are flown: the matrix takes neighbouring days for one plan.

    In each round the lots are flown, and the chances of the matrix are multiplied, cell by cell, by the ratio of the
    chance as flown and the chance that the matrix promised. The lots that are best for such a matrix are flown in the
    next round. Those that did best as flown are returned. It is a search, which proves nothing of other lots; the luck
    by which it chooses is not that by which the plan is judged.
    """
    lots, trials = mixes.lots, list[Trial]()
    for _ in range(ROUNDS):
        view = fly(flown_by_lot(scenario, lots))
        reply = (
            knows_plan(view, asked.level) if asked.rationality is None else logit(view, asked.rationality, asked.level)
        )
        promised = lots.shares @ mixes.matrix
        as_flown = np.nan_to_num(view.chances(), nan=1.0).ravel()
        worth = float(promised.min())
        if asked.rationality is not None:
            worth = logit_chance(mixes.matrix, lots.shares, asked.rationality, mixes.usual)
        trials.append(Trial(lots, worth, reply.share.value))
        factor = np.clip(as_flown / np.maximum(promised, 1e-6), *_MOST_FACTOR)
        lots = best_lots(mixes.offer, np.clip(mixes.matrix * factor, 0.0, 1.0), mixes.usual, asked.rationality)
    best = max(trials, key=lambda trial: trial.flown)
    return replace(mixes, lots=best.lots), trials


# ---------------------------------------------------------------------------------------------------- the scenario
def flown_by_lot(scenario: Scenario, lots: Lots) -> Scenario:
    """The scenario in which the patrol draws its take-offs and routes by lot."""
    return load_scenario(scenario, {f"patrols.{lots.offer.patrol}.{key}": value for key, value in lots.keys.items()})


def scenario_text(given: str, scenario: Scenario, lots: Lots, has_sets: bool, told: Sequence[str]) -> str:
    """The text of a scenario file that flies lots.

    It extends the scenario where that is an included one, taken as it is; otherwise it holds all keys. `told` are lines
    of comment at its beginning.
    """
    import tomli_w

    patrol, title = lots.offer.patrol, f"{scenario.title}, by lot"
    comment = "".join(f"# {visible(line)}\n" for line in told)
    if given in shipped_names() and not has_sets:
        tables: dict[str, Any] = {"extends": given, "title": title}
        return f"{comment}\n{tomli_w.dumps(tables)}\n[patrols.{patrol}]\n{_keys_text(lots.keys)}"
    tables = flat_tables(scenario) | {"title": title}
    old = {"first_takeoff_h", "every_h", "takeoff", "days", "routes", "route_weights", "tasking"}
    kept = {key: value for key, value in tables["patrols"][patrol].items() if key not in old}
    tables["patrols"] = tables["patrols"] | {patrol: kept | lots.keys}
    return f"{comment}\n{tomli_w.dumps(tables)}"


def _keys_text(keys: Mapping[str, Any]) -> str:
    """Keys of a patrol as lines of TOML, of which long lists take several."""

    def text(value: Any) -> str:
        if isinstance(value, dict):
            return "{ " + ", ".join(f"{key} = {text(part)}" for key, part in value.items()) + " }"
        if not isinstance(value, list) or len(value) <= _IN_A_LINE:
            return toml_text(value, most=200)
        rows = [value[first : first + _IN_A_LINE] for first in range(0, len(value), _IN_A_LINE)]
        return "[\n" + "".join(f"    {', '.join(map(toml_text, row))},\n" for row in rows) + "]"

    return "".join(f"{key} = {text(value)}\n" for key, value in keys.items())


def written(found: Randomised, given: str, has_sets: bool) -> str:
    """The text of the scenario file that flies the lots that were found."""
    by_lot = found.of("by_lot").answer
    shares = [by_lot.smuggler(name) for name in ("knows_plan", "blind")]
    verb = by_lot.asked.measure.removeprefix("p_")
    least, mean = (f"{100.0 * one.reply.share.value:.1f} %" for one in shares if one is not None)
    told = [
        f"{found.scenario.title}: each day's take-off is drawn by lot, so that one who knows the plan finds no gap.",
        f"Found by seasweep exploit --randomise: {found.replications} replications of each plan, seed {found.seed}.",
        f"As flown with seed {found.seed + 1}, one who knows these lots is {verb} in {least} of tries,",
        f"a blind one in {mean}.",
        "All figures [derived].",
    ]
    return scenario_text(given, found.scenario, found.mixes.lots, has_sets, told)
