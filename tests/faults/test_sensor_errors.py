"""Slips in sensors and classes of vessels: one line each, with file, line, key, what was given and what is allowed."""

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from sim.scenario.json_schema import json_schema
from sim.scenario.problems import Problem

from .conftest import BASE, VARIANT, Answer

OnlyProblem = Callable[..., Problem]

RADAR = "[sensors.radar]\n"
CAMERA = '[sensors.camera]\nkind = "eo_ir"\nlaw = { kind = "definite_range", range_nmi = 9.0 }\n'
AIS = '[sensors.ais]\nkind = "ais"\n'
LOOK = '[sensors.look]\nkind = "visual"\n'
TANKER = "[vessels.tanker]\nlength_m = 90.0\nheight_ft = 60.0\n"
NINE = "[1.0, 1.0, 1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4]"
RISING = "[1.0, 1.0, 1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.5]"

SLIPS = [
    (RADAR + "reference_rcs_m2 = 0.0", "sensors.radar.reference_rcs_m2", "above 0 and at most 1e+09"),
    (RADAR + "reference_rcs_m2 = true", "sensors.radar.reference_rcs_m2", "a number above 0"),
    (RADAR + "frequency_mhz = 9.4", "sensors.radar.frequency_mhz", "at least 100 and at most 40000"),
    (RADAR + "frequency_ghz = 9.4", "sensors.radar.frequency_ghz", "frequency_mhz"),
    (RADAR + "resolution_m = -1.0", "sensors.radar.resolution_m", "above 0 and at most 10000"),
    (RADAR + "beam_deg = 90.0", "sensors.radar.beam_deg", "above 0 and at most 30"),
    (RADAR + f"sea_state_factor = {NINE}", "sensors.radar.sea_state_factor", "a list of 10"),
    (RADAR + f"sea_state_factor = {RISING}", "sensors.radar.sea_state_factor", "none greater than the one before"),
    (RADAR + "sea_state_factor = 0.5", "sensors.radar.sea_state_factor", "a list"),
    (
        RADAR + f"sea_state_factor = {RISING.replace('0.9', '-0.9')}",
        "sensors.radar.sea_state_factor[3]",
        "at least 0 and at most 2",
    ),
    (RADAR + "night_factor = 0.5", "sensors.radar.night_factor", "beam_deg, frequency_mhz, kind, law"),
    (CAMERA + "night_factor = -0.1", "sensors.camera.night_factor", "at least 0 and at most 2"),
    (CAMERA + "night_visibility_factor = 0.0", "sensors.camera.night_visibility_factor", "above 0 and at most 10"),
    (CAMERA + "reference_length_m = 1.0", "sensors.camera.reference_length_m", "at least 2 and at most 500"),
    (CAMERA + "reference_length_ft = 90.0", "sensors.camera.reference_length_ft", "reference_length_m"),
    ('[sensors.camera]\nkind = "eo_ir"', "sensors.camera.law", "a table; this key is required"),
    ('[sensors.new]\nkind = "radar"', "sensors.new.law", "a table; this key is required"),
    (LOOK + "reference_speed_kn = 0.0", "sensors.look.reference_speed_kn", "at least 0.001 and at most 700"),
    (LOOK + "fatigue_after_h = 0.0", "sensors.look.fatigue_after_h", "above 0 and at most 60"),
    (LOOK + "law = { range_nmi = 3.0 }", "sensors.look.law.kind", "definite_range, inverse_cube"),
    (LOOK + 'law = { kind = "cube" }', "sensors.look.law.kind", "definite_range, inverse_cube"),
    (LOOK + 'law = { kind = "definite_range" }', "sensors.look.law.range_nmi", "a number above 0"),
    (LOOK + 'law = "good"', "sensors.look.law", "a table"),
    (LOOK + "own_law = 3", "sensors.look.own_law", "law"),
    (AIS + 'law = { kind = "definite_range", range_nmi = -3.0 }', "sensors.ais.law.range_nmi", "above 0"),
    (AIS + "reference_rcs_m2 = 3.0", "sensors.ais.reference_rcs_m2", "kind, law"),
    ('[sensors.new]\nkind = "sonar"', "sensors.new.kind", "ais, eo_ir, radar, visual"),
    ("[sensors.new]\nreference_rcs_m2 = 3.0", "sensors.new.kind", "ais, eo_ir, radar, visual; this key is required"),
    ("[vessels.tanker]\nheight_ft = 60.0", "vessels.tanker.length_m", "at least 2 and at most 500; this key"),
    ("[vessels.tanker]\nlength_m = 90.0", "vessels.tanker.height_ft", "a number above 0"),
    ("[vessels]\ntanker = 90.0", "vessels.tanker", "a table"),
    (TANKER + "displacement_t = 0.0", "vessels.tanker.displacement_t", "above 0 and at most 1e+06"),
    (TANKER + "displacement_kt = 5.0", "vessels.tanker.displacement_kt", "displacement_t"),
    (TANKER + "rcs_m2 = nan", "vessels.tanker.rcs_m2", "a number above 0"),
    (TANKER.replace("90.0", "900.0"), "vessels.tanker.length_m", "at least 2 and at most 500"),
    (TANKER + '[background.merchant]\nvessel = "tankr"', "background.merchant.vessel", "[vessels]: tanker"),
    ('[background.merchant]\nvessel = "tanker"', "background.merchant.vessel", "none is defined"),
    (TANKER + '[transfers.fuel]\nvessels = ["tanker", "coaster"]', "transfers.fuel.vessels[1]", "[vessels]: tanker"),
    (TANKER + '[transfers.fuel]\nvessels = "tanker"', "transfers.fuel.vessels", "a list"),
    (TANKER + "[transfers.fuel]\nvessels = []", "transfers.fuel.vessels", "at least 1 and at most 6"),
    (
        TANKER + '[transfers.fuel]\nvessels = ["tanker", "tanker", "tanker", "tanker", "tanker", "tanker", "tanker"]',
        "transfers.fuel.vessels",
        "at least 1 and at most 6",
    ),
]


