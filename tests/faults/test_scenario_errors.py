"""Bad scenario files: each slip is one problem that names file, line, key, what was given and what is allowed."""

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sim.scenario.digest import digest, flat_toml
from sim.scenario.files import shipped_names
from sim.scenario.load import load_scenario, load_source
from sim.scenario.overrides import parse_set
from sim.scenario.problems import InputError, Problem

from .conftest import BASE, VARIANT

Problems = Callable[..., list[Problem]]
OnlyProblem = Callable[..., Problem]

SQUARE = "[[[123.3, 27.0], [127.0, 27.0], [127.0, 32.0], [123.3, 32.0], [123.3, 27.0]]]"
LADDER = "[routes.ladder]\n"
AURORA = "[aircraft.aurora]\n"
MERCHANT = "[background.merchant]\n"
FENCE = "[routes.fence]\n"
EAST_SEA = "[areas.east_sea]\n"
KADENA = "[bases.kadena]\n"
IN_THEATRE = "a point in the theatre, 118 to 146 east and 22 to 46 north, not "
SWAPPED = "longitude and latitude look swapped"


def line_of(fragment: str, text: str = BASE) -> int:
    return text[: text.index(fragment)].count("\n") + 1


def variant(**tables: Any) -> Any:
    """The base with tables of one scenario laid over it, as merged data."""
    import tomli_w

    Path(VARIANT).write_text(tomli_w.dumps({"extends": "base.toml", **tables}), encoding="utf-8")
    return load_source(VARIANT).data


# ------------------------------------------------------------------------------------------- one slip, one problem
@pytest.mark.parametrize(
    ("text", "line", "key", "hint"),
    [
        ('tittle = "x"', 2, "tittle", "did you mean title?"),
        ("[outputs]\ncontact = true", 3, "outputs.contact", "did you mean contacts?"),
        (AURORA + "\ncolour = 1", 4, "aircraft.aurora.colour", ""),
        (AURORA + "transit_speed_kmh = 9.0", 3, "aircraft.aurora.transit_speed_kmh", "transit_speed_kn, in knots"),
        (AURORA + "endurance_hours = 9.0", 3, "aircraft.aurora.endurance_hours", "endurance_h, in hours"),
        (AURORA + "altitude_m = 9.0", 3, "aircraft.aurora.altitude_m", "altitude_ft, in feet"),
        (LADDER + "spacing_km = 9.0", 3, "routes.ladder.spacing_km", "spacing_nmi, in nautical miles"),
        (LADDER + "spacing = 9.0", 3, "routes.ladder.spacing", "spacing_nmi, in nautical miles"),
        (MERCHANT + "speed_kmh = 9.0", 3, "background.merchant.speed_kmh", "speed_kn, in knots"),
        ("[patrols.daily]\nevery_days = 1", 3, "patrols.daily.every_days", "every_h, in hours"),
        (
            "[sensors.radar.law]\nlook_interval_min = 5.0",
            3,
            "sensors.radar.law.look_interval_min",
            "look_interval_s, in seconds",
        ),
        (
            "[aircraft.aurora.identification]\n\nclassify = { range_km = 1.0 }",
            4,
            "aircraft.aurora.identification.classify.range_km",
            "range_nmi, in nautical miles",
        ),
        ("[transfers.fuel.duration_h]\nmedain = 5.0", 3, "transfers.fuel.duration_h.medain", "did you mean median?"),
    ],
)
def test_an_unknown_key_is_named_with_its_nearest_known_one(
    only_problem: OnlyProblem, text: str, line: int, key: str, hint: str
) -> None:
    problem = only_problem(text)
    name = key.rpartition(".")[2]
    assert (problem.file, problem.line, problem.key) == (VARIANT, line, key)
    assert problem.given == f"an unknown key, {name}"
    assert hint in problem.hint
    assert bool(hint) == bool(problem.hint)
    assert problem.hint.removeprefix("did you mean ").rstrip("?").partition(",")[0] in problem.allowed


@pytest.mark.parametrize(
    ("given", "allowed"),
    [(value, "a number above 0 and at most 2000") for value in ["nan", "inf", "-inf", '"40"', "true", "[40.0]", "0.0"]]
    + [("-5.0", "above 0"), ("2000.1", "at most 2000")],
)
def test_what_is_no_plausible_number_is_refused_with_the_bounds(
    only_problem: OnlyProblem, given: str, allowed: str
) -> None:
    problem = only_problem(f"{LADDER}\nspacing_nmi = {given}")
    assert (problem.file, problem.line, problem.key) == (VARIANT, 4, "routes.ladder.spacing_nmi")
    assert problem.given == given
    assert allowed in problem.allowed


@pytest.mark.parametrize(
    ("text", "key", "allowed"),
    [
        ("duration_days = 0", "duration_days", "above 0 and at most 3660"),
        (AURORA + "transit_speed_kn = 3500.0", "aircraft.aurora.transit_speed_kn", "at most 700"),
        (AURORA + "altitude_ft = 65000.0", "aircraft.aurora.altitude_ft", "at most 60000"),
        (AURORA + "endurance_h = 600.0", "aircraft.aurora.endurance_h", "at most 60"),
        (LADDER + "heading_deg = 360.0", "routes.ladder.heading_deg", "at least 0 and below 360"),
        (MERCHANT + "suspicious_share = 2.0", "background.merchant.suspicious_share", "at least 0 and at most 1"),
        (MERCHANT + "speed_kn = 80.0", "background.merchant.speed_kn", "0.1 to 60 knots"),
        ("[sensors.radar.law]\nprobability = 1.0", "sensors.radar.law.probability", "above 0 and at most 0.999"),
        ("[transfers.fuel]\nduration_h = 0.0", "transfers.fuel.duration_h", "0.01 to 1000 hours"),
        ("[transfers.fuel.duration_h]\nsigma = 9.0", "transfers.fuel.duration_h.sigma", "above 0 and at most 3"),
        ("[patrols.daily]\nsorties = 2.5", "patrols.daily.sorties", "a whole number at least 0"),
        ("theatre = { west = -190.0 }", "theatre.west", "at least -180 and at most 180"),
    ],
)
def test_each_kind_of_quantity_has_its_plausible_bounds(
    only_problem: OnlyProblem, text: str, key: str, allowed: str
) -> None:
    problem = only_problem(text)
    assert (problem.file, problem.line, problem.key) == (VARIANT, text.count("\n") + 2, key)
    assert allowed in problem.allowed


