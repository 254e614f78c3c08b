"""How the numbers of a report were computed, and how to compute them again."""

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

import tomli_w

from plots.report.pieces import Section, opened, paragraphs, table_of
from sim.core.text import visible
from sim.scenario.digest import flat_toml
from sim.scenario.tables import titled_table
from sim.study.markup import Markup, element, joined, text_of_lines
from sim.study.precision import asked_options
from sim.study.store import Results
from sim.study.study_results import StudyResults

_NAME, _TITLE = "origin", "How it was computed"
_MOST_FAILURES = 20


def of_runs(runs: Sequence[Results]) -> Section:
    """The record, the command and the scenario of each run."""
    parts = [_of_run(run, number) for number, run in enumerate(runs, 1)]
    if len(runs) > 1:
        parts = [joined([element("h3", run.name), part]) for run, part in zip(runs, parts, strict=True)]
    return Section(_NAME, _TITLE, joined(parts))


def _of_run(results: Results, number: int) -> Markup:
    """The record of a run, and its scenario as a text to copy."""
    info, asked = results.info, results.info.get("asked", {})
    options = asked_options(asked)
    if "replications" in asked:
        options += ["--replications", str(asked["replications"])]
    again = shlex.join(["seasweep", "run", "scenario.toml", *options, "--seed", str(info["seed"])])
    facts = [("replications", str(len(results.columns["transfers"]))), ("seed", str(info["seed"]))]
    facts += [("digest of the scenario", str(info.get("digest", "-"))), ("command", str(info.get("command") or "-"))]
    how = f"To compute these numbers again, save the scenario below as scenario.toml and give: {again}"
    return joined(
        [
            _record(facts, info),
            paragraphs([how]),
            _to_copy("The scenario as a file", f"scenario-{number}", flat_toml(results.scenario)),
        ]
    )


def of_study(results: StudyResults) -> Section:
    """The record of a study, and its file as a text to copy."""
    study = results.study
    facts = [("points", str(len(results.levels))), ("replications of each", str(study.replications))]
    facts += [("seed", str(study.seed)), ("digest of the study", str(results.info.get("digest", "-")))]
    text = tomli_w.dumps(study.model_dump(mode="json", exclude_none=True))
    how = "To compute these numbers again, save the study below as study.toml and give: seasweep sweep study.toml"
    body = [_record(facts, results.info, results.failures), paragraphs([how])]
    return Section(_NAME, _TITLE, joined([*body, _to_copy("The study as a file", "study-1", text)]))


def _record(facts: Sequence[tuple[str, str]], info: Mapping[str, Any], failures: Sequence[Any] = ()) -> Markup:
    """What made the numbers, as a table; and the replications that failed."""
    table = titled_table("What made these numbers", "what", "value")
    versions = ", ".join(f"{name} {version}" for name, version in info.get("versions", {}).items())
    more = [("versions", versions or "-"), ("digest of the code", str(info.get("code", "-")))]
    failures = failures or info.get("failures", [])
    more += [("machine", str(info.get("machine", "-"))), ("replications that failed", str(len(failures)))]
    for row in [*facts, *more]:
        table.add_row(*row)
    lines = [
        f"Replication {one['replication']}{_point_words(one)} failed: {visible(one['error'].strip().splitlines()[-1])}"
        for one in failures[:_MOST_FAILURES]
    ]
    return joined([table_of(table), paragraphs(lines)])


def _point_words(failure: Mapping[str, Any]) -> str:
    """The point of a replication of a study that failed, in words."""
    return f" of point {failure['point']}" if "point" in failure else ""


def _to_copy(title: str, name: str, text: str) -> Markup:
    """A text that opens, with a button that copies it."""
    button = element("button", "Copy", type="button", data_copies=name)
    return opened(
        title,
        element("p", button, " ", element("span", role="status")),
        element("pre", text_of_lines(text), id=name, tabindex="0"),
    )
