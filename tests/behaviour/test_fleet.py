"""Several aircraft: who flies when and where, what stops or delays them, where they land, what they fly round."""

from itertools import pairwise

import numpy as np
import pytest
import shapely

from sim import load_scenario
from sim.core import chance
from sim.core.codes import DIVERT, HOLD, IDENTIFY, REJOIN, RETURN, SEARCH, TRANSIT, Purpose
from sim.deployment.contacts import FEATURES
from sim.deployment.engine import simulate
from sim.deployment.world import prepare
from sim.scenario.groups import assignment_of
from sim.scenario.routes import airspace
from tests.helpers import SECOND, events, standard_errors
from tests.theory.test_fuel import ZONES, box, random_fleet

QUIET = {"background.merchant.present": 0.0, "transfers.fuel.per_month": 0.0}
NAHA = {"position": [127.65, 26.2]}
KANOYA = {"position": [130.84, 31.37]}


def plan_of(**sets):
    return prepare(load_scenario("neon-spring", {**QUIET, **sets}))


def searched(sortie):
    return sortie.flown[sortie.flown[:, 6] == SEARCH]


# ------------------------------------------------------------------------------------------------ dividing a sea
@pytest.mark.parametrize("count", [2, 3])
def test_shares_of_an_area_are_disjoint_equal_and_together_the_whole(count):
    names = ["aurora", "second", "third"][:count]
    sets = {f"patrols.{name}": SECOND for name in names[1:]}
    sets |= {"groups.all": {"patrols": names, "divide": "area"}, "routes.search.spacing_nmi": 5.0}
    sets["routes.search.finished"] = "return"
    scenario = load_scenario("neon-spring", {**QUIET, **sets})
    shares = [assignment_of(scenario, name) for name in names]
    assert [(one.part, one.parts) for one in shares] == [(k, count) for k in range(count)]
    sea = scenario.plane.sea(scenario.areas["east_china_sea"].shape)
    swept = []
    for one in prepare(scenario).patrols:
        lines = shapely.LineString(one.routes[0].passes[0])
        swept.append(shapely.intersection(shapely.buffer(lines, 2.5, cap_style="flat"), sea))
    whole = shapely.union_all(swept)
    assert whole.area > 0.97 * sea.area
    for number, one in enumerate(swept):
        assert one.area == pytest.approx(sea.area / count, rel=0.06)
        for other in swept[:number]:
            assert shapely.intersection(one, other).area < 0.03 * sea.area


@pytest.mark.parametrize("kind", ["parallel_sweep", "creeping_line"])
def test_strips_are_swept_along_the_tracks_of_the_whole_area(kind):
    """Halves of a creeping line are longer along the shore than across it; their tracks do not turn for that."""
    corners = [[124.0, 28.0], [125.2, 28.0], [125.2, 28.9], [124.0, 28.9]]
    route = {"pattern": kind, "area": "square", "spacing_nmi": 8.0}
    whole = {"areas.square": {"polygon": corners}, "routes.search": route, "patrols.second": SECOND}
    halves = {**whole, "groups.all": {"patrols": ["aurora", "second"], "divide": "area"}}

    def course(plan):
        steps = np.diff(plan.routes[0].passes[0], axis=0)
        x, y = steps[np.argmax(np.hypot(*steps.T))]
        return np.degrees(np.arctan2(x, y)) % 180.0

    expected = course(plan_of(**whole).patrols[0])
    patrols = plan_of(**halves).patrols
    assert len(patrols) == 2
    for half in patrols:
        assert course(half) == pytest.approx(expected, abs=1e-6)


def test_patrols_that_divide_the_time_take_off_by_turns():
    names = ["aurora", "second", "third"]
    sets = {"patrols.second": SECOND, "patrols.third": SECOND, "duration_days": 5}
    log = simulate(plan_of(**sets, **{"groups.all": {"patrols": names, "divide": "time"}}))
    assert np.diff([s.takeoff_h for s in log.sorties]) == pytest.approx(8.0)
    assert [s.patrol for s in log.sorties[:4]] == [*names, "aurora"]


@pytest.mark.parametrize("burn", [1.0, 0.7])
def test_a_relay_goes_on_where_the_other_left_and_comes_as_it_leaves(burn):
    names = ["aurora", "second"]
    sets = {
        "patrols.second": SECOND,
        "duration_days": 4,
        "patrols.aurora.every_h": 48.0,
        "routes.search.spacing_nmi": 8,
    }
    sets |= {"patrols.second.every_h": 48.0, "aircraft.cp140.burn.search": burn}
    log = simulate(plan_of(**sets, **{"groups.all": {"patrols": names, "divide": "hand_over"}}))
    assert [s.patrol for s in log.sorties] == [*names, *names][: len(log.sorties)]
    for one, other in pairwise(log.sorties[:2]):
        left, taken_up = searched(one)[-1], searched(other)[0]
        assert taken_up[2:4] == pytest.approx(left[4:6], abs=1e-6)
        assert abs(taken_up[0] - left[1]) < 1.0  # the schedule reckons with the nearest end of the route


