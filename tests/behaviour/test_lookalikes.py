"""Two hulls side by side that are no transfer: who takes them for one, and what they cost."""

from dataclasses import replace

import numpy as np
import pytest

from sim.core.codes import ALONGSIDE
from sim.deployment.contacts import class_numbers, classes_of
from sim.deployment.engine import fly
from sim.deployment.log import Log
from sim.deployment.world import Plan, World, realise
from sim.model.background.random_courses import RandomCourses
from tests.helpers import events, plan_of

MANNER = "aircraft.cp140.identification"
RULES = f"{MANNER}.priority"
SEA = {
    "duration_days": 4, "background.merchant.present": 60.0, "background.merchant.suspicious_share": 0.3,
    "transfers.fuel.per_month": 60.0, "sensors.radar.resolution_m": 20.0, RULES: {"alongside": 1.0},
}  # fmt: skip


def with_pairs(plan: Plan, replication: int = 0) -> World:
    """A world whose background ships are all two hulls side by side, of the class of that plan's first background."""
    world = realise(plan, 1, replication)
    source = plan.scenario.background["merchant"]
    hulls, gap_m = source.hull_sets[0], source.hull_gaps_m[0]
    with_ais, _ = class_numbers(classes_of(plan.scenario.background, plan.scenario.transfers), hulls, gap_m)
    is_ship = np.arange(world.targets.vessels.size) >= world.transfers.begin.size
    traits = np.where(is_ship, world.targets.traits | ALONGSIDE, world.targets.traits)
    targets = replace(world.targets, traits=traits, kinds=np.where(is_ship, with_ais, world.targets.kinds))
    return replace(world, targets=targets)


def visits(log: Log) -> tuple[list[int], list[int]]:
    """The transfers and the ships that crews flew to because of two hulls side by side."""
    found = [target for s in log.sorties for _, target, why in s.investigations if why == "alongside"]
    count = log.world.transfers.begin.size
    return [target for target in found if target < count], [target for target in found if target >= count]


# ------------------------------------------------------------------------------------------------ two hulls
def test_transfers_are_two_hulls_side_by_side_and_ordinary_ships_are_not():
    plan = plan_of(**SEA)
    world = realise(plan, 1, 0)
    pairs = world.transfers.begin.size
    assert np.all(world.targets.traits[:pairs] & ALONGSIDE)
    assert not np.any(world.targets.traits[pairs:] & ALONGSIDE)
    transfers, ships = visits(fly(plan, world, 0))
    assert transfers
    assert not ships


def test_what_lies_side_by_side_and_is_no_transfer_is_flown_to(monkeypatch):
    """The bit of the trait decides, and the gap of the class: of 25 m here."""
    monkeypatch.setattr(RandomCourses, "hull_gaps_m", (25.0,))
    plan = plan_of(**SEA)
    transfers, ships = visits(fly(plan, with_pairs(plan), 0))
    assert transfers
    assert len(ships) > 3


@pytest.mark.parametrize(
    ("gap_m", "range_nmi", "told"), [(25.0, 1.0, False), (300.0, 9.0, True), (300.0, 10.0, False), (535.0, 16.0, True)]
)
def test_hulls_far_apart_are_told_apart_from_farther_away(monkeypatch, gap_m, range_nmi, told):
    """A beam of 1 degree is as wide as the gap at gap / (pi / 180); all contacts are detected at one range here."""
    monkeypatch.setattr(RandomCourses, "hull_gaps_m", (gap_m,))
    law = {"kind": "definite_range", "range_nmi": range_nmi, "probability": 1.0}
    others = {"sensors.radar.beam_deg": 1.0, "sensors.radar.law": law, "transfers.fuel.per_month": 0.0}
    plan = plan_of(**(SEA | others))
    log = fly(plan, with_pairs(plan), 0)
    assert events(log, "detected")
    assert bool(visits(log)[1]) == told
