"""The results of a run: their tables in memory, and the folder that holds them."""

from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sim.core.arrays import Floats
from sim.core.text import counted, visible
from sim.scenario.digest import flat_toml
from sim.scenario.files import SCENARIO_OF_RUN
from sim.scenario.load import load_scenario
from sim.scenario.problems import refused
from sim.scenario.schema import Scenario
from sim.study.columns import schemas
from sim.study.cuts import split
from sim.study.estimates import LEVEL, Measure, all_measures, estimate, measures_csv
from sim.study.folders import RUN, STUDY, files_in, finish_interrupted, holds_results, nearest_results, write_whole
from sim.study.measures import Definition, definition_of
from sim.study.parquet_files import parquet_writer
from sim.study.part_totals import can_be_made_of_transfers, column_of_transfers
from sim.study.records import (
    UNREADABLE,
    DamagedError,
    Files,
    Warn,
    files_of,
    fingerprints,
    no_warning,
    read_record,
    read_verified,
    unreadable,
    verify,
    write_record,
)
from sim.study.rows import column_of
from sim.study.shown import run_html, run_text

ROW_GROUP = 200  # replications in a row group, for any number of jobs, so that the bytes of a file are the same
TABLES = ("replications", "transfers", "events", "tracks")
_AGAIN = "run the scenario again with --force, or into another folder"


def numeric_columns(table: pa.Table) -> dict[str, Floats]:
    """The columns of a table of numbers as arrays, nulls as NaN."""
    return {
        name: np.concatenate([np.zeros(0), *map(_floats, table.column(name).chunks)]) for name in table.column_names
    }


def _floats(chunk: pa.Array) -> Floats:
    """A piece of a column of numbers as an array, nulls as NaN; `to_numpy` would import pandas if that is installed."""
    bits, data = chunk.buffers()
    if data is None or not len(chunk):
        return np.full(len(chunk), np.nan)
    here = slice(chunk.offset, chunk.offset + len(chunk))
    kind = np.float64 if pa.types.is_floating(chunk.type) else np.int64
    values = np.frombuffer(data, kind)[here].astype(float)
    if bits is not None:
        values[np.unpackbits(np.frombuffer(bits, np.uint8), bitorder="little")[here] == 0] = np.nan
    return values


def _read(path: Path) -> pa.Table:
    """The table of a Parquet file."""
    with pq.ParquetFile(path) as file:
        return file.read()


class _Stored(Mapping[str, pa.Table]):
    """The tables of a run's folder, each read when it is first used, since all of them may not fit into memory."""

    def __init__(self, folder: Path, files: Files) -> None:
        """Find the files of the tables; `files` has their checksums."""
        self.folder, self.files, self.loaded = folder, files, dict[str, pa.Table]()
        has_tips = "tips.parquet" in files if files else (folder / "tips.parquet").is_file()
        self.names = [*TABLES, *(["tips"] if has_tips else [])]

    def __getitem__(self, name: str) -> pa.Table:
        if name not in self.names:
            raise KeyError(name)
        if name not in self.loaded:
            try:
                content = read_verified(self.folder, f"{name}.parquet", self.files)
                self.loaded[name] = pq.ParquetFile(pa.BufferReader(content)).read()
            except (OSError, ValueError, pa.ArrowException) as error:
                raise unreadable(self.folder, error, "RUN", _AGAIN) from None
        return self.loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)


