"""The belief against closed forms, against brute force, and against what the simulation leaves unfound."""

from dataclasses import replace

import numpy as np
import pytest

from sim import load_scenario, run
from sim.core import chance
from sim.deployment.exposure_spells import cut_at, exposure_in_spells
from sim.deployment.patrols import law_rows
from sim.deployment.world import prepare
from sim.model.beginnings import begin_rates
from sim.model.cells import Cell
from sim.model.theory import after_search
from sim.model.weather import realise_weather
from sim.study.maps.belief import make_belief, unseen_pairs
from sim.study.maps.belief_tips import chances_in_parts
from sim.study.maps.searches import FlownSortie
from sim.study.verify.belief import unfound_pairs
from tests.helpers import DEFINITE, INVERSE_CUBE, LATERAL, SCAN

POINTS = np.array([[-300.0, -200.0], [-303.0, -175.0], [-340.0, -150.0], [-420.0, -300.0]])
HOUR = 40.0
ERROR = 0.002  # of the belief, as a share of what it is where nobody flew: that of the coverage field


def scene(**sets):
    """A prepared scenario, its weather in replication 0 of seed 1, and its first source, which begins at any hour."""
    plan = prepare(load_scenario("neon-spring", {"background.merchant.present": 0.0, **sets}))
    source = plan.transfers[0]
    if "transfers.fuel.night_share" not in sets:
        source = replace(source, spec=source.spec.model_copy(update={"night_share": None}))
    return plan, realise_weather(plan.weather, chance.replication_key(1, 0)), source


def belief_at(scene, sorties, hour=HOUR, points=POINTS):
    """The expected number of unfound pairs at points, as if all transfers were there."""
    plan, weather, source = scene
    return unseen_pairs(plan.scenario, plan.patrols, (0, sorties), source, 1, hour, points, weather)


def past(point, begin_h, passes=3, speed=210.0):
    """A flight to and fro past a point, 4 nmi aside, that begins at an hour."""
    legs, t, half = [], begin_h, 60.0
    for k in range(passes):
        ends = (-half, half) if k % 2 == 0 else (half, -half)
        x, y0, y1 = point[0] + 4.0, point[1] + ends[0], point[1] + ends[1]
        legs.append([t, t + 2.0 * half / speed, x, y0, x, y1])
        t = legs[-1][1]
    return FlownSortie("aurora", np.array(legs))


# ------------------------------------------------------------------------------------------------ without a flight
@pytest.mark.parametrize(
    ("duration", "mean"),
    [
        (4.0, 4.0),
        ({"mean": 6.0}, 6.0),
        ({"low": 2.0, "high": 6.0}, 4.0),
        ({"median": 5.0, "sigma": 0.5}, 5.0 * np.exp(0.125)),
    ],
)
def test_where_nobody_flew_it_is_the_rate_times_the_mean_duration(duration, mean):
    found = belief_at(scene(**{"transfers.fuel.duration_h": duration}), [])
    assert found == pytest.approx(np.full(4, 22.0 / 720.0 * mean), rel=1e-6)


def test_where_nobody_flew_the_night_share_decides_how_many_are_there():
    plan, weather, source = scene(**{"transfers.fuel.duration_h": 3.0, "transfers.fuel.night_share": 1.0})
    lon, lat = plan.scenario.plane.to_lonlat(*POINTS.T)
    breaks, rates = begin_rates(source.sun, 1.0, 0.0, 48.0, lon, lat)
    for hour in (13.0, 21.5, 30.0):
        found = belief_at((plan, weather, source), [], hour)
        for at, value, ends, rate in zip(POINTS, found, breaks, rates, strict=True):
            begun = np.clip(np.minimum(ends[1:], hour) - np.maximum(ends[:-1], hour - 3.0), 0.0, None) @ rate
            assert value == pytest.approx(22.0 / 720.0 * begun, abs=1e-9), at


def test_after_a_flight_that_saw_the_whole_area():
    """Of the pairs that last four hours, those of the first two were in range, and are unfound with chance 1 - p."""
    expected, left = unfound_pairs(1, 5)
    assert expected == pytest.approx(3000.0 / 720.0 * (2.0 * 0.25 + 2.0), rel=2e-3)
    assert left.size == 11


def test_no_pair_has_begun_in_a_sea_that_was_too_rough():
    rough = {"series": {"time_h": [0.0, 30.0, 36.0], "sea_state": [2, 7, 2]}}
    sets = {"environment": rough, "transfers.fuel.max_sea_state": 5.0, "transfers.fuel.duration_h": 8.0}
    found = belief_at(scene(**sets), [])
    assert found == pytest.approx(np.full(4, 22.0 / 720.0 * 4.0), rel=1e-6)  # of the 8 hours before 40, from 36 on


