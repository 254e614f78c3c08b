"""Write docs/reproduced.md, published results beside what seasweep computes: `make docs`, or this file alone.

The page is committed. A test compares the parts of it that need no simulation with what this file makes, a soak test
the whole page.
"""

import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path

from sim.cli.formats import formatted
from sim.scenario.tables import Page
from sim.study.published.base import LIMIT, Effort, Publication, ReproducedRow
from sim.study.published.registry import failed, publication_table, reproduce

PAGE = Path(__file__).resolve().parents[1] / "docs/reproduced.md"
EFFORT = Effort(40, 1)
"""That of `seasweep verify --published` without options."""
_WIDTH = 124
_HEAD = f"""# Published results

<!-- This page is made from the code by `make docs`. Do not edit it. -->

Figures that others published, each beside what seasweep computes. One command prints the same rows:

```sh
seasweep verify --published                          # some seconds; the exit code is 1 if a row fails
seasweep verify --publication kroodsma_2022          # one of them
seasweep verify --published --json                   # for programs, with all digits
```

{{intro}}

| column | what it has |
| --- | --- |
| expected | the published figure, or what a published formula gives for the row; two figures are an interval |
| computed | what seasweep computes, with the standard error if anything is drawn at random |
| z | the difference in standard errors |
| passes | by which rule: z up to {LIMIT:g}, a largest difference, or the side of an interval that the text names |
"""
_INTRO = """This is verification: it shows that the program computes what a publication says follows from its
assumptions. Three publications rest on what was measured at sea: [ships that sent no
AIS](#ships-that-a-satellite-saw-and-that-sent-no-ais), [two observers of one fleet](#two-observers-of-one-fleet)
and [the detection of real searches](#where-the-detection-of-real-searches-lies). What is reproduced of the first
two is the inference from the measurements; the third has a bound. Where a publication could not be read as a
whole, its section says so. More `--replications` give smaller standard errors; every seed gives other rows with
the same rules."""


def wrapped(text: str) -> str:
    """A paragraph in lines as long as those of the other pages."""
    return textwrap.fill(" ".join(text.split()), _WIDTH, break_long_words=False, break_on_hyphens=False)


def anchor(publication: Publication) -> str:
    """The anchor of a section, as GitHub and the site make it of the heading."""
    return publication.title.lower().replace(" ", "-")


def section(publication: Publication, rows: Sequence[ReproducedRow]) -> str:
    """The part of the page about one publication."""
    table = publication_table(publication, rows)
    table.title = ""
    parts = [
        f"## {publication.title}",
        wrapped(f"**Publication.** {publication.citation}"),
        wrapped(f"**Published.** {publication.published}"),
        wrapped(f"**Computed.** {publication.method}"),
        f"`seasweep verify --publication {publication.name}`:",
        formatted(Page([table]), "markdown").replace("\\-", "-"),
        wrapped(f"**Not available.** {publication.not_available}"),
    ]
    return "\n\n".join(parts) + "\n"


def summary(results: Mapping[Publication, Sequence[ReproducedRow]]) -> str:
    """How many rows of each publication pass, as a table."""
    heads = ["publication", "what", "rows", "pass", "outside, as said", "shown, not judged"]
    lines = [f"| {' | '.join(heads)} |", "| --- | --- | ---: | ---: | ---: | ---: |"]
    for publication, rows in results.items():
        judged = [row for row in rows if row.passed is not None]
        outside = sum(bool(row.passed) and row.expected_side != "inside" for row in judged)
        inside = sum(bool(row.passed) for row in judged) - outside
        counts = f"{len(rows)} | {inside} | {outside} | {len(rows) - len(judged)}"
        lines.append(f"| `{publication.name}` | [{publication.title}](#{anchor(publication)}) | {counts} |")
    return "\n".join(lines) + "\n"


def page() -> str:
    """The whole page."""
    results = reproduce((), EFFORT)
    if failed(results):
        raise SystemExit(f"these rows fail: {'; '.join(failed(results))}")
    sections = [section(publication, rows) for publication, rows in results.items()]
    return "\n".join([_HEAD.format(intro=wrapped(_INTRO)), summary(results), *sections])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
