"""The page of a replay: its data are those of the tables, and no text in them can become code."""

import base64
import hashlib
import json
import re
import shutil
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from plots import save_replay
from plots.pages.assembly import assemble, json_text
from plots.replay_data import OUTCOMES, clocks, light_data, replay_data
from plots.replay_page import replay_html
from sim import load_scenario, run
from sim.scenario.problems import InputError
from sim.study.realised import Realised
from sim.study.store import Results
from tests.helpers import call_seasweep

HOSTILE = "</script><script>alert(1)</script><!-- \"quotes\" & 'more'\n\u2028 ]]> <img src=x onerror=alert(2)>"


@pytest.fixture(scope="module")
def partners() -> Results:
    return run("neon-partners", 2, seed=4, jobs=1)


@pytest.fixture(scope="module")
def data(partners: Results) -> dict[str, Any]:
    return replay_data(partners, 0)


def rows_of(results: Results, table: str, replication: int = 0) -> list[dict[str, Any]]:
    return [row for row in results.tables[table].to_pylist() if row["replication"] == replication]


def plane_of_rows(results: Results, rows: list[dict[str, Any]], end: str = "") -> np.ndarray:
    lon, lat = ([row[f"{axis}{end}"] for row in rows] for axis in ("lon", "lat"))
    return np.column_stack(results.scenario.plane.to_xy(lon, lat))


