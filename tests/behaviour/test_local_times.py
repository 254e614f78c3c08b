"""Local times of day in a scenario: the first such moment from the start on, in every place that takes them."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from sim import load_scenario
from sim.check.advice import findings
from sim.cli.main import main
from sim.core import chance
from sim.scenario.digest import flat_toml
from sim.scenario.groups import schedule_of
from sim.scenario.problems import InputError
from sim.study.design import load_study

TAKEOFF = "patrols.aurora.first_takeoff_h"
VARIANT = """extends = "neon-spring"
start = {start}
time_zone = "{zone}"
patrols.aurora.first_takeoff_h = "{local}"
"""
SATELLITE = """extends = "neon-partners"
[observers.eye]
kind = "satellite"
sensor = "radar"
nation = "japan"
probability = 0.5
position_error_nmi = 1.0
delay_h = 1.0
swath_nmi = 100.0
revisit_h = 12.0
first_pass_h = "18:00"
"""


@pytest.mark.parametrize(
    ("start", "zone", "local", "hour"),
    [
        ("2026-04-10T00:00:00Z", "Asia/Tokyo", "18:00", 9.0),
        ("2026-04-10T00:00:00Z", "Asia/Tokyo", "09:00", 0.0),  # the start itself
        ("2026-04-10T00:00:00Z", "Asia/Tokyo", "08:59", 23.0 + 59.0 / 60.0),
        ("2026-04-10T00:00:00Z", "Asia/Kathmandu", "06:00", 0.25),
        # clocks go back at 01:00 UTC: 01:30 is shown at 00:30 and at 01:30 UTC
        ("2026-10-25T00:00:00Z", "Europe/London", "01:30", 0.5),
        ("2026-10-25T00:45:00Z", "Europe/London", "01:30", 0.75),
        # clocks go forward at 01:00 UTC: 01:30 is not shown that day
        ("2026-03-29T00:00:00Z", "Europe/London", "01:30", 24.5),
        ("2011-12-30T00:00:00Z", "Pacific/Apia", "12:00", 22.0),  # Samoa left out the whole of 30 December
        ("2011-12-30T11:00:00Z", "Pacific/Apia", "00:30", 23.5),
    ],
)
def test_a_local_time_is_the_first_such_moment_from_the_start_on(
    scratch: Path, start: str, zone: str, local: str, hour: float
) -> None:
    Path("here.toml").write_text(VARIANT.format(start=start, zone=zone, local=local), encoding="utf-8")
    scenario = load_scenario("here.toml")
    takeoff_h = scenario.patrols["aurora"].first_takeoff_h
    assert takeoff_h == pytest.approx(hour, abs=1e-12)
    shown = (scenario.start + timedelta(hours=takeoff_h)).astimezone(scenario.local)
    assert f"{shown:%H:%M}" == local


def test_it_is_the_number_of_hours_wherever_it_is_written(scratch: Path) -> None:
    plain = flat_toml(load_scenario("neon-spring", [f"{TAKEOFF}=9.0"]))
    for value in ("18:00", '"18:00"'):
        assert flat_toml(load_scenario("neon-spring", [f"{TAKEOFF}={value}"])) == plain
    assert flat_toml(load_scenario("neon-spring", {TAKEOFF: "18:00"})) == plain
    Path("flat.toml").write_text(plain, encoding="utf-8")
    assert flat_toml(load_scenario("flat.toml")) == plain


def test_it_moves_with_a_start_and_a_zone_that_a_child_sets(scratch: Path) -> None:
    parent = VARIANT.format(start="2026-04-10T00:00:00Z", zone="Asia/Tokyo", local="18:00")
    Path("parent.toml").write_text(parent, encoding="utf-8")
    Path("child.toml").write_text('extends = "parent.toml"\ntime_zone = "UTC"\n', encoding="utf-8")
    assert load_scenario("parent.toml").patrols["aurora"].first_takeoff_h == 9.0
    assert load_scenario("child.toml").patrols["aurora"].first_takeoff_h == 18.0
    assert load_scenario("child.toml", ["start=2026-04-10T06:00:00Z"]).patrols["aurora"].first_takeoff_h == 12.0


def test_levels_of_a_study_are_local_times_as_they_are_written(scratch: Path, capsys: pytest.CaptureFixture) -> None:
    lines = ["format = 1", 'scenario = "neon-spring"', "replications = 2", "[[vary]]", f'key = "{TAKEOFF}"']
    lines += ['name = "first take-off"', 'values = ["06:00", "18:00"]']
    Path("hours.toml").write_text("\n".join(lines), encoding="utf-8")
    points = load_study("hours.toml").points
    assert [point.levels for point in points] == [{"first take-off": "06:00"}, {"first take-off": "18:00"}]
    assert [point.scenario.patrols["aurora"].first_takeoff_h for point in points] == [21.0, 9.0]
    assert main(["sweep", "hours.toml", "--jobs", "1"]) == 0
    table = capsys.readouterr().out
    assert "06:00" in table
    assert "18:00" in table
    assert main(["plot", "response", "runs/hours", "-o", "response.svg"]) == 0
    picture = Path("response.svg").read_text(encoding="utf-8")
    assert ">18:00<" in picture
    assert ">first take-off<" in picture
    Path("hours.toml").write_text("\n".join(lines).replace("18:00", "25:00"), encoding="utf-8")
    with pytest.raises(InputError, match=r'hours\.toml:7: patrols\.aurora\.first_takeoff_h: given "25:00"'):
        load_study("hours.toml")


def test_a_satellite_that_passes_at_a_local_time_passed_before_it(scratch: Path) -> None:
    Path("eye.toml").write_text(SATELLITE, encoding="utf-8")
    scenario = load_scenario("eye.toml", ["start=2026-04-10T00:00:00+09:00"])
    assert scenario.observers["eye"].first_pass_h == 6.0
    with pytest.raises(InputError, match="at most revisit_h, 12"):
        load_scenario("eye.toml", ["observers.eye.first_pass_h=18.0"])


@pytest.mark.parametrize(
    ("given", "hint"),
    [
        ('"25:00"', ""),
        ('"24:00"', ""),
        ('"18:60"', ""),
        ('"noon"', ""),
        ('"6:00"', 'did you mean "06:00"?'),
        ('"1800"', 'did you mean "18:00"?'),
        ("18:00:00", 'did you mean "18:00"?'),
        ('"9.0"', "write the value without quotes"),
        ("2026-04-10", "a date has no place here; start is the date at which the deployment begins"),
        ('"2026-04-10 18:00"', "a date has no place here; start is the date at which the deployment begins"),
        ("true", ""),
        ("[9]", ""),
    ],
)
def test_what_is_no_local_time_is_refused_with_what_is_allowed(given: str, hint: str) -> None:
    with pytest.raises(InputError) as error:
        load_scenario("neon-spring", [f"{TAKEOFF}={given}"])
    (problem,) = error.value.problems
    assert problem.key == TAKEOFF
    assert problem.given == given
    assert '"00:00" to "23:59"' in problem.allowed
    assert problem.hint == hint


@pytest.mark.parametrize("given", ["-1.0", "10001.0"])
def test_a_number_out_of_bounds_is_refused_with_both_forms(given: str) -> None:
    with pytest.raises(InputError, match=r'a number at least 0 and at most 10000, or a local time, such as "18:00"'):
        load_scenario("neon-spring", [f"{TAKEOFF}={given}"])


def test_a_wrong_time_zone_is_the_only_problem(scratch: Path) -> None:
    Path("here.toml").write_text(
        VARIANT.format(start="2026-04-10T00:00:00Z", zone="Asia/Toky", local="18:00"), encoding="utf-8"
    )
    with pytest.raises(InputError) as error:
        load_scenario("here.toml")
    assert [problem.key for problem in error.value.problems] == ["time_zone"]


def _rules(sets: dict[str, object]) -> dict[str, str]:
    found = findings(load_scenario("neon-spring", sets))
    return {finding.rule: finding.problem + " " + finding.advice for finding in found}


@pytest.mark.parametrize(
    ("every_h", "times"),
    [(26.0, "12 different"), (23.5, "Set every_h to 24")],
)
def test_take_offs_that_move_round_the_clock_are_noted(every_h: float, times: str) -> None:
    assert times in _rules({"patrols.aurora.every_h": every_h})["takeoffs_drift"]


@pytest.mark.parametrize(
    ("every_h", "days", "advised"),
    [(84.0, '"Tue 06:00", "Fri 06:00"', 96), (36.0, '"Tue 06:00"', 48), (60.0, '"Thu 06:00"', 72)],
)
def test_take_offs_at_two_hours_by_turns_are_found_with_days_of_the_week(
    every_h: float, days: str, advised: int
) -> None:
    """Two flights a week at one hour cannot be said by a number of hours; what is advised for them has one hour."""
    text = _rules({"patrols.aurora.every_h": every_h})["takeoffs_alternate"]
    assert "at 06:00 and 18:00 in Asia/Tokyo by turns" in text
    assert f"Set every_h to {advised}," in text
    week = re.findall(r'"(\w{3} \d\d:\d\d)"', text.partition("takeoff = ")[2])
    assert days in ", ".join(f'"{one}"' for one in week)
    scenario = load_scenario("neon-spring", {"patrols.aurora.takeoff": week})
    hours = schedule_of(scenario, "aurora").hours(chance.replication_key(1, 0))
    assert {f"{scenario.clock.shown_at(hour):%H:%M}" for hour in hours} == {"06:00"}
    assert len(hours) == pytest.approx(720.0 / every_h, abs=2.5)  # whole flights a week


@pytest.mark.parametrize("every_h", [4.8, 8.0, 12.0, 24.0, 48.0, 72.0])
def test_take_offs_at_the_same_hours_every_day_are_not_noted(every_h: float) -> None:
    assert "takeoffs_drift" not in _rules({"patrols.aurora.every_h": every_h})


def test_take_offs_after_a_change_of_the_clocks_are_noted() -> None:
    sets = [f"{TAKEOFF}=06:00", "time_zone=Europe/London", "start=2026-10-20T00:00:00Z"]
    text = {found.rule: found.problem for found in findings(load_scenario("neon-spring", sets))}["clocks_change"]
    assert "took off at 06:00, takes off at 05:00 from 25 Oct 2026 on" in text
    before = findings(load_scenario("neon-spring", [*sets, "duration_days=4"]))
    assert "clocks_change" not in {found.rule for found in before}
