"""Agreements against enumeration of every path, against closed forms, and against what nobody may lose."""

import tomllib
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from itertools import permutations, product

import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError
from scipy import stats

from sim.core import chance
from sim.core.codes import Purpose
from sim.core.fields import Name, Part
from sim.model.agreements import Agreement
from sim.model.cells import Nation
from sim.model.levels import LEVELS
from sim.model.observers.base import Observer
from sim.model.release_chances import Release
from sim.model.report_deliveries import ReportBatch, deliver
from sim.model.report_paths import plan_network
from sim.scenario.explain import explain_validation
from sim.scenario.key_lines import locate_keys

from ..helpers import scores_from

KINDS = list(Observer.kinds())
START = datetime(2025, 4, 10, tzinfo=UTC)
HOURS = 720.0
KEY = chance.replication_key(1, 0)
SURE = {"delay_h": 1.0}


def agreement(*nations, **keys):
    return Agreement.model_validate({"nations": list(nations), **SURE, **keys})


def network(agreements):
    return plan_network(agreements, START, HOURS)


def reports(count=1, origin="A", kind="patrol", level="secret", made_h=0.0, error_nmi=2.0, source="test"):
    """Reports alike, their luck their own."""
    identity = chance.identities(chance.identity(source), count)
    alike = ([value] * count for value in (origin, kind, level))
    return ReportBatch(identity, *alike, np.full(count, made_h), np.full(count, error_nmi))


def arrivals(agreements, to, batch):
    """Hours of first arrival at a nation, (n,), infinite where nothing comes."""
    first = np.full(len(batch.origin), np.inf)
    for delivery in deliver(network(agreements), KEY, batch, [to]):
        first[delivery.report] = min(first[delivery.report], delivery.arrived_h)
    return first


# -------------------------------------------------------------------------------- every path of small networks, by hand
NATIONS = "ABCDE"


def random_agreement(rng, most):
    """Any agreement among the first nations: of two or many, in force or not, each of its terms by chance."""
    delays = [0.0, 3.0, {"low": 0.0, "high": 9.0}, {"mean": 6.0}, {"median": 8.0, "sigma": 1.0}]
    kinds = {kind: float(rng.choice([0.0, 0.4, 0.8, 1.0])) for kind in KINDS}
    in_force = rng.random() < 0.85
    keys = {
        "state": "in_force" if in_force else rng.choice(["none", "negotiating"]).item(),
        "delay_h": delays[rng.integers(len(delays))],
        "release": kinds if rng.random() < 0.6 else float(rng.choice([0.5, 1.0])),
        "sanitising_error_nmi": float(rng.choice([0.0, 1.0, 2.5, 6.0])),
        "ceiling": LEVELS[rng.integers(1, len(LEVELS))],
        "third_party_release": bool(rng.random() < 0.65),
    }
    if in_force and rng.random() < 0.4:
        keys["in_force_from"] = START + timedelta(hours=float(rng.uniform(-50.0, 60.0)))
    size = rng.choice([2, 2, 2, 3, most])
    return agreement(*rng.permutation(list(NATIONS[:most]))[:size].tolist(), **keys)


def random_world(seed, count=12):
    """Up to five nations, up to six agreements, a few reports of every sort."""
    rng = np.random.default_rng(seed)
    most = int(rng.integers(3, 6))
    agreements = {f"link{n}": random_agreement(rng, most) for n in range(rng.integers(1, 7))}
    batch = ReportBatch(
        chance.identities(chance.identity("small", str(seed)), count),
        rng.choice(list(NATIONS[:most]), count).tolist(),
        rng.choice(KINDS, count).tolist(),
        rng.choice(LEVELS, count).tolist(),
        rng.uniform(0.0, 40.0, count),
        rng.choice([0.0, 2.0, 5.0], count),
    )
    return agreements, list(NATIONS[:most]), batch


@lru_cache(maxsize=1000)
def luck_of(identity, name, giver):
    """The random numbers by which a giver passes a report on, (2,): they are the same on every path."""
    entity = chance.join(identity, chance.identity("agreement", name, giver))
    return chance.uniforms(KEY, Purpose.RELEASE, np.array([entity]))[0]


