"""Recorded AIS: the same messages in every form, what is left out and why, and its ships in a simulation."""

import gzip
import json
import re
import zipfile
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyais
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv
import pyarrow.parquet as pq
import pyproj
import pytest
import shapely

from sim import Results, export, load_scenario, run
from sim.cli.layout import page_lines
from sim.core import chance
from sim.core.codes import DARK, STATIONARY
from sim.core.motion import Motion
from sim.deployment.traffic.base import SegmentBuffers
from sim.deployment.world import prepare
from sim.scenario.recorded.sifting import Rules
from sim.study.export.vessel_layers import MESSAGE_S
from sim.study.recordings import account_page, import_recording
from tests.helpers import call_seasweep
from tools.make_recorded_sample import DAY, danish, marine_cadastre, messages

FOUND = list(messages(10, 24.0, 600.0, seed=3))
SHIPS = {"kind": "recorded", "file": "ships.parquet", "day": DAY.date()}
LENGTHS = {"a": 90.0, "b": 45.0, "c": 60.0}
HEAD = "MMSI,BaseDateTime,LAT,LON,Length\n"


def imported(name, text=None, rules=None):
    """The segments of a file, and the account of its import."""
    if text is not None:
        Path(name).write_text(text, encoding="utf-8")
    done = import_recording([name], "out.parquet", rules)
    return pq.read_table("out.parquet"), done.account


def nmea(found):
    """Messages as sentences with times in tag blocks, and the length of each ship once."""
    lines, told = [], set()
    for one in found:
        stamp = f"c:{int(one.moment.timestamp())}"
        check = 0
        for character in stamp:
            check ^= ord(character)
        tag = f"\\{stamp}*{check:02X}\\"
        if one.mmsi not in told:
            told.add(one.mmsi)
            about = {"type": 5, "mmsi": one.mmsi, "to_bow": one.length - 5, "to_stern": 5, "ship_type": one.ship_type}
            lines += [tag + part for part in pyais.encode_dict(about | {"shipname": "SYNTHETIC"}, talker_id="AI")]
        place = {"type": 1, "mmsi": one.mmsi, "lon": one.lon, "lat": one.lat, "speed": one.sog, "course": one.cog}
        lines += [tag + part for part in pyais.encode_dict(place, talker_id="AI")]
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """The segments of the messages as MarineCadastre has them."""
    folder = tmp_path_factory.mktemp("plain")
    (folder / "ships.csv").write_text(marine_cadastre(FOUND), encoding="utf-8")
    import_recording([folder / "ships.csv"], folder / "ships.parquet")
    return folder / "ships.parquet"


@pytest.fixture
def ships(plain, scratch):
    """A folder in which a scenario finds ships.parquet."""
    Path("ships.parquet").write_bytes(plain.read_bytes())
    return scratch


# ------------------------------------------------------------------------------------------------------- readers
def write_forms(form):
    """A file with the same messages in another form, and its name."""
    american = marine_cadastre(FOUND)
    if form == "parquet":
        table = pcsv.read_csv(pa.BufferReader(american.encode()))  # its times become a type of their own
        pq.write_table(table, "a.parquet")
        return "a.parquet"
    if form == "zip":
        with zipfile.ZipFile("a.zip", "w") as archive:
            archive.writestr("ais_2023_04_10.csv", american)
        return "a.zip"
    if form == "gz":
        Path("a.csv.gz").write_bytes(gzip.compress(danish(FOUND).encode()))
        return "a.csv.gz"
    texts = {
        "danish": danish(FOUND),
        "decimal commas": danish(FOUND, decimal_comma=True),
        "semicolons": american.replace(",", ";"),
        "with a mark": "\ufeff" + american,
        "windows": american.replace("\n", "\r\n"),
        "blank for T": american.replace("T0", " 0").replace("T1", " 1").replace("T2", " 2"),
        "zulu": re.sub(r"(T\d\d:\d\d:\d\d)", r"\1.250Z", american).replace("BaseDateTime", "base_date_time"),
    }
    Path("a.csv").write_text(texts[form], encoding="utf-8")
    return "a.csv"


@pytest.mark.parametrize(
    "form",
    ["danish", "decimal commas", "semicolons", "with a mark", "windows", "blank for T", "zulu", "parquet", "zip", "gz"],
)
def test_the_same_messages_give_the_same_segments_in_every_form(plain, scratch, form):
    table, account = imported(write_forms(form))
    assert account.kept == len(FOUND) > 1000
    assert table.equals(pq.read_table(plain))


