"""The command `decide`, as users give it: tables, a picture, a sentence, and what it refuses."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pytest

from plots.decision import figure_decision
from plots.style import styled
from sim import sweep
from sim.cli.main import main
from sim.scenario.problems import InputError
from sim.study.decide.answer import decide, weights_of
from sim.study.decide.tables import decision_page, sentence
from sim.study.study_results import StudyResults
from tests.helpers import shows_something

REPLICATIONS = 40
TEXT = f"""
format = 1
title = "When to take off"
scenario = "neon-spring"
replications = {REPLICATIONS}
measures = ["documented", "p_documented", "first_documented_h"]
[baseline]
label = "as it is"
set = {{ "duration_days" = 4, "background.merchant.present" = 20.0 }}
[[vary]]
name = "take-off"
role = "plan"
settings = [
    {{ label = "dawn", set = {{ "duration_days" = 4, "background.merchant.present" = 20.0 }} }},
    {{ label = "dusk", set = {{ "duration_days" = 4, "background.merchant.present" = 20.0, "patrols.aurora.first_takeoff_h" = 9.0 }} }},
]
[[vary]]
name = "night share"
key = "transfers.fuel.night_share"
values = [0.1, 0.5, 0.9]
weights = [1, 2, 1]
[[vary]]
name = "pair=speed, kn"
key = "transfers.fuel.speed_kn.high"
values = [10.0, 12.0]
"""  # noqa: E501  a study's own lines


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("decide")
    (place / "study.toml").write_text(TEXT, encoding="utf-8")
    sweep(place / "study.toml", out=place / "out")
    return place / "out"


@pytest.fixture
def results(folder) -> StudyResults:
    return StudyResults.load(folder)


def said(capsys, *arguments):
    """The tables that a command prints as JSON."""
    assert main(["decide", *map(str, arguments), "--format", "json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_the_tables_have_plans_unknowns_choices_and_one_sentence_to_quote(folder, capsys):
    before = sorted(folder.rglob("*"))
    assert main(["decide", str(folder)]) == 0
    text = capsys.readouterr().out
    for words in ("dawn", "dusk", "night share", "all of them", "of which more is better", "probability of levels"):
        assert words in text
    assert "the baseline, as it is, is none of the plans" in text
    found = said(capsys, folder)
    assert found["sentence"] in " ".join(text.split())
    assert text.rstrip().endswith(found["sentence"][-10:])
    assert sorted(folder.rglob("*")) == before  # it writes nothing


def test_means_are_those_of_the_points_weighted_by_the_probability_of_their_levels(folder, results, capsys):
    found = said(capsys, folder)
    points = {
        tuple(levels.values()): row.value
        for levels, row in zip(results.levels, results.estimates("documented"), strict=True)
    }
    for plan in found["plans"]:
        by_hand = [
            weight / 2.0 * points[plan["take-off"], night, speed]
            for night, weight in ((0.1, 0.25), (0.5, 0.5), (0.9, 0.25))
            for speed in (10.0, 12.0)
        ]
        assert plan["mean"] == pytest.approx(sum(by_hand))
        assert plan["mean_low"] < plan["mean"] < plan["mean_high"]
    best, other = sorted(found["plans"], key=lambda plan: -plan["mean"])
    assert other["behind"] == pytest.approx(other["mean"] - best["mean"])
    assert found["best"] == best["take-off"]
    for unknown in ("night share", "pair=speed, kn"):
        rows = [row for row in found["choices"] if row["unknown"] == unknown]
        worth = next(row["worth"] for row in found["unknowns"] if row["unknown"] == unknown)
        assert sum(row["probability"] * row["gain"] for row in rows) == pytest.approx(worth)
        assert sum(row["probability"] * row["mean of dawn"] for row in rows) == pytest.approx(
            next(plan["mean"] for plan in found["plans"] if plan["take-off"] == "dawn")
        )


def test_options_take_the_place_of_what_the_study_says(folder, capsys):
    found = said(capsys, folder, "--plan", "take-off", "--plan", "pair=speed, kn", "--weights", "night share=0,0,3")
    assert len(found["plans"]) == 4
    assert [row["unknown"] for row in found["unknowns"]] == ["night share", "all of them"]
    assert [row["probability"] for row in found["choices"]] == [0.0, 0.0, 1.0]
    assert found["unknowns"][0]["worth"] == pytest.approx(0.0, abs=1e-9)  # it is known already
    share = said(capsys, folder, "--measure", "p_documented", "--level", "0.5")
    assert (share["measure"], share["level"]) == ("p_documented", 0.5)


def test_where_less_is_better_the_choice_turns_round(results):
    most, least = decide(results, measure="documented"), decide(results, measure="documented", least=True)
    assert (most.best, least.best) in ((0, 1), (1, 0))
    for one, other in zip(most.plans, least.plans, strict=True):
        assert one.mean.value == pytest.approx(other.mean.value)
        assert least.plans[least.best].behind.value == 0.0
    assert "of which less is better" in decision_page(least).head[1].text


def test_a_study_without_unknowns_has_a_best_plan_alone(results):
    names = [factor.label for factor in results.study.vary]
    alone = decide(results, plans=names)
    assert (len(alone.plans), alone.unknowns) == (12, [])
    assert alone.everything.value == 0.0
    assert sentence(alone).endswith("is best. The study has no unknowns.")
    assert len(decision_page(alone).tables) == 1


def test_the_picture_shows_lines_regrets_and_worths(folder, results, scratch, capsys):
    assert main(["decide", str(folder), "-o", "choice.png"]) == 0
    assert "The picture is choice.png." in capsys.readouterr().err
    assert shows_something(Path("choice.png"))
    decision = decide(results)
    with styled():
        upper, middle, lower = figure_decision(decision, "night share").axes
    assert [text.get_text() for text in upper.get_legend().get_texts()] == ["dawn", "dusk"]
    cells = [text.get_text() for text in middle.texts if text.get_gid() != "subtitle"]
    assert cells.count("best") == 3
    assert [label.get_text() for label in lower.get_yticklabels()][-1] == "all of them"
    with pytest.raises(InputError, match="nothing to draw"):
        figure_decision(decide(results, plans=[factor.label for factor in results.study.vary]))
    with pytest.raises(InputError, match="did you mean night share"):
        figure_decision(decision, "nigt share")


def test_programs_read_every_table(folder, capsys):
    assert main(["decide", str(folder), "--format", "csv"]) == 0
    text = capsys.readouterr().out
    assert len(list(csv.reader(io.StringIO(text)))) > 10
    assert main(["decide", str(folder), "--format", "markdown"]) == 0
    assert "| take-off |" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--plan", "takeoff"], ["--plan", "did you mean take-off?"]),
        (["--measure", "documentd"], ["--measure: ", "did you mean documented?"]),
        (["--measure", "sorties[week=99]"], ["--measure: "]),
        (["--weights", "take-off=1,1"], ["--weights", "an unknown of the study: night share, pair=speed, kn"]),
        (["--weights", "night share=1,1"], ["--weights", "3 numbers at least 0"]),
        (["--weights", "night share=1,-1,1"], ["3 numbers at least 0"]),
        (["--weights", "night share=0,0,0"], ["of which one is above 0"]),
        (["--weights", "night share=nan,1,1"], ["3 numbers at least 0"]),
        (["--weights", "pair=speed, kn=1,1,1"], ["2 numbers at least 0 after pair=speed, kn="]),
        (["--weights", "night share=1,1,1", "--weights", "night share=1,2,1"], ["each unknown once"]),
        (["-o", "x.kml"], ["-o"]),
    ],
)
def test_what_makes_no_sense_is_refused(folder, arguments, words, scratch, capsys):
    assert main(["decide", str(folder), *arguments]) == 2
    error = capsys.readouterr().err
    assert "Traceback" not in error
    for word in words:
        assert word in error
    assert list(Path().iterdir()) == []


def test_the_only_unknown_is_worth_as_much_as_all_of_them(folder, capsys):
    decision = decide(StudyResults.load(folder), plans=["take-off", "pair=speed, kn"])
    (one,) = decision.unknowns
    assert decision.everything == one.worth
    assert main(["decide", str(folder), "--plan", "take-off", "--plan", "pair=speed, kn"]) == 0
    assert "all of them" not in capsys.readouterr().out


def test_an_inference_says_that_a_plan_is_taken_for_unknown(folder, capsys):
    assert main(["infer", str(folder), "--documented", "1", "--json"]) == 0
    notes = [note for note in json.loads(capsys.readouterr().out)["notes"] if " is a plan" in note]
    assert [note.partition(" is a plan")[0] for note in notes] == ["take-off"]


def test_a_factor_with_an_equals_sign_in_its_name_can_be_believed_in(folder, capsys):
    assert main(["infer", str(folder), "--naive", "pair=speed, kn=99"]) == 2
    assert "pair=speed, kn= one of " in capsys.readouterr().err


def test_a_sweep_of_plans_says_how_to_choose_one(folder, capsys):
    """The sweep is complete, so that it prints again and simulates nothing."""
    assert main(["sweep", str(folder.parent / "study.toml"), "--out", str(folder)]) == 0
    assert f"To choose a plan: seasweep decide {folder}" in capsys.readouterr().err


def test_a_folder_that_is_no_sweep_is_refused(scratch, capsys):
    Path("runs").mkdir()
    assert main(["decide", "runs"]) == 2
    assert "seasweep sweep" in capsys.readouterr().err


def test_one_plan_leaves_nothing_to_choose_and_no_plan_nothing_to_decide(results):
    one = [factor.model_copy(update={"role": None}) for factor in results.study.vary]
    nobody = replace(results, study=results.study.model_copy(update={"vary": one}))
    with pytest.raises(InputError, match="each factor that the commander chooses"):
        decide(nobody)
    dawn = [number for number, levels in enumerate(results.levels) if levels["take-off"] == "dawn"]
    alone = replace(
        results,
        levels=[results.levels[number] for number in dawn],
        study=results.study.model_copy(update={"baseline": None}),
    )
    with pytest.raises(InputError, match="two or more"):
        decide(alone)


def test_a_point_that_lacks_results_is_named(results):
    """All replications of a point failed; half of them did; its measure has nothing to divide by."""
    failed = replace(results, table=results.table.filter(pc.not_equal(results.table["point"], 4)))
    with pytest.raises(InputError, match=r"take-off = dawn, night share = 0.9, pair=speed, kn = 10.0.*8 replications"):
        decide(failed)
    some = pc.and_(pc.equal(results.table["point"], 4), pc.greater_equal(results.table["replication"], 10))
    few = decide(replace(results, table=results.table.filter(pc.invert(some))))
    assert few.replications == 10
    notes = decision_page(few).notes
    assert any("30 replications failed" in note for note in notes)
    assert any("intervals may be too narrow" in note for note in notes)
    names = results.table.column_names
    nothing = results.table.set_column(
        names.index("transfers"), "transfers",
        pc.if_else(pc.equal(results.table["point"], 4), 0, results.table["transfers"]),
    )  # fmt: skip
    with pytest.raises(InputError, match="nothing to divide by: the replications have no transfers"):
        decide(replace(results, table=nothing), measure="p_documented")
    without = [levels for number, levels in enumerate(results.levels) if number != 4]
    with pytest.raises(InputError, match="no such point"):
        decide(replace(results, levels=without))


def test_weights_add_up_to_one(results):
    found = weights_of(results, ["night share", "pair=speed, kn"])
    assert found == {"night share": [0.25, 0.5, 0.25], "pair=speed, kn": [0.5, 0.5]}
    assert all(np.isclose(sum(weights), 1.0) for weights in found.values())


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("weights = [1, 2, 1]", "weights = [1, 2]", ["3 numbers, one for each level", "weights"]),
        ("weights = [1, 2, 1]", "weights = [0, 0, 0]", ["of which one is above 0"]),
        ("weights = [1, 2, 1]", "weights = [1, -2, 1]", ["weights"]),
        ('role = "plan"', 'role = "choice"', ["role", "plan"]),
        ('role = "plan"', 'role = "plan"\nweights = [1, 1]', ["weights of an unknown only"]),
    ],
)
def test_a_study_whose_roles_make_no_sense_is_refused(old, new, words, scratch, capsys):
    Path("study.toml").write_text(TEXT.replace(old, new, 1), encoding="utf-8")
    assert main(["sweep", "study.toml"]) == 2
    error = capsys.readouterr().err
    assert "study.toml:" in error
    for word in words:
        assert word in error