def hop(name, terms, giver, hour, batch, row):
    """When others have a report that a giver has at an hour, or None: the rules of one agreement, read off."""
    opens = -np.inf if terms.in_force_from is None else (terms.in_force_from - START).total_seconds() / 3600.0
    level_passes = LEVELS.index(batch.level[row]) <= LEVELS.index(terms.ceiling)
    if terms.state != "in_force" or opens >= HOURS or not level_passes:
        return None
    two = luck_of(batch.identity[row], name, giver)
    if two[0] >= terms.release.chance(batch.kind[row]):
        return None
    return max(hour, opens) + float(terms.delay_h.quantile(two[1:])[0])


def copies_by_enumeration(agreements, nations, batch, row, to):
    """(hour, error) of every copy that reaches a nation, over every simple path and every choice of agreements."""
    origin, found = batch.origin[row], []
    if origin == to:
        return [(batch.made_h[row], batch.error_nmi[row])]
    others = [nation for nation in nations if nation not in (origin, to)]
    for between in (p for size in range(len(others) + 1) for p in permutations(others, size)):
        pairs = list(zip((origin, *between), (*between, to), strict=True))
        links = [[n for n, terms in agreements.items() if set(pair) <= set(terms.nations)] for pair in pairs]
        for choice in product(*links):
            hour, variance = batch.made_h[row], batch.error_nmi[row] ** 2
            for position, (name, (giver, _)) in enumerate(zip(choice, pairs, strict=True)):
                if position and not agreements[choice[position - 1]].third_party_release:
                    hour = None
                else:
                    hour = hop(name, agreements[name], giver, hour, batch, row)
                if hour is None:
                    break
                variance += agreements[name].sanitising_error_nmi ** 2
            if hour is not None:
                found.append((hour, np.sqrt(variance)))
    return found


def worth_having(copies):
    """The earliest copy, then later ones if more precise: the Pareto set, by its definition."""
    best = []
    for hour, error in sorted(copies):
        if not best or error < best[-1][1] - 1e-9:
            best.append((hour, error))
    return best


@pytest.mark.parametrize("block", range(4))
def test_deliveries_are_those_of_every_path_enumerated(block):
    compared = hops = precise = 0
    for seed in range(40 * block, 40 * block + 40):
        agreements, nations, batch = random_world(seed)
        found = {key: [] for key in product(range(len(batch.origin)), nations)}
        for copy in deliver(network(agreements), KEY, batch, nations):
            found[copy.report, copy.nation].append(copy)
        for (row, nation), copies in found.items():
            expected = worth_having(copies_by_enumeration(agreements, nations, batch, row, nation))
            assert len(copies) == len(expected)
            for copy, (hour, error) in zip(copies, expected, strict=True):
                assert abs(copy.arrived_h - hour) < 1e-6 * hour + 1e-9
                assert abs(copy.error_nmi - error) < 1e-6 * error + 1e-9
            compared += len(copies)
            hops += sum(len(copy.via) > 1 for copy in copies)
            precise += max(len(copies) - 1, 0)
    assert compared > 500  # what was compared is not nothing, nor direct only, nor first copies only
    assert hops > 50
    assert precise > 10


def test_the_path_that_is_stated_is_one_that_gives_the_hour_and_the_error():
    paths = 0
    for seed in range(60):
        agreements, nations, batch = random_world(seed)
        for delivery in deliver(network(agreements), KEY, batch, nations):
            hour, variance = batch.made_h[delivery.report], batch.error_nmi[delivery.report] ** 2
            assert delivery.path[0] == batch.origin[delivery.report]
            assert delivery.path[-1] == delivery.nation
            assert len(set(delivery.path)) == len(delivery.path) == len(delivery.via) + 1
            for name, giver, taker in zip(delivery.via, delivery.path[:-1], delivery.path[1:], strict=True):
                assert {giver, taker} <= set(agreements[name].nations)
                hour = hop(name, agreements[name], giver, hour, batch, delivery.report)
                variance += agreements[name].sanitising_error_nmi ** 2
            assert all(agreements[name].third_party_release for name in delivery.via[:-1])
            assert delivery.arrived_h == pytest.approx(hour)
            assert delivery.error_nmi == pytest.approx(np.sqrt(variance))
            paths += 1
    assert paths > 200