def test_sentences_of_nmea_give_the_same_ships(plain, scratch):
    """Their places are rounded to a ten thousandth of a minute, so segments may end elsewhere."""
    table, account = imported("ships.nmea", nmea(FOUND))
    expected = pq.read_table(plain)
    assert account.kept == len(FOUND)
    assert set(table.column("mmsi").to_pylist()) == set(expected.column("mmsi").to_pylist())
    lengths = {one.mmsi: float(one.length) for one in FOUND}
    assert dict(zip(table["mmsi"].to_pylist(), table["length_m"].to_pylist(), strict=True)) == lengths
    spans = [pc.subtract(one["end"].cast("int64"), one["begin"].cast("int64")) for one in (table, expected)]
    assert pc.sum(spans[0]) == pc.sum(spans[1])


def test_times_beside_a_sentence_are_read_in_every_usual_form(scratch):
    sentence = pyais.encode_dict({"type": 1, "mmsi": 219000001, "lon": 10.5, "lat": 55.0}, talker_id="AI")[0]
    later = pyais.encode_dict({"type": 18, "mmsi": 219000001, "lon": 10.5, "lat": 55.01}, talker_id="AI")[0]
    for line in (
        "\\s:1,c:{t}*00\\{s}", "\\c:{t}000*00\\{s}", "{t},{s}", "{s},{t}", "{i} {s}", "{s},r01,{t}", "{i}Z\t{s}",
    ):  # fmt: skip
        lines = [
            line.format(t=1681084800 + step, s=one, i=f"{DAY + timedelta(seconds=step):%Y-%m-%dT%H:%M:%S}")
            for step, one in ((0, sentence), (600, later))
        ]
        table, _ = imported("a.txt", "\n".join(lines))
        assert [(row["begin"], row["end"]) for row in table.to_pylist()] == [
            (datetime(2023, 4, 10, tzinfo=UTC), datetime(2023, 4, 10, 0, 10, tzinfo=UTC))
        ], line


# ------------------------------------------------------------------------------------------------------- cleaning
def line(mmsi=219000001, minute=0, lat=30.0, lon=125.0):
    return f"{mmsi},{DAY + timedelta(minutes=minute):%Y-%m-%dT%H:%M:%S},{lat},{lon},100\n"


STRAIGHT = [line(minute=minute, lat=round(30.0 + minute / 300.0, 5)) for minute in range(0, 60, 5)]  # 12 knots


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (line(minute=5, lat=30.01667), "duplicate"),
        (line(minute=32, lat=33.0), "jump"),
        (line(minute=32, lat=91.0, lon=181.0), "wrong_place"),
        (line(minute=32, lat=0.0, lon=0.0), "wrong_place"),
        (line(mmsi=12345, minute=3), "wrong_mmsi"),
        (line(mmsi=2190000010, minute=3), "wrong_mmsi"),
        (line(mmsi="002190001", minute=3), "no_ship"),
        (line(mmsi=992191234, minute=3), "no_ship"),
        (line(mmsi=111219501, minute=3), "no_ship"),
        (line(mmsi=970123456, minute=3), "no_ship"),
        (line(minute=60 * 24 + 1), "wrong_clock"),
        (line(minute=-1), "wrong_clock"),
        ("219000001,1970-01-01T00:00:01,30.0,125.0,100\n", "wrong_clock"),
        ("219000001,2023-02-31T00:00:01,30.0,125.0,100\n", "unreadable"),
        ("219000001,10/04/2023 00:00:01,30.0,125.0,100\n", "unreadable"),
        ("219000001,2023-04-10T00:07:00,,125.0,100\n", "unreadable"),
        ("ship,2023-04-10T00:07:00,30.0,125.0,100\n", "unreadable"),
        ("219000001,2023-04-10T00:07:00,30.0\n", "no_row"),
        ("219000001,2023-04-10T00:07:00,30.0,125.0,100,more\n", "no_row"),
        (line(mmsi=219000002, minute=3), "alone"),
        (line(minute=32, lat=10.0), "outside"),
    ],
)  # fmt: skip
def test_one_wrong_message_is_left_out_for_its_reason_and_nothing_else_changes(scratch, wrong, reason):
    rules = Rules(box=(120.0, 25.0, 130.0, 35.0)) if reason == "outside" else None
    right, before = imported("ais_2023_04_10.csv", HEAD + "".join(STRAIGHT), rules)
    table, account = imported("ais_2023_04_10.csv", HEAD + "".join([*STRAIGHT[:7], wrong, *STRAIGHT[7:]]), rules)
    assert (len(right), before.kept, sum(before.dropped.values())) == (1, 12, 0)
    assert table.equals(right)
    assert {name: count for name, count in account.dropped.items() if count} == {reason: 1}


