"""The option `--lawful` of `infer`, as users give it: what it prints before and after, and what it refuses."""

import json

import pytest

from sim.cli.main import main

SHORT = ["--set", "duration_days=8.0", "--set", "background.merchant.present=40.0", "--replications", "40"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The folder of a run that counted lawful ships."""
    path = tmp_path_factory.mktemp("runs") / "lawful"
    assert main(["run", "neon-spring", *SHORT, "--by", "background", "--out", str(path)]) == 0
    return str(path)


def test_a_run_by_background_shows_how_many_ships_it_sees(folder, capsys):
    assert main(["run", "neon-spring", *SHORT, "--by", "background", "--out", folder]) == 0
    assert "p_ship_seen[background=merchant]" in capsys.readouterr().out


def test_the_answer_has_shares_factor_and_chance_before_and_after(folder, capsys):
    assert main(["infer", folder, "--documented", "3", "--lawful", "seen=100,present=200"]) == 0
    text = capsys.readouterr().out
    for words in (
        "seen, simulated",
        "seen, observed",
        "factor of the hazard",
        "documented, calibrated",
        "an assumption",
    ):
        assert words in text
    assert "The model sees lawful ships" in text
    arguments = ["infer", folder, "--documented", "3", "--json"]
    assert main(arguments) == 0
    plain = json.loads(capsys.readouterr().out)
    assert main([*arguments, "--lawful", " seen = 100 , present=200,background=merchant"]) == 0
    found = json.loads(capsys.readouterr().out)
    simulated, observed, factor = found["lawful"]
    assert observed["value"] == pytest.approx(0.5)
    assert observed["low"] < 0.5 < observed["high"]
    assert simulated["value"] > 0.6  # so patrols that saw half of the ships document fewer than the model's
    assert factor["low"] < factor["value"] < factor["high"] < 1.0
    assert found["p_documented"] < plain["p_documented"]
    took_place, before = found["numbers"][0], plain["numbers"][0]
    assert took_place["median"] > before["median"]
    assert {row["cause"] for row in found["causes"]} == {"counting", "luck", "simulation", "calibration"}
    assert sum(row["share"] for row in found["causes"]) == pytest.approx(1.0)


def test_where_no_lawful_ship_was_seen_the_upper_end_is_said_to_be_that_of_the_prior(folder, capsys):
    for seen, is_said in ((0, True), (1, False)):
        assert main(["infer", folder, "--documented", "3", "--json", "--lawful", f"seen={seen},present=200"]) == 0
        found = json.loads(capsys.readouterr().out)
        assert any("no lawful ship was seen" in note for note in found["notes"]) == is_said
        assert ("nothing but the prior bounds their number from above" in found["sentence"]) == is_said


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("seen=3", ["whole numbers from 0 to"]),
        ("seen=3,presnt=5", ["did you mean present?"]),
        ("seen=3,present=5,seen=4", ["seen=S,present=P"]),
        ("seen=3.5,present=5", ["whole numbers"]),
        ("seen=-3,present=5", ["whole numbers"]),
        ("seen=6,present=5", ["at most as many ships seen as were present", "counts once"]),
        ("seen=0,present=0", ["at least one pair"]),
        ("seen=3,present=5,background=merchnt", ["did you mean merchant?"]),
        ("", ["seen=S,present=P"]),
    ],
)
def test_what_makes_no_sense_is_refused(folder, given, words, capsys):
    assert main(["infer", folder, "--documented", "3", "--lawful", given]) == 2
    error = capsys.readouterr().err
    assert "--lawful" in error
    assert "Traceback" not in error
    for word in words:
        assert word in error


def test_a_run_that_counted_no_ships_says_how_to_count_them(tmp_path, capsys):
    out = str(tmp_path / "plain")
    assert main(["run", "textbook", "--replications", "4", "--out", out]) == 0
    assert main(["infer", out, "--documented", "3", "--lawful", "seen=1,present=2"]) == 2
    assert "background ships" in capsys.readouterr().err
    assert main(["run", "neon-spring", *SHORT, "--replications", "2", "--out", out, "--force"]) == 0
    assert main(["infer", out, "--documented", "3", "--lawful", "seen=1,present=2"]) == 2
    assert "--by background" in capsys.readouterr().err
    assert main(["infer", out, "--documented", "3", "--lawful", "seen=1,present=2", "--unknown", "x=1:2"]) == 2
    assert "not both" in capsys.readouterr().err
