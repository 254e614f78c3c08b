"""The pages of `seasweep infer`."""

from collections.abc import Sequence

from sim.core.text import counted
from sim.scenario.tables import Cell, Column, Line, Page, Table, data_table
from sim.study.infer.cells import (
    expected_cells,
    interval_text,
    number_columns,
    prior_text,
    right_column,
    share_cell,
    took_place_cells,
)
from sim.study.infer.inference import Inference
from sim.study.infer.lawful_tables import calibration_text, lawful_data, lawful_notes, lawful_table
from sim.study.infer.parts import Sum
from sim.study.infer.point_tables import point_data, point_notes, point_tables
from sim.study.infer.posterior import Posterior, interval_of
from sim.study.infer.spread import Cause, shares
from sim.study.tables import ENOUGH, title_lines

MONTH_DAYS, YEAR_DAYS = 30.0, 365.25
ONE_SIDED = "the bound of the sentence has one side, the intervals of the tables have two"
_CLEAR = 3.0  # standard errors of a correlation, from which on a note tells it
CAUSE_TEXTS = {
    "counting": "so few reports",
    "luck": "luck of one deployment",
    "simulation": "error of the simulation",
    "interactions": "unknown figures together",
    "calibration": "factor of lawful ships",
}


def infer_page(answer: Inference) -> Page:
    """The page of an answer: the numbers, what widens the interval, the sentence, and what is assumed."""
    level = answer.asked.level
    numbers = Table("numbers", number_columns(level))
    numbers.add_row("took place", *took_place_cells(answer.posterior, level))
    for name, times in _expected_rows(answer).items():
        numbers.add_row(name, *expected_cells(answer.posterior, level, times))
    if answer.as_it_is is not None:
        numbers.add_row("took place, scenario as it is", *took_place_cells(answer.as_it_is, level))
    if answer.unanswered is not None:
        numbers.add_row("took place, if none answered", *took_place_cells(answer.unanswered.without, level))
    tables = [numbers, *_part_tables(answer), *point_tables(answer), *cause_tables(answer.causes)]
    data = [_number_data(answer), *_part_data(answer), *point_data(answer), _cause_data(answer.causes)]
    foot = [Line(answer.sentence, "bold"), *map(Line, _halving_texts(answer))]
    if answer.calibrated is not None and answer.as_it_is is not None:
        calibration = answer.calibrated.calibration
        tables.insert(1, lawful_table(calibration, answer.as_it_is.chance, answer.chance, level))
        data.append(lawful_data(calibration, level))
        foot.append(Line(calibration_text(calibration)))
    chance = answer.chance
    low, high = chance.interval(level)
    facts = {
        "scenario": answer.name, "title": answer.title, "seed": answer.seed,
        "replications": answer.replications, "documented": answer.asked.documented,
        "prior_shape": answer.asked.prior.shape, "prior_rate": answer.asked.prior.rate, "level": level,
        "p_documented": chance.mean, "p_documented_low": low, "p_documented_high": high,
        "sorties": answer.asked.sorties, "period_days": answer.flown and answer.flown.period_days,
        "sentence": answer.sentence, "answers": answer.answers, **_bound_facts(answer),
    }  # fmt: skip
    return Page(tables, head_of(answer), notes_of(answer), foot=foot, facts=facts, data=data)


def _expected_rows(answer: Inference) -> dict[str, float]:
    """The rows of the expected number in the table of numbers: what multiplies that of the reported period, by name."""
    if answer.asked.sorties is None or answer.flown is None:
        return {"expected at this rate": 1.0}
    days = answer.flown.period_days
    rates = {"expected in 30 days": MONTH_DAYS / days, "expected in a year": YEAR_DAYS / days}
    return {"expected at this rate": 1.0, **rates}


def head_of(answer: Inference) -> list[Line]:
    """The lines above the tables."""
    level, points = answer.asked.level, answer.points
    low, high = (100.0 * end for end in answer.chance.interval(level))
    each = counted(answer.replications, "replication")
    if points is not None:
        each = f"{counted(len(points.posteriors), 'point')}, {each} each"
    title = title_lines(answer.scenario) if answer.scenario is not None else [Line(answer.title, "bold")]
    return [
        *title,
        Line(f"{each}, seed {answer.seed}"),
        Line(_period_text(answer)),
        Line(
            f"documented of all transfers: {100.0 * answer.chance.mean:.1f} %, in one deployment {low:.1f} to "
            f"{high:.1f} % ({100.0 * level:g} %)"
        ),
        Line(prior_text(answer.asked.prior)),
    ]