def test_messages_need_not_be_in_order(scratch):
    expected, _ = imported("a.csv", HEAD + "".join(STRAIGHT))
    table, account = imported("a.csv", HEAD + "".join(STRAIGHT[::-1]))
    assert table.equals(expected)
    assert account.kept == 12


def test_two_ships_that_share_an_mmsi_become_two(scratch):
    other = [line(minute=minute + 2, lat=28.0, lon=round(127.0 + minute / 300.0, 5)) for minute in range(0, 60, 5)]
    table, account = imported("a.csv", HEAD + "".join(sorted(STRAIGHT + other, key=lambda row: row.split(",")[1])))
    assert (account.ships, account.shared, account.kept) == (2, 1, 24)
    assert [(row["ship"], row["lat0"]) for row in table.to_pylist()] == [(1, 30.0), (2, 28.0)]


def test_a_ship_that_was_elsewhere_after_a_gap_is_one_ship_in_two_pieces(scratch):
    later = [line(minute=minute + 120, lat=27.0) for minute in range(0, 60, 5)]
    table, account = imported("a.csv", HEAD + "".join(STRAIGHT + later))
    assert (account.ships, account.pieces, account.gaps) == (1, 2, 1)
    assert [row["ship"] for row in table.to_pylist()] == [1, 1]


def test_every_message_is_counted_once(scratch):
    rng = np.random.default_rng(8)
    text = marine_cadastre(FOUND).splitlines(keepends=True)
    for row in rng.choice(len(text) - 1, 400, replace=False) + 1:
        cells = text[row].split(",")
        cells[rng.integers(0, 5)] = str(rng.choice(["", "x", "91", "181", "2023-04-10T25:00:00", "12,5", "-1", "1e99"]))
        text[row] = ",".join(cells)
    table, account = imported("a.csv", "".join(text))
    assert account.messages == len(FOUND)
    assert account.kept + sum(account.dropped.values()) == len(FOUND)
    assert len(FOUND) - 401 < account.kept < len(FOUND) - 150
    assert account.segments == len(table)


def test_the_command_prints_what_it_left_out_within_80_columns(scratch):
    Path("ais_2023_04_10.csv").write_text(HEAD + "".join([*STRAIGHT, line(minute=-1)]), encoding="utf-8")
    page = account_page(import_recording(["ais_2023_04_10.csv"], "s.parquet"))
    lines = ["".join(part[0] for part in line) for line in page_lines(page, 80)]
    assert max(map(len, lines)) <= 80
    assert "a time outside the period of the file" in "\n".join(lines)
    told = json.loads(call_seasweep("import", "ais_2023_04_10.csv", "--to", "s.parquet", "--format", "json").out)
    assert told["dropped_by_reason"]["wrong_clock"] == 1
    assert (told["first"], told["last"]) == ("2023-04-10T00:00:00Z", "2023-04-10T00:55:00Z")


# ------------------------------------------------------------------------------------------------------- simulation
def scenario_with(**keys):
    sets = {"background.merchant.present": 0.0, "duration_days": 3.0}
    return load_scenario("neon-spring", {**sets, "background.ships": {**SHIPS, **keys}})


def source_of(scenario, name="ships"):
    return next(source for source in prepare(scenario).traffic if source.name == name)


def fleets(scenario, replication=0):
    return source_of(scenario).realise(chance.replication_key(1, replication), True, SegmentBuffers())


def test_ships_are_where_they_were_recorded_and_again_on_each_day(ships):
    scenario = scenario_with()
    motion = Motion.of_fleets(fleets(scenario))
    rows = pq.read_table("ships.parquet").to_pylist()
    assert len(motion.rows) == pytest.approx(3 * len(rows), abs=3)
    for row in rows[::7]:
        hour = (row["begin"] - DAY).total_seconds() / 3600.0
        x, y = scenario.plane.to_xy(row["lon0"], row["lat0"])
        for day in range(3):
            there = np.abs(motion.rows[:, 0] - hour - 24.0 * day) < 1e-9
            away = np.hypot(motion.rows[there, 2] - x, motion.rows[there, 3] - y)
            assert away.min() < 0.002


