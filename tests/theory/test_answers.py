"""Seas that answer against closed forms: who notices, how long pairs stay, where learners end up, who is detected."""

import numpy as np
import pytest
from scipy.stats import t as student

from sim import load_scenario
from sim.deployment.engine import simulate
from sim.deployment.world import prepare
from sim.study import verify_answers
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
