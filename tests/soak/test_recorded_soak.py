"""Ten million recorded messages are imported in bounded memory: the figures are printed, and stand in the guide."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pcsv
import pyarrow.parquet as pq
import pytest

pytestmark = pytest.mark.soak

ROWS, SHIPS, STEP_S = 10_000_000, 8_000, 60
MOST_MB = 900.0
_CALL = """
import resource, sys, time
from sim.study.recordings import import_recording
from pathlib import Path
begin = time.time()
done = import_recording([sys.argv[1]], sys.argv[2])
took = time.time() - begin
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0
print(f"{done.account.messages} {done.account.kept} {done.account.segments} {took:.1f} {peak:.0f}")
"""


def write_messages(path: Path, rows: int) -> None:
    """A file of MarineCadastre with many messages: ships that turn now and then, by time."""
    rng = np.random.default_rng(6)
    lon, lat = rng.uniform(119.0, 145.0, SHIPS), rng.uniform(23.0, 45.0, SHIPS)
    speed, course = rng.uniform(0.0, 18.0, SHIPS), rng.uniform(0.0, 2.0 * np.pi, SHIPS)
    start = np.datetime64("2023-04-10T00:00:00")
    offset = rng.integers(0, STEP_S, SHIPS)
    schema = pa.schema([("MMSI", pa.int64()), ("BaseDateTime", pa.string()), ("LAT", pa.float64()),
                        ("LON", pa.float64()), ("SOG", pa.float64()), ("VesselName", pa.string()),
                        ("Length", pa.int64())])  # fmt: skip
    names = np.char.add("SHIP ", np.arange(SHIPS).astype(str))
    with pcsv.CSVWriter(path, schema, write_options=pcsv.WriteOptions(quoting_style="none")) as writer:
        for step in range(rows // SHIPS):
            turns = rng.uniform(size=SHIPS) < STEP_S / 7200.0
            course = np.where(turns, rng.uniform(0.0, 2.0 * np.pi, SHIPS), course)
            times = np.datetime_as_string(start + (step * STEP_S + offset).astype("timedelta64[s]"))
            columns = (299_000_000 + np.arange(SHIPS), times, lat.round(5), lon.round(5), speed.round(1), names,
                       np.full(SHIPS, 120))  # fmt: skip
            arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
            writer.write_batch(pa.record_batch(arrays, schema))
            miles = speed * STEP_S / 3600.0
            lat = lat + miles / 60.0 * np.cos(course)
            lon = lon + miles / 60.0 * np.sin(course) / np.cos(np.radians(lat))


@pytest.mark.parametrize("rows", [1_000_000, ROWS])
def test_many_messages_are_imported_in_bounded_memory(tmp_path, rows, capsys):
    write_messages(tmp_path / "ais.csv", rows)
    begin = time.time()
    done = subprocess.run(
        [sys.executable, "-c", _CALL, str(tmp_path / "ais.csv"), str(tmp_path / "ais.parquet")],
        capture_output=True, encoding="utf-8", check=True, env=os.environ,
    )  # fmt: skip
    read, kept, segments, took, peak = map(float, re.findall(r"[\d.]+", done.stdout))
    with capsys.disabled():
        sys.stdout.write(f"\n{read:,.0f} messages: {took:.0f} s, {peak:,.0f} MB at most, {segments:,.0f} segments\n")
    assert read == rows // SHIPS * SHIPS
    assert kept == read
    assert pq.read_metadata(tmp_path / "ais.parquet").num_rows == segments < 0.2 * read
    assert peak < MOST_MB
    assert time.time() > begin