@pytest.mark.parametrize(("text", "key", "allowed"), SLIPS, ids=[key for _, key, _ in SLIPS])
def test_a_slip_is_answered_by_one_line_that_says_what_is_allowed(
    seasweep: Callable[..., Answer], text: str, key: str, allowed: str
) -> None:
    Path(VARIANT).write_text(f'extends = "base.toml"\n{text}\n', encoding="utf-8")
    answer = seasweep("check", VARIANT, "--sensors")
    lines = answer.err.strip().splitlines()
    assert (answer.code, answer.out, len(lines)) == (2, "", 1), answer.err
    assert f"{VARIANT}:" in lines[0]
    assert f": {key}: given " in lines[0]
    assert allowed in lines[0].partition("; allowed: ")[2]


def test_a_slip_in_a_list_or_a_table_of_its_own_has_its_line(only_problem: OnlyProblem) -> None:
    problem = only_problem(f"{TANKER}[transfers.fuel]\nvessels = [\n  'tanker',\n  'tankre',\n]")
    assert (problem.line, problem.key, problem.given) == (8, "transfers.fuel.vessels[1]", '"tankre"')
    assert problem.hint == "did you mean tanker?"
    problem = only_problem(f"{RADAR}\nsea_state_factor = {NINE}")
    assert (problem.file, problem.line) == (VARIANT, 4)


@pytest.mark.parametrize("key", ["vessels.tankre.length_m", "sensors.radarr.beam_deg"])
def test_a_part_set_from_the_command_line_must_exist(only_problem: OnlyProblem, key: str) -> None:
    problem = only_problem(TANKER, sets=[f"{key}=5.0"])
    assert problem.file == "command line"
    assert f"a name from [{key.split('.')[0]}]" in problem.allowed
    assert problem.hint.startswith("did you mean")


def test_another_kind_drops_the_keys_of_the_old(seasweep: Callable[..., Answer]) -> None:
    Path(VARIANT).write_text(f'extends = "base.toml"\n{RADAR}kind = "visual"\n', encoding="utf-8")
    assert seasweep("check", VARIANT, "--sensors").code == 0
    assert seasweep("check", VARIANT).code == 0
    assert seasweep("check", VARIANT, "--set", "sensors.radar.kind=ais").code == 0
    answer = seasweep("check", VARIANT, "--set", "sensors.radar.kind=eo_ir")
    assert (answer.code, "sensors.radar.law: given nothing" in answer.err) == (2, True)


GOOD = [
    RADAR + f"sea_state_factor = {RISING.replace('0.5]', '0.3]')}",
    AIS,
    CAMERA + "night_factor = 0.5",
    LOOK,
    LOOK + "law = { probability = 0.5 }",  # of a law that the parent may complete: of several kinds
    "[sensors.eyes]\nlaw = { probability = 0.5 }",
    TANKER + '[background.merchant]\nvessel = "tanker"',
]
BAD = [
    RADAR + "sea_state_factor = [1.0]",
    RADAR + "beam_deg = 90.0",
    LOOK + "fatigue_after_h = -1.0",
    TANKER + "rcs = 4.0",
    "[transfers.fuel]\nvessels = []",
]


@pytest.mark.parametrize(("text", "accepted"), [*((one, True) for one in GOOD), *((one, False) for one in BAD)])
def test_the_json_schema_takes_and_refuses_what_the_program_does(text: str, accepted: bool) -> None:
    validator = jsonschema.Draft202012Validator(json_schema())
    data: dict[str, Any] = tomllib.loads(f'extends = "base.toml"\n{text}')
    assert validator.is_valid(data) == accepted


def test_the_base_has_no_classes_of_vessels_and_is_checked_all_the_same(seasweep: Callable[..., Answer]) -> None:
    assert "vessel" not in tomllib.loads(BASE)["background"]["merchant"]
    answer = seasweep("check", "base.toml", "--sensors")
    assert (answer.code, answer.err) == (0, "")
    rows = [line for line in answer.out.splitlines() if line.startswith(("radar", "eyes"))]
    assert len(rows) == 2  # one of unknown size, one that nobody carries
