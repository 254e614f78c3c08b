"""Luck is independent: of patrol, sortie, sensor and vessel, and of what it is for.

Every opportunity is a coin that is tossed in full view: the sensor reaches over the whole sea, so that each transfer is
in range of each sortie for all of it. Two coins with chance p agree in a share p^2 + (1 - p)^2 of cases if they are
independent, and always if they share their luck: over hundreds of opportunities that is 15 standard errors and more.
"""

from itertools import combinations

import numpy as np
import pytest

from sim import load_scenario, simulate
from sim.core import chance
from sim.core.chance import Purpose, replication_key
from sim.deployment.world import prepare
from tests.helpers import standard_errors

LIMIT = 4.0
CHANCE = 0.5
COIN = {"kind": "radar", "law": {"kind": "definite_range", "range_nmi": 1500.0, "probability": CHANCE}}
# Some 60 transfers that are there from before hour 0 until after the end, and nothing else at sea.
ENDLESS = {
    "background.merchant.present": 0.0,
    "transfers.fuel.per_month": 40.0,
    "transfers.fuel.duration_h": 1000.0,
    "duration_days": 4,
    "sensors.radar": COIN,
}
SECOND = {"aircraft": "cp140", "base": "kadena", "routes": ["search"], "first_takeoff_h": 21.0, "every_h": 24.0}


def agreement(one, other, chance_of=CHANCE):
    """How far the share of cases in which two series of coins agree is from that of independent ones, in errors."""
    one, other = np.concatenate(one), np.concatenate(other)
    expected = chance_of**2 + (1.0 - chance_of) ** 2
    assert one.size > 200
    return standard_errors(np.mean(one == other), expected, np.sqrt(expected * (1.0 - expected) / one.size))


def detections(log):
    """Whether each patrol detected each transfer that was there throughout, in each of its sorties: coins by sortie."""
    table, end = log.world.transfers, log.end
    throughout = np.flatnonzero((table.begin < 0.0) & (table.end > end))
    found = {(e.patrol, e.sortie, e.vessel): e.detail for e in log.events if e.event == "detected"}
    return {
        (sortie.patrol, sortie.number): np.array(
            [(sortie.patrol, sortie.number, vessel) in found for vessel in throughout.tolist()]
        )
        for sortie in log.sorties
    }


@pytest.fixture(scope="module")
def coins():
    """Coins by replication, and in each by patrol and slot: two patrols that fly the same at the same hours."""
    scenario = load_scenario("neon-spring", {**ENDLESS, "patrols.second": SECOND})
    aircraft = scenario.aircraft["cp140"].model_copy(update={"identification": None})
    plan = prepare(scenario.model_copy(update={"aircraft": {"cp140": aircraft}}))
    return [detections(simulate(plan, 11, replication)) for replication in range(8)]


def test_a_coin_comes_up_as_often_as_its_chance_says(coins):
    tossed = np.concatenate([coin for log in coins for coin in log.values()])
    assert tossed.size > 2000
    assert standard_errors(tossed.mean(), CHANCE, np.sqrt(CHANCE * (1.0 - CHANCE) / tossed.size)) < LIMIT


def test_two_aircraft_do_not_share_their_luck(coins):
    slots = sorted({slot for _, slot in coins[0]})
    assert len(slots) == 4
    pairs = [(log["aurora", slot], log["second", slot]) for log in coins for slot in slots]
    assert agreement(*zip(*pairs, strict=True)) < LIMIT


def test_two_sorties_of_one_aircraft_do_not_share_their_luck(coins):
    pairs = [(log["aurora", i], log["aurora", j]) for log in coins for i, j in combinations(range(4), 2)]
    assert agreement(*zip(*pairs, strict=True)) < LIMIT


def test_a_sortie_does_not_share_its_luck_with_the_next_one_of_another_aircraft(coins):
    pairs = [(log["aurora", i], log["second", j]) for log in coins for i in range(4) for j in range(4) if i != j]
    assert agreement(*zip(*pairs, strict=True)) < LIMIT


