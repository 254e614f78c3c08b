"""Two hulls side by side that are no transfer: who takes them for one, and what they cost."""

from dataclasses import replace

import numpy as np
import pytest

from sim.core.codes import ALONGSIDE, DIVERT, IDENTIFY, REJOIN
from sim.deployment.contacts import class_numbers, classes_of
from sim.deployment.engine import fly, simulate
from sim.deployment.log import Log
from sim.deployment.world import Plan, World, realise
from sim.model.background.random_courses import RandomCourses
from sim.scenario.problems import InputError
from sim.study.part_totals import PartTotals
from tests.helpers import events, plan_of

MANNER = "aircraft.cp140.identification"
RULES = f"{MANNER}.priority"
SEA = {
    "duration_days": 4, "background.merchant.present": 60.0, "background.merchant.suspicious_share": 0.3,
    "transfers.fuel.per_month": 60.0, "sensors.radar.resolution_m": 20.0, RULES: {"alongside": 1.0},
}  # fmt: skip


def with_pairs(plan: Plan, replication: int = 0) -> World:
    """A world whose background ships are all two hulls side by side, of the class of that plan's first background."""
    world = realise(plan, 1, replication)
    source = plan.scenario.background["merchant"]
    hulls, gap_m = source.hull_sets[0], source.hull_gaps_m[0]
    with_ais, _ = class_numbers(classes_of(plan.scenario.background, plan.scenario.transfers), hulls, gap_m)
    is_ship = np.arange(world.targets.vessels.size) >= world.transfers.begin.size
    traits = np.where(is_ship, world.targets.traits | ALONGSIDE, world.targets.traits)
    targets = replace(world.targets, traits=traits, kinds=np.where(is_ship, with_ais, world.targets.kinds))
    return replace(world, targets=targets)


def visits(log: Log) -> tuple[list[int], list[int]]:
    """The transfers and the ships that crews flew to because of two hulls side by side."""
    found = [target for s in log.sorties for _, target, why in s.investigations if why == "alongside"]
    count = log.world.transfers.begin.size
    return [target for target in found if target < count], [target for target in found if target >= count]


# ------------------------------------------------------------------------------------------------ two hulls
def test_transfers_are_two_hulls_side_by_side_and_ordinary_ships_are_not():
    plan = plan_of(**SEA)
    world = realise(plan, 1, 0)
    pairs = world.transfers.begin.size
    assert np.all(world.targets.traits[:pairs] & ALONGSIDE)
    assert not np.any(world.targets.traits[pairs:] & ALONGSIDE)
    transfers, ships = visits(fly(plan, world, 0))
    assert transfers
    assert not ships


def test_what_lies_side_by_side_and_is_no_transfer_is_flown_to(monkeypatch):
    """The bit of the trait decides, and the gap of the class: of 25 m here."""
    monkeypatch.setattr(RandomCourses, "hull_gaps_m", (25.0,))
    plan = plan_of(**SEA)
    transfers, ships = visits(fly(plan, with_pairs(plan), 0))
    assert transfers
    assert len(ships) > 3


@pytest.mark.parametrize(
    ("gap_m", "range_nmi", "told"), [(25.0, 1.0, False), (300.0, 9.0, True), (300.0, 10.0, False), (535.0, 16.0, True)]
)
def test_hulls_far_apart_are_told_apart_from_farther_away(monkeypatch, gap_m, range_nmi, told):
    """A beam of 1 degree is as wide as the gap at gap / (pi / 180); all contacts are detected at one range here."""
    monkeypatch.setattr(RandomCourses, "hull_gaps_m", (gap_m,))
    law = {"kind": "definite_range", "range_nmi": range_nmi, "probability": 1.0}
    others = {"sensors.radar.beam_deg": 1.0, "sensors.radar.law": law, "transfers.fuel.per_month": 0.0}
    plan = plan_of(**(SEA | others))
    log = fly(plan, with_pairs(plan), 0)
    assert events(log, "detected")
    assert bool(visits(log)[1]) == told


# ---------------------------------------------------------------------------------------------------- told from afar
TOLD = {f"{MANNER}.lookalikes": {"merchant": {"range_nmi": 8.0, "probability": 0.6}}}


@pytest.fixture
def wide(monkeypatch):
    """Background ships are two hulls that every radar of these tests tells apart."""
    monkeypatch.setattr(RandomCourses, "hull_gaps_m", (300.0,))


def flown(more=None, replications=1):
    plan = plan_of(**(SEA | (more or {})))
    return [fly(plan, with_pairs(plan, replication), replication) for replication in range(replications)]


def total(logs, name):
    return sum(log.totals()[name] for log in logs)


