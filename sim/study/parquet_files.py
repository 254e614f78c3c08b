"""A writer of Parquet files. After an error it closes its file without raising or printing a second error."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq


@contextmanager
def parquet_writer(path: Path, schema: pa.Schema, compression: str = "zstd") -> Iterator[Any]:
    """A writer of a Parquet file. After an error the file stays as it is; the code that made the draft removes it.

    Raises OSError where the file cannot be written.
    """
    writer = pq.ParquetWriter(path, schema, compression=compression)
    try:
        yield writer
        writer.close()
    finally:
        with suppress(OSError, MemoryError, pa.ArrowException):  # the first error says what is wrong
            writer.close()
        writer.is_open = False  # otherwise it is closed again when it is deleted, and prints what fails then
