"""What is wrong with a route: one clear line each."""

from collections.abc import Callable
from pathlib import Path

import pytest

from sim.scenario.load import load_scenario, load_source
from sim.scenario.problems import Problem

from .conftest import BASE, VARIANT, Answer

OnlyProblem = Callable[..., Problem]
LADDER = "[routes.ladder]\n"
SQUARE = LADDER + 'pattern = "expanding_square"\nspacing_nmi = 10.0\n'
SECTOR = LADDER + 'pattern = "sector"\nradius_nmi = 30.0\n'
DATUM = "datum = [125.0, 29.0]\n"
TRACK = '[routes.ladder]\npattern = "track_line"\nspacing_nmi = 40.0\n'


@pytest.mark.parametrize(
    ("text", "key", "allowed"),
    [
        (
            LADDER + "legs = 4\ntime_h = 3.0",
            ".time_h",
            "exactly one of spacing_nmi, legs, time_h; this table has legs and time_h",
        ),
        (SQUARE + DATUM, "", "exactly one of legs, time_h; this table has none of them"),
        (
            SQUARE + DATUM + "legs = 4\ntime_h = 3.0",
            ".time_h",
            "exactly one of legs, time_h; this table has legs and time_h",
        ),
        (SQUARE + 'area = "east_sea"\nlegs = 4\ntime_h = 3.0', ".time_h", "at most one of legs, time_h"),
        (SQUARE + "legs = 4", "", "exactly one of datum, area; this table has none of them"),
        (SECTOR + DATUM + 'area = "east_sea"', ".area", "exactly one of datum, area; this table has datum and area"),
        (SECTOR + DATUM + "sectors = 4", ".sectors", "an odd number of sectors"),
        (SECTOR + DATUM + "sectors = 1", ".sectors", "a whole number at least 3"),
        (SECTOR + DATUM + "runs = 0", ".runs", "a whole number at least 1"),
        (SECTOR + 'area = "west_sea"', ".area", "a name from [areas]: east_sea, strait"),
        (SECTOR + "datum = [29.0, 125.0]", ".datum", "longitude and latitude look swapped"),
        (LADDER + "legs = 4.5", ".legs", "a whole number at least 1 and at most 1000"),
        (LADDER + "time_h = 0.0", ".time_h", "a number above 0 and at most 60"),
        (LADDER + 'pattern = "racetrack"\nline = [[124.0, 29.0], [125.0, 29.0]]', ".width_nmi", "this key is required"),
        (
            LADDER + 'pattern = "racetrack"\nwidth_nmi = 9.0\nline = [[124.0, 29.0], [125.0, 29.0], [126.0, 29.0]]',
            ".line",
            "a line of two points, [[lon, lat], [lon, lat]], not of 3",
        ),
        (TRACK + 'waypoints = [[124.0, 29.0], [125.0, 29.0]]\nreturns = "no"', ".returns", "true or false"),
        ("[aircraft.aurora]\nbank_deg = 90.0", "bank_deg", "at least 5 and at most 60"),
    ],
)
def test_a_route_says_what_it_lacks_or_has_too_much_of(
    only_problem: OnlyProblem, text: str, key: str, allowed: str
) -> None:
    problem = only_problem(text)
    assert problem.file == VARIANT
    assert problem.key == ("aircraft.aurora.bank_deg" if key == "bank_deg" else f"routes.ladder{key}")
    assert allowed in str(problem)
    assert "\n" not in str(problem)


