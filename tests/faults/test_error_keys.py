"""What a message points at: the key that breaks a rule, on its line, and what was probably meant, in one line."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sim.check.advice import findings
from sim.scenario.load import load_scenario
from sim.scenario.problems import InputError, Problem
from sim.study.design import load_study

from .conftest import BASE, VARIANT, Answer

OnlyProblem = Callable[..., Problem]
Seasweep = Callable[..., Answer]
AURORA = "[aircraft.aurora]\n"
LADDER = "[routes.ladder]\n"
STUDY = 'format = 1\nscenario = "base.toml"\n[[vary]]\nkey = "routes.ladder.spacing_nmi"\nvalues = [20.0]\n'
CUBE = (
    '[sensors.radar]\nlaw = { kind = "inverse_cube", sweep_width_nmi = %s, reference_speed_kn = 200.0,'
    " max_range_nmi = %s }"
)


# ---------------------------------------------------------------------------------------------- the key, on its line
@pytest.mark.parametrize(
    ("text", "line", "key", "given", "hint"),
    [
        (AURORA + "burn = { search = 0.1 }", 3, "aircraft.aurora.burn.search", "0.1", "transit_speed_kn is 350.0"),
        (AURORA + "\nendurance_h = 0.5", 4, "aircraft.aurora.endurance_h", "0.5", "reserve_h is 1.0"),
        (AURORA + "transit_speed_kn = 99.0", 3, "aircraft.aurora.transit_speed_kn", "99.0", "search_speed_kn is 210.0"),
        (AURORA + 'sensors = [\n"eyes",\n"radar",\n"eyes"]', 6, "aircraft.aurora.sensors[2]", '"eyes"', ""),
        (
            "[aircraft.aurora.identification]\nclassify = { range_nmi = 1.0 }",
            3,
            "aircraft.aurora.identification.classify.range_nmi",
            "1.0",
            "document.range_nmi is 2.0",
        ),
        (CUBE % ("40.0", "20.0"), 3, "sensors.radar.law.sweep_width_nmi", "40.0", "max_range_nmi is 20.0"),
        (CUBE % ("5e-324", "20.0"), 3, "sensors.radar.law.sweep_width_nmi", "5e-324", ""),
        ("[transfers.fuel.duration_h]\nmin = 9.0\nmax = 3.0", 3, "transfers.fuel.duration_h.min", "9.0", "max is 3.0"),
        ("[background.merchant.speed_kn]\nhigh = 99.0", 3, "background.merchant.speed_kn.high", "99.0", ""),
        ("theatre = { north = 70.0 }", 2, "theatre.north", "70.0", ""),
        ("[environment]\nsea_state = 3\n\nwind_from_deg = 9.0", 5, "environment.wind_from_deg", "9.0", ""),
    ],
)
def test_a_rule_across_keys_blames_the_key_that_was_written_last(
    only_problem: OnlyProblem, text: str, line: int, key: str, given: str, hint: str
) -> None:
    problem = only_problem(text)
    assert (problem.file, problem.line, problem.key, problem.given) == (VARIANT, line, key, given)
    assert hint in problem.hint
    assert "\n" not in str(problem)


@pytest.mark.parametrize(
    ("vary", "line", "key"),
    [
        ('[[vary]]\nkey = "title"\nsettings = [{ label = "a", set = { title = "x" } }]', 5, "vary[0].settings"),
        ('[[vary]]\nname = "x"\nvalues = [1.0]', 5, "vary[0].values"),
        ('[[vary]]\nkey = "duration_days"\nvalues = [20,\n21, 20.0]', 6, "vary[0].values[2]"),
        ('[[vary]]\nname = "x"\n[[vary.settings]]\nlabel = "a"\nset = { title = "x" }\n' * 2, 9, "vary[1].name"),
        (
            '[[vary]]\nname = "x"\n' + '[[vary.settings]]\nlabel = "a"\nset = { title = "x" }\n' * 2,
            9,
            "vary[0].settings[1].label",
        ),
    ],
)
def test_a_rule_across_keys_of_a_study_blames_one_too(folder: Path, vary: str, line: int, key: str) -> None:
    Path("study.toml").write_text('format = 1\nscenario = "base.toml"\n' + vary, encoding="utf-8")
    with pytest.raises(InputError) as raised:
        load_study("study.toml")
    (problem,) = raised.value.problems
    assert (problem.file, problem.line, problem.key) == ("study.toml", line, key)


# ---------------------------------------------------------------------------------------------- one slip, one line
@pytest.mark.parametrize(
    ("old", "new", "line", "meant"),
    [
        ("spacing_nmi = 40.0", "spacing_km = 40.0", "spacing_km", "did you mean spacing_nmi, in nautical miles?"),
        ("search_speed_kn", "search_speed_kmh", "search_speed_kmh", "did you mean search_speed_kn, in knots?"),
        ("turn_round_h", "turn_round_min", "turn_round_min", "did you mean turn_round_h, in hours?"),
        ("altitude_ft = 5000.0", "altitude_m = 1500.0", "altitude_m", "did you mean altitude_ft, in feet?"),
        ("duration_days", "duration_h", "duration_h =", "did you mean duration_days, in days?"),
        ("per_month", "per_day", "per_day", "did you mean per_month, a rate per 30 days?"),
        ("position", "postion", "postion", "did you mean position?"),
    ],
)
def test_a_required_key_under_another_name_is_asked_for_once(
    problems: Callable[..., list[Problem]], old: str, new: str, line: str, meant: str
) -> None:
    text = BASE.replace(old, new, 1)
    (problem,) = problems(text)
    assert problem.line == text[: text.index(line)].count("\n") + 1
    assert problem.hint == meant


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("PS", "parallel_sweep"),
        ("CS", "creeping_line"),
        ("SS", "expanding_square"),
        ("VS", "sector"),
        ("TS", "track_line"),
        ("tsr", "track_line"),
        ("TSN", "track_line"),
        ("Parallel Sweep", "parallel_sweep"),
        ("square", "expanding_square"),
    ],
)
def test_a_pattern_as_iamsar_writes_it_is_answered_by_its_name_here(
    only_problem: OnlyProblem, given: str, name: str
) -> None:
    problem = only_problem(f'{LADDER}pattern = "{given}"')
    assert (problem.line, problem.hint) == (3, f"did you mean {name}?")


@pytest.mark.parametrize("command", [("check",), ("run", "--replications", "1"), ("plot", "route"), ("compare",)])
@pytest.mark.parametrize("name", ["study.toml", "neon-light"])
def test_a_study_given_for_a_scenario_says_who_takes_it(
    seasweep: Seasweep, command: tuple[str, ...], name: str
) -> None:
    Path("study.toml").write_text(STUDY, encoding="utf-8")
    answer = seasweep(*command, name, *([name] if command == ("compare",) else []))
    assert (answer.code, answer.out, answer.err.count("\n")) == (2, "", 1)
    assert "a study" in answer.err
    assert "seasweep sweep" in answer.err


@pytest.mark.parametrize(("name", "line"), [("base.toml", 3), (VARIANT, 2), ("neon-spring", None)])
def test_a_scenario_given_for_a_study_says_who_takes_it(seasweep: Seasweep, name: str, line: int | None) -> None:
    Path(VARIANT).write_text('\nextends = "base.toml"\ntitle = "x"\n', encoding="utf-8")
    answer = seasweep("sweep", name)
    assert (answer.code, answer.out, answer.err.count("\n")) == (2, "", 1)
    assert answer.err.startswith("error: command line: " if line is None else f"error: {name}:{line}: ")
    assert "a scenario" in answer.err
    assert "seasweep run" in answer.err


def test_a_key_of_a_study_in_a_scenario_is_hinted_as_such(only_problem: OnlyProblem) -> None:
    assert "a key of a study" in only_problem('measures = ["p_documented"]').hint
    assert "--seed of seasweep run" in only_problem("seed = 4").hint


# ---------------------------------------------------------------------------------------------------- careless users
@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ('[patrols.daily]\nroutes = "ladder"', 'did you mean ["ladder"]?'),
        ('[patrols.daily]\nbase = ["kadena"]', 'did you mean "kadena"?'),
        (LADDER + 'spacing_nmi = "20"', "write the value without quotes"),
        ('[outputs]\ncontacts = "true"', "write the value without quotes"),
        ('start = "2023-04-10T00:00:00Z"', "write the value without quotes"),
        ('[areas.strait]\npolygon = "sea.geojson"', 'did you mean file = "sea.geojson"?'),
        ('[[groups]]\nname = "x"', "did you mean [groups.NAME]?"),
        ('[patrols.daily]\nsensors = ["radar"]', "sensors is a key of [aircraft.NAME]"),
        ("[patrols.daily]\nspacing_nmi = 4.0", "spacing_nmi is a key of [routes.NAME]"),
        (LADDER + "duration_days = 4", "duration_days belongs above the first [table] of the file"),
        ('start = "2026-04-01"', "did you mean 2026-04-01T00:00:00Z?"),
        ("start = 2026-04-01", "did you mean 2026-04-01T00:00:00Z?"),
        ("start = 2026-04-01T06:30:00", "did you mean 2026-04-01T06:30:00Z?"),
        ('start = "in April 2026"', ""),
        ('time_zone = "JST"', "did you mean Asia/Tokyo?"),
        ('time_zone = "pht"', "did you mean Asia/Manila?"),
        ('time_zone = "QQQ"', ""),
        (
            'time_zone = "UTC+9"',
            "did you mean Etc/GMT-9? This is UTC+9: the sign in names of this kind is turned round",
        ),
        ("[environment]\nseries = { time = [0.0], sea_state = [3] }", "did you mean time_h, in hours?"),
        ("[outputs]\ncontacts = True", "write text in quotes, and true and false in small letters"),
        ("theatre = { west = 118.0,\n south = 22.0 }", "write a table in braces on one line"),
        ("title: 4", "write each key on a line of its own: key = value"),
        (
            "duration_days = 4,5",
            "write one key on each line, nothing after its value, a point before decimals, and a local time in quotes",
        ),
        ('format = "1"', "write the value without quotes"),
        ("[areas.strait]\nwest = 118.0", "west is a key of [theatre]"),
        ('[routes.new]\npatern = "barrier"', "patern may be a misspelling of pattern"),
        ("[intercepts]\nper_100_h = 5.0", "did you mean [intercepts.NAME], and per_100_h below it?"),
    ],
)
def test_a_slip_of_form_is_answered_by_the_form(only_problem: OnlyProblem, text: str, hint: str) -> None:
    assert only_problem(text).hint == hint


def test_a_table_is_asked_for_with_its_keys(only_problem: OnlyProblem) -> None:
    assert only_problem("[bases.kadena]\nclosed = 0.1").allowed == "a table { mean_open_h, mean_closed_h }"
    assert only_problem("theatre = [118.0, 22.0]").allowed == "a table { west, south, east, north }"


@pytest.mark.parametrize(
    ("text", "line", "named"),
    [
        ("time_h;sea_state\n0;3\n", 1, "semicolons"),
        ("time_h,sea_state\n0;3\n", 2, "semicolons"),
        ("time_h\tsea_state\n0\t3\n", 1, "tabs"),
    ],
)
def test_a_file_of_weather_with_other_marks_than_commas_gets_a_hint(
    only_problem: OnlyProblem, text: str, line: int, named: str
) -> None:
    Path("weather.csv").write_text(text, encoding="utf-8")
    problem = only_problem('[environment.series]\nfile = "weather.csv"')
    assert (problem.file, problem.line) == ("weather.csv", line)
    assert problem.hint == f"separate columns by commas, not by {named}, and write a point before decimals"


PRIORITY = "aircraft.cp140.identification.priority"


@pytest.mark.parametrize(
    ("weight", "wanted"),
    [("watched", "priority.watch_areas"), ("dark", "aircraft.cp140.sensors"), ("alongside", "resolution_m")],
)
def test_a_weight_that_cannot_be_known_names_the_key_that_is_missing(weight: str, wanted: str) -> None:
    scenario = load_scenario("neon-spring", {PRIORITY: {"suspicious": 1.0, weight: 1.0}})
    (one,) = [one for one in findings(scenario) if one.rule == "weight_unobservable"]
    assert str(one).startswith(f"{PRIORITY}.{weight}:")
    assert wanted in str(one)


# ------------------------------------------------------------------------------------------------------------ groups
OTHER = (
    '[patrols.other]\naircraft = "%s"\nbase = "kadena"\nroutes = ["ladder"]\nfirst_takeoff_h = 9.0\nevery_h = 24.0\n'
    '[groups.pair]\ndivide = "%s"\npatrols = [\n"daily",\n"other"]\n'
)
WIDE = (
    "[aircraft.wide]\ntransit_speed_kn = 400.0\nsearch_speed_kn = 400.0\nbank_deg = 10.0\naltitude_ft = 5000.0\n"
    'endurance_h = 9.0\nreserve_h = 1.0\nturn_round_h = 2.0\nsensors = ["radar"]\n'
)
RACE = '[routes.race]\npattern = "racetrack"\nline = [[124.0, 29.0], [126.0, 29.0]]\nwidth_nmi = 10.0\n'
EAST = (
    "[routes.fence]\nline = [[124.0, 29.0], [124.3, 30.0]]\n"
    "[zones.east]\npolygon = [[125.0, 26.9], [127.3, 26.9], [127.3, 32.1], [125.0, 32.1]]\n"
)


@pytest.mark.parametrize(
    ("text", "allowed", "why"),
    [
        (
            WIDE + RACE + '[patrols.daily]\nroutes = ["race"]\n' + OTHER % ("wide", "hand_over"),
            "a patrol that can fly routes.race",
            "routes.race.width_nmi: at least 26.45, twice the radius of a turn at 400 kn (wide)",
        ),
        (
            EAST + OTHER % ("aurora", "area"),
            "a patrol that can fly its strip of routes.ladder",
            "routes.ladder.area: an area with some sea outside the no-go zones (aurora)",
        ),
    ],
)
def test_a_group_whose_member_cannot_fly_its_share_is_refused_when_loaded(
    seasweep: Seasweep, text: str, allowed: str, why: str
) -> None:
    whole = f'extends = "base.toml"\n{text}'
    Path(VARIANT).write_text(whole, encoding="utf-8")
    line = whole[: whole.index('"other"]')].count("\n") + 1
    for command in (("check", VARIANT), ("run", VARIANT, "--replications", "1")):
        answer = seasweep(*command)
        said = f'{VARIANT}:{line}: groups.pair.patrols[1]: given "other"; allowed: {allowed} ({why})'
        assert (answer.code, answer.out, answer.err) == (2, "", f"error: {said}\n")


@pytest.mark.parametrize("text", [EAST + OTHER % ("aurora", "time"), OTHER % ("aurora", "area")])
def test_a_group_that_can_fly_its_shares_loads(text: str) -> None:
    Path(VARIANT).write_text(f'extends = "base.toml"\n{text}', encoding="utf-8")
    assert load_scenario(VARIANT).groups["pair"].patrols == ["daily", "other"]


# ------------------------------------------------------------------------------------------------------ a sweep's table
@pytest.mark.parametrize(
    ("keys", "short"),
    [
        (["a.b.c", "take-off"], ["c", "take-off"]),
        (["a.classify.range_nmi", "a.document.range_nmi"], ["classify.range_nmi", "document.range_nmi"]),
        (["x.one.a.b", "x.two.a.b", "y.b"], ["one.a.b", "two.a.b", "y.b"]),
        (["b", "a.b"], ["b", "a.b"]),
    ],
)
def test_keys_are_shortened_to_what_tells_them_apart(keys: list[str], short: list[str]) -> None:
    from sim.scenario.wording import shortened_keys

    assert shortened_keys(keys) == short
    assert len(set(short)) == len(keys)


def test_a_table_of_many_long_keys_cuts_no_heading(seasweep: Seasweep) -> None:
    def vary(key: str, value: Any) -> str:
        return f'[[vary]]\nkey = "aircraft.aurora.identification.{key}"\nvalues = [{value}]\n'

    head = 'format = 1\nscenario = "base.toml"\nreplications = 2\n'
    keys = {"classify.range_nmi": 9.0, "document.range_nmi": 1.0, "max_detour_nmi": 50.0}
    Path("study.toml").write_text(head + "".join(vary(key, value) for key, value in keys.items()), encoding="utf-8")
    answer = seasweep("sweep", "study.toml", "--jobs", "1")
    assert answer.code == 0, answer.err
    heading = answer.out.splitlines()[2]
    assert heading.split()[:3] == list(keys)
    assert "…" not in answer.out
