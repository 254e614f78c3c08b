"""Paths of reports over small sets of agreements, worked out by hand: who can have a report, how fast, how likely."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from sim.core import chance
from sim.model.agreements import Agreement
from sim.model.release_chances import Release
from sim.model.report_deliveries import Delivery, ReportBatch, deliver
from sim.model.report_paths import Network, plan_network

START = datetime(2025, 4, 10, tzinfo=UTC)
KEY = chance.replication_key(7, 0)
ONWARD = {"third_party_release": True}


def network(*agreements: tuple[str, dict[str, Any]]) -> Network:
    """Agreements by their members' first letters, such as "ab", each with its own keys; of 240 hours."""
    tables = {name: {"nations": list(name), "delay_h": 1.0, **keys} for name, keys in agreements}
    return plan_network({name: Agreement.model_validate(table) for name, table in tables.items()}, START, 240.0)


def delivered(net: Network, to: str, level: str = "secret", kind: str = "human", error: float = 3.0) -> list[Delivery]:
    """What of one report, made by nation a at hour 10, reaches some nations."""
    identity = chance.identities(chance.identity("one"), 1)
    batch = ReportBatch(identity, ["a"], [kind], [level], np.array([10.0]), np.array([error]))
    return deliver(net, KEY, batch, list(to))


# ------------------------------------------------------------------------------------------------------- the paths
def test_the_fastest_path_has_the_least_sum_of_delays_not_the_fewest_nations() -> None:
    net = network(("ac", {"delay_h": 9.0}), ("ab", {"delay_h": 2.0, **ONWARD}), ("bc", {"delay_h": 3.0}))
    path = net.fastest_path("a", "human", "secret", "c")
    assert path is not None
    assert (path.hours, path.path, [link.name for link in path.via]) == (5.0, ("a", "b", "c"), ["ab", "bc"])
    (delivery,) = delivered(net, "c")
    assert (delivery.arrived_h, delivery.path, delivery.via) == (15.0, ("a", "b", "c"), ("ab", "bc"))


def test_nothing_is_passed_on_that_was_not_released_to_third_nations() -> None:
    net = network(("ab", {}), ("bc", {}))
    assert net.could_reach("a", "human", "secret", "b")
    assert not net.could_reach("a", "human", "secret", "c")
    assert net.fastest_path("a", "human", "secret", "c") is None
    assert [delivery.nation for delivery in delivered(net, "bc")] == ["b"]
    assert net.could_reach("b", "human", "secret", "c")  # its own reports are its own to give


def test_a_delay_is_taken_at_the_quantile_that_is_asked_for() -> None:
    net = network(("ab", {"delay_h": {"low": 2.0, "high": 6.0}}))
    hours = []
    for share in (0.0, 0.25, 0.5, 1.0):
        path = net.fastest_path("a", "human", "secret", "b", share)
        assert path is not None
        hours.append(path.hours)
    assert hours == pytest.approx([2.0, 3.0, 4.0, 6.0])


def test_the_chance_of_a_path_is_the_product_of_its_releases() -> None:
    net = network(("ab", {"release": 0.5, **ONWARD}), ("bc", {"release": {"human": 0.4, "satellite": 1.0}}))
    path = net.fastest_path("a", "human", "secret", "c")
    assert path is not None
    assert (path.chance("human"), path.chance("satellite"), path.chance("patrol")) == pytest.approx((0.2, 0.5, 0.0))
    assert net.fastest_path("a", "patrol", "secret", "c") is None


@pytest.mark.parametrize(
    ("level", "reaches"),
    [("unclassified", "bc"), ("restricted", "bc"), ("confidential", "b"), ("secret", "b"), ("top_secret", "")],
)
def test_a_report_passes_up_to_the_ceiling_of_each_agreement(level: str, reaches: str) -> None:
    net = network(("ab", {"ceiling": "secret", **ONWARD}), ("bc", {"ceiling": "restricted"}))
    assert "".join(name for name in "bc" if net.could_reach("a", "human", level, name)) == reaches
    assert "".join(delivery.nation for delivery in delivered(net, "bc", level)) == reaches


@pytest.mark.parametrize(
    ("keys", "count"),
    [
        ({}, 1),
        ({"state": "none"}, 0),
        ({"state": "negotiating"}, 0),
        ({"release": 0.0}, 0),
        ({"in_force_from": START.date()}, 1),
        ({"in_force_from": datetime(2025, 4, 19, 23, tzinfo=UTC)}, 1),
        ({"in_force_from": datetime(2025, 4, 20, tzinfo=UTC)}, 0),  # the hour at which the deployment ends
    ],
)
def test_an_agreement_counts_if_a_report_may_pass_within_the_deployment(keys: dict[str, Any], count: int) -> None:
    assert len(network(("ab", keys)).links) == count


# ----------------------------------------------------------------------------------------------------- the deliveries
def test_reports_wait_for_an_agreement_to_come_into_force() -> None:
    net = network(("ab", {"in_force_from": datetime(2025, 4, 11, 6, tzinfo=UTC), "delay_h": 2.5}))
    assert [delivery.arrived_h for delivery in delivered(net, "b")] == [32.5]


def test_errors_of_sanitising_add_in_quadrature_along_the_path() -> None:
    net = network(("ab", {"sanitising_error_nmi": 4.0, **ONWARD}), ("bc", {"sanitising_error_nmi": 12.0}))
    assert [delivery.error_nmi for delivery in delivered(net, "abc", error=3.0)] == pytest.approx([3.0, 5.0, 13.0])


def test_a_later_copy_comes_only_if_it_is_more_precise() -> None:
    fast, slow = {"delay_h": 1.0, "sanitising_error_nmi": 5.0}, {"delay_h": 8.0}
    better = network(("ab", fast), ("ba", slow))
    assert [(copy.arrived_h, copy.error_nmi) for copy in delivered(better, "b", error=0.0)] == [
        (11.0, 5.0),
        (18.0, 0.0),
    ]
    worse = network(("ab", {"delay_h": 1.0}), ("ba", {**slow, "sanitising_error_nmi": 5.0}))
    assert [copy.arrived_h for copy in delivered(worse, "b", error=0.0)] == [11.0]


def test_an_agreement_of_many_gives_to_all_members_at_once() -> None:
    found = delivered(network(("abcd", {"delay_h": {"mean": 6.0}})), "bcd")
    assert [delivery.nation for delivery in found] == ["b", "c", "d"]
    assert len({delivery.arrived_h for delivery in found}) == 1


# -------------------------------------------------------------------------------------------------- the key `release`
@pytest.mark.parametrize(
    ("given", "written"),
    [
        (1, 1.0),
        (0.25, 0.25),
        ({"human": 0.25}, {"human": 0.25}),
        ({"human": 0.0}, 0.0),
        ({"human": 0.0, "patrol": 1}, {"patrol": 1.0}),
    ],
)
def test_a_release_is_written_as_short_as_it_can_be(given: Any, written: Any) -> None:
    agreement = Agreement.model_validate({"nations": ["a", "b"], "delay_h": 1.0, "release": given})
    assert agreement.model_dump(mode="json")["release"] == written
    assert isinstance(agreement.release, Release)
    assert agreement.release.chance("human") == (given.get("human", 0.0) if isinstance(given, dict) else given)
