"""Edges of a sea that answers: transfers given up, hours without transfers, coarse cells, changes beside a contact."""

import warnings

import numpy as np

from sim import load_scenario
from sim.deployment.engine import simulate
from sim.deployment.world import prepare
from tests.behaviour.test_reactions import WARY, as_if_known, flown, of_crews, same, without

EVENTS = "transfers.events"
LEARNS = {
    f"{EVENTS}.per_month": 600.0,
    f"{EVENTS}.reaction.notice_nmi": 150.0,
    f"{EVENTS}.learning.weight": 1.0,
    f"{EVENTS}.learning.spread_days": 0.0,
    f"{EVENTS}.learning.noticed_risk": 1.0,
}


def log_of(**sets):
    """A replication of `textbook`, in which aircraft are within reach of all pairs, with changes."""
    return simulate(prepare(load_scenario("textbook", {**LEARNS, **sets})), 7, 0)


def test_a_transfer_that_was_given_up_notices_nothing():
    log = log_of(**{f"{EVENTS}.learning.deterrable_share": 1.0, f"{EVENTS}.learning.hours": 1})
    gone = ~log.answers.stints.took_place
    assert gone.sum() > 100
    assert not log.answers.noticed[gone].any()
    assert not {event.vessel for event in log.events} & set(np.flatnonzero(gone).tolist())


def test_a_cell_without_transfers_is_never_chosen_and_divides_nothing_by_zero():
    """All transfers begin by night, and both flights of a day meet all of them; by day there is no risk."""
    patrol = {
        "patrols.daily.every_h": 12.0,
        "patrols.daily.first_takeoff_h": 3.0,
        "aircraft.searcher.endurance_h": 10.5,
    }
    strong = {f"{EVENTS}.learning.rationality": 1000.0, f"{EVENTS}.learning.noticed_risk": 1000.0}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        log = log_of(**patrol, **strong, **{f"{EVENTS}.night_share": 1.0, f"{EVENTS}.learning.hours": 8})
    assert log.answers.displaced.any()


def test_a_grid_that_is_coarser_than_the_sea_has_one_cell_of_place():
    coarse = log_of(**{f"{EVENTS}.learning.grid_nmi": 2000.0})
    assert coarse.totals() == log_of().totals()


def test_in_the_dark_nobody_notices_anything_where_the_range_is_0():
    """An aircraft is within reach at most hours of day and night."""
    patrol = {"patrols.daily.every_h": 5.0, "aircraft.searcher.turn_round_h": 0.0}
    patrol |= {"aircraft.searcher.endurance_h": 5.5, "duration_days": 12.0}
    sets = {f"{EVENTS}.learning.weight": 0.0, f"{EVENTS}.reaction.night_notice_nmi": 0.0, **patrol}
    log = log_of(**sets)
    hours = np.array([event.time_h for event in log.events if event.event == "noticed"])
    source = log.plan.transfers[0]
    lon, lat = source.plane.to_lonlat(source.sea.centroid.x, source.sea.centroid.y)
    assert hours.size > 100
    elsewhere_deg = 0.5  # as far as the sun differs over the box
    assert source.sun.elevation(hours, lon, lat).min() > source.light_begins_deg - elsewhere_deg
    blind = log_of(**{**sets, f"{EVENTS}.reaction.night_notice_nmi": 150.0})
    assert sum(event.event == "noticed" for event in blind.events) > 1.3 * hours.size


def test_a_pair_that_parts_does_not_make_a_crew_leave_another_contact():
    """Sorties at all hours: the light changes while the crew is away from its route. See `test_reactions`."""
    sets = {**WARY, "patrols.aurora.every_h": 11.0, "transfers.fuel.reaction.again_share": 0.0}
    log = flown("neon-crew", 0, sets)
    known = as_if_known(log, prepare(load_scenario("neon-crew", without(sets))))
    assert log.answers.parted_early.sum() > 5
    assert same(of_crews(log), of_crews(known))