@pytest.mark.parametrize(
    ("text", "key", "allowed"),
    [
        ("title = 4", "title", "text in quotes"),
        ("format = true", "format", "1"),
        ("format = 2", "format", "1"),
        ("duration_days = true", "duration_days", "a number"),
        ("start = 1680000000", "start", "a date and time with an offset"),
        ("[outputs]\ncontacts = 1", "outputs.contacts", "true or false"),
        (MERCHANT + "area = 4", "background.merchant.area", ""),
        (MERCHANT + 'speed_kn = "9"', "background.merchant.speed_kn", "{ low, high }"),
        (MERCHANT + "speed_kn = true", "background.merchant.speed_kn", "{ low, high }"),
        (MERCHANT + "speed_kn = nan", "background.merchant.speed_kn", "finite|0.1 to 60 knots"),
        ("[sensors.radar]\nlaw = 4", "sensors.radar.law", "a table"),
        ('[areas]\neast_sea = "here"', "areas.east_sea", "a table"),
        ('[routes]\nladder = "here"', "routes.ladder", "a table"),
        (AURORA + "sensors = []", "aircraft.aurora.sensors", "at least 1"),
        (AURORA + 'sensors = "radar"', "aircraft.aurora.sensors", "a list"),
        (KADENA + "position = [127.0]", "bases.kadena.position", "two numbers|lon, lat"),
        (KADENA + "position = [127.0, 26.0, 0.0]", "bases.kadena.position", "two numbers|lon, lat"),
        (KADENA + 'position = "Kadena"', "bases.kadena.position", "two numbers|lon, lat"),
        (KADENA + "position = [nan, 26.0]", "bases.kadena.position[0]", "a finite number"),
        (KADENA + "position = [true, 26.0]", "bases.kadena.position[0]", "a number"),
        (EAST_SEA + 'polygon = "a square"', "areas.east_sea.polygon", "a list"),
        (EAST_SEA + "polygon = {}", "areas.east_sea.polygon", "a list"),
        (FENCE + 'line = "a line"', "routes.fence.line", "a list"),
        (FENCE + "line = [[124.0, 28.0]]", "routes.fence.line", "at least 2"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused_in_plain_words(
    only_problem: OnlyProblem, text: str, key: str, allowed: str
) -> None:
    problem = only_problem(text)
    assert (problem.file, problem.line, problem.key) == (VARIANT, text.count("\n") + 2, key)
    assert re.search(allowed, problem.allowed)
    assert problem.given != "nothing"
    assert not re.search("input should|validation|tuple|dictionary", problem.allowed)


@pytest.mark.parametrize(
    ("text", "key", "given", "nearest"),
    [
        (MERCHANT + 'area = "east_se"', "background.merchant.area", "east_se", "east_sea"),
        (LADDER + 'area = "strat"', "routes.ladder.area", "strat", "strait"),
        ('[transfers.fuel]\narea = "ocean"', "transfers.fuel.area", "ocean", ""),
        (AURORA + 'sensors = [\n"radar",\n"eye"]', "aircraft.aurora.sensors[1]", "eye", "eyes"),
        ('[patrols.daily]\naircraft = "arora"', "patrols.daily.aircraft", "arora", "aurora"),
        ('[patrols.daily]\nbase = "kadina"', "patrols.daily.base", "kadina", "kadena"),
        ('[patrols.daily]\nroutes = ["fence", "lader"]', "patrols.daily.routes[1]", "lader", "ladder"),
    ],
)
def test_a_reference_to_what_is_not_there_names_the_nearest_name(
    only_problem: OnlyProblem, text: str, key: str, given: str, nearest: str
) -> None:
    problem = only_problem(text)
    assert (problem.file, problem.line, problem.key) == (VARIANT, text.count("\n") + 2, key)
    assert problem.given == f'"{given}"'
    assert problem.allowed.startswith("a name from [")
    assert problem.hint == (f"did you mean {nearest}?" if nearest else "")


@pytest.mark.parametrize(
    ("text", "line", "key", "given", "allowed", "hint"),
    [
        ("[sensors.radar.law]\nkind = 'scann'", 3, "sensors.radar.law.kind", "scann", "scan", "scan"),
        (
            "[sensors.radar]\nlaw = { kind = 'cube' }",
            3,
            "sensors.radar.law.kind",
            "cube",
            "inverse_cube",
            "inverse_cube",
        ),
        (
            LADDER + "\npattern = 'paralel_sweep'",
            4,
            "routes.ladder.pattern",
            "paralel_sweep",
            "barrier",
            "parallel_sweep",
        ),
        (LADDER + "pattern = 'zigzag'", 3, "routes.ladder.pattern", "zigzag", "barrier, expanding_square", ""),
        (LADDER + "unfinished = 'resum'", 3, "routes.ladder.unfinished", "resum", "resume or restart", "resume"),
        ("time_zone = 'Asia/Tokio'", 2, "time_zone", "Asia/Tokio", "the name of a time zone", "Asia/Tokyo"),
    ],
)
def test_an_unknown_choice_is_named_on_its_own_line_with_what_there_is_to_choose(
    only_problem: OnlyProblem, text: str, line: int, key: str, given: str, allowed: str, hint: str
) -> None:
    problem = only_problem(text)
    assert (problem.file, problem.line, problem.key, problem.given) == (VARIANT, line, key, f'"{given}"')
    assert allowed in problem.allowed
    assert problem.hint == (f"did you mean {hint}?" if hint else "")


def test_an_unknown_kind_of_sensor_names_the_kinds(problems: Problems) -> None:
    problem = problems(BASE.replace('kind = "radar"', 'kind = "rader"'))[0]
    assert (problem.line, problem.key) == (line_of('kind = "radar"'), "sensors.radar.kind")
    assert (problem.allowed, problem.hint) == ("ais, eo_ir, radar, visual", "did you mean radar?")


@pytest.mark.parametrize("value", ["2023-04-10T00:00:00", "2023-04-10", "09:30:00"])
def test_a_time_without_an_offset_is_refused(only_problem: OnlyProblem, value: str) -> None:
    problem = only_problem(f"start = {value}")
    assert (problem.file, problem.line, problem.key, problem.given) == (VARIANT, 2, "start", value)
    assert "with an offset, such as 2023-04-10T00:00:00Z" in problem.allowed


@pytest.mark.parametrize(
    ("polygon", "allowed"),
    [
        ("[]", "a list of [lon, lat] points"),
        ("[[]]", "[lon, lat]"),
        ("[[[]]]", "[lon, lat]"),
        ("[123.3, 27.0]", "a list of [lon, lat] points"),
        ("[[123.0, 27.0], [124.0, 27.0]]", "three different points"),
        ("[[123.0, 27.0], [124.0, 27.0], [123.0, 27.0]]", "three different points"),
        ("[[123.0, 27.0], [124.0, 27.0], [125.0]]", "points of two numbers"),
        ("[[123.0, 27.0, 0.0], [124.0, 27.0, 0.0], [125.0, 28.0, 0.0]]", "points of two numbers"),
        ("[[123.0, 27.0], 5, [125.0, 28.0]]", "points of two numbers"),
        ('[[123.0, 27.0], [124.0, "27"], [125.0, 28.0]]', "points of two numbers"),
        ("[[123.0, 27.0], [124.0, nan], [125.0, 28.0]]", "points of two numbers"),
        ("[[true, 27.0], [124.0, 27.0], [125.0, 28.0]]", "points of two numbers"),
        ("[[[123.0, 27.0], [124.0, 27.0], [125.0, 28.0]], 5]", "[lon, lat]"),
        ("[[[[123.0, 27.0], [124.0, 27.0], [125.0, 28.0]]], []]", "[lon, lat]"),
        ("[[[[123.0, 27.0], [124.0, 27.0], [125.0, 28.0]]], 5]", "[lon, lat]"),
        ("[[123.0, 27.0], [125.0, 29.0], [125.0, 27.0], [123.0, 29.0]]", "does not cross itself"),
        ("[[100.0, 27.0], [124.0, 27.0], [125.0, 28.0]]", IN_THEATRE + "[100, 27]"),
        ("[[27.0, 123.0], [27.0, 124.0], [28.0, 125.0]]", SWAPPED),
        ("[[-236.0, 27.0], [124.0, 28.0], [125.0, 27.0]]", "not [-236, 27]; write the longitude -236 as 124"),
    ],
)
def test_what_is_no_polygon_in_the_theatre_is_refused(only_problem: OnlyProblem, polygon: str, allowed: str) -> None:
    problem = only_problem(f"{EAST_SEA}\n\npolygon = {polygon}")
    assert (problem.file, problem.line, problem.key) == (VARIANT, 5, "areas.east_sea.polygon")
    assert problem.given.startswith("[")
    assert allowed in problem.allowed


@pytest.mark.parametrize(
    ("text", "line", "key", "given", "allowed"),
    [
        (KADENA + "position = [1.5, 1.0]", 3, "bases.kadena.position", "[1.5, 1.0]", IN_THEATRE + "[1.5, 1]"),
        (KADENA + "position = [26.36, 127.77]", 3, "bases.kadena.position", "[26.36, 127.77]", SWAPPED),
        (FENCE + "line = [\n[124.0, 28.0],\n[24.0, 28.0]]", 5, "routes.fence.line[1]", "[24.0, 28.0]", IN_THEATRE),
        (FENCE + "line = [\n[28.0, 124.0],\n[125.0, 28.0]]", 4, "routes.fence.line[0]", "[28.0, 124.0]", SWAPPED),
        (
            FENCE + "line = [[124.0, 28.0], [124.0, 28.0]]",
            3,
            "routes.fence.line",
            "[[124.0, 28.0], [124.0, 28.0]]",
            "no two consecutive points are the same",
        ),
    ],
)
def test_a_place_outside_the_theatre_or_a_line_of_no_length_is_refused(
    only_problem: OnlyProblem, text: str, line: int, key: str, given: str, allowed: str
) -> None:
    problem = only_problem(text)
    assert (problem.file, problem.line, problem.key, problem.given) == (VARIANT, line, key, given)
    assert allowed in problem.allowed


def test_an_area_wholly_on_land_is_refused(only_problem: OnlyProblem) -> None:
    problem = only_problem(EAST_SEA + "polygon = [[140.0, 36.2], [140.2, 36.2], [140.2, 36.4]]")
    assert (problem.line, problem.key, problem.given) == (
        3,
        "areas.east_sea.polygon",
        "an area that lies wholly on land",
    )


def test_a_theatre_beyond_the_coastlines_that_ship_is_warned_of() -> None:
    inside, beyond = (load_scenario("base.toml", {"theatre.east": east}) for east in (146.0, 170.0))
    assert inside.coastline_warning == ""
    assert "100 to 165 E" in beyond.coastline_warning


def test_the_example_of_a_smaller_theatre_is_one_that_is_not_refused(only_problem: OnlyProblem) -> None:
    problem = only_problem("theatre = { south = -60.0, north = 65.0 }")
    found = re.search(r"such as south = (\S+), north = (\S+)$", problem.allowed)
    assert found
    south, north = map(float, found.groups())
    wide = {"theatre.south": south, "theatre.north": north}
    with pytest.raises(InputError) as raised:
        load_scenario("base.toml", wide)
    assert "theatre" not in {problem.key.partition(".")[0] for problem in raised.value.problems}


def test_a_value_is_shown_as_toml_has_it_inside_lists_too(only_problem: OnlyProblem) -> None:
    assert only_problem(f'{LADDER}spacing_nmi = [true, "a"]').given == '[true, "a"]'


# --------------------------------------------------------------------------------- values that do not fit each other
CONFLICTS = [
    (
        MERCHANT + "speed_kn = { low = 9.0, high = 3.0 }",
        "background.merchant.speed_kn.low",
        "a low that is less than high",
    ),
    ("[background.merchant.speed_kn]\nhigh = 3.0", "background.merchant.speed_kn.high", "a low that is less than high"),
    (
        MERCHANT + "speed_kn = { min = 13.0, max = 9.0 }",
        "background.merchant.speed_kn.min",
        "a min that is less than max",
    ),
    (MERCHANT + "speed_kn = { min = 20.0, max = 30.0 }", "background.merchant.speed_kn.min", "has some probability"),
    (MERCHANT + "speed_kn = { mean = -1.0 }", "background.merchant.speed_kn.mean", "above 0"),
    (MERCHANT + "speed_kn = { low = 1.0, mean = 3.0 }", "background.merchant.speed_kn", "{ low, high }"),
    (AURORA + "reserve_h = 10.0", "aircraft.aurora.reserve_h", "a reserve_h below endurance_h"),
    (
        "[sensors.radar.law]\nrange_half_nmi = 0.2",
        "sensors.radar.law.range_half_nmi",
        "at most 300 times range_half_nmi",
    ),
    (
        AURORA + "search_speed_kn = 360.0",
        "aircraft.aurora.search_speed_kn",
        "search_speed_kn of at most transit_speed_kn",
    ),
    (AURORA + 'sensors = ["radar", "radar"]', "aircraft.aurora.sensors[1]", "each sensor once"),
    (
        "[aircraft.aurora.identification.document]\nrange_nmi = 20.0",
        "aircraft.aurora.identification.document.range_nmi",
        "at most classify.range_nmi",
    ),
    ("theatre = { west = 147.0 }", "theatre.west", "a west that is less than east"),
    ("theatre = { west = 10.0 }", "theatre.west", "at most 90 degrees"),
    (
        "theatre = { north = 60.0 }",
        "theatre.north",
        "on the plane within 3 % of the true ones, not -2.6 to +3.7 %; 34.2 deg",
    ),
    (
        "theatre = { west = 60.0 }",
        "theatre.west",
        "19.2 degrees of latitude would do, such as south = 24.4, north = 43.6",
    ),
]


@pytest.mark.parametrize(("text", "key", "allowed"), CONFLICTS)
def test_a_variant_that_breaks_an_inherited_table_is_blamed_not_its_parent(
    only_problem: OnlyProblem, text: str, key: str, allowed: str
) -> None:
    problem = only_problem(f"\n{text}")
    assert problem.key == key
    assert allowed in problem.allowed
    assert (problem.file, problem.line in (3, 4)) == (VARIANT, True), str(problem)


@pytest.mark.parametrize(
    ("old", "new", "at", "key", "allowed"),
    [
        (
            "low = 8.0",
            "low = 28.0",
            "speed_kn = { low",
            "background.merchant.speed_kn.low",
            "a low that is less than high",
        ),
        ("reserve_h = 1.0", "reserve_h = 10.0", "reserve_h =", "aircraft.aurora.reserve_h", "reserve_h below"),
        ("endurance_h = 10.0", "endurance_h = 0.5", "reserve_h =", "aircraft.aurora.reserve_h", "reserve_h below"),
        (
            "range_nmi = 2.0",
            "range_nmi = 12.0",
            "document =",
            f"{AURORA[1:-2]}.identification.document.range_nmi",
            "classify",
        ),
    ],
)
def test_values_of_one_file_that_do_not_fit_are_blamed_on_one_of_them(
    problems: Problems, old: str, new: str, at: str, key: str, allowed: str
) -> None:
    (problem,) = problems(BASE.replace(old, new))
    assert (problem.file, problem.line, problem.key) == (VARIANT, line_of(at), key)
    assert allowed in problem.allowed


# --------------------------------------------------------------------------------------------------- what is missing
@pytest.mark.parametrize(
    ("part", "at", "key", "allowed"),
    [
        ("format = 1\n", None, "format", "1;"),
        ("start = 2023-04-10T00:00:00Z\n", None, "start", "a date and time with an offset"),
        ("duration_days = 2\n", None, "duration_days", "a number above 0"),
        ("endurance_h = 10.0\n", "[aircraft.aurora]", "aircraft.aurora.endurance_h", "a number above 0"),
        ("position = [127.77, 26.36]\n", "[bases.kadena]", "bases.kadena.position", "list"),
        ("max_range_nmi = 90.0, ", "law = { kind", "sensors.radar.law.max_range_nmi", "a number above 0"),
        ("range_nmi = 10.0, probability = 0.9", "classify =", None, "a number"),
        ('pattern = "parallel_sweep"\n', "[routes.ladder]", None, "parallel_sweep"),
        ('kind = "scan", ', "law = { prob", None, "definite_range, inverse_cube, lateral_range, scan"),
        ('kind = "visual"\n', "[sensors.eyes]", "sensors.eyes.kind", "ais, eo_ir, radar, visual"),
        (
            "polygon = [[124.0, 28.0], [125.0, 28.0], [125.0, 29.0]]\n",
            "[areas.strait]",
            "areas.strait.polygon",
            "a list",
        ),
        (
            'law = { kind = "scan", probability = 0.9, range_half_nmi = 60.0, roll_off = 8.0, max_range_nmi = 90.0, '
            "look_interval_s = 300.0 }\n",
            "[sensors.radar]",
            "sensors.radar.law",
            "a table",
        ),
    ],
)
def test_a_missing_key_is_asked_for_at_the_table_that_lacks_it(
    problems: Problems, part: str, at: str | None, key: str | None, allowed: str
) -> None:
    text = BASE.replace(part, "", 1)
    assert problems(text)
    for problem in problems(text):
        assert (problem.file, problem.line) == (VARIANT, 1 if at is None else line_of(at, text))
        assert key is None or problem.key == key
        assert problem.given == "nothing"
        assert allowed in problem.allowed
        assert problem.hint == ""


def test_an_empty_file_lacks_every_table_that_a_scenario_needs(problems: Problems) -> None:
    found = problems("")
    needed = {"format", "title", "start", "duration_days", "theatre", "areas", "sensors", "aircraft", "bases"}
    assert {problem.key for problem in found} == needed | {"routes", "patrols", "transfers"}
    assert {(problem.file, problem.line) for problem in found} == {(VARIANT, 1)}


@pytest.mark.parametrize("name", ["1st", "a b", "ö", "a.b", ""])
def test_a_name_that_is_no_word_is_refused_for_that(only_problem: OnlyProblem, name: str) -> None:
    problem = only_problem(f'[bases."{name}"]\nposition = [127.0, 26.0]')
    assert (problem.file, problem.line, problem.given) == (VARIANT, 2, f'"{name}"')
    assert "letters, digits" in problem.allowed


# ------------------------------------------------------------------------------------------------- several at once
def test_all_problems_are_reported_in_the_order_of_the_lines(problems: Problems) -> None:
    found = problems(
        'extends = "base.toml"\n'
        'tittle = "x"\n'
        "duration_days = -1\n"
        "[areas.east_sea]\npolygon = []\n"
        '[aircraft.aurora]\nsensors = ["rader"]\nendurance_hours = 3\n'
        '[patrols.daily]\nbase = "kadina"\n'
        "[routes.ladder]\nspacing_nmi = nan\n"
    )
    assert [problem.line for problem in found] == [2, 3, 5, 7, 8, 10, 12]
    assert [problem.key.rpartition(".")[2] for problem in found] == [
        "tittle",
        "duration_days",
        "polygon",
        "sensors[0]",
        "endurance_hours",
        "base",
        "spacing_nmi",
    ]


def test_the_message_has_a_line_for_each_problem_with_the_place_first(folder: Path) -> None:
    Path(VARIANT).write_text('extends = "base.toml"\ntittle = "x"\n[routes.ladder]\nspacing_km = 3\n', encoding="utf-8")
    with pytest.raises(InputError) as raised:
        load_scenario(VARIANT)
    first, second = str(raised.value).splitlines()
    assert first.startswith("variant.toml:2: tittle: given an unknown key, tittle; allowed: agreements, ")
    assert second.endswith("(did you mean spacing_nmi, in nautical miles?)")


@pytest.mark.parametrize("theatre", ["{ west = nan }", "{ west = 147.0 }", '{ west = "118" }', "{ west = -190.0 }"])
def test_a_bad_theatre_is_the_only_problem_though_all_places_lie_in_it(only_problem: OnlyProblem, theatre: str) -> None:
    assert only_problem(f"theatre = {theatre}").key.startswith("theatre")


# ---------------------------------------------------------------------------------------------------------- extends
@pytest.mark.parametrize(
    ("given", "allowed", "hint"),
    [
        ('"neon-sprig"', "neon-spring", "did you mean neon-spring?"),
        ('"elsewhere"', "the path of a .toml file, or one of", ""),
        ('""', "the path of a .toml file, or one of", ""),
        ("4", "the name of an included scenario, or the path of a .toml file, in quotes", ""),
        ('"gone.toml"', "a .toml file inside this file's folder", ""),
        ('"../outside.toml"', "a .toml file inside this file's folder", ""),
        ('"../gone.toml"', "a .toml file inside this file's folder", ""),
        ('"sub/../../outside.toml"', "a .toml file inside this file's folder", ""),
        ('"link.toml"', "a .toml file inside this file's folder", ""),
        ('"sub.toml"', "a .toml file inside this file's folder", ""),
        ('"a\\u0000b.toml"', "a .toml file inside this file's folder", ""),
    ],
)
def test_a_parent_that_cannot_be_had_is_refused(
    problems: Problems, folder: Path, given: str, allowed: str, hint: str
) -> None:
    outside = folder.parent / "outside.toml"
    outside.write_text(BASE, encoding="utf-8")
    Path("sub").mkdir()
    Path("sub.toml").mkdir()
    Path("link.toml").symlink_to(outside)
    (problem,) = problems(f"\nextends = {given}\n")
    assert (problem.file, problem.line, problem.key) == (VARIANT, 2, "extends")
    assert allowed in problem.allowed
    assert problem.hint == hint


def test_a_parent_by_an_absolute_path_is_refused_even_if_it_is_there(problems: Problems, folder: Path) -> None:
    (problem,) = problems(f'extends = "{folder / "base.toml"}"')
    assert (problem.file, problem.line, problem.key) == (VARIANT, 1, "extends")
    assert problem.allowed == "a .toml file inside this file's folder"


@pytest.mark.parametrize("circle", [[VARIANT], [VARIANT, "one.toml"], [VARIANT, "one.toml", "two.toml"]])
def test_a_circle_of_parents_is_refused(problems: Problems, circle: list[str]) -> None:
    for name, parent in zip(circle, [*circle[1:], circle[0]], strict=True):
        Path(name).write_text(f'extends = "{parent}"\n', encoding="utf-8")
    (problem,) = problems(Path(VARIANT).read_text(encoding="utf-8"))
    assert (problem.file, problem.line, problem.key) == (circle[-1], 1, "extends")
    assert problem.given == " -> ".join([*circle, VARIANT])
    assert problem.allowed == "a scenario that does not extend this one, directly or through others"


def test_a_child_of_a_child_may_only_look_into_its_own_folder(problems: Problems) -> None:
    Path("sub").mkdir()
    Path("sub/middle.toml").write_text('\nextends = "../base.toml"\n', encoding="utf-8")
    (problem,) = problems('extends = "sub/middle.toml"')
    assert (problem.file, problem.line, problem.key) == ("sub/middle.toml", 2, "extends")


@pytest.mark.parametrize(
    ("middle", "line", "key"),
    [
        ("[routes.ladder]\nspacing_nmi = -1.0\n", 3, "routes.ladder.spacing_nmi"),
        ("[routes.ladder]\nspacing_km = 1.0\n", 3, "routes.ladder.spacing_km"),
        ("[routes.fence]\nline = [\n[124.0, 29.0],\n[0.0, 0.0]]\n", 5, "routes.fence.line[1]"),
        ("[routes.ladder]\nspacing_nmi =\n", 3, ""),
    ],
)
def test_an_inherited_error_names_the_file_that_wrote_it(problems: Problems, middle: str, line: int, key: str) -> None:
    Path("middle.toml").write_text(f'extends = "base.toml"\n{middle}', encoding="utf-8")
    (problem,) = problems('extends = "middle.toml"\n\n\n[aircraft.aurora]\nreserve_h = 0.5\n')
    assert (problem.file, problem.line, problem.key) == ("middle.toml", line, key)


def test_a_child_that_mends_its_parent_loads(folder: Path) -> None:
    Path("middle.toml").write_text('extends = "base.toml"\n[routes.ladder]\nspacing_nmi = -1.0\n', encoding="utf-8")
    Path(VARIANT).write_text('extends = "middle.toml"\n[routes.ladder]\nspacing_nmi = 7.0\n', encoding="utf-8")
    assert load_scenario(VARIANT).routes["ladder"].spacing_nmi == 7.0


# -------------------------------------------------------------------------------------------------- areas from a file
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "no such file"),
        ("", "not GeoJSON"),
        ('{"type": "FeatureCollection", "features": []}', "no Polygon"),
    ],
)
def test_an_area_file_without_polygons_is_refused(
    only_problem: OnlyProblem, content: str | bytes | None, reason: str
) -> None:
    if content is not None:
        Path("sea.geojson").write_bytes(content if isinstance(content, bytes) else content.encode())
    problem = only_problem(f'\n{EAST_SEA}file = "sea.geojson"')
    assert (problem.file, problem.line, problem.key) == (VARIANT, 4, "areas.east_sea.file")
    assert problem.given == '"sea.geojson"'
    assert problem.allowed.startswith("a GeoJSON file of polygons inside this file's folder (")
    assert reason.lower() in problem.allowed.lower()


