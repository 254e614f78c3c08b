"""The page of `seasweep eyes`."""

from sim.core.text import counted
from sim.scenario.tables import Cell, Column, Line, Page, Table, data_table
from sim.study.eyes.answer import AIS_RULES, Combination, Eyes
from sim.study.eyes.dependence import Figure
from sim.study.tables import ENOUGH, interval_text, level_name, number_text, title_lines, value_text

_MOST_PAIRS = 10  # of eyes in the table for people; programs read all


def eyes_page(eyes: Eyes) -> Page:
    """The page of `seasweep eyes`: which eyes saw transfers together, what each saw, and how dependent they are."""
    results = eyes.results
    tables = [_together_table(eyes), _alone_table(eyes), *([_pairs_table(eyes)] if eyes.pairs else [])]
    count = len(results.columns["transfers"])
    head = [
        *title_lines(results.scenario),
        Line(f"{counted(count, 'replication')}, seed {results.info['seed']}"),
    ]
    facts = {
        "scenario": results.name, "title": results.scenario.title, "seed": results.info["seed"], "replications": count,
        "by": eyes.by, "level": eyes.level,
    }  # fmt: skip
    data = [_together_data(eyes), _alone_data(eyes), _pairs_data(eyes)]
    return Page(tables, head, _notes(eyes), foot=[Line(_sentence(eyes), "bold")], facts=facts, data=data)


def _columns(heading: str, level: float) -> tuple[Column, ...]:
    """The columns of a table that counts transfers."""
    interval = Column(level_name(level), "interval", wraps=False, right=True, beside=True)
    return (
        Column(heading),
        Column("a deployment", "mean", wraps=False, right=True),
        Column("share", wraps=False, right=True),
        interval,
    )


def _cells(combination: Combination) -> tuple[Cell, Cell, Cell]:
    """The cells of how many transfers some eyes saw."""
    share = combination.share
    mean = Cell(combination.mean.value, number_text(combination.mean, combination.mean.value))
    return mean, Cell(share.value, value_text(share)), Cell(None, interval_text(share))


def _together_table(eyes: Eyes) -> Table:
    """The combinations, which add up to all transfers."""
    table = Table("combinations", _columns("seen by these and no others", eyes.level))
    for combination in eyes.shown:
        table.add_row(eyes.text(combination.eyes), *_cells(combination))
    if eyes.others is not None:
        table.add_row(others_text(eyes), *_cells(eyes.others))
    table.add_row(eyes.text(()), *_cells(eyes.nobody))
    transfers = eyes.results.measure("transfers")
    mean = Cell(transfers.value, number_text(transfers, transfers.value))
    table.add_row("all transfers", mean, Cell(1.0, "100.0 %"), style="bold")
    return table


def others_text(eyes: Eyes) -> str:
    """What stands for the combinations that are not shown by themselves."""
    return counted(eyes.number_of_others, "other combination")


def _alone_table(eyes: Eyes) -> Table:
    """What each eye saw, and what any saw."""
    table = Table("eyes", _columns("seen by, whoever else", eyes.level))
    for combination in eyes.alone:
        table.add_row(eyes.text(combination.eyes), *_cells(combination))
    table.add_row("any of them", *_cells(eyes.seen_any), style="bold")
    return table


def figure_texts(figure: Figure, signed: bool) -> tuple[str, str]:
    """A figure and its interval as texts, - where there is none; with a sign, which 0.00 has not, or without."""
    values = [None if value is None else round(value, 2) + 0.0 for value in figure]
    texts = ["-" if value is None else f"{value:{'+' if signed and value else ''}.2f}" for value in values]
    return texts[0], "-" if figure.low is None else f"{texts[1]} to {texts[2]}"


def share_text(share: float | None) -> str:
    """A share of the transfers in per cent, - where there is none."""
    return "-" if share is None else f"{100.0 * share:.1f} %"


