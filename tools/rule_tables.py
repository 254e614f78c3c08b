"""Write the tables of rules in docs/reference/check.md anew, from the docstrings of the rules.

Run it as `python -m tools.rule_tables`.
"""

import re
from pathlib import Path

from sim.check.advice import rule_rows
from sim.check.registry import SEVERITIES

PAGE = Path(__file__).resolve().parents[1] / "docs/reference/check.md"


def rule_table(severity: str) -> str:
    """The rules of one severity as a Markdown table."""
    rows = [f"| `{name}` | {sentence} |\n" for name, sentence in rule_rows(severity)]
    return "".join(["| rule | what it says, and why that matters |\n| --- | --- |\n", *rows])


def renewed(page: str) -> str:
    """The page with the table below the heading of each severity written anew."""
    for severity in SEVERITIES:
        heading = "Notes" if severity == "note" else severity.capitalize()
        before, _, after = re.split(rf"(?<=\n## {heading}\n\n)((?:\|.*\n)+)", page)
        page = f"{before}{rule_table(severity)}{after}"
    return page


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
