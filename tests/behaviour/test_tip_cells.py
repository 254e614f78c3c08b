"""What a cell makes of the reports that it receives: which are of one event, where it is, and when it is over."""

import pytest

from sim.model.cells import Cell, CellState, ReceivedReport
from tests.behaviour.tip_scenarios import LEAST


def test_reports_of_one_event_are_one_tip_weighted_by_precision():
    cell = CellState(Cell(lasts_h=6.0, spread_kn=2.0))
    first = cell.receive(1.0, ReceivedReport(0, 7, 1.0, 0.0, 0.0, 3.0, 0.5))
    second = cell.receive(2.5, ReceivedReport(1, 7, 2.5, 4.0, 0.0, 4.0, 0.8))
    assert first is second
    weights = 1.0 / (3.0**2 + (2.0 * 1.5) ** 2 + LEAST**2), 1.0 / (4.0**2 + LEAST**2)
    assert second.x == pytest.approx(4.0 * weights[1] / sum(weights))
    assert second.error_nmi == pytest.approx(sum(weights) ** -0.5)
    assert (second.seen_h, second.y, second.targets) == (2.5, 0.0, {7})
    assert second.truth == pytest.approx(1.0 - 0.5 * 0.2)
    better = cell.receive(
        3.0, ReceivedReport(0, 7, 1.0, 1.0, 1.0, 0.0, 0.5)
    )  # a more precise copy takes the place of the first
    assert better is first
    assert len(better.reports) == 2
    assert better.y == pytest.approx(1.0 / (9.0 + LEAST**2) / (1.0 / (9.0 + LEAST**2) + weights[1]))


@pytest.mark.parametrize(
    ("x", "seen", "fused"),
    [
        (14.99, 1.0, True),
        (15.01, 1.0, False),
        (0.0, 6.9, True),
        (0.0, 7.1, False),
        (0.0, -4.9, True),
        (0.0, -5.1, False),
    ],
)
def test_reports_far_apart_or_late_are_separate_tips(x, seen, fused):
    cell = CellState(Cell(lasts_h=6.0, spread_kn=0.0, fused_within=3.0))  # 3 standard errors of hypot(3, 4)
    cell.receive(1.0, ReceivedReport(0, -1, 1.0, 0.0, 0.0, 3.0, 1.0))
    cell.receive(8.0, ReceivedReport(1, -1, seen, x, 0.0, 4.0, 1.0))
    assert len(cell.tips) == (1 if fused else 2)


def test_with_fused_within_0_every_report_is_a_tip():
    cell = CellState(Cell(fused_within=0.0))
    for number in range(3):
        cell.receive(1.0, ReceivedReport(number, -1, 1.0, 0.0, 0.0, 3.0, 1.0))
    assert len(cell.tips) == 3


def test_a_resolved_tip_takes_in_no_report_and_no_tip_lasts_for_ever():
    cell = CellState(Cell())
    first = cell.receive(1.0, ReceivedReport(0, 1, 1.0, 0.0, 0.0, 5.0, 1.0))
    first.resolved = True
    assert cell.receive(4.0, ReceivedReport(1, 2, 4.0, 3.0, 0.0, 5.0, 1.0)) is not first
    chain = CellState(Cell())
    for number in range(12):
        chain.receive(5.0 * number, ReceivedReport(number, number, 5.0 * number, 0.0, 0.0, 5.0, 1.0))
    assert all(max(report.seen_h for report in tip.reports.values()) - tip.earliest_h < 6.0 for tip in chain.tips)
    assert len(chain.tips) == 6


def test_a_foretold_report_takes_no_chance_from_one_that_was_seen():
    cell = CellState(Cell())
    tip = cell.receive(10.2, ReceivedReport(0, 1, 10.0, 0.0, 0.0, 3.0, 0.9))
    before = cell.chance_at(tip, 10.5)
    assert cell.receive(10.3, ReceivedReport(1, -1, 14.0, 2.0, 0.0, 10.0, 0.5)) is tip
    assert cell.chance_at(tip, 10.5) >= before > 0.8
    assert cell.chance_at(tip, 15.0) == pytest.approx(tip.truth * (1.0 - 1.0 / 6.0))


def test_a_withdrawn_report_leaves_those_of_others():
    cell = CellState(Cell())
    tip = cell.receive(1.0, ReceivedReport(0, -1, 1.0, 0.0, 0.0, 3.0, 0.5, identity=7))
    cell.receive(1.5, ReceivedReport(1, 4, 1.2, 3.0, 0.0, 4.0, 0.8, identity=8))
    cell.withdraw(7)
    assert (tip.x, tip.truth, tip.resolved) == (pytest.approx(3.0), pytest.approx(0.8), False)
    cell.withdraw(8)
    assert tip.resolved
