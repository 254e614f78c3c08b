"""Chains of transfers: how many there are, how long, after which time and how far away."""

from collections import Counter

import numpy as np
import pytest
import shapely

from sim import run
from sim.core.codes import DARK, LISTED
from sim.deployment.world import Plan, realise
from sim.model.chains import MOST_LINKS, Chain
from sim.scenario.problems import InputError
from tests.helpers import plan_of, standard_errors

CHAIN = {"again": 0.6, "gap_h": {"low": 6.0, "high": 30.0}, "distance_nmi": {"low": 5.0, "high": 20.0}}
SEA = {"background.merchant.present": 0.0, "transfers.fuel.per_month": 120.0, "duration_days": 60}
SHARES = {"transfers.fuel.dark_share": 0.5, "transfers.fuel.listed_share": 0.3}
REPLICATIONS = 24


def plan_with(**more) -> Plan:
    return plan_of(**(SEA | SHARES | {"transfers.fuel.chain": CHAIN} | more))


@pytest.fixture(scope="module")
def worlds():
    plan = plan_with()
    return plan, [realise(plan, 3, replication).transfers for replication in range(REPLICATIONS)]


def links(table):
    """The rows of each link and of the one before it, where both are there."""
    row = {number: k for k, number in enumerate(table.ordinal.tolist())}
    steps = [(k, row.get(number - 1 if number >= 0 else number + 1)) for number, k in row.items()]
    return np.array(
        [(k, before) for k, before in steps if before is not None and table.chain[k] == table.chain[before]]
    )


def test_all_transfers_of_chains_together_come_at_the_rate(worlds):
    """Counts of a compound process: their spread is taken from the counts themselves."""
    counts = np.array([table.counted.sum() for table in worlds[1]], float)
    error = counts.std(ddof=1) / np.sqrt(REPLICATIONS)
    assert abs(standard_errors(counts.mean(), 240.0, error)) < 4.0
    assert counts.var(ddof=1) > 1.3 * counts.mean()  # they come in clusters: a Poisson process has a ratio of 1


def test_the_rate_is_the_same_from_the_first_hour_to_the_last(worlds):
    begins = np.concatenate([table.begin[table.counted] for table in worlds[1]])
    parts = np.histogram(begins, bins=4, range=(0.0, 1440.0))[0]
    spread = np.sqrt(len(begins) / 4.0 * 4.0)  # a chain has 2.5 transfers: the counts vary about 4 times as much
    assert np.all(np.abs(parts - len(begins) / 4.0) < 4.0 * spread)


def test_the_hours_of_the_day_hold_for_all_links():
    """Twice as many from midnight to noon, local time: links of a chain are thinned like the first transfers."""
    doubled = {"from": "00:00", "to": "12:00", "factor": 2.0}
    plan = plan_with(**{"transfers.fuel.hours": [doubled], "transfers.fuel.night_share": None})
    tables = [realise(plan, 4, replication).transfers for replication in range(REPLICATIONS)]
    counts = np.array([table.counted.sum() for table in tables], float)
    local = [(table.begin[table.counted] + 9.0) % 24.0 for table in tables]
    early = np.array([np.mean(hours < 12.0) for hours in local])
    error = counts.std(ddof=1) / np.sqrt(REPLICATIONS)
    assert abs(standard_errors(counts.mean(), 360.0, error)) < 4.0
    assert abs(standard_errors(early.mean(), 2.0 / 3.0, early.std(ddof=1) / np.sqrt(REPLICATIONS))) < 4.0