# ------------------------------------------------------------------------------------------------ where it lands
def test_an_alternate_is_used_while_the_base_is_closed_and_only_then():
    closed = {"mean_open_h": 20.0, "mean_closed_h": 6.0}
    plan = plan_of(**{"bases.naha": NAHA, "bases.kadena.closed": closed, "patrols.aurora.alternates": ["naha"]})
    away = home = below = 0
    for replication in range(12):
        log = simulate(plan, 2, replication)
        bases = plan.patrols[0].bases
        for sortie in log.sorties:
            landed = [e for e in events(log, "landed") if e.sortie == sortie.number]
            if not landed:
                continue
            where = int(np.argmin(np.hypot(*(bases - sortie.flown[-1, 4:6]).T)))
            assert landed[0].detail in (("naha",) if where else ("", "kadena, below minima"))
            away, home, below = (
                away + where,
                home + (landed[0].detail == ""),
                below + landed[0].detail.endswith("minima"),
            )
    assert away > 10 < home
    assert below < 0.1 * (away + home)  # home closed in its last minutes, with no fuel but the reserve for naha


def test_the_nearest_base_is_landed_at_if_the_patrol_may():
    sets = {"bases.kanoya": KANOYA, "patrols.aurora.alternates": ["kanoya"], "patrols.aurora.lands": "nearest"}
    sets |= {"routes.search": {"pattern": "barrier", "line": [[128.5, 31.0], [129.0, 31.6]]}}
    plan = plan_of(**sets, duration_days=3)
    log = simulate(plan)
    for sortie in log.sorties:
        assert sortie.flown[-1, 4:6] == pytest.approx(plan.patrols[0].bases[1], abs=1e-6)
    first, second = log.sorties[:2]
    assert second.takeoff_h - first.takeoff_h == 24.0  # ferried home in time
    assert second.flown[0, 2:4] == pytest.approx(plan.patrols[0].bases[0])


def test_a_closed_base_is_open_its_share_of_the_time_and_nobody_takes_off_meanwhile():
    """Slots far apart: each is open with the stationary chance, independent as e^(-50)."""
    closed = {"mean_open_h": 6.0, "mean_closed_h": 3.0}
    sets = {"bases.kadena.closed": closed, "patrols.aurora.every_h": 100.0, "patrols.aurora.max_delay_h": 0.0}
    plan = plan_of(**sets, duration_days=40)
    flown = slots = 0
    for replication in range(60):
        log = simulate(plan, 9, replication)
        flown += len(log.sorties)
        slots += plan.patrols[0].slots
        assert len(log.sorties) + len(events(log, "cancelled")) == plan.patrols[0].slots
        assert {e.detail for e in events(log, "cancelled")} <= {"base closed"}
    assert standard_errors(flown / slots, 2 / 3, np.sqrt(2 / 9 / slots)) < 3.9


# ------------------------------------------------------------------------------------------------ crews and airframes
def test_crews_rest_between_flights():
    sets = {"patrols.aurora.crews": 2, "patrols.aurora.crew_rest_h": 30.0, "patrols.aurora.every_h": 13.0}
    log = simulate(plan_of(**sets, **{"patrols.aurora.max_delay_h": 12.0, "duration_days": 20}))
    flights = [(s.takeoff_h, s.landing_h) for s in log.sorties]
    for (_, landing), (takeoff, _) in zip(flights, flights[2:], strict=False):
        assert takeoff >= landing + 30.0 - 1e-9
    assert any(e.detail == "crew not rested" for e in events(log, "cancelled"))


def test_a_crew_lands_within_its_longest_flight():
    log = simulate(plan_of(**{"aircraft.cp140.max_flight_h": 5.5, "duration_days": 4}))
    assert [s.landing_h - s.takeoff_h for s in log.sorties] == pytest.approx([5.5] * len(log.sorties), abs=1e-6)


@pytest.mark.parametrize("day_h", [6.0, 9.5, 14.0])
def test_no_airframe_flies_more_in_any_24_hours_than_it_may(day_h):
    sets = {
        "aircraft.cp140.max_flight_h_a_day": day_h,
        "patrols.aurora.every_h": 7.0,
        "patrols.aurora.max_delay_h": 6.9,
    }
    sets |= {"aircraft.cp140.turn_round_h": 0.5, "aircraft.cp140.endurance_h": 6.0, "aircraft.cp140.burn.search": 0.8}
    log = simulate(plan_of(**sets, duration_days=12))
    flights = np.array([(s.takeoff_h, s.landing_h) for s in log.sorties])
    assert len(flights) > 5
    for end in np.concatenate([flights[:, 1], flights[:, 0] + 24.0]):
        inside = np.minimum(flights[:, 1], end) - np.maximum(flights[:, 0], end - 24.0)
        assert inside[inside > 0.0].sum() <= day_h + 1e-6