def test_two_vessels_and_two_replications_do_not_share_their_luck(coins):
    vessels = [(coin[:-1], coin[1:]) for log in coins for coin in log.values()]
    assert agreement(*zip(*vessels, strict=True)) < LIMIT
    replications = [(one[key], other[key]) for one, other in combinations(coins, 2) for key in one]
    least = [min(a.size, b.size) for a, b in replications]
    cut = [(a[:n], b[:n]) for (a, b), n in zip(replications, least, strict=True)]
    assert agreement(*zip(*cut, strict=True)) < LIMIT


def test_two_sensors_of_one_aircraft_do_not_share_their_luck():
    """Of two coins of 1/2 one at least comes up in 3 cases of 4; of one that both share, in 2."""
    sets = {**ENDLESS, "sensors.other": COIN, "aircraft.cp140.sensors": ["radar", "other"]}
    scenario = load_scenario("neon-spring", sets)
    aircraft = scenario.aircraft["cp140"].model_copy(update={"identification": None})
    plan = prepare(scenario.model_copy(update={"aircraft": {"cp140": aircraft}}))
    tossed = np.concatenate([c for r in range(5) for c in detections(simulate(plan, 11, r)).values()])
    assert tossed.size > 500
    assert standard_errors(tossed.mean(), 0.75, np.sqrt(0.75 * 0.25 / tossed.size)) < LIMIT


def test_contacts_counted_after_the_flight_have_luck_of_their_own_too():
    """Of n opportunities n / 2 are counted, with the spread of n coins; two aircraft that share theirs double it."""
    sets = {
        **ENDLESS,
        "transfers.fuel.per_month": 0.0,
        "background.merchant.present": 60.0,
        "background.merchant.speed_kn": 2.5,  # slow enough to meet several sorties
        "background.merchant.suspicious_share": 0.0,
        "patrols.second": SECOND,
        "outputs.contacts": True,
    }
    plan, replications, squares = prepare(load_scenario("neon-spring", sets)), 150, 0.0
    for replication in range(replications):
        log = simulate(plan, 12, replication)
        (ships,) = [fleet for fleet in log.world.others if fleet.vessels.size]
        begin, end = ships.rows[:, :1], ships.rows[:, 1:2]
        flights = np.array([(s.takeoff_h, min(s.landing_h, log.end)) for s in log.sorties]).T
        pieces, flight = np.nonzero((begin < flights[1]) & (end > flights[0]))
        coins = len(set(zip(ships.owner[pieces].tolist(), flight.tolist(), strict=True)))
        assert coins > 200
        squares += (log.contacts - CHANCE * coins) ** 2 / (CHANCE * (1.0 - CHANCE) * coins)
    # A sum of n squared scores has mean n and variance 2 n.
    assert standard_errors(squares, replications, np.sqrt(2.0 * replications)) < LIMIT


# ------------------------------------------------------------------------------------------- steps of the ladder
STEPS = {
    **ENDLESS,
    "duration_days": 12,
    "transfers.fuel.per_month": 12.0,
    "sensors.radar.law.probability": 1.0,
    "aircraft.cp140.identification.remember_h": 0.0,
    "aircraft.cp140.identification.time_h": 0.05,
    "aircraft.cp140.identification.classify": {"range_nmi": 10.0, "probability": 0.5},
    "aircraft.cp140.identification.document": {"range_nmi": 2.0, "probability": 0.5},
    "patrols.second": SECOND,
}


@pytest.fixture(scope="module")
def steps():
    """By replication: what a patrol's try at a vessel in a slot came to, of classifying and of documenting."""
    plan, found = prepare(load_scenario("neon-spring", STEPS)), []
    for replication in range(6):
        tries = {"classified": {}, "documented": {}}
        for event in simulate(plan, 13, replication).events:
            key = (event.vessel, event.patrol, event.sortie)
            if event.event in ("classified", "not_classified"):
                tries["classified"][key] = event.event == "classified"
            elif event.event in ("documented", "identified") and tries["classified"].get(key):
                tries["documented"][key] = event.event == "documented"
        found.append(tries)
    return found


def pairs_of(steps, step, same):
    """Results of two tries at one vessel that are alike in what `same` asks, as two arrays."""
    one, other = [], []
    for tries in steps:
        for (a, result), (b, another) in combinations(tries[step].items(), 2):
            if a[0] == b[0] and same(a, b):
                one.append(result)
                other.append(another)
    return [np.array(one)], [np.array(other)]


