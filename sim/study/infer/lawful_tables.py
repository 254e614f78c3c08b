"""What `seasweep infer --lawful` prints: shares, factor and chance before and after, and what is assumed."""

from sim.scenario.tables import Cell, Column, Table, data_table, number
from sim.study.infer.cells import right_column
from sim.study.infer.chances import Chance
from sim.study.infer.lawful import Calibration
from sim.study.tables import level_name


def calibration_text(calibration: Calibration) -> str:
    """How the model sees lawful ships, in one sentence."""
    observed = calibration.asked.seen / calibration.asked.present
    simulated = calibration.simulated.share
    if observed == 0.0:
        return f"The model sees {100.0 * simulated:.1f} % of lawful ships, of which none was seen."
    ratio = simulated / observed
    return f"The model sees lawful ships {ratio:.2g} times as often as they were seen."


def lawful_table(calibration: Calibration, before: Chance, after: Chance, level: float) -> Table:
    """The shares of lawful ships, the factor, and the chance before and after, each with its interval."""
    columns = (
        Column("lawful ships, and transfers", "number", wraps=False),
        right_column("value"),
        right_column(level_name(level), "interval", beside=True),
        right_column("independent pairs", "pairs"),
    )
    table = Table("lawful", columns)
    shares = {"seen, simulated": calibration.simulated, "seen, observed": calibration.observed}
    for name, one in shares.items():
        low, high = (100.0 * end for end in one.interval(level))
        value = Cell(one.share, f"{100.0 * one.share:.1f} %")
        table.add_row(name, value, Cell(None, f"{low:.1f} to {high:.1f} %"), number(one.present, ",.0f"))
    low, high = calibration.interval(level)
    table.add_row("factor of the hazard", number(calibration.factor, ".2f"), Cell(None, f"{low:.2f} to {high:.2f}"))
    for name, chance in (("documented, scenario as it is", before), ("documented, calibrated", after)):
        low, high = (100.0 * end for end in chance.interval(level))
        value = Cell(chance.mean, f"{100.0 * chance.mean:.1f} %")
        table.add_row(name, value, Cell(None, f"{low:.1f} to {high:.1f} %"))
    return table


def lawful_data(calibration: Calibration, level: float) -> Table:
    """The shares and the factor of a calibration, for programs."""
    table = data_table("lawful", "number", "value", "low", "high", "pairs")
    for name, one in (("simulated", calibration.simulated), ("observed", calibration.observed)):
        table.add_row(name, one.share, *one.interval(level), one.present)
    table.add_row("factor", calibration.factor, *calibration.interval(level), None)
    return table


def lawful_notes(calibration: Calibration) -> list[str]:
    """What is assumed of lawful ships."""
    which = f"those of {calibration.asked.background}" if calibration.asked.background else "all background ships"
    notes = [
        f"lawful ships are seen like {which}",
        "every hazard of a transfer to be documented is multiplied by the factor: an assumption",
    ]
    if calibration.asked.seen == 0:
        notes.append(
            "no lawful ship was seen, so that only the prior of the share that is seen bounds the number from above: "
            "read no more than the lower end of its interval"
        )
    if calibration.correlation > 0.0:
        notes.append(
            "independent pairs: pairs of a ship and a sortie in one deployment share its luck, as the replications show"
        )
    return notes
