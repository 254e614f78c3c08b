"""Which eyes saw transfers: what is reported does not depend on who flies, and the combinations add up."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tomli_w

from plots.eyes import figure_eyes
from sim import InputError, load_scenario, run, sweep
from sim.cli.main import main
from sim.deployment.engine import simulate
from sim.study.columns import schemas
from sim.study.eyes.answer import MOST_COMBINATIONS, eyes_of_run
from sim.study.rows import rows_of
from sim.study.seen_by import observers_in, reported_by, seen_by_texts
from tests.behaviour.tip_scenarios import FOLLOWED, MANY, WATCHED, scenario
from tests.helpers import call_seasweep, shows_something

UNHEARD = {  # a crew that would follow tips, of which none ever comes
    **FOLLOWED,
    "observers.source": {**FOLLOWED["observers.source"], "nation": "usa"},
    **{f"agreements.{link}.release": 0.0 for link in ("canada_japan", "five_eyes")},
}
WARY = {
    "transfers.fuel.reaction.notice_nmi": 30.0,
    "transfers.fuel.reaction.cast_off_share": 0.2,
    "transfers.fuel.reaction.lie_low_share": 0.6,
    "transfers.fuel.reaction.wait_h": 2.0,
}
LEARNS = {**WARY, "transfers.fuel.learning.weight": 1.0, "transfers.fuel.learning.spread_days": 1.0}
CREW = {
    "observers.crew": {
        "kind": "patrol", "patrol": "aurora", "nation": "canada", "probability": 1.0, "position_error_nmi": 1.0,
        "delay_h": 0.0,
    }
}  # fmt: skip
TOTALS = ("reported", "seen_any", "documented_reported")


@pytest.fixture(scope="module")
def partners(tmp_path_factory):
    """A run with five observers and many transfers."""
    given = load_scenario("neon-partners", {"transfers.fuel.per_month": 90.0, "duration_days": 12.0})
    folder = tmp_path_factory.mktemp("runs") / "partners"
    return run(given, 8, out=folder, jobs=1, name="partners")


def seen_by(log):
    """The observers that reported each counted transfer, by what is reported of it."""
    return dict(zip(rows_of(log, False)["transfers"]["transfer"].tolist(), texts(log), strict=True))


def texts(log):
    return rows_of(log, False)["transfers"]["seen_by"]


# ---------------------------------------------------------------------------------------------------- what is recorded
@pytest.mark.parametrize("replication", range(3))
def test_observers_report_the_same_whether_or_not_a_crew_follows_tips(replication):
    with_tips, without = (simulate(scenario("neon-crew", sets, MANY), 2, replication) for sets in (FOLLOWED, WATCHED))
    assert with_tips.tips is not None
    assert without.tips is None
    assert with_tips.totals()["tips_followed"] > 0
    assert seen_by(with_tips) == seen_by(without)
    assert len({text for text in texts(without) if text}) > 3


def test_a_reported_transfer_has_a_true_report_made_before_the_end():
    log = simulate(scenario("neon-crew", FOLLOWED, MANY), 2, 1)
    dissemination = log.dissemination
    made = {(dissemination.plan.observers[r.observer].name, r.target) for r in dissemination.reports if r.target >= 0}
    counted = [row for row, is_counted in zip(dissemination.rows, log.transfers.counted, strict=True) if is_counted]
    expected = [", ".join(sorted(name for name, target in made if target == row)) or None for row in counted]
    assert texts(log) == expected
    assert all(report.made_h < log.end for report in dissemination.reports)


@pytest.mark.parametrize("answers", [WARY, LEARNS])
def test_a_sea_that_answers_is_seen_the_same_with_and_without_a_crew_that_would_follow_tips(answers):
    lost = changed = 0
    for replication in range(3):
        sets = {**MANY, **answers}
        unheard, nobody = (simulate(scenario("neon-spring", one, sets), 3, replication) for one in (UNHEARD, WATCHED))
        calm = simulate(scenario("neon-spring", WATCHED, MANY), 3, replication)
        assert unheard.tips is not None
        flown = [[(event.event, event.vessel) for event in log.events] for log in (unheard, nobody)]
        assert flown[0] == flown[1]  # the times differ by rounding
        assert seen_by(unheard) == seen_by(nobody)
        assert nobody.answers.parted_early.any()
        changed += seen_by(nobody) != seen_by(calm)
        lost += len(nobody.dissemination.void)
    assert changed
    assert lost


def test_a_report_of_a_stint_that_never_came_is_no_report():
    """Without a lead an observer has seen a pair only while it lay alongside in some stint."""
    for replication in range(3):
        log = simulate(scenario("neon-spring", WATCHED, {**MANY, **WARY}), 3, replication)
        found, dissemination = log.reported_by["satellite"], log.dissemination
        pairs = {int(row): pair for pair, row in enumerate(dissemination.rows)}
        hours = {}
        for number, report in enumerate(dissemination.reports):
            name = dissemination.plan.observers[report.observer].name
            if name == "satellite" and number not in dissemination.void and report.target in pairs:
                hours.setdefault(pairs[report.target], []).append(report.seen_h)
        for pair, stints in enumerate(map(log.answers.stints_of, range(found.size))):
            inside = [hour for hour in hours.get(pair, []) for one in stints if one.begin <= hour <= one.end]
            assert found[pair] == bool(inside)
        assert found.any()


def test_crews_are_no_eyes_of_their_own():
    both = simulate(scenario("neon-crew", {**WATCHED, **CREW}, MANY), 2, 0)
    assert seen_by(both) == seen_by(simulate(scenario("neon-crew", WATCHED, MANY), 2, 0))
    assert "crew" not in both.reported_by
    alone = scenario("neon-crew", {"nations.canada": {}, "patrols.aurora.nation": "canada", **CREW}, MANY)
    assert schemas(alone) == schemas(scenario("neon-crew", MANY))
    assert simulate(alone, 2, 0).dissemination is None
    with pytest.raises(InputError, match="no crew: desk, satellite, source"):
        run(scenario("neon-crew", {**WATCHED, **CREW}, MANY), 2, jobs=1).measure("p_reported[observer=crew]")


def test_nothing_is_recorded_where_nobody_observes():
    without = load_scenario("neon-spring", {"duration_days": 3.0})
    assert "seen_by" not in schemas(without)["transfers"].names
    assert not {*TOTALS} & {*schemas(without)["replications"].names}
    log = simulate(without, 1, 0)
    assert log.dissemination is None
    assert not {*TOTALS} & {*log.totals()}


def test_the_text_of_a_transfer_is_read_as_it_was_written():
    flags = {"b": np.array([True, False, True]), "a": np.array([True, False, False])}
    written = seen_by_texts(flags, 3)
    assert written == ["a, b", None, "b"]
    assert [observers_in(text) for text in written] == [("a", "b"), (), ("b",)]
    assert reported_by(written).tolist() == [True, False, True]
    assert reported_by(written, {"a"}).tolist() == flags["a"].tolist()


# ---------------------------------------------------------------------------------------------------- totals, measures
def test_totals_are_those_of_the_rows(partners):
    rows, totals = partners.tables["transfers"].to_pylist(), partners.columns
    assert totals["reported"].sum() == sum(row["seen_by"] is not None for row in rows) > 100
    seen = [row["seen_by"] is not None or row["status"] != "missed" for row in rows]
    assert totals["seen_any"].sum() == sum(seen)
    both = [row["seen_by"] is not None and row["status"] == "documented" for row in rows]
    assert totals["documented_reported"].sum() == sum(both) > 3
    for name in ("japan_desk", "usa_satellite"):
        share = sum(name in observers_in(row["seen_by"]) for row in rows) / len(rows)
        assert partners.measure(f"p_reported[observer={name}]").value == pytest.approx(share)
    of_japan = [{"japan_desk", "japan_satellite"} & {*observers_in(row["seen_by"])} for row in rows]
    assert partners.measure("reported[nation=japan]").value == pytest.approx(sum(map(bool, of_japan)) / 8)


def test_measures_of_parts_are_the_same_asked_for_before_or_after(partners):
    given = load_scenario("neon-partners", {"transfers.fuel.per_month": 90.0, "duration_days": 12.0})
    asked = run(given, 8, jobs=1, by=["observer", "area", "week"])
    names = [
        *(f"{name}[observer=rok_desk]" for name in (*TOTALS, "p_reported", "p_seen_any")),
        "p_reported[area=east_china_sea]", "p_seen_any[week=2]", "reported[hour=18-24]",
    ]  # fmt: skip
    for name in names:
        assert asked.measure(name) == partners.measure(name)
    assert "reported[observer=rok_desk]" in asked.columns
    weeks = [asked.measure(f"seen_any[week={week}]").value for week in (1, 2)]
    assert sum(weeks) == pytest.approx(asked.measure("seen_any").value)


def test_the_estimate_of_chapman_is_made_of_both_lists_in_each_replication(scratch):
    names = ["chapman[observer=japan_desk]", "chapman"]
    study = {"format": 1, "scenario": "neon-partners", "replications": 3, "measures": ["transfers", *names]}
    study["vary"] = [{"key": "duration_days", "values": [10.0, 20.0]}]
    Path("counted.toml").write_text(tomli_w.dumps(study), encoding="utf-8")
    results = sweep("counted.toml", jobs=1)
    given = load_scenario("neon-partners", {"duration_days": 20.0})
    rows = run(given, 3, jobs=1).tables["transfers"].to_pylist()
    for name, wanted in zip(names, ({"japan_desk"}, None), strict=True):
        estimates = []
        for replication in range(3):
            mine = [row for row in rows if row["replication"] == replication]
            seen = reported_by([row["seen_by"] for row in mine], wanted)
            done = np.array([row["status"] == "documented" for row in mine])
            estimates.append((done.sum() + 1) * (seen.sum() + 1) / ((done & seen).sum() + 1) - 1)
        found = results.estimates(name)[1]
        assert found.value == pytest.approx(np.mean(estimates))
        assert found.low < found.value < found.high


def test_nobody_can_be_counted_twice_where_nobody_but_crews_observes():
    with pytest.raises(InputError):
        run(load_scenario("neon-spring", {"duration_days": 2.0}), 2, jobs=1, by=["observer"])
    assert simulate(load_scenario("neon-spring", {"duration_days": 2.0}), 1, 0).reported_by == {}


def test_a_study_may_mix_points_with_and_without_observers(scratch):
    more = {**WATCHED, "title": "watched"}
    settings = [{"label": "alone", "set": {"title": "alone"}}, {"label": "watched", "set": more}]
    study = {"format": 1, "scenario": "neon-spring", "replications": 3, "measures": ["p_seen_any", "p_detected"]}
    study["vary"] = [{"name": "who", "settings": settings}]
    Path("mixed.toml").write_text(tomli_w.dumps(study), encoding="utf-8")
    results = sweep("mixed.toml", jobs=1)
    alone, watched = results.estimates("p_seen_any")
    assert alone.value is None
    assert watched.value > results.estimates("p_detected")[1].value
    gap = results.differences("p_seen_any", 0)[1]
    assert gap.value == pytest.approx(watched.value - results.estimates("p_detected")[0].value)


# ---------------------------------------------------------------------------------------------------- the command
def test_combinations_add_up_to_all_transfers_and_each_eye_to_its_measure(partners):
    for by in ("observer", "kind"):
        eyes = eyes_of_run(partners, by)
        assert sum(one.number for one in eyes.combinations) == partners.columns["transfers"].sum()
        assert sum(one.share.value for one in eyes.combinations) == pytest.approx(1.0)
        assert sum(one.mean.value for one in eyes.combinations) == pytest.approx(partners.measure("transfers").value)
        assert eyes.combinations[-1].eyes == ()
        for eye, alone in enumerate(eyes.alone):
            assert alone.number == sum(one.number for one in eyes.combinations if eye in one.eyes)
        assert 1.0 - eyes.nobody.share.value == pytest.approx(eyes.seen_any.share.value)
    eyes = eyes_of_run(partners)
    shown = sum(one.number for one in eyes.shown) + eyes.others.number + eyes.nobody.number
    assert len(eyes.shown) == MOST_COMBINATIONS
    assert shown == partners.columns["transfers"].sum()
    measures = ["p_detected", *(f"p_reported[observer={name}]" for name in eyes.names[1:])]
    for measure, alone in zip(measures, eyes.alone, strict=True):
        expected = partners.measure(measure)
        assert (alone.share.value, alone.share.low, alone.share.high) == (expected.value, expected.low, expected.high)
    assert eyes.seen_any.share.value == partners.measure("p_seen_any").value


def test_all_forms_tell_the_same(partners, capsys):
    assert main(["eyes", str(partners.folder), "--by", "kind", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert sum(one["number"] for one in found["combinations"]) == partners.columns["transfers"].sum()
    assert found["eyes"][0]["eye"] == "aircraft"
    assert {one["aircraft"] for one in found["combinations"]} == {True, False}
    assert main(["eyes", str(partners.folder), "--by", "kind", "--format", "csv"]) == 0
    table = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    combinations = [row["combination"] for row in table if row["table"] == "combinations"]
    assert combinations == [one["combination"] for one in found["combinations"]]
    for form in ("table", "markdown"):
        assert main(["eyes", str(partners.folder), "--by", "kind", "--format", form]) == 0
        text = capsys.readouterr().out
        assert "Patrols detect" in text
        assert "all transfers" in text
        assert "aircraft + ais desk" in text


def test_only_aircraft_see_where_nobody_observes(neon, capsys):
    assert main(["eyes", str(neon), "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [one["combination"] for one in found["combinations"]] == ["aircraft", "none"]
    assert found["pairs"] == []


def test_an_observer_named_as_the_aircraft_is_told_apart():
    renamed = {**WATCHED, "observers.aircraft": {**WATCHED["observers.desk"]}}
    eyes = eyes_of_run(run(scenario("neon-spring", renamed, {"duration_days": 4.0}), 2, jobs=1))
    assert eyes.names == ("aircraft", "observer aircraft", "desk", "satellite", "source")


def test_what_cannot_be_counted_is_refused(partners, capsys, tmp_path):
    table = partners.tables["transfers"].drop_columns(["seen_by"])
    older = replace(partners, tables={**partners.tables, "transfers": table})
    with pytest.raises(InputError, match="an earlier version wrote it"):
        eyes_of_run(older)
    nothing = run("neon-partners", 2, sets={"transfers.fuel.per_month": 0.0, "duration_days": 2.0}, jobs=1)
    with pytest.raises(InputError, match="a run in which a transfer began"):
        eyes_of_run(nothing)
    assert main(["eyes", str(tmp_path)]) == 2
    assert "a folder that `seasweep run` wrote" in capsys.readouterr().err
    assert main(["eyes", str(partners.folder), "--by", "sensor"]) == 2
    assert main(["eyes", str(partners.folder), "--level", "2"]) == 2


# ---------------------------------------------------------------------------------------------------- the picture
def test_the_picture_has_a_bar_for_each_combination_and_each_eye(partners, tmp_path):
    bars, dots, alone, _ = figure_eyes(partners).axes
    eyes = eyes_of_run(partners)
    heights = [bar.get_height() for bar in bars.patches]
    expected = [*eyes.shown, eyes.others, eyes.nobody]
    assert heights == pytest.approx([100.0 * one.share.value for one in expected])
    assert sum(heights) == pytest.approx(100.0)
    assert [bar.get_width() for bar in alone.patches] == pytest.approx([100.0 * one.share.value for one in eyes.alone])
    assert [label.get_text() for label in alone.get_yticklabels()] == list(eyes.names)
    assert {text.get_text() for text in dots.texts} == {f"{eyes.number_of_others} others", "none"}
    answer = call_seasweep("plot", "eyes", partners.folder, "--by", "kind", "-o", tmp_path / "a.png")
    assert answer.code == 0
    assert shows_something(tmp_path / "a.png")
