"""The import of recorded AIS: files of messages become one file of segments, with an account of what was left out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from sim.core.text import counted, visible
from sim.scenario.arguments import file_to_write
from sim.scenario.problems import InputError, Problem, refused
from sim.scenario.recorded.cleaning import Account, FileFaultError, cleaned
from sim.scenario.recorded.segment_files import SEGMENTS
from sim.scenario.recorded.sifting import Rules
from sim.scenario.tables import Page, number, titled_table
from sim.study.folders import drop_drafts, is_part_of_results, whole_file
from sim.study.parquet_files import parquet_writer

ENDINGS = (".parquet",)
_ROWS = 100_000  # segments that are written together, at least
_WHAT = "a file of AIS messages that exists: CSV, Parquet or sentences of NMEA, plain or in .gz or .zip"

_OTHER_PERIOD = "--from and --until set another"


@dataclass(frozen=True)
class Imported:
    """What an import has read and written."""

    account: Account
    """What became of the messages."""
    file: Path
    """The file of segments."""


def import_recording(files: Sequence[str | Path], to: str | Path, rules: Rules | None = None) -> Imported:
    """Read files of AIS messages, clean and thin them, and write one Parquet file of straight segments.

    `to` ends in .parquet; it is written whole or not at all, and a file that exists is replaced. Memory does not grow
    with the number of messages: they are sorted in 64 temporary files of 16 bytes a message. Raises InputError for a
    file that cannot be read, which it names, for files of which no track is left, and where an argument is wrong;
    OSError where the system refuses to write.
    """
    paths = _paths(files)
    target = file_to_write(to, ENDINGS, "--to")
    if is_part_of_results(target) or target.resolve() in [path.resolve() for path in paths]:
        raise refused(str(target), "a file that is no part of results and none of those that are read", key="--to")
    drop_drafts(target.parent)
    account = Account()
    try:
        with whole_file(target) as draft, parquet_writer(draft, SEGMENTS) as writer:
            waiting: list[pa.Table] = []
            for table in cleaned(paths, rules or Rules(), account):
                waiting.append(table)
                if sum(map(len, waiting)) >= _ROWS:
                    writer.write_table(pa.concat_tables(waiting))
                    waiting.clear()
            writer.write_table(pa.concat_tables([SEGMENTS.empty_table(), *waiting]))
            _refuse_no_track(paths, account)
    except FileFaultError as error:
        allowed = f"{_WHAT}; {error}"
        raise InputError([Problem(visible(error.path), None, "", "a file that cannot be read", allowed)]) from None
    return Imported(account, target)


def _refuse_no_track(paths: Sequence[Path], account: Account) -> None:
    """Refuse messages of which no track is left: no scenario could use the file, and the reason is a mistake."""
    if account.segments:
        return
    given = f"{counted(account.messages, 'row')}, of which no track is left"
    name, text, count = max(account.reasons(), key=lambda reason: reason[2])
    hint = f"{count:,} were left out for this reason: {text}" if count else ""
    hint += f"; {_OTHER_PERIOD}" if name == "wrong_clock" and count else ""
    allowed = "messages of ships of which at least two follow each other"
    raise InputError([Problem(visible(paths[0]), None, "", given, allowed, hint)])


def _paths(files: Sequence[str | Path]) -> list[Path]:
    """The paths of files that exist, each once."""
    if not files or isinstance(files, str | Path):
        raise refused(str(files or ""), "at least one file, in a list", key="FILE")
    paths = [Path(file) for file in files]
    for place, path in enumerate(paths):
        try:
            is_there = path.is_file()
        except (OSError, ValueError):  # the text cannot be the name of a file
            is_there = False
        if not is_there:
            hint = "it is a folder, not a file" if path.is_dir() else ""
            raise refused(str(path), _WHAT, key="FILE", hint=hint)
        if path in paths[:place]:
            raise refused(str(path), "each file once", key="FILE")
    return paths


def account_page(done: Imported) -> Page:
    """The account of an import as tables."""
    account = done.account
    kept = titled_table("tracks", "what", "number")
    for what, value in (
        ("rows and messages read", account.messages),
        ("messages kept", account.kept),
        ("ships", account.ships),
        ("MMSI that several ships sent at the same time", account.shared),
        ("straight segments", account.segments),
        ("gaps within the track of a ship", account.gaps),
    ):
        kept.add_row(what, number(value, ","))
    kept.add_row("hours of all ships together", number(account.hours, ",.1f"))
    left = titled_table("left out", "reason", "messages", "% of all", name="dropped")
    for name, text, count in account.reasons():
        if count:
            left.add_row(text, number(count, ","), number(100.0 * count / max(account.messages, 1), ".2f"))
        del name
    notes = [] if left.rows else ["No message was left out."]
    if account.dropped["wrong_clock"] > account.kept:
        notes.append(f"Most times lie outside the period that the files' names tell; {_OTHER_PERIOD}.")
    facts = {
        "file": str(done.file),
        "first": _moment(account.first_s),
        "last": _moment(account.last_s),
        "dropped_by_reason": {name: count for name, _, count in account.reasons()},
    }
    return Page([kept, left] if left.rows else [kept], notes=notes, facts=facts)


def _moment(seconds: int | None) -> str | None:
    return None if seconds is None else f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"
