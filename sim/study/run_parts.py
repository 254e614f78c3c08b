"""What is done of a run that may be interrupted: kept on the disk while the run is made, so that it can continue.

Rows are kept after some seconds of work, when they take much memory, and at an interruption. So a short run with few
rows writes nothing twice. A run finds them
that has the same scenario and seed and records events of as many replications; it may ask for more or fewer
replications. Its files have the same bytes as those of a run that was not interrupted.
"""

import re
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import pyarrow as pa

from sim.study.executors import Batch, BatchResult
from sim.study.folders import parts_of_run
from sim.study.parts import changed_meanwhile, read_sealed, write_sealed
from sim.study.provenance import other_maker
from sim.study.records import DamagedError, Warn, read_record, write_record

KEEP_EVERY_S = 10.0  # of work between two times that rows are kept; an interruption before keeps nothing more
_KEEP_SHARE = 0.01  # of the time so far: a long run keeps its rows less often, so that the files do not become too many
_MOST_IN_MEMORY = 2**23  # bytes of rows that wait to be kept
_MOST_PIECES = 64  # results that wait, each in tables of its own: small tables take several times their bytes
_RECORD = "begun.json"
_NUMBERS = re.compile(r"(\d{10})-(\d{10})-replications\.parquet")


class _Kept(NamedTuple):
    """Replications that are kept together: in a file for each table."""

    folder: Path
    first: int
    last: int
    """They are from `first` to `last` - 1; some may be missing because they failed."""

    def path(self, table: str) -> Path:
        """The file of a table."""
        return self.folder / f"{self.first:010d}-{self.last:010d}-{table}.parquet"

    def record(self, run: str, table: str) -> dict[str, Any]:
        """What the file of a table says of itself."""
        return {"run": run, "table": table, "first": self.first, "last": self.last}


def begun_run(folder: Path) -> dict[str, Any]:
    """The record of the run that was interrupted in a folder of results; empty where there is none that is sound."""
    try:
        return read_record(parts_of_run(folder) / _RECORD)
    except (DamagedError, OSError):
        return {}


def kept_replications(folder: Path) -> int:
    """How many replications are kept of the run that was interrupted in a folder of results."""
    return len({number for kept in _found(parts_of_run(folder)) for number in range(kept.first, kept.last)})


def can_continue(begun: Mapping[str, Any], info: Mapping[str, Any]) -> bool:
    """Whether a run with the record `info` can use what is kept of one that has begun."""
    return bool(begun) and begun.get("run") == _identity(info) and not other_maker(begun)


def _identity(info: Mapping[str, Any]) -> str:
    """What the rows of a run depend on, besides what makes them, as a text."""
    totals = ",".join(info["asked"].get("totals", ()))
    return f"{info['digest']} {info['seed']} {info['kept']} {totals}"


def _found(folder: Path) -> list[_Kept]:
    """What is kept in a folder, in the order of replications."""
    if not folder.is_dir():
        return []
    named = [_NUMBERS.fullmatch(path.name) for path in sorted(folder.iterdir())]
    return [_Kept(folder, int(found[1]), int(found[2])) for found in named if found]


