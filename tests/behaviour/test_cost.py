"""What a run would cost is said before it begins, and beyond a limit it begins only where it was allowed to be long."""

from pathlib import Path

import pytest

from sim import load_scenario, run
from sim.scenario.problems import InputError
from sim.study.cost import cost_by_key, estimate_cost

from ..helpers import call_seasweep

TEN_YEARS = {"duration_days": 3660}
STUDY = """\
format = 1
scenario = "textbook"
replications = 1000000
[[vary]]
key = "duration_days"
values = [3000.0, 3660.0]
"""


def test_a_run_of_too_much_memory_is_refused_before_it_begins(tmp_path: Path) -> None:
    sets = ("--set", "transfers.events.per_month=1e5", "--set", "duration_days=3660")
    answer = call_seasweep("run", "textbook", *sets, "--replications", "1", "--jobs", "1", "--out", tmp_path / "o")
    assert answer.code == 2
    assert "GiB of memory; allowed: at most 24 hours of computing and 12.0 GiB of memory" in answer.err
    assert "due to transfers.events.per_month; --allow-long runs it nevertheless" in answer.err
    assert not (tmp_path / "o").exists()


def test_a_run_of_too_much_computing_is_refused_in_python_too() -> None:
    scenario = load_scenario("neon-spring", {"background.merchant.present": 200_000.0, **TEN_YEARS})
    with pytest.raises(InputError, match=r"due to background\.merchant\.present"):
        run(scenario, 1_000_000)


def test_a_sweep_is_refused_for_all_its_points_together(tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_text(STUDY, encoding="utf-8")
    answer = call_seasweep("sweep", tmp_path / "s.toml", "--out", tmp_path / "o")
    assert (answer.code, "of computing" in answer.err) == (2, True)
    assert not (tmp_path / "o").exists()


def test_a_comparison_is_refused_before_its_first_run() -> None:
    answer = call_seasweep(
        "compare", "textbook", "neon-spring", "--replications", "1000000", "--set", "duration_days=3660"
    )
    assert (answer.code, answer.out) == (2, "")


def test_a_long_run_is_said_and_an_allowed_one_begins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("sim.study.cost.WARN_S", 1e-4)
    arguments = ("run", "textbook", "--replications", "2", "--jobs", "1", "--out")
    answer = call_seasweep(*arguments, tmp_path / "said")
    assert answer.code == 0
    assert "warning: this will take about 1 second of computing and about 2" in answer.err
    monkeypatch.setattr("sim.study.cost.MOST_S", 1e-4)
    assert call_seasweep(*arguments, tmp_path / "refused").code == 2
    assert call_seasweep(*arguments, tmp_path / "allowed", "--allow-long").code == 0


def test_a_run_of_a_scenario_that_ships_says_nothing(tmp_path: Path) -> None:
    answer = call_seasweep("run", "textbook", "--replications", "2", "--jobs", "1", "--out", tmp_path / "o")
    assert (answer.code, "will take" in answer.err) == (0, False)


@pytest.mark.parametrize(
    ("scenario", "sets"),
    [
        ("textbook", {"transfers.events.per_month": 1e5}),
        ("textbook", TEN_YEARS),
        ("textbook", {"patrols.daily.every_h": 0.1, "duration_days": 416.0}),
        ("neon-spring", {"background.merchant.present": 2e4, "duration_days": 300.0}),
    ],
)
def test_large_but_sensible_work_goes_on_without_being_allowed(scenario: str, sets: dict[str, float]) -> None:
    assert not estimate_cost([load_scenario(scenario, sets)], 40, 2).is_too_much


def test_the_estimate_grows_with_what_is_simulated() -> None:
    small, large = load_scenario("neon-spring"), load_scenario("neon-spring", {"background.merchant.present": 1e5})
    assert estimate_cost([small], 40, 1).seconds == pytest.approx(4.0 * estimate_cost([small], 10, 1).seconds)
    assert estimate_cost([large], 40, 1).seconds > 20.0 * estimate_cost([small], 40, 1).seconds
    assert estimate_cost([small, large], 40, 2).bytes > estimate_cost([small, large], 40, 1).bytes


def test_all_ships_cost_where_a_crew_may_not_hear_them() -> None:
    load = {"sensors.ais.report_s": 6.0}
    heard, unheard = (cost_by_key(load_scenario("neon-crew", sets)) for sets in ({}, load))
    assert unheard["background.merchant.present"].seconds > 3.0 * heard["background.merchant.present"].seconds


@pytest.mark.parametrize(
    ("by_hours", "by_clock"),
    [
        ({}, {"takeoff": "06:00"}),
        ({"every_h": 84.0}, {"takeoff": ["Tue 06:00", "Fri 06:00"]}),
        ({"every_h": 84.0}, {"takeoff": "06:00", "days": ["Mon", "Thu"]}),
        ({"every_h": 168.0}, {"takeoff": {"choose": ["Tue 06:00", "Fri 06:00"]}}),
    ],
)
def test_a_schedule_by_the_clock_costs_what_as_many_flights_by_hours_cost(
    by_hours: dict[str, object], by_clock: dict[str, object]
) -> None:
    plans = (by_hours, by_clock)
    scenarios = [load_scenario("neon-spring", {f"patrols.aurora.{key}": plan[key] for key in plan}) for plan in plans]
    one, other = (cost_by_key(scenario) for scenario in scenarios)
    assert set(one) - set(other) == {"patrols.aurora.every_h"}
    assert set(other) - set(one) == {"patrols.aurora.takeoff"}
    assert other["patrols.aurora.takeoff"].seconds == pytest.approx(one["patrols.aurora.every_h"].seconds, rel=0.1)


def test_standby_costs_at_most_its_limit_or_what_the_aircraft_can_fly() -> None:
    scenario = load_scenario("agreements-2026")
    standby = {"ready_h": 1.0, "least_chance": 0.2}
    key = "patrols.aurora.every_h"
    few = load_scenario(scenario, {"patrols.aurora.standby": {**standby, "sorties_a_month": 5}})
    many = load_scenario(scenario, {"patrols.aurora.standby": standby})
    seconds = [cost_by_key(one)[key].seconds for one in (scenario, few, many)]
    assert seconds[0] < seconds[1] < seconds[2] < 4.0 * seconds[0]
