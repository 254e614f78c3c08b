"""Exports that are refused, and exports that the system breaks off: one message, and no file that is not whole."""

import os
import resource
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import sim.study.export.write
from sim import InputError, Results, export
from sim.study.export.formats import formats
from sim.study.export.layers import Layer
from tests.helpers import PAIR_OF_SETTINGS, Answer, call_seasweep, files_below

Patch = pytest.MonkeyPatch
Seasweep = Callable[..., Answer]
COMMAND = shlex.quote(str(Path(sys.executable).with_name("seasweep")))
ALL = ", ".join(sorted(formats())[:-1]) + f" or {max(formats())}"


def refused(answer: Answer, *said: str) -> None:
    """Exit code 2, one line that says it all, and nothing written."""
    assert (answer.code, answer.out) == (2, ""), answer
    assert answer.err.startswith("error: command line: "), answer.err
    assert answer.err.count("\n") == 1
    assert all(part in answer.err for part in said), answer.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--to", "map.shp"], ["--to", '"map.shp"', f"a file that ends in {ALL}"]),
        (["--to", "map"], ["--to", f"a file that ends in {ALL}"]),
        (["--to", "map.geojsn"], ["did you mean .geojson?"]),
        (["--to", "map.GPKG"], ["did you mean .gpkg?"]),
        (["--to", "gone/map.csv"], ["--to", "a file in a folder that exists"]),
        (["--to", "dir.csv"], ["--to", "a file, not a folder"]),
        (["--to", "map.csv", "--layer", "trakcs"], ["--layer", "areas, zones, bases", "did you mean tracks?"]),
        (["--to", "map.csv", "--replication", "2"], ["--replication", "given 2", "recorded tracks: 0 to 1"]),
        (["--to", "open.gpkg"], ["--to", "no other program has open", "QGIS"]),
    ],
)
def test_a_wrong_argument_is_refused_in_one_line(
    seasweep: Seasweep, charted: Path, folder: Path, arguments: list[str], said: list[str]
) -> None:
    Path("dir.csv").mkdir()
    Path("open.gpkg-wal").write_bytes(b"")
    before = files_below(folder)
    refused(seasweep("export", charted, *arguments), *said)
    assert files_below(folder) == before


@pytest.mark.parametrize(("name", "layer"), [("tracks.parquet", "tracks"), ("measures.csv", "areas")])
def test_the_tables_of_a_run_are_not_written_over(seasweep: Seasweep, charted: Path, name: str, layer: str) -> None:
    before = files_below(charted)
    refused(seasweep("export", charted, "--to", charted / name, "--layer", layer), "no part of the results")
    assert files_below(charted) == before


def test_a_folder_that_is_no_run_gets_the_hint_of_plots(seasweep: Seasweep, charted: Path, folder: Path) -> None:
    Path("study.toml").write_text(PAIR_OF_SETTINGS, encoding="utf-8")
    assert seasweep("sweep", "study.toml", "--out", "swept", "--jobs", "1").code == 0
    refused(seasweep("export", "swept", "--to", "map.csv"), "it is the folder of a sweep: `seasweep plot response")
    refused(seasweep("export", "base.toml", "--to", "map.csv"), "RUN", "a folder that `seasweep run` wrote")
    refused(seasweep("export", charted.with_name("chartd"), "--to", "map.csv"), f"did you mean {charted}?")


def test_a_run_without_what_is_asked_for_is_refused(seasweep: Seasweep, folder: Path) -> None:
    assert seasweep("run", "textbook", "--replications", "2", "--keep", "0", "--jobs", "1", "--out", "bare").code == 0
    refused(seasweep("export", "bare", "--to", "map.csv"), "recorded the tracks of a replication (--keep)")
    refused(seasweep("export", "bare", "--to", "map.csv", "--layer", "zones"), "a layer that the run has: areas, ")
    assert seasweep("export", "bare", "--to", "map.csv", "--layer", "areas").out == "map.csv\n"


def test_python_is_told_the_argument(charted_results: Results) -> None:
    for wrong, name in (
        ({"to": "map.shp"}, "argument to: "),
        ({"to": "map.csv", "layer": "routs"}, "argument layer: "),
        ({"to": "map.csv", "layer": ["tracks", 3]}, "argument layer: "),
        ({"to": "map.csv", "replication": 7}, "argument replication: "),
        ({"to": "map.csv", "cells": 3}, "export: cells: "),
    ):
        with pytest.raises(InputError, match=name):
            export(charted_results, **wrong)
    with pytest.raises(InputError, match="the results of a run"):
        export("runs/mine", "map.csv")  # type: ignore[arg-type]


