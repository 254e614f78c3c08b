"""The page of `seasweep decide`: plans, what knowing unknowns is worth, what would be chosen, and one sentence."""

from collections.abc import Sequence
from typing import Any

from sim.core.text import counted, visible
from sim.scenario.tables import Cell, Column, Line, Page, Table, data_table
from sim.study.decide.answer import Decision, Levels, Plan, Unknown, is_measurable
from sim.study.estimates import Measure
from sim.study.measures import is_share
from sim.study.tables import ENOUGH, interval_text, level_name, level_text, value_text

_EVERYTHING = "all of them"


# ---------------------------------------------------------------------------------------------------- words
def levels_text(levels: Levels) -> str:
    """The levels of some factors with their names; of one whose levels are labels its label alone."""
    texts = {name: level_text(level) for name, level in levels.items()}
    if len(texts) == 1 and isinstance(next(iter(levels.values())), str):
        return next(iter(texts.values()))
    return ", ".join(f"{visible(name)} {text}" for name, text in texts.items())


def plan_text(decision: Decision, number: int) -> str:
    """The name of a plan."""
    return levels_text(decision.plans[number].levels)


def gain_text(measure: Measure) -> str:
    """What is gained, with its unit, as in 0.31 documented per deployment."""
    value = value_text(measure, is_share(measure.unit)).lstrip("+")
    if is_share(measure.unit):
        return f"{value} of {measure.measure}"
    if measure.unit.startswith("per "):
        return f"{value} {measure.measure} {measure.unit}"
    return f"{value} {measure.unit} of {measure.measure}"


def _range_text(measure: Measure) -> str:
    """The interval of a gain that is above 0."""
    return interval_text(measure, True).replace("+", "")


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def choice_text(decision: Decision, unknown: Unknown) -> str:
    """Which plan is best where an unknown is known, in words."""
    runs: list[tuple[int, list[Any]]] = []
    for level, plan in zip(unknown.levels, unknown.choices, strict=True):
        if runs and runs[-1][0] == plan:
            runs[-1][1].append(level)
        else:
            runs.append((plan, [level]))
    if len(runs) == 1:
        return f"always {plan_text(decision, runs[0][0])}"
    numbers = all(isinstance(level, float) for level in unknown.levels)
    rises = numbers and unknown.levels == sorted(unknown.levels)
    pieces = []
    for place, (plan, levels) in enumerate(runs):
        texts = [level_text(level) for level in levels]
        where = _listed(texts)
        if rises and place == 0:
            where = f"{texts[-1]} or less" if len(levels) > 1 else texts[-1]
        elif rises and place == len(runs) - 1:
            where = f"{texts[0]} or more" if len(levels) > 1 else texts[0]
        elif rises and len(texts) > 1:
            where = f"{texts[0]} to {texts[-1]}"
        pieces.append(f"{plan_text(decision, plan)} at {where}")
    return ", ".join(pieces)


def sentence(decision: Decision) -> str:
    """The answer, to be quoted."""
    return f"{_chosen_text(decision)} {_knowing_text(decision)}".strip()


def _chosen_text(decision: Decision) -> str:
    """Which plan is best in which sense."""
    best = plan_text(decision, decision.best)
    if not decision.unknowns:
        return f"{best} is best. The study has no unknowns."
    senses: dict[int, list[str]] = {}
    for number, sense in (
        (decision.best, "mean"), (decision.safest, "worst case"), (decision.robust, "greatest regret"),
    ):  # fmt: skip
        senses.setdefault(number, []).append(sense)
    if len(senses) == 1 and not is_measurable(decision.plans[decision.best].regret):
        return f"Whatever the unknowns, no other plan is measurably better than {best}."
    pieces = [f"{plan_text(decision, number)} is best by {_listed(found)}" for number, found in senses.items()]
    return f"If nothing more is known, {'; '.join(pieces)}."


def _knowing_text(decision: Decision) -> str:
    """What it is worth to know unknowns, and what would then be chosen."""
    if not decision.unknowns:
        return ""
    everything = decision.everything
    some = [one for one in decision.unknowns if is_measurable(one.worth)]
    if not some and not is_measurable(everything):
        most = gain_text(_with_value(everything, everything.high))
        what = "all of them together" if decision.unknowns[1:] else visible(decision.unknowns[0].factor)
        return f"No unknown is worth knowing measurably: {what} at most {most}."
    if not some:
        worth = f"{gain_text(everything)} ({_range_text(everything)})"
        return f"Knowing all unknowns together is worth {worth}; one of them alone nothing measurable."
    first, *others = some
    text = f"Knowing {visible(first.factor)} is worth {gain_text(first.worth)} ({_range_text(first.worth)})"
    text += "".join(f", {visible(one.factor)} {value_text(one.worth, True).lstrip('+')}" for one in others)
    rest = len(decision.unknowns) - len(some)
    text += ["", ", the other unknown nothing measurable", ", the others nothing measurable"][min(rest, 2)]
    return f"{text}. By {visible(first.factor)} the best plan is: {choice_text(decision, first)}."


