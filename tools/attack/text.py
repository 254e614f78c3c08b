"""Text: hostile strings stand in every field of text, in names of files and in arguments; then they are shown.

A string is shown as it is, or refused; no control character reaches the terminal, and no cell of a table that is
written begins a formula of a spreadsheet.
"""

import csv
import html
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import tomli_w

from tools.attack.mutations import HOSTILE
from tools.attack.starter import Outcome, Starter
from tools.attack.tally import Bounds, Faults, Tally, attempt

STRINGS = (
    "12 h [/local] [jst]", "[bold red]loud", "[link=x]here[/link]", "Fuel at $900, hire at $300 a day",
    r"$\frac{1}{0}$ and $", "=1+1", '=HYPERLINK("x")', "+cmd", "-2+3", "@SUM(A1)", "\x1b[31mred", "\x1b]0;owned\x07",
    "\x1b]8;;x\x1b\\link", "\x9b31m", "a\x00b", "a\x08b", "a\rb", "a\nb", "\u202egnp.exe", "\u2066a\u2069", "\u200b",
    "동중국해 東シナ海", "😀 emoji", "e\u0301te\u0301", "%s %(x)s {0} {x}", "\\n \\u0041", "<b>bold</b> &amp;", "'; --",
    '"quoted"', "a,b;c", "nan", "None", "_under_", "^{hat}", " lead and trail ", "a" * 60, "a" * 5000,
)  # fmt: skip
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_STUDY: dict[str, Any] = {
    "format": 1, "scenario": "s.toml", "replications": 2, "measures": ["p_detected"],
    "vary": [{"name": "setting", "settings": [{"label": "one", "set": {"patrols.daily.every_h": 24.0}}]}],
    "baseline": {"label": "now"},
}  # fmt: skip
_SMALL = ("--replications", "2", "--jobs", "1")


def _scenario(**keys: Any) -> dict[str, Any]:
    return {"extends": "textbook", **keys}


class Writing:
    """One string in one field: the files, and the commands that show it."""

    def __init__(self, starter: Starter, folder: Path, string: str) -> None:
        """Lay out a scenario and a study without hostile text."""
        self.starter, self.folder, self.string = starter, folder, string
        self.shown: list[Outcome] = []
        self.write(_scenario())

    def write(self, scenario: dict[str, Any], study: dict[str, Any] = _STUDY) -> None:
        """Write the files."""
        (self.folder / "s.toml").write_text(tomli_w.dumps(scenario), encoding="utf-8")
        (self.folder / "study.toml").write_text(tomli_w.dumps(study), encoding="utf-8")

    def call(self, *args: str) -> Outcome:
        """Start a command and keep what it printed."""
        outcome = self.starter.seasweep(*args, cwd=self.folder)
        self.shown.append(outcome)
        return outcome

    # ------------------------------------------------------------------------------------------------ fields
    def title(self) -> None:
        """The title of a scenario: on the page of `check`, and on a map."""
        self.write(_scenario(title=self.string))
        if self.call("check", "s.toml").code == 0:
            self.call("plot", "route", "s.toml", "-o", "p.svg")

    def summary(self) -> None:
        """The summary of a scenario."""
        self.write(_scenario(summary=self.string))
        self.call("check", "s.toml")

    def title_of_a_run(self) -> None:
        """The title of a scenario that is run."""
        self.write(_scenario(title=self.string))
        self.call("run", "s.toml", *_SMALL, "--out", "o")

    def label(self) -> None:
        """The label of a setting: in the table of a sweep, in its files, and on its plot."""
        study = {
            **_STUDY,
            "vary": [
                {**_STUDY["vary"][0], "settings": [{"label": self.string, "set": {"patrols.daily.every_h": 24.0}}]}
            ],
        }
        self.write(_scenario(), study)
        if self.call("sweep", "study.toml", "--jobs", "1", "--out", "o").code == 0:
            self.call("plot", "response", "o", "-o", "p.svg")

    def factor(self) -> None:
        """The name of a factor."""
        self.write(_scenario(), {**_STUDY, "vary": [{**_STUDY["vary"][0], "name": self.string}]})
        self.call("sweep", "study.toml", "--jobs", "1", "--out", "o")

    def title_of_a_study(self) -> None:
        """The title of a study."""
        self.write(_scenario(), {**_STUDY, "title": self.string})
        if self.call("sweep", "study.toml", "--jobs", "1", "--out", "o").code == 0:
            self.call("plot", "response", "o", "-o", "p.svg")

    def name_of_a_part(self) -> None:
        """The name of an area, which stands for every name of a table."""
        self.write(_scenario(areas={self.string: {"polygon": [[126.4, 26.6], [127.1, 26.6], [127.1, 27.2]]}}))
        self.call("check", "s.toml")

    def unknown_key(self) -> None:
        """A key that does not exist."""
        self.write(_scenario(**{self.string or "x": 1}))
        self.call("check", "s.toml")

    def wrong_value(self) -> None:
        """A text where a number or a name is asked for."""
        self.write(_scenario(duration_days=self.string, time_zone=self.string))
        self.call("check", "s.toml")

    def argument(self) -> None:
        """An argument of the command line."""
        if "\0" not in self.string:
            self.call("check", self.string)
            self.call("check", "textbook", "--set", f"title={self.string}")
            self.call("check", "textbook", "--set", f"{self.string}=1")

    def name_of_a_file(self) -> None:
        """The name of a scenario's file, and of the folder of its results."""
        name = self.string.replace("/", "-").replace("\0", "")[:60]
        try:
            (self.folder / f"{name}.toml").write_text(tomli_w.dumps(_scenario()), encoding="utf-8")
        except (OSError, ValueError):  # no file has such a name
            return
        self.call("run", f"./{name}.toml", *_SMALL)


