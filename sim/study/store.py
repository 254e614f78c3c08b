"""The results of a run: their tables in memory, and the folder that holds them.

A folder is filled under a temporary name and takes its place when it is complete, so that a run which was interrupted
leaves nothing behind, and an earlier run stays as it was.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sim.core.arrays import Floats
from sim.deployment.ladder import STATUSES
from sim.deployment.log import Log
from sim.deployment.patrols import PHASES
from sim.deployment.reports import Dissemination
from sim.deployment.tip_outcomes import report_outcomes
from sim.scenario.digest import digest, flat_toml
from sim.scenario.load import load_scenario
from sim.scenario.problems import refused
from sim.scenario.schema import Scenario
from sim.scenario.wording import counted
from sim.study.columns import schemas
from sim.study.estimates import LEVEL, Measure, all_measures, measures_csv

FORMAT = 1  # version of the folders of runs and studies
ROW_GROUP = 200  # replications in a row group, for any number of jobs, so that the bytes of a file are the same
TABLES = ("replications", "transfers", "events", "tracks")


def rows_of(log: Log, keep: bool) -> dict[str, dict[str, Any]]:
    """The rows of one replication, columns by table, NaN and None for nulls; events and tracks only with `keep`."""
    totals = {"replication": log.replication, **log.totals(), "first_documented_h": log.first_documented_h()}
    rows = {"replications": {name: [value] for name, value in totals.items()}, "transfers": _transfer_columns(log)}
    if log.dissemination is not None:
        rows["tips"] = _tip_columns(log, log.dissemination)
    if keep:
        rows |= {"events": _event_columns(log), "tracks": _track_columns(log)}
    return rows


def tables_of(scenario: Scenario, rows: Sequence[Mapping[str, Mapping[str, Any]]]) -> dict[str, pa.Table]:
    """The rows of several replications as tables."""
    tables = {}
    for name, schema in schemas(scenario).items():
        parts = [row[name] for row in rows if name in row]
        columns = [_joined([part[field.name] for part in parts], field.type) for field in schema]
        tables[name] = pa.table(columns, schema=schema)
    return tables


def _joined(parts: list[Any], kind: pa.DataType) -> pa.Array:
    """The values of several replications as one column; NaN and None become nulls."""
    if parts and all(isinstance(part, np.ndarray) for part in parts):
        return pa.array(np.concatenate(parts), kind, from_pandas=True)
    return pa.array([value for part in parts for value in part], kind, from_pandas=True)


def _transfer_columns(log: Log) -> dict[str, Any]:
    """The columns of `transfers`: a row for each transfer that counts."""
    table = log.world.transfers
    rows = np.flatnonzero(table.counted)
    climbed = log.climbed
    lon, lat = log.plan.scenario.plane.to_lonlat(table.x[rows], table.y[rows])
    rung = sum((~np.isnan(climbed[name][rows])).astype(int) for name in STATUSES[1:])
    return {
        "replication": np.full(rows.size, log.replication),
        "transfer": table.ordinal[rows],
        "source": [log.plan.transfers[index].name for index in table.source[rows]],
        "lon": lon,
        "lat": lat,
        "begin_h": table.begin[rows],
        "end_h": table.end[rows],
        "status": [STATUSES[index] for index in np.broadcast_to(rung, rows.shape)],
        **{f"{name}_h": climbed[name][rows] for name in STATUSES[1:]},
        **{name: [climbed[name][i] for i in rows] for name in ("sensor", "patrol", "sortie")},
        "reason": [log.reasons[i] for i in rows],
    }


def _tip_columns(log: Log, dissemination: Dissemination) -> dict[str, Any]:
    """The columns of `tips`: a row for each report and cell."""
    flights = [flight for sortie in log.sorties for flight in sortie.tip_flights]
    rows = report_outcomes(dissemination, flights)
    reports, arrivals = [dissemination.reports[row.report] for row in rows], [row.arrival for row in rows]
    observers = [dissemination.plan.observers[report.observer] for report in reports]
    labels = dissemination.transfers.labels
    lon, lat = log.plan.scenario.plane.to_lonlat([report.x for report in reports], [report.y for report in reports])
    return {
        "replication": np.full(len(rows), log.replication),
        "report": [row.report for row in rows],
        "observer": [observer.name for observer in observers],
        "kind": [observer.spec.kind for observer in observers],
        "nation": [observer.spec.nation for observer in observers],
        "transfer": [str(labels[report.target]) if report.target >= 0 else None for report in reports],
        "seen_h": [report.seen_h for report in reports],
        "made_h": [report.made_h for report in reports],
        "lon": lon,
        "lat": lat,
        "cell": [row.nation for row in rows],
        "arrived_h": [arrival.arrived_h if arrival else None for arrival in arrivals],
        "path": [" > ".join(arrival.path) if arrival else None for arrival in arrivals],
        "error_nmi": [arrival.error_nmi if arrival else None for arrival in arrivals],
        "tip": [arrival.tip.number if arrival else None for arrival in arrivals],
        "followed_h": [row.followed.begin_h if row.followed else None for row in rows],
        "fruitful": [row.fruitful for row in rows],
    }


def _event_columns(log: Log) -> dict[str, Any]:
    """The columns of `events`: a row for each event."""
    events = log.events
    labels = log.world.targets.labels
    lon, lat = log.plan.scenario.plane.to_lonlat([event.x for event in events], [event.y for event in events])
    return {
        "replication": np.full(len(events), log.replication),
        "time_h": [event.time_h for event in events],
        "event": [event.event for event in events],
        "patrol": [event.patrol or None for event in events],
        "sortie": [event.sortie if event.sortie >= 0 else None for event in events],
        "vessel": [str(labels[event.vessel]) if event.vessel >= 0 else None for event in events],
        "lon": lon,
        "lat": lat,
        "detail": [event.detail or None for event in events],
    }


def _track_columns(log: Log) -> dict[str, Any]:
    """The columns of `tracks`: a row for each leg as flown."""
    sorties = log.sorties
    flown = np.vstack([np.zeros((0, 7)), *(sortie.flown for sortie in sorties)])
    sizes = [len(sortie.flown) for sortie in sorties]
    plane = log.plan.scenario.plane
    lon0, lat0 = plane.to_lonlat(flown[:, 2], flown[:, 3])
    lon1, lat1 = plane.to_lonlat(flown[:, 4], flown[:, 5])
    return {
        "replication": np.full(len(flown), log.replication),
        "patrol": [sortie.patrol for sortie, size in zip(sorties, sizes, strict=True) for _ in range(size)],
        "sortie": np.repeat([sortie.number for sortie in sorties], sizes).astype(np.int64),
        "leg": np.concatenate([np.zeros(0, np.int64), *(np.arange(size) for size in sizes)]),
        "phase": [PHASES[int(code)] for code in flown[:, 6]],
        "begin_h": flown[:, 0],
        "end_h": flown[:, 1],
        "lon0": lon0,
        "lat0": lat0,
        "lon1": lon1,
        "lat1": lat1,
    }


def numeric_columns(table: pa.Table) -> dict[str, Floats]:
    """The columns of a table of numbers as arrays, nulls as NaN."""
    return {name: table.column(name).to_numpy(zero_copy_only=False).astype(float) for name in table.column_names}


def versions() -> dict[str, str]:
    """The versions of the packages that a result depends on."""
    names = ("seasweep", "numpy", "scipy", "numba", "simpy", "shapely", "pyproj", "pyarrow")
    return {name: version(name) for name in names}


class _Stored(Mapping[str, pa.Table]):
    """The tables of a run's folder, each read when it is first used, since all of them may not fit into memory."""

    def __init__(self, folder: Path) -> None:
        """Read the footers of the files; OSError or ValueError where a file is missing or cut."""
        self.folder, self.loaded = folder, dict[str, pa.Table]()
        self.names = [*TABLES, *(["tips"] if (folder / "tips.parquet").is_file() else [])]
        for name in self.names:
            pq.read_metadata(folder / f"{name}.parquet")

    def __getitem__(self, name: str) -> pa.Table:
        if name not in self.names:
            raise KeyError(name)
        if name not in self.loaded:
            path = self.folder / f"{name}.parquet"
            try:
                self.loaded[name] = pq.read_table(path)
            except (OSError, ValueError) as error:
                raise refused(
                    str(path), f"a complete file of `seasweep run` ({first_line(error)})", key="RUN"
                ) from None
        return self.loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)


