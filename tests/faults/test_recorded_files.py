"""Files of recorded AIS that are damaged, cut, empty, of another kind or too large: one message each."""

import gzip
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import sim.scenario.recorded.inlining
from sim.study.recordings import import_recording
from tests.helpers import Answer, files_below
from tools.make_recorded_sample import danish, marine_cadastre, messages

Seasweep = Callable[..., Answer]
FOUND = list(messages(4, 6.0, 600.0))
TEXT = marine_cadastre(FOUND)
SOURCE = 'extends = "neon-spring"\n[background.ships]\nkind = "recorded"\n'


def refused(answer: Answer, *said: str) -> None:
    """Exit code 2 and one line that says it all."""
    assert (answer.code, answer.out) == (2, ""), answer
    assert answer.err.startswith("error: "), answer.err
    assert answer.err.count("\n") == 1, answer.err
    for part in said:
        assert part in answer.err, (part, answer.err)


def cut_parquet() -> bytes:
    Path("ships.csv").write_text(TEXT, encoding="utf-8")
    import_recording(["ships.csv"], "whole.parquet")
    content = Path("whole.parquet").read_bytes()
    Path("ships.csv").unlink()
    Path("whole.parquet").unlink()
    return content[: len(content) // 2]


def zipped(content: bytes) -> bytes:
    with zipfile.ZipFile("x.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ais.csv", content)
    found = Path("x.zip").read_bytes()
    Path("x.zip").unlink()
    return found


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", lambda: b"", "it is empty"),
        ("a.csv", lambda: b"\n\n", "it is empty"),
        ("a.csv", lambda: b"mmsi,lat,lon\n1,2,3\n", "no column of times"),
        ("a.csv", lambda: b"BaseDateTime,LAT\n", "no column of MMSI, longitude"),
        ("a.csv", lambda: b"MMSI,mmsi,BaseDateTime,LAT,LON\n", "two columns of the same meaning, MMSI and mmsi"),
        ("a.csv", lambda: TEXT.encode("utf-16"), "UTF-16"),
        ("a.csv", lambda: bytes(range(256)) * 40, "it is no text"),
        ("a.csv.gz", lambda: gzip.compress(TEXT.encode())[:-200], "damaged or cut"),
        ("a.csv.gz", lambda: TEXT.encode(), "damaged or cut"),
        ("a.zip", lambda: zipped(TEXT.encode())[:-100], "damaged or cut"),
        ("a.zip", lambda: TEXT.encode(), "damaged or cut"),
        ("a.parquet", cut_parquet, "it cannot be read as Parquet"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_one_line(
    seasweep: Seasweep, folder: Path, name: str, content: Callable[[], bytes], said: str
) -> None:
    Path(name).write_bytes(content())
    before = files_below(folder)
    refused(seasweep("import", name, "--to", "out.parquet"), name, said)
    assert files_below(folder) == before
    Path("s.toml").write_text(f'{SOURCE}file = "{name}"\nday = 2023-04-10\n', encoding="utf-8")
    refused(seasweep("check", "s.toml"), "s.toml:4: background.ships.file", said)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["gone.csv"], ['FILE: given "gone.csv"', "CSV, Parquet or sentences of NMEA"]),
        (["."], ["it is a folder, not a file"]),
        (["a.csv", "a.csv"], ["each file once"]),
        (["a.csv", "--to", "a.csv"], ["--to", "ends in .parquet"]),
        (["a.csv", "--to", "gone/b.parquet"], ["a file in a folder that exists"]),
        (["a.csv", "--box", "1", "5", "2", "4"], ["--box", "a south below the north"]),
        (["a.csv", "--from", "2023-04-11", "--until", "2023-04-10"], ["--until", "a time after 2023-04-11"]),
    ],
)
def test_a_wrong_argument_is_refused_in_one_line(
    seasweep: Seasweep, folder: Path, arguments: list[str], said: list[str]
) -> None:
    Path("a.csv").write_text(TEXT, encoding="utf-8")
    before = files_below(folder)
    refused(seasweep("import", "--to", "out.parquet", *arguments), *said)
    assert files_below(folder) == before


def test_a_file_that_is_cut_in_a_row_loses_that_row_only(seasweep: Seasweep, folder: Path) -> None:
    Path("a.csv").write_text(TEXT[:-40], encoding="utf-8")
    done = import_recording(["a.csv"], "out.parquet")
    assert {name: count for name, count in done.account.dropped.items() if count} == {"no_row": 1}
    assert done.account.kept == len(FOUND) - 1


def test_names_in_another_encoding_are_read_and_marked(folder: Path) -> None:
    Path("a.csv").write_bytes(TEXT.replace("SYNTHETIC", "SJÆLLAND").encode("latin-1"))
    done = import_recording(["a.csv"], "out.parquet")
    assert done.account.kept == len(FOUND)
    assert all(name.startswith("SJ\ufffdLLAND") for name in pq.read_table("out.parquet")["name"].to_pylist())


