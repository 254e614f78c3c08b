"""What holds in every run of every scenario: tables agree, flights are continuous, nothing is out of its time."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim import load_scenario, run
from sim.study.store import Results
from tests.helpers import REASONS
from tests.strategies import small_scenarios

RUNGS = ("detected", "classified", "documented")
ROUNDING_H = 1e-9
runs = st.builds(
    lambda sets, seed: run(load_scenario("textbook", sets), 2, seed), small_scenarios(), st.integers(0, 10_000)
)
few = settings(max_examples=8, deadline=None)


def rows(results: Results, table: str, **equal: object) -> list[dict[str, object]]:
    """The rows of a table in which columns have given values."""
    return [
        row for row in results.tables[table].to_pylist() if all(row[name] == value for name, value in equal.items())
    ]


def flights(results: Results) -> dict[tuple[int, str, int], list[dict[str, object]]]:
    """The legs of each sortie, by replication, patrol and slot."""
    found: dict[tuple[int, str, int], list[dict[str, object]]] = {}
    for row in rows(results, "tracks"):
        found.setdefault((row["replication"], row["patrol"], row["sortie"]), []).append(row)
    return found


# ---------------------------------------------------------------------------------------------------- the ladder
@given(runs)
@few
def test_the_ladder_narrows_upwards_and_reasons_explain_the_rest(results):
    totals = rows(results, "replications")
    assert [row["replication"] for row in totals] == [0, 1]
    for row in totals:
        assert row["transfers"] >= row["detected"] >= row["classified"] >= row["documented"] >= 0
        assert sum(row[reason] for reason in REASONS) == row["transfers"] - row["documented"]
        assert row["investigations"] >= row["false_investigations"] >= 0
        assert row["identification_hours"] <= row["on_station_hours"] + ROUNDING_H
        assert row["on_station_hours"] <= row["flight_hours"] + ROUNDING_H


@given(runs)
@few
def test_totals_are_the_counts_of_the_rows_of_transfers(results):
    totals = rows(results, "replications")
    assert len(totals) == 2
    for row in totals:
        transfers = rows(results, "transfers", replication=row["replication"])
        assert row["transfers"] == len(transfers)
        for rung in RUNGS:
            assert row[rung] == sum(transfer[f"{rung}_h"] is not None for transfer in transfers)
        for reason in REASONS:
            assert row[reason] == sum(transfer["reason"] == reason for transfer in transfers)
        hours = [transfer["documented_h"] for transfer in transfers if transfer["documented_h"] is not None]
        assert row["first_documented_h"] == min(hours, default=None)


@given(runs)
@few
def test_a_transfer_is_detected_and_recognised_only_while_its_vessels_lie_alongside(results):
    end = results.scenario.duration_h
    transfers = rows(results, "transfers")
    assert len(transfers) == results.columns["transfers"].sum()
    for row in transfers:
        assert 0.0 <= row["begin_h"] < min(end, row["end_h"])
        climbed = [row[f"{rung}_h"] for rung in RUNGS if row[f"{rung}_h"] is not None]
        assert climbed == sorted(climbed)
        assert all(row["begin_h"] <= hour < min(end, row["end_h"]) for hour in climbed)
        assert row["status"] == ("missed", *RUNGS)[len(climbed)]
        assert (row["reason"] is None) == (row["status"] == "documented")
        assert all((row[name] is None) == (row["detected_h"] is None) for name in ("sensor", "patrol", "sortie"))


@given(runs)
@few
def test_the_reason_of_a_transfer_fits_how_far_it_came_in_its_best_sortie(results):
    fitting = {
        "never detected": {"no_one_there", "not_detected"},
        "never flown to": {"not_chosen"},
        "flown to": {"left_too_soon", "no_light", "not_classified"},
        "classified": {"left_too_soon", "no_light", "not_documented"},
        "documented": {None},
    }
    visited = {(row["replication"], row["vessel"]) for row in rows(results, "events", event="diverted")}
    found = {step: set() for step in fitting}
    for row in rows(results, "transfers"):
        flown_to = (row["replication"], f"{row['source']}-{row['transfer']}") in visited
        step = {"missed": "never detected", "detected": "flown to" if flown_to else "never flown to"}
        found[step.get(row["status"], row["status"])].add(row["reason"])
    assert all(found[step] <= reasons for step, reasons in fitting.items()), found
    assert set().union(*found.values()) == {row["reason"] for row in rows(results, "transfers")}


# ---------------------------------------------------------------------------------------------------- events
@given(runs)
@few
def test_events_are_in_the_order_of_time_within_the_deployment(results):
    assert sorted(set(results.tables["events"].column("replication").to_pylist())) in ([], [0], [1], [0, 1])
    for replication in (0, 1):
        events = rows(results, "events", replication=replication)
        times = [row["time_h"] for row in events]
        assert times == sorted(times)
        assert all(0.0 <= time_h < results.scenario.duration_h for time_h in times)
        counted = rows(results, "transfers", replication=replication)
        assert len([row for row in events if row["event"] == "alongside"]) == len(counted)
        assert {row["vessel"] for row in events if row["event"] == "alongside"} == {
            f"{row['source']}-{row['transfer']}" for row in counted
        }


@given(runs)
@few
def test_each_sortie_takes_off_when_its_slot_allows_and_lands_once(results):
    patrols, end = results.scenario.patrols, results.scenario.duration_h
    taken_off = rows(results, "events", event="takeoff")
    assert len(taken_off) == results.columns["sorties"].sum() == len(flights(results))
    for row in taken_off:
        patrol = patrols[row["patrol"]]
        late = row["time_h"] - (patrol.first_takeoff_h + row["sortie"] * patrol.every_h)
        assert -ROUNDING_H <= late <= patrol.max_delay_h + ROUNDING_H
        whose = {name: row[name] for name in ("replication", "patrol", "sortie")}
        landed = [event["time_h"] for event in rows(results, "events", event="landed", **whose)]
        last = flights(results)[tuple(whose.values())][-1]["end_h"]
        assert landed == ([pytest.approx(last)] if last < end else [])


# ---------------------------------------------------------------------------------------------------- tracks
@given(runs)
@few
def test_a_flight_is_continuous_from_base_to_base_within_its_speed_and_its_fuel(results):
    scenario = results.scenario
    plane, kind = scenario.plane, scenario.aircraft["searcher"]
    base = pytest.approx(list(scenario.bases["field"].position), abs=1e-6)
    assert len(flights(results)) == results.columns["sorties"].sum()
    for legs in flights(results).values():
        assert [leg["leg"] for leg in legs] == list(range(len(legs)))
        assert [legs[0]["lon0"], legs[0]["lat0"]] == base
        assert [legs[-1]["lon1"], legs[-1]["lat1"]] == base
        assert legs[0]["phase"] in ("transit", "divert", "return")  # a contact may be in range of the base
        assert legs[-1]["end_h"] - legs[0]["begin_h"] <= kind.endurance_h - kind.reserve_h + 1e-6
        for before, after in pairwise(legs):
            assert after["begin_h"] == before["end_h"]
            assert (after["lon0"], after["lat0"]) == (before["lon1"], before["lat1"])
        hours = np.array([leg["end_h"] - leg["begin_h"] for leg in legs])
        begins, ends = (plane.to_xy(*np.array([[leg[f"lon{k}"], leg[f"lat{k}"]] for leg in legs]).T) for k in (0, 1))
        flown = np.hypot(ends[0] - begins[0], ends[1] - begins[1])
        assert np.all(hours >= 0.0)
        assert np.all(flown <= kind.transit_speed_kn * hours + 1e-6)
        search = np.array([leg["phase"] == "search" for leg in legs])
        assert flown[search] == pytest.approx(kind.search_speed_kn * hours[search], abs=1e-6)


@given(runs)
@few
def test_hours_of_flight_are_those_of_the_legs_up_to_the_end(results):
    end = results.scenario.duration_h
    for replication, flown in enumerate(results.columns["flight_hours"].tolist()):
        legs = rows(results, "tracks", replication=replication)
        assert flown == pytest.approx(sum(min(leg["end_h"], end) - min(leg["begin_h"], end) for leg in legs))
    assert len(results.columns["flight_hours"]) == 2
