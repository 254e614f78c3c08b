"""Included types of aircraft and no-go zones in scenario files: what they give, and how they are refused."""

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import scenarios
from sim.scenario.digest import digest, flat_toml
from sim.scenario.files import library
from sim.scenario.json_schema import json_schema
from sim.scenario.load import load_scenario
from sim.scenario.problems import InputError, Problem
from sim.study.design import load_study

from .conftest import VARIANT, Answer

OnlyProblem = Callable[..., Problem]
Problems = Callable[..., list[Problem]]
Seasweep = Callable[..., Answer]

TYPES = ("cp140", "p8a", "p3c", "p1", "falcon50m")
LIBRARY = Path(scenarios.__file__).parent / "library" / "aircraft.toml"
KESTREL = '[aircraft.kestrel]\ntype = "%s"\nsensors = ["radar"]\n'


def variant(text: str, *sets: str) -> Any:
    """The base with what differs, and perhaps `--set`."""
    Path(VARIANT).write_text(f'extends = "base.toml"\n{text}', encoding="utf-8")
    return load_scenario(VARIANT, sets)


# ------------------------------------------------------------------------------------------------------ the library
def test_the_types_are_those_that_are_promised() -> None:
    assert tuple(library()) == TYPES


@pytest.mark.parametrize("name", TYPES)
def test_a_type_gives_all_but_the_sensors(folder: Path, name: str) -> None:
    found = variant(KESTREL % name).aircraft["kestrel"].model_dump(exclude_unset=True)
    kept = {key: value for key, value in library()[name].items() if key != "title"}
    assert found == {**kept, "sensors": ["radar"]}
    assert found["identification"]
    assert library()[name]["title"]


def test_the_aurora_of_the_library_is_that_of_neon_spring() -> None:
    ours = load_scenario("neon-spring").aircraft["cp140"].model_dump(exclude_unset=True)
    assert {**library()["cp140"], "sensors": ours["sensors"]} == {**ours, "title": library()["cp140"]["title"]}


def test_every_figure_of_the_library_says_where_it_is_from() -> None:
    text = LIBRARY.read_text(encoding="utf-8")
    for line in re.findall(r"^\w+ = [\d.].*$", re.sub(r"(?ms)^\[\w+\.identification\].*?(?=^$|\Z)", "", text), re.M):
        assert re.search(r"\[(source|derived|assumption)", line), line
    assert len(re.findall(r"^\[\w+\.identification\] +# all \[assumption\]", text, re.M)) == len(TYPES)


def test_the_types_are_listed_and_shown(seasweep: Seasweep) -> None:
    listed = seasweep("scenarios")
    assert listed.code == 0
    for name in TYPES:
        assert re.search(rf"^{name} +{re.escape(library()[name]['title'])} +\d+ +\d+ +\d+", listed.out, re.M)
    assert seasweep("show", "aircraft").out == LIBRARY.read_text(encoding="utf-8")
    assert "did you mean aircraft?" in seasweep("show", "aircrafts").err


# -------------------------------------------------------------------------------------------- the scenario's own keys
def test_own_keys_hold_over_the_types_key_by_key(folder: Path) -> None:
    own = "endurance_h = 7.5\nidentification = { time_h = 0.5, classify = { probability = 0.7 } }\n"
    found = variant(KESTREL % "p8a" + own).aircraft["kestrel"]
    manner, given = found.identification, library()["p8a"]["identification"]
    assert (found.endurance_h, manner.time_h, manner.classify.probability) == (7.5, 0.5, 0.7)
    assert (found.transit_speed_kn, manner.max_detour_nmi) == (440.0, given["max_detour_nmi"])
    assert (manner.classify.range_nmi, manner.document.model_dump(exclude_unset=True)) == (
        given["classify"]["range_nmi"],
        given["document"],
    )


def test_a_type_that_is_set_gives_its_own_values_and_keys_of_the_file_still_hold(folder: Path) -> None:
    text = KESTREL % "cp140" + "altitude_ft = 1234.0\n"
    for kind in TYPES:
        one = variant(text, f"aircraft.kestrel.type={kind}").aircraft["kestrel"]
        assert (one.altitude_ft, one.transit_speed_kn) == (1234.0, library()[kind]["transit_speed_kn"])
    both = variant(text, "aircraft.kestrel.reserve_h=2.0", "aircraft.kestrel.type=p3c").aircraft["kestrel"]
    assert (both.reserve_h, both.endurance_h) == (2.0, 13.0)
    deep = variant(text, "aircraft.kestrel.identification.document.probability=0.25").aircraft["kestrel"]
    assert (deep.identification.document.probability, deep.identification.document.range_nmi) == (0.25, 2.0)