def test_a_crew_that_can_tell_breaks_off_and_sees_more(wide):
    stays, tells = flown(replications=4), flown(TOLD, replications=4)
    assert total(stays, "lookalikes_told") == 0
    assert total(tells, "lookalikes_told") > 20
    assert total(tells, "lookalike_investigations") > total(stays, "lookalike_investigations")
    hours = [total(logs, "lookalike_hours") / total(logs, "lookalike_investigations") for logs in (stays, tells)]
    assert hours[1] < 0.8 * hours[0]


def test_it_tells_with_its_chance_at_its_range(wide):
    """The share that is told, in standard errors; and the place of the aircraft at that hour."""
    logs = flown(TOLD, replications=6)
    told, tries = 0, 0
    for log in logs:
        for event in events(log, "identified"):
            target = event.vessel
            x, y = log.world.targets.place_at(target, event.time_h)
            away = float(np.hypot(x - event.x, y - event.y))
            if event.detail:
                assert away <= 8.0 + 1e-6
            told, tries = told + bool(event.detail), tries + 1
    assert abs(told / tries - 0.6) < 4.0 * np.sqrt(0.6 * 0.4 / tries)
    assert told == total(logs, "lookalikes_told")


def test_most_are_told_where_the_range_is_reached(wide):
    """Whoever is detected farther away than the range is told exactly there, however the vessel turns on the way."""
    (log,) = flown(TOLD)
    places = [(event, log.world.targets.place_at(event.vessel, event.time_h)) for event in events(log, "identified")]
    ranges = [np.hypot(x - event.x, y - event.y) for event, (x, y) in places if event.detail]
    assert max(ranges) == pytest.approx(8.0, abs=1e-6)
    assert np.mean(np.array(ranges) > 7.999) > 0.8


def test_what_the_crew_cannot_tell_in_the_dark_it_stays_beside(wide):
    rung = {"range_nmi": 8.0, "probability": 1.0, "needs_light": True}
    in_light = {f"{MANNER}.lookalikes": {"merchant": rung}, "patrols.aurora.first_takeoff_h": 6.0}
    (log,) = flown(in_light)
    light = log.plan.patrols[0].light
    lon_lat = log.plan.scenario.plane.to_lonlat
    seen = events(log, "identified")
    by_day = [light.sun.elevation(event.time_h, *lon_lat(event.x, event.y)) > light.least_deg for event in seen]
    assert any(by_day)
    assert not all(by_day)
    assert all(bool(event.detail) <= bool(day) for event, day in zip(seen, by_day, strict=True))


def test_a_transfer_is_never_told_for_a_lookalike_and_the_ladder_stays(wide):
    """What is told from afar is no transfer, and what is classified is one."""
    logs = flown(TOLD, replications=3)
    assert total(logs, "lookalikes_told") > 0
    assert total(logs, "classified") > 0
    for log in logs:
        transfers = log.world.transfers.begin.size
        assert all(event.vessel >= transfers for event in events(log, "identified") if event.detail)
        assert all(event.vessel < transfers for event in events(log, "classified"))


def test_what_was_told_is_remembered(wide):
    memory = {f"{MANNER}.remember_h": 200.0}
    sure = {f"{MANNER}.lookalikes": {"merchant": {"range_nmi": 8.0, "probability": 1.0}}}
    (log,) = flown(sure | memory)
    told = [event.vessel for event in events(log, "identified") if event.detail]
    assert told
    assert len(told) == len(set(told))


# ---------------------------------------------------------------------------------------------------- what is counted
def test_totals_agree_with_a_count_of_events_by_hand(wide):
    """False investigations, those that were told, and their hours, made of events and tracks by another way."""
    logs = flown(TOLD, replications=2)
    assert len(logs) == 2
    for log in logs:
        totals, transfers = log.totals(), log.world.transfers.begin.size
        diverted = [event for event in events(log, "diverted") if event.vessel >= transfers]
        assert totals["false_alongside"] == totals["lookalike_investigations"] == len(diverted) > 10
        assert totals["lookalikes_told"] == sum(bool(event.detail) for event in events(log, "identified"))
        hours = 0.0
        for sortie in log.sorties:
            mine = [event for event in events(log, "diverted") if event.sortie == sortie.number]
            for t0, t1, *_, phase in sortie.flown.tolist():
                before = [event for event in mine if event.time_h <= t0]
                if phase in (DIVERT, IDENTIFY, REJOIN) and t0 < log.end and before[-1].vessel >= transfers:
                    hours += min(t1, log.end) - t0
        assert totals["lookalike_hours"] == pytest.approx(hours)
        assert totals["lookalike_hours"] <= totals["identification_hours"] + 1e-9
        shown = {(event.sortie, event.vessel) for event in events(log, "detected")}
        assert totals["two_hull_contacts"] == len(shown)  # the radar tells all of them apart
        assert totals["two_hull_transfers"] == sum(vessel < transfers for _, vessel in shown)


