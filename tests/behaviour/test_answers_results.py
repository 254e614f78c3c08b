"""What a sea that answers leaves in tables, measures, studies, reports, exports and replays."""

import re
from itertools import pairwise
from pathlib import Path

import pytest
import tomli_w

from plots.replay_data import replay_data
from sim import load_scenario, run, sweep
from sim.check.describe import scenario_tables
from sim.deployment.engine import simulate
from sim.study.columns import schemas
from sim.study.stint_rows import spans_of, stint_rows
from tests.behaviour.tip_scenarios import FOLLOWED, MANY, scenario, tables
from tests.helpers import call_seasweep, shows_something

GUIDE = (Path(__file__).resolve().parents[2] / "docs/guides/answers.md").read_text(encoding="utf-8")
COLUMNS = ["noticed_h", "parted_early", "resumed", "alongside_h", "displaced", "delayed"]
TOTALS = ["noticed", "parted_early", "resumed", "alongside_hours", "displaced", "delayed", "deterred"]
WARY = {
    "transfers.fuel.reaction.notice_nmi": 20.0,
    "transfers.fuel.reaction.cast_off_share": 0.2,
    "transfers.fuel.reaction.lie_low_share": 0.6,
    "transfers.fuel.reaction.wait_h": 2.0,
}
TEXTBOOK = {"transfers.events.reaction.notice_nmi": 150.0, "transfers.events.learning.weight": 1.0}


@pytest.fixture(scope="module")
def learning(tmp_path_factory):
    """A run of neon-learning, with more transfers, two weeks and measures by week."""
    sets = {"transfers.fuel.per_month": 90.0, "duration_days": 15.0}
    folder = tmp_path_factory.mktemp("runs") / "neon-learning"
    return run(load_scenario("neon-learning", sets), 3, by=["week"], out=folder, jobs=1)


# ---------------------------------------------------------------------------------------------------- tables
def test_columns_are_there_only_where_ships_answer(learning):
    without = schemas(load_scenario("neon-crew"))
    weightless = schemas(load_scenario("neon-crew", {"transfers.fuel.learning.weight": 0.0}))
    assert weightless == without
    assert not {*COLUMNS, *TOTALS} & {*without["transfers"].names, *without["replications"].names}
    assert set(COLUMNS) < set(learning.tables["transfers"].column_names)
    assert set(TOTALS) < set(learning.columns)


def test_the_rows_of_transfers_add_up_to_the_totals(learning):
    rows, totals = learning.tables["transfers"].to_pylist(), learning.columns
    counted = {
        "transfers": len(rows),
        "noticed": sum(row["noticed_h"] is not None for row in rows),
        "parted_early": sum(row["parted_early"] for row in rows),
        "resumed": sum(row["resumed"] > 0 for row in rows),
        "alongside_hours": pytest.approx(sum(row["alongside_h"] for row in rows)),
        "displaced": sum(row["displaced"] for row in rows),
        "delayed": sum(row["delayed"] for row in rows),
    }
    assert {name: totals[name].sum() for name in counted} == counted
    assert min(totals[name].sum() for name in TOTALS) > 0
    for row in rows:
        assert row["alongside_h"] <= row["end_h"] - row["begin_h"] + 1e-9
        assert row["resumed"] == 0 or row["parted_early"]
        assert not row["parted_early"] or row["noticed_h"] is not None


def test_the_events_of_a_pair_tell_its_stints_and_what_it_noticed(learning):
    events = learning.tables["events"].to_pylist()
    noticed = [event for event in events if event["event"] == "noticed"]
    assert {event["detail"] for event in noticed} == {"casts off", "lies low", "goes on"}
    assert {event["patrol"] for event in noticed} == {"aurora"}
    rows = {
        (row["replication"], f"{row['source']}-{row['transfer']}"): row
        for row in learning.tables["transfers"].to_pylist()
    }
    first = {}
    for event in noticed:
        first.setdefault((event["replication"], event["vessel"]), event["time_h"])
        assert event["sortie"] is not None
    checked = 0
    for pair, row in rows.items():
        met = [e["time_h"] for e in events if (e["replication"], e["vessel"]) == pair and e["event"] == "alongside"]
        assert first.get(pair) == row["noticed_h"]
        assert met[0] == pytest.approx(row["begin_h"])
        assert len(met) <= row["resumed"] + 1  # what begins after the end of the deployment is not observed
        checked += len(met) > 1
    assert checked > 0