def test_a_child_names_another_type_than_its_parent(folder: Path) -> None:
    Path("middle.toml").write_text(
        'extends = "base.toml"\n' + KESTREL % "cp140" + "turn_round_h = 9.0\n", encoding="utf-8"
    )
    Path(VARIANT).write_text('extends = "middle.toml"\n[aircraft.kestrel]\ntype = "p1"\n', encoding="utf-8")
    found = load_scenario(VARIANT).aircraft["kestrel"]
    assert (found.transit_speed_kn, found.turn_round_h) == (450.0, 9.0)


def test_a_flat_scenario_has_the_types_values_and_no_type(folder: Path) -> None:
    scenario = variant(KESTREL % "falcon50m")
    flat = flat_toml(scenario)
    assert "type" not in tomllib.loads(flat)["aircraft"]["kestrel"]
    Path("flat.toml").write_text(flat, encoding="utf-8")
    assert load_scenario("flat.toml") == scenario
    assert digest(load_scenario("flat.toml")) == digest(scenario)


STUDY = 'format = 1\nscenario = "variant.toml"\nreplications = 2\n[[vary]]\n'


def test_a_study_varies_the_type(folder: Path) -> None:
    variant(KESTREL % "cp140" + "altitude_ft = 1234.0\n")
    by_key = 'key = "aircraft.kestrel.type"\nvalues = ["p8a", "p3c"]\n'
    by_name = 'name = "kind"\nsettings = [ { label = "a", set = { "aircraft.kestrel.type" = "p8a" } }, '
    by_name += '{ label = "b", set = { "aircraft.kestrel.type" = "p3c", "aircraft.kestrel.reserve_h" = 3.0 } } ]\n'
    for text, reserve in ((by_key, 1.0), (by_name, 3.0)):
        Path("study.toml").write_text(STUDY + text, encoding="utf-8")
        found = [point.scenario.aircraft["kestrel"] for point in load_study("study.toml").points]
        assert [one.transit_speed_kn for one in found] == [440.0, 330.0]
        assert (found[1].reserve_h, found[1].altitude_ft) == (reserve, 1234.0)
    Path("study.toml").write_text(STUDY + by_key.replace("p3c", "p3d"), encoding="utf-8")
    with pytest.raises(InputError) as raised:
        load_study("study.toml")
    (problem,) = raised.value.problems
    assert (problem.file, problem.key, problem.hint) == ("study.toml:6", "aircraft.kestrel.type", "did you mean p3c?")


def test_the_json_schema_knows_types_and_zones() -> None:
    text = KESTREL % "p8a" + "[zones.strait]\nfile = 'sea.geojson'\n[zones.box]\npolygon = [[1, 2], [3, 4], [5, 7]]\n"
    data = {"extends": "base.toml", **tomllib.loads(text)}
    jsonschema.validate(data, json_schema())
    data["aircraft"]["kestrel"]["type"] = "p8b"
    with pytest.raises(jsonschema.ValidationError, match="p8b"):
        jsonschema.validate(data, json_schema())


# ---------------------------------------------------------------------------------------------------- types refused
@pytest.mark.parametrize(
    ("given", "said", "hint"),
    [
        ('"p8"', '"p8"', "did you mean p8a?"),
        ('"P-3C"', '"P-3C"', "did you mean p3c?"),
        ('"cp-140"', '"cp-140"', "did you mean cp140?"),
        ('"title"', '"title"', ""),
        ('""', '""', ""),
        ("5", "5", ""),
        ("true", "true", ""),
        ('["p8a"]', '["p8a"]', "did you mean p8a?"),
    ],
)
def test_a_type_that_is_none_is_one_error_with_the_nearest_name(
    only_problem: OnlyProblem, given: str, said: str, hint: str
) -> None:
    problem = only_problem((KESTREL % "x").replace('"x"', given) + "search_speed_kn = 500.0\n")
    assert (problem.file, problem.line, problem.key, problem.given) == (VARIANT, 3, "aircraft.kestrel.type", said)
    assert (problem.allowed, problem.hint) == (", ".join(TYPES), hint)


def test_a_type_that_is_set_wrongly_names_the_command_line(only_problem: OnlyProblem) -> None:
    problem = only_problem(KESTREL % "p8a", ["aircraft.kestrel.type=falcon"])
    assert (problem.file, problem.line, problem.key) == ("command line", None, "aircraft.kestrel.type")
    assert problem.hint == "did you mean falcon50m?"


def test_a_type_that_would_change_nothing_is_refused(only_problem: OnlyProblem) -> None:
    problem = only_problem('[aircraft.aurora]\ntype = "p8a"\n')
    assert (problem.line, problem.key) == (3, "aircraft.aurora.type")
    assert "the type changes nothing" in problem.allowed