def test_what_could_reach_a_nation_is_what_would_with_all_released():
    """Each chance that is above 0 made 1: what comes then is what could come."""
    answers = []
    for seed in range(60):
        agreements, nations, batch = random_world(seed)
        sure = {
            name: terms.model_copy(
                update={"release": Release({k: float(terms.release.chance(k) > 0.0) for k in KINDS})}
            )
            for name, terms in agreements.items()
        }
        come = {(copy.report, copy.nation) for copy in deliver(network(sure), KEY, batch, nations)}
        net = network(agreements)
        for row, nation in product(range(len(batch.origin)), nations):
            could = net.could_reach(batch.origin[row], batch.kind[row], batch.level[row], nation)
            assert could == ((row, nation) in come)
            answers.append(could)
    assert min(answers.count(True), answers.count(False)) > 100


# ------------------------------------------------------------------------------------------------- nobody loses by more
def knows_as_much(more, less):
    """Whether at every hour each nation has each report at least as precisely."""
    for copy in less:
        as_good = [
            other
            for other in more
            if (other.report, other.nation) == (copy.report, copy.nation)
            and other.arrived_h <= copy.arrived_h + 1e-9
            and other.error_nmi <= copy.error_nmi * (1.0 + 1e-12)
        ]
        if not as_good:
            return False
    return True


WAYS = ("in force", "earlier", "released", "precise", "ceiling", "passed on", "member", "sooner")


def better(terms, way, rng):
    """Terms that are better in one way."""
    joining = [*terms.nations, min(set("ABCDEF") - set(terms.nations))]
    more = {kind: min(1.0, terms.release.chance(kind) + rng.uniform(0.0, 0.5)) for kind in KINDS}
    updates = [
        {"state": "in_force"},
        {"in_force_from": None},
        {"release": Release(more)},
        {"sanitising_error_nmi": terms.sanitising_error_nmi * rng.uniform()},
        {"ceiling": "top_secret"},
        {"third_party_release": True},
        {"nations": joining},
        {"delay_h": sooner(terms.delay_h)},
    ]
    return terms.model_copy(update=updates[WAYS.index(way)])


def sooner(delay):
    """A delay that is shorter at every quantile."""
    names = ("value", "low", "high", "mean", "median")
    given = {name: 0.5 * getattr(delay, name) for name in names if getattr(delay, name) is not None}
    return delay.model_copy(update=given)


@pytest.mark.parametrize("way", WAYS)
def test_a_better_agreement_never_takes_anything_away(way):
    changed = 0
    for seed in range(120):
        agreements, nations, batch = random_world(seed)
        rng = np.random.default_rng([seed, 7])
        name = rng.choice(list(agreements)).item()
        changed_one = {**agreements, name: better(agreements[name], way, rng)}
        before = deliver(network(agreements), KEY, batch, nations)
        after = deliver(network(changed_one), KEY, batch, [*nations, "F"])
        assert knows_as_much(after, before)
        changed += after != before
    assert changed > 3


def test_a_link_more_never_takes_anything_away():
    more = 0
    for seed in range(150):
        agreements, nations, batch = random_world(seed)
        fewer = dict(list(agreements.items())[:-1])
        before, after = (deliver(network(these), KEY, batch, nations) for these in (fewer, agreements))
        assert knows_as_much(after, before)
        more += len(after) > len(before)
    assert more > 20


def test_the_luck_of_one_agreement_does_not_depend_on_the_others():
    batch = reports(300)
    terms = agreement("A", "B", release=0.5, delay_h={"mean": 5.0})
    other = agreement("A", "C", "D", release=0.5, delay_h={"mean": 5.0}, third_party_release=True)
    alone = deliver(network({"direct": terms}), KEY, batch, ["B"])
    for these in ({"other": other, "direct": terms}, {"direct": terms, "other": other}):
        assert deliver(network(these), KEY, batch, ["B"]) == alone
        assert [d for d in deliver(network(these), KEY, batch, ["B", "C"]) if d.nation == "B"] == alone
    assert deliver(network({"direct": terms}), chance.replication_key(1, 1), batch, ["B"]) != alone
    assert deliver(network({"another": terms}), KEY, batch, ["B"]) != alone
    half = ReportBatch(*(column[150:] for column in batch))
    assert [d.arrived_h for d in deliver(network({"direct": terms}), KEY, half, ["B"])] == [
        d.arrived_h for d in alone if d.report >= 150
    ]


