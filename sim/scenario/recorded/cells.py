"""Numbers and times in columns of text, or of whatever type a Parquet file has: what cannot be read is null."""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

_NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"
_DAY_FIRST = r"^[0-3][0-9]/[01][0-9]/[0-9]{4} [0-2][0-9]:[0-5][0-9]:[0-5][0-9]$"
_ISO = r"^[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]$"
_SECOND = pa.timestamp("s")


def is_text(kind: Any) -> bool:
    """Whether a type is one of text."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def numbers(column: Any) -> Any:
    """A column as 64-bit numbers; a comma before decimals is read as a point."""
    if not is_text(column.type):
        try:
            return pc.cast(column, pa.float64(), safe=False)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            return pa.nulls(len(column), pa.float64())
    try:
        return pc.cast(column, pa.float64())
    except pa.ArrowInvalid:
        tidy = pc.replace_substring(pc.utf8_trim_whitespace(column), ",", ".")
        return pc.cast(_where(tidy, _NUMBER), pa.float64())


def seconds(column: Any, is_day_first: bool) -> Any:
    """A column of times in UTC as whole seconds since 1970."""
    if pa.types.is_timestamp(column.type):
        return pc.cast(pc.cast(column, pa.timestamp("s", column.type.tz), safe=False), pa.int64())
    if not is_text(column.type):
        return pa.nulls(len(column), pa.int64())
    if is_day_first:
        return pc.cast(_day_first(column), pa.int64())
    try:
        return pc.cast(pc.cast(column, _SECOND), pa.int64())
    except pa.ArrowInvalid:
        return pc.cast(_iso(column), pa.int64())


def _where(column: Any, pattern: str) -> Any:
    """The texts of a column that a pattern describes; others are null."""
    return pc.if_else(pc.match_substring_regex(column, pattern), column, pa.scalar(None, column.type))


def _day_first(column: Any) -> Any:
    """Times such as 31/12/2023 23:59:59, turned into those that Arrow reads quickly."""
    text = _where(pc.utf8_trim_whitespace(column), _DAY_FIRST)
    date = [pc.utf8_slice_codeunits(text, begin, end) for begin, end in ((6, 10), (3, 5), (0, 2))]
    return _moments(pc.binary_join_element_wise(*date, "-"), pc.utf8_slice_codeunits(text, 11, 19))


def _iso(column: Any) -> Any:
    """Times such as 2023-12-31T23:59:59, also with a blank for the T, a fraction, and Z or +00:00 at the end."""
    text = pc.replace_substring_regex(pc.utf8_trim_whitespace(column), r"(\.[0-9]+)?(Z|[+]00:?00)?$", "")
    text = _where(pc.replace_substring(text, " ", "T"), _ISO)
    return _moments(pc.utf8_slice_codeunits(text, 0, 10), pc.utf8_slice_codeunits(text, 11, 19))


def _moments(date: Any, clock: Any) -> Any:
    """Times of dates such as 2023-12-31 and hours such as 23:59:59; dates that do not exist are null."""
    text = pc.binary_join_element_wise(date, clock, " ")
    try:
        return pc.cast(text, _SECOND)
    except pa.ArrowInvalid:  # some date or hour does not exist: few files have any, so each is tried
        distinct = pc.unique(text)
        known = pa.array([_moment(one) for one in distinct.to_pylist()], _SECOND)
        return pc.take(known, pc.index_in(text, distinct))


def _moment(text: str | None) -> Any:
    from datetime import datetime

    try:
        return None if text is None else datetime.fromisoformat(text)
    except ValueError:
        return None