def _with_value(measure: Measure, value: float | None) -> Measure:
    return Measure(measure.measure, value, None, None, measure.level, measure.replications, measure.unit)


# ---------------------------------------------------------------------------------------------------- tables
def decision_page(decision: Decision) -> Page:
    """The page of a decision: plans, unknowns, the choice at each level, and one sentence."""
    study = decision.results.study
    title = visible(study.title or decision.results.name)
    better = "less" if decision.least else "more"
    head = [
        Line(title, "bold"),
        Line(
            f"{decision.measure}, of which {better} is better; {counted(decision.replications, 'replication')} a point"
        ),
    ]
    tables = [_plan_table(decision)]
    if decision.unknowns:
        tables += [_unknown_table(decision), _choice_table(decision, decision.unknowns[0])]
    facts = {
        "study": decision.results.name, "title": title, "measure": decision.measure, "least": decision.least,
        "level": decision.level, "replications": decision.replications,
        "best": plan_text(decision, decision.best), "safest": plan_text(decision, decision.safest),
        "robust": plan_text(decision, decision.robust), "sentence": sentence(decision),
    }  # fmt: skip
    data = [_plan_data(decision), _unknown_data(decision), _choice_data(decision)]
    return Page(tables, head, _notes(decision), foot=[Line(sentence(decision), "bold")], facts=facts, data=data)


def _columns(heading: str, level: float, key: str, omit_order: int = 0) -> tuple[Column, Column]:
    """The columns of a value and of its interval, which a narrow page may leave out in this order."""
    interval = Column(level_name(level), f"{key}_interval", wraps=False, right=True, beside=True, omit_order=omit_order)
    return Column(heading, key, wraps=False, right=True), interval


def _cells(measure: Measure, signed: bool = False) -> tuple[Cell, Cell]:
    return Cell(measure.value, value_text(measure, signed)), Cell(None, interval_text(measure, signed))


def _marks(decision: Decision, number: int) -> str:
    """In which sense a plan is best, in a few words."""
    senses = ((decision.best, "mean"), (decision.safest, "worst case"), (decision.robust, "regret"))
    return ", ".join(word for best, word in senses if best == number)


def _plan_table(decision: Decision) -> Table:
    """A row for each plan."""
    factors = list(decision.plans[0].levels)
    columns = (
        *(Column(visible(name), wraps=False) for name in factors),
        *_columns("mean", decision.level, "mean", 3), *_columns("than best", decision.level, "behind", 2),
        *_columns("worst case", decision.level, "worst", 1), *_columns("regret", decision.level, "regret", 4),
        Column("best by", wraps=False),
    )  # fmt: skip
    table = Table(
        "plans", columns, "plans: mean, worst case and greatest regret over the unknowns", factors=len(factors)
    )
    for number, plan in enumerate(decision.plans):
        cells = [Cell(level, level_text(level)) for level in plan.levels.values()]
        behind = _cells(plan.behind, True) if number != decision.best else (Cell(0.0, "-"), Cell(None, "-"))
        cells += [*_cells(plan.mean), *behind, *_cells(plan.worst), *_cells(plan.regret, True)]
        table.add_row(*cells, _marks(decision, number), style="" if _marks(decision, number) else "dim")
    return table


def _unknown_table(decision: Decision) -> Table:
    """A row for each unknown, and one for all of them."""
    columns = (
        Column("unknown", wraps=False), *_columns("worth knowing", decision.level, "worth"),
        Column("of all", "share", wraps=False, right=True),
    )  # fmt: skip
    table = Table("unknowns", columns, "unknowns: how much better the mean would be if they were known")
    for one in decision.unknowns:
        share = Cell(one.share, "-" if one.share is None else f"{100.0 * one.share:.0f} %")
        table.add_row(
            visible(one.factor), *_cells(one.worth, True), share, style="" if is_measurable(one.worth) else "dim"
        )
    if len(decision.unknowns) > 1:
        whole = Cell(1.0, "100 %") if is_measurable(decision.everything) else Cell(None, "-")
        table.add_row(_EVERYTHING, *_cells(decision.everything, True), whole)
    return table