def test_the_order_of_the_file_changes_nothing_even_in_ties():
    free = {"delay_h": 0.0, "third_party_release": True}
    ties = {
        "one": agreement("A", "B", **free),
        "two": agreement("A", "C", "B", **free),
        "three": agreement("C", "D", **free),
        "four": agreement("B", "D", **free),
    }
    batch = reports(3)
    whole = deliver(network(ties), KEY, batch, "ABCD")
    for order in permutations(ties):
        assert deliver(network({name: ties[name] for name in order}), KEY, batch, "ABCD") == whole
    assert [copy.path for copy in whole if copy.report == 0 and copy.nation == "D"] == [("A", "B", "D")]


# --------------------------------------------------------------------------------------------------------- closed forms
def proportion_from(count, trials, p):
    return abs(count - trials * p) / np.sqrt(trials * p * (1.0 - p))


def test_a_path_of_two_is_released_with_the_product_and_takes_the_sum():
    n, r1, r2, m1, m2 = 20_000, 0.7, 0.4, 5.0, 11.0
    two = {
        "first": agreement("A", "B", release=r1, delay_h={"mean": m1}, third_party_release=True),
        "second": agreement("B", "C", release={"patrol": r2}, delay_h={"mean": m2}),
    }
    took = arrivals(two, "C", reports(n, made_h=3.0)) - 3.0
    come = took[np.isfinite(took)]
    assert proportion_from(come.size, n, r1 * r2) < 4.0
    assert scores_from(come, m1 + m2) < 4.0
    assert scores_from((come - m1 - m2) ** 2, m1**2 + m2**2) < 4.0  # independent: the variances add


def test_of_two_ways_the_first_to_come_counts():
    """Direct, exponential at rate a; and round, a sum of two exponentials at rates b and c, each with its chance.

    P(direct first | both) = 1 - b c / ((a + b)(a + c)): the Laplace transform of the way round at a, taken from 1.
    """
    n, r, a, b, c = 20_000, (0.8, 0.9, 0.7), 1 / 20.0, 1 / 4.0, 1 / 9.0
    ways = {
        "direct": agreement("A", "C", release=r[0], delay_h={"mean": 1 / a}),
        "out": agreement("A", "B", release=r[1], delay_h={"mean": 1 / b}, third_party_release=True),
        "on": agreement("B", "C", release=r[2], delay_h={"mean": 1 / c}),
    }
    first: dict[int, tuple[str, ...]] = {}
    for copy in deliver(network(ways), KEY, reports(n), ["C"]):
        first.setdefault(copy.report, copy.path)
    direct = sum(path == ("A", "C") for path in first.values())
    round_ = r[1] * r[2]
    before = 1.0 - b * c / ((a + b) * (a + c))
    assert proportion_from(len(first), n, 1.0 - (1.0 - r[0]) * (1.0 - round_)) < 4.0
    assert proportion_from(direct, n, r[0] * (1.0 - round_) + r[0] * round_ * before) < 4.0
    of_both = (b / (a + c) - c / (a + b)) / (b - c)  # the integral of the chance that neither has come
    hours = r[0] * (1.0 - round_) / a + (1.0 - r[0]) * round_ * (1 / b + 1 / c) + r[0] * round_ * of_both
    took = arrivals(ways, "C", reports(n))[sorted(first)]
    assert scores_from(took, hours / (1.0 - (1.0 - r[0]) * (1.0 - round_))) < 4.0


@pytest.mark.parametrize(
    ("delay", "law"),
    [
        ({"mean": 7.0}, stats.expon(scale=7.0)),
        ({"low": 2.0, "high": 30.0}, stats.uniform(2.0, 28.0)),
        ({"median": 24.0, "sigma": 0.8}, stats.lognorm(0.8, scale=24.0)),
    ],
)
def test_a_delay_has_its_distribution_whether_or_not_release_is_sure(delay, law):
    for release in (1.0, 0.3):
        took = arrivals({"link": agreement("A", "B", delay_h=delay, release=release)}, "B", reports(8_000))
        assert stats.kstest(took[np.isfinite(took)], law.cdf).pvalue > 1e-4


def test_release_goes_by_the_kind_of_source():
    chances = {"patrol": 0.9, "satellite": 0.5, "human": 0.05}
    link = {"link": agreement("A", "B", release=chances)}
    for kind in KINDS:
        come = np.isfinite(arrivals(link, "B", reports(4_000, kind=kind, source=kind))).sum()
        assert proportion_from(come, 4_000, chances[kind]) < 4.0 if kind in chances else come == 0


