"""What a crew knows of contacts, which it goes to see, what it remembers, and why a transfer is not documented."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.core.codes import DARK, IDENTIFY, LISTED, SEARCH, SPOOFING, STATIONARY, SUSPICIOUS
from sim.deployment.contacts import FEATURES
from sim.deployment.engine import simulate
from sim.deployment.ladder import REASONS
from sim.deployment.sorties import legs_before
from sim.deployment.world import prepare
from tests.helpers import events, plan_of
from tests.theory.test_fuel import random_fleet

REASON_NAMES = [reason.name for reason in REASONS]
FEATURE_NAMES = [feature.name for feature in FEATURES]
AIS = {"sensors.ais": {"kind": "ais"}, "aircraft.cp140.sensors": ["radar", "ais"]}
MANNER = "aircraft.cp140.identification"
RULES = f"{MANNER}.priority"
FEW = {"duration_days": 4, "background.merchant.present": 100.0, "background.merchant.suspicious_share": 0.0}
ALONE = {"duration_days": 6, "background.merchant.present": 0.0, "transfers.fuel.per_month": 60.0}
LONG = {"transfers.fuel.duration_h": 300.0}


def visited(log):
    """Traits of all that was investigated, and whether each is a transfer."""
    targets = [target for s in log.sorties for when, target, _ in s.investigations if when < log.end]
    return log.world.targets.traits[targets], np.array(targets, int) < log.world.transfers.begin.size


def total(logs, name):
    return sum(log.totals()[name] for log in logs)


# ------------------------------------------------------------------------------------------------ what is known
def test_who_is_dark_is_known_to_a_crew_with_an_ais_receiver_only():
    sets = {**FEW, "transfers.fuel.per_month": 0.0, "background.merchant.dark_share": 0.2, RULES: {"dark": 1.0}}
    assert simulate(plan_of(**sets)).totals()["investigations"] == 0
    log = simulate(plan_of(**sets, **AIS))
    traits, _ = visited(log)
    assert traits.size > 5
    assert np.all(traits & DARK)
    assert log.totals()["false_dark"] == log.totals()["false_investigations"] == traits.size


def test_what_a_vessel_claims_is_known_of_those_that_transmit_only():
    shares = {f"background.merchant.{share}": 0.5 for share in ("dark_share", "spoofing_share", "listed_share")}
    for rules, trait in (({"suspect": 1.0}, SPOOFING), ({"listed": 1.0}, LISTED)):
        log = simulate(plan_of(**{**FEW, "transfers.fuel.per_month": 0.0, **shares, RULES: rules}, **AIS))
        traits, _ = visited(log)
        assert traits.size > 5
        assert np.all(traits & trait)
        assert not np.any(traits & DARK)


def test_weights_say_whom_to_see_and_nobody_without_one_is():
    sets = {**FEW, "transfers.fuel.per_month": 200.0, "background.merchant.suspicious_share": 0.3}
    _, pairs = visited(simulate(plan_of(**sets, **{RULES: {"stationary": 1.0}})))
    assert pairs.size > 3
    assert np.all(pairs)
    traits, pairs = visited(simulate(plan_of(**sets, **{RULES: {"suspicious": 1.0}})))
    assert np.all(traits & SUSPICIOUS)
    assert not np.all(pairs)


def test_of_contacts_known_together_the_one_worth_more_goes_first():
    """Whenever a pair (stationary, 5) and a ship (suspicious, 1) wait alike, the pair is seen first, paired counts."""
    sets = {**FEW, **LONG, "transfers.fuel.per_month": 10.0, "background.merchant.suspicious_share": 0.3}
    orders = {}
    for name, rules in (("pairs", {"stationary": 5.0}), ("ships", {"stationary": 0.0, "suspicious": 1.0})):
        plan = plan_of(**sets, **{RULES: {"suspicious": 1.0, **rules}})
        orders[name] = [np.mean(np.flatnonzero(visited(simulate(plan, 2, r))[1])) for r in range(3)]
    assert np.all(np.array(orders["pairs"]) < orders["ships"])


def test_an_hour_may_cost_more_than_a_contact_is_worth():
    spent = {}
    for cost in (0.0, 2.0, 100.0):
        sets = {**FEW, "background.merchant.suspicious_share": 0.3}
        plan = plan_of(**sets, **{RULES: {"suspicious": 1.0, "cost_per_h": cost}})
        logs = [simulate(plan, 1, r) for r in range(3)]
        spent[cost] = total(logs, "identification_hours") / max(1, total(logs, "investigations"))
        if cost == 2.0:  # at most half an hour away and back, time_h included; from the moment it leaves
            for log in logs:
                for s in log.sorties:
                    seen = s.flown[s.flown[:, 6] == IDENTIFY]
                    for begin, _, _ in s.investigations:
                        beside = seen[seen[:, 0] >= begin - 1e-9]
                        assert not len(beside) or beside[0, 0] - begin <= 0.5
    assert spent[2.0] > spent[100.0] == 0.0
    assert spent[0.0] > 0.0


def test_a_watched_area_is_known_by_place():
    west = {"polygon": [[123.3, 27.0], [125.0, 27.0], [125.0, 32.0], [123.3, 32.0]]}
    sets = {
        **ALONE,
        "transfers.fuel.per_month": 200.0,
        "areas.west": west,
        RULES: {"watched": 1.0, "stationary": 0.5, "watch_areas": ["west"]},
    }
    log = simulate(plan_of(**sets))
    lon, _ = log.plan.scenario.plane.to_lonlat(log.world.transfers.x, log.world.transfers.y)
    led = {(target, why) for s in log.sorties for _, target, why in s.investigations}
    assert {why for _, why in led} == {"watched", "stationary"}
    assert all((why == "watched") == (lon[target] <= 125.0) for target, why in led)


def test_to_be_watched_alone_is_worth_nothing():
    """What else is odd makes it worth a look: ordinary ships in a watch area are no contacts of interest."""
    sets = {**ALONE, "transfers.fuel.per_month": 200.0, RULES: {"watched": 1.0, "watch_areas": ["east_china_sea"]}}
    assert simulate(plan_of(**sets)).totals()["investigations"] == 0


def test_a_contact_is_thought_of_again_where_it_is_worth_its_hours():
    """Seen far off, worth it only near: visited as the route brings it near, not before."""
    near = {"max_detour_nmi": 100.0, "time_h": 0.1, "priority": {"stationary": 1.0, "cost_per_h": 4.0}}
    sets = {**ALONE, "transfers.fuel.per_month": 20.0, "transfers.fuel.duration_h": 200.0}
    log = simulate(plan_of(**sets, **{f"{MANNER}.{key}": value for key, value in near.items()}))
    visits = [visit for s in log.sorties for visit in s.investigations]
    assert len(visits) > 5
    found = {(e.sortie, e.vessel): e.time_h for e in events(log, "detected")}
    flown = [(s.number, target, when) for s in log.sorties for when, target, _ in s.investigations if when < log.end]
    assert sum(when - found[number, target] > 0.01 for number, target, when in flown) > 3


@pytest.mark.parametrize(
    ("resolution", "beam", "resolved"), [(20.0, None, True), (30.0, None, False), (5.0, 1.0, False)]
)
def test_two_hulls_alongside_are_a_feature_where_the_radar_resolves_them(resolution, beam, resolved):
    """25 m between them; a beam of 1 degree is 25 m wide at 0.77 nmi only."""
    sets = {"sensors.radar.resolution_m": resolution, RULES: {"alongside": 1.0}}
    sets |= {} if beam is None else {"sensors.radar.beam_deg": beam}
    log = simulate(plan_of(**ALONE, **sets))
    assert events(log, "detected")
    assert (log.totals()["investigations"] > 0) == resolved


# ------------------------------------------------------------------------------------------------ memory
def looks(log):
    """Every look that ended beside the vessel, by vessel and in order: hours."""
    found = {}
    for event in log.events:
        if event.event in ("identified", "documented"):
            found.setdefault(event.vessel, []).append(event.time_h)
    return found


def test_a_vessel_once_identified_is_let_be_as_long_as_it_is_remembered():
    again = {"aircraft": "cp140", "base": "kadena", "routes": ["search"], "first_takeoff_h": 9.0, "every_h": 24.0}
    sets = {**ALONE, **LONG, "patrols.second": again, "transfers.fuel.per_month": 20.0}
    gaps = {}
    for remember in (0.0, 40.0):
        for nation in (None, "Canada"):
            flags = {} if nation is None else {f"patrols.{patrol}.nation": nation for patrol in ("aurora", "second")}
            log = simulate(plan_of(**sets, **{f"{MANNER}.remember_h": remember}, **flags))
            gaps[remember, nation] = np.concatenate([np.diff(hours) for hours in looks(log).values()])
    assert gaps[0.0, None].min() < 20.0
    assert gaps[40.0, None].min() < 20.0  # the other patrol knows nothing of it
    assert gaps[40.0, "Canada"].min() >= 40.0
    assert len(gaps[40.0, "Canada"]) > 0  # in time it is forgotten


def test_a_vessel_that_is_remembered_was_looked_at():
    """Contacts never looked at are counted; what the nation has identified before is none of them."""
    sets = {**ALONE, **LONG, "transfers.fuel.per_month": 10.0, f"{MANNER}.remember_h": 200.0, "duration_days": 8}
    sets |= {f"{MANNER}.max_detour_nmi": 400.0, f"{MANNER}.time_h": 0.05}
    log = simulate(plan_of(**sets))
    seen = set(looks(log))
    never = 0
    for sortie in log.sorties:
        mine = {e.vessel for e in events(log, "detected") if e.sortie == sortie.number}
        beside = {target for when, target, _ in sortie.investigations if when < log.end}
        known = {v for v in mine if v in seen and looks(log)[v][0] < sortie.takeoff_h}
        never += len(mine - beside - known)
    assert log.totals()["never_looked_at"] == never


# ------------------------------------------------------------------------------------------------ reasons
@pytest.mark.parametrize(
    ("reason", "sets"),
    [
        ("no_one_there", {"sensors.radar.law": {"kind": "definite_range", "range_nmi": 0.01}}),
        ("not_detected", {"sensors.radar.law": {"kind": "definite_range", "range_nmi": 90.0, "probability": 1e-9}}),
        ("not_chosen", {f"{MANNER}.max_detour_nmi": 1e-3}),
        ("left_too_soon", {"transfers.fuel.duration_h": 3.0, f"{MANNER}.time_h": 3.01}),
        ("no_light", {f"{MANNER}.document.needs_light": True, "patrols.aurora.first_takeoff_h": 11.0}),
        ("no_light", {f"{MANNER}.classify.needs_light": True, "patrols.aurora.first_takeoff_h": 11.0}),
        ("no_light", {f"{MANNER}.document.min_visibility_nmi": 5.0, "environment.visibility_nmi": 4.0}),
        ("not_classified", {f"{MANNER}.classify.probability": 0.0}),
        ("not_documented", {f"{MANNER}.document.probability": 0.0}),
    ],
)
def test_each_reason_has_its_cause(reason, sets):
    totals = [simulate(plan_of(**{**ALONE, **sets}), 1, r).totals() for r in range(3)]
    whole = {name: sum(row[name] for row in totals) for name in totals[0]}
    assert whole["documented"] == 0
    furthest = [name for name in REASON_NAMES if whole[name]]
    assert furthest[-1] == reason if reason != "no_light" else whole[reason] > 0
    assert sum(whole[name] for name in REASON_NAMES) == whole["transfers"] > 20
    if reason != "no_light":
        assert not any(whole[name] for name in REASON_NAMES[REASON_NAMES.index(reason) + 1 :])


@given(st.integers(0, 100_000))
@settings(max_examples=12, deadline=None)
def test_documented_and_the_reasons_add_up_to_all_transfers(seed):
    rng = np.random.default_rng(seed)
    sets = {
        f"{RULES}": {name: float(rng.choice([0.0, 1.0, 3.0])) for name in FEATURE_NAMES if name != "watched"},
        f"{RULES}.cost_per_h": float(rng.choice([0.0, 0.5])),
        f"{MANNER}.remember_h": float(rng.choice([0.0, 48.0])),
        f"{MANNER}.in_dark": bool(rng.random() < 0.5),
        f"{MANNER}.classify.needs_light": bool(rng.random() < 0.5),
        f"{MANNER}.document.needs_light": bool(rng.random() < 0.5),
        "transfers.fuel.dark_share": 0.5,
        "transfers.fuel.spoofing_share": 0.5,
        "background.merchant.listed_share": 0.3,
        "background.merchant.dark_share": 0.2,
        **(AIS if rng.random() < 0.5 else {}),
    }
    plan = prepare(random_fleet(seed, **sets))
    for replication in range(2):
        totals = simulate(plan, seed, replication).totals()
        assert totals["documented"] + sum(totals[name] for name in REASON_NAMES) == totals["transfers"]
        assert sum(totals[f"false_{name}"] for name in FEATURE_NAMES) == totals["false_investigations"]
        assert totals["false_investigations"] <= totals["investigations"]
        assert 0.0 <= totals["identification_hours"] <= totals["on_station_hours"] + 1e-9
        assert totals["documented"] <= totals["classified"] <= totals["detected"] <= totals["transfers"]


def test_traits_come_in_their_shares():
    shares = {"dark_share": 0.3, "spoofing_share": 0.2, "listed_share": 0.1}
    sets = {
        f"{part}.{key}": value for part in ("background.merchant", "transfers.fuel") for key, value in shares.items()
    }
    log = simulate(
        plan_of(**{**sets, "background.merchant.suspicious_share": 0.99, "transfers.fuel.per_month": 2000.0})
    )
    traits, pairs = log.world.targets.traits, log.world.transfers.begin.size
    for mine in (traits[:pairs], traits[pairs:]):
        for trait, share in zip((DARK, SPOOFING, LISTED), shares.values(), strict=True):
            error = np.sqrt(share * (1.0 - share) / mine.size)
            assert abs(np.mean((mine & trait) > 0) - share) < 3.9 * error
    assert np.all(traits[:pairs] & STATIONARY)


def test_time_that_contacts_take_is_what_the_search_loses():
    log = simulate(plan_of(**FEW, **{f"{MANNER}.max_detour_nmi": 60.0}))
    flown = np.vstack([legs_before(s.flown, log.end) for s in log.sorties])
    searched = float(np.diff(flown[flown[:, 6] == SEARCH][:, :2]).sum())
    assert log.totals()["identification_hours"] + searched == pytest.approx(log.totals()["on_station_hours"], abs=1e-6)


def test_ships_that_enter_their_sea_along_the_edge_of_a_watch_area_lie_in_it():
    """Ships that come into being within range are detected on that edge, where rounding would decide."""
    sea = {"polygon": [[123.0, 27.0], [126.0, 27.0], [126.0, 31.0], [123.0, 31.0]]}
    sets = {
        **FEW,
        "duration_days": 6,
        "transfers.fuel.per_month": 0.0,
        "areas.east_china_sea": sea,
        "background.merchant": {"area": "east_china_sea", "present": 100.0, "speed_kn": 25.0, "listed_share": 1.0},
        RULES: {"watched": 1.0, "listed": 0.5, "watch_areas": ["east_china_sea"]},
    }
    log = simulate(plan_of(**{**sets, **AIS}))
    led = [why for s in log.sorties for _, _, why in s.investigations]
    begins = set(log.world.targets.rows[:, 0].tolist())
    assert sum(event.time_h in begins for event in log.events if event.event == "detected") > 3
    assert set(led) == {"watched"}
