"""The log of a replication as rows of the tables of results."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from sim.core.codes import PHASES
from sim.deployment.ladder import STATUSES
from sim.deployment.log import Log
from sim.deployment.reports import Dissemination
from sim.deployment.tip_outcomes import report_outcomes
from sim.scenario.schema import Scenario
from sim.study.columns import schemas
from sim.study.part_totals import PartTotals
from sim.study.seen_by import seen_by_texts


def rows_of(log: Log, keep: bool, asked: Sequence[str] = ()) -> dict[str, dict[str, Any]]:
    """The rows of one replication, columns by table, NaN and None for nulls; events and tracks only with `keep`.

    `asked`: the names of totals that replications have only if they are asked for.
    """
    totals = {"replication": log.replication, **log.totals(), "first_documented_h": log.first_documented_h()}
    transfers = _transfer_columns(log)
    parts = PartTotals(log, transfers)
    totals |= {name: parts.total(name) for name in asked}
    rows = {"replications": {name: [value] for name, value in totals.items()}, "transfers": transfers}
    if log.dissemination is not None and log.dissemination.cells:
        rows["tips"] = _tip_columns(log, log.dissemination)
    if keep:
        rows |= {"events": _event_columns(log), "tracks": _track_columns(log)}
    return rows


def tables_of(
    scenario: Scenario, rows: Sequence[Mapping[str, Mapping[str, Any]]], asked: Sequence[str] = ()
) -> dict[str, pa.Table]:
    """The rows of several replications as tables; `asked` as in `rows_of`."""
    tables = {}
    for name, schema in schemas(scenario, asked).items():
        parts = [row[name] for row in rows if name in row]
        columns = [_joined([part[field.name] for part in parts], field.type) for field in schema]
        tables[name] = pa.table(columns, schema=schema)
    return tables


def _joined(parts: list[Any], kind: pa.DataType) -> pa.Array:
    """The values of several replications as one column; NaN and None become nulls.

    It is made of buffers, because `pyarrow.array` would import pandas where that is installed, which takes longer than
    many a run.
    """
    if parts and all(isinstance(part, np.ndarray) for part in parts):
        return column_of(np.concatenate(parts), kind)
    values = [value for part in parts for value in part]
    if pa.types.is_string(kind):
        return _texts(values)
    missing = np.array([value is None for value in values], bool)
    filled = [0 if value is None else value for value in values]
    return column_of(np.array(filled, np.float64 if pa.types.is_floating(kind) else np.int64), kind, missing)


def column_of(values: Any, kind: pa.DataType, missing: Any = False) -> pa.Array:
    """A column of numbers, or of true and false, of an array (n,); nulls where `missing`, and where it is NaN."""
    if values.dtype.kind == "f":
        missing = missing | np.isnan(values)
        values = np.where(missing, 0.0, values)
    if pa.types.is_boolean(kind):
        data = np.packbits(values.astype(bool), bitorder="little")
    else:
        letter = "f" if pa.types.is_floating(kind) else "i"  # `to_pandas_dtype` of early versions needs pandas
        data = np.ascontiguousarray(values, f"{letter}{kind.bit_width // 8}")
    return pa.Array.from_buffers(kind, len(values), [_validity(missing), pa.py_buffer(data)])


def _texts(values: list[Any]) -> pa.Array:
    """A column of texts; None becomes a null."""
    encoded = [b"" if value is None else str(value).encode() for value in values]
    ends = np.cumsum([0, *map(len, encoded)], dtype=np.int32)
    buffers = [_validity(np.array([value is None for value in values], bool)), ends, b"".join(encoded)]
    return pa.Array.from_buffers(pa.string(), len(values), [buffers[0], *map(pa.py_buffer, buffers[1:])])


def _validity(missing: Any) -> Any:
    """The bits that say which values are there; None where all are."""
    return pa.py_buffer(np.packbits(~missing, bitorder="little")) if np.any(missing) else None


def _transfer_columns(log: Log) -> dict[str, Any]:
    """The columns of `transfers`: a row for each transfer that counts."""
    table = log.transfers
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
        **_answer_columns(log, rows),
        **_way_columns(log, rows),
        **({"chain": table.chain[rows]} if any(plan.spec.chain for plan in log.plan.transfers) else {}),
        **_observer_columns(log, rows),
        **_ais_columns(log, rows),
    }


def _answer_columns(log: Log, rows: Any) -> dict[str, Any]:
    """The columns of `transfers` that only a sea that answers has, for some transfers by number."""
    answers = log.answers
    if answers is None:
        return {}
    return {
        "noticed_h": np.where(answers.noticed, answers.reactions.noticed_h, np.nan)[rows],
        "parted_early": answers.parted_early[rows].tolist(),
        "resumed": answers.resumed[rows],
        "alongside_h": answers.alongside_h[rows],
        "displaced": answers.displaced[rows].tolist(),
        "delayed": answers.delayed[rows].tolist(),
    }


def _way_columns(log: Log, rows: Any) -> dict[str, Any]:
    """The columns of `transfers` that only a scenario with vessels under way has, for some transfers by number."""
    if not any(plan.spec.makes_way for plan in log.plan.transfers):
        return {}
    table = log.transfers
    lon, lat = log.plan.scenario.plane.to_lonlat(*table.place_at(rows, table.end[rows]).T)
    return {"speed_kn": np.hypot(table.vx, table.vy)[rows], "end_lon": lon, "end_lat": lat}


def _observer_columns(log: Log, rows: Any) -> dict[str, Any]:
    """The column of `transfers` that only a scenario with observers has, for some transfers by number."""
    reported = {name: flags[rows] for name, flags in log.reported_by.items()}
    return {"seen_by": seen_by_texts(reported, len(rows))} if reported else {}


def _ais_columns(log: Log, rows: Any) -> dict[str, Any]:
    """The columns of `transfers` about AIS that is sent, heard and seen by public rules, where a scenario has them."""
    found: dict[str, Any] = {}
    if log.ais is not None:
        heard = {name: flags[rows] for name, flags in log.ais.heard_by().items()}
        found = {"ais_sent": log.ais.sends[rows].tolist(), "ais_heard_by": seen_by_texts(heard, len(rows))}
    if log.on_ais is not None:
        found["seen_on_ais"] = [log.on_ais[row] for row in rows]
    return found


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
