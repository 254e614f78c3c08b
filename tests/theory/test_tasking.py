"""Tasking by belief: what a route promises is what a flight finds, and the desk knows what it should and no more."""

from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest

from sim import InputError, load_scenario, run, simulate
from sim.core import chance
from sim.deployment.engine import fly
from sim.deployment.planned_flights import planned_flight
from sim.deployment.tasking import Desk, open_desks
from sim.deployment.tasking_sea import SPELL_H
from sim.deployment.world import prepare, realise
from sim.model.cells import Cell, CellState, ReceivedReport
from sim.model.weather import realise_weather
from sim.study.maps.belief import unseen_pairs
from sim.study.maps.coverage import Grid
from sim.study.maps.sea_points import SeaPoints
from sim.study.maps.searches import FlownSortie

SOURCES = ("north", "middle", "south")
QUIET = {f"background.{name}.present": 0.0 for name in ("north", "middle", "south")}
LONG = {f"transfers.{name}.duration_h": {"median": 40.0, "sigma": 0.3} for name in SOURCES}


def scenario(**sets):
    return load_scenario("neon-belief", {**QUIET, **sets})


def desk_of(plan, patrol="aurora", cells=None):
    """A desk at the beginning of replication 0 of seed 1."""
    key = chance.replication_key(1, 0)
    inbox = SimpleNamespace(
        weather=realise_weather(plan.weather, key), cells=cells or {}, end_h=plan.scenario.duration_h, key=key
    )
    return open_desks(plan.tasking, inbox)[patrol]


def routes_flown(log, patrol=None):
    return [e.detail for e in log.events if e.event == "takeoff" and patrol in (None, e.patrol)]


# ------------------------------------------------------------------------------------------------ the flight as planned
def test_a_planned_flight_comes_home_with_its_reserve():
    plan = prepare(scenario())
    patrol = plan.patrols[0]
    for number in range(3):
        flight = planned_flight(patrol, number)
        assert np.allclose(flight.legs[1:, 0], flight.legs[:-1, 1])
        assert np.allclose(flight.legs[1:, 2:4], flight.legs[:-1, 4:6])
        assert flight.legs[0, 2:4] == pytest.approx(patrol.base)
        assert flight.legs[-1, 4:6] == pytest.approx(patrol.base)
        assert flight.hours == pytest.approx(9.0, abs=1e-6)  # ten hours of fuel, one of reserve


def test_it_is_flown_as_planned_where_nothing_diverts_it():
    made = scenario(**{f"transfers.{name}.per_month": 0.0 for name in SOURCES})
    plan = prepare(made)
    log = fly(plan, realise(plan, 1, 0), 0)
    sortie = next(one for one in log.sorties if one.patrol == "aurora")
    number = [route.name for route in plan.patrols[0].routes].index(routes_flown(log, "aurora")[0])
    legs = planned_flight(plan.patrols[0], number).legs
    assert sortie.landing_h - sortie.takeoff_h == pytest.approx(9.0, abs=1e-5)
    assert len(sortie.flown) == len(legs)
    assert sortie.flown[:, 4:6] == pytest.approx(legs[:, 4:6], abs=0.01)


# ------------------------------------------------------------------------------------------------ the sea
def test_as_many_pairs_begin_as_the_scenario_says():
    plan = prepare(scenario())
    sea = plan.tasking.sea
    days = slice(sea.oldest + 1 + 24, sea.oldest + 1 + 48)
    assert len(sea.sources) == 3
    for number, source in enumerate(sea.sources):
        begun = sea.beginning[sea.source == number][:, days].sum()
        assert begun == pytest.approx(24.0 * source.per_hour, rel=0.01)  # a solar day is not always of 24 hours


@pytest.mark.parametrize("hour", [45.0, 54.0, 66.0])
def test_the_desk_believes_what_the_belief_map_shows(hour):
    """The expected number of unfound pairs, in hours and points by the desk, and exactly by the map."""
    plan = prepare(scenario(**{f"transfers.{name}.night_share": 0.5 for name in SOURCES}))
    log = fly(plan, realise(plan, 1, 0), 0)
    desk, sea = desk_of(plan), plan.tasking.sea
    landed = [sortie for sortie in log.sorties if sortie.landing_h <= hour]
    desk.take_in(landed, hour)
    first = sea.spell_of(hour)
    before = slice(first - sea.oldest, first)
    alive = np.array([s.spec.duration_h.survival(SPELL_H * (np.arange(sea.oldest) + 0.5)) for s in sea.sources])[
        :, ::-1
    ]
    unfound = (sea.beginning[:, before] * desk.unfound_after(desk.searched[:, before]) * alive[sea.source]).sum()
    flown = [FlownSortie(s.patrol, s.flown[:, :6]) for s in landed]
    exact, flat = 0.0, 0.0
    for source in plan.transfers:
        points = SeaPoints.of(source, Grid.over(source.sea.bounds, 400), 2)
        for sorties in (flown, []):
            values = unseen_pairs(
                plan.scenario, plan.patrols, (0, sorties), source, 1, hour, points.places, desk.inbox.weather
            )
            total = float(values @ points.shares)
            exact, flat = (exact + total, flat) if sorties else (exact, flat + total)
    assert unfound == pytest.approx(exact, abs=0.03 * flat)  # spells of an hour and 100 points of each source
    assert exact < 0.97 * flat