@dataclass
class Results:
    """The results of a run: tables with a row for each replication, transfer, event and leg, and their provenance."""

    scenario: Scenario
    tables: Mapping[str, pa.Table]
    info: Mapping[str, Any]
    """The content of `run.json`: versions, scenario digest, seed, command, replications that failed."""

    @classmethod
    def load(cls, folder: str | Path) -> Self:
        """Read the folder of a run; InputError where it is none, or not complete."""
        folder = Path(folder)
        if not (folder / "run.json").is_file():
            raise refused(str(folder), "a folder that `seasweep run` wrote", key="RUN")
        try:
            info = json.loads((folder / "run.json").read_text())
            tables = _Stored(folder)
            lacking = sorted({"scenario", "seed", "kept", "failures"} - set(info))
            fault = f"run.json lacks {', '.join(lacking)}" if lacking else ""
        except (OSError, ValueError) as error:
            fault = first_line(error)
        if fault:
            raise refused(str(folder), f"a complete folder of `seasweep run` ({fault})", key="RUN")
        return cls(load_scenario(folder / "scenario.toml"), tables, info)

    @cached_property
    def columns(self) -> dict[str, Floats]:
        """The totals by name, an array each with one number for each replication."""
        return numeric_columns(self.tables["replications"])

    @property
    def name(self) -> str:
        """The name of the scenario, as it was given."""
        return str(self.info["scenario"])

    @property
    def failures(self) -> list[dict[str, Any]]:
        """The replications that failed, each with its number and its error."""
        return list(self.info["failures"])

    def measures(self, level: float | None = None) -> list[Measure]:
        """Every measure with its interval, at the level of the run unless another is given."""
        return all_measures(self.columns, self.scenario.duration_h, level or self.info.get("level", LEVEL))

    def measure(self, name: str) -> Measure:
        """One measure by its name."""
        return next(m for m in self.measures() if m.measure == name)

    def _repr_html_(self) -> str:
        """The measures as a small table, for notebooks."""
        cells = "".join(
            f"<tr><td>{m.measure}</td><td>{_short(m.value)}</td><td>{_short(m.low)}</td><td>{_short(m.high)}</td>"
            f"<td>{m.unit}</td></tr>"
            for m in self.measures()
        )
        head = "<tr><th>measure</th><th>value</th><th>low</th><th>high</th><th>unit</th></tr>"
        count = counted(len(self.columns["transfers"]), "replication")
        return f"<p>{self.scenario.title}: {count}</p><table>{head}{cells}</table>"


