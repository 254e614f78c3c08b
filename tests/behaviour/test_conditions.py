"""Weather, light and wind in flight: legs are cut where they change, sensors and the ground speed follow, exactly."""

import numpy as np
import pytest

from sim import load_scenario
from sim.core.codes import DIVERT, IDENTIFY, REJOIN, RETURN, SEARCH, TRANSIT
from sim.deployment.engine import simulate
from sim.deployment.world import prepare
from sim.model.sun import Sun
from sim.scenario.problems import InputError
from sim.study.maps.coverage import FlownSortie, coverage_field
from tests.helpers import events, plan_of, standard_errors

QUIET = {"background.merchant.present": 0.0, "transfers.fuel.per_month": 0.0, "duration_days": 10}
WINDS = {
    "north": {"dwell_h": 1.5, "wind_kn": 60.0, "wind_from_deg": 20.0},
    "south": {"dwell_h": 2.0, "wind_kn": 45.0, "wind_from_deg": 170.0},
    "west": {"dwell_h": 1.0, "wind_kn": 30.0, "wind_from_deg": 280.0},
}
SEAS = {"calm": {"dwell_h": 5.0, "sea_state": 1}, "rough": {"dwell_h": 3.0, "sea_state": 6}}
FACTOR = [1.0, 1.0, 1.0, 0.9, 0.8, 0.6, 0.4, 0.3, 0.2, 0.1]
HAZE = {"clear": {"dwell_h": 4.0, "visibility_nmi": 20.0}, "haze": {"dwell_h": 3.0, "visibility_nmi": 4.0}}
SCAN = {"probability": 0.3, "range_half_nmi": 25.0, "roll_off": 4.0, "max_range_nmi": 50.0, "look_interval_s": 600.0}
CAMERA = {"kind": "eo_ir", "law": {"kind": "scan", **SCAN}, "night_factor": 0.0}


def without_identification(**sets):
    scenario = load_scenario("neon-spring", sets)
    aircraft = scenario.aircraft["cp140"].model_copy(update={"identification": None})
    return prepare(scenario.model_copy(update={"aircraft": {"cp140": aircraft}}))


def wind_at(weather, hours):
    at = weather.rows_at(hours)
    return np.column_stack([weather.wind_x[at], weather.wind_y[at]])


def velocities(flown):
    return (flown[:, 4:6] - flown[:, 2:4]) / (flown[:, 1] - flown[:, 0])[:, None]


# ------------------------------------------------------------------------------------------------ wind
def test_each_leg_solves_the_wind_triangle_of_its_moment_and_none_spans_a_change():
    plan = plan_of(**{**QUIET, "background.merchant.present": 300.0, "environment.processes.wind": WINDS})
    legs = 0
    for replication in range(3):
        log = simulate(plan, 1, replication)
        weather = log.world.weather
        for sortie in log.sorties:
            flown = sortie.flown[sortie.flown[:, 1] - sortie.flown[:, 0] > 1e-6]
            for t0, t1 in flown[:, :2]:
                assert not len(weather.changes_between(t0 + 1e-9, t1 - 1e-9))
            air = np.hypot(*(velocities(flown) - wind_at(weather, flown[:, 0] + 1e-9)).T)
            for phase, speed in ((TRANSIT, 350.0), (SEARCH, 210.0), (DIVERT, 350.0), (REJOIN, 350.0), (RETURN, 350.0)):
                mine = flown[:, 6] == phase
                assert air[mine] == pytest.approx(speed, rel=1e-5)
                legs += mine.sum()
    assert legs > 500


def test_the_way_home_is_straight_through_the_air():
    """One heading and one airspeed, whatever the wind does: no way through the air is shorter."""
    plan = plan_of(**{**QUIET, "environment.processes.wind": WINDS})
    cut = 0
    for replication in range(4):
        log = simulate(plan, 1, replication)
        for sortie in log.sorties:
            home = sortie.flown[sortie.flown[:, 6] == RETURN]
            home = home[home[:, 1] - home[:, 0] > 1e-6]
            air = velocities(home) - wind_at(log.world.weather, home[:, 0] + 1e-9)
            assert air == pytest.approx(np.tile(air[0], (len(air), 1)), abs=1e-3)
            assert home[-1, 4:6] == pytest.approx(plan.patrols[0].base, abs=1e-6)
            cut += len(home) > 1
    assert cut > 10