@dataclass
class Results:
    """The results of a run: tables with a row for each replication, transfer, event and leg, and their provenance."""

    scenario: Scenario
    """The scenario that was simulated."""
    tables: Mapping[str, pa.Table]
    """The tables by name, which are Arrow tables: `replications`, `transfers`, `events`, `tracks`, and `tips` if there
    are any."""
    info: Mapping[str, Any]
    """The content of `run.json`: versions, scenario digest, seed, command, replications that failed."""

    @classmethod
    def load(cls, folder: str | Path, warn: Warn = no_warning) -> Self:
        """Read the folder of a run; InputError where it is none, or not complete, or not as it was written.

        `warn` is called where an earlier version wrote it, so that nothing tells whether it is as it was written.
        """
        folder = Path(folder)
        finish_interrupted(folder)
        if not (folder / RUN).is_file():
            hint = f"{RUN} is missing; {_AGAIN}" if holds_results(folder, RUN) else ""
            if (folder / STUDY).is_file():
                hint = f"it is the folder of a sweep: `seasweep plot response {visible(folder)}` draws it"
            hint = hint or nearest_results(folder, RUN)
            raise refused(str(folder), "a folder that `seasweep run` wrote", key="RUN", hint=hint)
        try:
            info = read_record(folder / RUN)
            lacking = sorted({"scenario", "seed", "kept", "failures"} - set(info))
            if lacking:
                raise DamagedError(f"{RUN} lacks {', '.join(lacking)}")
            files = files_of(info, folder, warn)
            verify(folder, files)
            tables = _Stored(folder, files)
            if not files:
                for name in tables:
                    pq.read_metadata(folder / f"{name}.parquet")
        except UNREADABLE as error:
            raise unreadable(folder, error, "RUN", _AGAIN) from None
        return cls(load_scenario(folder / SCENARIO_OF_RUN), tables, info)

    @cached_property
    def columns(self) -> dict[str, Floats]:
        """The totals by name, an array each with one number for each replication."""
        return numeric_columns(self.tables["replications"])

    @property
    def name(self) -> str:
        """The name of the scenario, as it was given."""
        return str(self.info["scenario"])

    @property
    def folder(self) -> Path | None:
        """The folder from which the results were read; None where they were not."""
        return self.tables.folder if isinstance(self.tables, _Stored) else None

    @property
    def failures(self) -> list[dict[str, Any]]:
        """The replications that failed, each with its number and its error."""
        return list(self.info["failures"])

    def measures(self, level: float | None = None) -> list[Measure]:
        """Every measure with its interval, at the level of the run unless another is given."""
        return all_measures(self.columns, self.scenario.duration_h, level or self.info.get("level", LEVEL))

    def measure(self, name: str) -> Measure:
        """One measure by its name, or a part of one, such as `p_documented[area=middle]`.

        Parts of transfers by area, source, hour and week follow from the rows of `transfers`; others are there if the
        run was asked for them (`by`). Raises InputError where the name is no measure, where the scenario has no such
        part, and where the run does not have it.
        """
        definition, columns = self.columns_of(name)
        level = self.info.get("level", LEVEL)
        return estimate(definition.name, columns, self.scenario.duration_h, level)

    def columns_of(self, name: str) -> tuple[Definition, dict[str, Floats]]:
        """What a measure is made of: its definition, and the totals by name, (R,) each; refused as by `measure`."""
        definition = definition_of(name, self.scenario)
        lacking = lacking_totals(self, definition.totals)
        if lacking:
            _, part = split(lacking[0])
            allowed = f"a measure of which the run has the totals, not {lacking[0]}"
            hint = "the scenario or the run does not ask for it"
            if part is not None:
                hint = f"a run has them with --by {part.key}, in Python with by={part.key!r}"
            raise refused(name, allowed, key="measure", hint=hint)
        made = _made_of_transfers(self, [total for total in definition.totals if total not in self.columns])
        return definition, {**self.columns, **made}

    def __repr__(self) -> str:
        """What was simulated and what came of it, in five lines."""
        return run_text(self._heading, self.scenario, self.measures(), list(self.tables))

    def _repr_html_(self) -> str:
        """The measures as a table, for notebooks."""
        return run_html(f"{self.scenario.title} ({self._heading})", self.measures())

    @property
    def _heading(self) -> str:
        """What was simulated, on one line."""
        count, failed = counted(len(self.columns["transfers"]), "replication"), len(self.failures)
        lost = f", and {failed} that failed" if failed else ""
        return f"{self.name}: {count}{lost}, seed {self.info['seed']}"


def lacking_totals(results: Results, totals: Iterable[str]) -> list[str]:
    """Those of some totals that a run does not have, and that cannot be made of its rows of `transfers`."""
    return [total for total in totals if total not in results.columns and not can_be_made_of_transfers(total)]