def test_a_transfer_is_followed_with_its_chance(worlds):
    """Of chains that began in the first month all is seen; how many links they have is geometric, cut at ten."""
    _, tables = worlds
    sizes = []
    for table in tables:
        whole = Counter(table.chain.tolist())
        row = {number: k for k, number in enumerate(table.ordinal.tolist())}
        sizes += [n for first, n in whole.items() if first in row and 0.0 <= table.begin[row[first]] < 480.0]
    mean = Chain(**CHAIN).mean_links
    assert mean == pytest.approx((1.0 - 0.6**MOST_LINKS) / 0.4)
    assert len(sizes) > 500
    assert max(sizes) <= MOST_LINKS
    assert abs(standard_errors(np.mean(sizes), mean, np.std(sizes) / np.sqrt(len(sizes)))) < 4.0
    alone = np.mean(np.array(sizes) == 1)
    assert abs(standard_errors(alone, 0.4, np.sqrt(0.24 / len(sizes)))) < 4.0


def test_gaps_and_distances_are_those_asked_for_and_all_lie_at_sea(worlds):
    plan, tables = worlds
    gaps, steps = [], []
    for table in tables:
        k, before = links(table).T
        gaps.append(table.begin[k] - table.end[before])
        steps.append(np.hypot(table.x[k] - table.x[before], table.y[k] - table.y[before]))
        assert np.all(shapely.contains_xy(plan.transfers[0].sea, table.x, table.y))
    gap, step = np.concatenate(gaps), np.concatenate(steps)
    assert gap.size > 1000
    assert abs(standard_errors(gap.mean(), 18.0, 24.0 / np.sqrt(12.0 * gap.size))) < 4.0
    assert 6.0 <= gap.min() < gap.max() <= 30.0
    assert abs(standard_errors(step.mean(), 12.5, 15.0 / np.sqrt(12.0 * step.size))) < 4.0


def test_durations_are_drawn_anew_for_each_link(worlds):
    lengths = np.concatenate([(table.end - table.begin)[links(table)] for table in worlds[1]])
    together = np.corrcoef(np.log(lengths).T)[0, 1]
    assert abs(together) < 4.0 / np.sqrt(len(lengths))


def test_vessels_of_a_chain_are_dark_and_listed_alike_and_have_identities_of_their_own(worlds):
    shares = []
    for table in worlds[1]:
        k, before = links(table).T
        assert np.array_equal(table.traits[k] & (DARK | LISTED), table.traits[before] & (DARK | LISTED))
        assert len(set(table.vessels.tolist())) == len(set(table.labels.tolist())) == table.begin.size
        shares.append(np.mean((table.traits & DARK) > 0))
    error = np.std(shares, ddof=1) / np.sqrt(REPLICATIONS)
    assert abs(standard_errors(float(np.mean(shares)), 0.5, error)) < 4.0


def test_without_further_transfers_a_chain_changes_numbers_alone():
    alone, chains = (realise(plan_of(**(SEA | SHARES | more)), 3, 0).transfers
                     for more in ({}, {"transfers.fuel.chain": CHAIN | {"again": 0.0}}))  # fmt: skip
    for name in ("begin", "end", "x", "y", "vessels", "traits"):
        assert np.array_equal(getattr(alone, name), getattr(chains, name))
    assert np.array_equal(alone.chain, alone.ordinal)


def test_results_name_the_chain():
    few = {"background.merchant.present": 0.0, "duration_days": 8, "transfers.fuel.per_month": 60.0}
    table = run("neon-spring", 2, sets=few | {"transfers.fuel.chain": CHAIN}).tables["transfers"]
    chain, number = np.array(table["chain"]), np.array(table["transfer"])
    assert np.any(chain != number)
    assert np.all((chain == number) | (chain // MOST_LINKS == number // MOST_LINKS) | (number < 0))
    assert "chain" not in run("neon-spring", 2, sets=few).tables["transfers"].column_names


@pytest.mark.parametrize(
    ("sets", "words"),
    [
        ({"transfers.fuel.chain": CHAIN | {"again": 1.0}}, "at most 0.95"),
        ({"transfers.fuel.chain": {"again": 0.5}}, "gap_h"),
        ({"transfers.fuel.chain": CHAIN, "transfers.fuel.learning.weight": 0.5}, "plans single transfers"),
    ],
)
def test_chains_that_cannot_be_are_refused(sets, words):
    with pytest.raises(InputError, match=words):
        plan_of(**sets)
