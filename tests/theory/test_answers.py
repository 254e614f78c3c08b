"""Seas that answer against closed forms: who notices, how long pairs stay, where learners end up, who is detected."""

import numpy as np
import pytest
import shapely
from scipy.stats import t as student

from sim import load_scenario
from sim.deployment.engine import simulate
from sim.deployment.world import prepare
from sim.study.verify import answers as verify_answers
from tests.helpers import scores_from, standard_errors

EVENTS = "transfers.events"
WATCHES = {f"{EVENTS}.reaction.notice_nmi": 150.0}
MANY = {f"{EVENTS}.per_month": 600.0}


def logs_of(replications, **sets):
    """Replications of `textbook` with changes."""
    plan = prepare(load_scenario("textbook", sets))
    return [simulate(plan, 7, replication) for replication in range(replications)]


@pytest.mark.parametrize(("form", "planted"), [(verify_answers.noticed, 1.2), (verify_answers.hours_alongside, 1.06)])
def test_pairs_that_notice_and_cast_off_agree_with_the_closed_form(form, planted):
    expected, scores = form(40, 11)
    assert scores.size > 2000
    assert scores_from(scores, expected) < 4.0
    assert scores_from(scores, planted * expected) > 4.0  # an error of so much is seen


def test_learners_come_to_the_logit_response():
    """Few replications, each with thousands of transfers; so the distance is judged by Student's t."""
    expected, scores = verify_answers.learners(4, 11)
    error = float(scores.std(ddof=1)) / np.sqrt(scores.size)
    assert expected == pytest.approx(np.exp(-3.0 * 0.6 * 5 / 8) / sum(np.exp(-3.0 * 0.6 * k / 8) for k in (5, 0, 7)))
    assert standard_errors(float(scores.mean()), expected, error) < student.ppf(1.0 - 0.0005, scores.size - 1)
    assert abs(float(scores.mean()) - 1.0 / 3.0) > 10.0 * error  # they have learnt


@pytest.mark.parametrize("spare", ["cast_off_share", "lie_low_share"])
def test_pairs_that_part_an_hour_later_are_detected_as_often(spare):
    """p (L + tau) / T = 0.375: the sensor has had its chance when the pair parts; whoever comes again has another."""
    sets = {**WATCHES, f"{EVENTS}.reaction.delay_h": 1.0, f"{EVENTS}.reaction.{spare}": 1.0, **MANY}
    logs = logs_of(6, **sets, **{f"{EVENTS}.reaction.again_share": 0.0})
    detected = np.concatenate([log.climbed["detected"][log.transfers.counted] for log in logs])
    assert sum(int(log.answers.parted_early.sum()) for log in logs) > 1000
    assert scores_from(np.isfinite(detected).astype(float), 0.375) < 4.0


def test_pairs_that_part_at_once_are_never_detected():
    """A detection at the very time at which a transfer ends does not count."""
    (log,) = logs_of(1, **WATCHES, **{f"{EVENTS}.reaction.cast_off_share": 1.0})
    assert log.answers.parted_early.sum() > 10
    assert np.isnan(log.climbed["detected"][log.answers.parted_early]).all()


def test_pairs_that_lie_low_and_come_again_stay_as_long_in_all():
    sets = {f"{EVENTS}.reaction.lie_low_share": 1.0, f"{EVENTS}.reaction.wait_h": 5.0}
    (log,) = logs_of(1, **WATCHES, **sets)
    assert log.answers.resumed.sum() > 10
    assert np.allclose(log.answers.alongside_h, 4.0)
    assert log.answers.resumed.max() == 2  # with L = 8 h, some meet the flight again that they noticed before


def test_learners_of_two_areas_come_to_the_logit_response(tmp_path):
    """One area is in sight of the patrol, with chance p to be noticed there, and the other never is."""
    file = tmp_path / "two.toml"
    text = """
extends = "textbook"
duration_days = 60
[areas.far]
polygon = [[124.5, 29.0], [125.2, 29.0], [125.2, 29.6], [124.5, 29.6]]
[transfers.events]
per_month = 3000.0
reaction = { notice_nmi = 150.0, notice_chance = 0.75 }
[transfers.events.learning]
weight = 1.0
areas = ["box", "far"]
hours = 1
rationality = 4.0
memory_days = 10000.0
spread_days = 0.0
noticed_risk = 1.0
documented_risk = 0.0
"""
    file.write_text(text, encoding="utf-8")
    plan = prepare(load_scenario(str(file)))
    near = plan.learning[0].shares_of_place[0] * np.exp(-4.0 * 0.75 * 12.0 / 24.0)
    expected = near / (near + plan.learning[0].shares_of_place[1])
    shares = []
    for replication in range(6):
        table = simulate(plan, 3, replication).transfers
        late = table.counted & (table.begin > 30.0 * 24.0) & (table.begin < 59.0 * 24.0)
        shares.append(float(shapely.contains_xy(plan.learning[0].seas[0], table.x[late], table.y[late]).mean()))
    error = float(np.std(shares, ddof=1)) / np.sqrt(len(shares))
    assert standard_errors(float(np.mean(shares)), expected, error) < student.ppf(1.0 - 0.0005, len(shares) - 1)
    assert abs(np.mean(shares) - 0.5) > 10.0 * error  # where they would be without patrols
