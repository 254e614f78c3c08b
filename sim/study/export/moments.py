"""Hours of a scenario as times in UTC, to the millisecond."""

from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa

from sim.study.rows import column_of

_MOMENT = pa.timestamp("ms", tz="UTC")
_MS_PER_H = 3_600_000.0


def with_moments(table: pa.Table, start: datetime) -> pa.Table:
    """A table with a column more for each of its times: `begin` is the time in UTC that `begin_h` says in hours."""
    for name in table.column_names:
        if name.endswith("_h"):
            table = table.append_column(name.removesuffix("_h"), _moments(table.column(name), start))
    return table


def _moments(hours: pa.ChunkedArray, start: datetime) -> pa.Array:
    """A column of hours as times; nulls stay nulls."""
    numbers = hours.combine_chunks()
    values = numbers.fill_null(0.0).to_numpy(zero_copy_only=False)
    begin = int(start.timestamp() * 1000.0)
    missing = numbers.is_null().to_numpy(zero_copy_only=False)
    return column_of(begin + np.rint(values * _MS_PER_H).astype(np.int64), pa.int64(), missing).cast(_MOMENT)


def milliseconds(column: pa.ChunkedArray) -> Any:
    """A column of times as whole milliseconds since 1970, (n,); none may be missing."""
    return column.combine_chunks().cast(pa.int64()).to_numpy(zero_copy_only=False)


def iso_texts(column: pa.ChunkedArray) -> list[str | None]:
    """A column of times as texts such as 2023-04-10T06:30:00.000Z; None where there is none."""
    numbers = column.combine_chunks().cast(pa.int64())
    texts = iso_times(numbers.fill_null(0).to_numpy(zero_copy_only=False))
    return [None if is_missing else text for text, is_missing in zip(texts, numbers.is_null().to_pylist(), strict=True)]


def iso_times(moments: Any) -> list[str]:
    """Milliseconds since 1970, (n,), as such texts."""
    return [f"{text}Z" for text in np.datetime_as_string(moments.astype("datetime64[ms]"), unit="ms").tolist()]


def iso_text(moment: datetime) -> str:
    """One time as such a text."""
    return iso_times(np.array([int(moment.timestamp() * 1000.0)]))[0]
