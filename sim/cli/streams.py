"""The standard streams, made safe to use even if they are closed, full, read by nobody, or in an old encoding."""

import io
import os
import sys
from typing import Any


class _Output(io.FileIO):
    """A stream that remembers the first error of writing. Later output is dropped, and the work goes on."""

    fault: OSError | None = None
    """What first prevented writing."""

    def write(self, data: Any) -> int:
        """Write the data; where that is not possible, remember why and drop them."""
        try:
            return super().write(data) if self.fault is None else len(data)
        except OSError as error:
            self.fault = error
            return len(data)


def prepare_streams() -> None:
    """Make the standard streams safe to use: none is closed, and what one cannot encode is escaped.

    Except on Windows, an output that cannot be written to raises nothing either; `output_fault` tells of it.

    A closed stream is opened on the null device: otherwise the next file that is opened would take its place, and what
    is printed would be written into that file.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # it takes the lowest number that is free, which is this one
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: PTH123, SIM115  it stays open
    sys.stdout, sys.stderr = _prepared(sys.stdout), _prepared(sys.stderr)


def _prepared(stream: Any) -> Any:
    """The stream to use in place of an output that Python has opened."""
    if stream is None:
        return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123  it stays open
    if not isinstance(stream, io.TextIOWrapper):
        return stream  # a program has put something of its own there
    stream.reconfigure(errors="backslashreplace")
    unbuffered = not hasattr(stream.buffer, "raw")  # as PYTHONUNBUFFERED asks for
    if sys.platform == "win32" or type(_raw(stream)) is not io.FileIO:
        return stream
    raw: Any = _Output(stream.fileno(), "w", closefd=False)
    return io.TextIOWrapper(
        raw if unbuffered else io.BufferedWriter(raw),
        encoding=stream.encoding,
        errors=stream.errors,
        line_buffering=stream.line_buffering,
        write_through=unbuffered,
    )


def _raw(stream: Any) -> Any:
    """The file in which a stream for text ends; None where there is none."""
    buffer = getattr(stream, "buffer", None)
    return getattr(buffer, "raw", buffer)


def output_fault() -> OSError | None:
    """Why standard output could not be written to; None where it could, or where nobody reads it any more."""
    sys.stdout.flush()
    fault = getattr(_raw(sys.stdout), "fault", None)
    return None if isinstance(fault, BrokenPipeError) else fault