def _period_text(answer: Inference) -> str:
    """How many were documented, and in which period."""
    flown, text = answer.flown, f"{answer.asked.documented:,} documented"
    if flown is None:
        return f"{text} in one deployment"
    if flown.asked is None:
        return f"{text} in one deployment of {flown.days:g} days"
    return f"{text} by {counted(flown.asked, 'sortie')}, which take {flown.period_days:,.1f} days"


def _part_tables(answer: Inference) -> list[Table]:
    """The table of the parts and of their sum; none where reports are not given by part."""
    parts, level = answer.parts, answer.asked.level
    if parts is None:
        return []
    columns = (
        Column(parts.key, "part", wraps=False),
        right_column("documented"),
        right_column("of transfers", "p_documented"),
        *number_columns(level)[1:],
    )
    table = Table("parts", columns)
    for part, posterior in parts.posteriors.items():
        table.add_row(part.value, posterior.documented, share_cell(posterior), *took_place_cells(posterior, level))
    if not parts.overlap:
        table.add_row("sum of the parts", answer.asked.documented, "", *took_place_cells(parts.sum, level))
    return [table]


def _part_data(answer: Inference) -> list[Table]:
    """The parts and their sum, for programs."""
    parts, level = answer.parts, answer.asked.level
    if parts is None:
        return []
    table = data_table("parts", "part", "documented", "p_documented", "mean", "median", "low", "high", "level")
    rows: dict[str, tuple[int, float | None, Posterior | Sum]] = {
        str(part): (one.documented, one.chance.mean, one) for part, one in parts.posteriors.items()
    }
    if not parts.overlap:
        rows["sum"] = answer.asked.documented, None, parts.sum
    for name, (documented, chance, one) in rows.items():
        table.add_row(name, documented, chance, one.mean, one.quantile(0.5), *interval_of(one.quantile, level), level)
    return [table]


def _part_notes(answer: Inference) -> list[str]:
    """What is assumed of parts."""
    parts = answer.parts
    if parts is None:
        return []
    notes = [f"took place, above: transfers are spread over each {parts.key} as in the scenario"]
    if parts.overlap:
        return [*notes, f"parts by {parts.key} overlap, so they have no sum"]
    notes.append(
        f"sum of the parts: nothing is assumed of how common they are in each {parts.key}; the shape of the prior is "
        "divided evenly, and the luck of the parts is independent"
    )
    if abs(parts.correlation) > _CLEAR / answer.replications**0.5:
        notes.append(f"in the run the luck of two parts has a correlation of {parts.correlation:+.2f}")
    if parts.covered < 1.0 - 1e-9:
        notes.append(f"{100.0 * (1.0 - parts.covered):.1f} % of the run's transfers belong to none of the parts")
    return notes


def cause_tables(causes: Sequence[Cause]) -> list[Table]:
    """The table of what widens the interval; none where nothing is known of it."""
    if not causes:
        return []
    columns = Column("what widens the interval", "cause", wraps=False), right_column("share of the variance", "share")
    table = Table("causes", columns)
    for cause, part in zip(causes, shares(list(causes)), strict=True):
        text = CAUSE_TEXTS.get(cause.name, cause.name)
        table.add_row(text, Cell(float(part), f"{100.0 * part:.1f} %"))
    return [table]


def notes_of(answer: Inference) -> list[str]:
    """What a reader must know: what is taken to be true, and what is doubtful."""
    notes = ["the scenario is taken to be true: its chance that a transfer is documented is that of the reports"]
    if answer.points is not None:
        notes = point_notes(answer.points)
    if answer.calibrated is not None:
        notes = [
            "the scenario is taken to be true but for one thing: how well its patrols see, which lawful ships tell"
        ]
    notes += _part_notes(answer) + _answer_notes(answer)
    if answer.calibrated is not None:
        notes += lawful_notes(answer.calibrated.calibration)
    if answer.asked.documented == 0 and answer.posterior.is_bounded:
        notes.append(ONE_SIDED)
    if answer.causes:
        notes.append("the variance is that of the logarithm of the expected number")
    if not answer.posterior.is_bounded:
        notes.append(_unbounded_note(answer))
    if answer.chance.misfit:
        notes.append(
            "the chance differs more from deployment to deployment than the model allows (there may be deployments in "
            "which next to nothing can be documented): the upper bound is too low"
        )
    if answer.flown is not None and answer.flown.is_far:
        notes.append(
            f"a deployment of the run has {answer.flown.sorties:.1f} sorties: the luck of so many more or fewer is not "
            "that of a deployment; run a scenario whose duration_days is near the reported period"
        )
    if answer.replications < ENOUGH:
        notes.append(f"with fewer than {ENOUGH} replications the luck of one deployment is hardly known")
    return notes