@pytest.mark.parametrize(
    "given",
    ["../sea.geojson", "/etc/hostname", "link.geojson", "../gone.geojson", "/gone/gone.geojson", "dangling.geojson"],
)
def test_an_area_file_outside_the_folder_is_refused_in_the_same_words_whether_or_not_it_exists(
    only_problem: OnlyProblem, folder: Path, given: str
) -> None:
    outside = folder.parent / "sea.geojson"
    outside.write_text(f'{{"type": "Polygon", "coordinates": {SQUARE}}}', encoding="utf-8")
    Path("link.geojson").symlink_to(outside)
    Path("dangling.geojson").symlink_to(folder.parent / "gone.geojson")
    problem = only_problem(f'{EAST_SEA}file = "{given}"')
    assert (problem.line, problem.key, problem.given) == (3, "areas.east_sea.file", f'"{given}"')
    assert problem.allowed.endswith("(that path lies outside the folder)")


@pytest.mark.parametrize(("given", "said"), [("4", "4"), ('""', '""'), ("true", "true"), ('"."', '"."')])
def test_an_area_file_that_is_no_file_name_is_refused(only_problem: OnlyProblem, given: str, said: str) -> None:
    problem = only_problem(f"{EAST_SEA}file = {given}")
    assert (problem.line, problem.key, problem.given) == (3, "areas.east_sea.file", said)


