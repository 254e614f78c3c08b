"""The laboratory of variance reduction flies what the program flies, and the factors of known numbers are known."""

import numpy as np
import pytest

from sim.core import chance
from sim.core.codes import Purpose
from sim.deployment.engine import fly
from sim.deployment.world import prepare, realise
from sim.scenario.load import load_scenario
from tools.variance_laboratory import (
    COLUMNS,
    LUCK,
    SEED,
    Laboratory,
    flown,
    keys_of,
    planned_flight,
    row_of,
    stratified_window,
)
from tools.variance_reduction import factor_of_controls, factor_of_pairs, left_over, paid_factor, scores_by_plan

SHORT = {"duration_days": 10.0}


@pytest.fixture(scope="module")
def crew():
    return prepare(load_scenario("neon-crew", SHORT))


@pytest.fixture
def lab():
    laboratory = Laboratory()
    with laboratory.installed():
        yield laboratory


def of(run, name):
    return run.columns[:, COLUMNS.index(name)]


@pytest.mark.parametrize("name", ["neon-crew", "agreements-2026"])
def test_with_one_key_for_all_parts_it_flies_what_the_program_flies(name):
    plan = prepare(load_scenario(name, SHORT))
    expected = [fly(plan, realise(plan, SEED, number), number).totals() for number in range(3)]
    laboratory = Laboratory()
    with laboratory.installed():
        found = [laboratory.fly(plan, keys_of(number)).totals() for number in range(3)]
    assert found == expected


def test_the_luck_of_the_steps_has_the_mean_0_and_explains_documented_transfers(crew, lab):
    run = flown(lab, crew, 120)
    for name in ("classify", "document"):
        luck = of(run, name)
        assert abs(luck.mean()) < 4.0 * luck.std(ddof=1) / np.sqrt(luck.size)
        assert luck.std() > 0.1
    assert np.corrcoef(of(run, "document"), of(run, "documented"))[0, 1] > 0.2


def test_what_is_drawn_again_changes_and_nothing_else_does(crew, lab):
    plain, steps, weather = (flown(lab, crew, 12, again) for again in ((), ("steps",), ("weather",)))
    for name in ("transfers", "hours", "north", "foul_h", "serviceable"):
        assert np.array_equal(of(plain, name), of(steps, name))
    assert not np.array_equal(of(plain, "documented"), of(steps, "documented"))
    assert not np.array_equal(of(plain, "foul_h"), of(weather, "foul_h"))


def test_turned_luck_fails_where_luck_succeeded(lab):
    key = chance.replication_key(SEED, 0)
    usual = lab.uniform(key, Purpose.CLASSIFY, np.uint64(1))
    lab.turned = frozenset(LUCK["steps"])
    assert lab.uniform(key, Purpose.CLASSIFY, np.uint64(1)) == pytest.approx(1.0 - usual)
    assert lab.uniform(key, Purpose.SERVICE, np.uint64(1)) == lab._uniform(key, Purpose.SERVICE, np.uint64(1))


def test_stratified_transfers_are_as_many_as_plain_ones_and_lie_in_the_sea(crew, lab):
    plan, count, rng = crew.transfers[0], 64, np.random.default_rng(1)
    begin, end = stratified_window(plan)
    numbers = (rng.permutation(count) + 0.5) / count
    found = []
    for number in range(count):
        lab.points = np.column_stack([np.full(400, numbers[number]), rng.random((400, 4))])
        found.append(row_of(lab.fly(crew, keys_of(number)), lab)[0])
    lab.points = None
    plain = of(flown(lab, crew, count), "transfers")
    error = np.sqrt((np.var(found, ddof=1) + plain.var(ddof=1)) / count)
    assert end > crew.scenario.duration_h > 0.0 > begin
    assert abs(np.mean(found) - plain.mean()) < 4.0 * error


def test_scores_of_the_planned_flight_tell_which_transfers_are_documented(crew, lab):
    run = flown(lab, crew, 80, (), planned_flight(crew.patrols[0]))
    transfers = np.vstack(run.scores)
    is_met, documented = transfers[:, -5] > 0.0, transfers[:, -1] > 0.0
    assert documented[is_met].mean() > documented[~is_met].mean()
    assert np.corrcoef(scores_by_plan(run.scores), of(run, "documented"))[0, 1] > 0.2


def test_factors_of_made_up_numbers_are_known():
    rng = np.random.default_rng(2)
    a, b, c = rng.standard_normal((3, 20_000))
    y = a + b + c
    assert left_over(y, a[:, None]) == pytest.approx(2.0 / 3.0, abs=0.02)
    assert factor_of_controls(y, np.column_stack([a, b])) == pytest.approx(3.0, abs=0.1)
    assert factor_of_pairs(y, a - b + c) == pytest.approx(1.0 / (1.0 + 1.0 / 3.0), abs=0.02)
    free, dear = (np.full(y.size, price) for price in (0.0, 1.0))
    both = np.column_stack([a, b])
    assert paid_factor(y, both, b[:, None], free) == pytest.approx(3.0, abs=0.15)
    assert paid_factor(y, both, b[:, None], dear) < factor_of_controls(y, b[:, None])
