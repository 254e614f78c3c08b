"""What lies on disk: a run's folder, written as it goes and put in its place whole, or not at all."""

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
from sim.deployment.patrols import PHASES, heeding_patrols
from sim.deployment.reports import Dissemination
from sim.deployment.tip_outcomes import report_outcomes
from sim.deployment.totals import TOTALS
from sim.scenario.digest import digest, flat_toml
from sim.scenario.load import load_scenario
from sim.scenario.problems import refused
from sim.scenario.schema import Scenario
from sim.study.measures import LEVEL, Measure, all_measures, to_csv

FORMAT = 1
ROW_GROUP = 200  # replications a row group, whatever the jobs
TABLES = ("replications", "transfers", "events", "tracks")


def _totals_schema(scenario: Scenario) -> list[tuple[str, pa.DataType]]:
    types = {"count": pa.int64(), "hours": pa.float64()}
    columns = [(total.name, types[total.kind]) for total in TOTALS if total.is_in(scenario)]
    return [("replication", pa.int64()), *columns, ("first_documented_h", pa.float64())]


def schemas(scenario: Scenario) -> dict[str, pa.Schema]:
    """The columns of each table."""
    number, whole, text = pa.float64(), pa.int64(), pa.string()
    times = [(f"{rung}_h", number) for rung in STATUSES[1:]]
    place = [("lon", number), ("lat", number)]
    patrol = [("patrol", text), ("sortie", whole)]
    columns = {
        "transfers": [
            *[("transfer", whole), ("source", text), *place, ("begin_h", number), ("end_h", number)],
            *[("status", text), *times, ("sensor", text), *patrol, ("reason", text)],
        ],
        "events": [("time_h", number), ("event", text), *patrol, ("vessel", text), *place, ("detail", text)],
        "tracks": [
            *[*patrol, ("leg", whole), ("phase", text)],
            *[(name, number) for name in ("begin_h", "end_h", "lon0", "lat0", "lon1", "lat1")],
        ],
    }
    if heeding_patrols(scenario):
        columns["tips"] = [
            *[("report", whole), ("observer", text), ("kind", text), ("nation", text), ("transfer", text)],
            *[("seen_h", number), ("made_h", number), *place, ("cell", text), ("arrived_h", number), ("path", text)],
            *[("error_nmi", number), ("tip", whole), ("followed_h", number), ("fruitful", pa.bool_())],
        ]
    tables = {name: pa.schema([("replication", whole), *rest]) for name, rest in columns.items()}
    return {"replications": pa.schema(_totals_schema(scenario)), **tables}


def rows_of(log: Log, keep: bool) -> dict[str, dict[str, Any]]:
    """One replication's rows, columns by table, NaN and None for nulls; events and tracks only where it is kept."""
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
    if parts and all(isinstance(part, np.ndarray) for part in parts):
        return pa.array(np.concatenate(parts), kind, from_pandas=True)
    return pa.array([value for part in parts for value in part], kind, from_pandas=True)


def _transfer_columns(log: Log) -> dict[str, Any]:
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
    flown = [one for sortie in log.sorties for one in sortie.tip_flights]
    rows = report_outcomes(dissemination, flown)
    made, arrivals = [dissemination.reports[row.report] for row in rows], [row.arrival for row in rows]
    observers, labels = [dissemination.plan.observers[one.observer] for one in made], dissemination.transfers.labels
    lon, lat = log.plan.scenario.plane.to_lonlat([one.x for one in made], [one.y for one in made])
    return {
        "replication": np.full(len(rows), log.replication),
        "report": [row.report for row in rows],
        "observer": [one.name for one in observers],
        "kind": [one.spec.kind for one in observers],
        "nation": [one.spec.nation for one in observers],
        "transfer": [str(labels[one.target]) if one.target >= 0 else None for one in made],
        "seen_h": [one.seen_h for one in made],
        "made_h": [one.made_h for one in made],
        "lon": lon,
        "lat": lat,
        "cell": [row.nation for row in rows],
        "arrived_h": [one.arrived_h if one else None for one in arrivals],
        "path": [" > ".join(one.path) if one else None for one in arrivals],
        "error_nmi": [one.error_nmi if one else None for one in arrivals],
        "tip": [one.tip.number if one else None for one in arrivals],
        "followed_h": [row.followed.begin_h if row.followed else None for row in rows],
        "fruitful": [row.fruitful for row in rows],
    }