def test_an_area_has_a_polygon_or_a_file_not_both(only_problem: OnlyProblem) -> None:
    Path("sea.geojson").write_text(f'{{"type": "Polygon", "coordinates": {SQUARE}}}', encoding="utf-8")
    problem = only_problem(f'{EAST_SEA}polygon = {SQUARE}\nfile = "sea.geojson"')
    assert (problem.line, problem.key) == (4, "areas.east_sea.file")
    assert "this table also has a polygon; give only one of the two" in problem.allowed


@pytest.mark.parametrize(
    ("ring", "allowed"),
    [
        ("[123.0, 27.0], [125.0, 29.0], [125.0, 27.0], [123.0, 29.0], [123.0, 27.0]", "does not cross itself"),
        ("[27.0, 123.0], [27.0, 124.0], [28.0, 125.0], [27.0, 123.0]", SWAPPED),
        ("[0.0, 27.0], [124.0, 27.0], [125.0, 28.0], [0.0, 27.0]", IN_THEATRE),
    ],
)
def test_a_bad_polygon_in_a_file_is_blamed_on_the_key_file(only_problem: OnlyProblem, ring: str, allowed: str) -> None:
    Path("sea.geojson").write_text(f'{{"type": "Polygon", "coordinates": [[{ring}]]}}', encoding="utf-8")
    problem = only_problem(f'{EAST_SEA}file = "sea.geojson"')
    assert (problem.file, problem.line, problem.key) == (VARIANT, 3, "areas.east_sea.file")
    assert allowed in problem.allowed


