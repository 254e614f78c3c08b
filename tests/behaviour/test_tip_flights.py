"""What a crew does with a tip: whether it leaves for it, how it searches about it, and when the tip is over."""

import math

import numpy as np
import pytest
import shapely

from sim.core.airspace import NoPathError
from sim.core.codes import REJOIN, SEARCH, TRANSIT
from sim.core.turns import UnflyableError
from sim.deployment.engine import simulate
from sim.model.cells import PROBABLE_ERROR
from tests.behaviour.tip_scenarios import (
    FOLLOWED,
    LEAST,
    MANY,
    SECOND,
    SURE,
    flights_for_tips,
    fly_with,
    followed,
    middle,
    scenario,
    tables,
)


def test_the_next_sortie_begins_at_the_best_tip():
    (x, y), none = middle(), {"patrols.aurora.tips": {"divert": False, "next_sortie": False}}
    reports = [(20.0, 20.5, x, y, 0.0), (20.5, 20.8, x + 60.0, y + 60.0, 0.0)]
    log = fly_with(reports)
    first = log.sorties[0]
    there = 21.0 + math.dist(first.flown[0, 2:4], (x, y)) / 350.0
    further = 21.0 + math.dist(first.flown[0, 2:4], (x + 60.0, y + 60.0)) / 350.0
    promise = [(1 - (h - seen) / 6.0) / (h - 21.0 + 0.25) for h, seen in ((there, 20.0), (further, 20.5))]
    best = 0 if promise[0] > promise[1] else 1
    assert followed(log)[0] == (21.0, "aurora", f"tip {best}")
    assert {detail for _, _, detail in followed(log)} == {"tip 0", "tip 1"}
    assert first.tip_flights[0].arrival_h == pytest.approx((there, further)[best])
    at = (x, y) if best == 0 else (x + 60.0, y + 60.0)
    assert first.flown[0, 4:6] == pytest.approx(at)
    assert first.flown[0, 6] == TRANSIT
    assert not followed(fly_with(reports, **none))


def test_a_crew_in_the_air_leaves_for_a_tip_and_comes_back_to_where_it_left():
    x, y = middle()
    undisturbed = fly_with([]).sorties[0].flown
    log = fly_with([(23.5, 24.0, x, y, 8.0)])
    flown = log.sorties[0].flown
    assert followed(log) == [(pytest.approx(24.0), "aurora", "tip 0")]
    begin = int(np.searchsorted(flown[:, 0], 24.0 - 1e-9))
    assert undisturbed[begin - 1, [0, 2, 3]] == pytest.approx(
        flown[begin - 1, [0, 2, 3]]
    )  # the leg that was broken off
    left = flown[begin, 2:4]
    assert flown[begin, 4:6] == pytest.approx((x, y))
    back = begin + int(np.flatnonzero(flown[begin:, 6] == REJOIN)[0])
    assert flown[back, 4:6] == pytest.approx(left)
    assert set(flown[begin + 1 : back, 6]) == {SEARCH}
    tip = log.sorties[0].tip_flights[0]
    assert (tip.begin_h, tip.end_h) == pytest.approx((24.0, flown[back, 0]))
    rest, before = flown[back + 1 :], undisturbed[begin - 1 :]
    same = min(len(rest), len(before)) - 2  # then bingo, sooner
    assert same > 3
    assert rest[:same, 4:6] == pytest.approx(before[:same, 4:6])
    assert np.all(rest[:same, 6] == SEARCH)
    assert not followed(fly_with([(23.5, 24.0, x, y, 8.0)], **{"patrols.aurora.tips": {"divert": False}}))


FAR = {"in_dark": False, "document": {"range_nmi": 2.0, "probability": 0.8, "needs_light": True}}