@pytest.mark.parametrize("step", ["classified", "documented"])
def test_a_step_of_the_ladder_is_new_luck_in_each_slot(steps, step):
    assert agreement(*pairs_of(steps, step, lambda a, b: a[1] == b[1])) < LIMIT


@pytest.mark.parametrize("step", ["classified", "documented"])
def test_a_step_of_the_ladder_is_each_patrols_own_luck(steps, step):
    one, other = pairs_of(steps, step, lambda a, b: a[1] != b[1] and a[2] == b[2])
    expected = CHANCE**2 + (1.0 - CHANCE) ** 2
    assert one[0].size >= 60  # one luck for both would be 7 errors away
    assert standard_errors(np.mean(one[0] == other[0]), expected, 0.5 / np.sqrt(one[0].size)) < LIMIT


def test_documentation_does_not_share_the_luck_of_classification(steps):
    """Were it one number below 1/2 for both, each classified transfer would be documented."""
    tried = [result for tries in steps for result in tries["documented"].values()]
    assert len(tried) > 200
    assert standard_errors(np.mean(tried), CHANCE, 0.5 / np.sqrt(len(tried))) < LIMIT


# ----------------------------------------------------------------------------------------------- service, faults
def test_two_aircraft_are_fit_to_fly_independently_and_anew_in_each_slot():
    sets = {
        "background.merchant.present": 0.0,
        "transfers.fuel.per_month": 0.0,
        "duration_days": 200,
        "aircraft.cp140.serviceability": 0.5,
        "aircraft.cp140.endurance_h": 2.5,
        "patrols.second": SECOND,
    }
    log = simulate(load_scenario("neon-spring", sets), 2)
    fit = {
        name: np.isin(np.arange(200), [sortie.number for sortie in log.sorties if sortie.patrol == name])
        for name in ("aurora", "second")
    }
    error = 0.5 / np.sqrt(200)
    assert standard_errors(fit["aurora"].mean(), 0.5, error) < LIMIT
    assert standard_errors(np.mean(fit["aurora"] == fit["second"]), 0.5, error) < LIMIT
    assert standard_errors(np.mean(fit["aurora"][1:] == fit["aurora"][:-1]), 0.5, error) < LIMIT


def test_faults_strike_two_aircraft_independently_and_each_sortie_anew():
    sets = {
        "background.merchant.present": 0.0,
        "transfers.fuel.per_month": 0.0,
        "duration_days": 200,
        "aircraft.cp140.aborts_per_100_h": 25.0,
        "aircraft.cp140.endurance_h": 4.0,
        "patrols.second": SECOND,
    }
    log = simulate(load_scenario("neon-spring", sets), 3)
    aborted = {(event.patrol, event.sortie) for event in log.events if event.event == "aborted"}
    struck = {name: np.array([(name, slot) in aborted for slot in range(200)]) for name in ("aurora", "second")}
    share = len(aborted) / 400
    assert 0.25 < share < 0.75
    expected = share**2 + (1.0 - share) ** 2
    error = np.sqrt(expected * (1.0 - expected) / 200)
    assert standard_errors(np.mean(struck["aurora"] == struck["second"]), expected, error) < LIMIT
    assert standard_errors(np.mean(struck["aurora"][1:] == struck["aurora"][:-1]), expected, error) < LIMIT


def test_numbers_for_two_purposes_or_two_keys_are_uncorrelated():
    entities = chance.identities(chance.identity("somebody"), 4000)
    keys = [replication_key(seed, replication) for seed, replication in ((1, 0), (1, 1), (2, 0))]
    series = [chance.uniforms(key, purpose, entities, counter)[:, column]
              for key in keys for purpose in (Purpose.CLASSIFY, Purpose.DOCUMENT) for counter in (0, 1)
              for column in (0, 1)]  # fmt: skip
    pairs = list(combinations(series, 2))
    assert len(pairs) == 276
    correlation = np.array([np.corrcoef(one, other)[0, 1] for one, other in pairs])
    assert np.max(np.abs(correlation)) * np.sqrt(4000) < 4.5  # of 276 one beyond it by chance once in 500