def test_an_inherited_area_file_is_sought_beside_the_file_that_names_it(folder: Path) -> None:
    Path("sub").mkdir()
    Path("sub/base.toml").write_text(BASE, encoding="utf-8")
    Path("sub/sea.geojson").write_text(
        f'{{"type": "Feature", "geometry": {{"type": "Polygon", "coordinates": {SQUARE}}}}}', encoding="utf-8"
    )
    Path("sub/middle.toml").write_text(f'extends = "base.toml"\n{EAST_SEA}file = "sea.geojson"', encoding="utf-8")
    Path(VARIANT).write_text('extends = "sub/middle.toml"', encoding="utf-8")
    area = load_scenario(VARIANT).areas["east_sea"]
    assert area.shape.equals(load_scenario("base.toml").areas["east_sea"].shape)


# ------------------------------------------------------------------------------------------------------------- --set
@pytest.mark.parametrize(
    ("text", "key", "given", "allowed", "hint"),
    [
        ("routes.ladder.spacing_nmi", "--set", '"routes.ladder.spacing_nmi"', "KEY=VALUE", ""),
        ("=5", "--set", '"=5"', "KEY=VALUE", ""),
        ("", "--set", '""', "KEY=VALUE", ""),
        ("routes..x=5", "--set", '"routes..x=5"', "KEY=VALUE", ""),
        ("routes.ladder.spacing_nmi=-5", "routes.ladder.spacing_nmi", "-5", "above 0", ""),
        ("routes.ladder.spacing_nmi=wide", "routes.ladder.spacing_nmi", '"wide"', "above 0", ""),
        ("routes.ladder.spacing_nmi=", "routes.ladder.spacing_nmi", '""', "above 0", ""),
        ("routes.ladder.spacing_nmi=nan", "routes.ladder.spacing_nmi", "nan", "above 0", ""),
        (
            "routes.ladder.spacing_km=5",
            "routes.ladder.spacing_km",
            "an unknown key, spacing_km",
            "spacing_nmi",
            "nautical",
        ),
        ("routes.lader.spacing_nmi=5", "routes.lader.spacing_nmi", '"lader"', "a name from [routes]", "ladder"),
        ("transfers.fuels.per_month=5", "transfers.fuels.per_month", '"fuels"', "a name from [transfers]", "fuel"),
        ("route.ladder.spacing_nmi=5", "route", "an unknown key, route", "routes", "routes"),
        ("tittle=x", "tittle", "an unknown key, tittle", "title", "title"),
        ("kind=kind", "kind", "an unknown key, kind", "areas", ""),
        ("kind=theatre", "kind", "an unknown key, kind", "areas", ""),
        ("transfers.fuel.pattern=pattern", "transfers.fuel.pattern", "an unknown key, pattern", "per_month", ""),
        ("title=5", "title", "5", "text in quotes", ""),
        ("title.x=5", "--set", '"title.x"', "title is not a table", ""),
        ("patrols.daily.routes=['lader']", "patrols.daily.routes[0]", '"lader"', "a name from [routes]", "ladder"),
        ("aircraft.aurora.reserve_h=20", "aircraft.aurora.reserve_h", None, "a reserve_h below endurance_h", ""),
        (
            "background.merchant.speed_kn.low=20",
            "background.merchant.speed_kn.low",
            None,
            "a low that is less than high",
            "",
        ),
        ("sensors.radar.law.kind=sonar", "sensors.radar.law.kind", '"sonar"', "inverse_cube, lateral_range, scan", ""),
        ("extends=textbook", "extends", "an unknown key, extends", "", ""),
        ("start=2023-04-10", "start", "2023-04-10", "with an offset", ""),
    ],
)
def test_an_error_of_set_names_the_command_line(
    only_problem: OnlyProblem, text: str, key: str, given: str | None, allowed: str, hint: str
) -> None:
    problem = only_problem("", [text])
    (problem,) = InputError([problem]).of_command_line().problems
    assert (problem.file, problem.line, problem.key) == ("command line", None, key)
    assert given is None or problem.given == given
    assert allowed in problem.allowed
    assert hint in problem.hint


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("a=5", ("a",), 5),
        ("a.b.c=5.5", ("a", "b", "c"), 5.5),
        (" a . b = true ", ("a", "b"), True),
        ("a=[1, 2]", ("a",), [1, 2]),
        ("a={ low = 1.0, high = 2.0 }", ("a",), {"low": 1.0, "high": 2.0}),
        ('a="5"', ("a",), "5"),
        ("a=dusk patrol", ("a",), "dusk patrol"),
        ("a=b=c", ("a",), "b=c"),
        ("a=1\nb = 2", ("a",), "1\nb = 2"),
        ("a=[1,", ("a",), "[1,"),
    ],
)
def test_a_set_value_is_toml_or_else_a_string(text: str, path: tuple[str, ...], value: object) -> None:
    parsed = parse_set(text)
    assert parsed == (path, value)
    assert type(parsed[1]) is type(value)


