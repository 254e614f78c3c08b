"""Files as they are downloaded: plain, compressed by gzip, or in a ZIP archive."""

import gzip
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

FAULTS = (EOFError, zipfile.BadZipFile, zlib.error, gzip.BadGzipFile)
"""What is raised where compressed data are damaged or cut."""
DAMAGED = "its compressed data are damaged or cut; download it again"


def members(path: Path) -> list[str]:
    """The names of the files in a ZIP archive, sorted; for any other file one empty name."""
    if path.suffix.lower() != ".zip":
        return [""]
    with zipfile.ZipFile(path) as archive:
        return sorted(name for name in archive.namelist() if not name.endswith("/") and "__MACOSX" not in name)


@contextmanager
def opened(path: Path, member: str = "") -> Iterator[IO[bytes]]:
    """The bytes of a file, or of a file in an archive, from the beginning."""
    if member:
        with zipfile.ZipFile(path) as archive, archive.open(member) as file:
            yield file
    elif path.suffix.lower() == ".gz":
        with gzip.open(path, "rb") as file:
            yield cast("IO[bytes]", file)
    else:
        with path.open("rb") as file:
            yield file


def plain_name(path: Path, member: str = "") -> str:
    """The name of a file without the ending of its compression, in small letters."""
    name = member or path.name
    return name.lower().removesuffix(".gz")
