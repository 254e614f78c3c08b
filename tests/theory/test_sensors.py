"""Sensors against calculations of their own: coin flips, quadrature, geometry, the published numbers."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter
from scipy.integrate import quad

from sim.model.laws.base import LawInForce
from sim.model.sensors.base import (
    FAIR,
    FOUL,
    NOTHING_STATED,
    OPTICAL_HORIZON,
    RADIO_HORIZON,
    Conditions,
    Sensor,
    horizon_nmi,
)
from sim.model.sensors.visual import uscg_sweep_width_nmi
from sim.model.vessels import Vessel
from sim.scenario.digest import flat_toml
from sim.scenario.load import load_scenario

from ..helpers import DEFINITE, INVERSE_CUBE, LATERAL, LAWS, SCAN, law_of, scores_from

_SENSOR = TypeAdapter(Sensor)
TANKER = Vessel(length_m=100.0, height_ft=100.0, displacement_t=8000.0)
COASTER = Vessel(length_m=50.0, height_ft=49.0, displacement_t=1000.0)
BOAT = Vessel(length_m=8.0, height_ft=9.0, displacement_t=5.0)
LENGTHS = {"range_nmi", "sweep_width_nmi", "max_range_nmi", "range_half_nmi", "distance_nmi"}


def sensor_of(kind, **keys):
    return _SENSOR.validate_python({"kind": kind, **keys})


def stretched(spec, scale):
    """A law's table with every length times a scale."""
    longer = {
        k: tuple(scale * x for x in v) if isinstance(v, tuple) else scale * v for k, v in spec.items() if k in LENGTHS
    }
    return spec | longer


# ------------------------------------------------------------------------------------------------ a law in force
def coin_flips(spec, scale, cut, speed, rng, passes=20_000, steps=400):
    """Whether each of many straight passes, at random distances within the reach, detects; and the reach."""
    far = law_of(stretched(spec, scale))
    reach = min(far.reach_nmi, cut)
    x = rng.uniform(0.0, reach, passes)
    if spec is DEFINITE:
        return rng.random(passes) < spec["probability"], reach
    if spec is LATERAL:
        chance = np.interp(x, scale * np.array(spec["distance_nmi"]), spec["detection_probability"])
        return rng.random(passes) < chance, reach
    half = np.sqrt(reach**2 - x**2)
    gained = np.zeros(passes)
    for s in (np.arange(steps) + 0.5) / steps:  # half the chord, time step by time step
        r = np.hypot(x, s * half)
        rate = far.strength / r**3 if spec is INVERSE_CUBE else law_of(spec).rate(r / scale)
        gained += 2.0 * rate * half / steps / speed
    return rng.exponential(size=passes) < gained, reach


@pytest.mark.parametrize("spec", LAWS, ids=lambda one: one["kind"])
@pytest.mark.parametrize(("scale", "cut"), [(0.5, np.inf), (1.7, np.inf), (1.0, 7.0), (1.7, 11.0)])
def test_a_law_in_force_sweeps_as_wide_as_coin_flips_say(spec, scale, cut):
    for speed, seed in ((120.0, 1), (310.0, 2)):
        found, reach = coin_flips(spec, scale, cut, speed, np.random.default_rng([seed, round(10 * scale)]))
        width = LawInForce(law_of(spec), scale, cut).sweep_width_nmi(speed)
        certain = width >= 2.0 * reach * 0.9995  # within its reach the law detects all but always
        assert found.mean() > 0.999 if certain else scores_from(2.0 * reach * found, width) < 4.0


@pytest.mark.parametrize("spec", LAWS, ids=lambda one: one["kind"])
@pytest.mark.parametrize("scale", [0.3, 1.0, 2.6])
def test_a_scale_is_the_same_law_with_longer_lengths(spec, scale):
    law, far = LawInForce(law_of(spec), scale), law_of(stretched(spec, scale))
    x = np.linspace(-1.1, 1.1, 23) * far.reach_nmi
    for speed in (90.0, 250.0):
        assert law.lateral_range(x, speed) == pytest.approx(far.lateral_range(x, speed), rel=1e-9, abs=1e-12)
        assert law.sweep_width_nmi(speed) == pytest.approx(far.sweep_width_nmi(speed), rel=1e-9)
    assert law.reach_nmi == pytest.approx(far.reach_nmi)


