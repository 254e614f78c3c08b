"""The commands of `seasweep plot`: one for each registered kind of plot."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.groups import CommandGroup
from sim.cli.printing import print_line, print_warning
from sim.cli.progress import progress_bar
from sim.core.text import visible
from sim.options import set_option

if TYPE_CHECKING:
    from plots.kinds import PlotKind


class PlotGroup(CommandGroup):
    """The group of plot commands, one for each registered kind of plot; a kind is looked up when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the kinds."""
        from plots.kinds import plot_kinds

        return sorted(plot_kinds())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command that draws one kind; None where there is no such kind."""
        from plots.kinds import plot_kinds

        kind = plot_kinds().get(cmd_name)
        return None if kind is None else _plot_command(kind)


def _plot_command(kind: "PlotKind") -> click.Command:
    """The command of one kind of plot, with its options."""
    from sim.scenario.arguments import PICTURES, endings_text, picture_path

    words = kind.draws.split()
    default = f"{kind.name}{kind.endings[0]}"

    def draw(subjects: Sequence[str], output: Path | None, sets: Sequence[str] = (), **options: Any) -> None:
        with progress_bar(f"drawing {visible(kind.name)}") as progress:
            if output is not None:
                picture_path(output, "-o", kind.endings)
            found = [_load_subject(words[0], subject, sets) for subject in subjects]
            folder = found[0][1] if len(found) == 1 else Path()
            path = picture_path(output or folder / default, "-o", kind.endings)
            loaded = [subject for subject, _ in found]
            kind.save(*loaded, path, **options, **({"progress": progress} if kind.tells_progress else {}))
        print_line(visible(path))
        scenario = loaded[0] if kind.draws == "SCENARIO" else getattr(loaded[0], "scenario", None)
        if kind.draws != "STUDY" and scenario is not None and scenario.coastline_warning:
            print_warning(scenario.coastline_warning)

    here = kind.draws == "SCENARIO" or len(words) > 1
    place = "in the current folder" if here else f"in the folder of the {kind.draws}"
    text = f"Write the picture to this file. Default: {default} {place}."
    if kind.endings != PICTURES:
        text = f"Write to this file, which ends in {endings_text(kind.endings)}. Default: {default} {place}."
    picture = click.option("-o", "--output", type=click.Path(path_type=Path), help=text)
    more = [set_option] if kind.draws == "SCENARIO" else []
    argument = click.argument("subjects", metavar=kind.draws, nargs=len(words), callback=_as_sequence)
    for option in reversed([argument, picture, *more, *kind.options]):
        draw = option(draw)
    return click.command(kind.name, help=kind.help)(draw)


def _as_sequence(_: click.Context, __: click.Parameter, value: str | Sequence[str]) -> Sequence[str]:
    """The folders or the scenario that a command is given, as a sequence even if there is one only."""
    return [value] if isinstance(value, str) else value


def _load_subject(draws: str, given: str, sets: Sequence[str]) -> tuple[Any, Path]:
    """The results or the scenario to draw, and the folder of its picture unless another is asked for."""
    if draws == "RUN":
        from sim.study.store import Results

        return Results.load(given, print_warning), Path(given)
    if draws == "STUDY":
        from sim.study.study_results import StudyResults

        return StudyResults.load(given, print_warning), Path(given)
    from sim.scenario.files import find_scenario

    find_scenario(given)

    from sim.scenario.load import load_scenario

    return load_scenario(given, sets), Path()