def test_there_and_back_in_a_constant_wind_takes_as_long_as_the_triangle_says():
    speed, wind = 350.0, 55.0
    line = {"pattern": "waypoints", "waypoints": [[124.5, 30.0], [124.6, 30.0]], "finished": "return"}
    sets = {"environment.wind_kn": wind, "environment.wind_from_deg": 320.0, "routes.search": line}
    log = simulate(plan_of(**{**QUIET, **sets, "duration_days": 1, "patrols.aurora.first_takeoff_h": 2.0}))
    flown = log.sorties[0].flown
    blow = wind_at(log.world.weather, [0.0])[0]
    assert np.hypot(*blow) == pytest.approx(wind)
    for row in (flown[0], flown[-1]):
        way = row[4:6] - row[2:4]
        length = np.hypot(*way)
        along, across = blow @ way / length, (blow[0] * way[1] - blow[1] * way[0]) / length
        assert row[1] - row[0] == pytest.approx(length / (along + np.sqrt(speed**2 - across**2)), rel=1e-9)
    assert flown[0, 6] == TRANSIT
    assert flown[-1, 6] == RETURN


@pytest.mark.parametrize(
    "wind",
    [
        {"environment.wind_kn": 120.0, "environment.wind_from_deg": 0.0},
        {"environment.processes.wind": {**WINDS, "storm": {"dwell_h": 1.0, "wind_kn": 130.0, "wind_from_deg": 1.0}}},
        {"environment.series": {"time_h": [0.0, 5.0], "wind_kn": [3.0, 140.0], "wind_from_deg": [0.0, 0.0]}},
    ],
    ids=["constant", "process", "series"],
)
def test_a_wind_that_an_aircraft_cannot_fly_against_is_refused(wind):
    with pytest.raises(InputError, match=r"cp140\.search_speed_kn: given 120.*strongest wind"):
        load_scenario("neon-spring", {"aircraft.cp140.search_speed_kn": 120.0, **wind})
    load_scenario("neon-spring", {"aircraft.cp140.search_speed_kn": 141.0, **wind})


@pytest.mark.parametrize("air", [{}, {"environment.processes.wind": WINDS}], ids=["still", "changing"])
def test_a_pursuit_ends_as_far_from_the_ship_as_a_document_is_taken(air):
    sets = {**QUIET, "background.merchant.present": 300.0, "background.merchant.mean_leg_nmi": 30.0, **air}
    plan, met = plan_of(**sets), 0
    for replication in range(3):
        log = simulate(plan, 2, replication)
        for sortie in log.sorties:
            beside = sortie.flown[
                np.flatnonzero((sortie.flown[1:, 6] == IDENTIFY) & (sortie.flown[:-1, 6] == DIVERT)) + 1
            ]
            for row in beside:
                whose = [target for when, target, _ in sortie.investigations if when <= row[0]][-1]
                ship = np.array(log.world.targets.place_at(whose, row[0]))
                assert np.hypot(*(ship - row[2:4])) == pytest.approx(2.0, abs=1e-4)
                met += 1
    assert met > 30


# ------------------------------------------------------------------------------------------------ light
def test_a_camera_that_is_blind_by_night_detects_by_day_only_and_changes_at_the_crossing():
    sets = {**QUIET, "transfers.fuel.per_month": 300.0, "transfers.fuel.duration_h": 30.0, "sensors.eyes": CAMERA}
    sets |= {"aircraft.cp140.sensors": ["eyes"], "patrols.aurora.every_h": 10.0, "aircraft.cp140.endurance_h": 14.0}
    plan = without_identification(**sets, **{"patrols.aurora.max_delay_h": 9.9})
    light, seen = plan.patrols[0].light, 0
    for replication in range(2):
        log = simulate(plan, 3, replication)
        for event in events(log, "detected"):
            assert light.at(event.time_h)
            seen += 1
        for sortie in log.sorties:
            inside = [one for one in light.changes if sortie.takeoff_h < one < sortie.landing_h]
            edges = sortie.flown[:, :2].ravel()
            assert all(np.min(np.abs(edges - change)) < 1e-9 for change in inside)
    assert seen > 50
    middle = plan.scenario.plane.to_lonlat(*plan.patrols[0].routes[0].passes[0].mean(axis=0))
    sun = Sun(plan.scenario.start)
    assert sun.elevation(light.changes, *map(float, middle)) == pytest.approx(-6.0, abs=0.01)


def test_a_sensor_changes_at_dusk_however_late_a_slow_burn_lets_the_flight_be():
    """At half the burn a flight lasts far beyond its endurance by the clock: what changes then still counts."""
    sets = {**QUIET, "transfers.fuel.per_month": 300.0, "transfers.fuel.duration_h": 60.0, "sensors.eyes": CAMERA}
    sets |= {"aircraft.cp140.sensors": ["eyes"], "aircraft.cp140.burn.search": 0.6, "patrols.aurora.every_h": 48.0}
    sets |= {"environment.processes.wind": WINDS, "patrols.aurora.first_takeoff_h": 19.0}
    plan = without_identification(**sets)
    longest = 0.0
    for replication in range(3):
        log = simulate(plan, 3, replication)
        assert all(plan.patrols[0].light.at(event.time_h) for event in events(log, "detected"))
        for sortie in log.sorties:
            longest = max(longest, sortie.landing_h - sortie.takeoff_h)
            for t0, t1 in sortie.flown[:, :2]:
                assert not len(log.world.weather.changes_between(t0 + 1e-9, t1 - 1e-9))
    assert longest > 11.5