# ------------------------------------------------------------------------------------------------- the extra
def test_without_the_extra_only_the_formats_that_need_it_are_refused(
    seasweep: Seasweep, charted: Path, monkeypatch: Patch
) -> None:
    monkeypatch.setitem(sys.modules, "pyogrio", None)
    needing = [ending for ending, form in formats().items() if form.package]
    assert needing == [".fgb", ".gpkg"]
    for ending in formats():
        answer = seasweep("export", charted, "--to", f"map{ending}", "--layer", "bases")
        if ending in needing:
            refused(answer, "pip install 'seasweep[gis]'", "pyogrio", ".geojson")
            assert not Path(f"map{ending}").exists()
        else:
            assert (answer.code, answer.out) == (0, f"map{ending}\n")


# ------------------------------------------------------------------------------------------------- whole or not at all
@pytest.mark.parametrize("ending", list(formats()))
@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError(28, "No space left on device")])
def test_an_export_that_ends_early_leaves_the_earlier_files(
    charted_results: Results, folder: Path, monkeypatch: Patch, ending: str, error: BaseException
) -> None:
    form = formats()[ending]
    export(charted_results, f"map{ending}", layer=["areas", "bases"])
    before = files_below(folder)
    assert len(before) == (2 if form.holds_layers else 3)
    written = []

    def write(path: Path, content: object) -> None:
        path.write_bytes(b"half a map")
        written.append(path)
        if form.holds_layers or len(written) == 2:
            raise error

    broken = {**formats(), ending: type(form)(ending, form.title, write, form.holds_layers, form.plays)}
    monkeypatch.setattr("sim.study.export.targets.formats", lambda: broken)
    with pytest.raises(type(error)):
        export(charted_results, f"map{ending}", layer=["areas", "bases"])
    assert written
    assert files_below(folder) == before


@pytest.mark.skipif(not hasattr(resource, "RLIMIT_FSIZE"), reason="no limit of the size of files here")
@pytest.mark.parametrize("ending", [".gpkg", ".fgb", ".parquet", ".kmz"])
def test_a_file_for_which_there_is_no_space_is_told_in_one_line(charted: Path, folder: Path, ending: str) -> None:
    call = f"ulimit -f 8; exec {COMMAND} export {shlex.quote(str(charted))} --to map{ending} --layer tracks"
    done = subprocess.run(["bash", "-c", call], capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: a file would be larger than is allowed (")
    assert done.stderr.count("\n") == 1
    assert [name for name in files_below(folder) if name != "base.toml"] == []


def test_a_geopackage_that_gdal_left_without_an_index_is_not_taken_for_whole(
    charted_results: Results, folder: Path, monkeypatch: Patch
) -> None:
    """On a full disk GDAL may write no index, and say nothing."""
    import pyogrio.raw

    real = pyogrio.raw.write_arrow

    def write(*given: object, layer_options: dict[str, str], **more: object) -> None:
        real(*given, layer_options={**layer_options, "SPATIAL_INDEX": "NO"}, **more)

    monkeypatch.setattr(pyogrio.raw, "write_arrow", write)
    before = files_below(folder)
    with pytest.raises(RuntimeError, match="GeoPackage"):
        export(charted_results, "map.gpkg")
    assert files_below(folder) == before


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_told_in_one_line(seasweep: Seasweep, charted: Path, folder: Path) -> None:
    Path("locked").mkdir(mode=0o555)
    answer = seasweep("export", charted, "--to", "locked/map.csv", "--layer", "areas")
    assert (answer.code, answer.out) == (1, "")
    assert answer.err.startswith("error: you have no permission")


@pytest.mark.parametrize("ending", list(formats()))
def test_a_folder_that_vanishes_is_told_in_one_line(charted: Path, monkeypatch: Patch, ending: str) -> None:
    Path("going").mkdir()
    real = sim.study.export.write.make_layer

    def make(*given: object) -> Layer:
        if Path("going").exists():
            Path("going").rmdir()
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(sim.study.export.write, "make_layer", make)
    answer = call_seasweep("export", charted, "--to", f"going/map{ending}", "--layer", "areas")
    assert (answer.code, answer.out) == (1, "")
    assert answer.err.startswith("error: a file or folder is not there any more (going")
    assert answer.err.count("\n") == 1
