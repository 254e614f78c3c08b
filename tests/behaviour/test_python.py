"""Python: what the packages show, scenarios made and varied without a file, and arguments that are refused at once."""

import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest

import plots
import seasweep
import sim
from sim import InputError, compare, load_scenario, run, simulate, sweep
from sim.scenario.digest import digest, flat_tables
from sim.scenario.python_tables import as_in_toml
from tests.helpers import shows_something, study_of

SMALL = study_of({"duration_days": [1.0, 2.0]}, measures=("transfers", "p_documented"), title="small")
WEEK = {"extends": "textbook", "duration_days": 1.0}


def refusal(call, *given, **named) -> str:
    """What a call says of bad input."""
    with pytest.raises(InputError) as caught:
        call(*given, **named)
    return str(caught.value)


# ------------------------------------------------------------------------------------------------- what there is
@pytest.mark.parametrize("package", [sim, plots, seasweep])
def test_dir_lists_the_public_names_and_each_is_there_and_says_what_it_is(package):
    public = [name for name in dir(package) if not name.startswith("_")]
    assert public == sorted(package.__all__)
    assert len(public) > 8
    for name in public:
        assert getattr(package, name).__doc__, name
    with pytest.raises(AttributeError, match=f"module '{package.__name__}' has no attribute 'figure_of_eight'"):
        package.figure_of_eight  # noqa: B018  asking for it is the test


def test_plots_names_each_function_that_draws_or_saves_a_picture():
    made = {
        name
        for path in Path(plots.__path__[0]).glob("*.py")
        for name in dir(__import__(f"plots.{path.stem}", fromlist=["x"]))
        if path.stem != "__init__" and name.startswith(("figure_", "save_"))
    }
    assert made == {name for name in plots.__all__ if not name.startswith("draw_")}


def test_seasweep_is_sim_and_plots_under_one_name_and_costs_nothing_to_import(tmp_path):
    assert set(seasweep.__all__) == {"sim", "plots", *sim.__all__, *plots.__all__}
    assert seasweep.run is run
    assert seasweep.__version__
    code = "import seasweep, sys; print('numpy' in sys.modules, 'sim.scenario' in sys.modules, seasweep.__file__)"
    shown = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, encoding="utf-8")
    assert shown.stdout.startswith("False False "), shown.stderr


def test_the_reference_has_every_public_name_of_both_packages():
    page = (Path(__file__).parents[2] / "docs/reference/functions.md").read_text(encoding="utf-8")
    headings = {line.removeprefix("### ").strip("`") for line in page.splitlines() if line.startswith("### ")}
    assert {f"sim.{name}" for name in sim.__all__} <= headings
    assert set(plots.__all__) <= {heading.rpartition(".")[2] for heading in headings}


# ------------------------------------------------------------------------------------------- scenarios without a file
def test_the_tables_of_a_scenario_load_as_its_file_does_and_types_of_python_are_taken():
    spring = load_scenario("neon-spring")
    assert load_scenario(flat_tables(spring)) == spring
    given = {"extends": "neon-spring", "routes": {"search": {"spacing_nmi": np.float64(25.0)}}}
    assert load_scenario(given) == load_scenario("neon-spring", ["routes.search.spacing_nmi=25.0"])
    corners = np.array([[124.0, 28.0], [125.0, 28.0], [125.0, 29.0]])
    tables = {"extends": "neon-spring", "areas": {"corner": {"polygon": corners}}}
    assert (
        load_scenario(tables).areas["corner"]
        == load_scenario(spring, {"areas.corner": {"polygon": corners.tolist()}}).areas["corner"]
    )
    assert "corner" not in spring.areas
    assert tables["areas"]["corner"]["polygon"] is corners


def test_a_scenario_is_varied_and_stays_what_it_was():
    partners = load_scenario("neon-partners")
    closer = load_scenario(partners, {"routes.search.spacing_nmi": 25.0})
    assert closer == load_scenario("neon-partners", {"routes.search.spacing_nmi": 25.0})
    assert digest(closer) != digest(partners) == digest(load_scenario("neon-partners"))
    assert load_scenario(partners) is partners
    assert load_scenario(closer, {"routes.search": partners.routes["search"]}).routes == partners.routes