# ---------------------------------------------------------------------------------------------------- measures
def test_measures_by_week_are_those_of_the_rows_of_the_week(learning):
    rows = learning.tables["transfers"].to_pylist()
    for week in (1, 2):
        mine = [row for row in rows if row["begin_h"] // 168.0 == week - 1]
        for name, column in (("p_noticed", "noticed_h"), ("p_parted_early", "parted_early"), ("p_resumed", "resumed")):
            share = sum(row[column] not in (None, False, 0) for row in mine) / len(mine)
            assert learning.measure(f"{name}[week={week}]").value == pytest.approx(share)
        moved = sum(row["displaced"] for row in mine) / 3
        assert learning.measure(f"displaced[week={week}]").value == pytest.approx(moved)
    assert len(rows) > 60


def test_a_study_may_mix_points_with_and_without_reactions(scratch):
    """Without a reaction nobody notices anything, so the count is 0; how long ships stay is not recorded there."""
    watches = {"transfers.events.reaction.notice_nmi": 150.0}
    ships = [{"label": "blind", "set": {"title": "blind"}}, {"label": "wary", "set": watches}]
    study = {"format": 1, "scenario": "textbook", "replications": 3, "measures": ["p_noticed", "alongside_hours"]}
    study["vary"] = [{"name": "ships", "settings": ships}]
    Path("mixed.toml").write_text(tomli_w.dumps(study), encoding="utf-8")
    results = sweep("mixed.toml", jobs=1)
    assert [row.value for row in results.estimates("p_noticed")] == [None, pytest.approx(0.5, abs=0.2)]
    assert [row.value for row in results.estimates("alongside_hours")] == [None, pytest.approx(4.0)]
    (gain,) = results.differences("p_noticed", 0)[1:]
    assert gain.value == pytest.approx(results.estimates("p_noticed")[1].value)
    (gain,) = results.differences("alongside_hours", 0)[1:]
    assert gain.value is None


def test_the_tables_of_check_say_what_ships_do_and_how_smugglers_learn():
    titles = ("ships that notice an aircraft", "smugglers that learn")
    found = {table.title: table for table in scenario_tables(load_scenario("neon-learning"))}
    ships, smugglers = ([[cell.text for cell in row.cells] for row in found[title].rows] for title in titles)
    assert ships == [["fuel", "8", "3", "80", "uniform 0.25 to 1", "50", "30"]]
    assert smugglers == [["fuel", "100", "east_china_sea", "one for each area", "4", "10", "30", "1"]]
    assert not set(titles) & {table.title for table in scenario_tables(load_scenario("neon-crew"))}


# ---------------------------------------------------------------------------------------------------- observers
@pytest.fixture(scope="module")
def watched():
    """The same replications with pairs that notice the aircraft, and with pairs that do not."""
    pairs = []
    for replication in range(2):
        logs = [simulate(scenario("neon-spring", FOLLOWED, {**MANY, **sets}), 3, replication) for sets in ({}, WARY)]
        pairs.append(logs)
    return pairs


def made(log):
    """The reports of a log that were made: observer, transfer and the hours of each."""
    reports = log.dissemination.reports
    return {
        (report.observer, report.target, report.seen_h)
        for n, report in enumerate(reports)
        if n not in log.dissemination.void
    }


def test_nobody_reports_a_pair_that_has_parted_and_observers_see_those_that_come_again(watched):
    lost = again = 0
    for before, after in watched:
        rows, answers = after.dissemination.rows, after.answers
        number = {int(row): pair for pair, row in enumerate(rows)}
        for observer, target, seen_h in made(after):
            kind = after.dissemination.plan.observers[observer].spec.kind
            if target in number and kind in ("ais_desk", "satellite"):
                stints = answers.stints_of(number[target])
                assert any(stint.begin <= seen_h <= stint.end for stint in stints)
        gone = made(before) - made(after)
        for _, target, seen_h in gone:
            if target in number:
                assert seen_h > answers.stints_of(number[target])[0].end
                lost += 1
        for _, target, _ in made(after) - made(before):
            if target in number:
                again += answers.resumed[number[target]] > 0
    assert lost > 3
    assert again > 3


def test_what_is_not_reported_is_in_no_table(watched):
    voids = [after.dissemination.void for _, after in watched]
    reported = [{row["report"] for row in tables(after)["tips"].to_pylist()} for _, after in watched]
    assert sum(len(void) for void in voids) > 3
    assert min(len(numbers) for numbers in reported) > 10
    assert not [void & numbers for void, numbers in zip(voids, reported, strict=True) if void & numbers]


# ---------------------------------------------------------------------------------------------------- replay, exports
def test_a_pair_that_came_again_has_a_row_for_each_stint(learning):
    rows = {name: learning.tables[name].to_pylist() for name in ("transfers", "events")}
    transfers, events = ([row for row in rows[name] if row["replication"] == 0] for name in ("transfers", "events"))
    stints = stint_rows(transfers, events)
    more = {f"{row['source']}-{row['transfer']}" for row in transfers if row["resumed"]}
    assert more
    assert len(stints) > len(transfers)
    for row in transfers:
        mine = [stint for stint in stints if stint["transfer"] == row["transfer"] and stint["source"] == row["source"]]
        if not row["resumed"]:
            assert mine == [row]
            continue
        assert mine[0]["begin_h"] == pytest.approx(row["begin_h"])
        assert all(one["end_h"] < other["begin_h"] for one, other in pairwise(mine))
    assert len(replay_data(learning, 0)["transfers"]) == len(stints)
    assert [span for spans in spans_of(transfers, events) for span in spans] == [
        (stint["begin_h"], stint["end_h"]) for stint in stints
    ]


@pytest.mark.parametrize("ending", ["geojson", "kml", "czml", "csv"])
def test_a_run_in_which_ships_answer_can_be_exported(learning, scratch, ending):
    options = ["--layer", "transfers"] if ending == "csv" else []
    answer = call_seasweep("export", learning.folder, "--to", f"map.{ending}", *options)
    assert answer.code == 0, answer.err
    assert "transfers (" in answer.err
    text = Path(f"map.{ending}").read_text(encoding="utf-8")
    assert "fuel" in text
    if ending == "csv":
        head, *lines = text.splitlines()
        assert set(COLUMNS) < set(head.split(","))
        rows = [learning.tables[name].to_pylist() for name in ("transfers", "events")]
        kept = [row for row in rows[0] if row["replication"] < learning.info["kept"]]
        assert len(lines) == len(stint_rows(kept, rows[1])) > len(kept)


@pytest.mark.parametrize("command", [["report"], ["plot", "replay"], ["plot", "timeline"], ["plot", "funnel"]])
def test_reports_and_pictures_of_a_run_in_which_ships_answer_do_not_fail(learning, scratch, command):
    answer = call_seasweep(*command, learning.folder)
    assert answer.code == 0, answer.err
    file = Path(answer.out.strip().splitlines()[-1])
    is_picture = file.suffix == ".png"
    assert shows_something(file) if is_picture else "smugglers that learn" in file.read_text(encoding="utf-8")


# ---------------------------------------------------------------------------------------------------- the guide
def test_the_scenarios_of_the_guide_are_those_that_ship(scratch):
    blocks = re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL)
    assert len(blocks) == 2
    for name, block in zip(("neon-wary", "neon-learning"), blocks, strict=True):
        Path("mine.toml").write_text(block, encoding="utf-8")
        mine, shipped = load_scenario("mine.toml"), load_scenario(name)
        assert mine.transfers == shipped.transfers