@pytest.mark.parametrize(
    ("own", "sets", "place", "key", "allowed"),
    [
        ("reserve_h = 11.0", [], (VARIANT, 5), "aircraft.kestrel.reserve_h", "a reserve_h below endurance_h"),
        (
            "reserve_h = 9.0",
            ["falcon50m"],
            ("command line", None),
            "aircraft.kestrel.endurance_h",
            "a reserve_h below endurance_h",
        ),
        (
            "identification = { document = { range_nmi = 30.0 } }",
            [],
            (VARIANT, 5),
            "aircraft.kestrel.identification.document.range_nmi",
            "a document.range_nmi of at most classify.range_nmi",
        ),
        ("endurance_h = 0.5", [], (VARIANT, 5), "aircraft.kestrel.endurance_h", "a reserve_h below endurance_h"),
        ("reserve_min = 60.0", [], (VARIANT, 5), "aircraft.kestrel.reserve_min", "reserve_h"),
        ("altitude_ft = -5.0", [], (VARIANT, 5), "aircraft.kestrel.altitude_ft", "above 0"),
    ],
)
def test_what_does_not_go_with_a_type_is_said_where_it_was_written(
    only_problem: OnlyProblem, own: str, sets: list[str], place: tuple[str, int | None], key: str, allowed: str
) -> None:
    problem = only_problem(KESTREL % "cp140" + own, [f"aircraft.kestrel.type={kind}" for kind in sets])
    assert ((problem.file, problem.line), problem.key) == (place, key)
    assert allowed in problem.allowed


def test_sensors_are_the_scenarios_own(only_problem: OnlyProblem) -> None:
    problem = only_problem('[aircraft.kestrel]\ntype = "p8a"\n')
    assert (problem.line, problem.key, problem.given) == (2, "aircraft.kestrel.sensors", "nothing")


# ---------------------------------------------------------------------------------------------------------- zones
BOX = "[zones.%s]\npolygon = [[%s, %s], [%s, %s], [%s, %s], [%s, %s]]\n"


def zone(name: str, west: float, south: float, east: float, north: float) -> str:
    return BOX % (name, west, south, east, south, east, north, west, north)


KADENA = zone("keep", 127.5, 26.1, 128.0, 26.6)


@pytest.mark.parametrize(
    ("text", "line", "key", "given", "allowed"),
    [
        (KADENA, 2, "zones.keep", "zones.keep over bases.kadena.position [127.77, 26.36]", "at least 0.5 nmi"),
        (zone("edge", 127.774, 26.1, 128.0, 26.6), 2, "zones.edge", "over bases.kadena.position", "at least 0.5 nmi"),
        (zone("east", 125.5, 28.5, 126.5, 29.5), 2, "zones.east", "over routes.fence.line[1]", "at least 0.5 nmi"),
        (
            zone("all", 123.0, 26.5, 127.2, 32.2),
            2,
            "zones.all",
            "over routes.ladder.area",
            "zones that leave some sea of the area free",
        ),
        (
            zone("all", 123.9, 27.9, 125.1, 29.1).replace("zones.all", "zones.far")
            + '[routes.small]\npattern = "parallel_sweep"\narea = "strait"\nspacing_nmi = 5.0\n'
            + "[routes.fence]\nline = [[123.5, 29.5], [126.0, 29.5]]\n",
            6,
            "routes.small.area",
            '"strait"',
            "an area with some sea outside zones.far",
        ),
        (
            zone("keep", 127.0, 27.0, 128.0, 28.0) + "[bases.kadena]\nposition = [127.5, 27.5]\n",
            5,
            "bases.kadena.position",
            "[127.5, 27.5]",
            "a place at least 0.5 nmi outside zones.keep",
        ),
        (
            zone("keep", 127.0, 27.0, 128.0, 28.0)
            + '[routes.fence]\npattern = "track_line"\nwaypoints = [[124.0, 29.0],\n [127.5, 27.5]]\n',
            7,
            "routes.fence.waypoints[1]",
            "[127.5, 27.5]",
            "a place at least 0.5 nmi outside zones.keep",
        ),
    ],
)
def test_what_lies_in_a_zone_is_one_error_at_the_newer_key(
    problems: Problems, text: str, line: int, key: str, given: str, allowed: str
) -> None:
    found = problems(f'extends = "base.toml"\n{text}')
    match = [one for one in found if one.key == key and given in one.given]
    assert len(match) == 1, "\n".join(map(str, found))
    assert (match[0].file, match[0].line) == (VARIANT, line)
    assert allowed in match[0].allowed
    assert all(one.file == VARIANT and one.line for one in found)
    assert len({str(one) for one in found}) == len(found)


