"""Pairs that notice aircraft: when they part, what stays as it was, and that flights are called back exactly."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import shapely

from sim import load_scenario
from sim.deployment.engine import fly
from sim.deployment.world import prepare, realise
from tests.theory.test_fuel import random_fleet

NOTICES = {"transfers.fuel.reaction.notice_nmi": 15.0, "transfers.fuel.reaction.night_notice_nmi": 6.0}
WARY = {
    **NOTICES,
    "transfers.fuel.reaction.notice_chance": 0.8,
    "transfers.fuel.reaction.cast_off_share": 0.4,
    "transfers.fuel.reaction.lie_low_share": 0.5,
    "transfers.fuel.reaction.delay_h.low": 0.05,
    "transfers.fuel.reaction.delay_h.high": 0.8,
    "transfers.fuel.reaction.wait_h.low": 0.5,
    "transfers.fuel.reaction.wait_h.high": 6.0,
    "transfers.fuel.per_month": 400.0,
    "duration_days": 8.0,
}
"""Many pairs that notice aircraft, and mostly part."""


def flown(scenario, replication, sets, world=None):
    """The log of one replication; of another world than its own if one is given."""
    plan = prepare(load_scenario(scenario, sets))
    return fly(plan, world or realise(plan, 5, replication), replication)


def without(sets):
    """The same scenario, in which nobody notices anything."""
    return {key: value for key, value in sets.items() if ".reaction." not in key}


def same(first, second):
    """Whether two lists of events are equal, apart from what ships notice and from rounding."""
    first, second = ([event for event in events if event.event != "noticed"] for events in (first, second))
    assert [event[1:5] for event in first] == [event[1:5] for event in second]
    numbers = [np.array([[event.time_h, event.x, event.y] for event in events]) for events in (first, second)]
    return np.allclose(*numbers, rtol=0.0, atol=1e-6)


@pytest.mark.parametrize("scenario", ["neon-spring", "neon-two", "neon-partners"])
def test_who_notices_nothing_or_goes_on_changes_nothing(scenario):
    for replication in range(2):
        sets = {"duration_days": 8.0}
        before = flown(scenario, replication, sets)
        blind = flown(scenario, replication, {**sets, **NOTICES, "transfers.fuel.reaction.notice_chance": 0.0})
        calm = flown(scenario, replication, {**sets, **NOTICES})
        assert blind.events == before.events
        assert [event for event in calm.events if event.event != "noticed"] == before.events
        assert blind.totals().items() >= before.totals().items()


def as_if_known(log, plan):
    """The log of the same crews over the same pairs, which part at the same hours as a plan: nobody notices anything.

    `log`: that of a replication in which no pair came alongside again; `plan`: the same scenario without reactions.
    """
    targets, end = log.world.targets, log.answers.stints.end
    rows, of_pairs = targets.rows.copy(), targets.owner < end.size
    rows[of_pairs, 1] = end[targets.owner[of_pairs]]
    planned = replace(targets, rows=rows, reach=np.maximum.accumulate(rows[:, 1]))
    return fly(plan, replace(log.world, targets=planned), log.replication)


def of_crews(log):
    """The events of crews."""
    return [event for event in log.events if event.patrol]


@pytest.mark.parametrize("scenario", ["neon-spring", "neon-crew", "neon-two"])
def test_a_flight_that_is_called_back_is_that_of_a_crew_for_whom_the_pairs_part_anyway(scenario):
    parted = 0
    for replication in range(3):
        log = flown(scenario, replication, {**WARY, "transfers.fuel.reaction.again_share": 0.0})
        known = as_if_known(log, prepare(load_scenario(scenario, without(WARY))))
        assert same(of_crews(log), of_crews(known))
        parted += int(log.answers.parted_early.sum())
    assert parted > 10


def test_so_it_is_in_random_fleets():
    """Winds, zones, closed bases, interceptors, faults: each flight is as if it had known when the pairs part."""
    parted = 0
    for seed in range(12):
        sets = {**WARY, "duration_days": 3, "transfers.fuel.reaction.again_share": 0.0}
        plan = prepare(random_fleet(seed, **sets))
        log = fly(plan, realise(plan, seed, 0), 0)
        known = as_if_known(log, prepare(random_fleet(seed, **without(sets))))
        assert same(of_crews(log), of_crews(known)), seed
        parted += int(log.answers.parted_early.sum())
    assert parted > 20


@pytest.fixture(scope="module")
def wary():
    """Some replications of two patrols over pairs that notice aircraft."""
    return [flown("neon-two", replication, WARY) for replication in range(3)]


def test_reactions_never_lengthen_a_transfer(wary):
    lengths, parted = [], []
    for log in wary:
        table = log.world.transfers
        lengths.append(log.answers.alongside_h - (table.end - table.begin))
        parted.append(log.answers.parted_early)
    lengths, parted = np.concatenate(lengths), np.concatenate(parted)
    assert lengths.max() < 1e-9
    assert np.abs(lengths[~parted]).max() < 1e-9
    assert (lengths[parted] < 0.0).sum() > 10


def test_stints_follow_one_another_near_by_and_at_sea(wary):
    stints = [log.answers.stints_of(pair) for log in wary for pair in np.flatnonzero(log.answers.resumed).tolist()]
    sea = wary[0].plan.transfers[0].sea
    pairs = [neighbours for each in stints for neighbours in pairwise(each)]
    gaps = [after.begin - before.end for before, after in pairs]
    ways = [np.hypot(after.x - before.x, after.y - before.y) for before, after in pairs]
    assert len(gaps) > 10
    assert min(gaps) >= 0.5
    assert max(gaps) <= 6.0
    assert max(ways) <= 10.0
    assert all(shapely.contains_xy(sea, stint.x, stint.y) for each in stints for stint in each)


def test_a_pair_notices_the_aircraft_where_it_first_comes_within_the_range_of_the_hour(wary):
    """Seen from the tracks, a minute apart: it was farther away before, or it was darker, or the pair just came."""
    checked = 0
    for log in wary:
        table, plan = log.world.transfers, log.plan.transfers[0]
        tracks = {(sortie.patrol, sortie.number): sortie.flown for sortie in log.sorties}
        for event in log.events:
            if event.event != "noticed" or log.answers.resumed[event.vessel]:
                continue
            hours = np.arange(event.time_h, tracks[event.patrol, event.sortie][0, 0], -1.0 / 60.0)
            hours = hours[hours >= table.begin[event.vessel]]
            far = np.hypot(*(place_of(tracks[event.patrol, event.sortie], hours) - [[event.x], [event.y]]))
            lon, lat = plan.plane.to_lonlat(event.x, event.y)
            is_light = plan.sun.elevation(hours, lon, lat) > plan.light_begins_deg
            within = far <= np.where(is_light, 15.0, 6.0) + 1e-6
            assert within[0]
            assert not within[1:].any()
            checked += 1
    assert checked > 10


def place_of(legs, hours):
    """Where an aircraft was on legs as flown, (2, n)."""
    row = np.clip(np.searchsorted(legs[:, 0], hours, side="right") - 1, 0, None)
    share = (hours - legs[row, 0]) / (legs[row, 1] - legs[row, 0])
    return legs[row, 2:4].T + share * (legs[row, 4:6] - legs[row, 2:4]).T


def test_a_pair_parts_after_the_delay_and_what_was_documented_stays_so(wary):
    delays, documented = [], 0
    for log in wary:
        parted = {event.vessel: event.time_h for event in reversed(log.events) if event.event == "parted"}
        delays += [
            parted[event.vessel] - event.time_h
            for event in log.events
            if event.event == "noticed" and event.detail != "goes on" and parted.get(event.vessel, 0.0) >= event.time_h
        ]
        rungs = log.climbed["documented"]
        documented += int((rungs[log.answers.parted_early] > 0.0).sum())
        assert [log.reasons[i] for i in np.flatnonzero(rungs > 0.0)] == [None] * int((rungs > 0.0).sum())
    assert len(delays) > 10
    assert max(delays) <= 0.8 + 1e-9
    assert documented > 0


def test_encounters_that_two_plans_share_have_the_same_luck():
    both = flown("neon-two", 0, WARY)
    alone = flown("neon-two", 0, {**WARY, "patrols.poseidon.sorties": 0})
    answers = [
        {
            (event.vessel, event.patrol, event.sortie): event.detail
            for event in log.events
            if event.event == "noticed" and not log.answers.resumed[event.vessel]
        }
        for log in (both, alone)
    ]
    shared = answers[0].keys() & answers[1].keys()
    assert len(shared) > 5
    assert [answers[0][one] for one in sorted(shared)] == [answers[1][one] for one in sorted(shared)]


def test_transfers_are_counted_once_with_how_long_they_lasted(wary):
    for log in wary:
        totals, counted = log.totals(), log.transfers.counted
        assert totals["transfers"] == log.world.transfers.counted.sum() == counted.sum()
        assert totals["parted_early"] == log.answers.parted_early[counted].sum() > 0
        assert totals["resumed"] <= totals["parted_early"] <= totals["noticed"]
        assert totals["alongside_hours"] == pytest.approx(log.answers.alongside_h[counted].sum())
    assert len(wary) == 3


def test_a_crew_that_is_called_back_at_a_contact_decides_nothing_there():
    """Light comes while a crew is away from its route: it decides about that when it is back, not where it stopped."""
    decided = 0
    for replication in (88, 158):
        plan = prepare(load_scenario("neon-wary", {"patrols.aurora.takeoff": "06:00"}))
        log = fly(plan, realise(plan, 1, replication), replication)
        decided += sum(bool(sortie.investigations) for sortie in log.sorties)
    assert decided > 20


def test_ships_leave_when_they_part_and_contacts_count_them_then():
    """Where all pairs part at once, each ship is under way earlier; where none does, the count is as it was."""
    sets = {"duration_days": 8.0, "outputs.contacts": True, "transfers.fuel.per_month": 400.0}
    before = flown("neon-spring", 0, sets)
    calm = flown("neon-spring", 0, {**sets, **NOTICES, "transfers.fuel.reaction.notice_chance": 0.0})
    gone = flown("neon-spring", 0, {**sets, **NOTICES, "transfers.fuel.reaction.cast_off_share": 1.0})
    assert calm.contacts == before.contacts
    assert gone.answers.parted_early.sum() > 10
    assert gone.contacts != before.contacts
