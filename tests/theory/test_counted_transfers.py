"""Which transfers count: those that begin within the deployment, neither before hour 0 nor after its end."""

import numpy as np
import pytest

from sim import load_scenario, run, simulate
from sim.deployment.world import prepare
from tests.helpers import standard_errors

LIMIT = 4.0
# Long transfers in a short deployment: most that lie alongside began before hour 0.
LONG = {
    "background.merchant.present": 0.0,
    "transfers.fuel.per_month": 90.0,
    "transfers.fuel.duration_h": 200.0,
    "duration_days": 3,
}
SHARES = {"always alike": {}, "by night": {"transfers.fuel.night_share": 0.9}}
EXPECTED = 90.0 * 3.0 / 30.0


def scenario_of(*sets):
    source = {**LONG}
    for more in sets:
        source |= more
    return load_scenario("neon-spring", source)


@pytest.mark.parametrize("share", SHARES)
def test_as_many_are_counted_as_begin_within_the_deployment(share):
    """Poisson with mean 9, by rate and length alone; 25 more lie alongside at hour 0, and do not count."""
    plan = prepare(scenario_of(SHARES[share]))
    totals = np.array([simulate(plan, 21, replication).totals()["transfers"] for replication in range(120)])
    assert standard_errors(totals.mean(), EXPECTED, np.sqrt(EXPECTED / 120)) < LIMIT
    assert standard_errors(totals.var(ddof=1), EXPECTED, np.sqrt((EXPECTED + 2.0 * EXPECTED**2) / 120)) < LIMIT


def test_those_that_began_before_are_there_to_be_seen_and_are_in_no_total():
    log = simulate(scenario_of(), 22)
    table, totals, climbed = log.world.transfers, log.totals(), log.climbed
    early = table.begin < 0.0
    assert early.sum() > 15
    seen = ~np.isnan(climbed["detected"])
    assert (seen & early).sum() > 10
    assert totals["transfers"] == int((~early).sum())
    for rung in ("detected", "classified", "documented"):
        assert totals[rung] == int((~np.isnan(climbed[rung]) & ~early).sum())
    within = ~early
    assert np.all(table.begin[within] < 72.0)
    documented = climbed["documented"][within]
    assert log.first_documented_h() == np.nanmin(documented)
    assert log.first_documented_h() > np.nanmin(climbed["documented"])  # the first of all had begun before


def test_the_table_of_transfers_has_those_that_begin_from_hour_0_to_the_end(tmp_path):
    results = run(scenario_of(), 4, out=tmp_path / "run")
    begin = np.array(results.tables["transfers"].column("begin_h"))
    assert begin.size == results.columns["transfers"].sum() > 15
    assert np.all((begin >= 0.0) & (begin < 72.0))
    # With so many, the first begins within the first tenth, and the last within the last.
    assert begin.min() < 7.2
    assert begin.max() > 64.8


def test_vessels_under_way_before_and_after_and_observers_that_look_beyond_change_no_total():
    """Both ask for transfers beyond the deployment's ends; what counts is what counted without."""
    observers = {
        "nations.canada": {},
        "nations.japan": {},
        "agreements.both": {"nations": ["canada", "japan"], "delay_h": 1.0},
        "patrols.aurora.nation": "canada",
        "patrols.aurora.tips": {},
        "observers.source": {
            "kind": "human",
            "nation": "japan",
            "probability": 0.5,
            "delay_h": 30.0,
            "lead_h": {"low": 0.0, "high": 30.0},
            "position_error_nmi": 3.0,
        },
        "patrols.aurora.tips.divert": False,
        "patrols.aurora.tips.next_sortie": False,
    }
    plain = simulate(scenario_of(), 23).totals()
    contacts = simulate(scenario_of({"outputs.contacts": True, "transfers.fuel.approach_h": 40.0}), 23).totals()
    assert contacts["contacts"] > 0
    tipped = simulate(scenario_of(observers), 23).totals()
    assert tipped["tips_sent"] > 0
    for name in ("transfers", "detected", "classified", "documented"):
        assert plain[name] == contacts[name] == tipped[name]


def test_reasons_add_up_to_the_counted_transfers_that_were_not_documented():
    totals = simulate(scenario_of(), 24).totals()
    reasons = ("no_one_there", "not_detected", "not_chosen", "left_too_soon", "no_light", "not_classified",
               "not_documented")  # fmt: skip
    assert sum(totals[name] for name in reasons) == totals["transfers"] - totals["documented"] > 0
