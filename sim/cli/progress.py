"""The progress bar of a long command, and a line while code is compiled: on a terminal only, on standard error."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, ProgressColumn

    from sim.study.precision import Look

_SPEED_OVER_S = 600.0  # the time left follows from the speed in these last seconds
_BAR_WIDTH = 20
_POLL_S = 0.2
_bars: list["Bar"] = []  # the bar that is shown, if any


class Bar:
    """What shows how far a command is; without a display it shows nothing."""

    def __init__(self, label: str, display: "Progress | None") -> None:
        """Begin with a bar that only says that work is done."""
        self._label, self._display = label, display
        self._task = None if display is None else display.add_task(label, total=None, count="")

    def __call__(self, done: int, total: int) -> None:
        """Show that some parts of the work are done, of so many."""
        if self._display is not None and self._task is not None:
            self._display.update(self._task, completed=done, total=total, count=f"{done}/{total}")

    def note(self, text: str) -> None:
        """Show a text beside the label; an empty one removes it."""
        if self._display is not None and self._task is not None:
            self._display.update(self._task, description=f"{self._label}: {text}" if text else self._label)

    def looked(self, look: "Look") -> None:
        """Show what a look at a precision has found."""
        half = "no interval yet" if look.half_width is None else f"±{look.half_width:.2g}"
        self.note(f"{look.measure} {half}, ±{look.wanted:.2g} wanted")


@contextmanager
def progress_bar(label: str) -> Iterator[Bar]:
    """Show a progress bar on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield Bar(label, None)
        return
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

    from sim.cli.plain_console import PlainConsole

    description = TextColumn("{task.description}", markup=False)
    columns = (
        SpinnerColumn("line"),
        description,
        BarColumn(_BAR_WIDTH),
        TextColumn("{task.fields[count]}"),
        _time_column(),
    )
    console = PlainConsole(stderr=True)
    with Progress(*columns, console=console, transient=True, speed_estimate_period=_SPEED_OVER_S) as display:
        bar = Bar(label, display)
        _bars.append(bar)
        try:
            yield bar
        finally:
            _bars.remove(bar)


def _time_column() -> "ProgressColumn":
    """The column that has the time left, or the time so far as long as the time left is not known."""
    from rich.progress import ProgressColumn, Task
    from rich.text import Text

    class TimeColumn(ProgressColumn):
        max_refresh = 0.5

        def render(self, task: Task) -> Text:
            left = task.time_remaining if task.completed else None
            return Text(f"{_clock(task.elapsed or 0.0)} so far" if left is None else f"{_clock(left)} left")

    return TimeColumn()


def _clock(seconds: float) -> str:
    """Seconds as hours, minutes and seconds, or as minutes and seconds."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}" if minutes >= 60 else f"{minutes}:{rest:02d}"


@contextmanager
def compiling_shown() -> Iterator[None]:
    """Show on a terminal that code is being compiled, which takes long once on a computer, and nothing elsewhere."""
    if not sys.stderr.isatty():
        yield
        return
    ended = threading.Event()
    watch = threading.Thread(target=_watch, args=(ended,), daemon=True)
    watch.start()
    try:
        yield
    finally:
        ended.set()
        watch.join(2.0 * _POLL_S)


def _watch(ended: threading.Event) -> None:
    """Look again and again whether code is being compiled, and show it in the bar, or on a line of its own."""
    began, noted, lines = 0.0, False, 0
    while not ended.wait(_POLL_S):
        cache = sys.modules.get("sim.core.kernels.cache")
        name = getattr(cache, "being_compiled", "")
        began = (began or time.monotonic()) if name else 0.0
        for bar in _bars:
            if name or noted:
                bar.note("compiling, only once on this computer" if name else "")
        noted = bool(name and _bars)
        if name and not _bars:
            mark, text = "-\\|/"[lines % 4], f"compiling, only once on this computer {_clock(time.monotonic() - began)}"
            sys.stderr.write(f"\r{mark} {text}\x1b[K")
            lines += 1
        elif lines:
            sys.stderr.write("\r\x1b[K")
            lines = 0
        sys.stderr.flush()
    if lines:
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()
