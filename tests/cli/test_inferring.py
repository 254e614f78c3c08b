"""The command `infer`, as users give it: tables, one sentence, and what it refuses."""

import csv
import io
import json
import re
from pathlib import Path

import pytest

from plots import save_inferred
from sim import InputError, Results, infer, run
from sim.cli.main import main
from sim.study.design import load_study
from tests.helpers import infer_refuses as refused
from tests.helpers import inferred as said
from tests.helpers import shows_something

STUDY = """
format = 1
scenario = "neon-spring"
replications = 12

[[vary]]
name = "spacing"
key = "routes.search.spacing_nmi"
values = [20.0, 80.0]

[[vary]]
name = "crew"
settings = [
    { label = "one", set = { "duration_days" = 5.0 } },
    { label = "two", set = { "duration_days" = 6.0 } },
]

[baseline]
label = "as it is"
set = { "duration_days" = 5.0 }
"""
WARY = {"notice_nmi": 30.0, "night_notice_nmi": 30.0, "delay_h": 0.0}
EVASION = """
format = 1
scenario = "neon-wary"
replications = 24

[[vary]]
name = "ships"
settings = [
    { label = "blind", set = { "transfers.fuel.reaction.notice_chance" = 0.0, "duration_days" = 10.0 } },
    { label = "wary", set = { REACTION, "duration_days" = 10.0 } },
]

[[vary]]
name = "every"
key = "patrols.aurora.every_h"
values = [24.0, 48.0]
""".replace("REACTION", ", ".join(f'"transfers.fuel.reaction.{key}" = {value}' for key, value in WARY.items()))
SHORT = ["--set", "duration_days=10.0", "--set", "background.merchant.present=50.0"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The folder of a run of a short deployment."""
    path = tmp_path_factory.mktemp("runs") / "short"
    assert main(["run", "neon-spring", *SHORT, "--replications", "60", "--out", str(path)]) == 0
    return str(path)


def test_the_page_has_the_numbers_what_widens_them_and_one_sentence_to_quote(folder, capsys):
    capsys.readouterr()
    assert main(["infer", folder, "--documented", "3"]) == 0
    text = capsys.readouterr().out
    for words in ("3 documented in one deployment of 10 days", "gamma, shape 0.5, rate 0", "took place", "Jeffreys"):
        assert words in text
    for words in ("so few reports", "luck of one deployment", "error of the simulation"):
        assert words in text
    assert text.splitlines()[-1].startswith("3 documented: between ")
    assert text.splitlines()[-1].endswith("transfers took place (95 %).")


def test_programs_read_what_people_read(folder, capsys):
    found = said(capsys, folder, "--documented", "3", "--level", "0.9")
    numbers = {row["number"]: row for row in found["numbers"]}
    low, high = (int(numbers["took_place"][end]) for end in ("low", "high"))
    assert found["sentence"] == f"3 documented: between {low} and {high} transfers took place (90 %)."
    assert 3 <= low < numbers["took_place"]["median"] < high
    assert found["p_documented_low"] < found["p_documented"] < found["p_documented_high"]
    assert sum(row["share"] for row in found["causes"]) == pytest.approx(1.0)
    assert main(["infer", folder, "--documented", "3", "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert {row["table"] for row in rows} == {"numbers", "causes"}


def test_sorties_give_the_days_and_the_rates_but_change_no_number_in_the_period(folder, capsys):
    plain, asked = (said(capsys, folder, "--documented", "3", *more) for more in ([], ["--sorties", "5"]))
    assert asked["period_days"] == pytest.approx(5.0, abs=0.2)  # one sortie a day
    one, other = (found["numbers"] for found in (plain, asked))
    assert one[:2] == other[:2]
    assert other[2]["median"] == pytest.approx(other[1]["median"] * 30.0 / asked["period_days"])
    assert other[3]["median"] == pytest.approx(other[1]["median"] * 365.25 / asked["period_days"])
    assert not any("duration_days" in note for note in asked["notes"])
    far = said(capsys, folder, "--documented", "3", "--sorties", "60")
    assert any("duration_days" in note for note in far["notes"])


def test_a_prior_is_stated_and_draws_the_answer_towards_it(folder, capsys):
    plain, low = (said(capsys, folder, "--documented", "3", *more) for more in ([], ["--prior", "4:1"]))
    assert low["numbers"][1]["high"] < plain["numbers"][1]["high"]
    assert (low["prior_shape"], low["prior_rate"]) == (4.0, 1.0)
    assert main(["infer", folder, "--documented", "3", "--prior", "4:1"]) == 0
    assert "gamma, shape 4, rate 1, mean 4" in capsys.readouterr().out


def test_no_report_has_an_upper_bound_and_what_would_halve_it(folder, capsys):
    found = said(capsys, folder, "--documented", "0", "--sorties", "10")
    assert found["sentence"] == f"None documented: at most {found['at_most']:.0f} transfers took place (95 %)."
    assert found["at_most"] <= found["numbers"][0]["high"]
    assert 60.0 < found["more_hours_longer"] < 120.0  # as many again: ten sorties of about nine hours
    assert found["more_hours_same_period"] > 0.0
    assert main(["infer", folder, "--documented", "0"]) == 0
    assert "would halve the bound on the rate" in capsys.readouterr().out


def test_a_run_that_documents_nothing_says_that_nothing_bounds_the_number(scratch, capsys):
    blind = [
        "--set",
        "aircraft.cp140.identification.document.probability=0.0",
        "--replications",
        "20",
        "--out",
        "blind",
    ]
    assert main(["run", "neon-spring", *SHORT, *blind]) == 0
    found = said(capsys, "blind", "--documented", "3")
    assert found["sentence"] == (
        "3 documented: at least 3 transfers took place, and nothing bounds their number from above."
    )
    assert any("no replication documented a transfer" in note for note in found["notes"])
    assert found["numbers"][0]["high"] is None
    assert found["causes"] == []
    assert main(["infer", "blind", "--documented", "3"]) == 0
    assert "no bound" in capsys.readouterr().out
    believed = said(capsys, "blind", "--documented", "3", "--prior", "3:0.1")
    assert 3.0 < believed["numbers"][0]["high"] < 130.0  # a gamma distribution with shape 6 and rate 0.1 has 117


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ([], "--documented"),
        (["--documented", "-1"], "--documented"),
        (["--documented", "2.5"], "--documented"),
        (["--documented", "3", "--prior", "0:1"], "--prior"),
        (["--documented", "3", "--prior", "jeffreys"], "--prior"),
        (["--documented", "3", "--prior", "1:nan"], "--prior"),
        (["--documented", "3", "--sorties", "0"], "--sorties"),
        (["--documented", "3", "--level", "2"], "--level"),
    ],
)
def test_what_makes_no_question_is_refused(folder, capsys, more, key):
    assert key in refused(capsys, folder, *more)


@pytest.mark.parametrize("prior", ["1:2:3", "nan:1", "-1:1", "jeffreys"])
def test_a_prior_that_is_refused_is_named_as_it_was_given(folder, capsys, prior):
    assert f'given "{prior}"; allowed: a shape above 0' in refused(
        capsys, folder, "--documented", "3", "--prior", prior
    )


def test_a_folder_without_what_is_needed_is_refused(scratch, capsys):
    assert "seasweep run" in refused(capsys, "nowhere", "--documented", "3")
    for name, more in {"one": ["--replications", "1"], "none": ["--set", "transfers.fuel.per_month=0.0"]}.items():
        assert main(["run", "neon-spring", *SHORT, "--replications", "3", *more, "--out", name]) == 0
    assert "2 replications or more" in refused(capsys, "one", "--documented", "3")
    assert "transfers" in refused(capsys, "none", "--documented", "3")


def test_reports_by_part_add_up_and_their_sum_is_what_the_sentence_tells(folder, capsys):
    found = said(capsys, folder, "--by", "hour=0-6:1,6-12:2")
    parts = {row["part"]: row for row in found["parts"]}
    assert list(parts) == ["hour=0-6", "hour=6-12", "hour=12-18", "hour=18-24", "sum"]
    assert [row["documented"] for row in parts.values()] == [1, 2, 0, 0, 3]
    assert found["documented"] == 3
    low, high = (f"{parts['sum'][end]:.0f}" for end in ("low", "high"))
    assert found["sentence"] == f"3 documented: between {low} and {high} transfers took place (95 %)."
    assert parts["sum"]["high"] >= parts["hour=18-24"]["high"]  # where hardly anything is seen, there may be many
    assert said(capsys, folder, "--by", "hour=0-6:1,6-12:2", "--documented", "3")["parts"] == found["parts"]
    same = said(capsys, folder, "--by", "area=east_china_sea:3")  # one part: the same as without
    assert same["parts"][0]["high"] == same["parts"][1]["high"] == same["numbers"][0]["high"]
    night = said(capsys, folder, "--by", "hour=22:30-4:2", "--by", "hour=4-6:1")
    assert [row["part"] for row in night["parts"]] == ["hour=22:30-4", "hour=4-6", "hour=6-22:30", "sum"]
    assert main(["infer", folder, "--by", "week=1:2"]) == 0
    assert "sum of the parts" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("by", "words"),
    [
        ("area=north:2", "east_china_sea"),
        ("hour=0-6", "number of reports"),
        ("hour=0-6:-1", "number of reports"),
        ("hour=0-6:1,3-9:2", "do not overlap"),
        ("hour=0-6:1,0-6:2", "each part once"),
        ("patrol=aurora:1", "area, hour, source, week"),
        ("area", "area, hour, source, week"),
        ("week=9:1", "week"),
    ],
)
def test_parts_that_make_no_sense_are_refused(folder, capsys, by, words):
    said = refused(capsys, folder, "--by", by)
    assert words in said
    assert "did you mean" not in said


def test_reports_that_do_not_add_up_are_refused(folder, capsys):
    assert "the sum of the reports" in refused(capsys, folder, "--by", "hour=0-6:1", "--documented", "3")
    mixed = ["--by", "hour=0-6:1", "--by", "week=1:1"]
    assert "one key" in refused(capsys, folder, *mixed)


def test_figures_that_are_not_known_widen_the_interval_and_the_table_says_by_how_much(folder, capsys):
    few = ["--points", "8", "--replications", "10", "--documented", "3"]
    unknown = ["--unknown", "transfers.fuel.duration_h.median=2:10", "--unknown", "transfers.fuel.dark_share=0.0|1.0"]
    found = said(capsys, folder, *few, *unknown)
    points = found["points"]
    assert len(points) == 8
    assert all(2.0 <= point["transfers.fuel.duration_h.median"] <= 10.0 for point in points)
    assert any(point["transfers.fuel.duration_h.median"] % 1.0 for point in points)  # 2:10 are not only whole numbers
    assert {point["transfers.fuel.dark_share"] for point in points} == {0.0, 1.0}
    assert sum(point["probability"] for point in points) == pytest.approx(1.0)
    shares = {row["cause"]: row["share"] for row in found["causes"]}
    assert sum(shares.values()) == pytest.approx(1.0)
    assert shares["transfers.fuel.duration_h.median"] > shares["transfers.fuel.dark_share"]
    assert main(["infer", folder, *few, *unknown]) == 0
    text = capsys.readouterr().out
    assert "took place, scenario as it is" in text
    assert "transfers.fuel.duration_h.median" in text


def test_the_rate_of_transfers_is_told_from_what_is_believed_of_their_number(folder, capsys):
    more = ["--documented", "3", "--points", "2", "--replications", "2", "--unknown"]
    for unknown, is_said in (("transfers.fuel.per_month=10|20", True), ("transfers.fuel.night_share=0.2|0.3", False)):
        notes = said(capsys, folder, *more, unknown)["notes"]
        assert any("--prior says what is believed of it" in note for note in notes) == is_said


def test_a_key_of_whole_numbers_takes_whole_numbers(folder, capsys):
    few = ["--points", "4", "--replications", "2", "--documented", "3"]
    found = said(capsys, folder, *few, "--unknown", "background.merchant.present=20:60")
    assert len({point["background.merchant.present"] for point in found["points"]}) == 4
    sorties = said(capsys, folder, *few, "--unknown", "patrols.aurora.sorties=2:9")
    assert {point["patrols.aurora.sorties"] for point in sorties["points"]} <= set(range(2, 10))


@pytest.mark.parametrize(
    ("unknown", "words"),
    [
        (["transfers.fuel.night_share"], "KEY=LOW:HIGH"),
        (["transfers.fuel.night_share=0.5"], "KEY=LOW:HIGH"),
        (["transfers.fuel.night_share=0.9:0.3"], "the higher one"),
        (["transfers.fuel.night_share=0.5:1.5"], "transfers.fuel.night_share"),
        (["transfers.fuel.nightly=0.5:0.7"], "night_share"),
        (["transfers.coal.night_share=0.5:0.7"], "fuel"),
        (["transfers.fuel.night_share=a:b"], "KEY=LOW:HIGH"),
        (["transfers.fuel.night_share=0.5|0.5"], "no two are the same"),
        (["transfers.fuel.night_share=0.5:0.6", "transfers.fuel.night_share=0.5:0.7"], "each key once"),
    ],
)
def test_an_unknown_figure_that_the_scenario_cannot_have_is_refused(folder, capsys, unknown, words):
    options = [word for text in unknown for word in ("--unknown", text)]
    message = refused(capsys, folder, "--documented", "3", *options)
    assert "--unknown" in message
    assert words in message


def test_a_study_has_a_row_for_each_point_and_its_factors_are_what_is_not_known(scratch, capsys):
    Path("study.toml").write_text(STUDY, encoding="utf-8")
    assert main(["sweep", "study.toml", "--out", "study"]) == 0
    found = said(capsys, "study", "--documented", "2")
    assert [(point["spacing"], point["crew"]) for point in found["points"]] == [
        (20.0, "one"), (20.0, "two"), (80.0, "one"), (80.0, "two"),
    ]  # fmt: skip
    low, high = (found["numbers"][0][end] for end in ("low", "high"))
    assert low <= min(point["median"] for point in found["points"])
    assert high >= max(point["median"] for point in found["points"])
    assert {"spacing", "crew"} <= {row["cause"] for row in found["causes"]}
    assert main(["infer", "study", "--documented", "2"]) == 0
    assert "each of which is as likely as any other" in capsys.readouterr().out
    for more in (["--sorties", "3"], ["--by", "hour=0-6:2"], ["--unknown", "duration_days=3:5"]):
        assert "the folder of a run" in refused(capsys, "study", "--documented", "2", *more)


def test_where_ships_answer_the_interval_is_given_with_and_without_their_answers(scratch, capsys):
    wary = ["--set", "transfers.fuel.reaction.cast_off_share=0.7", "--set", "transfers.fuel.reaction.notice_nmi=30.0"]
    few = ["--set", "duration_days=10.0", "--replications", "30", "--out"]
    assert main(["run", "neon-wary", *wary, *few, "wary"]) == 0
    found = said(capsys, "wary", "--documented", "2")
    assert found["answers"] is True
    numbers = {row["number"]: row for row in found["numbers"]}
    assert numbers["took_place"]["median"] > numbers["took_place_if_none_answered"]["median"]
    assert any("leans on how they do so" in note for note in found["notes"])
    # As if none answered is the same scenario, seed and replications without its reactions: here that of its parent.
    assert main(["run", "neon-crew", *few, "crew"]) == 0
    crew = said(capsys, "crew", "--documented", "2")
    assert crew["answers"] is False
    assert crew["numbers"][0]["median"] == numbers["took_place_if_none_answered"]["median"]
    assert main(["infer", "wary", "--documented", "2"]) == 0
    assert "took place, if none answered" in capsys.readouterr().out


def test_one_who_does_not_know_that_ships_answer_estimates_too_few(scratch, capsys):
    Path("evasion.toml").write_text(EVASION, encoding="utf-8")
    assert main(["sweep", "evasion.toml", "--out", "evasion"]) == 0
    capsys.readouterr()
    assert main(["infer", "evasion", "--naive", "ships=blind", "--json"]) == 0
    rows = {(row["ships"], row["every"]): row for row in json.loads(capsys.readouterr().out)["estimates"]}
    assert [rows["blind", every]["ratio"] for every in (24.0, 48.0)] == pytest.approx([1.0, 1.0])
    for every in (24.0, 48.0):
        one, other = rows["wary", every], rows["blind", every]
        believed = other["documented"] / other["transfers"]
        assert one["estimate"] == pytest.approx(one["documented"] / believed)
    assert rows["wary", 24.0]["high"] < 1.0
    assert main(["infer", "evasion", "--naive", "ships=blind"]) == 0
    assert "the estimate of one who believes that ships = blind" in capsys.readouterr().out
    assert any("--naive" in note for note in said(capsys, "evasion", "--documented", "1")["notes"])
    assert "blind, wary" in refused(capsys, "evasion", "--naive", "ships=deaf")
    assert "ships, every" in refused(capsys, "evasion", "--naive", "boats=blind")
    assert "--documented" in refused(capsys, "evasion", "--naive", "ships=blind", "--documented", "3")


def test_the_study_that_is_included_plans_as_many_transfers_whatever_is_flown():
    design = load_study("neon-evasion")
    assert len({point.scenario.transfers["fuel"].per_month for point in design.points}) == 1
    assert [factor.label for factor in design.study.vary] == ["ships", "days between sorties"]


def test_a_study_has_no_naive_run(folder, capsys):
    assert "the folder of a study" in refused(capsys, folder, "--naive", "ships=blind")


@pytest.mark.parametrize("more", [["--documented", "3"], ["--documented", "0"], ["--by", "hour=0-6:1,6-12:2"]])
def test_a_picture_shows_what_is_believed(folder, scratch, capsys, more):
    assert main(["infer", folder, *more, "-o", "inferred.png"]) == 0
    assert shows_something(Path("inferred.png"))
    assert "inferred.png" in capsys.readouterr().err


def test_a_picture_can_be_drawn_of_a_number_that_nothing_bounds(scratch, capsys):
    results = run(
        "neon-spring", 4, sets={"duration_days": 2.0, "aircraft.cp140.identification.document.probability": 0}
    )
    save_inferred(infer(results, 2), "unbounded.png")
    assert shows_something(Path("unbounded.png"))
    assert refused(capsys, "nowhere", "--documented", "3", "-o", "x.kml")


def test_python_answers_as_the_command_does(folder, capsys):
    results = Results.load(folder)
    answer = infer(results, 3, prior=(2.0, 0.1), level=0.9)
    found = said(capsys, folder, "--documented", "3", "--prior", "2:0.1", "--level", "0.9")
    assert answer.sentence == found["sentence"]
    assert answer.interval == (found["numbers"][0]["low"], found["numbers"][0]["high"])
    by = infer(results, by="hour=0-6:1,6-12:2")
    assert by.sentence.startswith("3 documented: between ")
    for arguments in ({"documented": -1}, {"documented": 2.5}, {"documented": 1, "prior": (0.0, 1.0)},
                      {"documented": 1, "sorties": -2.0}, {"documented": 1, "level": 3}, {}):  # fmt: skip
        with pytest.raises(InputError):
            infer(results, **arguments)
    with pytest.raises(InputError, match="the results of a run"):
        infer("runs/neon-spring", 3)


def test_the_python_of_the_guide_runs(scratch, capsys):
    page = (Path(__file__).resolve().parents[2] / "docs/guides/reports.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert len(blocks) == 1
    exec(blocks[0], {})  # noqa: S102  the page's own code
    assert capsys.readouterr().out.startswith("3 documented: between ")