@pytest.mark.parametrize(
    ("hour", "age", "sets"),
    [
        (24.0, 5.6, {}),  # it will be older than transfers last as the aircraft is there
        (24.0, 4.0, {"patrols.aurora.tips.least_chance": 0.5}),
        (24.0, 1.0, {"patrols.aurora.tips.least_chance": 0.5, "observers.desk.credibility": 0.4}),
        (29.6, 0.5, {}),  # bingo fuel comes before it is there
        (24.0, 0.5, {"zones.z": {"polygon": [[124.9, 29.2], [125.4, 29.2], [125.4, 29.8], [124.9, 29.8]]}}),
        (
            38.0,
            0.5,
            {"patrols.aurora.first_takeoff_h": 36.0, **{f"aircraft.cp140.identification.{k}": FAR[k] for k in FAR}},
        ),
    ],
    ids=["old", "unlikely to last", "incredible", "no fuel", "closed", "dark"],
)
def test_a_tip_is_not_flown(hour, age, sets):
    x, y = middle()
    if hour == 29.6:
        x, y = x - 30.0, y + 140.0  # the far end of the area
    kept = {key: value for key, value in sets.items() if key.startswith("patrols.aurora.first")}
    assert not followed(fly_with([(hour - age, hour, x, y, 1.0)], **sets))
    sooner = min(hour, 24.0) if not kept else hour
    assert len(followed(fly_with([(sooner - 0.5, sooner, x, y, 1.0)], **kept))) == 1  # else it is


def test_tips_that_no_way_leads_to_are_not_flown():
    """All transfers and all false reports lie in a zone: reports come, and no crew leaves for them."""
    low, high = (124.5, 28.5), (125.5, 29.5)
    box = [list(low), [high[0], low[1]], list(high), [low[0], high[1]]]
    wide = [[124.2, 28.2], [125.8, 28.2], [125.8, 29.8], [124.2, 29.8]]
    sets = {"areas.closed": {"polygon": box}, "transfers.fuel.area": "closed"}
    exact = {f"observers.{name}.position_error_nmi": 0.5 for name in ("desk", "satellite", "source")}
    exact["agreements.five_eyes.sanitising_error_nmi"] = 0.5
    free, closed = (
        simulate(scenario("neon-spring", FOLLOWED, MANY, sets, exact, zones)).totals()
        for zones in ({}, {"zones.z": {"polygon": wide}})
    )
    assert free["tips_followed"] > 0
    assert closed["tips_released"] == free["tips_released"] > 0
    assert closed["tips_followed"] == 0


def raising(error):
    def fail(*_):
        raise error

    return fail


@pytest.mark.parametrize("where", ["sim.deployment.tips.length_nmi", "sim.deployment.tips.expanding_square"])
def test_a_fault_in_the_tasking_of_tips_is_not_swallowed(monkeypatch, where):
    monkeypatch.setattr(where, raising(ValueError("planted")))
    with pytest.raises(ValueError, match="planted"):
        simulate(scenario("neon-spring", FOLLOWED, MANY))


@pytest.mark.parametrize("error", [NoPathError("planted"), UnflyableError("tips", 1.0, "another")])
def test_a_tip_whose_search_no_way_leads_through_is_not_flown(monkeypatch, error):
    """No path within the search, or zones over all of it: then no crew leaves for a tip, and nothing fails."""
    where = "length_nmi" if isinstance(error, NoPathError) else "waypoints_of"
    monkeypatch.setattr(f"sim.deployment.tips.{where}", raising(error))
    vague = {f"observers.{name}.position_error_nmi": 20.0 for name in ("desk", "satellite", "source")}
    totals = simulate(scenario("neon-spring", FOLLOWED, MANY, vague)).totals()
    assert totals["tips_released"] > 0
    assert totals["tips_followed"] == 0
    monkeypatch.undo()
    assert simulate(scenario("neon-spring", FOLLOWED, MANY, vague)).totals()["tips_followed"] > 0


def test_a_tip_is_flown_as_long_as_its_chance_lasts():
    x, y = middle()
    for age, lasts in ((4.0, 6.0), (7.0, 6.0), (7.0, 12.0)):
        log = fly_with([(24.0 - age, 24.0, x, y, 1.0)], **{"nations.canada.cell.lasts_h": lasts})
        assert bool(followed(log)) == (age < lasts)