def _made_of_transfers(results: Results, totals: Sequence[str]) -> dict[str, Floats]:
    """Totals of parts by name, in each replication, (R,) each, made of the rows of `transfers` of a run."""
    if not totals:
        return {}
    table, numbers = results.tables["transfers"], results.columns["replication"]
    rows = {name: table.column(name).to_numpy(zero_copy_only=False) for name in table.column_names}
    return {total: column_of_transfers(results.scenario, total, rows, numbers) for total in totals}


def asked_for(results: Results, totals: Sequence[str], info: Mapping[str, Any]) -> Results:
    """The results of the same replications as a run has them that was asked for other totals of parts.

    `info` has what its record says otherwise. The totals that the run does not have are made of its rows of
    `transfers`; none may be lacking. Nothing is written.
    """
    stored, schema = results.tables["replications"], schemas(results.scenario, totals)["replications"]
    made = _made_of_transfers(results, [name for name in schema.names if name not in stored.column_names])
    columns = [
        column_of(made[field.name], field.type) if field.name in made else stored.column(field.name) for field in schema
    ]
    table = pa.table(columns, schema=schema)
    tables = ChainMap({"replications": table}, cast("dict[str, pa.Table]", results.tables))
    return Results(results.scenario, tables, {**results.info, **info})


class RowCollector:
    """Collects the rows of a run: streams them to Parquet files in a folder, or holds them in memory.

    It is a context manager, which closes its files also after an error.
    """

    def __init__(self, scenario: Scenario, folder: Path | None, asked: Sequence[str] = ()) -> None:
        """Open a writer for each table where there is a folder; `asked`: further totals of each replication."""
        self.folder = folder
        self.schemas = schemas(scenario, asked)
        self.unwritten: dict[str, list[pa.Table]] = {name: [] for name in self.schemas}
        self.totals: list[Floats] = []
        self.writers: dict[str, Any] = {}
        with ExitStack() as files:
            if folder is not None:
                for name, schema in self.schemas.items():
                    self.writers[name] = files.enter_context(parquet_writer(folder / f"{name}.parquet", schema))
            self._files = files.pop_all()

    def __enter__(self) -> Self:
        """Begin to collect."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the files that are still open."""
        self._files.__exit__(kind, error, trace)

    def add(self, tables: Mapping[str, pa.Table], done: int) -> None:
        """Add rows in the order of replications; `done` is the number of replications that have then been added."""
        numbers = numeric_columns(tables["replications"]).values()
        self.totals.append(np.column_stack(list(numbers)))
        for name, table in tables.items():
            self.unwritten[name].append(table)
        if self.writers and done % ROW_GROUP == 0:
            self._flush()

    def _flush(self) -> None:
        """Write the rows that have not been written yet, as one row group of each table."""
        for name, writer in self.writers.items():
            if self.unwritten[name]:
                writer.write_table(pa.concat_tables(self.unwritten[name]))
            self.unwritten[name] = []

    def columns(self) -> dict[str, Floats]:
        """The totals of the replications so far, all that stays in memory: some hundred bytes for each."""
        names = self.schemas["replications"].names
        self.totals = [np.vstack([np.zeros((0, len(names))), *self.totals])]
        return dict(zip(names, self.totals[0].T, strict=True))

    def close(self) -> dict[str, pa.Table]:
        """Finish the files, and return the tables; those of a run that is streamed hold only the totals."""
        if self.folder is not None:
            self._flush()
            self._files.close()
            self.unwritten["replications"] = [_read(self.folder / "replications.parquet")]
        return {
            name: pa.concat_tables([pa.Table.from_batches([], schema), *self.unwritten[name]])
            for name, schema in self.schemas.items()
        }


def write_run_files(folder: Path, results: Results) -> Results:
    """Write the files beside the tables: the scenario without `extends`, the measures, and the record of all files.

    It returns the results.
    """
    write_whole(folder / SCENARIO_OF_RUN, flat_toml(results.scenario).encode())
    write_whole(folder / "measures.csv", measures_csv(results.measures()).encode())
    names = [path.name for path in files_in(folder)]
    write_record(folder / RUN, {**results.info, "files": fingerprints(folder, names)})
    return results
