"""The columns and cells that the tables of `seasweep infer` share."""

from sim.scenario.tables import Cell, Column
from sim.study.infer.parts import Sum
from sim.study.infer.posterior import Posterior, Prior, interval_of
from sim.study.tables import level_name


def amount_text(value: float | None) -> str:
    """A number of transfers that need not be whole, with two decimal places, of large ones fewer; - for None."""
    if value is None:
        return "-"
    if value == float("inf"):
        return "no bound"
    return f"{value:,.{2 if value < 100.0 else 1 if value < 1000.0 else 0}f}"


def interval_text(low: float, high: float, form: str = "") -> str:
    """An interval as text; `form` is a format of Python for whole numbers."""
    if high == float("inf"):
        return "no bound"
    return f"{low:{form}} to {high:{form}}" if form else f"{amount_text(low)} to {amount_text(high)}"


def prior_text(prior: Prior) -> str:
    """What is believed beforehand, in words."""
    jeffreys = " (Jeffreys)" if (prior.shape, prior.rate) == (0.5, 0.0) else ""
    mean = f", mean {prior.shape / prior.rate:.4g}" if prior.is_proper else ", improper"
    return f"prior of the expected number: gamma, shape {prior.shape:g}, rate {prior.rate:g}{mean}{jeffreys}"


def right_column(heading: str, key: str = "", omit_order: int = 0, beside: bool = False) -> Column:
    """A column whose cells stand at the right, in one piece."""
    return Column(heading, key, wraps=False, right=True, omit_order=omit_order, beside=beside)


def number_columns(level: float) -> tuple[Column, ...]:
    """The columns of a number with its mean, its median and its interval."""
    return (
        Column("transfers", "number", wraps=False),
        right_column("mean", omit_order=1),
        right_column("median"),
        right_column(level_name(level), "interval", beside=True),
    )


def share_cell(posterior: Posterior) -> Cell:
    """The mean chance of a transfer to be documented."""
    return Cell(posterior.chance.mean, f"{100.0 * posterior.chance.mean:.1f} %")


def took_place_cells(posterior: Posterior | Sum, level: float) -> tuple[Cell, Cell, Cell]:
    """Mean, median and interval of the number that took place."""
    low, high = interval_of(posterior.quantile, level)
    mean, middle = posterior.mean, posterior.quantile(0.5)
    text = "no bound" if middle == float("inf") else f"{middle:,.0f}"
    return Cell(mean, amount_text(mean)), Cell(middle, text), Cell(None, interval_text(low, high, ",.0f"))


def expected_cells(posterior: Posterior, level: float, times: float = 1.0) -> tuple[Cell, Cell, Cell]:
    """Mean, median and interval of the expected number, multiplied by a number."""
    low, high = (times * end for end in interval_of(posterior.expected_quantile, level))
    mean, middle = posterior.expected_mean, times * posterior.expected_quantile(0.5)
    mean = None if mean is None else times * mean
    return Cell(mean, amount_text(mean)), Cell(middle, amount_text(middle)), Cell(None, interval_text(low, high))
