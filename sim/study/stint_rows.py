"""The times alongside of each transfer, as rows: those of pairs that lay low and came alongside again are several."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

Rows = list[dict[str, Any]]


def stint_rows(transfers: Rows, events: Rows) -> Rows:
    """Return the rows of transfers, those of pairs that came alongside again once for each time, by the events.

    Where and when each time begins and ends is told apart, and what came of the transfer is not: all its rows have it.
    """
    resumed = {_name(row) for row in transfers if row.get("resumed")}
    stints: dict[tuple[Any, str], Rows] = {}
    for event in events:
        name = (event.get("replication"), event["vessel"])
        if name in resumed and event["event"] == "alongside":
            place = {"lon": event["lon"], "lat": event["lat"], "begin_h": event["time_h"]}
            stints.setdefault(name, []).append(place)
        elif name in resumed and event["event"] == "parted" and name in stints:
            stints[name][-1]["end_h"] = event["time_h"]
    return [{**row, **stint} for row in transfers for stint in stints.get(_name(row), [{}])]


def _name(row: dict[str, Any]) -> tuple[Any, str]:
    """The replication of a transfer, and how events call it there."""
    return row.get("replication"), f"{row['source']}-{row['transfer']}"


def stint_table(transfers: pa.Table, events: pa.Table) -> pa.Table:
    """Return a table of transfers in which those that came alongside again have a row for each time."""
    if "resumed" not in transfers.column_names or not pc.any(pc.greater(transfers.column("resumed"), 0)).as_py():
        return transfers
    return pa.Table.from_pylist(stint_rows(transfers.to_pylist(), events.to_pylist()), schema=transfers.schema)


def spans_of(transfers: Rows, events: Rows) -> list[Sequence[tuple[float, float]]]:
    """Return from when to when the pair of each transfer lay alongside, each time, hours."""
    return [[(row["begin_h"], row["end_h"]) for row in stint_rows([transfer], events)] for transfer in transfers]
