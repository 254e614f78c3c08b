"""The kinds of plots, a file for each in this folder; `seasweep plot` has a command for each.

A file holds one `PlotKind` named KIND and loads Matplotlib only when it draws, so that help stays fast. Programs add
kinds of their own with `register`.

* `belief`: where pairs may lie alongside that no flight has found.
* `convergence`: a measure of a run as more replications are counted.
* `coverage`: the probability that the patrols of a run detect a transfer, place by place.
* `difference`: how two runs differ, cell by cell.
* `effort`: where a run searched, and how thoroughly.
* `eyes`: which eyes saw the transfers of a run.
* `funnel`: how far the transfers of a run came, and what stopped them.
* `gain`: how much each point of a study adds to the baseline.
* `heatmap`: a measure over two factors of a study.
* `missed`: where and why transfers of a run were not documented.
* `replay`: a page or a film that shows one replication of a run in time.
* `response`: a measure against the factors of a study.
* `revisit`: how often the places of a run are looked at.
* `route`: a planned route.
* `sortie`: one flight of a run as it was flown.
* `timeline`: one replication of a run over its days.
* `traffic`: where the background ships of a scenario are.
* `weeks`: the first week of a run beside its last.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any, Literal

from sim.scenario.arguments import PICTURES


@dataclass(frozen=True)
class PlotKind:
    """A kind of plot: the command of `seasweep plot` that draws it, and the function that it calls."""

    name: str
    """The name of its command, and of its file unless another is asked for."""
    draws: Literal["RUN", "RUN RUN", "STUDY", "SCENARIO"]
    """What it draws: the results of a run, of two runs or of a study, or a scenario."""
    help: str
    """The help of its command; its first sentence, of 60 characters at most, is the line in the list of kinds."""
    save: Callable[..., Any]
    """The function that draws and writes the picture, from what it draws, a path, and options by name."""
    options: tuple[Callable[[Any], Any], ...] = ()
    """Options of its command, made by `click.option`."""
    tells_progress: bool = False
    """Whether `save` also takes `progress`, a function to call with the number of parts done, and of all parts."""
    endings: tuple[str, ...] = PICTURES
    """The endings that the name of its file may have; the first is that of the file without another name."""


ADDED_KINDS: dict[str, PlotKind] = {}
"""The kinds that programs have added with `register`, by name."""


def register(kind: PlotKind) -> PlotKind:
    """Add a kind of plot; ValueError where one of that name exists."""
    if kind.name in plot_kinds():
        raise ValueError(f"a plot named {kind.name} exists already")
    ADDED_KINDS[kind.name] = kind
    return kind


@cache
def _found() -> dict[str, PlotKind]:
    """The kinds of the files in this folder, by name."""
    names = sorted(module.name for module in iter_modules([str(Path(__file__).parent)]))
    kinds: list[PlotKind] = [import_module(f"{__name__}.{name}").KIND for name in names]
    return {kind.name: kind for kind in kinds}


def plot_kinds() -> dict[str, PlotKind]:
    """All kinds of plots by name: those of this folder, then those that programs have added."""
    return {**_found(), **ADDED_KINDS}