@pytest.mark.parametrize(
    ("given", "sets", "said"),
    [
        (
            {"extends": "textbok"},
            {},
            'tables: extends: given "textbok" (did you mean textbook?); allowed: a .toml file ',
        ),
        ({"extends": 3}, {}, "tables: extends: given 3; allowed: the name of an included scenario, or "),
        ({**WEEK, "duration_days": -1}, {}, "tables: duration_days: given -1; allowed: a number above 0 "),
        ({**WEEK, "rutes": {}}, {}, "tables: rutes: given an unknown key, rutes; allowed: "),
        ({**WEEK, "routes": {3: {}}}, {}, "tables: routes: given 3; allowed: a key that is a text"),
        (WEEK, {"duration_day": 3}, "sets: duration_day: given an unknown key, duration_day; allowed: "),
        (WEEK, {"routes.serch.spacing_nmi": 3}, 'sets: routes.serch.spacing_nmi: given "serch"; allowed: a name '),
        (WEEK, {"": 3}, 'sets: given ""; allowed: a dotted key, such as routes.search.spacing_nmi'),
        (WEEK, ["duration_days"], 'argument set: given "duration_days"; allowed: KEY=VALUE, '),
    ],
)
def test_an_error_in_tables_or_in_sets_names_the_key(given, sets, said):
    assert refusal(load_scenario, given, sets).startswith(said)


def test_tables_that_hold_themselves_are_refused():
    tables = {"extends": "textbook"}
    tables["areas"] = tables
    assert refusal(load_scenario, tables).endswith("allowed: tables and lists of at most 16 levels")


def test_run_and_simulate_take_tables_and_sets_and_give_what_a_loaded_scenario_gives():
    loaded = load_scenario("textbook", {"duration_days": 1.0})
    usual = run(loaded, 2)
    for other in (
        run(WEEK, 2),
        run("textbook", 2, sets={"duration_days": 1.0}),
        run("textbook", 2, sets="duration_days=1.0"),
    ):
        assert other.tables["replications"] == usual.tables["replications"]
        assert other.info["digest"] == usual.info["digest"]
    events = simulate(loaded, 3).events
    assert simulate(WEEK, 3).events == events
    assert simulate("textbook", 3, sets={"duration_days": 1.0}).events == events


# ------------------------------------------------------------------------------------------------------- arguments
@pytest.mark.parametrize(
    ("argument", "wrong", "allowed"),
    [
        ("seed", (None, "1", -1, 1.0, True), "a whole number at least 0"),
        ("replications", (0, -3, 2.5, None, 10**7), "a whole number at least 1 and at most 1000000"),
        ("jobs", (0, "2", None), "a whole number at least 1 and at most 1024"),
        ("level", (0.0, 1.0, 95, "0.9", None, float("nan")), "a number from 0.5 to 0.9999, such as 0.95"),
        ("only", (-1, "0"), "a whole number at least 0 and at most 1000000000"),
        ("keep", (-1, None), "a whole number at least 0"),
        (
            "precision",
            (("documented", -1), ("documented", "0.1"), ("documented", float("nan")), ("documented",), 0.1, (1, 0.1)),
            'a measure and a half-width above 0, such as ("p_documented", 0.02)',
        ),
    ],
)
def test_an_argument_that_the_command_line_refuses_is_refused_at_once(argument, wrong, allowed):
    said = [refusal(run, "no-such-scenario", **{argument: given}) for given in wrong]
    assert {text.partition(" given ")[0] for text in said} == {f"run: {argument}:"}
    assert {text.partition("; ")[2] for text in said} == {f"allowed: {allowed}"}


def test_simulate_sweep_and_compare_refuse_the_same():
    assert refusal(simulate, "textbook", None) == "simulate: seed: given None; allowed: a whole number at least 0"
    assert refusal(simulate, "textbook", 1, "2").startswith('simulate: replication: given "2"; allowed: a whole ')
    assert refusal(sweep, "no-such-study", jobs=0).startswith("sweep: jobs: given 0; allowed: a whole number ")
    allowed = "allowed: the results of two runs or more, such as compare([run(one), run(other)])"
    assert refusal(compare, []) == f'compare: results: given "0 results"; {allowed}'
    assert refusal(compare, ["one.toml", "other.toml"]) == f'compare: results: given "one.toml"; {allowed}'
    assert refusal(compare, [load_scenario(WEEK)] * 2) == f'compare: results: given "Scenario"; {allowed}'
    one = run(WEEK, 2, seed=np.int64(1))
    assert refusal(compare, [one, one], level=1).startswith("compare: level: given 1; allowed: a number from 0.5 ")
    assert refusal(run, WEEK, 2, by="aera").startswith('argument by: given "aera"; allowed: one of area, source, ')
    assert refusal(run, WEEK, precision=("p_documented", 2)) == (
        'argument precision: given "p_documented = 2"; allowed: a half-width below 1 for a share, such as 0.02 for 2 % '
        "(did you mean 0.02?)"
    )
    assert refusal(one.measure, "p_documentd").startswith('argument measure: given "p_documentd" (did you mean ')
    assert refusal(compare, [one, run(WEEK, 2, 2)]).startswith("compare: given ")