# ------------------------------------------------------------------------------------------------------------ the rules
def only(agreements, to, batch):
    """The deliveries of one report to a nation."""
    return deliver(network(agreements), KEY, batch, [to])


def test_own_reports_are_there_at_once_as_they_are():
    batch = reports(2, made_h=4.5, error_nmi=0.3)
    for these in ({}, {"link": agreement("A", "B", third_party_release=True, delay_h=0.0, sanitising_error_nmi=0.0)}):
        assert only(these, "A", batch) == [(row, "A", 4.5, 0.3, ("A",), ()) for row in (0, 1)]
    assert only({}, "B", batch) == []


def test_a_report_waits_until_the_agreement_is_in_force():
    since = START + timedelta(hours=50)
    link = {"link": agreement("A", "B", in_force_from=since, delay_h=3.0)}
    assert [only(link, "B", reports(made_h=h))[0].arrived_h for h in (0.0, 49.0, 50.0, 60.0)] == [
        53.0,
        53.0,
        53.0,
        63.0,
    ]
    through = {"first": agreement("A", "C", delay_h=10.0, third_party_release=True), "on": agreement("C", "B")}
    through["on"] = through["on"].model_copy(update={"in_force_from": since})
    assert [only(through, "B", reports(made_h=h))[0].arrived_h for h in (0.0, 45.0)] == [51.0, 56.0]
    early = {"link": agreement("A", "B", in_force_from=START - timedelta(hours=50))}
    assert only(early, "B", reports(made_h=-20.0))[0].arrived_h == -19.0


@pytest.mark.parametrize(
    "closed",
    [
        {"state": "none"},
        {"state": "negotiating"},
        {"release": 0.0},
        {"release": {}},
        {"in_force_from": START + timedelta(hours=HOURS)},
    ],
)
def test_what_is_closed_all_the_time_is_no_link(closed):
    shut = agreement("A", "B", **closed)
    assert network({"shut": shut}) == network({})
    other = agreement("A", "C", third_party_release=True)
    assert network({"other": other, "shut": shut}) == network({"other": other})
    assert not network({"shut": shut}).could_reach("A", "patrol", "unclassified", "B")


def test_what_is_classified_higher_than_the_ceiling_does_not_pass():
    for ceiling, level in product(LEVELS, LEVELS):
        link = {"link": agreement("A", "B", ceiling=ceiling)}
        passes = LEVELS.index(level) <= LEVELS.index(ceiling)
        assert bool(only(link, "B", reports(level=level))) == passes
        assert network(link).could_reach("A", "patrol", level, "B") == passes


def test_passing_on_needs_leave_of_the_agreement_by_which_this_copy_came():
    open_slow = agreement("A", "B", delay_h=20.0, third_party_release=True, sanitising_error_nmi=3.0)
    closed_fast = agreement("A", "B", delay_h=1.0)
    these = {"slow": open_slow, "fast": closed_fast, "on": agreement("B", "C", delay_h=2.0)}
    batch = reports(error_nmi=4.0)
    assert only(these, "C", batch) == [(0, "C", 22.0, 5.0, ("A", "B", "C"), ("slow", "on"))]
    assert only(these, "B", batch) == [(0, "B", 1.0, 4.0, ("A", "B"), ("fast",))]
    without = {**these, "slow": open_slow.model_copy(update={"third_party_release": False})}
    assert only(without, "C", batch) == []
    assert not network(without).could_reach("A", "patrol", "secret", "C")
    assert network(without).could_reach("B", "patrol", "secret", "C")


def test_a_later_copy_comes_only_if_it_is_more_precise():
    rough = agreement("A", "B", delay_h=1.0, sanitising_error_nmi=5.0)
    fine = agreement("A", "B", delay_h=30.0)
    late_rough = agreement("A", "B", delay_h=40.0, sanitising_error_nmi=2.0)
    found = only({"rough": rough, "fine": fine, "late": late_rough}, "B", reports(error_nmi=12.0))
    assert [(copy.arrived_h, copy.error_nmi, copy.via) for copy in found] == [
        (1.0, 13.0, ("rough",)),
        (30.0, 12.0, ("fine",)),
    ]