@pytest.mark.parametrize("cut", [0.01, 2.0, 14.0, 39.0])
@pytest.mark.parametrize("scale", [0.4, 1.0, 3.0])
def test_a_cut_integrates_the_rate_over_the_shorter_chord(scale, cut):
    """The lateral range curve of the laws that have a rate, and their widths, by adaptive quadrature."""
    speed = 210.0
    cube, scan = law_of(stretched(INVERSE_CUBE, scale)), law_of(SCAN)
    for spec, rate in ((INVERSE_CUBE, lambda r: cube.strength / r**3), (SCAN, lambda r: scan.rate(r / scale))):
        law = LawInForce(law_of(spec), scale, cut)
        reach = min(law_of(spec).reach_nmi * scale, cut)

        def chance(x, rate=rate, reach=reach):
            chord = np.sqrt(reach**2 - x**2)
            return -np.expm1(-2.0 / speed * quad(lambda s: rate(np.hypot(x, s)), 0.0, chord, epsrel=1e-11)[0])

        for share in (0.02, 0.4, 0.97):
            assert float(law.lateral_range(share * reach, speed)) == pytest.approx(chance(share * reach), rel=1e-7)
        width = 2.0 * reach * quad(lambda a, c=chance, e=reach: c(e * np.sin(a)) * np.cos(a), 1e-9, np.pi / 2)[0]
        assert law.sweep_width_nmi(speed) == pytest.approx(width, rel=1e-5)


@pytest.mark.parametrize("spec", LAWS, ids=lambda one: one["kind"])
def test_a_law_in_force_as_it_is_changes_nothing(spec):
    law = law_of(spec)
    x = np.linspace(0.0, 1.2 * law.reach_nmi, 50)
    assert LawInForce(law).sweep_width_nmi(200.0) == pytest.approx(law.sweep_width_nmi(200.0), rel=1e-13)
    assert np.array_equal(LawInForce(law).lateral_range(x, 200.0), law.lateral_range(x, 200.0))
    assert LawInForce(law).reach_nmi == law.reach_nmi


factors = st.floats(0.05, 20.0)


@given(st.sampled_from(LAWS), factors, factors, st.floats(0.01, 100.0), st.floats(0.01, 100.0), st.floats(50.0, 500.0))
@settings(max_examples=60, deadline=None)
def test_more_scale_or_a_farther_cut_never_narrows_and_no_width_exceeds_twice_the_reach(spec, f, g, c, d, speed):
    law = law_of(spec)
    near, far = (LawInForce(law, scale, cut) for scale, cut in ((min(f, g), min(c, d)), (max(f, g), max(c, d))))
    widths = [one.sweep_width_nmi(speed) for one in (near, far)]
    assert widths[0] <= widths[1] * (1.0 + 1e-6)
    assert widths[0] <= 2.0 * near.reach_nmi * (1.0 + 1e-9)
    assert near.sweep_width_nmi(2.0 * speed) <= widths[0] * (1.0 + 1e-9)


# ------------------------------------------------------------------------------------------------ what is left out
@pytest.mark.parametrize("spec", LAWS, ids=lambda one: one["kind"])
@pytest.mark.parametrize("kind", ["radar", "ais", "eo_ir", "visual"])
def test_a_sensor_of_which_only_the_law_is_known_sees_by_it(kind, spec):
    sensor = sensor_of(kind, law={k: list(v) if isinstance(v, tuple) else v for k, v in spec.items()})
    assert sensor.in_force((), True, 500.0, NOTHING_STATED) == LawInForce(sensor.law, 1.0, np.inf)
    held = sensor.in_force([BOAT], True, 1e9, NOTHING_STATED)  # so high that the horizon is no matter
    assert (held.law, held.scale) == (sensor.law, 1.0)
    assert held.cut_nmi > 1000.0


def test_the_scenarios_that_ship_see_as_they_did():
    sensors = [sensor for name in ("neon-spring", "textbook") for sensor in load_scenario(name).sensors.values()]
    assert len(sensors) == 2
    for sensor in sensors:
        assert sensor.in_force((), False, 5000.0, NOTHING_STATED) == LawInForce(sensor.law)


