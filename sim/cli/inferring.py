"""The command `infer`: how many transfers took place, given how many were documented."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.exploiting import interruption_explained
from sim.cli.failures import Outcome, exit_if_failed, set_arguments
from sim.cli.pages import print_page
from sim.cli.printing import print_message, print_warning
from sim.cli.progress import progress_bar
from sim.cli.reporting import refuse_other_folder
from sim.core.limits import MOST_POINTS, MOST_REPLICATIONS
from sim.core.text import visible
from sim.options import FiniteRange, allow_long_option, format_option, jobs_option, level_option, with_options

if TYPE_CHECKING:
    from sim.scenario.tables import Page
    from sim.study.infer.inference import Inference
    from sim.study.infer.posterior import Prior

_OPTIONS: Sequence[Callable[[Any], Any]] = (
    click.option(
        "--documented",
        type=click.IntRange(0, 1_000_000),
        metavar="K",
        help="How many transfers were documented in the reported period: a whole number from 0 on.",
    ),
    click.option(
        "--by",
        multiple=True,
        metavar="KEY=PART:K,...",
        help="How many of the documented transfers belong to each area, hour, source or week, such as "
        "area=north:2,south:1 or hour=18-24:2. Parts that are not named have none. --documented may then be left out.",
    ),
    click.option(
        "--also",
        metavar="OBSERVER=N[,both=M]",
        help="How many transfers an observer of the scenario reported in the same period, and how many of them were "
        "documented, too, if somebody has matched the lists. The option is for one run, without --by and --unknown.",
    ),
    click.option(
        "--prior",
        metavar="SHAPE:RATE",
        default="0.5:0",
        show_default=True,
        help="The gamma distribution that is believed of the expected number of transfers beforehand. The default is "
        "the prior of Jeffreys.",
    ),
    click.option(
        "--sorties",
        type=FiniteRange(0.0, 1e6, min_open=True),
        metavar="S",
        help="From how many sorties the reports come: the answer then has the days that these take, and rates. "
        "Default: the sorties of one deployment of the scenario.",
    ),
    click.option(
        "--unknown",
        "unknown",
        multiple=True,
        metavar="KEY=LOW:HIGH",
        help="A scenario key whose figure is not known, and its range, or its values as KEY=A|B|C. The scenario is "
        "simulated at many points of the ranges. You can repeat this option.",
    ),
    click.option(
        "--points",
        type=click.IntRange(2, MOST_POINTS),
        default=64,
        show_default=True,
        help="With --unknown, the number of points.",
    ),
    click.option(
        "--replications",
        type=click.IntRange(2, MOST_REPLICATIONS),
        default=40,
        show_default=True,
        help="With --unknown, the replications of each point.",
    ),
    click.option(
        "--naive",
        metavar="FACTOR=LEVEL",
        help="Of a study: what one estimates at each point who believes that a factor has this level, such as "
        "ships=blind where ships answer to patrols.",
    ),
    click.option(
        "--lawful",
        metavar="seen=S,present=P",
        help="Calibrate the chance on lawful ships: of P pairs of a ship and a sortie in the searched sea, the patrols "
        "saw S. Add background=NAME for ships like those of one source. The run needs --by background.",
    ),
    jobs_option,
    allow_long_option,
    level_option,
    click.option(
        "-o", "--output", type=click.Path(path_type=Path), help="Draw what is believed, and write this picture."
    ),
    format_option,
    click.option("--json", "as_json", is_flag=True, help="Print the tables as JSON, as --format json does."),
)


@click.command()
@click.argument("given", metavar="RUN|STUDY")
@with_options(_OPTIONS)
def infer(given: str, output: Path | None, form: str, as_json: bool, **options: Any) -> None:
    """Tell how many transfers took place, given how many were documented.

    Give the folder of a run. Its scenario is taken to be true: it gives the chance that a transfer is documented. The
    number that took place has an interval: it is as wide as so few reports, the luck of one deployment and the error of
    the simulation make it, and figures of the scenario that are not known (--unknown). Of a study, each point may be
    the true one. For example: seasweep infer runs/neon-spring --documented 3
    """
    from sim.scenario.arguments import picture_path

    refuse_other_folder(given)
    if output is not None:
        picture_path(output, "-o")
    _refuse_beside_also(options, output)
    from sim.study.infer.inference import prior_of

    prior = prior_of(options["prior"])
    from sim.study.folders import RUN
    from sim.study.infer.pages import infer_page

    is_run = (Path(given) / RUN).is_file()
    if options["naive"] is not None:
        _print_naive(Path(given), options, is_run, "json" if as_json else form)
        return
    answer = (_of_run if is_run else _of_study)(Path(given), prior, options)
    if output is not None:
        from plots.inferred import save_inferred

        save_inferred(answer, output)
    page = infer_page(answer) if options["also"] is None else _lists_page(Path(given), answer, options["also"])
    print_page(page, "json" if as_json else form)
    if output is not None:
        print_message(f"The picture is {visible(output)}.")
    _exit_if_failed(answer, given)


def _of_study(folder: Path, prior: "Prior", options: dict[str, Any]) -> "Inference":
    """The answer by a study."""
    from sim.scenario.problems import refused
    from sim.study.infer.inference import asked_of, inference_of_study
    from sim.study.study_results import StudyResults

    for name in ("by", "also", "unknown", "sorties", "lawful"):
        if options[name]:
            raise refused(folder.name, f"the folder of a run where --{name} is given, not of a study", key="RUN|STUDY")
    asked = asked_of(None, options["documented"], (), prior, None, options["level"])
    return inference_of_study(StudyResults.load(folder, print_warning), asked)


def _of_run(folder: Path, prior: "Prior", options: dict[str, Any]) -> "Inference":
    """The answer by a run, and by points of unknown figures if there are any."""
    from sim.scenario.problems import refused
    from sim.study.infer.inference import (
        asked_of,
        beside_no_answers,
        inference_of,
        inference_of_lawful,
        inference_of_unknowns,
    )
    from sim.study.infer.lawful import lawful_ships_of
    from sim.study.infer.unknowns import unknowns_of
    from sim.study.store import Results

    results = Results.load(folder, print_warning)
    asked = asked_of(
        results.scenario, options["documented"], options["by"], prior, options["sorties"], options["level"]
    )
    for other in ("by", "unknown"):
        if options["lawful"] is not None and options[other]:
            raise refused(options["lawful"], f"--lawful or --{other}, not both", key="--lawful")
    if asked.by and options["unknown"]:
        raise refused(", ".join(options["by"]), "--by or --unknown, not both", key="--by")
    unknowns = unknowns_of(options["unknown"], results.scenario)
    if options["lawful"] is None:
        answer = inference_of(results, asked)
    else:
        answer = inference_of_lawful(results, asked, lawful_ships_of(options["lawful"]))
    name, general = visible(results.name), {"jobs": options["jobs"], "allow_long": options["allow_long"]}
    if unknowns:
        with interruption_explained(), progress_bar(f"running {name}") as progress:
            answer = inference_of_unknowns(
                results, asked, unknowns, options["points"], options["replications"], progress=progress,
                warn=print_warning, **general,
            )  # fmt: skip
    if answer.answers:
        with interruption_explained(), progress_bar(f"running {name} without answers") as progress:
            answer = beside_no_answers(answer, results, progress=progress, warn=print_warning, **general)
    return answer


def _print_naive(folder: Path, options: dict[str, Any], is_run: bool, form: str) -> None:
    """Print what one estimates at the points of a study who believes that a factor has some level."""
    from sim.scenario.problems import refused

    if is_run:
        raise refused(str(folder), "the folder of a study with --naive, not of a run", key="RUN|STUDY")
    if options["documented"] is not None:
        allowed = "either --documented or --naive, which takes what the simulation documents"
        raise refused(options["documented"], allowed, key="--documented")
    from sim.study.infer.naive import naive
    from sim.study.infer.naive_tables import naive_page
    from sim.study.study_results import StudyResults

    print_page(naive_page(naive(StudyResults.load(folder, print_warning), options["naive"], options["level"])), form)


def _exit_if_failed(answer: "Inference", given: str) -> None:
    """Exit with code 1 where replications of points have failed."""
    from sim.scenario.files import SCENARIO_OF_RUN

    if answer.points is None or not answer.failures:
        return
    outcomes = []
    for number in range(len(answer.points.posteriors)):
        ours = [failure for failure in answer.failures if failure["point"] == number]
        sets = set_arguments({factor.name: factor.values[number] for factor in answer.points.factors}) if ours else []
        arguments = [str(Path(given) / SCENARIO_OF_RUN), *sets, "--seed", str(answer.seed)]
        folder = Path(f"{given}-point-{number}")
        outcomes.append(Outcome(answer.replications, ours, arguments, folder, f" of point {number}"))
    exit_if_failed(outcomes, None)


def _refuse_beside_also(options: dict[str, Any], output: Path | None) -> None:
    """Refuse, before anything is simulated, options that have no meaning for two lists."""
    from sim.scenario.problems import refused

    if options["also"] is None:
        return
    for name, is_given in {**options, "output": output}.items():
        if name in ("by", "unknown", "naive", "output") and is_given:
            allowed = f"--also without --{name}: two lists are compared as a whole, in one scenario, in a table"
            raise refused(options["also"], allowed, key="--also")


def _lists_page(folder: Path, answer: "Inference", also: str) -> "Page":
    """The page of what was documented and what an observer reported."""
    from sim.study.infer.lists import also_of, two_lists_of
    from sim.study.infer.lists_pages import lists_page
    from sim.study.store import Results

    results = Results.load(folder)
    return lists_page(two_lists_of(results, answer, also_of(also, results.scenario, answer.asked.documented)))