# ------------------------------------------------------------------------------------------------ after flights
@pytest.mark.parametrize("law", [INVERSE_CUBE, SCAN, DEFINITE, LATERAL], ids=lambda law: law["kind"])
@pytest.mark.parametrize("duration", [{"median": 5.0, "sigma": 0.5}, 3.0], ids=["log-normal", "fixed"])
def test_it_is_the_integral_over_all_beginnings(law, duration):
    """Against the sum over beginnings six seconds apart, with exposures by the code that tasking uses."""
    made = scene(**{"sensors.radar.law": law, "transfers.fuel.duration_h": duration})
    plan, weather, source = made
    sorties = [past(POINTS[0], 33.5), past(POINTS[2], 36.0, 2), past(POINTS[0], 39.4)]
    found = belief_at(made, sorties)
    edges = np.arange(0.0, HOUR + 1e-9, 1.0 / 600.0)
    exposure = np.zeros((4, edges.size - 1))
    for sortie in sorties:
        legs = cut_at(sortie.legs, edges)
        rows = law_rows(plan.patrols[0], legs[:, 0], float(legs[0, 0]), weather)
        part = exposure_in_spells(plan.patrols[0], legs, rows, edges, POINTS, np.full(4, source.kinds[1]), turns=True)
        if law is DEFINITE:  # once in the sortie, for those that had begun before it was last in range
            last = part.shape[1] - 1 - np.argmax(part[:, ::-1] > 0.0, axis=1)
            jump = part.max(axis=1)
            part = np.zeros_like(part)
            part[np.arange(4), last] = jump
        exposure += part
    later = np.cumsum(exposure[:, ::-1], axis=1)[:, ::-1] - exposure / 2.0
    lasting = source.spec.duration_h.survival(HOUR - (edges[1:] + edges[:-1]) / 2.0)
    exact = 22.0 / 720.0 / 600.0 * (np.exp(-later) @ lasting)
    assert found == pytest.approx(exact, abs=ERROR * belief_at(made, [])[0])
    assert found[0] < 0.75 * belief_at(made, [])[0]


def test_breaking_legs_in_two_changes_nothing():
    made = scene()
    whole, flat = [past(POINTS[0], 35.0), past(POINTS[2], 38.0)], belief_at(made, [])[0]
    for edges in (np.arange(30.0, 45.0, 0.37), np.arange(30.0, 45.0, 0.05)):
        cut = [FlownSortie(sortie.patrol, cut_at(sortie.legs, edges)) for sortie in whole]
        assert belief_at(made, cut) == pytest.approx(belief_at(made, whole), abs=ERROR * flat)


def test_what_is_flown_after_the_hour_does_not_count():
    made = scene()
    early, late = past(POINTS[0], 38.0, 1), past(POINTS[0], HOUR)
    assert np.array_equal(belief_at(made, [early, late]), belief_at(made, [early]))
    begun = past(POINTS[0], HOUR - 60.0 / 210.0)  # half of its first leg is flown by then
    half = FlownSortie("aurora", cut_at(begun.legs, np.array([0.0, HOUR])))
    assert belief_at(made, [begun]) == pytest.approx(belief_at(made, [half]), rel=1e-9)


def test_it_recovers_as_pairs_part_and_others_come():
    made = scene()
    flat, flown = belief_at(made, [])[0], [past(POINTS[0], 20.0)]
    after = [belief_at(made, flown, hour)[0] for hour in (22.0, 25.0, 30.0, 60.0)]
    assert after[0] < 0.3 * flat
    assert np.all(np.diff(after) > 0.0)
    assert after[-1] == pytest.approx(flat, rel=1e-3)


# ------------------------------------------------------------------------------------------------ two cells by hand
@pytest.mark.parametrize(("w", "p"), [(0.5, 0.5), (0.3, 0.9), (0.8, 0.25)])
def test_one_target_in_two_cells(w, p):
    """It is in one of two cells, and a search of the first that would have found it there has found nothing."""
    unfound = np.ones((2, 25))
    unfound[0, -1] = 1.0 - p
    tip = chances_in_parts(Cell(lasts_h=1000.0), 1.0, 1e-9, np.array([w, 1.0 - w]), lambda _: unfound)
    assert tip == pytest.approx([w * (1.0 - p) / (1.0 - w * p), (1.0 - w) / (1.0 - w * p)], rel=1e-9)
    assert after_search(w, p) == pytest.approx(tip[0])