def test_messages_of_which_no_track_is_left_are_refused_with_the_main_reason(seasweep: Seasweep, folder: Path) -> None:
    Path("none.csv").write_text(TEXT.splitlines()[0] + "\n", encoding="utf-8")
    before = files_below(folder)
    answer = seasweep("import", "none.csv", "--to", "out.parquet")
    assert answer.code == 2
    assert answer.err.startswith("error: none.csv: given 0 rows, of which no track is left; allowed: messages of ships")
    Path("aisdk-2024-01-01.csv").write_text(danish(FOUND), encoding="utf-8")
    answer = seasweep("import", "aisdk-2024-01-01.csv", "--to", "out.parquet")
    assert answer.code == 2
    assert "were left out for this reason: " in answer.err
    assert "--from and --until set another" in answer.err
    assert set(files_below(folder)) == {*before, "aisdk-2024-01-01.csv"}
    again = seasweep("import", "aisdk-2024-01-01.csv", "--to", "out.parquet", "--from", "2023-04-10")
    assert "No message was left out." in again.out


def test_sentences_without_pyais_name_the_extra(
    seasweep: Seasweep, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyais", None)
    Path("a.nmea").write_text("!AIVDM,1,1,,B,15M67FC000G?ufbE`FepT@3n00Sa,0*5C\n", encoding="utf-8")
    refused(seasweep("import", "a.nmea", "--to", "out.parquet"), "pip install seasweep[ais]")


def test_damaged_sentences_are_counted(folder: Path) -> None:
    right = "{t},!AIVDM,1,1,,B,15M67FC000G?ufbE`FepT@3n00Sa,0*5C"
    lines = [
        right.format(t=1681084800),
        right.format(t=1681085400),
        "1681085500,!AIVDM,1,1,,B,15M67FC,0*00",
        "nonsense",
    ]
    Path("a.nmea").write_text("\n".join([*lines, right.format(t="")]), encoding="utf-8")
    account = import_recording(["a.nmea"], "out.parquet").account
    assert account.kept == 2
    assert {name: count for name, count in account.dropped.items() if count} == {"no_row": 2, "unreadable": 1}


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ('file = "a.csv"\nday = "2023-04-10"', ["s.toml:5", "a date without quotes, such as 2023-04-10"]),
        ('file = "a.csv"\nday = 2024-04-10', ["no ship in the theatre", "2024-04-10 00:00", "day and move_deg"]),
        ('file = "a.csv"\nday = 2023-04-10\nmove_deg = [90.0, 0.0]', ["no ship in the theatre"]),
        ('file = "a.csv"\nday = 2023-04-10\nmove_deg = [1.0]', ["move_deg", "two numbers"]),
        ('file = "a.csv"\ndays = 3', ["days", "together with day"]),
        ('file = "a.csv"\nday = 2023-04-10\nvessels = ["ark"]', ["vessels[0]", "[vessels]"]),
        ('file = "../a.csv"\nday = 2023-04-10', ["background.ships.file", "inside"]),
        ('file = "gone.csv"\nday = 2023-04-10', ["background.ships.file", "No such file"]),
        ("file = 3\nday = 2023-04-10", ["background.ships.file", "text"]),
        ('tracks = "AAAA"', ["background.ships.tracks", "as seasweep writes them", "use the key file"]),
        ('file = "a.csv"\ntracks = "AAAA"', ["background.ships.tracks"]),
        ("day = 2023-04-10", ["background.ships", "exactly one of file and tracks"]),
    ],
)
def test_a_scenario_that_names_a_recording_wrongly(
    seasweep: Seasweep, folder: Path, keys: str, said: list[str]
) -> None:
    Path("a.csv").write_text(TEXT, encoding="utf-8")
    Path("s.toml").write_text(f"{SOURCE}{keys}\n", encoding="utf-8")
    refused(seasweep("check", "s.toml"), *said)


def test_a_recording_that_is_too_large_says_what_to_do(
    seasweep: Seasweep, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("a.csv").write_text(TEXT, encoding="utf-8")
    Path("s.toml").write_text(f'{SOURCE}file = "a.csv"\nday = 2023-04-10\n', encoding="utf-8")
    monkeypatch.setattr(sim.scenario.recorded.inlining, "MOST_PACKED", 100)
    refused(seasweep("check", "s.toml"), "characters, but 100 are allowed", "fewer days")
    monkeypatch.setattr(sim.scenario.recorded.inlining, "MOST_RECORDED_BYTES", 100)
    refused(seasweep("check", "s.toml"), "more than 100 bytes", "seasweep import")


def test_a_full_disk_leaves_nothing_behind(seasweep: Seasweep, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("a.csv").write_text(TEXT, encoding="utf-8")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("sim.scenario.recorded.partitions.Partitions.add", full)
    before = files_below(folder)
    answer = seasweep("import", "a.csv", "--to", "out.parquet")
    assert answer.code == 1
    assert "the disk is full" in answer.err
    assert files_below(folder) == before
