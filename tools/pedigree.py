"""Where each figure of the included files comes from, as their comments say: `python -m tools.pedigree` counts them.

`sim.check.pedigree` reads the comments.
"""

from collections import Counter
from pathlib import Path

from sim.check.pedigree import PEDIGREES, Figure, figures_of

SCENARIOS = Path(__file__).resolve().parents[1] / "scenarios"


def files() -> list[Path]:
    """The included files with figures: the scenarios by name, then the types of aircraft."""
    return [*sorted(SCENARIOS.glob("*.toml")), *sorted((SCENARIOS / "library").glob("*.toml"))]


def all_figures() -> list[Figure]:
    """The figures of all included files."""
    return [figure for path in files() for figure in figures_of(path.stem, path.read_text(encoding="utf-8"))]


def counts() -> list[tuple[str, ...]]:
    """A row for each file, and one for all: its name, and how many of its figures are of each pedigree."""
    figures = all_figures()
    rows = []
    for name in [*dict.fromkeys(figure.file for figure in figures), "all"]:
        found = Counter(figure.pedigree for figure in figures if name in (figure.file, "all"))
        rows.append((name, *(str(found[word]) for word in reversed(PEDIGREES.values())), str(found.total())))
    return rows


if __name__ == "__main__":
    for row in counts():
        print("  ".join([f"{row[0]:16}", *(f"{cell:>9}" for cell in row[1:])]))
