"""Messages divided by MMSI into files, so that any number of them fits into memory."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from sim.core.arrays import Floats, Ints

_PARTS = 64
RECORD = np.dtype([("mmsi", "<u4"), ("time_s", "<u4"), ("lon", "<i4"), ("lat", "<i4")])
"""One message: 16 bytes."""
UNIT_DEG = 1e-7
"""The precision of places: a centimetre."""
_HASH = 2_654_435_761  # Knuth's multiplier: neighbouring numbers come into different parts


class Partitions:
    """Files of records, each with all messages of some ships."""

    def __init__(self, folder: Path) -> None:
        """Begin with no messages."""
        self._paths = [folder / f"{number}" for number in range(_PARTS)]

    def add(self, mmsi: Ints, time_s: Ints, lon: Floats, lat: Floats) -> None:
        """Add messages, (n,) each."""
        records = np.empty(mmsi.size, RECORD)
        records["mmsi"], records["time_s"] = mmsi, time_s
        records["lon"], records["lat"] = np.rint(lon / UNIT_DEG), np.rint(lat / UNIT_DEG)
        part = (mmsi * _HASH % 2**32) >> 26
        order = np.argsort(part, kind="stable")
        ends = np.searchsorted(part[order], np.arange(_PARTS + 1))
        for path, begin, end in zip(self._paths, ends[:-1], ends[1:], strict=True):
            if end > begin:
                with path.open("ab") as file:
                    file.write(records[order[begin:end]].tobytes())

    def parts(self) -> Iterator[Any]:
        """The records of each part, (n,) of `RECORD`; each file is removed once it is read."""
        for path in self._paths:
            if path.exists():
                yield np.fromfile(path, RECORD)
                path.unlink()


@contextmanager
def partitions() -> Iterator[Partitions]:
    """Partitions in a folder of their own among the system's temporary files, which is removed in the end."""
    folder = Path(tempfile.mkdtemp(prefix="seasweep-import-"))
    try:
        yield Partitions(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
