"""Hours of bases and of sorties: when a base is open, which legs are observed, which hours are spent at work."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.core.chance import replication_key
from sim.core.codes import DIVERT, HOLD, IDENTIFY, REJOIN, RETURN, SEARCH, TRANSIT
from sim.deployment.bases import Openings, realise_openings
from sim.deployment.sorties import Sortie, hours_at_work, legs_before
from sim.model.patrols import Closed
from tests.helpers import scores_from, standard_errors


# ---------------------------------------------------------------------------------------------------- bases
def test_a_base_opens_and_closes_by_turns_at_its_hours():
    base = Openings([2.0, 5.0, 9.0], open_at_first=True)
    assert [base.is_open(hour) for hour in (0.0, 1.9, 2.0, 4.9, 5.0, 8.9, 9.0, 99.0)] == [
        True, True, False, False, True, True, False, False
    ]  # fmt: skip
    assert [base.opens_after(hour) for hour in (0.0, 2.0, 4.0, 5.0)] == [0.0, 5.0, 5.0, 5.0]
    assert base.opens_after(9.0) == math.inf
    shut = Openings([3.0], open_at_first=False)
    assert not shut.is_open(0.0)
    assert shut.opens_after(0.0) == 3.0
    assert shut.opens_after(7.0) == 7.0


def test_spells_of_a_base_have_their_means_and_its_share_of_open_time_holds_at_every_hour():
    closed = Closed(mean_open_h=6.0, mean_closed_h=3.0)
    bases = [realise_openings(closed, replication_key(5, number), "kadena", 200.0) for number in range(400)]
    for hour in (0.0, 1.0, 50.0):
        share = np.mean([base.is_open(hour) for base in bases])
        assert standard_errors(share, 2 / 3, np.sqrt(2 / 9 / 400)) < 3.9
    spells = {True: [], False: []}
    for base in bases:
        state = base.open_at_first
        for begin, end in zip(base.changes[:10], base.changes[1:11], strict=True):
            state = not state
            spells[state].append(end - begin)
    assert len(spells[True]) + len(spells[False]) == 4000
    assert scores_from(np.array(spells[True]), 6.0) < 3.9
    assert scores_from(np.array(spells[False]), 3.0) < 3.9


def test_a_base_is_open_at_the_same_hours_whatever_the_end_of_the_deployment():
    closed, key = Closed(mean_open_h=6.0, mean_closed_h=3.0), replication_key(5, 0)
    short, long = (realise_openings(closed, key, "kadena", end) for end in (30.0, 300.0))
    assert long.changes[: len(short.changes)] == short.changes
    assert len(long.changes) > len(short.changes) > 2
    assert realise_openings(closed, key, "naha", 300.0).changes != long.changes


# ---------------------------------------------------------------------------------------------------- legs as flown
def sortie_of(*legs, takeoff_h=0.0):
    """A sortie along the x axis from legs (phase, hours), 100 nmi in each hour."""
    begins = takeoff_h + np.cumsum([0.0, *(hours for _, hours in legs)])
    rows = [
        [t0, t1, 100.0 * t0, 0.0, 100.0 * t1, 0.0, phase]
        for (phase, _), t0, t1 in zip(legs, begins, begins[1:], strict=False)
    ]
    return Sortie("aurora", 0, takeoff_h, begins[-1], np.array(rows), [], np.zeros(0), 0, {})


def test_a_leg_is_cut_at_the_end_of_the_deployment_where_the_aircraft_is_then():
    flown = sortie_of((TRANSIT, 1.0), (SEARCH, 2.0), (RETURN, 1.0)).flown
    cut = legs_before(flown, 2.5)
    assert cut[:, 0].tolist() == [0.0, 1.0]
    assert cut[-1, 1] == 2.5
    assert cut[-1, 4:6] == pytest.approx((250.0, 0.0))
    assert np.array_equal(legs_before(flown, 4.0), flown)
    assert len(legs_before(flown, 0.0)) == 0
    assert flown[1, 1] == 3.0  # the flight itself is left as it is


def test_hours_on_station_and_for_contacts_by_hand():
    """On station: from the first search leg to the way home, and diversions on the way out too."""
    out = sortie_of(
        (TRANSIT, 1.0), (DIVERT, 0.25), (IDENTIFY, 0.5), (REJOIN, 0.25), (TRANSIT, 1.0), (SEARCH, 2.0), (RETURN, 1.0)
    )
    assert hours_at_work([out], 99.0) == pytest.approx((3.0, 1.0))
    held = sortie_of((TRANSIT, 1.0), (SEARCH, 1.0), (HOLD, 0.5), (SEARCH, 1.0), (RETURN, 1.0))
    assert hours_at_work([held], 99.0) == pytest.approx((2.5, 0.0))
    assert hours_at_work([out, held], 99.0) == pytest.approx((5.5, 1.0))
    assert hours_at_work([held, out], 99.0) == pytest.approx((5.5, 1.0))
    assert hours_at_work([held], 1.75) == pytest.approx((0.75, 0.0))
    assert hours_at_work([], 99.0) == (0.0, 0.0)


@given(st.lists(st.tuples(st.sampled_from([SEARCH, DIVERT, IDENTIFY, REJOIN, HOLD]), st.floats(0.1, 3.0)), max_size=8))
@settings(max_examples=50)
def test_no_sortie_is_on_station_longer_than_it_flies_nor_at_contacts_longer_than_on_station(middle):
    flight = sortie_of((TRANSIT, 1.0), *middle, (RETURN, 1.0))
    on_station, contacts = hours_at_work([flight], math.inf)
    assert 0.0 <= contacts <= on_station + 1e-9
    assert on_station <= flight.landing_h - flight.takeoff_h - 2.0 + 1e-9
