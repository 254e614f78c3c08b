"""Disk: a command meets a disk that is full, or a file-size limit; then the same command has room.

There are ten sizes, from nearly nothing to nearly enough. Where a file system in memory can be mounted, it is the full
disk; where it cannot, the limit of the size of a file (`RLIMIT_FSIZE`) stands for it. Standard output is full in one
try of each command.
"""

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from tools.attack.results import RUN, STUDY, SWEEP, differences, files_of
from tools.attack.starter import Job, Outcome, Starter
from tools.attack.tally import Bounds, Faults, Tally, attempt

SIZES = 10
_BIG = ("run", "textbook", "--replications", "24", "--jobs", "1", "--out", "out/kept")
COMMANDS = {
    "run": _BIG,
    "run over an earlier run": (*_BIG, "--force"),
    "sweep": SWEEP,
    "plot": ("plot", "route", "textbook", "-o", "out/route.png"),
    "check": ("check", "textbook"),
}
"""The commands that meet a full disk."""
TRIES = [(command, size) for size in range(SIZES) for command in COMMANDS if command != "check"]
TRIES += [(command, SIZES) for command in COMMANDS]  # standard output is full
_WORDS = r"space|full|disk|large|quota|write"


def can_mount() -> bool:
    """Whether a file system in memory may be mounted."""
    if sys.platform != "linux" or os.geteuid() != 0 or not shutil.which("mount"):
        return False
    probe = ["unshare", "-m", "mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", "/tmp"]  # noqa: S108  in a namespace
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0  # noqa: S603


class Filling:
    """The commands, and what each leaves where there is room."""

    def __init__(self, starter: Starter, work: Path) -> None:
        """Nothing is run yet."""
        self.starter, self.work, self.mounts = starter, work, can_mount()
        self.right: dict[str, dict[str, str]] = {}

    def job(self, name: str, folder: Path) -> Job:
        """The job of a command in a folder."""
        return Job(COMMANDS[name], str(folder), env={"TMPDIR": str(folder / "out")})

    def prepare(self, name: str, folder: Path) -> None:
        """Lay out the folder in which a command is started, but for its folder `out`."""
        (folder / "study.toml").write_text(STUDY, encoding="utf-8")
        if name == "run over an earlier run":
            self.starter.seasweep(*RUN, "--seed", "2", cwd=folder)

    def learn(self, name: str) -> int:
        """Run a command with room, once, and return the number of bytes that it writes."""
        folder = self.work / "room" / name.replace(" ", "-")
        if name not in self.right:
            (folder / "out").mkdir(parents=True)
            self.prepare(name, folder)
            self.starter.do(self.job(name, folder))
            self.right[name] = files_of(folder / "out")
        return sum(path.stat().st_size for path in (folder / "out").rglob("*"))

    def fill(self, number: int, folder: Path) -> str:
        """Start a command without room, then with room; `Faults` where it does not report that, or leaves files."""
        name, size = TRIES[number]
        need = self.learn(name)
        if size == SIZES:
            (folder / "out").mkdir()
            self.prepare(name, folder)
            first = self.starter.do(replace(self.job(name, folder), stdout="/dev/full"))
            return self._judged(name, "standard output is full", first, None, folder)
        share = (0.002, 0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.97)[size]
        if not self.mounts:
            (folder / "out").mkdir()
            self.prepare(name, folder)
            before = files_of(folder / "out")
            most = max(int(share * need / (3 if name != "plot" else 1)), 100)
            first = self.starter.do(replace(self.job(name, folder), most_bytes=most))
            return self._judged(name, f"files of at most {most} bytes", first, before, folder)
        return self._on_small_disk(name, share, need, folder)

    def _on_small_disk(self, name: str, share: float, need: int, folder: Path) -> str:
        """Start a command on a disk that has a share of the room that it needs."""
        disk = folder / "out"
        disk.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", "size=1g", "tmpfs", str(disk)]
        subprocess.run(mount, check=True, timeout=60)  # noqa: S603  an empty disk of our own
        try:
            self.prepare(name, folder)
            before = files_of(disk)
            used = sum(-(-path.stat().st_size // 4096) * 4096 for path in disk.rglob("*"))
            room = used + max(int(share * need), 4096)
            self._resize(disk, room)
            first = self.starter.do(self.job(name, folder))
            after = files_of(disk)
            self._resize(disk, 1 << 30)
            return self._judged(name, f"{room - used} bytes of room", first, before, folder, after)
        finally:
            subprocess.run(["umount", "--lazy", str(disk)], check=True, timeout=60)  # noqa: S603, S607  our own disk

    @staticmethod
    def _resize(disk: Path, size: int) -> None:
        subprocess.run(["mount", "-o", f"remount,size={size}", str(disk)], check=True, timeout=60)  # noqa: S603, S607  our own

    def _judged(
        self,
        name: str,
        what: str,
        first: Outcome,
        before: dict[str, str] | None,
        folder: Path,
        after: dict[str, str] | None = None,
    ) -> str:
        """Judge what a command without room has said and left, and what it gives with room."""
        found: dict[str, str] = {}
        after = files_of(folder / "out") if after is None else after
        if first.code < 0 or first.says_fault:
            found["tracebacks"] = f"exit code {first.code}, {first.err.strip()[-300:]}"
        elif first.code != 0 and len(first.err.strip().splitlines()) > 2:
            found["tracebacks"] = f"{len(first.err.strip().splitlines())} lines: {first.err.strip()[:300]}"
        if first.code == 0 and before is not None and any(differences(after, self.right[name])):
            found["silent"] = "exit code 0, but not all files"
        if first.code == 0 and before is None:
            found["silent"] = "exit code 0, but nothing was printed"
        if first.code != 0 and before is not None and name != "sweep" and any(differences(after, before)):
            found["leftovers"] = f"changed: {', '.join(name for names in differences(after, before) for name in names)}"
        if before is not None and name == "run" and first.code == 0:
            return what
        again = self.starter.do(self.job(name, folder))
        refused = (
            again.code == 2
            and "--force" in again.err
            and not any(differences(files_of(folder / "out"), self.right[name]))
        )
        if again.code != 0 and not refused:
            found["stuck"] = f"exit code {again.code} with room, {again.err.strip()[-200:]}"
        elif any(differences(files_of(folder / "out"), self.right[name])):
            found["lost"] = f"with room: {differences(files_of(folder / 'out'), self.right[name])}"
        if found:
            raise Faults(list(found), f"{name}, {what}: {'; '.join(found.values())}")
        return what


def attack(bounds: Bounds, starter: Starter, work: Path) -> Tally:
    """Start commands without room."""
    tally = Tally("disk", ("lost", "leftovers", "silent", "stuck", "tracebacks"))
    filling = Filling(starter, work)
    if not filling.mounts:
        tally.notes.append("No disk can be mounted here: the limit of the size of a file stands for a full disk.")
    bounds = replace(bounds, tries=min(bounds.tries, len(TRIES)))
    attempt(tally, bounds, work, lambda number, folder: filling.fill(number, folder))
    shutil.rmtree(work / "room", ignore_errors=True)
    return tally