def test_a_base_that_zones_enclose_together_names_them_all(only_problem: OnlyProblem) -> None:
    ring = [zone("north", 126.9, 27.0, 128.7, 27.2), zone("south", 126.9, 25.5, 128.7, 25.7)]
    ring += [zone("west", 126.9, 25.5, 127.1, 27.2), zone("east", 128.5, 25.5, 128.7, 27.2)]
    problem = only_problem("".join(ring))
    assert problem.given.startswith("zones.north and zones.south and zones.west and zones.east over bases.kadena")
    variant("".join(ring[:-1]))  # open to the east


def test_a_zone_that_is_set_on_the_command_line_or_in_a_study_names_it(folder: Path, only_problem: OnlyProblem) -> None:
    polygon = [[127.5, 26.1], [128.0, 26.1], [128.0, 26.6], [127.5, 26.6]]
    problem = only_problem("", [f"zones.keep.polygon={polygon}"])
    assert (problem.file, problem.line, problem.key) == ("command line", None, "zones.keep")
    problem = only_problem(zone("keep", 130.0, 26.1, 131.0, 27.0), ["bases.kadena.position=[130.5, 26.5]"])
    assert (problem.file, problem.line, problem.key) == ("command line", None, "bases.kadena.position")
    variant(zone("keep", 130.0, 26.1, 131.0, 27.0))
    Path("study.toml").write_text(STUDY + f'key = "zones.keep.polygon"\nvalues = [{polygon}]\n', encoding="utf-8")
    with pytest.raises(InputError) as raised:
        load_study("study.toml")
    assert [(one.file, one.key) for one in raised.value.problems] == [("study.toml:6", "zones.keep")]


@pytest.mark.parametrize(
    ("text", "key", "allowed"),
    [
        ("polygon = [[127.5, 26.1], [128.0, 26.1]]", "polygon", "at least three different points"),
        ("polygon = [[124, 28], [125, 29], [125, 28], [124, 29]]", "polygon", "does not cross itself"),
        ("polygon = [[28, 124], [29, 125], [29, 124]]", "polygon", "look swapped"),
        ("polygon = [[117, 28], [125, 29], [125, 28]]", "polygon", "a point in the theatre"),
        ("polygon = 'strait'", "polygon", "a list"),
        ("polygon = [[124, 28], [125, 29], [125, 28]]\nmargin_nmi = 1.0", "margin_nmi", "polygon"),
        ("file = 'gone.geojson'", "file", "No such file"),
        (
            "file = 'sea.geojson'\npolygon = [[124, 28], [125, 29], [125, 28]]",
            "file",
            "this table also has a polygon; give only one of the two",
        ),
        ("", "polygon", "required"),
    ],
)
def test_a_zone_that_is_no_polygon_is_refused_as_an_area_is(
    only_problem: OnlyProblem, text: str, key: str, allowed: str
) -> None:
    problem = only_problem(f"[zones.keep]\n{text}\n")
    assert (problem.file, problem.key) == (VARIANT, f"zones.keep.{key}")
    assert allowed in problem.allowed


def test_a_zone_may_stand_in_a_file_and_a_flat_scenario_holds_it(folder: Path) -> None:
    ring = [[125.0, 28.0], [126.0, 28.0], [126.0, 28.5], [125.0, 28.5], [125.0, 28.0]]
    Path("zone.geojson").write_text(f'{{"type": "Polygon", "coordinates": [{ring}]}}', encoding="utf-8")
    scenario = variant('[zones.keep]\nfile = "zone.geojson"\n')
    assert scenario.zones["keep"].shape.bounds == (125.0, 28.0, 126.0, 28.5)
    Path("flat.toml").write_text(flat_toml(scenario), encoding="utf-8")
    assert load_scenario("flat.toml") == scenario


def test_every_refusal_comes_out_of_check_as_one_line_with_exit_code_2(seasweep: Seasweep) -> None:
    for text, said in (
        (KADENA, r"variant\.toml:2: zones\.keep: given zones\.keep over bases\.kadena\.position \[127\.77, 26\.36\]; "),
        (
            KESTREL % "p8b",
            r'variant\.toml:3: aircraft\.kestrel\.type: given "p8b"; allowed: cp140, .*\(did you mean p8a\?\)',
        ),
    ):
        Path(VARIANT).write_text(f'extends = "base.toml"\n{text}', encoding="utf-8")
        answer = seasweep("check", VARIANT)
        assert (answer.code, answer.out) == (2, "")
        assert re.fullmatch(rf"error: {said}.*\n", answer.err)
