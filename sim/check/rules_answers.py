"""Rules of check about ships that notice aircraft, and about smugglers that learn."""

from collections.abc import Iterator

from sim.check.bounds import Bounds
from sim.check.registry import DOUBTFUL, NOTE, Found, rule
from sim.core.units import HOURS_PER_DAY
from sim.model.learning import Learning


@rule(NOTE)
def notices_to_no_end(bounds: Bounds) -> Iterator[Found]:
    """Ships notice aircraft but neither part nor learn, so all that comes of it is that it is counted."""
    for name, source in bounds.scenario.transfers.items():
        spec = source.reaction
        if spec is None or spec.cast_off_share + spec.lie_low_share > 0.0:
            continue
        if source.learning is None or source.learning.weight * source.learning.noticed_risk == 0.0:
            problem = "These ships notice aircraft and go on as if nothing were: nothing changes but what is counted."
            advice = "Set cast_off_share or lie_low_share, or add learning, or remove reaction."
            yield Found(("transfers", name, "reaction"), problem, advice)


@rule(DOUBTFUL)
def nothing_to_learn_from(bounds: Bounds) -> Iterator[Found]:
    """No aircraft is ever noticed and no transfer documented, or neither counts, so smugglers never learn anything."""
    documents = any(True for _ in bounds.investigating_aircraft())
    for name, source in bounds.scenario.transfers.items():
        spec = source.learning
        if spec is None or spec.weight == 0.0:
            continue
        notices = source.reaction is not None and source.reaction.notice_chance > 0.0 and spec.noticed_risk > 0.0
        if not notices and not (documents and spec.documented_risk > 0.0):
            problem = "No sign of danger ever reaches those who plan these transfers, so they learn nothing."
            advice = "Add reaction, so that ships notice aircraft, or let an aircraft with identification fly."
            yield Found(("transfers", name, "learning"), problem, advice)


@rule(DOUBTFUL)
def nothing_to_choose(bounds: Bounds) -> Iterator[Found]:
    """There is one cell of place and hour only and nothing is given up, so smugglers that learn change nothing."""
    for name, source in bounds.scenario.transfers.items():
        spec = source.learning
        if spec is not None and spec.weight > 0.0 and _has_one_cell(spec) and spec.deterrable_share == 0.0:
            problem = "Those who plan these transfers have one place and one part of the day, so they have no choice."
            advice = "Raise hours, set grid_nmi, or name several areas."
            yield Found(("transfers", name, "learning", "hours"), problem, advice)


def _has_one_cell(spec: Learning) -> bool:
    return spec.hours == 1 and spec.grid_nmi is None and len(spec.areas or [""]) == 1


@rule(DOUBTFUL)
def word_comes_too_late(bounds: Bounds) -> Iterator[Found]:
    """Word of danger needs so long that hardly a day of the deployment is planned by it."""
    days = bounds.scenario.duration_h / HOURS_PER_DAY
    for name, source in bounds.scenario.transfers.items():
        spec = source.learning
        if spec is not None and spec.weight > 0.0 and spec.spread_days + 2.0 >= days:
            problem = f"Word needs {spec.spread_days:g} days, and the deployment lasts for {days:g}."
            advice = "Lower spread_days, or raise duration_days."
            yield Found(("transfers", name, "learning", "spread_days"), problem, advice)