def _event_columns(log: Log) -> dict[str, Any]:
    events = log.events
    labels = log.world.targets.labels
    lon, lat = log.plan.scenario.plane.to_lonlat([e.x for e in events], [e.y for e in events])
    return {
        "replication": np.full(len(events), log.replication),
        "time_h": [e.time_h for e in events],
        "event": [e.event for e in events],
        "patrol": [e.patrol or None for e in events],
        "sortie": [e.sortie if e.sortie >= 0 else None for e in events],
        "vessel": [str(labels[e.vessel]) if e.vessel >= 0 else None for e in events],
        "lon": lon,
        "lat": lat,
        "detail": [e.detail or None for e in events],
    }


def _track_columns(log: Log) -> dict[str, Any]:
    sorties = log.sorties
    flown = np.vstack([np.zeros((0, 7)), *(s.flown for s in sorties)])
    sizes = [len(s.flown) for s in sorties]
    plane = log.plan.scenario.plane
    lon0, lat0 = plane.to_lonlat(flown[:, 2], flown[:, 3])
    lon1, lat1 = plane.to_lonlat(flown[:, 4], flown[:, 5])
    return {
        "replication": np.full(len(flown), log.replication),
        "patrol": [s.patrol for s, size in zip(sorties, sizes, strict=True) for _ in range(size)],
        "sortie": np.repeat([s.number for s in sorties], sizes).astype(np.int64),
        "leg": np.concatenate([np.zeros(0, np.int64), *(np.arange(size) for size in sizes)]),
        "phase": [PHASES[int(code)] for code in flown[:, 6]],
        "begin_h": flown[:, 0],
        "end_h": flown[:, 1],
        "lon0": lon0,
        "lat0": lat0,
        "lon1": lon1,
        "lat1": lat1,
    }


def columns_of(table: pa.Table) -> dict[str, Floats]:
    """A table's numbers as arrays, nulls as NaN."""
    return {name: table.column(name).to_numpy(zero_copy_only=False).astype(float) for name in table.column_names}


def versions() -> dict[str, str]:
    """Versions of what a result depends on."""
    names = ("seasweep", "numpy", "scipy", "numba", "simpy", "shapely", "pyproj", "pyarrow")
    return {name: version(name) for name in names}


class _Stored(Mapping[str, pa.Table]):
    """The tables of a run's folder, each read when it is first asked for: they may be larger than memory is."""

    def __init__(self, folder: Path) -> None:
        """OSError or ValueError where a file is not there or not whole."""
        self.folder, self.read = folder, dict[str, pa.Table]()
        self.names = [*TABLES, *(["tips"] if (folder / "tips.parquet").is_file() else [])]
        for name in self.names:
            pq.read_metadata(folder / f"{name}.parquet")

    def __getitem__(self, name: str) -> pa.Table:
        if name not in self.names:
            raise KeyError(name)
        if name not in self.read:
            self.read[name] = pq.read_table(self.folder / f"{name}.parquet")
        return self.read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)


@dataclass
class Results:
    """What a run found: tables, one row a replication, a transfer, an event or a leg."""

    scenario: Scenario
    tables: Mapping[str, pa.Table]
    info: Mapping[str, Any]
    """Provenance: versions, scenario digest, seed, command, failed replications."""

    @classmethod
    def load(cls, folder: str | Path) -> Self:
        """Read a run's folder; InputError where it is none."""
        folder = Path(folder)
        if not (folder / "run.json").is_file():
            raise refused(str(folder), "a folder that `seasweep run` wrote", key="RUN")
        try:
            info = json.loads((folder / "run.json").read_text())
            tables = _Stored(folder)
            lacking = {"scenario", "seed", "kept", "failures"} - set(info)
        except (OSError, ValueError) as error:
            raise refused(str(folder), f"a run's folder that is whole ({_first_line(error)})", key="RUN") from None
        if lacking:
            raise refused(str(folder), "a run's folder that is whole (run.json is not)", key="RUN")
        return cls(load_scenario(folder / "scenario.toml"), tables, info)

    @cached_property
    def columns(self) -> dict[str, Floats]:
        """The replications' totals as arrays."""
        return columns_of(self.tables["replications"])

    @property
    def name(self) -> str:
        """The scenario's name as given."""
        return str(self.info["scenario"])

    @property
    def failures(self) -> list[dict[str, Any]]:
        """Replications that failed, and why."""
        return list(self.info["failures"])

    def measures(self, level: float | None = None) -> list[Measure]:
        """Every measure with its interval, at the run's own level unless another is asked for."""
        return all_measures(self.columns, self.scenario.duration_h, level or self.info.get("level", LEVEL))

    def measure(self, name: str) -> Measure:
        """One measure by name."""
        return next(m for m in self.measures() if m.measure == name)

    def _repr_html_(self) -> str:
        """The measures as a small table, for notebooks."""
        cells = "".join(
            f"<tr><td>{m.measure}</td><td>{_short(m.value)}</td><td>{_short(m.low)}</td><td>{_short(m.high)}</td>"
            f"<td>{m.unit}</td></tr>"
            for m in self.measures()
        )
        head = "<tr><th>measure</th><th>value</th><th>low</th><th>high</th><th>unit</th></tr>"
        return (
            f"<p>{self.scenario.title}: {len(self.columns['transfers'])} replications</p><table>{head}{cells}</table>"
        )