def _short(value: float | None) -> str:
    """A number with four digits, nothing for None."""
    return "" if value is None else f"{value:.4g}"


def first_line(error: Exception) -> str:
    """The first line of an error message, without its full stop."""
    return str(error).splitlines()[0].rstrip(".")


class RowCollector:
    """Collects the rows of a run: streams them to Parquet files in a folder, or holds them in memory."""

    def __init__(self, scenario: Scenario, folder: Path | None) -> None:
        """Open a writer for each table where there is a folder."""
        self.folder = folder
        self.schemas = schemas(scenario)
        self.unwritten: dict[str, list[pa.Table]] = {name: [] for name in self.schemas}
        self.totals: list[Floats] = []
        self.writers: dict[str, Any] = {}
        if folder is not None:
            for name in self.schemas:
                self.writers[name] = pq.ParquetWriter(
                    folder / f"{name}.parquet", self.schemas[name], compression="zstd"
                )

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
        return dict(zip(names, np.vstack([np.zeros((0, len(names))), *self.totals]).T, strict=True))

    def close(self) -> dict[str, pa.Table]:
        """Finish the files, and return the tables; those of a run that is streamed hold only the totals."""
        if self.folder is not None:
            self._flush()
            for writer in self.writers.values():
                writer.close()
            self.unwritten["replications"] = [pq.read_table(self.folder / "replications.parquet")]
        return {
            name: pa.concat_tables([self.schemas[name].empty_table(), *self.unwritten[name]]) for name in self.schemas
        }


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write a JSON file that a person can read."""
    path.write_text(json.dumps(content, indent=2) + "\n")


def write_run_files(folder: Path, results: Results) -> None:
    """Write the files beside the tables: `run.json`, the scenario without `extends`, and the measures."""
    write_json(folder / "run.json", results.info)
    (folder / "scenario.toml").write_text(flat_toml(results.scenario))
    (folder / "measures.csv").write_text(measures_csv(results.measures()))


def provenance(scenario: Scenario, name: str, seed: int, command: str, level: float, keep: int) -> dict[str, Any]:
    """The content of `run.json`: all that the numbers of a run depend on."""
    return {
        "format": FORMAT,
        "scenario": name,
        "digest": digest(scenario),
        "seed": seed,
        "level": level,
        "kept": keep,
        "command": command,
        "versions": versions(),
        "failures": [],
    }


def refuse_existing(folder: Path, force: bool, mark: str = "run.json") -> None:
    """Refuse to write over an existing run without `force`, and over any other folder or file always.

    The file `mark` shows that a folder is one of seasweep's.
    """
    try:
        if not folder.exists() and not folder.is_symlink():
            return
        if folder.is_dir() and not any(folder.iterdir()):
            return
    except OSError as error:
        raise refused(str(folder), f"a folder that can be written ({_reason(error)})", key="--out") from None
    if not (folder / mark).is_file():
        raise refused(str(folder), "a new folder, or one that seasweep wrote", key="--out")
    if not force:
        raise refused(str(folder), "a new folder; --force replaces the results that are there", key="--out")


def _reason(error: OSError) -> str:
    """The reason that the operating system gives for an error."""
    return (error.strerror or "cannot be written").lower()


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """A draft of a folder to fill. It takes the place of `folder` in the end, and is removed where an error occurs."""
    folder = folder.resolve()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise refused(str(folder), f"a folder that can be written ({_reason(error)})", key="--out") from None
    try:
        yield draft
        if folder.exists():
            shutil.rmtree(folder)
        draft.chmod(0o755)
        draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A draft of a file to write. It takes the place of `path` in the end, and is removed where an error occurs."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    os.close(handle)
    draft = Path(name)
    try:
        yield draft
        draft.chmod(0o644)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
