"""Messages in Parquet files with the columns of an archive, batch by batch."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sim.scenario.problems import shortened
from sim.scenario.recorded.column_sets import recognised
from sim.scenario.recorded.csv_messages import messages_of
from sim.scenario.recorded.messages import Messages

_ROWS = 262_144  # rows that are read at a time


def parquet_columns(path: Path) -> list[str]:
    """The names of the columns of a Parquet file; raises ValueError where it is no Parquet file."""
    try:
        return [str(name) for name in pq.read_schema(path).names]
    except (pa.ArrowInvalid, OSError) as error:
        if isinstance(error, FileNotFoundError | PermissionError | IsADirectoryError):
            raise
        raise ValueError("it cannot be read as Parquet; it may be cut") from None


def read_parquet(path: Path) -> Iterator[Messages]:
    """The messages of a Parquet file, batch by batch; raises ValueError where it cannot be read."""
    columns = recognised(parquet_columns(path))
    try:
        for batch in pq.ParquetFile(path).iter_batches(_ROWS, columns=list(columns.names.values())):
            table = pa.table({what: batch.column(name) for what, name in columns.names.items()})
            yield messages_of(table, columns, Counter())
    except pa.ArrowException as error:
        raise ValueError(f"it cannot be read as Parquet ({shortened(str(error).splitlines()[0])})") from None