# ------------------------------------------------------------------------------------------------ horizon
@pytest.mark.parametrize(
    ("constant", "bent"),
    [(RADIO_HORIZON, 3.0 / 4.0), (OPTICAL_HORIZON, 0.8279)],
    ids=["4/3 Earth", "Bowditch's refraction"],
)
def test_the_horizon_is_the_tangent_to_a_sphere(constant, bent):
    """sqrt(2 R h / bent): the Earth's radius 3440.1 nmi, 6076.1 ft a nmi."""
    tangent = np.sqrt(2.0 * 3440.1 / bent / 6076.1)
    assert constant == pytest.approx(tangent, abs=0.005)
    assert horizon_nmi(10_000.0, 0.0, constant) == pytest.approx(100.0 * tangent, rel=5e-3)


@pytest.mark.parametrize(("kind", "constant"), [("radar", 1.23), ("ais", 1.23), ("eo_ir", 1.17), ("visual", 1.17)])
def test_nothing_is_seen_beyond_the_horizon_of_the_higher_hull(kind, constant):
    sensor = sensor_of(kind, law={"kind": "definite_range", "range_nmi": 500.0})
    assert sensor.in_force([TANKER], True, 900.0, NOTHING_STATED).cut_nmi == pytest.approx(constant * (30.0 + 10.0))
    assert sensor.in_force([COASTER, TANKER], True, 900.0, NOTHING_STATED).cut_nmi == pytest.approx(constant * 40.0)
    assert sensor.in_force([COASTER], True, 900.0, NOTHING_STATED).sweep_width_nmi(200.0) == pytest.approx(
        constant * 74.0
    )


# ------------------------------------------------------------------------------------------------ radar
def test_the_cross_section_follows_skolnik():
    """52 sqrt(10,000) for a kiloton is 5,200 m2; four times the tonnage, eight times that."""
    assert COASTER.cross_section_m2(10_000.0) == pytest.approx(5200.0)
    assert COASTER.model_copy(update={"displacement_t": 4000.0}).cross_section_m2(2500.0) == pytest.approx(20_800.0)
    assert COASTER.model_copy(update={"rcs_m2": 77.0}).cross_section_m2(2500.0) == 77.0


def test_displacement_left_out_is_a_block_of_sea_water():
    length, breadth, draught = 93.0, 15.0, 6.25  # L / B = 6.2, B / T = 2.4
    hull = Vessel(length_m=length, height_ft=50.0)
    assert hull.full_load_t == pytest.approx(1.025 * 0.78 * length * breadth * draught)


def test_sixteen_times_the_cross_section_doubles_the_range():
    sensor = sensor_of("radar", law=DEFINITE, reference_rcs_m2=100.0)
    hulls = [COASTER.model_copy(update={"rcs_m2": 100.0 * 16.0**n}) for n in range(3)]
    widths = [sensor.in_force([hull], False, 30_000.0, NOTHING_STATED).sweep_width_nmi(200.0) for hull in hulls]
    assert widths == pytest.approx([11.2, 22.4, 44.8])  # 2 R p = 2 * 8 * 0.7


def test_two_hulls_alongside_add_their_cross_sections():
    sensor = sensor_of("radar", law=DEFINITE, reference_rcs_m2=100.0)
    one, other = (COASTER.model_copy(update={"rcs_m2": rcs}) for rcs in (600.0, 1000.0))
    assert sensor.in_force([one, other], False, 5000.0, NOTHING_STATED).scale == pytest.approx(2.0)
    assert sensor.in_force((), False, 5000.0, NOTHING_STATED).scale == 1.0


def test_a_radar_takes_its_own_frequency_and_the_sea():
    factor = [1.0, 1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.2, 0.0]
    sensor = sensor_of(
        "radar", law=DEFINITE, reference_rcs_m2=5200.0, frequency_mhz=160_000.0 / 16, sea_state_factor=factor
    )
    for state, share in ((0.0, 1.0), (2.0, 0.9), (2.5, 0.85), (8.5, 0.1), (12.0, None), (9.0, None), (np.nan, 1.0)):
        held = sensor.in_force([COASTER], False, 5000.0, NOTHING_STATED._replace(sea_state=state))
        assert held is None if share is None else held.scale == pytest.approx(share), state
    assert (
        sensor.in_force([COASTER], False, 5000.0, NOTHING_STATED._replace(light=False, visibility_nmi=0.0)).scale == 1.0
    )