def _choice_table(decision: Decision, unknown: Unknown) -> Table:
    """What would be chosen at each level of an unknown."""
    columns = (
        Column(visible(unknown.factor), "level", wraps=False), Column("probability", wraps=False, right=True),
        Column("best plan", "plan", wraps=False), *_columns("gain", decision.level, "gain"),
    )  # fmt: skip
    best = plan_text(decision, decision.best)
    table = Table(
        "choices", columns, f"if {visible(unknown.factor)} were known: the best plan, and its gain over {best}"
    )
    for place, level in enumerate(unknown.levels):
        weight = unknown.weights[place]
        cells = (Cell(level, level_text(level)), Cell(weight, f"{weight:.2f}"))
        plan = unknown.choices[place]
        gain = _cells(unknown.gains[place], True) if plan != decision.best else (Cell(None, "-"), Cell(None, "-"))
        table.add_row(*cells, plan_text(decision, plan), *gain)
    return table


# ---------------------------------------------------------------------------------------------------- notes, programs
def _notes(decision: Decision) -> list[str]:
    """What a reader must know."""
    notes = ["regret: how much better another plan would be, where that is most"]
    if decision.unknowns:
        notes.append(_prior_text(decision))
        notes.append(
            "three quarters of the replications choose and the fourth judges, by turns, so that luck is worth nothing"
        )
    rows = [plan.regret for plan in decision.plans] + [one.worth for one in decision.unknowns]
    if any((row.value or 0.0) < 0.0 for row in rows):
        notes.append("a regret and a worth are never below 0; an estimate can be, by chance")
    if is_share(decision.everything.unit):
        notes.append("pp: percentage points")
    baseline = decision.results.study.baseline
    if baseline is not None:
        notes.append(f"the baseline, {visible(baseline.label)}, is none of the plans")
    if decision.replications < ENOUGH:
        notes.append(
            f"with fewer than {ENOUGH} replications, intervals may be too narrow if the replications differ much"
        )
    lost = decision.results.study.replications - decision.replications
    if lost:
        notes.append(f"{counted(lost, 'replication')} failed at some point and {'is' if lost == 1 else 'are'} left out")
    return notes


def _prior_text(decision: Decision) -> str:
    """How probable the levels of the unknowns are taken to be."""
    uneven = [one for one in decision.unknowns if max(one.weights) - min(one.weights) > 1e-12]
    if not uneven:
        return "all levels of an unknown are taken to be equally probable, and unknowns to be independent"
    texts = [f"{visible(one.factor)} {', '.join(f'{weight:.2g}' for weight in one.weights)}" for one in uneven]
    return f"probability of levels: {'; '.join(texts)}; unknowns are taken to be independent"


_NUMBERS = ("value", "low", "high")


def _numbers(measure: Measure) -> tuple[float | None, ...]:
    return measure.value, measure.low, measure.high


def _plan_data(decision: Decision) -> Table:
    """The plans, for programs."""
    factors = list(decision.plans[0].levels)
    kinds = ("mean", "behind", "worst", "regret")
    names = [f"{kind}_{number}".removesuffix("_value") for kind in kinds for number in _NUMBERS]
    table = data_table("plans", *factors, *names, "worst_at", "regret_at", "best_by")
    for number, plan in enumerate(decision.plans):
        cells = [cell for kind in kinds for cell in _numbers(_of(plan, kind))]
        at = levels_text(plan.worst_at), levels_text(plan.regret_at)
        table.add_row(*plan.levels.values(), *cells, *(text or None for text in at), _marks(decision, number) or None)
    return table


def _of(plan: Plan, kind: str) -> Measure:
    found: Measure = getattr(plan, kind)
    return found


def _unknown_data(decision: Decision) -> Table:
    """What knowing is worth, for programs; the last row is that of all unknowns."""
    table = data_table("unknowns", "unknown", "worth", "low", "high", "share")
    for one in decision.unknowns:
        table.add_row(one.factor, *_numbers(one.worth), one.share)
    if decision.unknowns:
        table.add_row(_EVERYTHING, *_numbers(decision.everything), None)
    return table


def _choice_data(decision: Decision) -> Table:
    """The best plan at each level of each unknown, for programs, with the mean of each plan there."""
    plans = [plan_text(decision, number) for number in range(len(decision.plans))]
    table = data_table(
        "choices",
        "unknown",
        "level",
        "probability",
        "plan",
        "gain",
        "low",
        "high",
        *(f"mean of {name}" for name in plans),
    )
    for one in decision.unknowns:
        for place, level in enumerate(one.levels):
            gain, means = _numbers(one.gains[place]), [of_plan[place].value for of_plan in one.means]
            table.add_row(one.factor, level, one.weights[place], plans[one.choices[place]], *gain, *means)
    return table
