"""Smugglers that learn: who is moved or deterred, by common luck, and that crews meet them where they went."""

from dataclasses import replace

import numpy as np
import pytest
import shapely

from sim.core.motion import Motion
from tests.behaviour.test_reactions import flown, of_crews, same

LEARNS = {
    "duration_days": 20.0,
    "transfers.fuel.per_month": 300.0,
    "transfers.fuel.reaction.notice_nmi": 15.0,
    "transfers.fuel.learning.weight": 1.0,
    "transfers.fuel.learning.rationality": 20.0,
    "transfers.fuel.learning.grid_nmi": 100.0,
    "transfers.fuel.learning.deterrable_share": 0.2,
}
PREFIX = "transfers.fuel.learning."


@pytest.fixture(scope="module")
def learnt():
    """Some replications of two patrols over smugglers that learn."""
    return [flown("neon-two", replication, LEARNS) for replication in range(2)]


@pytest.mark.parametrize("scenario", ["neon-spring", "neon-partners"])
def test_without_weight_or_rationality_nothing_changes(scenario):
    sets = {"duration_days": 8.0}
    before = flown(scenario, 0, sets)
    weightless = flown(scenario, 0, {**sets, f"{PREFIX}weight": 0.0})
    assert weightless.answers is None
    assert weightless.events == before.events
    assert weightless.totals() == before.totals()
    blind = flown(scenario, 0, {**sets, f"{PREFIX}weight": 1.0, f"{PREFIX}rationality": 0.0})
    assert blind.events == before.events
    assert blind.totals().items() >= before.totals().items()


def test_without_patrols_nobody_learns_anything():
    sets = {**LEARNS, "patrols.aurora.sorties": 0}
    log = flown("neon-spring", 0, sets)
    assert log.transfers.counted.sum() > 100
    assert not log.answers.displaced.any()
    assert np.array_equal(log.transfers.begin, log.world.transfers.begin)


def test_transfers_are_moved_within_their_day_and_area_and_last_as_long(learnt):
    moved = 0
    for log in learnt:
        base, now, source = log.world.transfers, log.transfers, log.plan.transfers[0]
        displaced = log.answers.displaced
        midnight = log.plan.learning[0].midnight_h
        assert np.array_equal((base.begin[displaced] - midnight) // 24.0, (now.begin[displaced] - midnight) // 24.0)
        takes_place = log.answers.stints.took_place
        assert np.allclose((now.end - now.begin)[takes_place], (base.end - base.begin)[takes_place])
        assert shapely.contains_xy(source.sea, now.x, now.y).all()
        kept = ~displaced
        assert np.array_equal(now.begin[kept], base.begin[kept])
        assert np.array_equal(now.x[kept], base.x[kept])
        moved += int(displaced.sum())
    assert moved > 20


def test_those_who_give_up_are_told_apart_from_those_who_move(learnt):
    for log in learnt:
        totals, answers = log.totals(), log.answers
        assert totals["deterred"] > 0
        assert totals["transfers"] + totals["deterred"] == log.world.transfers.counted.sum()
        assert not (answers.displaced & ~answers.stints.took_place).any()
        gone = set(np.flatnonzero(~answers.stints.took_place).tolist())
        assert not [event for event in log.events if event.vessel in gone]
    assert len(learnt) == 2


def test_crews_meet_transfers_where_they_went(learnt):
    """What was chosen is given to the same crews as a plan, and nobody learns anything: they find the same."""
    for log in learnt:
        targets, stints = log.world.targets, log.answers.stints
        others = targets.owner >= stints.begin.size
        own = [[*stint, 0.0, 0.0, pair] for pair in range(stints.begin.size) for stint in stints.stints_of(pair)]
        rows = np.vstack([np.array(own)[:, :6], targets.rows[others]])
        owner = np.concatenate([np.array(own)[:, 6].astype(int), targets.owner[others]])
        order = np.argsort(rows[:, 0], kind="stable")
        rows = np.ascontiguousarray(rows[order])
        planned: Motion = replace(targets, rows=rows, owner=owner[order], reach=np.maximum.accumulate(rows[:, 1]))
        sets = {key: value for key, value in LEARNS.items() if not key.startswith(PREFIX) and ".reaction." not in key}
        known = flown("neon-two", log.replication, sets, world=replace(log.world, targets=planned))
        assert same(of_crews(log), of_crews(known))
    assert len(learnt) == 2


def test_a_day_is_planned_by_what_was_known_when_it_began(learnt):
    """Word that needs longer than the deployment changes nothing."""
    silent = flown("neon-two", 0, {**LEARNS, f"{PREFIX}spread_days": 30.0})
    assert not silent.answers.displaced.any()
    first = learnt[0].answers.displaced & (learnt[0].world.transfers.begin < 24.0)
    assert not first.any()
    assert learnt[0].answers.displaced.any()


def test_learners_of_several_areas_choose_among_them(tmp_path):
    file = tmp_path / "areas.toml"
    text = """
extends = "neon-spring"
[areas.far]
polygon = [[127.0, 26.5], [129.0, 26.5], [129.0, 28.0], [127.0, 28.0]]
[transfers.fuel]
per_month = 300.0
learning = { weight = 0.5, areas = ["east_china_sea", "far"] }
"""
    file.write_text(text, encoding="utf-8")
    log = flown(str(file), 0, {})
    far = log.plan.scenario.plane.sea(log.plan.scenario.areas["far"].shape)
    near = log.plan.transfers[0].sea
    inside = shapely.contains_xy(far, log.transfers.x, log.transfers.y)
    assert (inside & ~shapely.contains_xy(near, log.transfers.x, log.transfers.y)).sum() > 5
    assert (inside | shapely.contains_xy(near, log.transfers.x, log.transfers.y)).all()