@given(
    st.floats(2.0, 400.0), st.floats(2.0, 400.0), st.floats(0.0, 9.0), st.floats(0.0, 9.0), st.floats(100.0, 40_000.0)
)
@settings(max_examples=60, deadline=None)
def test_larger_vessels_calmer_seas_and_height_never_shorten_a_radar(one, other, sea, worse, altitude):
    factor = [1.0, 1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.2, 0.1]
    sensor = sensor_of("radar", law=DEFINITE, reference_rcs_m2=5000.0, sea_state_factor=factor)
    small, large = (Vessel(length_m=length, height_ft=length) for length in sorted((one, other)))
    calm, rough = (NOTHING_STATED._replace(sea_state=state) for state in sorted((sea, worse)))
    best = sensor.in_force([large], False, altitude, calm).reach_nmi
    assert sensor.in_force([small], False, altitude, calm).reach_nmi <= best
    assert sensor.in_force([large], False, altitude, rough).reach_nmi <= best
    assert sensor.in_force([large], False, altitude / 2.0, calm).reach_nmi <= best
    assert sensor.in_force([small, large], False, altitude, calm).reach_nmi >= best


def test_two_hulls_are_two_echoes_where_the_gap_exceeds_the_cell():
    """A degree at 10 nmi is 323 m."""
    sensor = sensor_of("radar", law=DEFINITE, resolution_m=30.0, beam_deg=1.0)
    assert [sensor.resolves(10.0, gap) for gap in (29.0, 323.0, 324.0)] == [False, False, True]
    assert [sensor.resolves(0.5, gap) for gap in (29.0, 31.0)] == [False, True]
    assert not sensor_of("radar", law=DEFINITE).resolves(1.0, 1e6)
    assert sensor_of("radar", law=DEFINITE, resolution_m=30.0).resolves(500.0, 31.0)


# ------------------------------------------------------------------------------------------------ AIS, EO/IR
def test_ais_hears_those_who_transmit_to_the_horizon_in_any_weather():
    sensor = sensor_of("ais")
    assert sensor.in_force([TANKER], False, 5000.0, NOTHING_STATED) is None
    for state in (NOTHING_STATED, FAIR, FOUL._replace(light=False)):
        held = sensor.in_force([TANKER], True, 10_000.0, state)
        assert held.sweep_width_nmi(300.0) == pytest.approx(2.0 * 1.23 * 110.0)
    assert sensor.in_force((), True, 10_000.0, NOTHING_STATED).reach_nmi == 200.0


def test_eo_ir_goes_by_length_hour_and_visibility():
    law = {"kind": "definite_range", "range_nmi": 20.0}
    sensor = sensor_of("eo_ir", law=law, reference_length_m=50.0, night_factor=0.25, night_visibility_factor=3.0)

    def reach(hulls, **state):
        return sensor.in_force(hulls, False, 40_000.0, NOTHING_STATED._replace(**state)).reach_nmi

    assert reach([COASTER]) == 20.0
    assert reach([TANKER]) == reach([COASTER, TANKER]) == 40.0
    assert reach([TANKER], light=False) == 10.0
    assert reach([TANKER], visibility_nmi=4.0) == 4.0
    assert reach([TANKER], visibility_nmi=3.0, light=False) == 9.0
    assert reach([], light=False) == 5.0
    assert sensor.in_force([TANKER], False, 5000.0, NOTHING_STATED._replace(visibility_nmi=0.0)) is None
    assert (
        sensor_of("eo_ir", law=law, night_factor=0.0).in_force((), False, 5e3, NOTHING_STATED._replace(light=False))
        is None
    )


# ------------------------------------------------------------------------------------------------ eyes
PUBLISHED = {  # length, ft: widths at 1, 3, 5, 10, 15, 20, 30 nmi, as printed
    15: "0.4 1.0 1.3 1.7 1.8 2.0 2.0",
    33: "0.5 2.2 3.4 5.4 6.8 7.8 9.3",
    78: "0.6 2.8 5.1 9.8 13.6 16.7 21.7",
    120: "0.6 2.9 5.4 11.1 15.9 20.1 27.0",
    225: "0.6 3.0 5.7 12.5 18.9 24.7 34.9",
    300: "0.6 3.0 5.8 13.2 20.6 27.9 41.4",
}