def test_a_crew_that_does_not_go_in_the_dark_documents_as_many_for_less():
    needs = {"aircraft.cp140.identification.document.needs_light": True, "patrols.aurora.first_takeoff_h": 5.0}
    sets = {**QUIET, "transfers.fuel.per_month": 300.0, "background.merchant.present": 200.0, **needs}
    sun = Sun(load_scenario("neon-spring").start)
    for goes in (True, False):
        plan, dark, done = plan_of(**sets, **{"aircraft.cp140.identification.in_dark": goes}), 0, 0
        for replication in range(2):
            log = simulate(plan, 3, replication)
            for event in [*events(log, "documented"), *events(log, "identified")]:
                lon, lat = plan.scenario.plane.to_lonlat(event.x, event.y)
                is_dark = sun.elevation(event.time_h, lon, lat) <= -6.0
                assert not (is_dark and event.event == "documented")
                dark, done = dark + is_dark, done + 1
        assert done > 10
        assert (dark > 0) == goes


# ------------------------------------------------------------------------------------------------ weather
def test_transfers_are_thinned_by_the_share_of_time_in_which_the_sea_is_too_rough():
    """Paired: of the same transfers those that begin in a calm sea stay. A calm state has 5 / 8 of the time."""
    sets = {**QUIET, "transfers.fuel.per_month": 100.0, "duration_days": 30, "environment.processes.sea": SEAS}
    free, held = plan_of(**sets), plan_of(**sets, **{"transfers.fuel.max_sea_state": 3.0})
    counts = np.array([[simulate(p, 1, r).totals()["transfers"] for p in (free, held)] for r in range(60)], float)
    rest = counts[:, 1] - 5 / 8 * counts[:, 0]
    assert standard_errors(rest.mean(), 0.0, rest.std(ddof=1) / np.sqrt(60)) < 3.9
    log = simulate(held, 1, 0)
    begin = log.world.transfers.begin
    assert np.all(log.world.weather.sea_state[log.world.weather.rows_at(begin)] == 1)


def rate(r, scale):
    """The definition of a scan law, per hour, with its lengths times a scale."""
    p = SCAN["probability"] / (1.0 + (r / (scale * SCAN["range_half_nmi"])) ** SCAN["roll_off"])
    return np.where(r < scale * SCAN["max_range_nmi"], -np.log1p(-p) * 3600.0 / SCAN["look_interval_s"], 0.0)


def exposure(log, sortie, target, scale_at):
    """F of one transfer in one sortie by the trapezoidal rule, 5 s apart, with the law of each moment."""
    table = log.world.transfers
    begin, end = max(sortie.takeoff_h, table.begin[target]), min(sortie.landing_h, table.end[target], log.end)
    if begin >= end:
        return 0.0
    grid = np.linspace(begin, end, max(2, int((end - begin) * 720)))
    row = np.clip(np.searchsorted(sortie.flown[:, 0], grid, side="right") - 1, 0, len(sortie.flown) - 1)
    t0, t1, x0, y0, x1, y1, _ = sortie.flown[row].T
    share = (grid - t0) / (t1 - t0)
    r = np.hypot(x0 + share * (x1 - x0) - table.x[target], y0 + share * (y1 - y0) - table.y[target])
    return float(np.trapezoid(rate(r, scale_at(grid)), grid))


def test_detections_by_state_of_the_sea_are_those_of_the_law_in_force():
    """Sum of 1 - exp(-F), F by quadrature under the law of each moment; counts apart by the state at detection."""
    sets = {**QUIET, "transfers.fuel.per_month": 500.0, "transfers.fuel.duration_h": 8.0, "duration_days": 6}
    sets |= {"sensors.radar.law": {"kind": "scan", **SCAN}, "sensors.radar.sea_state_factor": FACTOR}
    plan = without_identification(**sets, **{"environment.processes.sea": SEAS})
    expected = variance = found = 0.0
    split = np.zeros((2, 2))  # calm, rough; expected, found
    for replication in range(30):
        log = simulate(plan, 7, replication)
        weather = log.world.weather

        def scale_at(hours, weather=weather):
            return np.where(weather.sea_state[weather.rows_at(hours)] == 1, 1.0, FACTOR[6])

        def calm_only(hours, weather=weather):
            return np.where(weather.sea_state[weather.rows_at(hours)] == 1, 1.0, 1e-9)

        for sortie in log.sorties:
            hits = {e.vessel: e.time_h for e in events(log, "detected") if e.sortie == sortie.number}
            for target in range(log.world.transfers.begin.size):
                whole = exposure(log, sortie, target, scale_at)
                p = 1.0 - np.exp(-whole)
                expected, variance = expected + p, variance + p * (1.0 - p)
                found += target in hits
                if whole > 0.0 and exposure(log, sortie, target, calm_only) == 0.0:
                    split[1] += p, target in hits
                if target in hits:
                    assert rate(0.0, 1.0) > 0.0 < whole
    assert found > 150
    assert standard_errors(found, expected, np.sqrt(variance)) < 3.9
    assert split[1, 0] > 5.0  # those met in a rough sea alone
    assert standard_errors(split[1, 1], split[1, 0], np.sqrt(split[1, 0])) < 3.9