def test_totals_by_background_add_up_to_the_whole(wide):
    more = {"background.fishing": {"area": "east_china_sea", "present": 30.0, "speed_kn": 4.0, "dark_share": 1.0}}
    (log,) = flown(more)
    parts = PartTotals(log, {})
    for name in ("false_investigations", "false_alongside", "lookalike_investigations", "lookalike_hours"):
        by_source = [parts.total(f"{name}[background={source}]") for source in ("fishing", "merchant")]
        assert sum(by_source) == pytest.approx(log.totals()[name])
    assert parts.total("lookalike_investigations[background=merchant]") > 0


def test_who_has_no_lookalikes_has_no_columns_of_them():
    log = fly(plan_of(**SEA), realise(plan_of(**SEA), 1, 0), 0)
    assert not {name for name in log.totals() if "lookalike" in name or "two_hull" in name}


# ---------------------------------------------------------------------------------------------------- lawful sources
GROUNDS = {"polygon": [[123.6, 28.5], [125.6, 28.5], [126.6, 31.0], [124.2, 32.0]]}
LAWFUL = {
    "areas.grounds": GROUNDS,
    "background.trawlers": {
        "kind": "fleet", "area": "grounds", "present": 20.0, "speed_kn": 3.0, "pair": True, "pair_gap_m": 300.0,
        "dark_share": 0.7,
    },
    "background.bunkers": {"kind": "bunkering", "area": "grounds", "present": 6.0, "duration_h": 8.0},
    "background.boats": {"kind": "fleet", "area": "grounds", "present": 20.0, "speed_kn": 3.0, "dark_share": 0.7},
    f"{MANNER}.lookalikes": {"trawlers": {"range_nmi": 10.0, "probability": 0.8}},
}  # fmt: skip


def lawful_logs(replications=3):
    plan = plan_of(**(SEA | LAWFUL | {"background.merchant.present": 0.0}))
    return [simulate(plan, 5, replication) for replication in range(replications)]


def test_pair_trawlers_and_bunkering_are_counted_source_by_source():
    """False investigations by hand: the name of a vessel says of which source it is."""
    logs = lawful_logs()
    found = {"trawlers": 0, "bunkers": 0, "boats": 0}
    for log in logs:
        parts, names = PartTotals(log, {}), log.world.targets.labels.tolist()
        sources = [names[event.vessel].split("-")[0] for event in events(log, "diverted")]
        for source in found:
            by_hand = sources.count(source)
            assert parts.total(f"false_alongside[background={source}]") == by_hand
            assert parts.total(f"lookalike_investigations[background={source}]") == by_hand
            found[source] += by_hand
    assert found["trawlers"] > 20
    assert found["bunkers"] > 3
    assert found["boats"] == 0  # one hull each


def test_what_is_told_is_of_the_source_that_has_a_range_and_costs_fewer_hours():
    logs = lawful_logs()
    told, hours = {"trawlers": 0.0, "bunkers": 0.0}, {"trawlers": 0.0, "bunkers": 0.0}
    for log in logs:
        parts = PartTotals(log, {})
        for source in told:
            told[source] += parts.total(f"lookalikes_told[background={source}]") or 0.0
            visits = parts.total(f"lookalike_investigations[background={source}]") or 1.0
            hours[source] += (parts.total(f"lookalike_hours[background={source}]") or 0.0) / visits
    assert told["trawlers"] > 15
    assert told["bunkers"] == 0
    assert hours["trawlers"] < hours["bunkers"]


def test_most_contacts_of_two_hulls_are_no_transfers_where_few_are():
    logs = lawful_logs()
    contacts, transfers = total(logs, "two_hull_contacts"), total(logs, "two_hull_transfers")
    names = [
        log.world.targets.labels[target].split("-")[0] for log in logs for s in log.sorties
        for hour, target in s.two_hulls if hour < log.end
    ]  # fmt: skip
    assert len(names) == contacts > 50
    assert names.count("fuel") == transfers
    assert set(names) <= {"fuel", "trawlers", "bunkers"}


# ---------------------------------------------------------------------------------------------------- refused
@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"nobody": {"range_nmi": 8.0, "probability": 0.5}}, "a name from [background]"),
        ({"merchant": {"range_nmi": 8.0}}, "probability"),
        ({"merchant": {"range_nmi": 0.01, "probability": 0.5}}, "at least document.range_nmi"),
    ],
)
def test_lookalikes_that_cannot_be_are_refused(given, words):
    with pytest.raises(InputError) as refused:
        plan_of(**{f"{MANNER}.lookalikes": given})
    assert words in str(refused.value)
