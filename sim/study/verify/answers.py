"""Verification of seas that answer: whole deployments whose result is known in closed form.

All of them are made of the included scenario `textbook`. In it an aircraft is in range of the whole area for L = 8 h of
every T = 24 h, transfers last for tau = 4 h, and no flight crosses the ends of the deployment.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from sim.deployment.answers import Answers
from sim.deployment.engine import simulate
from sim.deployment.log import Log
from sim.deployment.world import Plan, prepare
from sim.scenario.load import load_scenario
from sim.study.verify.theory_searches import Outcome, Trial

_L, _TAU, _T = 8.0, 4.0, 24.0
_CHANCE, _DELAY_H = 0.6, 1.0
_CASTS_OFF = {
    "transfers.events.reaction.notice_nmi": 150.0,
    "transfers.events.reaction.notice_chance": _CHANCE,
    "transfers.events.reaction.delay_h": _DELAY_H,
    "transfers.events.reaction.cast_off_share": 1.0,
}
_RATIONALITY = 3.0
_LEARNS = {
    "duration_days": 60.0,
    "transfers.events.per_month": 4000.0,
    "transfers.events.reaction.notice_nmi": 150.0,
    "transfers.events.reaction.notice_chance": _CHANCE,
    "transfers.events.learning.weight": 1.0,
    "transfers.events.learning.hours": 3,
    "transfers.events.learning.rationality": _RATIONALITY,
    "transfers.events.learning.memory_days": 10000.0,
    "transfers.events.learning.spread_days": 0.0,
    "transfers.events.learning.noticed_risk": 1.0,
    "transfers.events.learning.documented_risk": 0.0,
}


def _logs(sets: Mapping[str, Any], replications: int, seed: int) -> list[Log]:
    plan: Plan = prepare(load_scenario("textbook", sets))
    return [simulate(plan, seed, replication) for replication in range(replications)]


def _answers(log: Log) -> Answers:
    if log.answers is None:
        raise AssertionError("these ships answer")
    return log.answers


def noticed(replications: int, seed: int) -> Outcome:
    """The share of pairs that notice the aircraft: c (L + tau) / T, with c the chance to notice it."""
    logs = _logs(_CASTS_OFF, replications, seed)
    scores = [_answers(log).noticed[log.transfers.counted] for log in logs]
    return _CHANCE * (_L + _TAU) / _T, np.concatenate(scores).astype(float)


def hours_alongside(replications: int, seed: int) -> Outcome:
    """How long pairs lie alongside that cast off d hours after they notice the aircraft, with chance c.

    A pair that comes alongside while the aircraft is there (L of every T hours) loses tau - d hours. One that lies
    there already when the aircraft comes, and has t hours left, loses t - d: on average (tau - d)^2 / (2 tau) over the
    tau of every T hours in which such pairs begin.
    """
    lost = _CHANCE / _T * (_L * (_TAU - _DELAY_H) + (_TAU - _DELAY_H) ** 2 / 2.0)
    logs = _logs(_CASTS_OFF, replications, seed)
    return _TAU - lost, np.concatenate([_answers(log).alongside_h[log.transfers.counted] for log in logs])


def learners(replications: int, seed: int) -> Outcome:
    """The share of learners that begin in one third of the day, when their memory is long: the logit response.

    A transfer that begins at a uniform hour of the third k is noticed with a chance p_k, so its risk comes to p_k, and
    the share of that third to exp(-r p_k) / sum over j of exp(-r p_j), with r the rationality. The aircraft flies from
    12 to 20 h; local days begin 9 h before those of UTC, so the thirds begin at 15, 23 and 7 h UTC.
    """
    logs = _logs(_LEARNS, replications, seed)
    chances = [_CHANCE * _share_met(begin, begin + 8.0) for begin in (15.0, 23.0, 7.0)]
    weights = [math.exp(-_RATIONALITY * chance) for chance in chances]
    scores = []
    for log in logs:
        begin = log.transfers.begin[log.transfers.counted]
        late = begin[(begin > 30.0 * _T) & (begin < 59.0 * _T)]
        scores.append(float((((late + 9.0) % _T) < 8.0).mean()))
    return weights[0] / sum(weights), np.array(scores)


def _share_met(begin: float, end: float) -> float:
    """The share of the hours of a day from `begin` to `end` at which a transfer that begins then meets the aircraft."""
    flights = [(day + 12.0 - _TAU, day + 12.0 + _L) for day in (-_T, 0.0, _T)]
    return sum(max(0.0, min(end, high) - max(begin, low)) for low, high in flights) / (end - begin)


_LEARNERS = 4  # so many replications of the others cost as much as one of the learners


def _seed(trial: Trial) -> int:
    return int(trial.rng.integers(2**31))


ANSWER_CHECKS: dict[str, Callable[[Trial], Outcome]] = {
    "ships that notice an aircraft, share": lambda t: noticed(t.replications, _seed(t)),
    "ships that cast off, hours alongside": lambda t: hours_alongside(t.replications, _seed(t)),
    "smugglers that learn, share of an hour": lambda t: learners(max(_LEARNERS, t.replications // _LEARNERS), _seed(t)),
}
"""By name: the checks of `seasweep verify` of seas that answer."""