# ------------------------------------------------------------------------------------------------------ what is shown
def test_results_and_a_comparison_show_themselves_in_a_few_lines_and_as_tables():
    usual, other = run(WEEK, 3, name="<usual>"), run(WEEK, 3, name="other", sets={"patrols.daily.first_takeoff_h": 6.0})
    lines = repr(usual).splitlines()
    assert len(lines) == 5
    assert lines[0] == "Results of <usual>: 3 replications, seed 1"
    measure = usual.measure("p_documented")
    assert f"p_documented: {measure.value:.4g} of transfers, 95 % interval {measure.low:.4g} to " in lines[3]
    both = compare([usual, other])
    assert repr(both).splitlines()[0] == "Comparison with <usual>"
    assert repr(both).splitlines()[1].startswith("other: the interval of the difference excludes 0 for ")
    for shown, cells in ((usual._repr_html_(), 5), (both._repr_html_(), 6)):
        assert "&lt;usual&gt;" in shown
        assert "<usual>" not in shown
        rows = shown.split("<tr>")[1:]
        assert {row.count("</td>") + row.count("</th>") for row in rows[1:]} == {rows[0].count("</th>")} == {cells}
        assert any(row.startswith('<th scope="row">p_documented</th>') for row in rows)


def test_the_results_of_a_study_show_themselves_in_five_lines_and_as_a_table(scratch):
    Path("small.toml").write_text(SMALL, encoding="utf-8")
    results = sweep("small.toml", out="small")
    lines = repr(results).splitlines()
    assert lines[:2] == ["StudyResults of small: 2 points, 2 replications each, seed 1", "factors: duration_days"]
    assert [line.partition(":")[0] for line in lines[2:]] == ["measures", "least transfers", "most transfers"]
    assert [row.count("</td>") for row in results._repr_html_().split("<tr>")[2:]] == [4, 4]


def test_a_scenario_shows_itself_in_a_few_lines():
    lines = str(load_scenario(WEEK)).splitlines()
    assert lines == repr(load_scenario(WEEK)).splitlines()
    assert lines[0].startswith("Scenario: ")
    assert len(lines) <= 5


def test_a_picture_is_drawn_of_what_a_person_would_give_and_refuses_the_rest(tmp_path):
    path = str(tmp_path / "route.png")
    plots.save_route("textbook", path)
    assert shows_something(tmp_path / "route.png")
    assert refusal(plots.figure_route, "textbok").startswith(
        'argument scenario: given "textbok" (did you mean textbook?); allowed: a .toml file'
    )
    assert refusal(plots.save_overview, WEEK, "route.doc").startswith('argument path: given "route.doc"; allowed: a ')
    assert refusal(plots.save_coverage, load_scenario(WEEK), path).startswith('plots: results: given "Scenario"; ')
    assert refusal(plots.figure_response, run(WEEK, 2)).startswith('plots: results: given "Results"; allowed: the ')


def test_dates_may_be_texts_as_a_file_has_them():
    pact = {"agreements": {"pact": {"in_force_from": "2023-04-12"}}}
    scenario = load_scenario({"extends": "textbook", "start": "2023-04-11T09:00:00+09:00"})
    assert scenario.start == datetime(2023, 4, 11, tzinfo=UTC)
    assert load_scenario("textbook", {"start": "2023-04-11T00:00:00Z"}).start == scenario.start
    assert refusal(load_scenario, "textbook", {"start": "2023-04-11"}).startswith(
        "sets: start: given 2023-04-11; allowed: "
    )
    assert as_in_toml(pact, "tables") == {"agreements": {"pact": {"in_force_from": date(2023, 4, 12)}}}
    assert as_in_toml({"title": "2023-04-12"}, "tables") == {"title": "2023-04-12"}