def test_an_aircraft_is_fit_to_fly_its_share_of_the_slots():
    plan = plan_of(**{"aircraft.cp140.serviceability": 0.7})
    logs = [simulate(plan, 6, replication) for replication in range(40)]
    slots, flown = 40 * plan.patrols[0].slots, sum(len(log.sorties) for log in logs)
    assert standard_errors(flown / slots, 0.7, np.sqrt(0.21 / slots)) < 3.9
    assert {e.detail for log in logs for e in events(log, "cancelled")} == {"unserviceable"}


def test_faults_end_sorties_at_their_rate():
    """Until its fault each flight goes on: exposed hours end there, or with the flight, and faults a rate of them."""
    plan = plan_of(**{"aircraft.cp140.aborts_per_100_h": 10.0})
    faults, hours = 0, 0.0
    for replication in range(40):
        log = simulate(plan, 6, replication)
        aborted = {event.sortie: event.time_h for event in events(log, "aborted")}
        for sortie in log.sorties:
            if sortie.landing_h > log.end:
                continue
            home = sortie.flown[sortie.flown[:, 6] == 5][0, 0]
            if sortie.number in aborted:
                assert aborted[sortie.number] == pytest.approx(home)
            faults, hours = faults + (sortie.number in aborted), hours + home - sortie.takeoff_h
    assert standard_errors(faults / hours, 0.1, np.sqrt(faults) / hours) < 3.9


def test_a_fault_ends_the_flight_when_it_happens_whatever_the_crew_is_at():
    sets = {"aircraft.cp140.aborts_per_100_h": 30.0, "background.merchant.present": 500.0, "duration_days": 12}
    sets |= {"background.merchant.suspicious_share": 0.3, "aircraft.cp140.identification.time_h": 0.5}
    plan, phases = plan_of(**sets), []
    for replication in range(6):
        log = simulate(plan, 3, replication)
        for event in events(log, "aborted"):
            flown = next(s.flown for s in log.sorties if s.number == event.sortie)
            luck = chance.uniform(
                log.world.key, Purpose.ABORT, chance.identity("flight", "aurora"), *map(np.uint64, (event.sortie, 0))
            )
            assert event.time_h == pytest.approx(flown[0, 0] - np.log(luck) / 0.3, abs=1e-9)
            assert set(flown[flown[:, 0] > event.time_h - 1e-9][:, 6]) <= {RETURN}
            phases.append(flown[flown[:, 1] <= event.time_h + 1e-9][-1, 6])
    assert {DIVERT, IDENTIFY} <= set(phases)


def test_intercepts_come_at_their_rate_and_cost_their_time():
    plan = plan_of(**{"intercepts.fighters": {"per_100_h": 50.0, "time_h": 0.2}})
    count, hours, held = 0, 0.0, 0.0
    for replication in range(20):
        log = simulate(plan, 6, replication)
        count += len(events(log, "intercepted"))
        for sortie in log.sorties:
            spans = sortie.flown[:, 1] - sortie.flown[:, 0]
            hours += spans[np.isin(sortie.flown[:, 6], (SEARCH, HOLD)) & (sortie.flown[:, 0] < log.end)].sum()
            held += spans[sortie.flown[:, 6] == HOLD].sum()
    assert standard_errors(count / hours, 0.5, np.sqrt(count) / hours) < 3.9
    assert 0.9 * 0.2 * count < held <= 0.2 * count * 1.05


def test_a_hold_breaks_off_nothing_of_the_route():
    """Whatever comes of an intercept, a detection in it or a fault, the search goes on from the same point."""
    sets = {"intercepts.fighters": {"per_100_h": 120.0, "time_h": 0.5}, "aircraft.cp140.aborts_per_100_h": 20.0}
    sets |= {"background.merchant.present": 500.0, "background.merchant.suspicious_share": 0.05, "duration_days": 14}
    sets |= {"aircraft.cp140.identification.max_detour_nmi": 30.0}
    plan, seen = plan_of(**sets), 0
    for replication in range(4):
        for sortie in simulate(plan, 1, replication).sorties:
            flown, left = sortie.flown, None
            for row in flown:
                if row[6] == SEARCH:
                    if left is not None:
                        assert row[2:4] == pytest.approx(left, abs=1e-6)
                    left = row[4:6]
                seen += row[6] == HOLD
    assert seen > 50