def test_set_changes_the_scenario_and_the_last_one_counts(folder: Path) -> None:
    sets = [
        "routes.ladder.spacing_nmi=5",
        "title=a b",
        "routes.ladder.spacing_nmi=6.5",
        "background.merchant.speed_kn=9",
    ]
    scenario = load_scenario("base.toml", sets)
    assert (scenario.routes["ladder"].spacing_nmi, scenario.title) == (6.5, "a b")
    assert scenario.background["merchant"].speed_kn.bounds() == (9.0, 9.0)


def test_sets_as_a_mapping_do_the_same_as_text(folder: Path) -> None:
    mapping = load_scenario("base.toml", {"routes.ladder.spacing_nmi": 5.0, "title": "x"})
    assert mapping == load_scenario("base.toml", ["routes.ladder.spacing_nmi=5.0", "title=x"])


# ------------------------------------------------------------------------------------------------ files that are none
@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("format = 1\ntitle = \n", 2),
        ("format = 1\nformat = 1\n", 2),
        ("\n\n[areas\n", 3),
        ('a = 1\ntitle = "no end', 2),
        ('a = 1\ntitle = "no end\nb = 2\n', 2),
        ("a = [1,\n2,\n", None),
        ("[a]\n[a]\n", 2),
        ("a = 1\nb = 01\n", 2),
        ("a = 2023-13-45\n", 1),
    ],
)
def test_what_is_not_toml_is_refused_with_its_line(problems: Problems, text: str, line: int | None) -> None:
    (problem,) = problems(text)
    assert problem.file == VARIANT
    assert problem.line == line if line else problem.line in (2, 3)
    assert problem.allowed == "a valid TOML document"


