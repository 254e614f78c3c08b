"""What receivers and satellites make of ships: detection by length, and AIS that is sent but not heard."""

import numpy as np
import pytest
import shapely

from sim.check.expected_reports import ExpectedReports
from sim.core import chance
from sim.core.chance import replication_key
from sim.core.units import HOURS_PER_MONTH
from sim.deployment.ais_load import SendersInView
from sim.deployment.reports import observe
from sim.deployment.transfers import realise_transfers
from sim.deployment.world import prepare
from sim.model.length_curves import LengthCurve
from sim.model.observers.base import TransfersAtSea
from sim.model.sightings import reports_at_sea
from sim.model.theory import heard_by_satellite
from sim.model.weather import plan_weather, realise_weather
from sim.scenario.load import load_scenario
from sim.scenario.problems import InputError
from sim.study.published.kroodsma_2022 import share_detected
from tests.helpers import scores_from, standard_errors
from tests.theory.test_observers import PLANE, RADAR, observer, ready, satellite

LIMIT = 4.0
EACH_HOUR = {"first_pass_h": 0.5, "swath_nmi": 2000.0}  # a strip so wide that every place lies under it
CURVE = {"curve": "radarsat_2"}


def pairs_of(lengths_m, gap_m=25.0, hour=(0.1, 0.9), **more):
    """Pairs of hulls of some lengths, (m, 2), metres, that lie alongside while one pass comes over."""
    count = len(lengths_m)
    rng = np.random.default_rng(4)
    x, y = PLANE.to_xy(rng.uniform(124.0, 126.0, count), rng.uniform(28.0, 31.0, count))
    begin, end = np.full(count, hour[0]), np.full(count, hour[1])
    vessels = chance.identities(chance.identity("by length"), count)
    return TransfersAtSea(
        begin, end, x, y, vessels, np.ones(count, bool), np.asarray(lengths_m, float), gap_m=gap_m, **more
    )


def share_reported(spec, transfers, replication=0):
    made = reports_at_sea(ready(one=spec), replication_key(11, replication), transfers)
    assert np.unique(made.target).size == made.target.size  # one pass
    return made.target.size / len(transfers.begin)


# -------------------------------------------------------------------------------------------------- radar by length
@pytest.mark.parametrize("length", [22.5, 27.5, 35.0, 45.0, 55.0, 120.0])
def test_a_satellite_of_known_curve_gives_back_the_shares_by_length(length):
    count, curve = 20_000, 0.926 / (1.0 + np.exp(-0.144 * (length - 32.7)))
    spec = satellite(**EACH_HOUR, by_length=CURVE, probability=0.8)
    seen = share_reported(spec, pairs_of(np.full((count, 2), [20.5, length])))
    expected = 0.8 * curve
    assert standard_errors(seen, expected, np.sqrt(expected * (1.0 - expected) / count)) < LIMIT


def test_the_default_curve_lies_near_the_published_shares():
    lengths, present = np.array([22.5, 27.5, 35.0, 45.0, 55.0]), np.array([25, 30, 112, 111, 179])
    curve, share = LengthCurve().chance(lengths), share_detected(lengths)
    assert (np.abs(curve - share) < 3.0 * np.sqrt(curve * (1.0 - curve) / present)).all()


@pytest.mark.parametrize(
    ("merges_within_m", "chances"),
    [(500.0, max), (25.0, max), (10.0, lambda one, two: 1.0 - (1.0 - one) * (1.0 - two))],
)
def test_hulls_within_the_distance_are_one_contact_as_long_as_the_longest(merges_within_m, chances):
    count, lengths = 20_000, np.array([30.0, 36.0])
    spec = satellite(**EACH_HOUR, by_length=CURVE, merges_within_m=merges_within_m)
    seen = share_reported(spec, pairs_of(np.full((count, 2), lengths)))
    expected = chances(*LengthCurve().chance(lengths))
    assert standard_errors(seen, expected, np.sqrt(expected * (1.0 - expected) / count)) < LIMIT


