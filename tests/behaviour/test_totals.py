"""The rows of totals, reasons and features: each fact once, and what derives from it agrees."""

from sim import load_scenario
from sim.core.codes import DOCUMENTED
from sim.deployment.contacts import FEATURES
from sim.deployment.engine import simulate
from sim.deployment.ladder import REASONS
from sim.deployment.totals import TOTALS
from sim.model.aircraft import Priority
from sim.study.columns import schemas


def test_the_totals_of_a_log_are_the_rows_that_exist_there():
    cases = {"neon-crew": {}, "agreements-2026": {}, "neon-spring": {"outputs.contacts": True}}
    for name, sets in cases.items():
        scenario = load_scenario(name, {"duration_days": 2, **sets})
        expected = [total.name for total in TOTALS if total.is_in(scenario)]
        assert list(simulate(scenario).totals()) == expected
        assert schemas(scenario)["replications"].names == ["replication", *expected, "first_documented_h"]


def test_a_row_has_a_name_of_its_own_and_a_meaning():
    assert len({total.name for total in TOTALS}) == len(TOTALS)
    assert all(total.meaning for total in TOTALS)
    assert {total.unit for total in TOTALS if total.kind == "hours"} == {"h"}
    assert {total.unit for total in TOTALS if total.kind == "count"} == {""}


def test_each_feature_has_its_bit_and_is_a_key_of_a_priority():
    assert [feature.bit for feature in FEATURES] == [1 << number for number in range(len(FEATURES))]
    assert {feature.name for feature in FEATURES} == set(Priority.model_fields) - {"watch_areas", "cost_per_h"}


def test_each_step_short_of_documented_has_one_reason():
    codes = [code for reason in REASONS for code in reason.codes]
    assert sorted(codes) == list(range(DOCUMENTED))
