"""Files and folders of results, each written whole or not at all, for one owner at a time.

While results are made, they lie in a draft, which is a hidden folder within the folder of the results. When they are
complete, the draft is renamed; from that moment the new results count. Then the earlier results are removed, and each
new file is moved to its place. If a process dies in between, the next one that reads or writes the folder does the
rest. The folder itself is never replaced, and other files in it stay. Every hidden name begins with `.seasweep-`.
"""

import errno
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from sim.core.text import visible
from sim.scenario.arguments import FILMS, PAGES, PICTURES
from sim.scenario.files import SCENARIO_OF_RUN
from sim.scenario.nearest import nearest_word
from sim.scenario.problems import InputError, refused
from sim.study.locks import LOCK, Lock, has_ended, locked, unwritable

RUNS = Path("runs")
"""The folder below which results are written unless another folder is given."""
RUN, STUDY = "run.json", "study.json"  # the records: one of them says what a folder holds
TABLES = ("replications", "transfers", "tips", "events", "tracks")
_HIDDEN = ".seasweep-"
_DRAFT = f"{_HIDDEN}draft"  # results that are being made
_COMPLETE = f"{_HIDDEN}complete"  # results that are complete, while earlier ones are removed
_MOVING = f"{_HIDDEN}moving"  # results that are moved to their places, after earlier ones have been removed
STUDY_PARTS = "parts"  # the rows of blocks of points and replications of a study
_PARTS = f"{_HIDDEN}parts"  # what is done of a run that may be interrupted
_NAMES = {
    RUN: re.compile(rf"run\.json|{re.escape(SCENARIO_OF_RUN)}|measures\.csv|({'|'.join(TABLES)})\.parquet"),
    STUDY: re.compile(r"study\.json|measures\.csv|(replications|points)\.parquet|parts/\d{6,}-\d{7,}\.parquet"),
}
_NO_SYNC = {errno.EINVAL, errno.ENOTSUP, errno.EBADF, errno.EACCES, errno.EPERM}  # a folder cannot be synced here