def _pairs_table(eyes: Eyes) -> Table:
    """How dependent pairs of eyes are, those that are farthest from independence first."""
    columns = (
        Column("two eyes", "eyes"),
        Column("both", wraps=False, right=True),
        Column("if independent", "independent", short="indep.", wraps=False, right=True),
        Column("correlation", "phi", wraps=False, right=True),
        Column(level_name(eyes.level), "interval", wraps=False, right=True, beside=True),
    )
    table = Table("pairs", columns)
    for pair in sorted(eyes.pairs, key=lambda one: -abs(one.dependence.phi.value or 0.0))[:_MOST_PAIRS]:
        found = pair.dependence
        product = None if found.first is None or found.second is None else found.first * found.second
        texts = (share_text(found.both), share_text(product), *figure_texts(found.phi, signed=True))
        table.add_row(eyes.text(pair.eyes), *(Cell(None, text) for text in texts))
    return table


def _sentence(eyes: Eyes) -> str:
    """The sentence to quote: what the aircraft saw, and what any eye saw."""
    aircraft, every = eyes.alone[0].share, eyes.seen_any.share
    if not eyes.names[1:]:
        return f"Only patrols observe: they detect {value_text(aircraft)} of the transfers."
    return (
        f"Patrols detect {value_text(aircraft)} of the transfers ({interval_text(aircraft)}); they and observers "
        f"together see {value_text(every)} ({interval_text(every)})."
    )


def _notes(eyes: Eyes) -> list[str]:
    """What a reader must know of the tables."""
    notes = ["aircraft: a patrol detected the transfer while its ships lay alongside"]
    if eyes.names[1:]:
        one = "an observer" if eyes.by == "observer" else "a kind of observer"
        notes.append(f"{one}: it made a true report of the transfer before the end of the deployment")
    if AIS_RULES in eyes.names:
        notes.append(f"{AIS_RULES}: a public rule finds the transfer in the AIS that observers heard")
    if eyes.names[1:]:
        notes.append("correlation: 0 where two are independent; above 0 both tend to see the same transfers")
    if eyes.others is not None:
        notes.append("--format csv has each of the other combinations")
    if len(eyes.pairs) > _MOST_PAIRS:
        notes.append(
            f"the {_MOST_PAIRS} of {len(eyes.pairs)} pairs with the strongest correlation; --format csv has all"
        )
    count = len(eyes.results.columns["transfers"])
    if count == 1:
        notes.append("no interval: one replication has no spread")
    elif count < ENOUGH:
        notes.append(f"{counted(count, 'replication')}: intervals hold the truth as often as they say from {ENOUGH} on")
    return notes


# ---------------------------------------------------------------------------------------------------- for programs
_COUNTED = ("number", "mean", "mean_low", "mean_high", "share", "low", "high", "level")


def _counted(combination: Combination) -> tuple[float | None, ...]:
    """How many transfers some eyes saw, as numbers."""
    mean, share = combination.mean, combination.share
    return combination.number, mean.value, mean.low, mean.high, share.value, share.low, share.high, share.level


def _together_data(eyes: Eyes) -> Table:
    """The combinations, with a column that says of each eye whether it is one of them."""
    table = data_table("combinations", "combination", *eyes.names, *_COUNTED)
    for one in eyes.combinations:
        flags = [place in one.eyes for place in range(len(eyes.names))]
        table.add_row(eyes.text(one.eyes), *flags, *_counted(one))
    return table


def _alone_data(eyes: Eyes) -> Table:
    """The eyes, each alone, and all together."""
    table = data_table("eyes", "eye", *_COUNTED)
    for one in eyes.alone:
        table.add_row(eyes.text(one.eyes), *_counted(one))
    table.add_row("any", *_counted(eyes.seen_any))
    return table


def _pairs_data(eyes: Eyes) -> Table:
    """The pairs of eyes."""
    names = ("first", "second", "p_first", "p_second", "p_both", "phi", "phi_low", "phi_high")
    table = data_table("pairs", *names, "factor", "factor_low", "factor_high", "level")
    for pair in eyes.pairs:
        found, (first, second) = pair.dependence, (eyes.names[eye] for eye in pair.eyes)
        phi, factor = found.phi, found.factor
        figures = (phi.value, phi.low, phi.high, factor.value, factor.low, factor.high)
        table.add_row(first, second, found.first, found.second, found.both, *figures, eyes.level)
    return table
