"""`infer --also`, as users give it: two lists, what each adds, and what is refused."""

import csv
import io

import pytest

from sim import load_scenario, run
from sim.cli.main import main
from sim.study.infer.lists import MOST_UNMATCHED, Also, also_of
from sim.study.infer.two_lists import chapman
from tests.helpers import infer_refuses as refused
from tests.helpers import inferred as said


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The folder of a run of a short deployment with many transfers and five observers."""
    path = tmp_path_factory.mktemp("runs") / "partners"
    sets = {"duration_days": 10.0, "transfers.fuel.per_month": 66.0}
    run(load_scenario("neon-partners", sets), 40, keep=0, out=path, name="partners")
    return str(path)


def numbers_of(found):
    return {row["by"]: row for row in found["numbers"]}


def test_the_page_says_what_each_list_adds_and_what_independence_would_do(folder, capsys):
    capsys.readouterr()
    assert main(["infer", folder, "--documented", "6", "--also", "japan_desk=9,both=3"]) == 0
    text = capsys.readouterr().out
    for words in ("9 reported by japan_desk, of them 3 documented", "documented alone", "both, matched", "Chapman's"):
        assert words in text
    for words in ("if the chances are not known", "correlation of the two", "independence errs by the factor", "16.5"):
        assert words in text
    assert "6 documented and 9 reported by japan_desk, 3 of them both: between " in text
    assert "Taking the lists for independent multiplies the estimate by " in text


def test_programs_read_what_people_read(folder, capsys):
    found = said(capsys, folder, "--documented", "6", "--also", "japan_desk=9,both=3")
    rows = numbers_of(found)
    assert list(rows) == [
        "documented", "reported", "not_matched", "matched", "unknown_not_matched", "unknown_matched", "chapman",
    ]  # fmt: skip
    low, high = (int(rows["matched"][end]) for end in ("low", "high"))
    assert f"between {low} and {high} transfers took place (95 %)" in found["sentence"]
    assert 12 <= low < rows["matched"]["median"] < high
    assert rows["unknown_not_matched"]["high"] is None
    assert rows["unknown_matched"]["high"] > rows["unknown_matched"]["low"] >= 12
    assert rows["chapman"]["mean"] == pytest.approx(chapman(found_lists(found), 0.95).value) == 16.5
    figures = {row["figure"]: row for row in found["dependence"]}
    factor = figures["p_documented"]["value"] * figures["p_reported"]["value"] / figures["p_both"]["value"]
    assert figures["factor"]["value"] == pytest.approx(factor)
    assert figures["phi"]["low"] < figures["phi"]["value"] < figures["phi"]["high"]
    assert main(["infer", folder, "--documented", "6", "--also", "japan_desk=9,both=3", "--format", "csv"]) == 0
    table = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert {row["table"] for row in table} == {"numbers", "dependence"}


def found_lists(found):
    from sim.study.infer.two_lists import Lists

    return Lists(found["documented"], found["reported"], found["both"])


def test_the_first_row_is_what_infer_says_without_the_observer(folder, capsys):
    alone = said(capsys, folder, "--documented", "6")["numbers"][0]
    found = numbers_of(said(capsys, folder, "--documented", "6", "--also", "japan_desk=9"))
    assert {key: found["documented"][key] for key in ("median", "low", "high")} == {
        key: alone[key] for key in ("median", "low", "high")
    }
    assert "matched" not in found
    assert "chapman" not in found
    width = {name: found[name]["high"] - found[name]["low"] for name in ("documented", "reported", "not_matched")}
    assert width["not_matched"] < min(width["documented"], width["reported"])


def test_a_prior_bounds_what_lists_that_are_not_shared_do_not(folder, capsys):
    given = ["--documented", "6", "--also", "usa_satellite=5", "--prior", "2:0.05"]
    found = numbers_of(said(capsys, folder, *given))
    assert found["unknown_not_matched"]["high"] < 250.0


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--also", "japan_desk"], "OBSERVER=N,both=M"),
        (["--also", "japan_desk=few"], "OBSERVER=N,both=M"),
        (["--also", "japan_desk=-1"], "OBSERVER=N,both=M"),
        (["--also", "japan_desk=9,both="], "OBSERVER=N,both=M"),
        (["--also", "japan_desk=9,overlap=3"], "OBSERVER=N,both=M"),
        (["--also", "japan_desk=9,both=7"], "at most 6"),
        (["--also", "japan_des=9"], "did you mean japan_desk?"),
        (["--also", "japan_desk=9", "--by", "area=east_china_sea:6"], "--also without --by"),
        (["--also", "japan_desk=9", "--unknown", "transfers.fuel.night_share=0:1"], "--also without --unknown"),
        (["--also", "japan_desk=9", "-o", "picture.png"], "--also without --output"),
    ],
)
def test_what_makes_no_two_lists_is_refused(folder, capsys, more, words):
    assert words in refused(capsys, folder, "--documented", "6", *more)


def test_long_lists_must_be_matched():
    scenario, many = load_scenario("neon-partners"), MOST_UNMATCHED + 1
    assert also_of(f"rok_desk={many},both=60", scenario, many) == Also("rok_desk", many, 60)
    with pytest.raises(Exception, match="both=M as well"):
        also_of(f"rok_desk={many}", scenario, many)


def test_a_run_without_observers_has_no_second_list(neon, capsys):
    assert "the scenario has none" in refused(capsys, str(neon), "--documented", "3", "--also", "desk=2")


def test_two_empty_lists_have_a_bound_of_one_side_and_no_interval_by_chapman(folder, capsys):
    found = said(capsys, folder, "--documented", "0", "--also", "japan_desk=0,both=0")
    assert "0 of them both: at most " in found["sentence"]
    assert any("has one side" in note for note in found["notes"])
    assert numbers_of(found)["chapman"]["low"] is None
    found = said(capsys, folder, "--documented", "0", "--also", "japan_desk=4")
    assert ": between 4 and " in found["sentence"] or ": between 5 and " in found["sentence"]
    assert not any("has one side" in note for note in found["notes"])


def test_where_one_list_holds_the_other_chapman_has_no_interval(folder, capsys):
    found = said(capsys, folder, "--documented", "3", "--also", "japan_desk=9,both=3")
    assert (numbers_of(found)["chapman"]["low"], numbers_of(found)["chapman"]["high"]) == (None, None)
    assert any("Chapman's estimator has no interval" in note for note in found["notes"])
