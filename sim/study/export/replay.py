"""The flights of a run as places at times, which a globe can play."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from sim.core.arrays import Floats, Ints
from sim.study.export.layers import Layer
from sim.study.export.moments import milliseconds


@dataclass(frozen=True)
class Flight:
    """One sortie as a globe plays it."""

    label: str
    """The patrol and the number of the sortie, and of the replication where there are several."""
    times: Any
    """The milliseconds since 1970 of each place, (n,), rising."""
    places: Floats
    """The longitude and the latitude, (n, 2), in degrees."""


def flights_of(tracks: Layer) -> Iterator[Flight]:
    """The sorties whose legs a layer of tracks holds, in their order there."""
    keys = list(zip(*(tracks.table.column(name).to_pylist() for name in _KEY), strict=True))
    times = [milliseconds(tracks.table.column(name)) for name in ("begin", "end")]
    several = len({replication for replication, _, _ in keys}) > 1
    rows = dict[tuple[int, str, int], list[int]]()
    for number, key in enumerate(keys):
        rows.setdefault(key, []).append(number)
    for (replication, patrol, sortie), own in rows.items():
        moments, places = _path(tracks.shapes[own], times[0][own], times[1][own])
        later = f", replication {replication}" if several else ""
        yield Flight(f"{patrol} {sortie}{later}", moments, places)


_KEY = ("replication", "patrol", "sortie")


def _path(legs: Any, begins: Ints, ends: Ints) -> tuple[Any, Floats]:
    """The times and places of some legs one after the other: points of a leg are equally far apart."""
    places, leg = shapely.get_coordinates(legs, return_index=True)
    counts = np.bincount(leg)
    first = np.cumsum(counts) - counts
    share = (np.arange(len(leg)) - first[leg]) / (counts[leg] - 1)
    moments = np.rint(begins[leg] + share * (ends[leg] - begins[leg])).astype(np.int64)
    is_later = np.concatenate([[True], np.diff(np.maximum.accumulate(moments)) > 0])
    return moments[is_later], places[is_later]
