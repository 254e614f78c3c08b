"""A finding names the key to change and numbers that show the problem, and goes away when its advice is followed."""

from pathlib import Path
from typing import Any

import pytest

from sim import load_scenario
from sim.check.advice import Finding, findings
from sim.cli.main import main

CREW = "aircraft.cp140.identification"
TAKEOFF = "patrols.aurora.first_takeoff_h"
AIS = {"sensors.ais": {"kind": "ais"}, "aircraft.cp140.sensors": ["radar", "ais"]}
CLOSED = {"mean_open_h": 1.0, "mean_closed_h": 70.0}

# The rule, what is changed of neon-spring, what its text must hold, and the change that it advises.
FOLLOWED: list[tuple[str, dict[str, Any], tuple[str, ...], dict[str, Any]]] = [
    ("no_sortie", {TAKEOFF: 800.0}, ("hour 800", "720 h", "first_takeoff_h"), {TAKEOFF: 21.0}),
    ("no_sortie", {TAKEOFF: 800.0}, ("duration_days",), {"duration_days": 40.0}),
    ("no_sortie", {"patrols.aurora.sorties": 0}, ("0 sorties",), {"patrols.aurora.sorties": 1}),
    (
        "spacing_too_wide",
        {"routes.search.spacing_nmi": 200.0},
        ("200 nmi", "180 nmi"),
        {"routes.search.spacing_nmi": 180.0},
    ),
    (
        "takeoffs_too_frequent",
        {"patrols.aurora.every_h": 12.0},
        ("12 h", "every_h", "13"),
        {"patrols.aurora.every_h": 13.0},
    ),
    (
        "crews_too_few",
        {"patrols.aurora.crews": 1, "patrols.aurora.crew_rest_h": 40.0},
        ("9 h", "40 h of rest", "crews to 3"),
        {"patrols.aurora.crews": 3},
    ),
    ("crews_too_few", {"patrols.aurora.crew_rest_h": 12.0}, ("12 h",), {"patrols.aurora.crews": 2}),
    (
        "transfers_too_short",
        {"transfers.fuel.duration_h": 0.2},
        ("0.2 h", "0.25 h", "identification.time_h"),
        {f"{CREW}.time_h": 0.1},
    ),
    ("transfers_too_short", {"transfers.fuel.duration_h": 0.2}, ("duration_h",), {"transfers.fuel.duration_h": 5.0}),
    (
        "route_out_of_reach",
        {"aircraft.cp140.endurance_h": 1.2},
        ("70 nmi", "endurance_h"),
        {"aircraft.cp140.endurance_h": 9.0},
    ),
    (
        "step_without_chance",
        {f"{CREW}.document.probability": 0.0},
        ("documented",),
        {f"{CREW}.document.probability": 0.5},
    ),
    ("weather_not_stated", {"transfers.fuel.max_sea_state": 4.0}, ("sea_state",), {"environment.sea_state": 3}),
    (
        "minima_never_met",
        {"aircraft.cp140.minima.visibility_nmi": 5.0, "environment.visibility_nmi": 3.0},
        ("5 nmi", "3 nmi"),
        {"environment.visibility_nmi": 5.0},
    ),
    ("ais_adds_nothing", AIS, ("ais", "dark_share"), {"transfers.fuel.dark_share": 0.9}),
    (
        "base_nearly_always_closed",
        {"bases.kadena.closed": CLOSED},
        ("1.4 %", "30"),
        {"patrols.aurora.max_delay_h": 48.0},
    ),
    ("few_transfers", {"transfers.fuel.per_month": 0.5}, ("0.5", "per_month"), {"transfers.fuel.per_month": 5.0}),
    (
        "looks_too_infrequent",
        {"sensors.radar.law.look_interval_s": 3600.0},
        ("3600 s", "3086"),
        {"sensors.radar.law.look_interval_s": 60.0},
    ),
]


def of_rule(rule: str, sets: dict[str, Any]) -> list[Finding]:
    """The findings of one rule on neon-spring with some keys changed."""
    return [finding for finding in findings(load_scenario("neon-spring", sets)) if finding.rule == rule]


@pytest.mark.parametrize(("rule", "sets", "texts", "remedy"), FOLLOWED)
def test_a_finding_goes_away_when_its_advice_is_followed(
    rule: str, sets: dict[str, Any], texts: tuple[str, ...], remedy: dict[str, Any]
) -> None:
    (finding,) = of_rule(rule, sets)
    assert [text for text in texts if text not in str(finding)] == []
    assert of_rule(rule, {**sets, **remedy}) == []


def test_problem_and_advice_are_whole_sentences() -> None:
    found = [finding for rule, sets, _, _ in FOLLOWED for finding in of_rule(rule, sets)]
    assert len(found) == len(FOLLOWED)
    assert [one.rule for one in found if not (one.problem.endswith(".") and one.advice.endswith("."))] == []
    assert [one.rule for one in found if not one.advice[0].isupper()] == []


# ---------------------------------------------------------------------------------------------------- the command
@pytest.mark.parametrize(
    ("sets", "code", "last"),
    [
        ((), 0, "findings: none"),
        (("transfers.fuel.per_month=0.5",), 0, "findings: 1 note"),
        (("routes.search.spacing_nmi=200",), 1, "findings: 1 doubtful"),
        (("aircraft.cp140.serviceability=0.0",), 1, "findings: 1 senseless"),
        (("transfers.fuel.per_month=0.5", "routes.search.spacing_nmi=200"), 1, "findings: 1 doubtful, 1 note"),
    ],
)
def test_strict_fails_where_something_is_senseless_or_doubtful(
    capsys: pytest.CaptureFixture[str], sets: tuple[str, ...], code: int, last: str
) -> None:
    options = [part for key in sets for part in ("--set", key)]
    assert main(["check", "neon-spring", "--strict", *options]) == code
    assert capsys.readouterr().out.splitlines()[-1] == last
    assert main(["check", "neon-spring", *options]) == 0  # without the option the scenario is valid


def test_a_finding_of_a_variant_names_the_file_that_gives_the_key(
    scratch: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the variant gives has its own line; what it takes over has the line of the file that it extends."""
    Path("parent.toml").write_text('extends = "neon-spring"\n[routes.search]\nspacing_nmi = 200.0\n', encoding="utf-8")
    Path("mine.toml").write_text('extends = "parent.toml"\n[transfers.fuel]\nper_month = 0.5\n', encoding="utf-8")
    assert main(["check", "mine.toml"]) == 0
    lines = capsys.readouterr().out.splitlines()[-3:]
    assert lines[0].startswith("parent.toml:3: doubtful: routes.search.spacing_nmi: The tracks are 200 nmi apart")
    assert lines[1].startswith("mine.toml:3: note: transfers.fuel.per_month: On average at most 0.5 transfers")
    Path("mine.toml").write_text('extends = "parent.toml"\n[routes.search]\nspacing_nmi = 40.0\n', encoding="utf-8")
    assert main(["check", "mine.toml", "--strict"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "findings: none"


def test_a_study_given_to_check_names_the_command_for_studies(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "neon-hour"]) == 2
    error = capsys.readouterr().err
    assert 'given "neon-hour"' in error
    assert "seasweep sweep neon-hour" in error