def test_a_length_that_is_not_known_changes_nothing():
    spec, lengths = satellite(**EACH_HOUR, by_length=CURVE), np.full((500, 2), np.nan)
    assert share_reported(spec, pairs_of(lengths)) == 1.0
    assert share_reported(spec, pairs_of(lengths, gap_m=600.0)) == 1.0
    lone = np.column_stack([lengths[:, 0], np.full(500, 5.0)])
    assert share_reported(spec, pairs_of(lone)) < 0.1  # one length is known, and it is short
    own = satellite(**EACH_HOUR, by_length={"top": 1.0, "slope_per_m": 50.0, "half_m": 40.0})
    assert share_reported(own, pairs_of(np.full((500, 2), 41.0))) == 1.0
    assert share_reported(own, pairs_of(np.full((500, 2), 39.0))) == 0.0


def test_who_is_detected_at_a_length_is_detected_at_a_greater_one():
    plans = ready(one=satellite(**EACH_HOUR, by_length=CURVE))
    found = [
        set(reports_at_sea(plans, replication_key(5, 0), pairs_of(np.full((400, 2), length))).target.tolist())
        for length in (25.0, 35.0, 60.0)
    ]
    assert found[0] < found[1] < found[2]


# ------------------------------------------------------------------------------------------------- AIS as it is heard
def space(**keys):
    return observer("ais_satellite", **({"revisit_h": 1.0, "first_pass_h": 0.5} | keys))


def shore(**keys):
    return observer("ais_station", **({"position": [125.0, 29.5], "range_nmi": 200.0, "after_h": 1.0} | keys))


def senders(count, hours, sends=(True, True), **more):
    """Pairs of vessels that lie alongside for some hours, of which some send AIS."""
    lengths = np.full((count, len(sends)), np.nan)
    pairs = pairs_of(lengths, hour=(0.05, 0.05 + hours), sends=np.tile(sends, (count, 1)), **more)
    return pairs._replace(dark=np.full(count, not any(sends)))


@pytest.mark.parametrize(
    ("ships", "report_s", "in_view_s", "least", "most"),
    [(900.0, 6.0, 900.0, 0.99, 1.0), (10_000.0, 330.0, 2160.0, 0.985, 0.995), (2_000.0, 6.0, 900.0, 0.075, 0.085)],
)
def test_a_satellite_hears_as_the_design_points_say(ships, report_s, in_view_s, least, most):
    spec = space(others_in_view=ships, report_s=report_s, in_view_s=in_view_s, probability=0.0, lone_probability=1.0)
    expected = heard_by_satellite(ships, report_s, in_view_s)
    assert least < expected <= most
    count = 40_000
    heard = share_reported(spec, senders(count, 1.0, (True,)))
    assert abs(heard - expected) < LIMIT * np.sqrt(expected * (1.0 - expected) / count) + 1e-12


def test_each_vessel_has_luck_of_its_own_at_each_pass():
    chance_of_one = heard_by_satellite(1_500.0, 6.0, 900.0)
    assert 0.2 < chance_of_one < 0.8
    keys = {"others_in_view": 1_500.0, "in_view_s": 900.0, "lone_probability": 1.0, "probability": 0.0}
    count, passes = 4_000, 6
    plans = ready(one=space(**keys))
    made = reports_at_sea(plans, replication_key(3, 0), senders(count, passes - 0.1, (True,)))
    times = np.bincount(made.target, minlength=count)
    assert scores_from(times, passes * chance_of_one) < LIMIT
    variance = passes * chance_of_one * (1.0 - chance_of_one)
    assert standard_errors(times.var(ddof=1), variance, variance * np.sqrt(2.0 / count)) < LIMIT
    # With two that send, both are heard with the square of the chance.
    both = ready(one=space(**{**keys, "lone_probability": 0.0, "probability": 1.0}))
    made = reports_at_sea(both, replication_key(3, 0), senders(count, passes - 0.1))
    assert scores_from(np.bincount(made.target, minlength=count), passes * chance_of_one**2) < LIMIT