def test_the_published_sweep_widths_are_met_at_their_speed():
    """Table, calibration and quadrature together, from so high that the horizon is no matter."""
    eyes = sensor_of("visual")
    for feet, row in PUBLISHED.items():
        for visibility, width in zip((1.0, 3.0, 5.0, 10.0, 15.0, 20.0, 30.0), map(float, row.split()), strict=True):
            hull = Vessel(length_m=feet * 0.3048, height_ft=10.0)
            assert uscg_sweep_width_nmi(hull.length_m, visibility) == pytest.approx(width, rel=1e-12)
            held = eyes.in_force([hull], False, 40_000.0, NOTHING_STATED._replace(visibility_nmi=visibility))
            assert held.sweep_width_nmi(180.0) == pytest.approx(width, rel=1e-9)
            assert held.law.max_range_nmi == visibility


def test_between_the_tables_nodes_widths_are_bilinear_and_beyond_them_those_of_the_end():
    middle = np.mean([11.1, 15.9, 12.5, 18.9])  # 172.5 ft, 12.5 nmi
    assert uscg_sweep_width_nmi(172.5 * 0.3048, 12.5) == pytest.approx(middle)
    assert uscg_sweep_width_nmi(400.0, 60.0) == pytest.approx(41.4)
    assert uscg_sweep_width_nmi(2.0, 3.0) == pytest.approx(1.0)
    assert uscg_sweep_width_nmi(400.0, 0.25) == pytest.approx(0.25 * 0.6)


@pytest.mark.parametrize(
    ("hull", "wind", "factor"),
    [
        *[(BOAT, 15.0, 1.0), (BOAT, 15.1, 0.5), (BOAT, 25.0, 0.5), (BOAT, 26.0, 0.25), (BOAT, np.nan, 1.0)],
        *[(TANKER, 15.0, 1.0), (TANKER, 16.0, 0.9), (TANKER, 40.0, 0.9)],
    ],
)
@pytest.mark.parametrize(
    ("fatigue_after_h", "tired", "rested"), [(None, True, 1.0), (8.0, True, 0.9), (8.0, False, 1.0)]
)
def test_wind_and_fatigue_correct_the_sweep_width(hull, wind, factor, fatigue_after_h, tired, rested):
    state = Conditions(np.nan, 10.0, wind, True, tired)
    plain = uscg_sweep_width_nmi(hull.length_m, 10.0)
    table = sensor_of("visual", fatigue_after_h=fatigue_after_h)
    assert table.in_force([hull], False, 30_000.0, state).sweep_width_nmi(180.0) == pytest.approx(
        plain * factor * rested
    )
    own = sensor_of("visual", law={"kind": "definite_range", "range_nmi": 3.0}, fatigue_after_h=fatigue_after_h)
    assert own.in_force([hull], False, 30_000.0, state).sweep_width_nmi(180.0) == pytest.approx(6.0 * factor * rested)


def test_eyes_see_by_daylight_through_clear_air_as_far_as_the_horizon():
    eyes = sensor_of("visual")
    for blind in (
        NOTHING_STATED._replace(light=False),
        FOUL._replace(light=False),
        NOTHING_STATED._replace(visibility_nmi=0.0),
    ):
        assert eyes.in_force([TANKER], True, 1000.0, blind) is None
    low = eyes.in_force([TANKER], False, 100.0, NOTHING_STATED._replace(visibility_nmi=30.0))
    assert low.reach_nmi == pytest.approx(1.17 * 20.0)
    assert low.sweep_width_nmi(180.0) < uscg_sweep_width_nmi(TANKER.length_m, 30.0)  # cut, not calibrated anew
    unknown = eyes.in_force((), False, 1000.0, NOTHING_STATED)
    assert unknown.sweep_width_nmi(180.0) == pytest.approx(27.9)  # a ship of 300 ft and over, in 20 nmi
    assert unknown.law == eyes.nominal_law


@pytest.mark.parametrize("visibility", [1e-3, 0.7, 55.0, 3000.0, np.inf])
@pytest.mark.parametrize("hull", [BOAT, TANKER])
def test_the_table_makes_a_law_of_its_width_in_the_thickest_fog_and_the_clearest_air(hull, visibility):
    eyes = sensor_of("visual", fatigue_after_h=1.0)
    held = eyes.in_force([hull], False, 50_000.0, Conditions(np.nan, visibility, 40.0, True, True))
    width = uscg_sweep_width_nmi(hull.length_m, visibility) * (0.25 if hull is BOAT else 0.9) * 0.9
    assert held.sweep_width_nmi(180.0) == pytest.approx(width, rel=1e-6)
    assert held.reach_nmi <= visibility


