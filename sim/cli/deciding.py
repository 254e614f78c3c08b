"""The command `decide`: which plan to choose while figures are unknown, and which of them is worth knowing."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from sim.cli.pages import print_page
from sim.cli.printing import print_message, print_warning
from sim.core.text import visible
from sim.options import format_option, level_option_as_in


@click.command()
@click.argument("folder", metavar="STUDY")
@click.option(
    "--plan",
    "plans",
    multiple=True,
    metavar="FACTOR",
    help="A factor that the commander chooses; all others are unknowns. You can repeat this option. Default: the "
    'factors to which the file of the study gives role = "plan".',
)
@click.option("--measure", metavar="NAME", help="Judge plans by this measure. Default: the first measure of the study.")
@click.option(
    "--weights",
    multiple=True,
    metavar="FACTOR=W1,W2,...",
    help="How probable the levels of an unknown are, a number for each level. You can repeat this option. Default: the "
    "weights in the file of the study, else all levels equally.",
)
@click.option("--least", is_flag=True, help="Less of the measure is better, as of stale_tip_hours.")
@level_option_as_in("sweep")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Draw the decision, and write this picture.")
@format_option
def decide(folder: str, plans: Sequence[str], output: Path | None, form: str, **options: Any) -> None:
    """Choose a plan while figures are unknown.

    Give the folder of a sweep in which some factors are plans and the others are unknowns. For each plan the table has
    its mean over the unknowns, its worst case and its greatest regret. Below is what it would be worth to know all
    unknowns, or one of them, and which plan would then be chosen. Nothing is simulated. For example: seasweep decide
    runs/neon-choice --weights "night share=1,2,3,2"
    """
    from sim.scenario.arguments import picture_path
    from sim.study.folders import STUDY, finish_interrupted, nearest_results

    if output is not None:
        picture_path(output, "-o")
    finish_interrupted(Path(folder))
    if not (Path(folder) / STUDY).is_file():
        from sim.scenario.problems import refused

        hint = nearest_results(Path(folder), STUDY)
        raise refused(folder, "a folder that `seasweep sweep` wrote", key="STUDY", hint=hint)

    from sim.study.decide.answer import decide as decide_study
    from sim.study.decide.tables import decision_page
    from sim.study.study_results import StudyResults

    decision = decide_study(StudyResults.load(folder, print_warning), plans=plans, **options)
    if output is not None:
        from plots.decision import save_decision

        save_decision(decision, output)
    print_page(decision_page(decision), form)
    if output is not None:
        print_message(f"The picture is {visible(output)}.")
