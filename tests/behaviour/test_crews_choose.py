"""Which contact a crew turns to: of equals the nearest, none twice in a sortie, and all of them where there is time."""

import math

import numpy as np
import pytest

from sim import simulate
from tests.helpers import events, plan_of

# Transfers that lie still for days, all detected at take-off by a sensor that reaches over the whole sea.
STILL = {
    "background.merchant.present": 0.0,
    "transfers.fuel.per_month": 3.0,
    "transfers.fuel.duration_h": 1000.0,
    "duration_days": 2,
    "sensors.radar": {"kind": "radar", "law": {"kind": "definite_range", "range_nmi": 1500.0, "probability": 1.0}},
    "aircraft.cp140.identification.max_detour_nmi": 1000.0,
    "aircraft.cp140.identification.remember_h": 100.0,
    "aircraft.cp140.endurance_h": 20.0,
}


@pytest.fixture(scope="module")
def logs():
    plan = plan_of(**STILL)
    return [simulate(plan, 3, replication) for replication in range(4)]


def visits(log, sortie):
    """The targets that a sortie left for, each with the hour and where the aircraft was then."""
    mine = [event for event in events(log, "diverted") if event.sortie == sortie.number]
    return [(event.vessel, event.time_h, (event.x, event.y)) for event in mine]


def there_throughout(log):
    """The transfers that lie alongside from before hour 0 until after the end."""
    table = log.world.transfers
    return set(np.flatnonzero((table.begin < 0.0) & (table.end > log.end)).tolist())


def test_of_contacts_alike_the_nearest_is_visited_first(logs):
    choices = 0
    for log in logs:
        table = log.world.transfers
        left = there_throughout(log)
        for target, _, place in visits(log, log.sorties[0]):
            away = {other: math.dist(place, (table.x[other], table.y[other])) for other in left}
            if target in away:
                assert away[target] == min(away.values())
                choices += len(away) > 1
                left.discard(target)
    assert choices > 5


def test_a_contact_is_visited_once_a_sortie_and_not_again_while_it_is_remembered(logs):
    visited = [target for log in logs for sortie in log.sorties for target, _, _ in visits(log, sortie)]
    assert len(visited) > 10
    for log in logs:
        mine = [target for sortie in log.sorties for target, _, _ in visits(log, sortie)]
        assert len(mine) == len(set(mine))
        assert log.totals()["investigations"] == len(mine)


def test_every_contact_that_was_there_at_take_off_is_visited_where_there_is_time(logs):
    shares = []
    for log in logs:
        first = {target for target, _, _ in visits(log, log.sorties[0])}
        shares += [target in first for target in there_throughout(log)]
    assert len(shares) > 10
    assert all(shares)


def test_a_transfer_that_is_left_alone_later_keeps_the_reason_of_its_best_sortie(logs):
    """The second sortie detects again what the first has visited, and does not go there: that stopped nothing."""
    reasons = []
    for log in logs:
        later = {event.vessel for event in events(log, "detected") if event.sortie == 1}
        visited = {target for target, _, _ in visits(log, log.sorties[0])} - {
            target for target, _, _ in visits(log, log.sorties[1])
        }
        reasons += [log.reasons[target] for target in later & visited & there_throughout(log)]
    assert len(reasons) > 10
    assert set(reasons) <= {None, "not_classified", "not_documented"}


def test_where_there_is_no_transfer_every_investigation_is_of_another_vessel():
    ships = {
        "background.merchant": {
            "area": "east_china_sea", "present": 6.0, "speed_kn": {"low": 0.5, "high": 1.0}, "suspicious_share": 0.99,
        },
        "transfers.fuel.per_month": 0.0,
    }  # fmt: skip
    plan = plan_of(**{**STILL, **ships})
    for replication in range(3):
        log = simulate(plan, 1, replication)
        first = {target for sortie in log.sorties for target, _, _ in visits(log, sortie)}
        assert 0 in first  # the first of the ships too, which has the number that a transfer would have
        assert log.totals()["false_investigations"] == log.totals()["investigations"] == len(first)
        assert log.totals()["classified"] == 0
