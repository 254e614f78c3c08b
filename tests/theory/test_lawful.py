"""Calibration on lawful ships: who was there by brute force, truth recovered, ranks uniform, pairs that share luck."""

from functools import cache

import numpy as np
import pytest
import shapely
from scipy.stats import kstest

from sim import load_scenario, run
from sim.core.motion import fleet_without_traits
from sim.deployment.engine import simulate
from sim.deployment.ships_seen import on_station, present_in, ships_met
from sim.deployment.traffic.base import SegmentBuffers
from sim.deployment.world import prepare
from sim.scenario.problems import InputError
from sim.study.infer.chances import chance_of, known
from sim.study.infer.inference import Asked, inference_of, inference_of_lawful
from sim.study.infer.lawful import (
    Calibrated,
    Calibration,
    Counted,
    LawfulShips,
    calibration,
    raised,
    within_deployments,
)
from sim.study.infer.posterior import Posterior, Prior

CREW = {  # that documents nearly all that it detects
    "aircraft.searcher.identification": {
        "max_detour_nmi": 500.0,
        "time_h": 0.02,
        "classify": {"range_nmi": 10.0, "probability": 1.0},
        "document": {"range_nmi": 5.0, "probability": 1.0},
    }
}
EYE = "sensors.eye.law.probability"
BOX = {  # of the textbook: the aircraft is in range of the whole box from take-off to landing, L = 8 h of every 24 h
    "background.ships": {"area": "box", "present": 20.0, "speed_kn": {"low": 6.0, "high": 10.0}},
    "transfers.events.duration_h": 16.0,  # so that each transfer meets one flight: L + tau = 24 h
}


# ---------------------------------------------------------------------------------------------------- who was there
def test_in_the_textbook_every_ship_of_the_box_is_there_and_three_of_four_are_seen():
    results = run("textbook", 20, sets=BOX, by="background")
    columns = results.columns
    present, seen = (columns[f"ships_{name}[background=ships]"] for name in ("present", "seen"))
    error = np.sqrt(0.75 * 0.25 / present.sum())
    assert abs(seen.sum() / present.sum() - 0.75) < 4.0 * error
    assert results.measure("p_ship_seen[background=ships]").value == pytest.approx(seen.sum() / present.sum())
    # Those that are there as a sortie comes on station are joined by those that enter: Poisson numbers both.
    source = prepare(load_scenario("textbook", BOX)).traffic[0]
    expected = columns["sorties"] * 20.0 + source.arrivals_per_h * columns["on_station_hours"]
    assert abs(present.sum() - expected.sum()) < 4.0 * np.sqrt(expected.sum())


def test_present_is_who_crosses_the_sea_between_the_hours_by_small_steps():
    rng = np.random.default_rng(4)
    count = 400
    begin, life = rng.uniform(0.0, 10.0, count), rng.uniform(0.1, 6.0, count)
    rows = np.column_stack([begin, begin + life, rng.uniform(-50, 50, (count, 2)), rng.uniform(-20, 20, (count, 2))])
    owner = np.sort(rng.integers(0, 150, count))
    fleet = fleet_without_traits(rows, owner, np.arange(150, dtype=np.uint64), np.arange(150).astype(str))
    sea = shapely.Point(5.0, -8.0).buffer(15.0)
    hours = np.linspace(4.0, 7.0, 3001)[1:-1]
    there = np.zeros(150, bool)
    for row, vessel in zip(rows, owner, strict=True):
        mine = hours[(hours >= row[0]) & (hours < row[1])]
        x, y = (row[2:4, None] + row[4:6, None] * (mine - row[0])).reshape(2, -1)
        there[vessel] |= bool(shapely.contains_xy(sea, x, y).any())
    found = present_in(fleet, sea, 4.0, 7.0)
    assert 10 < there.sum() < 140
    assert set(found.vessels.tolist()) == set(np.flatnonzero(there).tolist())
    assert found.labels.tolist() == [str(number) for number in found.vessels]
    kept = np.isin(owner, found.vessels)
    assert np.array_equal(found.rows, rows[kept])
    assert np.array_equal(found.vessels[found.owner], owner[kept])
    everywhere = present_in(fleet, None, 4.0, 7.0)
    meets = (rows[:, 0] < 7.0) & (rows[:, 1] > 4.0)
    assert set(everywhere.vessels.tolist()) == set(owner[meets].tolist())


