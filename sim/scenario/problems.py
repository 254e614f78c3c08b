"""What is wrong with an input file, said once and in full: file, line, key, what was given, what is allowed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Problem:
    """One thing wrong in an input."""

    file: str
    """Whose text it is: a path, a scenario that ships, or `command line`."""
    line: int | None
    key: str
    given: str
    allowed: str
    hint: str = ""

    def __str__(self) -> str:
        """One line, the place first, as compilers write it."""
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        key = f"{place}: {self.key}" if self.key else place
        given = f": given {self.given}" if self.given else ""
        return f"{key}{given}; allowed: {self.allowed}{f' ({self.hint})' if self.hint else ''}"


class InputError(Exception):
    """Bad input: everything found wrong with it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Keep the problems, in the order of the file."""
        self.problems = sorted(set(problems), key=lambda p: (p.file, p.line or 0, p.key, p.allowed))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def refused(given: object, allowed: str, *, file: str = "command line", key: str = "", hint: str = "") -> InputError:
    """One problem with something that has no line."""
    return InputError([Problem(file, None, key, toml_text(given), allowed, hint)])


def key_text(path: Path) -> str:
    """A path as users write it: areas.box.polygon[2][0]."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def toml_text(value: object, most: int = 60) -> str:
    """A value as TOML writes it, cut to a readable length."""
    if isinstance(value, bool):
        text = str(value).lower()
    elif isinstance(value, str):
        text = f'"{value}"'
    elif isinstance(value, datetime):
        text = value.isoformat()
    elif isinstance(value, list | tuple):
        text = "[" + ", ".join(toml_text(v, most) for v in value) + "]"
    elif isinstance(value, dict):
        text = "{ " + ", ".join(f"{k} = {toml_text(v, 20)}" for k, v in list(value.items())[:4]) + " }"
    else:
        text = str(value)
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 3] + "..."