def test_the_same_errors_in_another_order_are_no_better():
    errors, free = (0.6, 1.1, 0.4), {"third_party_release": True}  # squares whose sum rounds differently by order
    one_way = {f"up{n}": agreement("AXYB"[n], "AXYB"[n + 1], sanitising_error_nmi=errors[n], **free) for n in range(3)}
    for order in permutations(range(3)):
        other = {
            f"down{n}": agreement("APQB"[n], "APQB"[n + 1], sanitising_error_nmi=errors[order[n]], delay_h=2.0, **free)
            for n in range(3)
        }
        assert len(only(one_way | other, "B", reports())) == 1


def test_a_group_is_one_key_and_all_others_receive_at_once():
    group = {"cell": agreement("A", "B", "C", "D", release=0.5, delay_h={"mean": 9.0})}
    found = deliver(network(group), KEY, reports(400), "BCD")
    by_report: dict[int, set[tuple[str, float]]] = {}
    for copy in found:
        assert copy.path == ("A", copy.nation)
        by_report.setdefault(copy.report, set()).add((copy.nation, copy.arrived_h))
    assert 150 < len(by_report) < 250
    assert all(len({hour for _, hour in got}) == 1 and len(got) == 3 for got in by_report.values())
    for origin, nation in product("ABCD", "ABCD"):
        assert network(group).could_reach(origin, "patrol", "secret", nation)


def test_two_holders_have_each_their_own_luck():
    on = {"release": 0.5, "delay_h": 1.0}
    these = {
        "group": agreement("A", "B", "C", delay_h=1.0, third_party_release=True),
        "cell": agreement("B", "C", "D", **on),
    }
    found = only(these, "D", reports(4_000))
    assert proportion_from(len(found), 4_000, 0.75) < 4.0  # 1 - (1 - 1/2)^2
    assert {copy.path for copy in found} == {("A", "B", "D"), ("A", "C", "D")}


def test_deliveries_are_sorted_and_a_batch_of_none_gives_none():
    agreements, nations, batch = random_world(5)
    found = deliver(network(agreements), KEY, batch, nations)
    assert found == sorted(found, key=lambda copy: (copy.arrived_h, copy.report, copy.nation))
    assert deliver(network(agreements), KEY, reports(0), nations) == []
    assert deliver(network(agreements), KEY, batch, []) == []


def test_twelve_nations_in_groups_are_searched_exactly():
    """Big groups that may all pass on: against relaxation to a fixed point, in which nothing is pruned."""
    rng = np.random.default_rng(3)
    nations = [f"n{i}" for i in range(12)]
    open_ = {"release": 0.6, "third_party_release": True}
    these = {
        "cell": agreement(*nations[:11], delay_h={"mean": 30.0}, **open_),
        "eyes": agreement(*nations[7:], delay_h={"mean": 4.0}, **open_),
        "pact": agreement(*nations[2:9], delay_h={"median": 9.0, "sigma": 1.0}, **open_),
        "pair": agreement(nations[0], nations[11], delay_h=12.0, **open_),
    }
    batch = reports(40)._replace(origin=rng.choice(nations, 40).tolist())
    found = {(copy.report, copy.nation): copy.arrived_h for copy in deliver(network(these), KEY, batch, nations)}
    assert len(batch.origin) == 40
    for row, origin in enumerate(batch.origin):
        hours = {origin: 0.0}
        for _ in nations:
            for (name, terms), giver in product(these.items(), nations):
                if giver in terms.nations and giver in hours:
                    hour = hop(name, terms, giver, hours[giver], batch, row)
                    for other in terms.nations if hour is not None else ():
                        hours[other] = min(hour, hours.get(other, np.inf))
        assert {nation: found[row, nation] for nation in hours} == pytest.approx(hours)
        assert sum(key[0] == row for key in found) == len(hours)


# ----------------------------------------------------------------------------------------------------------- the schema
class Sharing(Part):
    """The two parts alone, as a scenario has them."""

    nations: dict[Name, Nation]
    agreements: dict[Name, Agreement] = {}


HEAD = '[nations.canada]\ntitle = "Canada"\n[nations.japan]\n[nations.korea]\n[agreements.pact]\n'
BOTH = 'nations = ["canada", "japan"]\n'
DELAY = "delay_h = 4.0\n"


def load(text):
    data = tomllib.loads(text)
    return Sharing.model_validate(data, context={"names": {"nations": list(data["nations"])}})