def test_a_start_within_the_day_and_a_move_shift_the_ships(ships):
    late = DAY + timedelta(hours=6, days=400)
    keys = {"background.ships": {**SHIPS, "move_deg": [5.0, 2.0]}, "background.merchant.present": 0.0}
    scenario = load_scenario("neon-spring", {**keys, "duration_days": 1.0, "start": late})
    motion = Motion.of_fleets(fleets(scenario))
    rows = pq.read_table("ships.parquet").to_pylist()
    tried = 0
    for row in rows:
        hour = (row["begin"] - DAY).total_seconds() / 3600.0 - 6.0
        if hour > 0.0:
            x, y = scenario.plane.to_xy(row["lon0"] + 5.0, row["lat0"] + 2.0)
            there = np.abs(motion.rows[:, 0] - hour) < 1e-9
            assert np.hypot(motion.rows[there, 2] - x, motion.rows[there, 3] - y).min() < 0.002
            tried += 1
    assert tried > 20
    assert motion.rows[:, 0].min() == 0.0
    assert motion.rows[:, 1].max() <= 24.0


def test_the_mean_number_present_and_the_density_are_the_ship_hours(ships):
    source = source_of(scenario_with())
    rows = Motion.of_fleets(fleets(scenario_with())).rows
    for begin, end in ((0.0, 72.0), (5.0, 17.0), (30.0, 31.0)):
        hours = np.clip(np.minimum(rows[:, 1], end) - np.maximum(rows[:, 0], begin), 0.0, None).sum()
        assert source.mean_present(begin, end) == pytest.approx(hours / (end - begin), rel=1e-9)
    west, south = (np.floor(np.median(rows[:, column]) / 10.0) * 10.0 - 200.0 for column in (2, 3))
    box = shapely.box(west, south, west + 400.0, south + 400.0)
    x, y = (
        axis.ravel() for axis in np.meshgrid(west + np.arange(5.0, 400.0, 10.0), south + np.arange(5.0, 400.0, 10.0))
    )
    density = sum(source.density(x, y, 0.0, 72.0).values())
    assert density.sum() * 100.0 == pytest.approx(source.mean_present(0.0, 72.0, box), rel=1e-9)
    assert density.max() > 0.0


@pytest.mark.usefixtures("ships")
def test_classes_follow_the_length():
    classes = {"small": {"length_m": 30.0, "height_ft": 20.0}, "large": {"length_m": 180.0, "height_ft": 90.0}}
    ships = {**SHIPS, "vessels": ["small", "large"]}
    scenario = load_scenario({"extends": "neon-spring", "vessels": classes, "background": {"ships": ships}})
    source = source_of(scenario)
    found = source.present_by_class(0.0, 24.0)
    lengths = {one.mmsi: one.length for one in FOUND}
    table = pq.read_table("ships.parquet").to_pylist()
    hours = {(name,): 0.0 for name in ("small", "large")}
    for row in table:
        name = "small" if lengths[row["mmsi"]] < 105 else "large"
        hours[name,] += (row["end"] - row["begin"]).total_seconds() / 86400.0
    assert {hulls: value for hulls, value in found.items() if value} == pytest.approx(
        {hulls: value for hulls, value in hours.items() if value}
    )


def test_traits_are_drawn_and_ships_that_lie_still_are_known(ships):
    suspects, others = fleets(scenario_with(dark_share=0.5))
    dark = (suspects.traits & DARK) > 0
    assert 0.2 < dark.sum() / (suspects.vessels.size + others.vessels.size) < 0.8
    assert not (others.traits & (DARK | STATIONARY)).any()
    assert len(set(suspects.labels.tolist())) == suspects.vessels.size


def test_days_that_are_drawn_differ_between_replications_and_each_is_a_recorded_day(scratch):
    rows = [
        line(mmsi=219000001 + day, minute=1440 * day + 60 * 6 + minute, lat=28.0 + day) for day in range(4)
        for minute in (0, 30, 60)
    ]  # fmt: skip
    imported("a.csv", HEAD + "".join(rows))
    keys = {"file": "out.parquet", "days": 4, "draw_days": True}
    scenario = load_scenario("neon-spring", {
        "background.ships": {**SHIPS, **keys}, "background.merchant.present": 0.0, "duration_days": 40.0,
    })  # fmt: skip
    drawn = []
    for replication in range(30):
        motion = Motion.of_fleets([fleet for fleet in fleets(scenario, replication) if fleet is not None])
        assert motion.vessels.size == 40  # one ship on each day
        _, lat = scenario.plane.to_lonlat(motion.rows[:, 2], motion.rows[:, 3])
        drawn.append(np.bincount(np.rint(lat[motion.rows[:, 0] % 24.0 == 6.0]).astype(int) - 28, minlength=4))
    counts = np.sum(drawn, axis=0)
    error = (counts - 300.0) / np.sqrt(1200 * 0.25 * 0.75)  # of a binomial number
    assert np.abs(error).max() < 4.0
    assert len({tuple(one) for one in drawn}) > 10
    assert source_of(scenario).mean_present(0.0, 960.0) == pytest.approx(1.0 / 24.0)