class Elements(HTMLParser):
    """The elements of a page, each with its attributes and the text in it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None], list[str]]] = []
        self.is_open = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs), []))
        self.is_open = True

    def handle_endtag(self, tag: str) -> None:
        self.is_open = False

    def handle_data(self, data: str) -> None:
        if self.is_open:
            self.found[-1][2].append(data)

    def texts(self, name: str, **wanted: str) -> list[str]:
        return [
            "".join(text)
            for tag, attributes, text in self.found
            if tag == name and all(attributes.get(key) == value for key, value in wanted.items())
        ]


def data_in(page: str) -> Any:
    return json.loads(Elements(page).texts("script", id="replay-data")[0])


def test_the_transfers_are_those_of_the_table(partners, data):
    rows = sorted(rows_of(partners, "transfers"), key=lambda row: row["begin_h"])
    assert len(data["transfers"]) == len(rows) > 5
    places = plane_of_rows(partners, rows)
    for shown, row, place in zip(data["transfers"], rows, places, strict=True):
        vessel, source, x, y, *times, sensor, patrol, sortie, reason = shown
        assert data["vessels"][vessel] == f"{row['source']}-{row['transfer']}"
        assert data["sources"][source] == row["source"]
        assert (x, y) == pytest.approx(tuple(place), abs=0.0051)
        expected = [row[f"{name}_h"] for name in ("begin", "end", "detected", "classified", "documented")]
        assert [time is None for time in times] == [time is None for time in expected]
        assert [time for time in times if time is not None] == pytest.approx(
            [time for time in expected if time is not None], abs=0.00051
        )
        for names, number, name in (("sensors", sensor, "sensor"), ("patrols", patrol, "patrol")):
            assert (data[names][number] if number >= 0 else None) == row[name]
        assert (None if sortie < 0 else sortie) == row["sortie"]
        assert (data["reasons"][reason] if reason >= 0 else None) == row["reason"]


def test_the_events_are_those_of_the_table_in_their_order(partners, data):
    rows, log = rows_of(partners, "events"), data["log"]
    assert log["t"] == pytest.approx([row["time_h"] for row in rows], abs=0.00051)
    names = {"kind": ("events", "event"), "patrol": ("patrols", "patrol"), "vessel": ("vessels", "vessel")}
    for column, (listed, name) in {**names, "detail": ("details", "detail")}.items():
        shown = [data[listed][number] if number >= 0 else None for number in log[column]]
        assert shown == [row[name] for row in rows], column


def test_the_tracks_are_those_of_the_table(partners, data):
    rows = rows_of(partners, "tracks")
    legs = {(row["patrol"], row["sortie"]): [] for row in rows}
    for row, begin, end in zip(
        rows, plane_of_rows(partners, rows, "0"), plane_of_rows(partners, rows, "1"), strict=True
    ):
        legs[row["patrol"], row["sortie"]].append((row, begin, end))
    assert len(data["sorties"]) == len(legs) > 10
    for sortie in data["sorties"]:
        mine = legs[data["patrols"][sortie["patrol"]], sortie["number"]]
        corners = np.column_stack([sortie["x"], sortie["y"]])
        assert corners[:-1] == pytest.approx(np.array([begin for _, begin, _ in mine]), abs=0.0051)
        assert corners[1:] == pytest.approx(np.array([end for _, _, end in mine]), abs=0.0051)
        assert sortie["t"][1:] == pytest.approx([row["end_h"] for row, _, _ in mine], abs=0.00051)
        assert [data["phases"][int(digit)] for digit in sortie["phase"]] == [row["phase"] for row, _, _ in mine]


def test_the_contacts_are_all_that_crews_detected_but_the_transfers(partners, data):
    transfers = {f"{row['source']}-{row['transfer']}" for row in rows_of(partners, "transfers")}
    rows = [row for row in rows_of(partners, "events") if row["event"] in OUTCOMES and row["vessel"] not in transfers]
    expected = {(row["patrol"], row["sortie"], row["vessel"]) for row in rows}
    shown = [(data["patrols"][one[2]], one[3], data["vessels"][one[0]]) for one in data["contacts"]]
    assert len(shown) == len(expected) > 100
    assert set(shown) == expected
    assert all(one[-1] == 1 for one in data["contacts"])  # the place of each is known


def test_the_tips_are_the_reports_that_arrived(partners, data):
    rows = [row for row in rows_of(partners, "tips") if row["arrived_h"] is not None]
    rows.sort(key=lambda row: row["arrived_h"])
    assert len(rows) > 5
    assert [tip[0] for tip in data["tips"]] == [row["tip"] for row in rows]
    assert [tip[5] for tip in data["tips"]] == pytest.approx([row["arrived_h"] for row in rows], abs=0.00051)
    assert np.array([tip[7:9] for tip in data["tips"]]) == pytest.approx(plane_of_rows(partners, rows), abs=0.0051)


def test_a_vessel_lies_where_the_crew_beside_it_found_it(partners):
    """The imagery of a contact is taken from 2 nmi, so the aircraft is so far from the place that is realised again."""
    realised = Realised(partners.scenario, partners.info["seed"], 0)
    rows = [row for row in rows_of(partners, "events") if row["event"] in ("identified", "documented")]
    assert len(rows) > 50
    vessels = [realised.vessel(row["vessel"], [row["time_h"]]) for row in rows]
    places = np.array([(vessel.x[0], vessel.y[0]) for vessel in vessels if vessel is not None])
    assert np.hypot(*(places - plane_of_rows(partners, rows)).T).max() < 2.001
    assert realised.vessel("nobody-1", [0.0]) is None
    assert realised.vessel(rows[0]["vessel"], [-1e9]) is None


def test_the_light_follows_the_sun_and_the_weather_the_seed(partners, data):
    light = light_data(partners.scenario)
    assert len(light["sun"]) - 1 == 60  # a rise and a set on each of 30 days
    assert light["light"][1] > light["sun"][1]  # the first is a sunset, and it stays light after it
    weather = Realised(partners.scenario, partners.info["seed"], 0).weather
    rows = data["weather"]["rows"]
    assert data["weather"]["stated"] == ["sea_state", "visibility_nmi", "wind"]
    assert len({row[1] for row in rows}) == 2
    for hour, sea_state, visibility, wind, wind_from, _ in rows:
        now = weather.row_at(hour + 0.001)
        assert (sea_state, visibility) == (weather.sea_state[now], weather.visibility_nmi[now])
        assert (wind, wind_from) in ((12, 200), (32, 340))
    still = replay_data(run("textbook", 1, jobs=1, sets={"duration_days": 1.0}), 0)
    assert still["weather"]["stated"] == []
    assert still["weather"]["rows"] == [[0, None, None, 0, still["weather"]["rows"][0][4], 0]]


def test_the_clocks_of_the_zone_change_when_it_changes_them():
    tokyo = load_scenario("neon-spring")
    assert clocks(tokyo) == [[0, 540, "JST"]]
    berlin = load_scenario("neon-spring", {"time_zone": "Europe/Berlin", "start": "2026-03-28T12:00:00Z"})
    assert clocks(berlin) == [[0, 60, "CET"], [13, 120, "CEST"]]


def test_equal_runs_give_equal_pages_of_a_size_that_can_be_sent(partners):
    crew = run("neon-crew", 1, seed=1, jobs=1)
    page = replay_html(crew)
    assert page == replay_html(run("neon-crew", 1, seed=1, jobs=1))
    assert 100_000 < len(page.encode()) < 500_000
    assert data_in(page)["replication"] == 0
    assert data_in(replay_html(partners, 1))["replication"] == 1


def test_the_policy_names_the_hash_of_each_script_and_style_and_nothing_else(partners):
    elements = Elements(replay_html(partners))
    policies = [
        attributes["content"] or ""
        for tag, attributes, _ in elements.found
        if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    assert len(policies) == 1
    directives = {
        name: sources.split() for name, _, sources in (part.partition(" ") for part in policies[0].split("; "))
    }
    scripts = [
        "".join(text) for tag, attributes, text in elements.found if tag == "script" and "type" not in attributes
    ]
    for name, texts in (("script-src", scripts), ("style-src", elements.texts("style"))):
        hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in texts]
        assert directives[name] == [f"'sha256-{one}'" for one in hashes], name
    assert directives["default-src"] == ["'none'"]
    assert len(scripts) == 8
    assert not re.search(r"https?://|unsafe|<[^>]+ (style|on\w+)=", replay_html(partners))


def hostile(results: Results) -> Results:
    """The results with texts that try to become code wherever a table or the scenario has a text."""
    tables = {}
    for name, table in results.tables.items():
        columns = []
        for field in table.schema:
            column = table.column(field.name)
            if field.name in ("detail", "vessel", "reason", "sensor", "observer", "cell", "path", "patrol"):
                texts = [None if text is None else f"{text}{HOSTILE}" for text in column.to_pylist()]
                column = pa.array(texts, pa.string())
            columns.append(column)
        tables[name] = pa.table(columns, schema=table.schema)
    scenario = results.scenario.model_copy(update={"title": HOSTILE})
    return replace(results, scenario=scenario, tables=tables)


def test_no_text_of_a_table_can_leave_its_block(partners):
    page = replay_html(hostile(partners))
    elements, plain = Elements(page), Elements(replay_html(partners))
    assert [tag for tag, _, _ in elements.found] == [tag for tag, _, _ in plain.found]
    block = page.partition('id="replay-data">')[2].partition("</script>")[0]
    assert block.isascii()
    assert not set("<>&\n") & set(block)
    shown = data_in(page)
    assert shown["title"] == HOSTILE
    assert any(text.endswith(HOSTILE) for text in shown["vessels"])
    assert not [one for one in shown["contacts"] if one[-1] == 1]  # no such vessel is known: the aircraft's place


def test_a_page_takes_its_title_and_data_as_text():
    page = assemble(HOSTILE, "<main></main>", styles=[], scripts=["1"], data={"block": {"a": HOSTILE, "b": [1, None]}})
    elements = Elements(page)
    assert [tag for tag, _, _ in elements.found].count("script") == 2
    assert json.loads(elements.texts("script", id="block")[0]) == {"a": HOSTILE, "b": [1, None]}
    with pytest.raises(ValueError, match="JSON compliant"):
        json_text(float("nan"))


@pytest.fixture
def stored(neon: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run, which a test may change."""
    return shutil.copytree(neon, tmp_path_factory.mktemp("stored") / "run")