def only_problem(text):
    """The one line in which everything wrong with a text is said."""
    lines, data = locate_keys(text), tomllib.loads(text)
    with pytest.raises(ValidationError) as raised:
        load(text)
    found = explain_validation(raised.value, Sharing, data, lambda path: ("x.toml", lines.get(path)))
    assert len(found) == 1, "\n".join(map(str, found))
    assert "\n" not in str(found[0])
    return found[0]


@pytest.mark.parametrize(
    ("text", "key", "allowed"),
    [
        (BOTH, "pact.delay_h", "this key is required"),
        (DELAY, "pact.nations", "this key is required"),
        ('nations = ["canada"]\n' + DELAY, "pact.nations", "a list of at least 2"),
        ('nations = "canada"\n' + DELAY, "pact.nations", "a list"),
        ('nations = ["canada", "canada"]\n' + DELAY, "pact.nations", "each nation once"),
        ('nations = ["canada", "jappan"]\n' + DELAY, "pact.nations[1]", "a name from [nations]: canada, japan, korea"),
        ('nations = ["canada", 4]\n' + DELAY, "pact.nations[1]", "text in quotes"),
        (BOTH + DELAY + 'state = "signed"', "pact.state", "none or negotiating or in_force"),
        (BOTH + DELAY + "in_force_from = 4", "pact.in_force_from", "a date, or a date and time with an offset"),
        (BOTH + DELAY + 'in_force_from = "2025-07-08"', "pact.in_force_from", "a date, or a date and time"),
        (BOTH + DELAY + "in_force_from = 2025-07-08T10:00:00", "pact.in_force_from", "with an offset"),
        (BOTH + DELAY + "in_force_from = 10:00:00", "pact.in_force_from", "a date, or a date and time"),
        (BOTH + DELAY + "in_force_from = 0001-01-01T00:00:00+14:00", "pact.in_force_from", "from 1900 to 2200"),
        (BOTH + DELAY + "in_force_from = 9999-01-01", "pact.in_force_from", "from 1900 to 2200"),
        (BOTH + "delay_h = -1.0", "pact.delay_h", "0 to 10000 hours"),
        (BOTH + "delay_h = 10001.0", "pact.delay_h", "0 to 10000 hours"),
        (BOTH + "delay_h = { mean = 20000.0 }", "pact.delay_h.mean", "0 to 10000 hours"),
        (BOTH + "delay_h = { low = 4.0 }", "pact.delay_h", "{ low, high }"),
        (BOTH + 'delay_h = "4"', "pact.delay_h", "{ low, high }"),
        (BOTH + DELAY + "release = 1.5", "pact.release", "at least 0 and at most 1, or a table"),
        (BOTH + DELAY + "release = -0.1", "pact.release", "at least 0 and at most 1, or a table"),
        (BOTH + DELAY + "release = nan", "pact.release", "at least 0 and at most 1, or a table"),
        (BOTH + DELAY + "release = true", "pact.release", "at least 0 and at most 1, or a table"),
        (BOTH + DELAY + 'release = "all"', "pact.release", "at least 0 and at most 1, or a table"),
        (
            BOTH + DELAY + "release = [0.5]",
            "pact.release",
            "ais_desk, ais_satellite, ais_station, coastal_radar, human, patrol, satellite",
        ),
        (BOTH + DELAY + "release = { patrol = 1.5 }", "pact.release.patrol", "a number at least 0 and at most 1"),
        (BOTH + DELAY + 'release = { patrol = "1" }', "pact.release.patrol", "a number at least 0 and at most 1"),
        (BOTH + DELAY + "release = { patrols = 1.0 }", "pact.release.patrols", "patrol"),
        (BOTH + DELAY + "release = { value = 1.0 }", "pact.release.value", "patrol"),
        (BOTH + DELAY + "sanitising_error_nmi = -1.0", "pact.sanitising_error_nmi", "at least 0 and at most 1000"),
        (BOTH + DELAY + "sanitising_error_nmi = 1001.0", "pact.sanitising_error_nmi", "at least 0 and at most 1000"),
        (BOTH + DELAY + 'ceiling = "cosmic"', "pact.ceiling", " or ".join(LEVELS)),
        (BOTH + DELAY + "third_party_release = 1", "pact.third_party_release", "true or false"),
        (BOTH + DELAY + "sanitising_error_km = 1.0", "pact.sanitising_error_km", "sanitising_error_nmi"),
    ],
)
def test_each_slip_is_one_clear_line(text, key, allowed):
    problem = only_problem(HEAD + text)
    assert problem.key == f"agreements.{key}"
    assert allowed in problem.allowed
    assert problem.line is not None or problem.given == "nothing"