def _answer_notes(answer: Inference) -> list[str]:
    """What is doubtful where vessels answer to patrols."""
    if not answer.answers:
        return []
    leans = "ships answer to patrols, so the number leans on how they do so, which reports do not tell"
    one = answer.unanswered
    if one is None:
        return [f"{leans}; --naive FACTOR=LEVEL tells what one estimates who does not know it"]
    chances = [100.0 * posterior.chance.mean for posterior in (one.with_answers, one.without)]
    interval = interval_text(*interval_of(one.without.quantile, answer.asked.level), ",.0f")
    return [
        f"{leans}: {chances[0]:.1f} % of transfers are documented with the answers of {', '.join(one.sources)}, "
        f"{chances[1]:.1f} % without; without answers {interval} transfers took place",
        "the answers of the scenario are assumptions: where ships evade more than it says, the number is too low, and "
        "the more so the more is flown",
    ]


def _unbounded_note(answer: Inference) -> str:
    """Why nothing bounds the number from above."""
    if answer.chance.documented == 0.0:
        where = "" if answer.points is None else " at some point"
        return (
            f"no replication{where} documented a transfer, so the chance may be nil, and nothing bounds the number "
            "from above: simulate more replications, or state a prior whose rate is above 0 (--prior)"
        )
    return (
        "the chance of one deployment may be next to nothing, and with this prior nothing bounds the number from "
        "above: simulate more replications, or state a prior whose rate is above 0 (--prior)"
    )


def _bound_facts(answer: Inference) -> dict[str, float | None]:
    """The upper bound and what halves it, for programs."""
    bound = answer.bound
    if bound is None:
        return {}
    if answer.flown is None:
        return {"at_most": bound.most, "expected_at_most": bound.expected}
    hours = answer.flown.period_hours
    return {
        "at_most": bound.most,
        "expected_at_most": bound.expected,
        "half": bound.half,
        "more_hours_longer": None if bound.longer is None else (bound.longer - 1.0) * hours,
        "more_hours_same_period": None if bound.denser is None else (bound.denser - 1.0) * hours,
    }


def _halving_texts(answer: Inference) -> list[str]:
    """Sentences that say what more flight hours without a report would halve the bound; none where there is none."""
    bound, flown = answer.bound, answer.flown
    if bound is None or flown is None or not answer.posterior.is_bounded or bound.most == 0.0:
        return []
    if not flown.flight_hours > 0.0:
        return []
    hours, days = flown.period_hours, flown.period_days
    texts = []
    if bound.longer is not None:
        more = bound.longer - 1.0
        texts.append(
            f"{more * hours:,.0f} more flight hours without a report, in {more * days:,.1f} more days at the same "
            f"rate, would halve the bound on the rate."
        )
    if bound.denser is None:
        texts.append(f"In the same days no number of flight hours without a report would bring it to {bound.half:g}.")
    else:
        texts.append(
            f"In the same days, {(bound.denser - 1.0) * hours:,.0f} more without a report would bring it to "
            f"{bound.half:g}, if each flight documents independently of the others."
        )
    return texts


def _number_data(answer: Inference) -> Table:
    """The numbers for programs."""
    level, posterior = answer.asked.level, answer.posterior
    table = data_table("numbers", "number", "mean", "median", "low", "high", "level")
    low, high = answer.interval
    table.add_row("took_place", posterior.mean, posterior.quantile(0.5), low, high, level)
    rows = {"expected": 1.0}
    if answer.flown is not None:
        days = answer.flown.period_days
        rows |= {"expected_in_30_days": MONTH_DAYS / days, "expected_in_a_year": YEAR_DAYS / days}
    ends = (*answer.expected_interval, posterior.expected_quantile(0.5))
    for name, times in rows.items():
        low, high, middle = (times * end for end in ends)
        mean = posterior.expected_mean
        table.add_row(name, None if mean is None else times * mean, middle, low, high, level)
    others = {
        "took_place_scenario_as_it_is": answer.as_it_is,
        "took_place_if_none_answered": None if answer.unanswered is None else answer.unanswered.without,
    }
    for name, other in others.items():
        if other is not None:
            table.add_row(name, other.mean, other.quantile(0.5), *interval_of(other.quantile, level), level)
    return table


def _cause_data(causes: Sequence[Cause]) -> Table:
    """What widens the interval, for programs."""
    table = data_table("causes", "cause", "variance", "share")
    for cause, part in zip(causes, shares(list(causes)) if causes else [], strict=True):
        table.add_row(cause.name, cause.variance, float(part))
    return table