@pytest.mark.parametrize(
    ("text", "line", "key", "allowed"),
    [
        (LADDER + "\ntime_h = 0.5", 4, "time_h", "at least 1.42, the time of one leg at 210 kn (aurora)"),
        (SQUARE + DATUM + "time_h = 0.04", 6, "time_h", "at least 0.05, the time of one leg at 210 kn (aurora)"),
        (
            "[aircraft.aurora]\nbank_deg = 20.0\n"
            + LADDER
            + 'pattern = "racetrack"\nline = [[124.0, 29.0], [125.0, 29.0]]\nwidth_nmi = 3.0',
            7,
            "width_nmi",
            "at least 3.54, twice the radius of a turn at 210 kn (aurora)",
        ),
        (
            TRACK + "waypoints = [[124.0, 29.0], [126.0, 29.0], [124.0, 29.1]]",
            4,
            "spacing_nmi",
            "a smaller spacing: the line bends",
        ),
        (
            TRACK.replace("40.0", "1e-300") + "waypoints = [[124.0, 29.0], [126.0, 29.0]]",
            4,
            "spacing_nmi",
            "at least 0.01",
        ),
        (
            LADDER + 'pattern = "expanding_square"\narea = "east_sea"\nspacing_nmi = 0.1',
            5,
            "spacing_nmi",
            "for at most 1000 legs over the area (aurora)",
        ),
    ],
)
def test_what_an_aircraft_cannot_fly_is_refused_at_its_key_by_every_command(
    seasweep: Callable[..., Answer], text: str, line: int, key: str, allowed: str
) -> None:
    Path(VARIANT).write_text(f'extends = "base.toml"\n{text}', encoding="utf-8")
    for command in (("check", VARIANT), ("run", VARIANT, "--replications", "1"), ("plot", "route", VARIANT)):
        answer = seasweep(*command)
        assert (answer.code, answer.out) == (2, "")
        assert answer.err.startswith(f"error: {VARIANT}:{line}: routes.ladder.{key}: given ")
        assert allowed in answer.err
        assert answer.err.count("\n") == 1


@pytest.mark.parametrize("new", ["legs = 5", "time_h = 6.0"])
def test_a_child_that_measures_a_sweep_in_another_way_means_it_instead(new: str) -> None:
    key = new.partition(" ")[0]
    Path(VARIANT).write_text(f'extends = "base.toml"\n{LADDER}{new}', encoding="utf-8")
    for source in (load_source(VARIANT), load_source("base.toml", [f"routes.ladder.{new.replace(' ', '')}"])):
        route = source.data["routes"]["ladder"]
        assert set(route) == {"pattern", "area", key}
    again = load_scenario(VARIANT, {"routes.ladder.spacing_nmi": 25.0}).routes["ladder"]
    assert (again.spacing_nmi, getattr(again, key)) == (25.0, None)


def test_a_missing_measure_is_asked_for_at_the_table(problems: Callable[..., list[Problem]]) -> None:
    (problem,) = problems(BASE.replace("spacing_nmi = 40.0\n", "", 1))
    assert problem.key == "routes.ladder"
    assert problem.allowed == "exactly one of spacing_nmi, legs, time_h; this table has none of them"


@pytest.mark.parametrize(
    ("arguments", "key", "hint"),
    [
        (("--route", "lader"), "--route", "did you mean ladder?"),
        (("--patrol", "dayly"), "--patrol", "did you mean daily?"),
        (("-o", "route.gif"), "-o", "ends in .png, .svg or .pdf"),
        (("-o", "nowhere/route.png"), "-o", "a folder that exists"),
    ],
)
def test_plot_route_refuses_what_does_not_exist(
    seasweep: Callable[..., Answer], folder: Path, arguments: tuple[str, ...], key: str, hint: str
) -> None:
    before = sorted(folder.iterdir())
    answer = seasweep("plot", "route", "base.toml", *arguments)
    assert answer.code == 2
    assert answer.err.startswith(f"error: command line: {key}: given ")
    assert hint in answer.err
    assert sorted(folder.iterdir()) == before


def test_a_scenario_without_a_patrol_has_a_map_but_no_route_to_draw(seasweep: Callable[..., Answer]) -> None:
    head, _, tail = BASE.partition("[patrols.daily]")
    Path("idle.toml").write_text(head + "[patrols]\n[transfers" + tail.partition("[transfers")[2], encoding="utf-8")
    assert seasweep("plot", "route", "idle.toml").code == 0  # its areas and bases are on the map
    assert "a scenario that has a patrol" in seasweep("plot", "route", "idle.toml", "--patrol", "daily").err
    assert "a scenario with a patrol" in seasweep("plot", "route", "idle.toml", "--route", "ladder").err


def test_a_spacing_that_would_make_endless_tracks_is_refused(seasweep):
    answer = seasweep("check", "neon-spring", "--set", "routes.search.spacing_nmi=0.01")
    assert answer.code == 2
    assert "routes.search.spacing_nmi: given 0.01; allowed: at least 0.198, because " in answer.err
    assert "a pass has at most 1,000 legs" in answer.err
