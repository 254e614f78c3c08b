"""Encounters and loitering: hand-made tracks whose answers are known, and what receivers made of transfers."""

import numpy as np
import pytest
import shapely

from sim import simulate
from sim.model.ais_rules import AisRules, Track
from sim.scenario.load import load_scenario
from sim.study.eyes.answer import AIS_RULES, eyes_of_run
from sim.study.rows import rows_of

KM = 1.0 / 1.852
RULES, NO_LAND = AisRules(), shapely.Polygon()


def track(*points):
    """A track of (hour, x, y)."""
    hour, x, y = np.array(points, float).reshape(-1, 3).T
    return Track(hour, x, y)


def still(begin, end, x=0.0, y=0.0, step=0.5):
    return track(*((hour, x, y) for hour in np.append(np.arange(begin, end, step), end)))


# ------------------------------------------------------------------------------------------------------ encounters
@pytest.mark.parametrize(
    ("one", "two", "is_one"),
    [
        (still(0.0, 2.0), still(0.0, 2.0), True),  # exactly 2 h
        (still(0.0, 1.99), still(0.0, 3.0), False),
        (still(0.0, 5.0), still(0.0, 5.0, x=0.499 * KM), True),
        (still(0.0, 5.0), still(0.0, 5.0, x=0.501 * KM), False),
        (still(0.0, 5.0), still(3.0, 5.0), True),
        (still(0.0, 5.0), still(3.1, 5.0), False),
        (track((0, 0, 0), (11.9, 0, 0)), still(0.0, 2.0), True),  # a gap that is believed
        (track((0, 0, 0), (12.1, 0, 0)), still(0.0, 2.0), False),  # a gap that is not
        (track((0, 0, 0), (1, 0, 0), (14, 0, 0), (15, 0, 0)), still(0.0, 15.0), False),  # an hour on each side of it
        (still(0.0, 3.0), track((1.0, 0, 0)), False),  # one position is no track
        (still(0.0, 3.0), track(), False),
        # Past each other at 1 knot, within 0.5 km for 1 km, which takes 0.54 h; and at 0.2 knots, 2.7 h.
        (track((0, -5, 0), (10, 5, 0)), still(0.0, 10.0), False),
        (track((0, -1, 0), (10, 1, 0)), still(0.0, 10.0), True),
        # Both under way side by side.
        (track((0, 0, 0), (6, 60, 0)), track((0, 0, 0.2), (3, 30, 0.2), (6, 60, 0.2)), True),
        # Near for an hour, apart, and near for an hour again.
        (still(0.0, 5.0), track((0, 0, 0), (1, 0, 0), (1.5, 9, 0), (2, 0, 0), (3, 0, 0)), False),
    ],
)
def test_an_encounter_is_two_vessels_within_half_a_kilometre_for_two_hours(one, two, is_one):
    assert RULES.encounter(one, two, NO_LAND) == is_one
    assert RULES.encounter(two, one, NO_LAND) == is_one


def test_the_time_within_the_distance_is_exact():
    # Past a still vessel at v knots, at a distance d: within R for 2 sqrt(R^2 - d^2) / v hours.
    for speed, aside in [(0.2, 0.1), (0.15, 0.2), (0.26, 0.0)]:
        hours = 2.0 * np.sqrt((0.5 * KM) ** 2 - aside**2) / speed
        passing = track((0.0, -20.0 * speed, aside), (11.0, -9.0 * speed, aside), (22.0, 2.0 * speed, aside))
        passing = passing._replace(hour=passing.hour - 5.0, x=passing.x + 5.0 * speed)
        there = still(-5.0, 17.0)
        for length, is_one in [(hours - 1e-6, True), (hours + 1e-6, False)]:
            assert AisRules(encounter_h=float(length)).encounter(passing, there, NO_LAND) == is_one


# ------------------------------------------------------------------------------------------------------- loitering
@pytest.mark.parametrize(
    ("one", "is_one"),
    [
        (still(0.0, 1.01), True),
        (still(0.0, 1.0), False),  # for longer than an hour
        (track((0, 0, 0), (2, 3.9, 0)), True),
        (track((0, 0, 0), (2, 4.1, 0)), False),
        (track((0, 0, 0), (12.1, 0, 0)), False),
        (track((0, 0, 0), (0.8, 0, 0), (1.0, 5, 0), (1.8, 5, 0)), False),  # slow twice, under way between
        (track((0, 0, 0), (0.6, 0, 0), (1.2, 0, 0)), True),  # two pieces that touch
        (track((0, 0, 0)), False),
        (track(), False),
    ],
)
def test_loitering_is_one_vessel_below_two_knots_for_over_an_hour(one, is_one):
    assert RULES.loiters(one, NO_LAND) == is_one


def test_the_shore_counts():
    land = shapely.box(-100.0, -50.0, 0.0, 50.0)
    near, off = still(0.0, 5.0, x=9.9 * KM), still(0.0, 5.0, x=10.1 * KM)
    assert not RULES.encounter(near, near, land)
    assert RULES.encounter(off, off, land)
    assert not RULES.loiters(still(0.0, 5.0, x=19.9), land)
    assert RULES.loiters(still(0.0, 5.0, x=20.1), land)
    assert AisRules(loitering_off_nmi=0.0, encounter_off_km=0.0).loiters(near, land)


