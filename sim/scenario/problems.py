"""The problems of an input: each names file, line, key, what was given and what is allowed; `InputError` holds them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sim.core.limits import MOST_PROBLEMS_SHOWN
from sim.core.text import visible

Path = tuple[str | int, ...]

COMMAND_LINE = "command line"
ARGUMENTS = "arguments"
"""The place of a problem of an argument: of a function, or of the command line, which then says so by its own name."""

_LONG_ALLOWED = 300  # characters of what is allowed, from which on a hint stands before it
_MOST_TEXT = 10_000  # characters of all problems together; the first is shown in any case
_MOST_ALLOWED = 1_500  # characters of what is allowed: a list of all measures has some 900


@dataclass(frozen=True)
class Problem:
    """One problem of an input."""

    file: str
    """The file that holds it: a path, the name of an included scenario, `command line`, or `arguments`."""
    line: int | None
    """The line, from 1; None where there is none, as on the command line."""
    key: str
    """The dotted key; empty where the problem concerns the whole file."""
    given: str
    """What was given, as TOML; empty where nothing can be shown."""
    allowed: str
    """What is allowed instead."""
    hint: str = ""
    """What was probably meant, or what to do; empty for none."""
    more: int = 0
    """How many further problems it stands for, which are not explained one by one."""

    def __str__(self) -> str:
        """The problem as one line, the place first, as compilers write it; hidden characters are escapes."""
        place = self._place()
        given = f": given {self.given}" if self.given else ""
        allowed, hint = shortened(self.allowed, _MOST_ALLOWED), f" ({self.hint})" if self.hint else ""
        if len(allowed) > _LONG_ALLOWED:  # a hint after a long list would be overlooked
            return visible(f"{place}{given}{hint}; allowed: {allowed}")
        return visible(f"{place}{given}; allowed: {allowed}{hint}")

    def _place(self) -> str:
        """File, line and key; of an argument its name as a program writes it, so `--keep` is `keep`."""
        if self.file == ARGUMENTS and self.key:
            return f"argument {self.key.lstrip('-').replace('-', '_').lower()}"
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {self.key}" if self.key else place


class InputError(Exception):
    """Bad input, with all problems that were found in it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Sort the problems into the order of the file, each once."""
        self.problems = sorted(set(problems), key=lambda p: (p.file, p.line or 0, p.key, p.allowed))
        super().__init__(self.problems)

    @property
    def count(self) -> int:
        """The number of all problems, those included that are not explained one by one."""
        return sum(1 + problem.more for problem in self.problems)

    def of_command_line(self) -> "InputError":
        """The same error for a person who gave the arguments on the command line, who sees them as written there."""
        return type(self)([replace(p, file=COMMAND_LINE) if p.file == ARGUMENTS else p for p in self.problems])

    def __str__(self) -> str:
        """The problems, a line each, in the order of the file; of many only the first ones."""
        lines, length = list[str](), 0
        for problem in self.problems[:MOST_PROBLEMS_SHOWN]:
            length += len(str(problem))
            if lines and length > _MOST_TEXT:
                break
            lines.append(str(problem))
        more = self.count - len(lines)
        return "\n".join([*lines, f"and {more:,} more"] if more else lines)

    def __reduce__(self) -> tuple[type["InputError"], tuple[list[Problem]]]:
        """How the error is sent from one process to another."""
        return type(self), (self.problems,)


def refused(given: object, allowed: str, *, file: str = ARGUMENTS, key: str = "", hint: str = "") -> InputError:
    """The error of one problem that has no line, such as an argument of a function or of the command line."""
    return InputError([Problem(file, None, key, toml_text(given), allowed, hint)])


def key_text(path: Path) -> str:
    """A path as users write it, such as `areas.box.polygon[2][0]`; a very long name is cut."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{shortened(part)}" if text else shortened(part)
    return text


def shortened(text: str, most: int = 100) -> str:
    """A text, cut to at most `most` characters."""
    return text if len(text) <= most else text[: most - 3] + "..."


def toml_text(value: object, most: int = 60) -> str:
    """A value as TOML writes it, on one line, cut to at most `most` characters."""
    if isinstance(value, bool):
        text = str(value).lower()
    elif isinstance(value, str):
        text = f'"{shortened(value, 1000)}"'  # what lies beyond is not shown, so it is not looked at
    elif isinstance(value, datetime):
        text = value.isoformat()
    elif isinstance(value, list | tuple):
        text = "[" + ", ".join(toml_text(item, most) for item in value[:most]) + "]"
    elif isinstance(value, dict):
        text = (
            "{ "
            + ", ".join(f"{shortened(str(key))} = {toml_text(item, 20)}" for key, item in list(value.items())[:4])
            + " }"
        )
    else:
        text = str(value)
    return shortened(visible(text[: most + 1]), most)