def test_ships_are_seen_as_they_were_in_flight():
    """All ships of these are worth an investigation, so the flight itself detected them, each by an event."""
    suspicious = {"background.merchant.suspicious_share": 1.0, "background.merchant.present": 30.0, "duration_days": 4}
    plan = prepare(load_scenario("neon-spring", suspicious))
    for replication in range(3):
        log = simulate(plan, 7, replication)
        fleets = [one for one in plan.traffic[0].realise(log.world.key, True, SegmentBuffers()) if one]
        by_flight = total = 0
        for sortie in log.sorties:
            window = on_station(sortie, log.end)
            if window is None:
                continue
            there = {str(name) for fleet in fleets for name in present_in(fleet, None, *window).labels}
            detected = {
                str(log.world.targets.labels[event.vessel])
                for event in log.events
                if event.event == "detected" and event.sortie == sortie.number
            }
            by_flight += len(there & detected)
            total += len(there)
        assert (log.ships["merchant"].present, log.ships["merchant"].seen) == (total, by_flight)
        assert 0 < by_flight < total


def test_who_does_not_ask_has_the_same_numbers_and_no_columns():
    plain, asked = (run("textbook", 2, sets=BOX, by=by) for by in ((), "background"))
    assert not [name for name in plain.columns if "ships" in name]
    for name, column in plain.columns.items():
        assert np.array_equal(column, asked.columns[name], equal_nan=True)


# ---------------------------------------------------------------------------------------------------- the factor
def test_a_raised_chance_by_hand():
    """A hazard that is doubled: 1 - (1 - 0.3)^2 = 0.51; halved twice it is what it was."""
    assert raised(known(0.3), 2.0).p == pytest.approx([0.51])
    assert raised(raised(known(0.51), 0.5), 2.0).p == pytest.approx([0.51])
    assert raised(known(1.0), 0.5).p[0] > 0.999


def test_the_factor_of_many_pairs_is_the_quotient_of_hazards():
    many = Calibration(
        LawfulShips(500_000, 1_000_000), Counted(750_000.0, 1_000_000.0), Counted(500_000.0, 1_000_000.0), 0.0
    )
    assert many.factor == pytest.approx(0.5, rel=1e-3)  # ln(1/2) / ln(1/4)
    low, high = many.interval(0.95)
    error = 0.001 / np.log(2.0)  # of ln(1 - s) at 1/2, relative; the simulated share adds less
    assert (high - low) / 2.0 == pytest.approx(1.96 * 0.5 * np.hypot(error, 0.000433 / 0.25 / np.log(4.0)), rel=0.02)
    factors, weight = many.nodes
    assert weight.sum() == pytest.approx(1.0)
    assert np.sum(weight * factors) == pytest.approx(0.5, rel=1e-3)
    assert np.sqrt(np.sum(weight * (factors - 0.5) ** 2)) == pytest.approx((high - low) / 3.92, rel=0.03)


@pytest.mark.parametrize(("seen", "present"), [(0, 5), (5, 5), (1, 1), (0, 1_000_000)])
def test_the_ends_have_intervals(seen, present):
    found = Calibration(LawfulShips(seen, present), Counted(70.0, 100.0), Counted(seen, present), 0.0)
    low, high = found.interval(0.95)
    assert 0.0 < low < found.factor < high < 20.0


def test_pairs_that_share_luck_count_for_fewer():
    """Beta-binomial pairs have the correlation 1 / (alpha + beta + 1) within deployments."""
    rng = np.random.default_rng(8)
    present = rng.integers(50, 150, 4000).astype(float)
    for alpha, beta in ((6.0, 3.0), (60.0, 30.0)):
        seen = rng.binomial(present.astype(int), rng.beta(alpha, beta, 4000)).astype(float)
        correlation = 1.0 / (alpha + beta + 1.0)
        assert within_deployments(present, seen) == pytest.approx(correlation, rel=0.1)
        found = calibration(present, seen, LawfulShips(50, 100))
        assert found.observed.present == pytest.approx(100.0 / (1.0 + 99.0 * correlation), rel=0.1)
        assert found.observed.share == pytest.approx(0.5)
        error = np.std(seen - seen.sum() / present.sum() * present) * np.sqrt(4000) / present.sum()
        share = found.simulated.share
        assert np.sqrt(share * (1.0 - share) / found.simulated.present) == pytest.approx(error, rel=0.02)
    seen = rng.binomial(present.astype(int), 0.6).astype(float)
    assert within_deployments(present, seen) < 0.001


# ---------------------------------------------------------------------------------------------------- recovery, ranks
def test_a_sea_that_sees_less_is_recovered_from_lawful_ships():
    """The true eye sees with 0.5, the model's with 0.75: the calibrated model documents as the true one does."""
    truth = run("textbook", 40, sets={**BOX, **CREW, EYE: 0.5}, seed=5, by="background")
    model = run("textbook", 40, sets={**BOX, **CREW}, seed=6, by="background")
    columns = truth.columns
    seen, present = (int(columns[f"ships_{name}[background=ships]"].sum()) for name in ("seen", "present"))
    k = int(columns["documented"].sum())
    asked = Asked(k, sorties=float(columns["sorties"].sum()))
    plain = inference_of(model, asked)
    found = inference_of_lawful(model, asked, LawfulShips(seen, present, "ships"))
    assert plain.chance.mean == pytest.approx(0.75, abs=0.05)  # the last hour of a sortie is too short for some
    assert found.chance.mean == pytest.approx(truth.measure("p_documented").value, abs=0.03)
    happened = columns["transfers"].sum()
    low, high = found.expected_interval
    assert low < happened < high
    assert plain.expected_interval[1] < happened  # without lawful ships, the estimate is too low
    assert found.as_it_is is not None
    assert found.as_it_is.chance.mean == pytest.approx(plain.chance.mean)
    assert "The model sees lawful ships 1.5 times as often" in _sentence(found)


