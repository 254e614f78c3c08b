"""The parts of a sweep: each is a file of some replications of a point, which says what made it and has a checksum."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from sim.scenario.digest import digest, world_digest
from sim.scenario.problems import InputError, refused
from sim.study.columns import POINT_COLUMN
from sim.study.design import Design
from sim.study.executors import Batch, BatchResult, PointScenario
from sim.study.folders import STUDY_PARTS, write_whole
from sim.study.provenance import maker, other_maker
from sim.study.records import DamagedError, Warn, first_line

PART_REPLICATIONS = 50  # in a part of a sweep: a file of its own until the sweep is complete
POINTS_TOGETHER = 8  # points of a sweep that share one realisation of their ships: enough to make its cost small
_KEY = b"seasweep"  # the key of the record in a file's metadata
_UNKNOWN = "0" * 64  # stands for the checksum while it is computed


class Part(NamedTuple):
    """A part of a sweep: which point and replications it has, and where its file is."""

    path: Path
    point: int
    scenario: str
    """The digest of the point's scenario."""
    seed: int
    first: int
    last: int
    """The replications are those from `first` to `last` - 1."""

    @property
    def record(self) -> dict[str, Any]:
        """What the file says of itself, without what made it and without its checksum."""
        return {name: value for name, value in self._asdict().items() if name != "path"}


Parts = dict[tuple[int, int], Part]
"""The parts of a study by their point and their first replication, in the order of the results."""


def parts_of(design: Design, folder: Path) -> Parts:
    """The parts of a study whose results are in a folder."""
    count, seed = design.study.replications, design.study.seed
    return {
        (point.number, first): Part(
            folder / STUDY_PARTS / f"{point.number:06d}-{first:07d}.parquet",
            point.number,
            scenario,
            seed,
            first,
            min(first + PART_REPLICATIONS, count),
        )
        for point in design.points
        for scenario in (digest(point.scenario),)
        for first in range(0, count, PART_REPLICATIONS)
    }


def missing_batches(design: Design, parts: Parts, warn: Warn) -> Iterator[Batch]:
    """The batches that have no complete part yet: points that have the same ships together, part after part."""
    for _, points in groupby(design.points, lambda point: world_digest(point.scenario)):
        scenarios = [PointScenario(point.number, point.scenario, parts[point.number, 0].scenario) for point in points]
        for start in range(0, len(scenarios), POINTS_TOGETHER):
            together = scenarios[start : start + POINTS_TOGETHER]
            for first in range(0, design.study.replications, PART_REPLICATIONS):
                missing = [one for one in together if not _is_complete(parts[one.point, first], warn)]
                if missing:
                    last = parts[missing[0].point, first].last
                    yield Batch(tuple(missing), design.study.seed, first, last, 0, design.asked)


def write_part(part: Part, result: BatchResult) -> None:
    """Write the totals of a batch as a part, whole or not at all."""
    totals = result.tables["replications"]
    points = pa.array([result.point] * totals.num_rows, POINT_COLUMN.field.type)
    write_sealed(part.path, totals.add_column(0, POINT_COLUMN.name, points), part.record)


def write_sealed(path: Path, table: pa.Table, record: Mapping[str, Any]) -> None:
    """Write a table as a file that says by a record what it is, what made it, and its checksum; whole or not at all."""
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(sink, table.schema, compression="zstd") as writer:
        writer.write_table(table)
        whole = {**record, **maker(), "sha256": _UNKNOWN}
        writer.add_key_value_metadata({_KEY: json.dumps(whole).encode()})
    content = sink.getvalue().to_pybytes()
    head, _, tail = content.rpartition(_field(_UNKNOWN))
    write_whole(path, head + _field(_checksum(content)) + tail)


def _field(checksum: str) -> bytes:
    """The field of the record that has the checksum, as it stands in a file."""
    return f'"sha256": "{checksum}"'.encode()


def _checksum(content: bytes) -> str:
    """The checksum of a file in which `_UNKNOWN` stands for it."""
    return hashlib.sha256(content).hexdigest()


def read_part(part: Part) -> pa.Table:
    """Read a part; DamagedError where it is not as it was written, or is not what the sweep would write here."""
    return read_sealed(part.path, part.record)


def read_sealed(path: Path, wanted: Mapping[str, Any]) -> pa.Table:
    """Read a table that `write_sealed` wrote; DamagedError where it is not as it was written, or is not what is wanted.

    The checksum is compared before anything is made of the content.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DamagedError(first_line(error)) from None
    found = re.findall(_field("([0-9a-f]{64})"), content)
    if not found:
        raise DamagedError("it has no checksum")
    checksum = found[-1].decode()
    head, _, tail = content.rpartition(_field(checksum))
    if _checksum(head + _field(_UNKNOWN) + tail) != checksum:
        raise DamagedError("its checksum does not fit")
    with pq.ParquetFile(pa.BufferReader(content)) as file:
        record = json.loads(file.metadata.metadata[_KEY])
        other = other_maker(record)
        if other:
            raise DamagedError(other)
        if not wanted.items() <= record.items():
            raise DamagedError("it is another part")
        return file.read().replace_schema_metadata(None)


def changed_meanwhile(path: Path, error: DamagedError) -> InputError:
    """The error where a file was whole when the work began, or was written by it, and is so no more."""
    allowed = f"a file that nobody changes while the work goes on ({error})"
    return refused(str(path), allowed, hint="to simulate its replications again, give the same command again")


def _is_complete(part: Part, warn: Warn) -> bool:
    """Whether a part is there and has all its replications; `warn` is called where it is damaged or lacks some."""
    if not part.path.exists():
        return False
    try:
        numbers = read_part(part).column("replication").to_pylist()
    except DamagedError as error:
        warn(f"{part.path} cannot be used ({error}); its replications are simulated again")
        return False
    if numbers != list(range(part.first, part.last)):
        warn(f"{part.path} has {len(numbers)} of {part.last - part.first} replications; they are simulated again")
        return False
    return True