# ---------------------------------------------------------------------------------------- tracks as they are received
BASE = {"nation": "japan", "probability": 0.0, "position_error_nmi": 0.1, "delay_h": 1.0}
STATION = {**BASE, "kind": "ais_station", "position": [125.2, 29.5], "range_nmi": 400.0}
SPACE = {**BASE, "kind": "ais_satellite", "revisit_h": 1.5}
SEA = {
    "nations.japan": {}, "outputs.ais_rules": {}, "duration_days": 10.0, "transfers.fuel.per_month": 90.0,
    "transfers.fuel.dark_share": 0.0, "transfers.fuel.duration_h": {"low": 1.2, "high": 6.0},
}  # fmt: skip


def columns_of(sets, number=0):
    log = simulate(load_scenario("neon-spring", {**SEA, **sets}), 3, number)
    rows = rows_of(log, False)
    return log, rows["transfers"], {name: value[0] for name, value in rows["replications"].items()}


def test_who_hears_all_finds_what_the_rules_say():
    """A station that hears everything sees each pair for as long as it lies there: the rule is about its duration."""
    log, rows, _ = columns_of({"observers.shore": STATION, "patrols": {}})
    land, table = log.plan.scenario.plane.land, log.transfers
    hours = rows["end_h"] - rows["begin_h"]
    place = shapely.points(table.x[table.counted], table.y[table.counted])
    inside = rows["end_h"] < log.end - 1.0
    far = shapely.distance(land, place) > 10.0 * KM
    sure = inside & far & (np.abs(hours - 2.0) > 0.4)  # it is heard once in ten minutes
    assert sure.sum() > 15
    assert [rows["seen_on_ais"][k] == "encounter" for k in np.flatnonzero(sure)] == (hours[sure] > 2.0).tolist()
    assert all(rows["ais_sent"])
    assert all(text == "shore" for text in rows["ais_heard_by"])


def test_a_dark_partner_leaves_one_loiterer():
    alone = {"observers.shore": STATION, "transfers.fuel.partner_dark_share": 1.0}
    _, rows, totals = columns_of(alone)
    assert set(rows["seen_on_ais"]) <= {"loitering", None}
    assert totals["seen_on_ais"] > 0
    assert totals["encounters_on_ais"] == 0


def test_what_is_not_sent_is_not_heard():
    sets = {
        "observers.shore": {**STATION, "range_nmi": 120.0}, "observers.space": {**SPACE, "others_in_view": 900.0},
        "transfers.fuel.dark_share": 0.4, "transfers.fuel.spoofing_share": 0.3,
    }  # fmt: skip
    heard = unheard = 0
    for number in range(3):
        log, rows, totals = columns_of(sets, number)
        sent = np.array(rows["ais_sent"], bool)
        dark, false = ((log.transfers.traits[log.transfers.counted] & bit) > 0 for bit in (1, 2))
        assert (sent == ~dark).all()
        by = np.array([bool(text) for text in rows["ais_heard_by"]])
        assert (sent | ~by).all()
        assert not (false & by).any()
        seen = np.array([bool(rule) for rule in rows["seen_on_ais"]])
        assert (sent | ~seen).all()
        heard, unheard = heard + by.sum(), unheard + (sent & ~by & ~false).sum()
        detected = ~np.isnan(rows["detected_h"])
        assert totals["ais_sent"] == sent.sum()
        assert totals["ais_heard"] == by.sum()
        assert totals["seen_on_ais"] == seen.sum()
        assert totals["detected_on_ais"] == (seen & detected).sum()
        assert totals["documented_on_ais"] == (seen & ~np.isnan(rows["documented_h"])).sum()
    assert heard > 10
    assert unheard > 0


def test_patrols_change_nothing_of_what_is_heard():
    sets = {"observers.space": SPACE, "observers.shore": STATION}
    (_, flown, _), (_, idle, _) = columns_of(sets), columns_of({**sets, "patrols": {}})
    for name in ("ais_sent", "ais_heard_by", "seen_on_ais"):
        assert list(flown[name]) == list(idle[name])


def test_a_receiver_more_makes_no_other_hear_less():
    (_, one, _), (_, two, _) = (
        columns_of({"observers.space": {**SPACE, "others_in_view": 1400.0}, **more})
        for more in ({}, {"observers.second": {**STATION, "range_nmi": 50.0}})
    )
    first = [set((text or "").split(", ")) & {"space"} for text in one["ais_heard_by"]]
    assert first == [set((text or "").split(", ")) & {"space"} for text in two["ais_heard_by"]]


def test_receivers_cost_no_event_and_change_no_flight():
    plain = simulate(load_scenario("neon-spring", {"duration_days": 8.0}), 1, 0)
    listening = {"nations.japan": {}, "observers.space": SPACE, "outputs.ais_rules": {}, "duration_days": 8.0}
    heard = simulate(load_scenario("neon-spring", listening), 1, 0)
    assert [event[:5] for event in plain.events] == [event[:5] for event in heard.events]
    assert plain.ais is None
    assert plain.on_ais is None


def test_eyes_tell_who_saw_it_alone(tmp_path, monkeypatch):
    from sim import run

    monkeypatch.chdir(tmp_path)
    scenario = load_scenario("neon-spring", {**SEA, "observers.shore": STATION, "transfers.fuel.dark_share": 0.5})
    results = run(scenario, replications=3, jobs=1)
    eyes = eyes_of_run(results)
    assert eyes.names == ("aircraft", "shore", AIS_RULES)
    assert sum(one.number for one in eyes.combinations) == int(results.columns["transfers"].sum())
    of_rules = next(one for one in eyes.alone if eyes.text(one.eyes) == AIS_RULES)
    assert of_rules.number == int(results.columns["seen_on_ais"].sum()) > 0
    both = sum(one.number for one in eyes.combinations if {0, 2} <= set(one.eyes))
    assert both == int(results.columns["detected_on_ais"].sum())