def test_vessels_that_send_nothing_or_false_claims_are_not_heard():
    keys = {"probability": 1.0, "lone_probability": 1.0}
    for spec in (space(**keys), shore(**keys)):
        assert share_reported(spec, senders(200, 1.2)) == 1.0
        assert share_reported(spec, senders(200, 1.2, (True, False))) == 1.0
        assert share_reported(spec, senders(200, 1.2, (False, False))) == 0.0
        assert share_reported(spec, senders(200, 1.2, false=np.ones(200, bool))) == 0.0
        pairs_alone = type(spec).model_validate({**spec.model_dump(), "lone_probability": 0.0})
        assert share_reported(pairs_alone, senders(200, 1.2, (True, False))) == 0.0


def test_a_station_hears_within_its_line_of_sight():
    place, far = PLANE.to_xy(125.0, 29.5), senders(3, 3.0)
    distance = np.array([20.0, 44.0, 60.0])
    at_sea = far._replace(x=place[0] + distance, y=np.full(3, place[1]))

    def reach(**keys):
        made = reports_at_sea(ready(one=shore(**keys)), replication_key(1, 0), at_sea)
        return set(distance[made.target].tolist())

    assert reach(range_nmi=43.2) == {20.0}
    assert reach(range_nmi=50.0) == {20.0, 44.0}
    # 1.23 (sqrt(900) + sqrt(50)) = 45.6 nmi
    assert reach(range_nmi=100.0, antenna_ft=900.0) == {20.0, 44.0}
    assert reach(range_nmi=30.0, antenna_ft=900.0) == {20.0}


@pytest.mark.parametrize("duration_h", [1.5, {"low": 0.3, "high": 6.0}])
@pytest.mark.parametrize(
    "keys",
    [
        {"kind": "ais_satellite", "revisit_h": 1.7, "others_in_view": 1000.0},
        {"kind": "ais_satellite", "revisit_h": 1.7, "first_pass_h": 0.9, "others_in_view": 1000.0},
        {"kind": "ais_station", "position": [125.0, 29.5], "range_nmi": 110.0, "others_in_view": 2300.0},
    ],
)
def test_reports_are_as_many_as_check_says(keys, duration_h):
    common = {"nation": "japan", "probability": 0.7, "lone_probability": 0.4, "position_error_nmi": 1.0, "delay_h": 0.0}
    sets = {
        "nations.japan": {}, "observers.ear": {**common, **keys}, "duration_days": 20.0,
        "transfers.fuel.per_month": 600.0, "transfers.fuel.duration_h": duration_h, "transfers.fuel.dark_share": 0.3,
        "transfers.fuel.partner_dark_share": 0.5, "transfers.fuel.spoofing_share": 0.2, "patrols": {},
    }  # fmt: skip
    scenario = load_scenario("neon-spring", sets)
    plan = prepare(scenario)
    reports = ExpectedReports(scenario)
    expected = reports.true_per_month(reports.observers[0]) * scenario.duration_h / HOURS_PER_MONTH
    made = []
    for number in range(60):
        key = replication_key(7, number)
        table = realise_transfers(plan.transfers, key, realise_weather(plan_weather(scenario), key), margin_h=1.0)
        made.append(int((observe(plan.dissemination, key, table).made_h >= 0.0).sum()))
    assert np.mean(made) > 5.0
    assert scores_from(np.array(made), expected) < LIMIT