def test_the_command_writes_a_page_and_prints_its_path(stored, scratch):
    answer = call_seasweep("plot", "replay", stored, "-o", "page.html", "--replication", "2")
    assert (answer.code, answer.out.strip(), answer.err) == (0, "page.html", "")
    assert data_in(Path("page.html").read_text(encoding="utf-8"))["replication"] == 2
    before = {path.name for path in stored.iterdir()}
    assert call_seasweep("plot", "replay", stored).code == 0
    assert {path.name for path in stored.iterdir()} - before == {"replay.html"}
    assert "Default: replay.html" in " ".join(call_seasweep("plot", "replay", "--help").out.split())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("replay", "RUN", "-o", "page.png"), "a file that ends in .html, .gif or .mp4"),
        (("replay", "RUN", "-o", "page"), "a file that ends in .html, .gif or .mp4"),
        (("replay", "RUN", "-o", "nowhere/page.html"), "a file in a folder that exists"),
        (("replay", "RUN", "--replication", "99"), "a replication with recorded tracks"),
        (("coverage", "RUN", "-o", "map.html"), "a file that ends in .png, .svg or .pdf"),
    ],
)
def test_a_page_or_picture_that_cannot_be_is_refused_with_one_error(stored, scratch, arguments, said):
    answer = call_seasweep("plot", *(stored if word == "RUN" else word for word in arguments))
    assert answer.code == 2
    assert said in " ".join(answer.err.split())
    assert not list(scratch.iterdir())


def test_a_run_that_recorded_no_tracks_is_refused(tmp_path):
    bare = run("textbook", 2, jobs=1, keep=0)
    with pytest.raises(InputError, match="recorded the tracks"):
        save_replay(bare, tmp_path / "page.html")
    with pytest.raises(InputError, match="the results of a run"):
        save_replay("nothing", tmp_path / "page.html")
    assert not list(tmp_path.iterdir())