def _sentence(answer):
    from sim.study.infer.lawful_tables import calibration_text

    return calibration_text(answer.calibrated.calibration)


def test_ranks_of_the_truth_are_uniform():
    """1,000 seas out of the model: m from its prior, the share of lawful ships from Jeffreys', reports from both."""
    rng, prior, p, simulated, present = np.random.default_rng(9), Prior(2.0, 0.05), 0.2, Counted(7e5, 1e6), 60

    @cache
    def calibrated_by(seen):
        return Calibration(LawfulShips(seen, present), simulated, Counted(seen, present), 0.0)

    ranks = []
    for _ in range(1000):
        m, share = rng.gamma(prior.shape, 1.0 / prior.rate), rng.beta(0.5, 0.5)
        factor = np.log1p(-min(share, 1.0 - 1e-15)) / np.log(0.3)
        k = rng.poisson(m * (1.0 - (1.0 - p) ** factor))
        found = calibrated_by(int(rng.binomial(present, share)))
        posterior = Calibrated.of(Posterior(int(k), known(p), prior), found).posterior
        ranks.append(posterior.expected_below(m))
    assert kstest(ranks, "uniform").pvalue > 0.001
    inside = np.mean([0.025 < rank < 0.975 for rank in ranks])
    assert 0.93 < inside < 0.97  # 3 standard errors are 0.02


def test_a_certain_factor_of_one_changes_nothing_and_variances_add_up():
    rng = np.random.default_rng(3)
    transfers = rng.poisson(20.0, 60).astype(float)
    plain = Posterior(3, chance_of(transfers, rng.binomial(transfers.astype(int), 0.2).astype(float)), Prior(2.0, 0.05))
    same = Calibration(LawfulShips(7 * 10**8, 10**9), Counted(7e8, 1e9), Counted(7e8, 1e9), 0.0)
    found = Calibrated.of(plain, same)
    for q in (0.025, 0.5, 0.975):
        assert found.posterior.expected_quantile(q) == pytest.approx(plain.expected_quantile(q), rel=1e-3)
    few = Calibrated.of(plain, Calibration(LawfulShips(7, 10), Counted(7e8, 1e9), Counted(7.0, 10.0), 0.0))
    variances = {cause.name: cause.variance for cause in few.causes}
    assert variances["calibration"] > 10.0 * {s.name: s.variance for s in found.causes}["calibration"]
    logs = np.log(few.posterior.rates)
    spread = np.sum(few.posterior.weight * logs**2) - np.sum(few.posterior.weight * logs) ** 2
    assert variances["luck"] + variances["simulation"] + variances["calibration"] == pytest.approx(spread, rel=0.02)


def test_what_cannot_be_calibrated_is_refused():
    with pytest.raises(InputError, match="background ships"):
        inference_of_lawful(run("textbook", 2), Asked(3), LawfulShips(1, 2))
    sees_all = run("textbook", 2, sets={**BOX, EYE: 1.0, "duration_days": 3}, by="background")
    with pytest.raises(InputError, match="see some of the ships and miss some"):
        inference_of_lawful(sees_all, Asked(3), LawfulShips(1, 2))


def test_boats_on_passage_are_not_in_the_area_in_which_they_work() -> None:
    west, east = 125.3, 126.15
    boats = {
        "kind": "fleet", "area": "half", "present": 60.0, "speed_kn": 4.0, "trip_days": 1.0, "port": [121.9, 29.9],
        "passage_kn": 6.0,
    }  # fmt: skip
    half = {"polygon": [[west, 27.0], [east, 27.0], [east, 29.0], [west, 29.0]]}
    scenario = load_scenario("neon-spring", {"duration_days": 3.0, "background.boats": boats, "areas.half": half})
    log = simulate(scenario, 1, 0)
    sea, there, anywhere = scenario.plane.project(scenario.areas["half"].shape), 0, 0
    boats_of = next(source for source in log.plan.traffic if source.name == "boats")
    for fleet in boats_of.realise(log.world.key, True, SegmentBuffers()):
        for window in (on_station(sortie, scenario.duration_h) for sortie in log.sorties):
            if fleet is not None and window is not None:
                there += present_in(fleet, sea, *window).vessels.size
                anywhere += present_in(fleet, None, *window).vessels.size
    assert ships_met(log.plan, log.world, log.sorties, {})["boats"].present == there
    assert 60 < there < 0.8 * anywhere