class RunParts:
    """The rows of a run that are kept while it is made; without a folder, nothing is kept."""

    def __init__(self, folder: Path | None, info: Mapping[str, Any], tables: Sequence[str], warn: Warn) -> None:
        """Find what is kept in a folder of results; what is kept of another run is removed, and `warn` is called."""
        self._place = None if folder is None else parts_of_run(folder)
        self._run, self._tables, self._warn = _identity(info), tables, warn
        self._info = info
        self._unkept: list[BatchResult] = []
        self._bytes = 0  # of the rows that have not been written
        self._began = self._last = time.monotonic()
        self._read: tuple[_Kept | None, dict[str, pa.Table]] = (None, {})
        self._kept: list[_Kept] = []
        if self._place is not None and self._place.is_dir():
            if can_continue(begun_run(self._place.parent), info):
                self._kept = _found(self._place)
            else:
                if _found(self._place):
                    warn(f"what {self._place.parent} kept of another run, which was interrupted, is removed")
                shutil.rmtree(self._place)

    def held(self, batches: Sequence[Batch]) -> dict[int, _Kept]:
        """The batches of which all replications are kept, by their first replication."""
        held: dict[int, _Kept] = {}
        for kept in self._kept:
            inside = [batch for batch in batches if kept.first <= batch.first and batch.last <= kept.last]
            try:
                done = set(self._tables_of(kept)["replications"].column("replication").to_pylist())
            except DamagedError as error:
                numbers = f"replications {kept.first} to {kept.last - 1}"
                self._warn(f"what {kept.folder} has of {numbers} cannot be used ({error}); they are simulated again")
                continue
            held |= {batch.first: kept for batch in inside if done.issuperset(range(batch.first, batch.last))}
        return held

    def batch(self, batch: Batch, kept: _Kept) -> BatchResult:
        """The result of a batch, from the rows that are kept; InputError where somebody has changed them meanwhile."""
        tables = {}
        try:
            read = self._tables_of(kept)
        except DamagedError as error:
            raise changed_meanwhile(kept.path("replications"), error) from None
        for name, table in read.items():
            numbers = table.column("replication").to_numpy()
            begin, end = numbers.searchsorted([batch.first, batch.last])
            tables[name] = table.slice(begin, end - begin)
        return BatchResult(0, batch.first, batch.last, tables, [])

    def _tables_of(self, kept: _Kept) -> dict[str, pa.Table]:
        """The tables of replications that are kept together; DamagedError where one cannot be used."""
        if self._read[0] != kept:
            read = {name: read_sealed(kept.path(name), kept.record(self._run, name)) for name in self._tables}
            self._read = (kept, read)
        return self._read[1]

    def add(self, result: BatchResult) -> None:
        """Keep a result in memory, and from time to time write all of them to the disk."""
        if self._place is None:
            return
        self._unkept.append(result)
        if len(self._unkept) > _MOST_PIECES:
            self._unkept = [_joined(self._unkept)]
        self._bytes += sum(table.nbytes for table in result.tables.values())
        now, many = time.monotonic(), self._bytes >= _MOST_IN_MEMORY
        if many or now - self._last >= max(KEEP_EVERY_S, _KEEP_SHARE * (now - self._began)):
            self.write()

    def __enter__(self) -> Self:
        """Begin to keep rows."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Where the run is interrupted, write what has not been written; nothing of a run that has just begun."""
        if isinstance(error, KeyboardInterrupt) and time.monotonic() - self._began >= KEEP_EVERY_S:
            self.write()

    def write(self) -> None:
        """Write the results that have not been written yet."""
        self._last = time.monotonic()
        if self._place is None or not self._unkept:
            return
        if not (self._place / _RECORD).is_file():
            self._place.mkdir(exist_ok=True)
            write_record(self._place / _RECORD, {**self._info, "run": self._run})
        whole = _joined(self._unkept)
        kept = _Kept(self._place, whole.first, whole.last)
        # The table of replications comes last: where it is there, all are.
        for name in sorted(self._tables, key=lambda name: name == "replications"):
            write_sealed(kept.path(name), whole.tables[name], kept.record(self._run, name))
        self._unkept, self._bytes = [], 0


def _joined(results: Sequence[BatchResult]) -> BatchResult:
    """The rows of some results, one after the other, as one result; what has failed is left out, as in what is kept."""
    tables = {
        name: pa.concat_tables([result.tables[name] for result in results]).combine_chunks()
        for name in results[0].tables
    }
    return BatchResult(results[0].point, results[0].first, results[-1].last, tables, [])


def in_order(
    batches: Sequence[Batch], held: Mapping[int, _Kept], parts: RunParts, simulated: Iterator[BatchResult]
) -> Iterator[BatchResult]:
    """The results of all batches in order: those that are kept, and between them those that are simulated."""
    for batch in batches:
        if batch.first in held:
            yield parts.batch(batch, held[batch.first])
        else:
            result = next(simulated)
            parts.add(result)
            yield result