def test_a_run_folder_runs_again_without_the_file_and_every_plan_meets_the_same_ships(ships):
    scenario = {"extends": "neon-spring", "duration_days": 2.0, "background": {"ships": SHIPS},
                "outputs": {"contacts": True}}  # fmt: skip
    first = run(scenario, 2, out="one", jobs=1)
    Path("ships.parquet").unlink()
    second = run("one/scenario.toml", 2, out="two", jobs=1)
    assert len(first.tables) > 3
    for name, table in first.tables.items():
        assert table.equals(second.tables[name]), name
    for replication in range(2):
        a, b = (
            fleets(load_scenario("one/scenario.toml", sets), replication)
            for sets in ({}, {"routes.search.spacing_nmi": 90.0, "patrols.aurora.first_takeoff_h": 3.0})
        )
        for fleet, other in zip(a, b, strict=True):
            assert all((np.asarray(one) == np.asarray(two)).all() for one, two in zip(fleet, other, strict=True))


# ------------------------------------------------------------------------------------------------------- exports
@pytest.fixture(scope="module")
def exported(plain, tmp_path_factory):
    """A run with recorded ships, some dark and some false, and its layers of vessels."""
    folder = tmp_path_factory.mktemp("exported")
    (folder / "ships.parquet").write_bytes(plain.read_bytes())
    (folder / "s.toml").write_text(
        'extends = "neon-spring"\nduration_days = 1\n[background.ships]\nkind = "recorded"\nfile = "ships.parquet"\n'
        "day = 2023-04-10\n[background.merchant]\npresent = 40\ndark_share = 0.3\nspoofing_share = 0.3\n"
        "[transfers.fuel]\nper_month = 300.0\ndark_share = 0.5\n"
        "[transfers.fuel.reaction]\nnotice_nmi = 15.0\ncast_off_share = 1.0\ndelay_h = 0.1\n",
        encoding="utf-8",
    )
    results = run(folder / "s.toml", 2, out=folder / "run", jobs=1)
    export(results, folder / "v.parquet", layer=["truth", "claims", "ais"], replication=1)
    return results, {name: pq.read_table(folder / f"v-{name}.parquet") for name in ("truth", "claims", "ais")}, folder


def test_what_is_claimed_is_true_or_displaced_or_nothing(exported):
    _, tables, _ = exported
    key = ("vessel", "begin_h")
    truth = {tuple(row[name] for name in key): row for row in tables["truth"].to_pylist()}
    claims = {tuple(row[name] for name in key): row for row in tables["claims"].to_pylist()}
    assert {row["ais"] for row in truth.values()} == {"on", "off", "false"}
    offsets = {}
    for name, row in truth.items():
        if row["ais"] == "off":
            assert name not in claims
            continue
        claim = claims[name]
        ends = [np.array([one[f"lon{end}"], one[f"lat{end}"]]) for one in (row, claim) for end in "01"]
        if row["ais"] == "on":
            assert claim["is_true"]
            assert np.abs(ends[0] - ends[2]).max() < 1e-9
        else:
            assert not claim["is_true"]
            offsets.setdefault(name[0], []).append(np.hypot(*(ends[0] - ends[2]) * [52.0, 60.0]))
    assert len(offsets) > 5
    distances = np.concatenate(list(offsets.values()))
    assert 15.0 < distances.min() < distances.max() < 70.0


def test_messages_tell_the_true_course_and_speed_between_them(exported):
    _, tables, _ = exported
    own = {}
    for row in tables["ais"].to_pylist():
        own.setdefault(row["MMSI"], []).append(row)
    geod, tried = pyproj.Geod(ellps="WGS84"), 0
    for rows in own.values():
        for one, other in pairwise(rows):
            seconds = np.diff([np.datetime64(row["BaseDateTime"]) for row in (one, other)])[0].astype(float)
            if seconds == MESSAGE_S and one["SOG"] == other["SOG"] > 3.0 and one["COG"] == pytest.approx(other["COG"]):
                azimuth, _, metres = geod.inv(one["LON"], one["LAT"], other["LON"], other["LAT"])
                assert abs((one["COG"] - azimuth + 180.0) % 360.0 - 180.0) < 1.0
                assert metres / 1852.0 / (seconds / 3600.0) == pytest.approx(one["SOG"], rel=0.03)
                tried += 1
    assert tried > 50


