"""The receiver of an aircraft under load: a vessel that sends and is not heard looks dark to the crew."""

import numpy as np
import pytest

from sim import simulate
from sim.core.chance import replication_key
from sim.core.codes import DARK
from sim.deployment.ais_load import SendersInView
from sim.deployment.world import prepare, realise
from sim.model.sensors.base import NOTHING_STATED
from sim.model.theory import heard_in_view
from sim.scenario.digest import world_digest
from sim.scenario.load import load_scenario
from sim.scenario.problems import InputError
from tests.helpers import standard_errors

CREW = "aircraft.cp140.identification.priority"
AIS = {"kind": "ais"}
BASE = {
    "aircraft.cp140.sensors": ["radar", "ais"], "duration_days": 6.0, "background.merchant.dark_share": 0.1,
    "transfers.fuel.dark_share": 0.5, CREW: {"dark": 1.0},
}  # fmt: skip


def scenario_of(more=None, **keys):
    return load_scenario("neon-spring", {**BASE, "sensors.ais": {**AIS, **keys}, **(more or {})})


def unheard(plan):
    return plan.patrols[0].scoring.chance_unheard


def test_the_chance_follows_the_load_in_view():
    plan = prepare(scenario_of(report_s=6.0, others_in_view=1500.0, listens_s=60.0))
    scenario, patrol = plan.scenario, plan.patrols[0]
    everywhere = SendersInView(scenario).mean(None)
    most = float(heard_in_view(1500.0 + everywhere, 6.0, 60.0, 0.0))
    least = float(heard_in_view(1500.0, 6.0, 60.0, 0.0))
    assert 0.0 < 1.0 - least < unheard(plan) <= 1.0 - most + 1e-12
    longer = prepare(scenario_of(report_s=6.0, others_in_view=1500.0, listens_s=600.0))
    assert unheard(longer) == pytest.approx(unheard(plan) ** 10)
    assert patrol.scoring.may_mistake_ships
    assert not prepare(scenario_of()).ships_may_look_dark
    assert unheard(prepare(scenario_of())) == 0.0
    no_weight = {"aircraft.cp140.identification.priority": {"suspicious": 1.0}}
    assert not prepare(scenario_of(no_weight, report_s=6.0, others_in_view=1500.0)).ships_may_look_dark


def test_a_sortie_hears_the_share_that_the_chance_says_and_its_receiver_detects_the_same_vessels():
    plan = prepare(scenario_of(report_s=6.0, others_in_view=2200.0, listens_s=300.0))
    share = unheard(plan)
    assert 0.2 < share < 0.9
    patrol, world = plan.patrols[0], realise(plan, 5, 0)
    targets, key = world.targets, replication_key(5, 0)
    sends = (targets.traits & DARK) == 0
    looks = [
        (patrol.scoring.traits_as_heard(targets.traits, targets.vessels, key, patrol.sensor_ids_of(slot)) & DARK) > 0
        for slot in range(3)
    ]
    count = int(sends.sum())
    assert count > 200
    for dark in looks:
        assert dark[~sends].all()
        assert standard_errors(dark[sends].mean(), share, np.sqrt(share * (1.0 - share) / count)) < 4.0
    together = (looks[0] & looks[1])[sends].mean()  # each sortie has luck of its own
    assert standard_errors(together, share**2, np.sqrt(share**2 * (1.0 - share**2) / count)) < 4.0


def test_who_is_detected_by_the_receiver_does_not_look_dark():
    log = simulate(scenario_of(report_s=6.0, others_in_view=2200.0, listens_s=300.0), 2, 0)
    patrol, targets = log.plan.patrols[0], log.world.targets
    detected = [event for event in log.events if event.event == "detected"]
    by_ais = [event for event in detected if event.detail == "ais"]
    assert 20 < len(by_ais) < len(detected)
    looks: dict[int, np.ndarray] = {}
    for event in by_ais:
        if event.sortie not in looks:
            ids = patrol.sensor_ids_of(event.sortie)
            traits = patrol.scoring.traits_as_heard(targets.traits, targets.vessels, log.world.key, ids)
            looks[event.sortie] = (traits & DARK) > 0
        assert not looks[event.sortie][event.vessel]
    visited = {(event.sortie, event.vessel) for event in log.events if event.event == "diverted"}
    assert visited
    assert all(looks[sortie][vessel] for sortie, vessel in visited if sortie in looks)


def test_an_empty_sea_is_heard_as_before():
    near = {"law": {"kind": "definite_range", "range_nmi": 60.0}}  # within the line of sight
    plain, listening = (simulate(scenario_of(**near, **keys), 1, 0) for keys in ({}, {"report_s": 6.0}))
    few = simulate(scenario_of(**near, report_s=6.0, listens_s=3600.0), 1, 0)
    assert [tuple(event) for event in plain.events] == [tuple(event) for event in few.events]
    assert listening.totals()["transfers"] == plain.totals()["transfers"]


def test_lawful_ships_that_are_not_heard_cost_the_crew_time():
    before = after = heard = 0.0
    for number in range(2):
        quiet = simulate(scenario_of(), 1, number)
        crowded = simulate(scenario_of(report_s=6.0, others_in_view=2500.0, listens_s=300.0), 1, number)
        before += quiet.totals()["false_dark"]
        after += crowded.totals()["false_dark"]
        heard += crowded.totals()["unheard_investigations"]
        assert crowded.totals()["unheard_investigations"] <= crowded.totals()["investigations"]
        assert "unheard_investigations" not in quiet.totals()
        names = {str(crowded.world.targets.labels[event.vessel]) for event in crowded.events if event.vessel >= 0}
        assert all(names)
        assert any("-plain-" in name for name in names)
    assert after > 1.5 * before
    assert heard > after - before  # dark ships were visited in the quiet sea too


def test_under_load_a_vessel_of_unknown_size_is_heard_within_the_line_of_sight_of_its_load():
    load, silent = (scenario_of(**keys).sensors["ais"] for keys in ({"report_s": 6.0}, {}))
    for altitude_ft in (500.0, 1500.0):  # 1.23 nmi per square root of feet, to an antenna 50 ft high
        found = load.in_force((), True, altitude_ft, NOTHING_STATED)
        assert found.cut_nmi == pytest.approx(1.23 * (np.sqrt(altitude_ft) + np.sqrt(50.0)))
        assert found.cut_nmi == pytest.approx(load.view_nmi(altitude_ft))
    assert silent.in_force((), True, 500.0, NOTHING_STATED).cut_nmi == np.inf
    assert load.in_force((), False, 500.0, NOTHING_STATED) is None


def test_points_share_a_world_only_where_their_crews_hear_alike():
    assert world_digest(scenario_of()) == world_digest(scenario_of(law={"kind": "definite_range", "range_nmi": 9.0}))
    assert world_digest(scenario_of(report_s=6.0)) != world_digest(scenario_of(report_s=9.0))


def test_only_a_definite_range_can_be_under_load():
    scan = {"kind": "scan", "probability": 0.5, "range_half_nmi": 50.0, "roll_off": 4.0, "max_range_nmi": 99.0}
    with pytest.raises(InputError, match="definite_range") as caught:
        scenario_of(report_s=6.0, law={**scan, "look_interval_s": 60.0})
    assert "sensors.ais" in str(caught.value)
    with pytest.raises(InputError, match="report_s"):
        scenario_of(report_s=0.5)
