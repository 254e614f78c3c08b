"""Parquet files that are written to a draft: where an error passes, they are closed without a further word."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq


@contextmanager
def parquet_writer(path: Path, schema: pa.Schema, compression: str = "zstd") -> Iterator[Any]:
    """A writer of a Parquet file. Where an error passes, the file is left as it is: whoever made the draft removes it.

    Raises OSError where the file cannot be written.
    """
    writer = pq.ParquetWriter(path, schema, compression=compression)
    try:
        yield writer
        writer.close()
    finally:
        with suppress(OSError, MemoryError, pa.ArrowException):  # the error that passes says what is wrong
            writer.close()
        writer.is_open = False  # else it would be closed once more when it is deleted, and print what fails then