@pytest.mark.parametrize("day", ["changing", "night"])
def test_contacts_are_the_same_whoever_counts_them_under_laws_that_change(day):
    """Classes, AIS, weather, light and fatigue: the flight as it goes, and the one pass after it, agree to a vessel."""
    vessels = {
        "vessels.tanker": {"length_m": 240.0, "height_ft": 100.0},
        "vessels.boat": {"length_m": 20.0, "height_ft": 15.0},
    }
    sets = {
        "duration_days": 5,
        "outputs.contacts": True,
        "aircraft.cp140.identification.max_detour_nmi": 1e-3,
        **vessels,
        "background.merchant.vessel": "tanker",
        "background.merchant.dark_share": 0.4,
        "background.boats": {"area": "east_china_sea", "present": 200.0, "speed_kn": 6.0, "vessel": "boat"},
        "sensors.radar.law": {"kind": "scan", **SCAN},
        "sensors.radar.sea_state_factor": FACTOR,
        "sensors.eyes": {"kind": "visual", "fatigue_after_h": 3.0},
        "sensors.camera": {**CAMERA, "night_factor": 0.3, "reference_length_m": 100.0},
        "sensors.ais": {"kind": "ais", "law": {"kind": "definite_range", "range_nmi": 40.0, "probability": 0.6}},
        "aircraft.cp140.sensors": ["radar", "eyes", "camera", "ais"],
        "patrols.aurora.first_takeoff_h": 4.0 if day == "changing" else 11.0,
        "environment.processes.sea": SEAS,
        "environment.processes.haze": HAZE,
        "environment.processes.wind": WINDS,
    }
    counts = []
    for share in (0.0, 0.5, 1.0):
        shares = {f"background.{one}.suspicious_share": share for one in ("merchant", "boats")}
        counts.append(simulate(load_scenario("neon-spring", {**sets, **shares}), 3, 0).contacts)
    assert counts[0] == counts[1] == counts[2] > 100


def test_the_coverage_field_follows_the_law_in_force():
    """Against quadrature of its definition, a half-minute grid of beginnings, alike at every hour."""
    sets = {**QUIET, "duration_days": 3, "transfers.fuel.per_month": 10.0, "environment.processes.sea": SEAS}
    sets |= {"sensors.radar.law": {"kind": "scan", **SCAN}, "sensors.radar.sea_state_factor": FACTOR}
    scenario = load_scenario("neon-spring", sets)
    plan, seed, tau = prepare(scenario), 3, 4.0
    log = simulate(plan, seed, 0)
    weather = log.world.weather
    points = np.random.default_rng(4).uniform((-480, -440), (-210, -60), (6, 2))
    sorties = [FlownSortie(s.patrol, s.flown[:, :6]) for s in log.sorties]
    field = coverage_field(scenario, plan.patrols, [(0, sorties)], points, tau, None, seed)
    step = 1.0 / 120.0
    starts = np.arange(step / 2, scenario.duration_h, step)
    for point, value in zip(points, field, strict=True):
        whole = np.zeros(starts.size)
        for sortie in log.sorties:
            grid = np.arange(sortie.takeoff_h, sortie.landing_h, step / 4)
            row = np.searchsorted(sortie.flown[:, 0], grid, side="right") - 1
            t0, t1, x0, y0, x1, y1, _ = sortie.flown[row].T
            share = (grid - t0) / (t1 - t0)
            r = np.hypot(x0 + share * (x1 - x0) - point[0], y0 + share * (y1 - y0) - point[1])
            scale = np.where(weather.sea_state[weather.rows_at(grid)] == 1, 1.0, FACTOR[6])
            rates = rate(r, scale)
            summed = np.concatenate([[0.0], np.cumsum((rates[1:] + rates[:-1]) / 2.0 * np.diff(grid))])
            whole += np.interp(starts + tau, grid, summed) - np.interp(starts, grid, summed)
        assert value == pytest.approx(float(np.mean(-np.expm1(-whole))), abs=0.002)
    assert field.max() > 0.05