FIELDS = (
    Writing.title, Writing.summary, Writing.title_of_a_run, Writing.label, Writing.factor, Writing.title_of_a_study,
    Writing.name_of_a_part, Writing.unknown_key, Writing.wrong_value, Writing.argument, Writing.name_of_a_file,
)  # fmt: skip
SHOWN = (Writing.title, Writing.label, Writing.title_of_a_run)
"""The fields whose text must be shown whole."""
ALL = [(field, string) for string in (*STRINGS, *HOSTILE) for field in FIELDS]


def _plain(text: str) -> str:
    """A text without spaces and without the lines of tables, so that a wrapped text is found as well."""
    return re.sub(r"[\s\u2500-\u257f|]", "", text)


def faults_of(writing: Writing, field: Any) -> dict[str, str]:
    """What is wrong with what was shown: by name of the fault, a sentence."""
    found: dict[str, str] = {}
    for outcome in writing.shown:
        printed = outcome.out + outcome.err
        if outcome.code not in (0, 2) or outcome.says_fault or "Warning:" in outcome.err:
            found["tracebacks"] = f"exit code {outcome.code}, {outcome.err.strip()[-200:]!r}"
        control = _FORBIDDEN.search(printed)
        if control:
            found["unsafe"] = f"{control[0]!r} is printed"
    done = [outcome for outcome in writing.shown if outcome.code == 0]
    if field in SHOWN and done and len(writing.string) < 300:
        wanted = _plain(writing.string)
        drawn = writing.folder / "p.svg"
        pages = [_plain("".join(one.out for one in done))] if field is not Writing.title_of_a_run else []
        if drawn.is_file():
            svg = re.sub(r"<!--.*?-->", "", drawn.read_text(encoding="utf-8"), flags=re.DOTALL)
            pages.append(_plain(html.unescape(re.sub(r"<[^>]*>", "", svg))))
        if any(wanted not in page for page in pages):
            found["altered"] = f"not shown as it is: {writing.string[:60]!r}"
    for path in filter(Path.is_file, writing.folder.rglob("*.csv")):  # a folder may have such a name
        with path.open(newline="", encoding="utf-8") as file:
            cells = [cell for row in csv.reader(file) for cell in row]
        if any(re.match(r"[=+@\t\r]|-(?![\d.])", cell) or re.match(r"-[\d.]+[^\d.e-]", cell) for cell in cells):
            found["unsafe"] = f"{path.name} has a cell that begins a formula"
    return found


def attack(bounds: Bounds, starter: Starter, work: Path) -> Tally:
    """Put strings into fields; the number of a try says which, spread over all of them."""
    tally = Tally("text", ("tracebacks", "altered", "unsafe"))
    stride = next(n for n in range(len(ALL) * 2 // 5, len(ALL)) if _coprime(n, len(ALL)))

    def one_try(number: int, folder: Path) -> str:
        field, string = ALL[number * stride % len(ALL)]
        writing = Writing(starter, folder, string)
        field(writing)
        faults = faults_of(writing, field)
        if faults:
            raise Faults(list(faults), f"{field.__name__}, {string[:60]!r}: {'; '.join(faults.values())}")
        return string

    attempt(tally, replace(bounds, tries=min(bounds.tries, len(ALL))), work, one_try)
    return tally


def _coprime(one: int, other: int) -> bool:
    while other:
        one, other = other, one % other
    return one == 1