@pytest.mark.parametrize("text", [b'title = "\xff"', 'title = "x"'.encode("utf-16")])
def test_a_file_that_is_not_utf8_is_refused(problems: Problems, text: bytes) -> None:
    (problem,) = problems(text)
    assert problem.file == VARIANT
    assert "utf-8" in problem.allowed


def test_a_byte_order_mark_as_windows_editors_write_it_does_no_harm(folder: Path) -> None:
    Path(VARIANT).write_bytes(b"\xef\xbb\xbf" + BASE.encode())
    assert load_scenario(VARIANT) == load_scenario("base.toml")


@pytest.mark.parametrize(
    ("given", "hint"),
    [
        ("neon-sprnig", "did you mean neon-spring?"),
        ("textbok", "did you mean textbook?"),
        ("textbook.toml", "did you mean textbook?"),
        ("some/where/neon-spring.toml", "did you mean neon-spring?"),
        ("nothing-like-it", ""),
        (".", "it is a folder, such as that of a run, and the scenario in it is base.toml"),
        ("", "it is a folder, such as that of a run, and the scenario in it is base.toml"),
        ("folder", "it is a folder, not a file"),
        ("x" * 5000, ""),
        ("a\0b", ""),
    ],
)
def test_a_scenario_that_is_not_there_is_refused_with_the_nearest_shipped_name(given: str, hint: str) -> None:
    Path("folder").mkdir()
    with pytest.raises(InputError) as raised:
        load_scenario(given)
    (problem,) = raised.value.problems
    assert (problem.file, problem.key, problem.hint) == ("arguments", "SCENARIO", hint)
    assert all(name in problem.allowed for name in shipped_names())


