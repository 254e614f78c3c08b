"""Recordings that a scenario names, read and put in place, so that the scenario holds all that it needs."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path as FilePath
from typing import Any

from pydantic import ValidationError

from sim.core.limits import MOST_RECORDED_BYTES
from sim.model.background.recorded import Recorded
from sim.model.places import Theatre
from sim.model.recorded_tracks import MOST_PACKED
from sim.scenario.files import display_name, path_inside
from sim.scenario.problems import Path, Problem, key_text, toml_text
from sim.scenario.source import Source

_KIND = "recorded"


def inline_recorded(source: Source, context: dict[str, Any]) -> list[Problem]:
    """Replace the key `file` of each recorded source of [background] by the tracks in that file; return the problems.

    `context` is that of validation.
    """
    problems = []
    table = source.data.get("background")
    for name, part in list(table.items()) if isinstance(table, dict) else []:
        if isinstance(part, dict) and part.get("kind") == _KIND and "file" in part and "tracks" not in part:
            problems += _inline_one(source, name, part, context)
    return problems


def _inline_one(source: Source, name: str, part: dict[str, Any], context: dict[str, Any]) -> list[Problem]:
    path: Path = ("background", name, "file")
    file, line = source.locate(path)
    try:
        spec = Recorded.model_validate(part, context=context)
        box = Theatre.model_validate(source.data.get("theatre")).box
        start, days = source.data["start"], float(source.data["duration_days"])
        start = start.astimezone(UTC)
        begin, end = _period(spec, start, start + timedelta(days=days))
    except (ValidationError, KeyError, TypeError, ValueError, AttributeError, OverflowError):
        return []  # these keys have problems of their own, which validation tells
    given = part["file"]
    folder = source.folders.get(file, FilePath())
    try:
        place = path_inside(folder, given)
        packed = _packed(place, spec, box, (int(begin.timestamp()), int(end.timestamp())))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error).splitlines()[0]
        shown = display_name(FilePath(given))
        allowed = f"a file of recorded AIS inside this file's folder that can be used; {shown}: {reason}"
        return [Problem(file, line, key_text(path), toml_text(given), allowed)]
    del part["file"]
    part["tracks"] = packed
    source.note((*path[:-1], "tracks"), (file, line))
    source.inlined[key_text((*path[:-1], "tracks"))] = key_text(path)
    return []


def _period(spec: Recorded, start: datetime, end: datetime) -> tuple[datetime, datetime]:
    """The part of the recording that is used."""
    if spec.day is None:
        return start, end
    first = midnight(spec.day)
    return first, first + timedelta(days=spec.days)


def midnight(day: date) -> datetime:
    """The beginning of a day in UTC."""
    return datetime.combine(day, time(), UTC)


def _packed(path: FilePath, spec: Recorded, box: tuple[float, ...], period: tuple[int, int]) -> str:
    """The tracks of a file within a period, which come into the theatre when they are moved, as one text.

    Raises ValueError, which says what is wrong, and OSError.
    """
    import numpy as np

    from sim.scenario.recorded.segment_files import tracks_of

    east, north = spec.move_deg
    moved = (box[0] - east, box[1] - north, box[2] - east, box[3] - north)
    table = _segments(path, moved, period)
    within = [
        (column >= low) & (column <= high)
        for end in "01"
        for column, low, high in (
            (np.asarray(table.column(f"lon{end}").to_numpy()), moved[0], moved[2]),
            (np.asarray(table.column(f"lat{end}").to_numpy()), moved[1], moved[3]),
        )
    ]
    kept = np.logical_and.reduce(within)
    if not kept.any():
        times = " to ".join(f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%M}" for moment in period)
        raise ValueError(
            f"it has no ship in the theatre in the period that is used, {times} UTC; "
            "the keys day and move_deg move a recording in time and place"
        )
    packed = tracks_of(table, kept).packed()
    if len(packed) > MOST_PACKED:
        raise ValueError(
            f"its tracks in the theatre take {len(packed):,} characters, but {MOST_PACKED:,} are allowed; "
            "use fewer days or a smaller part of the sea, or import it with a larger --within-nmi"
        )
    return packed


def _segments(path: FilePath, box: tuple[float, float, float, float], period: tuple[int, int]) -> Any:
    """The segments of a file that was imported, or of one of messages, within a period."""
    from sim.scenario.recorded.cleaning import Account, cleaned
    from sim.scenario.recorded.parquet_messages import parquet_columns
    from sim.scenario.recorded.reading_files import is_parquet
    from sim.scenario.recorded.segment_files import SEGMENTS, is_segment_file, read_segments
    from sim.scenario.recorded.sifting import Rules

    if is_parquet(path) and is_segment_file(parquet_columns(path)):
        return read_segments(path, *period)
    if path.stat().st_size > MOST_RECORDED_BYTES:
        raise ValueError(f"it has more than {MOST_RECORDED_BYTES:,} bytes; make a small file of it by seasweep import")

    import pyarrow as pa

    found = list(cleaned([path], Rules(box=box, period=period), Account()))
    return pa.concat_tables([SEGMENTS.empty_table(), *found])