def test_a_tip_is_worth_what_its_formula_says():
    """Two million tips by lot: true or false, somewhere, parting at any time, and flights that find or do not."""
    rng, n = np.random.default_rng(3), 2_000_000
    truth, lasts_h, age_h, shares, rate = 0.7, 6.0, 2.5, np.array([0.5, 0.3, 0.2]), np.array([0.9, 0.25, 0.0])
    begins, ends = 0.5, 1.75  # hours since it was seen between which the flight is in range
    tip = chances_in_parts(
        Cell(lasts_h=lasts_h), truth, age_h, shares,
        lambda edges: np.exp(-rate[:, None] * np.clip(edges - begins, 0.0, ends - begins)[None, :]),
    )  # fmt: skip
    is_true, place = rng.uniform(size=n) < truth, rng.choice(3, n, p=shares)
    left_h = rng.uniform(0.0, lasts_h, n)
    in_range_h = np.clip(np.minimum(left_h, age_h) - begins, 0.0, ends - begins)
    found = is_true & (rng.exponential(size=n) < rate[place] * in_range_h)
    for cell in range(3):
        there = (is_true & (place == cell) & (left_h > age_h))[~found]
        error = np.sqrt(tip[cell] * (1.0 - tip[cell]) / there.size)
        assert abs(there.mean() - tip[cell]) < 4.0 * error + 1e-4  # its hours are cut into 24
    untouched = Cell(lasts_h=lasts_h).chance_still_there(age_h) * truth
    none = chances_in_parts(Cell(lasts_h=lasts_h), truth, age_h, shares, lambda edges: np.ones((3, edges.size)))
    assert none == pytest.approx(untouched * shares)


def test_two_cells_of_the_sea_after_a_search_of_the_first():
    """Normalised, as where one pair is known to be there: the intensities have the ratio that Bayes' rule gives."""
    made = scene(**{"transfers.fuel.duration_h": 1000.0})
    cells = np.array([POINTS[0], POINTS[3]])
    flat, found = belief_at(made, [], points=cells), belief_at(made, [past(POINTS[0], 37.0, 1)], points=cells)
    p = 1.0 - found[0] / flat[0]
    w = flat[0] / flat.sum()
    assert found[1] == pytest.approx(flat[1])
    assert 0.1 < p < 0.999
    assert found / found.sum() == pytest.approx([w * (1 - p) / (1 - w * p), (1 - w) / (1 - w * p)])


# ------------------------------------------------------------------------------------------------ reliability
def reliability(sets, replications, hours, cells=100, scenario="neon-spring"):
    """Chance by the belief, expected number, whether there was an unfound pair, and how many, by cell; (n,) each."""
    results = run(scenario, replications=replications, jobs=1, keep=replications, sets=sets)
    table = results.tables["transfers"].to_pydict()
    begin, end = np.array(table["begin_h"]), np.array(table["end_h"])
    found_h = np.array([np.inf if hour is None else hour for hour in table["detected_h"]])
    number = np.array(table["replication"])
    x, y = results.scenario.plane.to_xy(table["lon"], table["lat"])
    said = [[], [], []]
    for replication in range(replications):
        for hour in hours:
            belief = make_belief(results, hour, replication=replication, cells=cells)
            there = (number == replication) & (begin <= hour) & (end > hour) & ~(found_h <= hour)
            grid, half = belief.grid, belief.grid.side / 2.0
            column = np.floor((x[there] - grid.x[0] + half) / grid.side).astype(int)
            row = np.floor((y[there] - grid.y[0] + half) / grid.side).astype(int)
            count = np.zeros(belief.expected.shape)
            np.add.at(count, (row, column), 1.0)
            wet = belief.sea_nmi2 > 0.0
            assert not count[~wet].any()
            for values, part in zip(said, (belief.chance, belief.expected, count), strict=True):
                values.append(part[wet])
    return [np.concatenate(values) for values in said], len(number)


def check_reliable(chance_said, expected, count, bins):
    """The frequency in each bin of the chance is within its standard errors, and so is the number of all."""
    edges = np.quantile(chance_said, np.linspace(0.0, 1.0, bins + 1))
    which = np.clip(np.searchsorted(edges, chance_said, side="right") - 1, 0, bins - 1)
    scores = []
    for one in range(bins):
        mine = which == one
        predicted, happened = chance_said[mine], count[mine] > 0.0
        error = np.sqrt((predicted * (1.0 - predicted)).sum())
        scores.append((happened.sum() - predicted.sum()) / error)
    total = (count.sum() - expected.sum()) / np.sqrt(expected.sum())
    return np.array(scores), float(total)