# ---------------------------------------------------------------------------------------------- what merging gives
def test_tables_merge_key_by_key_and_lists_are_replaced(folder: Path) -> None:
    merged = variant(
        aircraft={
            "aurora": {"reserve_h": 2.0, "sensors": ["eyes"], "identification": {"classify": {"probability": 0.1}}}
        }
    )["aircraft"]["aurora"]
    original = tomllib.loads(BASE)["aircraft"]["aurora"]
    assert merged["sensors"] == ["eyes"]
    assert merged["identification"]["classify"] == {"range_nmi": 10.0, "probability": 0.1}
    assert merged["identification"]["document"] == original["identification"]["document"]
    assert merged == {**original, **{key: merged[key] for key in ("reserve_h", "sensors", "identification")}}


@pytest.mark.parametrize(
    ("section", "name", "child", "kept"),
    [
        ("routes", "ladder", {"pattern": "barrier", "line": [[124.0, 28.0], [125.0, 28.0]]}, False),
        ("routes", "ladder", {"pattern": "parallel_sweep", "finished": "return"}, True),
        ("sensors", "radar", {"kind": "visual", "law": {"kind": "definite_range", "range_nmi": 5.0}}, False),
        ("background", "merchant", {"speed_kn": 9.0}, True),
        ("areas", "east_sea", {"file": "sea.geojson"}, False),
        ("areas", "east_sea", {"polygon": [[124.0, 28.0], [125.0, 28.0], [125.0, 29.0]]}, True),
    ],
)
def test_another_kind_pattern_or_form_drops_the_parents_table(
    folder: Path, section: str, name: str, child: dict[str, Any], kept: bool
) -> None:
    original = tomllib.loads(BASE)[section][name]
    assert variant(**{section: {name: child}})[section][name] == ({**original, **child} if kept else child)


@pytest.mark.parametrize(
    ("child", "merged"),
    [
        (9.0, 9.0),
        ({"mean": 9.0}, {"mean": 9.0}),
        ({"median": 9.0, "sigma": 0.2}, {"median": 9.0, "sigma": 0.2}),
        ({"high": 20.0}, {"low": 8.0, "high": 20.0}),
        ({"max": 12.0}, {"low": 8.0, "high": 14.0, "max": 12.0}),
        ({"mean": 9.0, "min": 1.0}, {"mean": 9.0, "min": 1.0}),
    ],
)
def test_another_form_of_a_random_quantity_replaces_it_and_the_same_form_merges(
    folder: Path, child: object, merged: object
) -> None:
    assert variant(background={"merchant": {"speed_kn": child}})["background"]["merchant"]["speed_kn"] == merged
    assert load_scenario(VARIANT).background["merchant"].speed_kn.model_dump() == merged


def test_a_law_of_another_kind_drops_the_parents_law_alone(folder: Path) -> None:
    law = {"kind": "definite_range", "range_nmi": 20.0, "probability": 0.5}
    assert variant(sensors={"radar": {"law": law}})["sensors"]["radar"] == {"kind": "radar", "law": law}


def test_a_grandchild_is_laid_over_the_child(folder: Path) -> None:
    Path("middle.toml").write_text(
        'extends = "base.toml"\n[routes.ladder]\nspacing_nmi = 1.0\nfinished = "return"\n', encoding="utf-8"
    )
    Path(VARIANT).write_text('extends = "middle.toml"\n[routes.ladder]\nspacing_nmi = 2.0\n', encoding="utf-8")
    ladder = load_scenario(VARIANT).routes["ladder"]
    assert (ladder.spacing_nmi, ladder.finished, ladder.area) == (2.0, "return", "east_sea")


@pytest.mark.parametrize("given", [*shipped_names(), "base.toml"])
def test_a_flat_scenario_extends_nothing_and_loads_to_the_same(folder: Path, given: str) -> None:
    scenario = load_scenario(given)
    Path("flat.toml").write_text(flat_toml(scenario), encoding="utf-8")
    assert "extends" not in tomllib.loads(flat_toml(scenario))
    assert load_scenario("flat.toml") == scenario
    assert digest(load_scenario("flat.toml")) == digest(scenario)


LATERAL = '[sensors.radar]\nlaw = { kind = "lateral_range", distance_nmi = %s, detection_probability = %s }'


@pytest.mark.parametrize(
    ("distances", "chances", "key", "allowed"),
    [
        ("[0.0, 9.0]", "[0.9]", "detection_probability", "at least 2"),
        ("[0.0, 9.0]", "[0.9, 0.5, 0.0]", "detection_probability", "one chance for each distance_nmi: 2, not 3"),
        ("[1.0, 9.0]", "[0.9, 0.0]", "distance_nmi", "distances from 0.0 up"),
        ("[0.0, 9.0, 9.0]", "[0.9, 0.5, 0.0]", "distance_nmi", "each greater than the one before"),
        ("[0.0, 9.0]", "[1.1, 0.0]", "detection_probability[0]", "at least 0 and at most 1"),
        ("[0.0, -9.0]", "[0.9, 0.0]", "distance_nmi[1]", "at least 0 and at most 1000"),
        ('[0.0, "far"]', "[0.9, 0.0]", "distance_nmi[1]", "at least 0 and at most 1000"),
        ("9.0", "[0.9, 0.0]", "distance_nmi", "a list"),
    ],
)
def test_a_lateral_range_curve_that_is_none(
    only_problem: OnlyProblem, distances: str, chances: str, key: str, allowed: str
) -> None:
    problem = only_problem(LATERAL % (distances, chances))
    assert problem.key == f"sensors.radar.law.{key}"
    assert problem.line == 3
    assert allowed in problem.allowed


def test_a_law_of_another_kind_is_set_key_by_key_in_any_order() -> None:
    law = ["kind=lateral_range", "distance_nmi=[0.0, 9.0]", "detection_probability=[0.9, 0.0]"]
    sets = [f"sensors.radar.law.{one}" for one in law]
    for order in (sets, sets[::-1]):
        loaded = load_scenario("base.toml", order).sensors["radar"].law
        assert (loaded.kind, loaded.reach_nmi) == ("lateral_range", 9.0)