@given(st.floats(2.0, 300.0), st.floats(2.0, 300.0), st.floats(0.1, 50.0), st.floats(0.1, 50.0))
@settings(max_examples=40, deadline=None)
def test_longer_vessels_and_clearer_air_never_hide_from_eyes(one, other, haze, clear):
    (small, large), (bad, good) = sorted((one, other)), sorted((haze, clear))
    best = uscg_sweep_width_nmi(large, good)
    assert uscg_sweep_width_nmi(small, good) <= best + 1e-12
    assert uscg_sweep_width_nmi(large, bad) <= best + 1e-12
    assert uscg_sweep_width_nmi(small, bad) < 1.98 * bad


def test_the_same_state_gives_the_same_law_so_that_it_is_calibrated_once():
    eyes = sensor_of("visual")
    assert eyes.in_force([TANKER], True, 1000.0, FOUL).law is eyes.in_force([TANKER], True, 1000.0, FOUL).law


# ------------------------------------------------------------------------------------------------ the table
SENSORS = """
extends = "neon-spring"

[vessels.tanker]
length_m = 100.0
height_ft = 90.0

[vessels.coaster]
length_m = 40.0
height_ft = 40.0
displacement_t = 600.0
rcs_m2 = 900.0

[background.merchant]
vessel = "tanker"

[transfers.fuel]
vessels = ["tanker", "coaster"]

[sensors.radar]
reference_rcs_m2 = 10000.0
frequency_mhz = 9000.0
sea_state_factor = [1.0, 1.0, 1.0, 0.95, 0.85, 0.7, 0.6, 0.5, 0.4, 0.3]
resolution_m = 10.0
beam_deg = 0.5

[sensors.ais]
kind = "ais"

[sensors.camera]
kind = "eo_ir"
law = { kind = "definite_range", range_nmi = 15.0 }
reference_length_m = 100.0
night_factor = 0.5
night_visibility_factor = 1.5

[sensors.eyes]
kind = "visual"
fatigue_after_h = 6.0

[aircraft.cp140]
sensors = ["radar", "camera", "eyes"]
"""


def test_a_scenario_with_every_key_loads_to_the_same_from_its_flat_form(scratch):
    (scratch / "all.toml").write_text(SENSORS, encoding="utf-8")
    scenario = load_scenario("all.toml")
    (scratch / "flat.toml").write_text(flat_toml(scenario), encoding="utf-8")
    assert load_scenario("flat.toml") == scenario
    assert scenario.sensors["eyes"].law is None


def test_check_prints_the_sweep_width_of_each_sensor_against_each_class_and_pair(scratch, capsys):
    from sim.cli.main import main

    (scratch / "all.toml").write_text(SENSORS, encoding="utf-8")
    scenario = load_scenario("all.toml")
    assert main(["check", "all.toml", "--sensors"]) == 0
    said = capsys.readouterr().out
    assert "fair weather: sea state 2, visibility 20 nmi, wind 10 kn" in said
    assert "foul weather: sea state 6, visibility 3 nmi, wind 30 kn" in said
    rows = {tuple(re.split(r"\s{2,}", line.strip())[:4]): line.split()[-4:] for line in said.splitlines()}
    assert any(row[:2] == ("ais", "no aircraft carries it") for row in rows)
    classes = {"tanker": ["tanker"], "coaster": ["coaster"], "tanker + coaster": ["tanker", "coaster"]}
    for sensor in ("radar", "camera", "eyes"):
        for label, names in {**classes, "of unknown size": []}.items():
            hulls = [scenario.vessels[name] for name in names]
            printed = rows[(sensor, "cp140", "210", label)]
            states = [state._replace(light=light) for state in (FAIR, FOUL) for light in (True, False)]
            for text, state in zip(printed, states, strict=True):
                held = scenario.sensors[sensor].in_force(hulls, True, 5000.0, state)
                assert (text == "-") == (held is None)
                assert held is None or float(text) == pytest.approx(held.sweep_width_nmi(210.0), abs=0.0501)
    assert rows[("eyes", "cp140", "210", "tanker")][1::2] == ["-", "-"]