@pytest.mark.parametrize(("error", "age"), [(2.0, 0.5), (8.0, 0.5), (8.0, 3.0), (20.0, 1.0), (22.0, 3.0)])
def test_the_search_grows_with_error_and_age(error, age):
    (x, y), spacing, spread = middle(), 7.0, 3.0
    log = fly_with(
        [(24.0 - age, 24.0, x, y, error)],
        **{"patrols.aurora.tips.search": {"spacing_nmi": spacing}, "nations.canada.cell.spread_kn": spread},
    )  # fmt: skip
    (tip,), flown = log.sorties[0].tip_flights, log.sorties[0].flown
    radius = 1.1 * PROBABLE_ERROR * math.hypot(error, LEAST, spread * (tip.arrival_h - (24.0 - age)))
    rings = next(m for m in range(100) if (m + 0.5) * spacing >= radius)
    about = flown[(flown[:, 0] > tip.arrival_h - 1e-9) & (flown[:, 1] < tip.end_h + 1e-9)]
    steps = np.hypot(about[:, 4] - about[:, 2], about[:, 5] - about[:, 3]) / spacing
    assert steps == pytest.approx([k // 2 + 1 for k in range(4 * rings + 1 if rings else 0)])
    turns = np.diff(np.degrees(np.arctan2(about[:, 4] - about[:, 2], about[:, 5] - about[:, 3]))) % 360.0
    assert turns == pytest.approx(90.0)
    disc = shapely.Point(x, y).buffer(radius)
    if rings:
        near = shapely.union_all([shapely.LineString([row[2:4], row[4:6]]) for row in about])
        assert disc.difference(near.buffer((2.0 - math.sqrt(2.0)) * spacing + 1e-6)).area < 1e-6


def test_a_sector_search_keeps_within_its_radius():
    x, y = middle()
    rules = {"patrols.aurora.tips.search": {"pattern": "sector", "factor": 2.0}}
    log = fly_with([(23.5, 24.0, x, y, 9.0)], **rules)
    (tip,), flown = log.sorties[0].tip_flights, log.sorties[0].flown
    radius = 2.0 * PROBABLE_ERROR * math.hypot(9.0, LEAST, tip.arrival_h - 23.5)
    about = flown[(flown[:, 0] > tip.arrival_h - 1e-9) & (flown[:, 1] < tip.end_h + 1e-9)]
    away = np.hypot(about[:, 4] - x, about[:, 5] - y)
    assert away == pytest.approx([radius, radius, 0.0] * 3, abs=1e-6)
    assert np.hypot(about[:, 4] - about[:, 2], about[:, 5] - about[:, 3]) == pytest.approx(radius)


def test_a_search_ends_when_ships_are_documented_there():
    def about_all(begin, end, x, y):
        """Of all that lie there at 20 h, 10 nmi off the place."""
        rows = np.flatnonzero((begin < 20.0) & (end > 40.0))
        return [(20.0, 20.5, x[k] + 10.0, y[k], 10.0, k) for k in rows]

    rules = {"patrols.aurora.tips.search": {"spacing_nmi": 5.0}, "aircraft.cp140.endurance_h": 20.0}
    log = fly_with(about_all, **SURE, **rules)
    flights = flights_for_tips(log)
    fruitful = [flight for flight in flights if flight.documented]
    assert fruitful
    for flight in fruitful:
        last = max(
            e.time_h
            for e in log.events
            if e.event == "documented" and flight.begin_h <= e.time_h <= flight.end_h + 1e-9
        )
        assert flight.end_h == pytest.approx(last)
        tip = log.dissemination.cells["canada"].tips[flight.tip]
        assert tip.resolved
        assert not tip.assigned
    assert log.totals()["tips_fruitful"] == len(fruitful)
    assert log.totals()["documented_tipped"] == sum(len(flight.documented) for flight in fruitful) > 0


def test_two_patrols_of_a_nation_do_not_fly_one_tip():
    (x, y), sets = middle(), {"patrols.second": SECOND}
    log = fly_with([(23.5, 24.0, x, y, 15.0)], **sets)
    assert len(followed(log)) == 1
    again = [(23.5, 24.0, x, y, 15.0), (24.15, 24.2, x, y, 15.0)]  # a newer report while a crew is on it
    log = fly_with(again, **sets)
    assert len(followed(log)) == 1
    two = [(23.5, 24.0, x, y, 1.0), (23.5, 24.0, x + 100.0, y, 1.0)]
    assert {patrol for _, patrol, _ in followed(fly_with(two, **sets))} == {"aurora", "second"}
    other = {"patrols.second": {**SECOND, "nation": "japan"}, "nations.japan": {}}
    other |= {"agreements.all": {"nations": ["canada", "japan"], "delay_h": 0.0}}
    assert len(followed(fly_with([(23.5, 24.0, x, y, 15.0)], **other))) == 2  # each nation for itself


def test_a_tip_that_nobody_reached_is_left_to_others():
    x, y = middle()
    faults = {"aircraft.cp140.aborts_per_100_h": 100.0, "patrols.aurora.every_h": 1.0, "duration_days": 30}
    log = fly_with([(k - 0.1, float(k), x + 2.0 * k, y + 2.0 * k, 0.0) for k in range(20, 60)], **faults)
    tips, aborted = log.dissemination.cells["canada"].tips, 0
    flights = flights_for_tips(log)
    for flight in flights:
        if flight.end_h < flight.arrival_h:
            aborted += 1
            assert tips[flight.tip].searched_h != flight.end_h
    assert aborted > 0


def test_reports_reopen_a_tip_that_was_flown():
    x, y = middle()
    once = [(23.5, 24.0, x, y, 1.0)]
    older = [*once, (23.9, 27.0, x + 1.0, y, 1.0)]  # of before the crew looked
    newer = [*once, (26.5, 27.0, x + 1.0, y, 1.0)]
    assert len(followed(fly_with(once))) == 1
    assert len(followed(fly_with(older))) == 1
    log = fly_with(newer)
    assert [detail for _, _, detail in followed(log)] == ["tip 0", "tip 0"]
    table = tables(log)["tips"]
    assert table["followed_h"].to_pylist() == pytest.approx([24.0, 27.0])


def test_what_is_foretold_is_not_flown_before_it_begins():
    x, y = middle()
    log = fly_with([(25.0, 23.0, x, y, 1.0)])
    assert followed(log) == [(pytest.approx(25.0), "aurora", "tip 0")]
    log = fly_with([(21.1, 15.0, x, y, 1.0)])  # it will have begun as a sortie from 21 h on is there
    assert followed(log) == [(21.0, "aurora", "tip 0")]


def test_crews_that_do_not_begin_at_tips_follow_only_news():
    x, y = middle()
    rules = {"patrols.aurora.tips": {"next_sortie": False}, "background.merchant.present": 300.0}
    assert not followed(fly_with([(20.0, 20.5, x, y, 1.0)], **rules))


def test_what_was_documented_before_a_report_of_it_comes_is_not_flown():
    def late(begin, end, x, y):
        return [(20.0, 33.0 + 0.01 * k, x[k], y[k], 1.0, k) for k in np.flatnonzero((begin < 20.0) & (end > 60.0))]

    sets = {**SURE, "transfers.fuel.duration_h": 96.0, "transfers.fuel.per_month": 60.0}
    sets |= {"sensors.radar.law.range_nmi": 60.0, "duration_days": 4}
    log = fly_with(late, **sets)
    cell = log.dissemination.cells["canada"]
    documented = {e.vessel for e in log.events if e.event == "documented" and e.time_h < 33.0}
    assert len(documented) >= 3
    for tip in cell.tips:
        if tip.targets <= set(log.dissemination.rows[list(documented)].tolist()):
            assert tip.resolved
            assert tip.number not in {flight.tip for flight in flights_for_tips(log)}