def test_transfers_are_alongside_in_truth_for_the_hours_of_the_table(exported):
    results, tables, _ = exported
    hours = {}
    for row in tables["truth"].to_pylist():
        if row["transfer"]:
            hours[row["vessel"]] = hours.get(row["vessel"], 0.0) + row["end_h"] - row["begin_h"]
    table = [row for row in results.tables["transfers"].to_pylist() if row["replication"] == 1]
    assert len(table) > 5
    for row in table:
        until = min(row["end_h"], results.scenario.duration_h) - row["begin_h"]
        for hull in "12":
            assert hours[f"{row['source']}-{row['transfer']}-{hull}"] == pytest.approx(until)


def test_each_hull_of_a_transfer_has_its_track_and_its_own_ais(scratch):
    """Three hulls that make way; of some transfers only one hull sends."""
    classes = {
        name: {"length_m": length, "height_ft": 40.0} for name, length in (("a", 90.0), ("b", 45.0), ("c", 60.0))
    }
    fuel = {"per_month": 150.0, "vessels": ["a", "b", "c"], "making_way_kn": 3.0, "dark_share": 0.2}
    sets = {"vessels": classes, "transfers": {"fuel": {**fuel, "partner_dark_share": 0.5}}, "duration_days": 4.0}
    results = run(
        {"extends": "neon-spring", **sets, "background": {"merchant": {"present": 0.0}}}, 1, jobs=1, out="run"
    )
    export(results, "t.parquet", layer="truth")
    rows = pq.read_table("t.parquet").to_pylist()
    lying = [row for row in rows if row["transfer"]]
    found = {}
    for row in lying:
        name, _, hull = row["vessel"].rpartition("-")
        found.setdefault(name, {})[hull] = row
        x, y = results.scenario.plane.to_xy(*([row[f"{axis}{end}"] for end in "01"] for axis in ("lon", "lat")))
        assert np.hypot(*np.diff([x, y])[:, 0]) / (row["end_h"] - row["begin_h"]) == pytest.approx(3.0)
    assert len(found) > 10
    assert {tuple(hulls) for hulls in found.values()} == {("1", "2", "3")}
    assert {row["class"] for row in lying} == {"a", "b", "c"}
    senders = [sum(row["ais"] == "on" for row in hulls.values()) for hulls in found.values()]
    assert set(senders) == {0, 1, 3}
    places = {(row["vessel"], round(row["end_h"], 6)): (row["lon1"], row["lat1"]) for row in rows}
    joined = 0
    for row in lying:  # each came to the place where it lies alongside
        before = places.get((row["vessel"], round(row["begin_h"], 6)))
        if before is not None:
            joined += 1
            assert before == pytest.approx((row["lon0"], row["lat0"]), abs=1e-6)
    assert joined > 20


def test_a_recording_and_its_export_agree(exported):
    """The messages of an export, imported again, are the tracks of the recording within both bounds."""
    _, _, folder = exported
    results = Results.load(folder / "run")
    export(results, folder / "again.csv", layer="ais", replication=1)
    done = import_recording([folder / "again.csv"], folder / "again.parquet")
    assert done.account.dropped["jump"] == 0
    again, first = pq.read_table(folder / "again.parquet"), pq.read_table(folder / "ships.parquet")
    compared = 0
    for mmsi in set(first["mmsi"].to_pylist()):
        old = [row for row in first.to_pylist() if row["mmsi"] == mmsi]
        new = [row for row in again.to_pylist() if row["name"] == f"ships-{mmsi}"]
        for row in old:
            middle = row["begin"] + (row["end"] - row["begin"]) / 2
            own = [one for one in new if one["begin"] <= middle <= one["end"]]
            if own:
                compared += 1
                assert np.hypot(*(_at(row, middle) - _at(own[0], middle)) * [52.0, 60.0]) < 0.1
    assert compared > 0.9 * len(first)


def _at(row, when):
    share = (when - row["begin"]) / (row["end"] - row["begin"])
    return np.array([row["lon0"], row["lat0"]]) * (1 - share) + np.array([row["lon1"], row["lat1"]]) * share