# ------------------------------------------------------------------------------------------------ the promise
@pytest.mark.parametrize("route", ["north", "middle"])
def test_a_route_promises_what_a_flight_finds(route):
    """Detections of the first sortie in many replications, by an aircraft whose crew leaves its route for nothing."""
    many = {f"transfers.{name}.per_month": 600.0 for name in SOURCES}
    single = {"patrols.aurora.routes": [route], "patrols.borealis.sorties": 0, "duration_days": 2.0}
    classify = {"range_nmi": 10.0, "probability": 1.0}
    crew = {"max_detour_nmi": 0.001, "time_h": 0.0, "classify": classify, "document": {**classify, "range_nmi": 2.0}}
    plan = prepare(scenario(**many, **single, **{"aircraft.cp140.identification": crew}))
    promised = desk_of(plan).promises("aurora", 21.0)[0] * planned_flight(plan.patrols[0], 0).hours
    found = []
    for replication in range(150):
        log = fly(plan, realise(plan, 5, replication), replication)
        first = next(sortie for sortie in log.sorties if sortie.patrol == "aurora")
        found.append(sum(first.detected_h < first.landing_h))
    error = np.std(found, ddof=1) / np.sqrt(len(found))
    assert promised > 5.0
    assert abs(np.mean(found) - promised) < 3.5 * error + 0.03 * promised  # spells and points are worth 3 %


def test_the_chance_to_document_is_part_of_the_promise():
    plan = prepare(scenario())
    whole = desk_of(plan).promises("aurora", 21.0)
    for key, share in (("classify", 0.45), ("document", 0.4)):
        rung = {f"aircraft.cp140.identification.{key}.probability": share}
        assert desk_of(prepare(scenario(**rung))).promises("aurora", 21.0) == pytest.approx(0.5 * whole, rel=1e-9)


def test_where_imagery_needs_light_a_night_promises_nothing():
    plan = prepare(scenario(**{"aircraft.cp140.identification.document.needs_light": True}))
    by_day, by_night = desk_of(plan).promises("aurora", 24.0), desk_of(plan).promises("aurora", 34.0)
    assert by_day.min() > 0.0
    assert by_night.max() < 0.2 * by_day.min()  # it lands in the morning, and some light falls on its way home


# ------------------------------------------------------------------------------------------------ the choice
def test_the_route_that_promises_most_is_flown_and_then_another():
    """Transfers of forty hours: the one who has just looked finds more elsewhere."""
    plan = prepare(scenario(**LONG))
    flown = routes_flown(fly(plan, realise(plan, 1, 0), 0))
    assert flown[0] == "middle"
    assert flown[1] == "north"
    assert Counter(flown).most_common() == sorted(Counter(flown).items(), key=lambda item: -item[1])
    assert set(flown) <= {"north", "middle", "south"}


def test_those_in_the_air_count_as_planned_until_they_land():
    plan = prepare(scenario(**LONG))
    desk = desk_of(plan)
    before = desk.promises("aurora", 30.0)
    desk.take_off("borealis", 1, 29.0)
    during = desk.promises("aurora", 30.0)
    assert during[1] < 0.7 * before[1]
    log = fly(plan, realise(plan, 1, 0), 0)
    desk.take_in([next(sortie for sortie in log.sorties if sortie.patrol == "borealis")], 60.0)
    assert not desk.in_air


def test_routes_that_promise_alike_take_turns():
    plan = prepare(scenario(**{f"transfers.{name}.per_month": 0.0 for name in SOURCES}))
    flown = routes_flown(fly(plan, realise(plan, 1, 0), 0), "aurora")
    assert flown == [("north", "middle", "south")[number % 3] for number in range(len(flown))]


def test_what_another_nation_has_flown_is_not_known():
    sets = {"nations": {"canada": {}, "japan": {}}, "patrols.borealis.nation": "japan"}
    apart, together = prepare(scenario(**LONG, **sets)), prepare(scenario(**LONG))
    assert len(apart.tasking.desks) == 2
    assert len(together.tasking.desks) == 1
    log = fly(apart, realise(apart, 1, 0), 0)
    # Each begins with the richest area, since it does not know that the other has been there.
    assert routes_flown(log, "aurora")[0] == routes_flown(log, "borealis")[0] == "middle"