@pytest.mark.parametrize(
    ("text", "key", "allowed"),
    [
        ("[nations.x]\ntitle = 4", "nations.x.title", "text in quotes"),
        (f'[nations.x]\ntitle = "{"x" * 61}"', "nations.x.title", "text of at most 60 characters"),
        ("[nations.x]\nname = 4", "nations.x.name", "title"),
        ("[nations]\nx = 4", "nations.x", "a table"),
        ('[nations."the x"]', "nations.the x", "a name of letters"),
    ],
)
def test_each_slip_in_a_nation_is_one_clear_line(text, key, allowed):
    problem = only_problem(text)
    assert problem.key == key
    assert allowed in problem.allowed


def test_a_slip_is_answered_by_the_nearest_word():
    assert only_problem(HEAD + 'nations = ["canada", "jappan"]\n' + DELAY).hint == "did you mean japan?"
    assert only_problem(HEAD + BOTH + DELAY + "release = { patrols = 1.0 }").hint == "did you mean patrol?"
    assert only_problem(HEAD + BOTH + DELAY + 'ceiling = "secrets"').hint == "did you mean secret?"
    assert "in nautical miles" in only_problem(HEAD + BOTH + DELAY + "sanitising_error_km = 1.0").hint


@pytest.mark.parametrize(
    ("given", "moment"),
    [
        ("2025-07-08", datetime(2025, 7, 8, tzinfo=UTC)),
        ("2025-07-08T09:00:00+09:00", datetime(2025, 7, 8, tzinfo=UTC)),
        ("2025-07-08T06:30:00Z", datetime(2025, 7, 8, 6, 30, tzinfo=UTC)),
    ],
)
def test_a_date_is_its_midnight_in_utc(given, moment):
    pact = load(f"{HEAD}{BOTH}{DELAY}in_force_from = {given}").agreements["pact"]
    assert pact.in_force_from == moment
    assert pact.in_force_from.utcoffset() == timedelta(0)


def test_what_is_left_out_is_open_and_may_not_be_passed_on():
    pact = load(HEAD + BOTH + DELAY).agreements["pact"]
    assert (pact.state, pact.in_force_from, pact.sanitising_error_nmi) == ("in_force", None, 0.0)
    assert {pact.release.chance(kind) for kind in KINDS} == {1.0}
    assert (pact.ceiling, pact.third_party_release) == ("top_secret", False)


@pytest.mark.parametrize(
    "release", [1, 0.25, 0.0, {}, {"patrol": 0.5, "human": 1}, dict.fromkeys(KINDS, 0.3)], ids=repr
)
def test_an_agreement_written_out_loads_to_itself(release):
    import tomli_w

    terms = agreement("A", "B", release=release, in_force_from=date(2025, 7, 8), delay_h={"median": 9.0, "sigma": 1.0})
    written = tomli_w.dumps(terms.model_dump(mode="python", exclude_none=True))
    assert Agreement.model_validate(tomllib.loads(written)) == terms
    expected = dict.fromkeys(KINDS, release) if isinstance(release, int | float) else release
    assert {kind: terms.release.chance(kind) for kind in KINDS} == {kind: expected.get(kind, 0.0) for kind in KINDS}


def test_the_json_schema_takes_what_loading_takes():
    from jsonschema import Draft202012Validator

    check = Draft202012Validator(TypeAdapter(Agreement).json_schema())
    good = {"nations": ["A", "B"], "delay_h": 4.0, "in_force_from": "2025-07-08"}
    for release in (0.5, 1, {"patrol": 0.5}, {}):
        assert check.is_valid({**good, "release": release})
    for release in (1.5, "all", {"patrols": 0.5}, {"patrol": 2.0}):
        assert not check.is_valid({**good, "release": release})
    described = TypeAdapter(Agreement).json_schema()["properties"]
    assert all(key.get("description") or "$ref" in key for key in described.values())


def test_offsets_other_than_utc_open_at_the_same_moment():
    tokyo = timezone(timedelta(hours=9))
    since = START + timedelta(hours=30)
    first, second = (agreement("A", "B", in_force_from=moment) for moment in (since, since.astimezone(tokyo)))
    assert network({"link": first}) == network({"link": second})
