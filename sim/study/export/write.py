"""The export of a run: its layers, written to files that map tools open."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sim.core.text import visible
from sim.scenario.arguments import job_count, of_type, whole_number
from sim.scenario.problems import refused
from sim.study.export.formats import Format, MapContent
from sim.study.export.kinds import LAYERS
from sim.study.export.layers import Layer, Wanted, make_layer, there_are
from sim.study.export.targets import files_of, layer_names, target_of
from sim.study.folders import drop_drafts, whole_file
from sim.study.maps.coverage import CELLS, wanted_replications
from sim.study.progress import Progress, no_progress
from sim.study.store import Results

_MOST_CELLS = 200_000


@dataclass(frozen=True)
class Exported:
    """What an export has written."""

    files: list[Path]
    """The files."""
    rows: dict[str, int]
    """The number of rows of each layer, by name."""
    replications: list[int]
    """The numbers of the replications whose rows these are."""


def export(
    results: Results,
    to: str | Path,
    *,
    layer: str | Sequence[str] | None = None,
    replication: int | None = None,
    cells: int = CELLS,
    jobs: int = 1,
    progress: Progress = no_progress,
) -> Exported:
    """Write a run as map layers to a file, whose ending decides the format; files that exist are replaced.

    `layer` is the name of a layer or a list of names, by default all that cost no computing time. `replication` is the
    number of the replication whose rows are written: by default all whose tracks were recorded, and the first of them
    in a format that is played in time and with the layers `truth`, `claims` and `ais`. A format with one layer in a
    file gets a file for each layer, named after `to` and the layer. `cells` is the largest number of cells of the layer
    `coverage`, `jobs` the number of threads that compute it, and `progress` is called with the number of parts of that
    work that are done, and of all. Each file is written whole
    or not at all. Raises InputError where an argument is wrong, where the format needs a package that is not installed,
    and where the run has no such layer or replication; OSError where the system refuses to write.
    """
    of_type("export", "results", results, Results, "the results of a run, as run and Results.load give them")
    cells, jobs = whole_number("export", "cells", cells, 100, _MOST_CELLS), job_count("export", jobs)
    path, form = target_of(to)
    names = _names(results, layer_names(layer))
    numbers = _replications(results, names, replication, form)
    files = files_of(path, form, names)
    wanted = Wanted(results, numbers, cells, jobs, progress)
    layers = {name: make_layer(name, wanted) for name in names}
    with ExitStack() as drafts:
        for file, own in files.items():
            drop_drafts(file.parent)
            form.write(drafts.enter_context(whole_file(file)), _content(results, [layers[name] for name in own]))
    return Exported(list(files), {name: len(made.shapes) for name, made in layers.items()}, numbers)


def _names(results: Results, asked: list[str] | None) -> list[str]:
    """The names of the layers to write; InputError for one that the run cannot have."""
    there = there_are(results)
    if asked is None:
        return [name for name in there if not LAYERS[name].is_asked_for]
    for name in asked:
        if name not in there:
            raise refused(name, f"a layer that the run has: {', '.join(there)}", key="--layer")
    return asked


def _replications(results: Results, names: Sequence[str], asked: int | None, form: Format) -> list[int]:
    """The numbers of the replications to write, none where no layer needs any; InputError where they are not there."""
    if not any(LAYERS[name].table or LAYERS[name].is_realised for name in names):
        return []
    wanted = wanted_replications(results, asked)
    return wanted[:1] if form.plays or any(LAYERS[name].is_realised for name in names) else wanted


def _content(results: Results, layers: Sequence[Layer]) -> MapContent:
    """What a file holds."""
    scenario = results.scenario
    return MapContent(
        visible(scenario.title), scenario.start, scenario.start + timedelta(hours=scenario.duration_h), layers
    )