def test_a_patrol_in_turn_of_the_same_nation_is_counted_with():
    plan = prepare(scenario(**LONG, **{"patrols.borealis.tasking": "in_turn"}))
    desk = desk_of(plan)
    assert set(desk.patrols) == {"aurora", "borealis"}
    log = fly(plan, realise(plan, 1, 0), 0)
    assert routes_flown(log, "borealis")[:3] == ["north", "middle", "south"]


def test_a_tip_draws_the_next_sortie():
    tips = {"nations": {"canada": {}}, "patrols.aurora.tips": {"next_sortie": False, "divert": False}}
    tips["observers"] = {
        "desk": {
            "kind": "ais_desk", "nation": "canada", "probability": 0.0, "position_error_nmi": 3.0, "delay_h": 1.0,
        }
    }  # fmt: skip
    plan = prepare(scenario(**tips, **{"patrols.borealis.tasking": "in_turn"}))
    cell = CellState(Cell())
    desk = desk_of(plan, cells={"canada": cell})
    before = desk.promises("aurora", 45.0)
    x, y = plan.scenario.plane.to_xy(125.0, 27.5)
    tip = cell.receive(44.5, ReceivedReport(0, -1, 44.0, float(x), float(y), 3.0, 0.9))
    after = desk.promises("aurora", 45.0)
    assert after[2] > before[2] + 0.9 * 0.2 / 9.0
    assert after[0] == pytest.approx(before[0], rel=0.05)
    tip.resolved = True
    assert desk.promises("aurora", 45.0) == pytest.approx(before)


# ------------------------------------------------------------------------------------------------ keys
def test_a_variant_has_one_way_to_choose_the_route():
    """What it says takes the place of what its parent says."""
    by_lot = load_scenario({"extends": "neon-belief", "patrols": {"aurora": {"route_weights": [1, 2, 3]}}})
    assert by_lot.patrols["aurora"].tasking == "in_turn"
    assert by_lot.patrols["borealis"].tasking == "belief"
    sets = {"patrols.aurora.tasking": "belief"}
    again = load_scenario(by_lot, sets)
    assert again.patrols["aurora"].route_weights is None
    assert again.patrols["aurora"].tasking == "belief"


def test_patrols_that_divide_an_area_each_have_their_own_choice():
    """Each flies its strip of the routes of the first, and its tasking."""
    sets = {"groups.both": {"patrols": ["aurora", "borealis"], "divide": "area"}, "patrols.borealis.tasking": "in_turn"}
    plan = prepare(scenario(**LONG, **sets, duration_days=6.0))
    assert all(patrol.tasked_by_belief for patrol in plan.patrols)
    flown = [routes_flown(fly(plan, realise(plan, 1, 0), 0), name) for name in ("aurora", "borealis")]
    assert all(set(routes) - {"south"} for routes in flown)


def test_those_who_relieve_each_other_fly_one_route():
    sets = {"groups.both": {"patrols": ["aurora", "borealis"], "divide": "hand_over"}}
    with pytest.raises(InputError, match=r"patrols\.aurora\.tasking.*hands one route over"):
        scenario(**sets)


# ------------------------------------------------------------------------------------------------ as ever
def test_it_depends_on_scenario_seed_and_number_alone():
    made = scenario(**LONG, duration_days=6.0)
    alone = [simulate(made, 3, number).events for number in (2, 0, 1)]
    again = prepare(made)
    assert [fly(again, realise(again, 3, number), number).events for number in (2, 0, 1)] == alone


def test_it_does_not_depend_on_workers():
    one, two = (run(scenario(**LONG, duration_days=6.0), replications=4, seed=3, jobs=jobs) for jobs in (1, 2))
    assert two.tables["events"].equals(one.tables["events"])


def test_with_one_route_nothing_changes():
    by_belief = simulate("neon-spring", 1, 0, sets={"patrols.aurora.tasking": "belief", "duration_days": 5})
    in_turn = simulate("neon-spring", 1, 0, sets={"duration_days": 5})
    assert by_belief.events == in_turn.events
    assert prepare(load_scenario("neon-spring")).tasking is None


def test_a_landed_sortie_takes_the_place_of_its_plan():
    plan = prepare(scenario())
    log = fly(plan, realise(plan, 1, 0), 0)
    sortie = next(one for one in log.sorties if one.patrol == "aurora")
    told, untold = desk_of(plan), desk_of(plan)
    told.take_off("aurora", 1, sortie.takeoff_h)
    for desk in (told, untold):
        desk.take_in([sortie], 60.0)
    assert isinstance(told, Desk)
    assert np.allclose(told.searched, untold.searched, atol=1e-12)
