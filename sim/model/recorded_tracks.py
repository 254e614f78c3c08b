"""Recorded tracks of ships as one text, so that a scenario holds all that it needs and runs again anywhere.

The text is base64 of compressed whole numbers: a head; for each ship its number, its length in decimetres (0: not
known) and its kind by ITU-R M.1371; for each piece of a track its ship and its number of corners; and for each corner
its time in seconds since 1970 and its place in units of `UNIT_DEG`. The numbers are kept as differences, byte by byte,
because they then take a quarter of the space.
"""

import base64
import binascii
import zlib
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from sim.core.arrays import Floats, Ints

UNIT_DEG = 1e-5
"""The precision of places: 1.1 m of latitude."""
MOST_PACKED = 6_000_000
"""The most characters of a packed text: about 700,000 corners of tracks."""
_MARK = b"seasweep recorded 1\n"
_COUNTS = 3


@dataclass(frozen=True)
class RecordedTracks:
    """Tracks of m ships in p pieces with n corners; a ship moves straight and evenly from corner to corner.

    Between two pieces of a ship nothing is known of it.
    """

    ship: Ints
    """(m,) the number of each ship in its recording: its MMSI, or that and a tenth digit where ships share one."""
    length_dm: Ints
    """(m,) length in decimetres; 0 where it is not known."""
    ship_type: Ints
    """(m,) kind of ship by ITU-R M.1371, 0 to 99; 0 where it is not known."""
    piece_ship: Ints
    """(p,) the row of the ship of each piece; the pieces of each ship stand together, in order of time."""
    piece_corners: Ints
    """(p,) the number of corners of each piece, at least 2."""
    time_s: Ints
    """(n,) seconds since 1970 of each corner, rising within a piece."""
    lon: Floats
    """(n,) degrees."""
    lat: Floats
    """(n,) degrees."""

    @cached_property
    def segments(self) -> tuple[Ints, Ints]:
        """The corners at which each segment begins, (s,), and the rows of their ships, (s,)."""
        piece = np.repeat(np.arange(self.piece_corners.size), self.piece_corners)
        begins = np.flatnonzero(np.diff(piece) == 0)
        return begins, self.piece_ship[piece[begins]]

    @cached_property
    def hours_and_speeds(self) -> tuple[Floats, Floats]:
        """The hours that each segment lasts, (s,), and its speed in knots, (s,), on a sphere of 60 nmi to a degree."""
        begins, _ = self.segments
        hours = (self.time_s[begins + 1] - self.time_s[begins]) / 3600.0
        middle = np.radians(0.5 * (self.lat[begins] + self.lat[begins + 1]))
        east = (self.lon[begins + 1] - self.lon[begins]) * np.cos(middle)
        return hours, 60.0 * np.hypot(east, self.lat[begins + 1] - self.lat[begins]) / hours

    def hours_without_ships(self, first_s: float, hours: int) -> int:
        """How many of some whole hours, from a moment in seconds since 1970 on, have no ship at any time."""
        begins, _ = self.segments
        first, last = (np.clip((self.time_s[at] - first_s) // 3600.0, -1, hours) for at in (begins, begins + 1))
        steps = np.zeros(hours + 3)
        np.add.at(steps, first.astype(np.int64) + 1, 1.0)
        np.add.at(steps, last.astype(np.int64) + 2, -1.0)
        return int(np.count_nonzero(np.cumsum(steps)[1 : hours + 1] == 0.0))

    def packed(self) -> str:
        """The tracks as one text."""
        counts = np.array([self.ship.size, self.piece_ship.size, self.time_s.size], np.int64)
        places = (np.rint(column / UNIT_DEG).astype(np.int64) for column in (self.lon, self.lat))
        columns = [self.ship, self.length_dm, self.ship_type, self.piece_ship, self.piece_corners, self.time_s, *places]
        content = counts.astype("<i8").tobytes() + b"".join(_bytes_of(column) for column in columns)
        return base64.b64encode(_MARK + zlib.compress(content, 9)).decode("ascii")


def _bytes_of(column: Ints) -> bytes:
    """Differences of whole numbers as bytes, all first bytes first: they compress well so."""
    steps = np.diff(column, prepend=np.int64(0)).astype("<i8")
    return steps.view(np.uint8).reshape(-1, 8).T.tobytes()


def _column(content: bytes, at: int, size: int) -> Ints:
    steps = np.frombuffer(content, np.uint8, 8 * size, at).reshape(8, size).T
    return np.cumsum(np.ascontiguousarray(steps).view("<i8").reshape(size).astype(np.int64))


@lru_cache(maxsize=4)
def unpacked(text: str) -> RecordedTracks:
    """The tracks of a text that `RecordedTracks.packed` made; raises ValueError for any other text."""
    try:
        raw = base64.b64decode(text, validate=True)
        if not raw.startswith(_MARK):
            raise ValueError("it does not begin as such a text does")
        content = zlib.decompress(raw[len(_MARK) :])
    except (binascii.Error, zlib.error):
        raise ValueError("it is damaged or cut") from None
    if len(content) < 8 * _COUNTS:
        raise ValueError("it is damaged or cut")
    ships, pieces, corners = np.frombuffer(content, "<i8", _COUNTS).tolist()
    sizes = [ships] * 3 + [pieces] * 2 + [corners] * 3
    if min(sizes) < 0 or len(content) != 8 * (_COUNTS + sum(sizes)):
        raise ValueError("it is damaged or cut")
    starts = 8 * (_COUNTS + np.cumsum([0, *sizes[:-1]]))
    columns = [_column(content, at, size) for at, size in zip(starts.tolist(), sizes, strict=True)]
    ship, length, kind, piece_ship, corners_of, time_s, lon, lat = columns
    place = [np.asarray(column * UNIT_DEG, np.float64) for column in (lon, lat)]
    tracks = RecordedTracks(ship, length, kind, piece_ship, corners_of, time_s, *place)
    _refuse_wrong(tracks)
    return tracks


def _refuse_wrong(tracks: RecordedTracks) -> None:
    """Raise ValueError for tracks that cannot be right: such a text was changed by hand."""
    counts, ships = tracks.piece_corners, tracks.piece_ship
    fits = counts.sum() == tracks.time_s.size and (not counts.size or counts.min() >= 2)
    fits = fits and (not ships.size or (ships.min() >= 0 and ships.max() < tracks.ship.size))
    fits = bool(fits) and np.abs(tracks.lat).max(initial=0.0) <= 90.0 and np.abs(tracks.lon).max(initial=0.0) <= 180.0
    if not fits or (tracks.hours_and_speeds[0] <= 0.0).any():
        raise ValueError("its tracks do not fit together")
