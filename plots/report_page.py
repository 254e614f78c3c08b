"""The report: the answer of a run, of two runs or of a study as one page in HTML that can be handed on."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from plots import replay_page
from plots.pages.assembly import assemble, asset
from plots.report import advice, assumptions, numbers, origin, pictures, question, replay, scenario
from plots.report.pieces import Section
from plots.report.sources import source_of_study
from sim.scenario.arguments import PAGES, picture_path
from sim.scenario.problems import refused
from sim.study.comparison import compare
from sim.study.estimates import LEVEL
from sim.study.folders import drop_drafts, write_whole
from sim.study.markup import Markup, element, joined
from sim.study.progress import Progress, no_progress
from sim.study.store import Results
from sim.study.study_results import StudyResults

_ALLOWED = "the results of a run, of two runs or of a study, as run, sweep and their load functions give them"


def report_html(results: Any, *, jobs: int = 1, progress: Progress = no_progress) -> str:
    """The report of the results of a run, of two runs or of a study; equal results give equal texts.

    Raises InputError for what is neither, and for two runs that do not have the same replications of the same seed.
    """
    given = list(results) if isinstance(results, list | tuple) else [results]
    if len(given) == 1 and isinstance(given[0], StudyResults):
        title = given[0].study.title or given[0].name
        return _page(title, "Report of a study", of_study(given[0]))
    if len(given) not in (1, 2) or not all(isinstance(one, Results) for one in given):
        raise refused(", ".join(type(one).__name__ for one in given), _ALLOWED, file="plots", key="results")
    if len(given) == 2:
        first, second = _named_apart(*given)
        title = f"{second.name} compared with {first.name}"
        return _page(title, "Report of two runs", of_comparison(first, second))
    return _page(given[0].scenario.title, "Report of a run", of_run(given[0], jobs, progress))


def of_run(results: Results, jobs: int = 1, progress: Progress = no_progress) -> list[Section]:
    """The sections of the report of a run."""
    return [
        question.of_run(results),
        scenario.of_run(results),
        numbers.of_run(results),
        pictures.of_run(results, jobs, progress),
        replay.of_run(results),
        advice.of_runs([results]),
        assumptions.of_runs([results]),
        origin.of_runs([results]),
    ]


def of_comparison(first: Results, second: Results) -> list[Section]:
    """The sections of the report of two runs."""
    comparison = compare([first, second], first.info.get("level", LEVEL))
    gaps = comparison.differences[0]
    return [
        question.of_comparison(first, second, gaps),
        scenario.of_comparison(first, second),
        numbers.of_comparison(first, comparison),
        pictures.of_comparison(first, second, gaps),
        advice.of_runs([first, second]),
        assumptions.of_runs([first, second]),
        origin.of_runs([first, second]),
    ]


def of_study(results: StudyResults) -> list[Section]:
    """The sections of the report of a study."""
    source = source_of_study(results)
    return [
        question.of_study(results),
        scenario.of_study(results, source),
        numbers.of_study(results),
        pictures.of_study(results),
        advice.of_study(source),
        assumptions.of_study(source),
        origin.of_study(results),
    ]


def _named_apart(first: Results, second: Results) -> tuple[Results, Results]:
    """Two runs with names that tell them apart."""
    if first.name != second.name:
        return first, second
    named = [
        replace(run, info={**run.info, "scenario": f"{run.name} ({place})"})
        for place, run in (("first run", first), ("second run", second))
    ]
    return named[0], named[1]


def _page(title: str, kind: str, sections: Sequence[Section]) -> str:
    """A whole page of some sections."""
    links = [element("li", element("a", one.title, href=f"#{one.name}")) for one in sections]
    body = [
        element("a", "Skip to the question", href=f"#{sections[0].name}", class_="skip"),
        element("header", element("p", kind, class_="muted"), element("h1", title)),
        element("nav", element("ul", *links), aria_label="Sections"),
        element("main", *map(_section, sections)),
        element("footer", element("p", "This page needs nothing from elsewhere. seasweep wrote it.", class_="muted")),
    ]
    framed = any(one.name == "replay" for one in sections)
    scripts, styles = ([asset(name) for name in names] for names in (replay_page.SCRIPTS, replay_page.STYLES))
    return assemble(
        title,
        joined(body),
        styles=[asset("page.css"), asset("report/report.css")],
        scripts=[asset("report/report.js")],
        data={},
        framed=(scripts, styles[1:]) if framed else ((), ()),
    )


def _section(section: Section) -> Markup:
    """A section with its heading."""
    heading = element("h2", section.title, id=f"{section.name}-title")
    return element("section", heading, section.body, id=section.name, aria_labelledby=f"{section.name}-title")


def save_report(results: Any, path: str | Path, *, jobs: int = 1, progress: Progress = no_progress) -> None:
    """Write the report of a run, of two runs or of a study to a file; see `report_html`. An error leaves no file."""
    path = picture_path(path, endings=PAGES)
    text = report_html(results, jobs=jobs, progress=progress)
    drop_drafts(path.parent)
    write_whole(path, text.encode())