def _short(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]


class Sink:
    """Where a run's rows go: streamed to Parquet in a folder, or kept in memory."""

    def __init__(self, scenario: Scenario, folder: Path | None) -> None:
        """Open one writer a table."""
        self.folder = folder
        self.schemas = schemas(scenario)
        self.waiting: dict[str, list[pa.Table]] = {name: [] for name in self.schemas}
        self.totals: list[Floats] = []
        self.writers: dict[str, Any] = {}
        if folder is not None:
            for name in self.schemas:
                self.writers[name] = pq.ParquetWriter(
                    folder / f"{name}.parquet", self.schemas[name], compression="zstd"
                )

    def add(self, tables: Mapping[str, pa.Table], done: int) -> None:
        """Take in rows in the order of replications; `done`: how many replications that makes in all."""
        numbers = columns_of(tables["replications"]).values()
        self.totals.append(np.column_stack(list(numbers)))
        for name, table in tables.items():
            self.waiting[name].append(table)
        if self.writers and done % ROW_GROUP == 0:
            self._flush()

    def _flush(self) -> None:
        for name, writer in self.writers.items():
            if self.waiting[name]:
                writer.write_table(pa.concat_tables(self.waiting[name]))
            self.waiting[name] = []

    def columns(self) -> dict[str, Floats]:
        """The totals so far: a hundred bytes a replication, all that a run keeps in memory as it goes."""
        names = self.schemas["replications"].names
        return dict(zip(names, np.vstack([np.zeros((0, len(names))), *self.totals]).T, strict=True))

    def close(self) -> dict[str, pa.Table]:
        """Finish the files; the tables kept in memory, of a run that is streamed to a folder only the totals."""
        if self.folder is not None:
            self._flush()
            for writer in self.writers.values():
                writer.close()
            self.waiting["replications"] = [pq.read_table(self.folder / "replications.parquet")]
        return {
            name: pa.concat_tables([self.schemas[name].empty_table(), *self.waiting[name]]) for name in self.schemas
        }


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """A JSON file that a person can read."""
    path.write_text(json.dumps(content, indent=2) + "\n")


def finish(folder: Path, results: Results) -> None:
    """Write what stands beside the tables: provenance, the flat scenario, the measures."""
    write_json(folder / "run.json", results.info)
    (folder / "scenario.toml").write_text(flat_toml(results.scenario))
    (folder / "measures.csv").write_text(to_csv(results.measures()))


def provenance(scenario: Scenario, name: str, seed: int, command: str, level: float, keep: int) -> dict[str, Any]:
    """What a run's numbers depend on."""
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
    """Refuse to write over what is there: an existing run without force, anything else always."""
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
        raise refused(str(folder), "a new folder; --force replaces what is there", key="--out")


def _reason(error: OSError) -> str:
    return (error.strerror or "cannot be written").lower()


@contextmanager
def removed_after(draft: Path) -> Iterator[None]:
    """A draft that is gone in the end, unless it was moved to its place."""
    try:
        yield
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """A folder to fill that takes its place when all is well, and is gone when not."""
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


def write_whole(path: Path, table: pa.Table) -> None:
    """A Parquet file that is there whole or not at all."""
    handle, draft = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    os.close(handle)
    try:
        pq.write_table(table, draft, compression="zstd")
        Path(draft).chmod(0o644)
        Path(draft).replace(path)
    finally:
        Path(draft).unlink(missing_ok=True)
