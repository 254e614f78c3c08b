"""Messages of ships sorted, cleaned and thinned to straight segments, with an account of what was left out."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from sim.core.arrays import Flags
from sim.scenario.recorded.messages import ABOUT, REASONS
from sim.scenario.recorded.partitions import UNIT_DEG, Partitions, partitions
from sim.scenario.recorded.reading_files import read_messages
from sim.scenario.recorded.segment_files import SEGMENTS
from sim.scenario.recorded.sifting import Rules, sift

LONGEST_SEGMENT_NMI = 25.0
"""The length of the longest segment, unless two messages are farther apart: within the bound, a straight line in
degrees is then straight on a plane, too."""
_BOUND_SHARE = (
    0.98  # share of the bound, for distances on a sphere: on the Earth they differ by at most half a per cent
)
_LENGTHS_M = (2.0, 500.0)  # other lengths are errors
_MOST_ABOUT = 1_000_000  # rows of what batches tell of ships, before they are joined


@dataclass
class Account:
    """What became of the messages of some files."""

    messages: int = 0
    """How many rows and messages were read."""
    dropped: Counter[str] = field(default_factory=Counter)
    """How many were left out, by reason."""
    ships: int = 0
    """How many ships the segments belong to."""
    shared: int = 0
    """How many MMSI were used by several ships at the same time."""
    pieces: int = 0
    """How many pieces the tracks have; between two pieces of a ship there is a gap."""
    segments: int = 0
    """How many segments there are."""
    hours: float = 0.0
    """How many hours all segments last together."""
    first_s: int | None = None
    """When the first segment begins, seconds since 1970; None where there is none."""
    last_s: int | None = None
    """When the last segment ends, seconds since 1970; None where there is none."""

    @property
    def kept(self) -> int:
        """How many messages the tracks are made of."""
        return self.messages - sum(self.dropped.values())

    @property
    def gaps(self) -> int:
        """How many gaps the tracks of all ships have: there is one between each two pieces of a ship."""
        return self.pieces - self.ships

    def reasons(self) -> list[tuple[str, str, int]]:
        """Each reason with its name, its text and the number of messages, those without any included."""
        return [(name, reason.text, self.dropped[name]) for name, reason in REASONS.items()]


def cleaned(paths: Iterable[Path], rules: Rules, account: Account) -> Iterator[Any]:
    """The segments of files of messages as tables of the schema `SEGMENTS`; the account is complete in the end.

    Raises `FileFaultError` for a file that cannot be read.
    """
    with partitions() as store:
        about = _gather(paths, rules, account, store)
        for records in store.parts():
            table = _segments_of(records, rules, account, about)
            if len(table):
                yield table


class FileFaultError(ValueError):
    """What is wrong with a file, and which one it is."""

    def __init__(self, path: Path, reason: str) -> None:
        """Keep the path and the reason."""
        super().__init__(reason)
        self.path = path


def _gather(paths: Iterable[Path], rules: Rules, account: Account, store: Partitions) -> Any:
    """Read files and keep the messages that show nothing wrong; return what they tell of ships, a row for each."""
    about = [SHIPS.empty_table()]
    for path in paths:
        try:
            for messages, period in read_messages(path):
                left, dropped = sift(messages, rules, period)
                account.messages += messages.mmsi.size + sum(messages.dropped.values())
                account.dropped += dropped
                store.add(messages.mmsi[left], messages.time_s[left], messages.lon[left], messages.lat[left])
                if messages.about is not None:
                    about.append(messages.about.cast(SHIPS))
                if sum(map(len, about)) > _MOST_ABOUT:
                    about = [_joined(about)]
        except ValueError as error:
            raise FileFaultError(path, str(error)) from None
    return _joined(about)


SHIPS = pa.schema(list(zip(ABOUT, (pa.int64(), pa.float64(), pa.int64(), pa.binary()), strict=True)))
"""What is known of ships."""


def _joined(tables: list[Any]) -> Any:
    """What several tables tell of each ship, sorted by MMSI: the greatest of each, so their order does not matter."""
    grouped = pa.concat_tables(tables).group_by("mmsi", use_threads=False)
    found = grouped.aggregate([(name, "max") for name in ABOUT[1:]]).sort_by("mmsi")
    return found.rename_columns([name.removesuffix("_max") for name in found.column_names]).select(ABOUT)


def _segments_of(records: Any, rules: Rules, account: Account, about: Any) -> Any:
    """The segments of some records, all messages of some ships."""
    from sim.core import kernels

    records = records[np.lexsort((records["lat"], records["lon"], records["time_s"], records["mmsi"]))]
    count = len(records)
    mmsi, time_s = records["mmsi"].astype(np.int64), records["time_s"].astype(np.int64)
    lon, lat = (records[name] * UNIT_DEG for name in ("lon", "lat"))
    fate, track, ship = (np.zeros(count, np.int64) for _ in range(3))
    kernels.separate(mmsi, time_s, lon, lat, rules.most_kn, fate, track, ship)
    for reason, code in (("duplicate", 1), ("jump", 2)):
        account.dropped[reason] += int(np.count_nonzero(fate == code))
    kept = np.flatnonzero(fate == 0)
    order = kept[np.lexsort((time_s[kept], track[kept], ship[kept], mmsi[kept]))]
    mmsi, time_s, lon, lat, track, ship = (column[order] for column in (mmsi, time_s, lon, lat, track, ship))
    corner, begins = np.zeros(order.size, bool), np.zeros(order.size, bool)
    gap_s, bound = rules.longest_gap_h * 3600.0, rules.within_nmi * _BOUND_SHARE
    kernels.thin(track, time_s, lon, lat, gap_s, bound, LONGEST_SEGMENT_NMI, corner, begins)
    account.dropped["alone"] += int(np.count_nonzero(_alone(begins)))
    at = np.flatnonzero(corner)
    first = np.flatnonzero(~begins[at[1:]])
    start, end = at[first], at[first + 1]
    _count(account, mmsi[start], ship[start], begins[start], time_s[start], time_s[end])
    return _table(mmsi[start], ship[start], time_s, lon, lat, (start, end), about)


def _alone(begins: Flags) -> Flags:
    """Whether each message, (n,), is the only one of its piece."""
    return np.asarray(begins & np.append(begins[1:], True))


def _count(account: Account, mmsi: Any, ship: Any, begins: Flags, start_s: Any, end_s: Any) -> None:
    """Add segments to the account."""
    account.segments += mmsi.size
    account.pieces += int(np.count_nonzero(begins))
    account.ships += len(np.unique(mmsi * 10 + ship))
    account.shared += len(np.unique(mmsi[ship == 1]))
    account.hours += float((end_s - start_s).sum() / 3600.0)
    if mmsi.size:
        first, last = int(start_s.min()), int(end_s.max())
        account.first_s = first if account.first_s is None else min(first, account.first_s)
        account.last_s = last if account.last_s is None else max(last, account.last_s)


def _table(mmsi: Any, ship: Any, time_s: Any, lon: Any, lat: Any, ends: Any, about: Any) -> Any:
    """Segments as a table."""
    known = np.asarray(about.column("mmsi").to_numpy())
    row = np.searchsorted(known, mmsi)
    is_known = (row < known.size) & (known[np.minimum(row, max(known.size - 1, 0))] == mmsi) if known.size else row < 0
    rows = pa.array(np.where(is_known, row, 0), pa.int64(), mask=~is_known)
    of_ship = about.take(rows) if known.size else pa.table({name: pa.nulls(mmsi.size) for name in ABOUT})
    length = np.asarray(of_ship.column("length_m").cast(pa.float64()).to_numpy(), float)
    with np.errstate(invalid="ignore"):
        has_length = (length >= _LENGTHS_M[0]) & (length <= _LENGTHS_M[1])
    names = [None if name is None else name.decode("utf-8", errors="replace").strip() or None
             for name in of_ship.column("name").cast(pa.binary()).to_pylist()]  # fmt: skip
    moment = SEGMENTS.field("begin").type
    start, end = ends
    columns = [
        pa.array(mmsi, pa.int64()),
        pa.array(ship + 1, pa.int32()),
        pa.array(time_s[start], pa.int64()).cast(moment),
        pa.array(time_s[end], pa.int64()).cast(moment),
        *(pa.array(column[at].round(7), pa.float64()) for at in ends for column in (lon, lat)),
        pa.array(length, pa.float64(), mask=~has_length),
        of_ship.column("ship_type").cast(pa.int32()),
        pa.array(names, pa.string()),
    ]
    return pa.table(columns, SEGMENTS)