def test_minima_delay_a_take_off_and_cancel_it_where_that_takes_too_long():
    states = {
        "clear": {"dwell_h": 10.0, "visibility_nmi": 12.0},
        "fog": {"dwell_h": 8.0, "visibility_nmi": 0.5},
    }
    sets = {"environment.processes.haze": states, "aircraft.cp140.minima": {"visibility_nmi": 3.0}}
    plan = plan_of(**sets, **{"patrols.aurora.max_delay_h": 5.0})
    late = cancelled = 0
    for replication in range(8):
        log = simulate(plan, 1, replication)
        weather = log.world.weather
        for sortie in log.sorties:
            slot = 21.0 + 24.0 * sortie.number
            assert weather.visibility_nmi[weather.row_at(sortie.takeoff_h)] >= 3.0
            assert slot <= sortie.takeoff_h <= slot + 5.0
            if sortie.takeoff_h > slot:
                assert sortie.takeoff_h in weather.begin
                late += 1
        for event in events(log, "cancelled"):
            assert event.detail == "below minima"
            stretches = weather.rows_at(np.linspace(event.time_h, event.time_h + 5.0, 200))
            assert np.all(weather.visibility_nmi[stretches] < 3.0)
            cancelled += 1
    assert late > 5 < cancelled


# ------------------------------------------------------------------------------------------------ no-go zones
@pytest.mark.parametrize("seed", range(3))
def test_no_leg_of_any_phase_enters_a_zone(seed):
    """Zones between base and area, and over ships and transfers."""
    zones = {f"zones.z{i}": box(*zone) for i, zone in enumerate(ZONES)}
    sets = {"background.merchant.present": 300.0, "transfers.fuel.per_month": 60.0, **zones, "duration_days": 6}
    plan = prepare(random_fleet(seed, **sets))
    closed, phases = airspace(plan.scenario).closed, set()
    for replication in range(3):
        for sortie in simulate(plan, seed, replication).sorties:
            lines = shapely.linestrings(sortie.flown[:, 2:6].reshape(-1, 2, 2))
            assert not shapely.intersects(lines, closed).any()
            phases |= set(sortie.flown[:, 6].tolist())
    assert {TRANSIT, SEARCH, REJOIN} <= phases


# ------------------------------------------------------------------------------------------------ nothing for nothing
def test_what_never_happens_changes_nothing():
    plain = {"duration_days": 6}
    zero = {
        "aircraft.cp140.aborts_per_100_h": 0.0,
        "aircraft.cp140.serviceability": 1.0,
        "aircraft.cp140.burn": {"search": 1.0, "identification": 1.0},
        "aircraft.cp140.max_flight_h": 60.0,
        "intercepts.fighters": {"per_100_h": 0.0, "time_h": 1.0},
        "environment.wind_kn": 0.0,
        "environment.wind_from_deg": 90.0,
        "patrols.aurora.crews": 9,
        "patrols.aurora.nation": "Canada",
        "aircraft.cp140.minima": {"visibility_nmi": 5.0, "wind_kn": 40.0},
    }
    logs = [simulate(load_scenario("neon-spring", sets), 2, 1) for sets in (plain, {**plain, **zero})]
    one, other = logs
    assert one.totals() == other.totals()
    assert [e[:5] for e in one.events] == [e[:5] for e in other.events]
    for mine, its in zip(one.sorties, other.sorties, strict=True):
        assert np.array_equal(mine.flown, its.flown)


def test_the_order_of_patrols_and_of_replications_changes_nothing():
    names = ["aurora", "second", "third"]
    sets = {"duration_days": 4, "intercepts.fighters": {"per_100_h": 20.0, "time_h": 0.2}}
    sets |= {"aircraft.cp140.aborts_per_100_h": 5.0, "aircraft.cp140.identification.remember_h": 24.0}
    sets |= {"patrols.aurora.nation": "one", **{f"patrols.{name}": {**SECOND, "nation": "one"} for name in names[1:]}}
    sets["patrols.third.first_takeoff_h"] = 10.0
    logs = []
    for order in (names, names[::-1]):
        scenario = load_scenario("neon-spring", sets)
        scenario = scenario.model_copy(update={"patrols": {name: scenario.patrols[name] for name in order}})
        plan = prepare(scenario)
        logs.append([simulate(plan, 3, r) for r in ((0, 1) if order is names else (1, 0))])
    assert len(logs[0]) > 1
    for one, other in zip(logs[0], logs[1][::-1], strict=True):
        assert one.events == other.events
        assert one.totals() == other.totals()
        assert (
            sum(one.totals()[f"false_{feature.name}"] for feature in FEATURES) == one.totals()["false_investigations"]
        )