# ---------------------------------------------------------------------------------------------------- files
@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A draft of a file to write. It takes the place of `path` in the end, and is removed where an error occurs.

    Its name has the number of this process, so two processes that write the same file do not write the same draft.
    """
    draft = path.with_name(f"{_HIDDEN}{os.getpid()}-{path.name}")
    try:
        yield draft
        sync(draft)
        draft.replace(path)
        sync_folder(path.parent)
    finally:
        draft.unlink(missing_ok=True)


def drop_drafts(folder: Path, *, is_owner: bool = False) -> None:
    """Remove the drafts of files in a folder that belong to processes which have ended.

    The owner of the folder also removes all other drafts, except those of pictures, pages and films: processes without
    the lock may be drawing them.
    """
    for path in folder.iterdir():
        named = re.match(rf"{re.escape(_HIDDEN)}(\d+)-", path.name)
        is_left = named and (has_ended(int(named[1])) or (is_owner and path.suffix not in (*PICTURES, *PAGES, *FILMS)))
        if is_left and path.is_file():
            path.unlink(missing_ok=True)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    with whole_file(path) as draft:
        draft.write_bytes(content)


def sync(path: Path) -> None:
    """Wait until the content of a file is on the disk."""
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk, where the system can do that."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in _NO_SYNC:
            raise
    finally:
        os.close(handle)


# ---------------------------------------------------------------------------------------------------- whose it is
def take_up(folder: Path) -> None:
    """Complete or remove what a killed process left in a folder, before this process writes there.

    Raises InputError where another process writes there, and where the folder cannot be written.
    """
    try:
        is_left = any((folder / name).exists() for name in (LOCK, _COMPLETE, _MOVING))
    except OSError as error:
        raise unwritable(folder, error) from None
    if is_left:
        with owned(folder):
            pass


def refuse_existing(folder: Path, force: bool, hint: str = "") -> None:
    """Complete or remove what a killed process left in a folder, then refuse it if a run may not be written there.

    `hint` says more about results that are there.
    """
    take_up(folder)
    refuse_results(folder, force, RUN, hint)


def refuse_results(folder: Path, force: bool, record: str, hint: str = "") -> None:
    """Refuse to write over existing results without `force`, and over any other folder or file always.

    `record` is `RUN` or `STUDY`, whichever the folder is to hold; `hint` says more about results that are there.
    """
    if any("\ud800" <= character <= "\udfff" for character in str(folder.absolute())):
        raise refused(str(folder), "a folder whose path is UTF-8 text, which Parquet files need", key="--out")
    try:
        if not folder.exists() and not folder.is_symlink():
            return
        if folder.is_dir() and is_empty(folder):
            return
    except OSError as error:
        raise unwritable(folder, error) from None
    if not holds_results(folder, record):
        raise refused(str(folder), "a new folder, or one that seasweep wrote", key="--out")
    if not force:
        raise refused(str(folder), "a new folder; --force replaces the results that are there", key="--out", hint=hint)


def is_empty(folder: Path) -> bool:
    """Whether a folder holds nothing but hidden files and folders of seasweep."""
    return all(path.name.startswith(_HIDDEN) for path in folder.iterdir())


def holds_results(folder: Path, record: str) -> bool:
    """Whether a folder holds results of the kind of a record, which may be damaged, and none of the other kind."""
    other = STUDY if record == RUN else RUN
    tables = ("replications.parquet", "points.parquet") if record == STUDY else ("replications.parquet",)
    found = [name for name in (record, *tables) if (folder / name).is_file()]
    return bool(found) and not (folder / other).exists()


def is_part_of_results(path: Path) -> bool:
    """Whether a path is that of a file of results in a folder that holds results, such as one of their tables."""
    place = path.resolve()
    return any((place.parent / record).is_file() and names.fullmatch(place.name) for record, names in _NAMES.items())


def nearest_results(folder: Path, record: str) -> str:
    """A hint at the folder with results of the kind of a record that was probably meant; empty where none is near.

    Those beside the folder that was given are looked at, and those in `RUNS`.
    """
    if folder.exists():
        return ""
    beside = _nearest(folder.name, folder.parent, lambda path: (path / record).is_file())
    return beside or _nearest(folder.name, RUNS, lambda path: (path / record).is_file())


def nearest_folder(folder: Path) -> str:
    """A hint at the folder beside one that does not exist that was probably meant; empty where none is near."""
    return "" if folder.exists() else _nearest(folder.name, folder.parent, Path.is_dir)


def _nearest(name: str, place: Path, is_meant: Callable[[Path], bool]) -> str:
    """A hint at that path in a place whose name is nearest to one, of those that may be meant; empty for none."""
    try:
        names = [path.name for path in place.iterdir() if is_meant(path)]
    except OSError:  # there is no such place, or nobody may look into it
        return ""
    found = name if name in names else nearest_word(name, names)
    return f"did you mean {visible(place / found)}?" if found else ""


@contextmanager
def owned(folder: Path) -> Iterator[Lock]:
    """Hold the lock of a folder of results, after what a killed process left in it is completed or removed.

    The draft of a study stays, since a sweep can continue it.
    """
    with locked(folder) as lock:
        _complete(folder)
        for inside in (folder, folder / STUDY_PARTS):
            if inside.is_dir():
                drop_drafts(inside, is_owner=True)
        if not (draft_of(folder) / STUDY).is_file():
            drop_draft(folder)
        yield lock


def finish_interrupted(folder: Path) -> None:
    """Put complete results in their places if a process was killed before it did so; a reader calls this first.

    Raises InputError where another process is doing that, and where the folder cannot be written.
    """
    if any((folder / name).is_dir() for name in (_COMPLETE, _MOVING)):
        with owned(folder):
            pass


# ---------------------------------------------------------------------------------------------------- whole results
def draft_of(folder: Path) -> Path:
    """The draft of the results of a folder, which may not exist."""
    return folder / _DRAFT


def parts_of_run(folder: Path) -> Path:
    """Where a folder of results keeps what is done of a run that may be interrupted; it may not exist."""
    return folder / _PARTS


def drop_draft(folder: Path) -> None:
    """Remove the draft of results; raises InputError where another process still holds the lock of the draft."""
    draft = draft_of(folder)
    if draft.exists():
        with locked(draft):
            pass
        shutil.rmtree(draft)


@contextmanager
def whole_results(folder: Path, lock: Lock, record: str, *, keep_draft: bool = False) -> Iterator[Path]:
    """A draft of results to fill. In the end it replaces the earlier results of the same kind in the folder.

    `record` is `RUN` or `STUDY`, the kind. If an error occurs, the draft is removed unless `keep_draft` is set, and the
    earlier results stay. If somebody else has written results to the folder in spite of the lock, those stay as well:
    the new results get another name, and an InputError says which.
    """
    draft, before = draft_of(folder), _content(folder / record)
    remove_draft = False
    try:
        with locked(draft):
            remove_draft = not keep_draft
            yield draft
            for path in files_in(draft):
                if path.parent == draft:  # each part has been written whole
                    sync(path)
            sync_folder(draft)
        if lock.is_lost() or _content(folder / record) != before:
            raise _set_aside(draft, folder)
        draft.rename(folder / _COMPLETE)
        remove_draft = False
    finally:
        if remove_draft:
            shutil.rmtree(draft, ignore_errors=True)
    _complete(folder)


def _complete(folder: Path) -> None:
    """Move complete results to their places; an earlier call may have been interrupted at any point."""
    complete, moving = folder / _COMPLETE, folder / _MOVING
    if complete.is_dir():
        sync_folder(folder)
        record = STUDY if (complete / STUDY).is_file() else RUN
        for path in files_in(folder):
            if _NAMES[record].fullmatch(path.relative_to(folder).as_posix()):
                path.unlink()
        complete.rename(moving)
    if moving.is_dir():
        for path in files_in(moving):
            place = folder / path.relative_to(moving)
            place.parent.mkdir(exist_ok=True)
            path.replace(place)
        for place in (folder, folder / STUDY_PARTS):
            if place.is_dir():
                sync_folder(place)
        shutil.rmtree(moving)
        if parts_of_run(folder).is_dir():  # what was kept of the run is in its results
            shutil.rmtree(parts_of_run(folder))


def files_in(folder: Path) -> list[Path]:
    """The files of results in a folder and in its folder of parts, hidden ones left out."""
    found = [path for inside in (folder, folder / STUDY_PARTS) if inside.is_dir() for path in sorted(inside.iterdir())]
    return [path for path in found if path.is_file() and not path.name.startswith(_HIDDEN)]


def _content(path: Path) -> bytes | None:
    """The content of a file; None where there is none."""
    return path.read_bytes() if path.is_file() else None


def _set_aside(draft: Path, folder: Path) -> InputError:
    """Keep complete results under another name, beside the folder or else in it; return the error that names it."""
    whole = folder.resolve()
    try:
        kept = draft.rename(_free(whole.parent / whole.name))
    except OSError:  # nothing can be written beside it, or it is a disk of its own
        kept = draft.rename(_free(whole / whole.name))
    hint = f"somebody else wrote results there during this command, and they stay; its own results are in {kept}"
    return refused(str(folder), "a folder to which nobody else writes", key="--out", hint=hint)


def _free(path: Path) -> Path:
    """The first name that is free, of those that add a number to the name of a path."""
    return next(one for number in count(2) if not (one := path.with_name(f"{path.name}-{number}")).exists())
