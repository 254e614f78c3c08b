"""Slips in nations, observers, agreements and tips: one line each, with file, line, key and what is allowed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from sim.scenario.load import load_scenario
from sim.scenario.problems import Problem

from .conftest import VARIANT, Answer

OnlyProblem = Callable[..., Problem]
Problems = Callable[..., list[Problem]]

WORLD = """[nations.canada]
[nations.japan]
[nations.usa]
[patrols.daily]
nation = "canada"
"""
DESK = """[observers.desk]
kind = "ais_desk"
nation = "usa"
probability = 0.4
position_error_nmi = 4.0
delay_h = 1.0
"""
SATELLITE = """[observers.eye]
kind = "satellite"
nation = "japan"
sensor = "radar"
revisit_h = 12.0
swath_nmi = 60.0
probability = 0.8
position_error_nmi = 0.5
delay_h = 3.0
"""
SOURCE = """[observers.agent]
kind = "human"
nation = "japan"
probability = 0.2
position_error_nmi = 9.0
delay_h = 3.0
"""
SHORE = """[observers.shore]
kind = "coastal_radar"
nation = "japan"
position = [124.5, 28.0]
range_nmi = 60.0
probability = 0.9
position_error_nmi = 1.0
delay_h = 0.5
"""
CREW = """[observers.crew]
kind = "patrol"
nation = "canada"
patrol = "daily"
position_error_nmi = 0.5
delay_h = 0.5
"""
PACT = """[agreements.pact]
nations = ["canada", "japan"]
delay_h = 2.0
"""
TIPS = "[patrols.daily.tips]\n"
CELL = "[nations.canada.cell]\n"
QUANTITY = "{ low, high }, { mean } or { median, sigma }"
LEVELS = "unclassified or restricted or confidential or secret or top_secret"
DATE = "a date, or a date and time with an offset"
RELEASE = "a number at least 0 and at most 1, or a table of such numbers by kind of observer"
SHARE = "a number at least 0 and at most 1"


def swapped(text: str, old: str, new: str) -> str:
    """A part with one of its lines, or a piece of one, replaced."""
    assert text.count(old) == 1
    return text.replace(old, new)


# What is written, the key that is named, what is said of it, and the hint.
SLIPS = [
    (swapped(DESK, '"ais_desk"', '"ais"'), "observers.desk.kind", "ais_desk, ais_satellite, ais_station", ""),
    (swapped(DESK, '"ais_desk"', '"satelite"'), "observers.desk.kind", "satellite", "did you mean satellite?"),
    (swapped(DESK, 'kind = "ais_desk"\n', ""), "observers.desk.kind", "this key is required", ""),
    (swapped(DESK, 'nation = "usa"\n', ""), "observers.desk.nation", "this key is required", ""),
    (swapped(DESK, '"usa"', '"USA"'), "observers.desk.nation", "canada, japan, usa", "did you mean usa?"),
    (swapped(DESK, '"usa"', '["usa"]'), "observers.desk.nation", "text in quotes", 'did you mean "usa"?'),
    (swapped(DESK, "0.4", "40"), "observers.desk.probability", SHARE, "did you mean 0.4?"),
    (swapped(DESK, "0.4", '"0.4"'), "observers.desk.probability", SHARE, "without quotes"),
    (swapped(DESK, "error_nmi", "error_km"), "observers.desk.position_error_km", "", "position_error_nmi, in nautical"),
    (swapped(DESK, "delay_h", "delay_min"), "observers.desk.delay_min", "", "did you mean delay_h, in hours?"),
    (swapped(DESK, "1.0", "-1.0"), "observers.desk.delay_h", "0 to 10000 hours", ""),
    (swapped(DESK, "1.0", '"1 h"'), "observers.desk.delay_h", QUANTITY, ""),
    (swapped(DESK, "1.0", "{ median = 1.0 }"), "observers.desk.delay_h", QUANTITY, ""),
    (swapped(DESK, "delay_h = 1.0\n", ""), "observers.desk.delay_h", "this key is required", ""),
    (DESK + "false_per_day = 2.0", "observers.desk.false_per_day", "", "false_per_month, a rate per 30 days"),
    (DESK + 'area = "east_china_sea"', "observers.desk.area", "from [areas]: east_sea, strait", "mean east_sea?"),
    (DESK + 'classification = "Secret"', "observers.desk.classification", LEVELS, "did you mean secret?"),
    (DESK + 'classification = "top secret"', "observers.desk.classification", LEVELS, "did you mean top_secret?"),
    (DESK + "credibility = 70", "observers.desk.credibility", SHARE, "did you mean 0.7?"),
    (DESK + "dark_share = 0.3", "observers.desk.dark_share", "", "a key of [background.NAME] and [transfers.NAME]"),
    (DESK + "revisit_h = 3.0", "observers.desk.revisit_h", "after_h, area, classification", ""),
    (swapped(SATELLITE, '"radar"', '"sar"'), "observers.eye.sensor", "radar or optical", ""),
    (swapped(SATELLITE, 'sensor = "radar"\n', ""), "observers.eye.sensor", "radar or optical; this key", ""),
    (swapped(SATELLITE, "12.0", "0.0"), "observers.eye.revisit_h", "at least 0.1", ""),
    (SATELLITE + "first_pass_h = 13.0", "observers.eye.first_pass_h", "at most revisit_h, 12", ""),
    (SATELLITE + "heading_deg = 360.0", "observers.eye.heading_deg", "at least 0 and below 360", ""),
    (SATELLITE + "cloud = 0.3", "observers.eye.cloud", "", "did you mean cloud_share, from 0 to 1?"),
    (swapped(SATELLITE, "swath_nmi", "swath_km"), "observers.eye.swath_km", "", "swath_nmi, in nautical miles"),
    (SOURCE + "lead_h = -3.0", "observers.agent.lead_h", "0 to 10000 hours", ""),
    (SOURCE + "lead_days = 1.0", "observers.agent.lead_days", "", "did you mean lead_h, in hours?"),
    (swapped(SHORE, "[124.5, 28.0]", "[28.0, 124.5]"), "observers.shore.position", "longitude comes first", ""),
    (swapped(SHORE, "60.0", "0.0"), "observers.shore.range_nmi", "above 0 and at most 2000", ""),
    (swapped(CREW, '"daily"', '"dayly"'), "observers.crew.patrol", "from [patrols]: daily", "did you mean daily?"),
    (CREW + 'reports = "seen"', "observers.crew.reports", "detected or classified or documented", ""),
    (CREW + "false_per_month = 3.0", "observers.crew.false_per_month", "patrol, position_error_nmi", ""),
    (swapped(PACT, '["canada", "japan"]', '["canada"]'), "agreements.pact.nations", "at least 2", ""),
    (swapped(PACT, '"japan"', '"canada"'), "agreements.pact.nations", "each nation once", ""),
    (swapped(PACT, '["canada", "japan"]', '"canada"'), "agreements.pact.nations", "a list", 'mean ["canada"]?'),
    (swapped(PACT, '"japan"', '"Japan"'), "agreements.pact.nations[1]", "canada, japan, usa", "did you mean japan?"),
    (swapped(PACT, '"japan"', '"korea"'), "agreements.pact.nations[1]", "canada, japan, usa", ""),
    (swapped(PACT, "delay_h", "delay_days"), "agreements.pact.delay_days", "", "did you mean delay_h, in hours?"),
    (swapped(PACT, "2.0", "20000.0"), "agreements.pact.delay_h", "0 to 10000 hours", ""),
    (PACT + 'state = "signed"', "agreements.pact.state", "none or negotiating or in_force", ""),
    (PACT + 'state = "in force"', "agreements.pact.state", "none or negotiating", "did you mean in_force?"),
    (PACT + 'in_force_from = "2025-07-08"', "agreements.pact.in_force_from", DATE, "without quotes"),
    (PACT + "in_force_from = 2025", "agreements.pact.in_force_from", DATE, ""),
    (PACT + "in_force_from = 2025-07-08T00:00:00", "agreements.pact.in_force_from", DATE, "2025-07-08T00:00:00Z?"),
    (PACT + "in_force_from = 0202-07-08", "agreements.pact.in_force_from", "in a year from 1900 to 2200", ""),
    (PACT + "in_force = 2025-07-08", "agreements.pact.in_force", "", "did you mean in_force_from?"),
    (PACT + "release = 60", "agreements.pact.release", RELEASE, ""),
    (PACT + 'release = "all"', "agreements.pact.release", RELEASE, ""),
    (PACT + "release = true", "agreements.pact.release", RELEASE, ""),
    (PACT + "release = { satelite = 0.5 }", "agreements.pact.release.satelite", "", "did you mean satellite?"),
    (PACT + "release = { satellite = 50 }", "agreements.pact.release.satellite", SHARE, "did you mean 0.5?"),
    (PACT + "sanitizing_error_nmi = 1.0", "agreements.pact.sanitizing_error_nmi", "", "mean sanitising_error_nmi?"),
    (PACT + 'ceiling = "SECRET"', "agreements.pact.ceiling", LEVELS, "did you mean secret?"),
    (PACT + 'third_party_release = "yes"', "agreements.pact.third_party_release", "true or false", ""),
    (PACT + "third_party = true", "agreements.pact.third_party", "", "did you mean third_party_release?"),
    (TIPS + "next_sorty = true", "patrols.daily.tips.next_sorty", "", "did you mean next_sortie?"),
    (TIPS + "divert = 1", "patrols.daily.tips.divert", "true or false", ""),
    (TIPS + "least_chance = 10", "patrols.daily.tips.least_chance", SHARE, "did you mean 0.1?"),
    (TIPS + 'search = "sector"', "patrols.daily.tips.search", "{ pattern, spacing_nmi, factor }", ""),
    (TIPS + 'search = { pattern = "ladder" }', "patrols.daily.tips.search.pattern", "expanding_square or sector", ""),
    (TIPS + "search = { spacing = 5.0 }", "patrols.daily.tips.search.spacing", "", "did you mean spacing_nmi"),
    (TIPS + "search = { factor = 11.0 }", "patrols.daily.tips.search.factor", "at most 10", ""),
    (CELL + "lasts = 6.0", "nations.canada.cell.lasts", "", "did you mean lasts_h, in hours?"),
    (CELL + "lasts_h = 0.0", "nations.canada.cell.lasts_h", "at least 0.1", ""),
    (CELL + "spread_nmi = 1.0", "nations.canada.cell.spread_nmi", "", "did you mean spread_kn, in knots?"),
    (CELL + "fused_within_nmi = 3.0", "nations.canada.cell.fused_within_nmi", "", "did you mean fused_within?"),
    ('[nations."South Korea"]', "nations.South Korea", "a name of letters, digits", ""),
    ('[nations]\nfrance = "France"', "nations.france", "a table { title, cell }", ""),
    ("[nation.france]", "nation", "", "did you mean nations?"),
    ("[tips]\ndivert = true", "tips", "", "a key of [patrols.NAME]"),
    ('[observers]\nkind = "human"', "observers.kind", "a table", "did you mean [observers.NAME], and kind below it?"),
    (
        "[aircraft.aurora.identification.priority]\nnear_tips = 3.0",
        "aircraft.aurora.identification.priority.near_tips", "", "did you mean near_tip?",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "key", "allowed", "hint"), SLIPS)
def test_a_slip_is_one_line_that_names_the_key(
    only_problem: OnlyProblem, seasweep: Callable[..., Answer], text: str, key: str, allowed: str, hint: str
) -> None:
    whole = WORLD + text
    problem = only_problem(whole)
    assert (problem.file, problem.key) == (VARIANT, key)
    assert allowed in problem.allowed
    assert hint in problem.hint
    assert bool(hint) == bool(problem.hint)
    line = whole.splitlines()[problem.line - 2]  # behind the line that names the parent
    last = key.rpartition(".")[2].partition("[")[0]
    assert line.startswith("[" if "this key is required" in problem.allowed else ("[", last, "search", "release"))
    answer = seasweep("check", VARIANT)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err == f"error: {problem}\n"


@pytest.mark.parametrize(
    ("text", "key", "allowed"),
    [
        (TIPS, "patrols.daily.tips", "a patrol with a nation, one of [nations]"),
        ('[patrols.daily]\nnation = "canada"\ntips = {}', "patrols.daily.tips", "where [nations] has the nation"),
        ("[nations.canada]\n" + TIPS, "patrols.daily.tips", "a nation, one of [nations], because"),
        ('[nations.canada]\n[patrols.daily]\nnation = "Canada"\ntips = {}', "patrols.daily.nation", "canada"),
        ('[nations.canada]\n[patrols.daily]\nnation = "france"', "patrols.daily.nation", "canada"),
        (DESK, "observers.desk.nation", "a name from [nations]: none is defined"),
        ('nations = ["canada"]', "nations", "a table"),
        ("[patrols.daily]\ntips = true", "patrols.daily.tips", "a table { next_sortie, divert"),
    ],
)
def test_parts_that_need_one_another(only_problem: OnlyProblem, text: str, key: str, allowed: str) -> None:
    problem = only_problem(text)
    assert problem.key == key
    assert allowed in problem.allowed


def test_the_nation_of_a_patrol_with_tips_is_a_table_to_add(only_problem: OnlyProblem) -> None:
    assert only_problem('[patrols.daily]\nnation = "own"\ntips = {}').hint == "add the table [nations.own]"


def test_two_slips_are_two_lines_in_the_order_of_the_file(problems: Problems) -> None:
    text = WORLD + swapped(DESK, "0.4", "4.0") + PACT + 'ceiling = "high"\n'
    found = problems(f'extends = "base.toml"\n{text}')
    assert [one.key for one in found] == ["observers.desk.probability", "agreements.pact.ceiling"]


def test_what_is_set_on_the_command_line_is_said_to_be(problems: Problems) -> None:
    (one,) = problems(f'extends = "base.toml"\n{WORLD}{PACT}', ["agreements.pact.release=1.5"])
    assert (one.file, one.line, one.key) == ("command line", None, "agreements.pact.release")


def test_a_patrol_may_be_of_any_nation_where_there_are_none() -> None:
    Path(VARIANT).write_text('extends = "base.toml"\n[patrols.daily]\nnation = "Canada"\n', encoding="utf-8")
    assert load_scenario(VARIANT).patrols["daily"].nation == "Canada"


def test_whole_parts_load() -> None:
    text = WORLD + DESK + SATELLITE + SOURCE + SHORE + CREW + PACT + TIPS + "search = { spacing_nmi = 5.0 }\n"
    Path(VARIANT).write_text(f'extends = "base.toml"\n{text}', encoding="utf-8")
    assert set(load_scenario(VARIANT).observers) == {"desk", "eye", "agent", "shore", "crew"}