def test_ships_of_the_background_that_send_are_the_load():
    sets = {
        "nations.japan": {}, "areas.half": {"polygon": [[123.3, 27.0], [125.15, 27.0], [125.15, 32.0], [123.3, 32.0]]},
        "background.more": {"area": "half", "present": 800.0, "speed_kn": 10.0, "dark_share": 0.25},
    }  # fmt: skip
    scenario = load_scenario("neon-spring", sets)
    others = sum(spec.present * (1.0 - spec.dark_share) for n, spec in scenario.background.items() if n != "more")
    load = SendersInView(scenario)
    assert load(None, np.array([3.0, 700.0])) == pytest.approx([others + 600.0] * 2)
    half = scenario.plane.sea(scenario.areas["half"].shape)
    inside = load(shapely.box(*half.bounds), np.array([[3.0]]))
    assert inside.shape == (1, 1)
    assert 600.0 < inside[0, 0] < 600.0 + others
    assert load(shapely.Point(0.0, 0.0).buffer(1.0).difference(half), np.array([5.0])) < 5.0
    pair = {"kind": "bunkering", "area": "half", "present": 40.0, "duration_h": 6.0, "dark_share": 0.25}
    with_pairs = SendersInView(load_scenario("neon-spring", {**sets, "background.pairs": pair}))
    assert with_pairs(None, np.array(3.0)) == pytest.approx(others + 600.0 + 2 * 30.0)  # each hull sends


# --------------------------------------------------------------------------------------------------------- bad input
@pytest.mark.parametrize(
    ("kind", "keys", "key", "allowed"),
    [
        ("ais_satellite", {}, "revisit_h", "given nothing"),
        ("ais_satellite", {"revisit_h": 0.0}, "revisit_h", "0.1"),
        ("ais_satellite", {"revisit_h": 6.0, "first_pass_h": 7.0}, "first_pass_h", "at most revisit_h, 6"),
        ("ais_satellite", {"revisit_h": 6.0, "others_in_view": -1.0}, "others_in_view", "0"),
        ("ais_satellite", {"revisit_h": 6.0, "report_s": 0.0}, "report_s", "1"),
        ("ais_satellite", {"revisit_h": 6.0, "lone_probability": 1.2}, "lone_probability", "1"),
        ("ais_station", {}, "position", "given nothing"),
        ("ais_station", {"position": [125.0, 29.0], "after_h": 0.1}, "after_h", "0.2"),
        ("satellite", {**RADAR, "by_length": {"curve": "other"}}, "by_length.curve", "radarsat_2"),
        ("satellite", {**RADAR, "by_length": {"top": 1.1}}, "by_length.top", "1"),
        ("satellite", {**RADAR, "by_length": {"slope_per_m": 0.0}}, "by_length.slope_per_m", "0"),
        ("satellite", {**RADAR, "by_length": {"length_m": 5.0}}, "by_length.length_m", ""),
        ("satellite", {**RADAR, "merges_within_m": -1.0}, "merges_within_m", "0"),
    ],
)
def test_a_wrong_key_is_one_line_that_names_it(kind, keys, key, allowed):
    common = {"nation": "japan", "probability": 0.5, "position_error_nmi": 1.0, "delay_h": 0.0}
    with pytest.raises(InputError) as caught:
        load_scenario("neon-spring", {"nations.japan": {}, "observers.eye": {**common, "kind": kind, **keys}})
    (line,) = str(caught.value).splitlines()
    assert f"observers.eye.{key}" in line
    assert allowed in line


def test_wrong_keys_of_rules_and_sources_are_refused():
    slips = {
        "outputs.ais_rules": {"encounter_within_km": 0.0}, "transfers.fuel.partner_dark_share": 1.5,
        "transfers.fuel.partner_dark": 0.5,
    }  # fmt: skip
    said = []
    for key, value in slips.items():
        with pytest.raises(InputError) as caught:
            load_scenario("neon-spring", {key: value})
        said.append(str(caught.value))
    assert len(said) == len(slips)
    assert "outputs.ais_rules.encounter_within_km" in said[0]
    assert "at most 1" in said[1]
    assert "partner_dark_share" in said[2]
