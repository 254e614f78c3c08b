"""The page of `seasweep infer --also`."""

from collections.abc import Sequence

from sim.scenario.tables import Cell, Column, Line, Page, Table, data_table
from sim.study.eyes.tables import figure_texts, share_text
from sim.study.infer.cells import amount_text, interval_text, number_columns, right_column
from sim.study.infer.lists import Estimate, TwoLists
from sim.study.infer.pages import ONE_SIDED, head_of, notes_of
from sim.study.infer.posterior import interval_of
from sim.study.tables import level_name

_KNOWN = "if the scenario's chances are true"
_UNKNOWN = "if the chances are not known"
_INDEPENDENT = "and the lists are taken for independent"


def lists_page(found: TwoLists) -> Page:
    """The page of two lists: what each adds, how dependent they are, the sentence, and what is assumed."""
    answer, also = found.answer, found.also
    head = head_of(answer)
    matched = "" if also.both is None else f", of them {also.both:,} documented"
    head.append(Line(f"{also.reported:,} reported by {also.observer}{matched}"))
    tables = [_numbers_table(found), _dependence_table(found)]
    facts = {
        "scenario": answer.name, "title": answer.title, "seed": answer.seed,
        "replications": answer.replications, "documented": answer.asked.documented, "observer": also.observer,
        "reported": also.reported, "both": also.both, "prior_shape": answer.asked.prior.shape,
        "prior_rate": answer.asked.prior.rate, "level": answer.asked.level, "sentence": found.sentence,
    }  # fmt: skip
    data = [_numbers_data(found), _dependence_data(found)]
    foot = [Line(found.sentence, "bold"), *map(Line, _adds_texts(found))]
    return Page(tables, head, _notes(found), foot=foot, facts=facts, data=data)


# ---------------------------------------------------------------------------------------------------- numbers
def _numbers_table(found: TwoLists) -> Table:
    """How many transfers took place, by more and more of the reports."""
    columns = (
        Column("transfers that took place, by", "by", short="by", wraps=False),
        *number_columns(found.answer.asked.level)[1:],
        right_column("width"),
    )
    table = Table("numbers", columns)
    for group, estimates in ((_KNOWN, found.estimates), (_UNKNOWN, found.unknown)):
        for estimate in estimates:
            table.add_row(estimate.text, *_cells(estimate, found.answer.asked.level), group=group)
    if found.chapman is not None:
        value, _, low, high = found.chapman
        ends = ("-", "-") if low is None or high is None else (interval_text(low, high, ",.0f"), f"{high - low:,.0f}")
        texts = (amount_text(value), "", *ends)
        cells = [Cell(None, text) for text in texts]
        table.add_row("Chapman's estimator", *cells, group=f"{_UNKNOWN}, {_INDEPENDENT}")
    return table


def _cells(estimate: Estimate, level: float) -> Sequence[Cell]:
    """Mean, median, interval and its width."""
    posterior = estimate.posterior
    low, high = interval_of(posterior.quantile, level)
    middle = posterior.quantile(0.5)
    bounded = high < float("inf")
    texts = (
        amount_text(posterior.mean) if bounded else "-",
        f"{middle:,.0f}" if bounded else "-",
        interval_text(low, high, ",.0f"),
        f"{high - low:,.0f}" if bounded else "-",
    )
    return [Cell(None, text) for text in texts]


# ---------------------------------------------------------------------------------------------------- dependence
def _dependence_table(found: TwoLists) -> Table:
    """How dependent documenting and reporting are in the scenario."""
    columns = (
        Column("in the scenario, of all transfers", "figure", short="in the scenario", wraps=False),
        right_column("value"),
        right_column(level_name(found.answer.asked.level), "interval", beside=True),
    )
    table = Table("dependence", columns)
    of = found.dependence
    product = None if of.first is None or of.second is None else of.first * of.second
    shares = (
        ("documented", of.first),
        (f"reported by {found.also.observer}", of.second),
        ("both", of.both),
        ("both, if they were independent", product),
    )
    for text, share in shares:
        table.add_row(text, Cell(share, share_text(share)))
    rows = (("correlation of the two", of.phi, True), ("independence errs by the factor", of.factor, False))
    for text, figure, signed in rows:
        table.add_row(text, *(Cell(None, part) for part in figure_texts(figure, signed)))
    return table


def _adds_texts(found: TwoLists) -> list[str]:
    """What the list of the observer adds, and what ignoring the dependence would do."""
    level, texts = found.answer.asked.level, []
    ends = [(one.name, *interval_of(one.posterior.quantile, level)) for one in found.estimates]
    widths = {name: high - low for name, low, high in ends if high < float("inf")}
    if "documented" in widths and "not_matched" in widths:
        text = f"The interval is {widths['documented']:,.0f} transfers wide by what was documented alone, "
        text += f"{widths['not_matched']:,.0f} with the number that {found.also.observer} reported"
        text += f", {widths['matched']:,.0f} with the lists matched." if "matched" in widths else "."
        texts.append(text)
    factor = found.dependence.factor.value
    if found.chapman is not None and found.chapman.value and factor is not None:
        texts.append(
            f"Taking the lists for independent multiplies the estimate by {factor:.2f} in this scenario: "
            f"{found.chapman.value:,.1f} by Chapman, {found.chapman.value / factor:,.1f} without that error."
        )
    return texts


def _notes(found: TwoLists) -> list[str]:
    """What a reader must know."""
    notes = [note for note in notes_of(found.answer) if note != ONE_SIDED or found.also.reported == 0]
    if found.chapman is not None and found.chapman.low is None:
        notes.append(
            "Chapman's estimator has no interval where all transfers of one list are on the other, too: its "
            "variance is 0 then"
        )
    notes.append("reports of the observer are taken to be true: leave out those that a check has shown to be false")
    if found.also.both is None:
        notes.append("not matched: nobody said how many transfers are on both lists; every number is weighed (both=M)")
    if not all(estimate.posterior.is_bounded for estimate in found.unknown):
        notes.append(
            "where the chances are not known, only a transfer that is on both lists tells what share of all transfers "
            "the lists hold: without one nothing bounds the number from above"
        )
    notes.append("where the chances are not known, how dependent the lists are is still taken from the scenario")
    return notes


# ---------------------------------------------------------------------------------------------------- for programs
def _numbers_data(found: TwoLists) -> Table:
    """The numbers for programs."""
    level = found.answer.asked.level
    table = data_table("numbers", "by", "mean", "median", "low", "high", "level")
    for estimate in (*found.estimates, *found.unknown):
        posterior = estimate.posterior
        low, high = interval_of(posterior.quantile, level)
        table.add_row(estimate.name, posterior.mean, posterior.quantile(0.5), low, high, level)
    if found.chapman is not None:
        of = found.chapman
        table.add_row("chapman", of.value, None, of.low, of.high, level)
    return table


def _dependence_data(found: TwoLists) -> Table:
    """How dependent the two are, for programs."""
    table = data_table("dependence", "figure", "value", "low", "high", "level")
    of, level = found.dependence, found.answer.asked.level
    for name, share in (("p_documented", of.first), ("p_reported", of.second), ("p_both", of.both)):
        table.add_row(name, share, None, None, level)
    for name, figure in (("phi", of.phi), ("factor", of.factor)):
        table.add_row(name, figure.value, figure.low, figure.high, level)
    return table