MANY = {
    "duration_days": 5,
    "transfers.fuel.per_month": 1500.0,
    "transfers.fuel.dark_share": 0.6,
    "background.merchant.present": 10.0,
    "sensors.ais": {"kind": "ais", "law": {"kind": "definite_range", "range_nmi": 60.0, "probability": 0.7}},
    "aircraft.cp140.sensors": ["radar", "ais"],
    "sensors.radar.law": {
        "kind": "scan", "probability": 0.5, "range_half_nmi": 20.0, "roll_off": 6.0, "max_range_nmi": 40.0,
        "look_interval_s": 300.0,
    },
}  # fmt: skip


def test_it_is_reliable():
    """One hour of each replication, while the aircraft is on its route: pairs of two hours would not be independent."""
    (said, expected, count), transfers = reliability(MANY, 8, (81.0,))
    assert transfers > 1500
    scores, total = check_reliable(said, expected, count, 4)
    assert np.abs(scores).max() < 3.5
    assert abs(total) < 3.5
    assert said.max() > 3.0 * said.min()  # the flights have made a difference


@pytest.mark.soak
def test_it_is_reliable_over_more_than_ten_thousand_transfers(capsys):
    (said, expected, count), transfers = reliability(MANY, 200, (81.0,), cells=400)
    scores, total = check_reliable(said, expected, count, 10)
    with capsys.disabled():
        print(f"\n{transfers:,} transfers; z by tenth of the chance: {np.round(scores, 2)}; of the number {total:.2f}")
    assert transfers > 10_000
    assert np.abs(scores).max() < 3.3  # of ten, one is beyond by chance in a hundred tries
    assert abs(total) < 2.6


TIPPED = {
    "duration_days": 5,
    "transfers.fuel.per_month": 600.0,
    "transfers.fuel.duration_h": 6.0,
    "transfers.fuel.night_share": 0.47,  # as long as the nights are: pairs begin at any hour alike
    "background.merchant.present": 0.0,
    "sensors.radar.law": MANY["sensors.radar.law"],
    "nations": {"canada": {"cell": {"lasts_h": 6.0, "spread_kn": 0.0, "fused_within": 0.0}}},
    "patrols.aurora.nation": "canada",
    "patrols.aurora.tips": {"least_chance": 1.0},  # nobody flies to them
}


def observer(credibility):
    """One that looks twice an hour, so that it sees pairs at any time of theirs, and also what is not there."""
    return {
        "kind": "satellite", "nation": "canada", "sensor": "radar", "revisit_h": 0.5, "swath_nmi": 2000.0,
        "probability": 0.04, "position_error_nmi": 5.0, "delay_h": 0.5, "false_per_month": 200.0,
        "credibility": credibility,
    }  # fmt: skip


def tipped(replications, hours):
    """Of each tip at some hours its chance, and whether its pair was alongside and unfound; and the true share."""

    def flown(credibility):
        sets = TIPPED | {"observers": {"eye": observer(credibility)}}
        return run("neon-spring", replications=replications, jobs=1, keep=replications, seed=7, sets=sets)

    true = [name is not None for name in flown(0.5).tables["tips"].column("transfer").to_pylist()]
    share = float(np.mean(true))
    results = flown(round(share, 4))
    pairs = {
        (row["replication"], f"{row['source']}-{row['transfer']}"): row
        for row in results.tables["transfers"].to_pylist()
    }
    reports = {(row["replication"], row["tip"]): row for row in results.tables["tips"].to_pylist()}
    said, happened = [], []
    for replication in range(replications):
        for hour in hours:
            for tip in make_belief(results, hour, replication=replication, cells=100).tips:
                pair = pairs.get((replication, reports[replication, tip.number]["transfer"]))
                said.append(tip.chance)
                found_h = None if pair is None else pair["detected_h"]
                unfound = found_h is None or found_h > hour
                happened.append(pair is not None and pair["begin_h"] <= hour < pair["end_h"] and unfound)
    return np.array(said), np.array(happened), share


@pytest.mark.soak
def test_tips_are_reliable(capsys):
    """Tips of an observer that is believed as often as it is right; several are of one pair, so errors are wider."""
    said, happened, share = tipped(150, (52.0, 76.0, 100.0))
    # A pair is reported 0.48 times on average, so a report has 0.48 others of its pair beside it, of the same fate.
    error = np.sqrt(1.48 * (said * (1.0 - said)).sum())
    z = (happened.sum() - said.sum()) / error
    with capsys.disabled():
        print(f"\n{said.size:,} tips, {share:.3f} true: {said.sum():.1f} expected, {happened.sum()} there, z {z:.2f}")
    assert said.size > 1000
    assert abs(z) < 2.6
