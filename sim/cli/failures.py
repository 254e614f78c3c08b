"""What a command says where replications have failed: how many, which, why, and how to run one again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.cli.exits import FAILED
from sim.cli.printing import command_text, print_message
from sim.core.text import counted, plural, visible

if TYPE_CHECKING:
    from sim.study.design import Design
    from sim.study.store import Results

_MOST_NAMED = 10  # replications that are named


@dataclass(frozen=True)
class Outcome:
    """What became of the replications of one scenario."""

    asked: int
    """How many were asked for."""
    failures: Sequence[Mapping[str, Any]]
    """Those that failed, each with its number and its error."""
    arguments: Sequence[str]
    """The arguments of `seasweep run` for the same scenario and seed."""
    folder: Path
    """The folder for a repeated replication, before a hyphen and the number of the replication are added."""
    scenario_words: str = ""
    """Words that tell its replications from those of other scenarios, such as ` of point 2`."""

    @property
    def numbers(self) -> list[int]:
        """The numbers of the replications that failed."""
        return [failure["replication"] for failure in self.failures]


def run_outcome(results: "Results", given: str, sets: Sequence[str], folder: Path, label: str = "") -> Outcome:
    """What became of the replications of a run: `given` is the scenario, `sets` the values of `--set`."""
    done = len(results.columns["transfers"])
    arguments = [given, *(word for text in sets for word in ("--set", text)), "--seed", str(results.info["seed"])]
    return Outcome(done + len(results.failures), results.failures, arguments, folder, label and f" of {label}")


def sweep_outcomes(design: "Design", failures: Sequence[Mapping[str, Any]], folder: Path) -> list[Outcome]:
    """What became of the replications of each point of a sweep."""
    study, outcomes = design.study, []
    for point in design.points:
        ours = [failure for failure in failures if failure["point"] == point.number]
        arguments = [design.scenario, *set_arguments(point.set), "--seed", str(study.seed)] if ours else []
        alone = folder.with_name(f"{folder.name}-point-{point.number}")
        outcomes.append(Outcome(study.replications, ours, arguments, alone, f" of point {point.number}"))
    return outcomes


def set_arguments(sets: Mapping[str, Any]) -> list[str]:
    """The arguments of `seasweep run` that set keys of a scenario to values."""
    import tomli_w

    arguments = []
    for key, value in sets.items():
        # In an array TOML has tables on one line, as an argument needs them. Line breaks within texts are escaped.
        text = tomli_w.dumps({"v": [value]}).removeprefix("v = [").strip().removesuffix("]").strip().removesuffix(",")
        arguments += ["--set", f"{key}={' '.join(line.strip() for line in text.splitlines())}"]
    return arguments


def exit_if_failed(outcomes: Sequence[Outcome], record: Path | None) -> None:
    """Exit with code 1 where replications have failed, and say which; `record` is the file of their errors."""
    failing = [outcome for outcome in outcomes if outcome.failures]
    if not failing:
        return
    asked, failed = (sum(counts) for counts in zip(*((o.asked, len(o.failures)) for o in outcomes), strict=True))
    first = failing[0]
    number, error = first.numbers[0], str(first.failures[0]["error"]).strip()
    last_line = visible(error.splitlines()[-1]).rstrip(".")
    lines = [
        f"error: {counted(asked, 'replication')} asked for, {asked - failed} done, {failed} failed: {_named(failing)}",
        f"The first error: {last_line}." + ("" if record is None else f" The whole error is in {visible(record)}."),
    ]
    if _is_a_fault_of_seasweep(error):
        lines.append("This is a fault of seasweep: please report it.")
    call = command_text(
        "seasweep", "run", *first.arguments, "--only", str(number), "--out", f"{first.folder}-replication-{number}"
    )
    lines.append(
        f"To simulate replication {number}{visible(first.scenario_words)} again and record all its events: {call}"
    )
    print_message("\n".join(lines))
    raise SystemExit(FAILED)


def _named(failing: Sequence[Outcome]) -> str:
    """The first replications that failed, by their numbers, and how many more there are."""
    texts, left = [], _MOST_NAMED
    for outcome in failing:
        numbers = outcome.numbers[:left]
        if numbers:
            noun = plural(len(numbers), "replication")
            texts.append(f"{noun} {', '.join(map(str, numbers))}{visible(outcome.scenario_words)}")
        left -= len(numbers)
    more = sum(len(outcome.failures) for outcome in failing) - (_MOST_NAMED - left)
    return "; ".join(texts) + (f"; and {more} more" if more else "")


def _is_a_fault_of_seasweep(error: str) -> bool:
    """Whether an error was raised by the program; a worker that was killed raised none."""
    return error.startswith("Traceback")
