"""The Parquet file of segments that cleaning gives: a row for each straight segment of a ship."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sim.core.arrays import Flags
from sim.model.recorded_tracks import UNIT_DEG, RecordedTracks

_MOMENT = pa.timestamp("s", tz="UTC")
SEGMENTS = pa.schema(
    [
        pa.field("mmsi", pa.int64(), nullable=False),
        pa.field("ship", pa.int32(), nullable=False),
        pa.field("begin", _MOMENT, nullable=False),
        pa.field("end", _MOMENT, nullable=False),
        pa.field("lon0", pa.float64(), nullable=False),
        pa.field("lat0", pa.float64(), nullable=False),
        pa.field("lon1", pa.float64(), nullable=False),
        pa.field("lat1", pa.float64(), nullable=False),
        pa.field("length_m", pa.float64()),
        pa.field("ship_type", pa.int32()),
        pa.field("name", pa.string()),
    ],
    {b"seasweep": b"recorded segments 1"},
)
"""The columns: the MMSI; 1, or 2 and more for other ships that sent the same MMSI at the same time; when and where the
segment begins and ends; and what is known of the ship, which is null where nothing is."""


def is_segment_file(columns: Sequence[str]) -> bool:
    """Whether a Parquet file of some columns is one of segments."""
    return set(SEGMENTS.names[:8]) <= set(columns)


def read_segments(path: Path, begin_s: int, end_s: int) -> Any:
    """The segments of a file that begin and end within a period, seconds since 1970; ValueError where it is damaged."""
    first, last = (pa.scalar(number, pa.int64()).cast(_MOMENT) for number in (begin_s, end_s))
    try:
        return pq.read_table(path, filters=(pc.field("begin") >= first) & (pc.field("end") <= last)).cast(SEGMENTS)
    except (pa.ArrowException, OSError, ValueError):
        raise ValueError("it cannot be read as a file of segments; it may be cut or changed") from None


def tracks_of(table: Any, kept: Flags) -> RecordedTracks:
    """The segments of a table, those that are kept, as tracks; segments that join one another become one piece."""
    table = table.filter(pa.array(kept))
    number = {name: np.asarray(table.column(name).to_numpy(), np.int64) for name in ("mmsi", "ship")}
    begin, end = (np.asarray(table.column(name).cast(pa.int64()).to_numpy(), np.int64) for name in ("begin", "end"))
    place = {name: _unit(table.column(name).to_numpy()) for name in ("lon0", "lat0", "lon1", "lat1")}
    identity = np.where(number["ship"] == 1, number["mmsi"], number["mmsi"] * 10 + number["ship"])
    order = np.lexsort((begin, identity))
    identity, begin, end = identity[order], begin[order], end[order]
    lon0, lat0, lon1, lat1 = (column[order] for column in place.values())
    joins = (
        (identity[1:] == identity[:-1]) & (begin[1:] == end[:-1]) & (lon0[1:] == lon1[:-1]) & (lat0[1:] == lat1[:-1])
    )
    is_first = np.concatenate([[True], ~joins])[: begin.size]
    is_last = np.append(is_first[1:], True)[: begin.size]
    ships, first_row, owner = np.unique(identity, return_index=True, return_inverse=True)
    # Each segment gives the corner at which it begins, and the last of a piece also the one at which it ends.
    at = np.repeat(np.arange(begin.size), 1 + is_last)
    is_end = np.zeros(at.size, bool)
    is_end[np.cumsum(1 + is_last)[is_last] - 1] = True
    piece = np.cumsum(is_first) - 1
    length = np.nan_to_num(np.asarray(table.column("length_m").to_numpy(), float))[order][first_row]
    kind = np.asarray(pc.fill_null(table.column("ship_type"), 0).to_numpy(), np.int64)[order][first_row]
    return RecordedTracks(
        ships,
        np.rint(length * 10.0).astype(np.int64),
        kind,
        owner[is_first].astype(np.int64),
        np.bincount(piece[at], minlength=0).astype(np.int64),
        np.where(is_end, end[at], begin[at]),
        np.where(is_end, lon1[at], lon0[at]) * UNIT_DEG,
        np.where(is_end, lat1[at], lat0[at]) * UNIT_DEG,
    )


def _unit(column: Any) -> Any:
    return np.rint(np.asarray(column, float) / UNIT_DEG).astype(np.int64)
