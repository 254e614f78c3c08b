"""The command that writes the report of a run, of two runs or of a study."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from sim.cli.printing import print_line, print_warning
from sim.cli.progress import progress_bar
from sim.core.text import visible
from sim.options import jobs_option

_DEFAULT = "report.html"


@click.command()
@click.argument("subjects", nargs=-1, required=True, metavar="RUN|STUDY [RUN]")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help=f"Write the report to this file. Default: {_DEFAULT} in the folder of the run or the study, or in the current "
    "folder for two runs.",
)
@jobs_option
def report(subjects: Sequence[str], output: Path | None, jobs: int) -> None:
    """Write the answer as one page that can be handed on.

    Give the folder of a run, the folders of two runs, or that of a study. Of two runs, the second is compared with the
    first. The page has the question, the scenario in words, the measures with their intervals, pictures, the findings
    of check, where each figure comes from, and how to compute all of this again. The page of one run has a replay too.
    The page is one file that any browser shows without a network. For example: seasweep report runs/neon-spring -o
    report.html
    """
    from sim.scenario.arguments import PAGES, picture_path
    from sim.scenario.problems import refused

    if output is not None:
        picture_path(output, "-o", PAGES)
    if len(subjects) > 2:
        raise refused(" ".join(subjects), "the folder of a run or a study, or of two runs", key="report")
    if len(subjects) == 1:
        refuse_other_folder(subjects[0])
    with progress_bar("writing the report") as progress:
        results = [_loaded(subject, is_alone=len(subjects) == 1) for subject in subjects]
        folder = Path(subjects[0]) if len(subjects) == 1 else Path()
        path = picture_path(output or folder / _DEFAULT, "-o", PAGES)

        from plots.report_page import save_report

        save_report(results, path, jobs=jobs, progress=progress)
    print_line(visible(path))


def refuse_other_folder(given: str) -> None:
    """Raise InputError, before anything heavy is loaded, for what is no folder of a run or of a study."""
    from sim.scenario.problems import refused
    from sim.study.folders import RUN, STUDY, finish_interrupted, nearest_folder

    folder = Path(given)
    finish_interrupted(folder)
    if not any((folder / record).is_file() for record in (RUN, STUDY)):
        allowed = "a folder that `seasweep run` or `seasweep sweep` wrote"
        raise refused(given, allowed, key="RUN|STUDY", hint="" if folder.is_dir() else nearest_folder(folder))


def _loaded(given: str, is_alone: bool) -> Any:
    """The results in a folder: those of a run, or of a study where one alone is reported and the folder has no run."""
    from sim.study.folders import RUN
    from sim.study.store import Results
    from sim.study.study_results import StudyResults

    if is_alone and not (Path(given) / RUN).is_file():
        return StudyResults.load(given, print_warning)
    return Results.load(given, print_warning)
