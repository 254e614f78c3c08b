"""The command that writes a run as map layers: export."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.cli.printing import print_line, print_message, print_warning
from sim.cli.progress import progress_bar
from sim.core.text import counted, visible
from sim.options import jobs_option
from sim.study.export.formats import formats
from sim.study.export.kinds import LAYERS

if TYPE_CHECKING:
    from sim.study.export.write import Exported

_FORMATS = "; ".join(f"{ending} ({form.title})" for ending, form in formats().items())
_ASKED = [name for name, kind in LAYERS.items() if kind.is_asked_for]
_ASKED_FOR = f"{', '.join(_ASKED[:-1])} and {_ASKED[-1]}"
_REALISED = ", ".join(name for name, kind in LAYERS.items() if kind.is_realised)
_PLAYED = ", ".join(ending for ending, form in formats().items() if form.plays)


@click.command()
@click.argument("run", metavar="RUN")
@click.option(
    "--to",
    required=True,
    metavar="FILE",
    type=click.Path(path_type=Path),
    help=f"Write to this file, whose ending decides the format: {_FORMATS}.",
)
@click.option(
    "--layer",
    "layers",
    multiple=True,
    metavar="NAME",
    help=f"Write only this layer: {', '.join(LAYERS)}. You can repeat this option. Default: all but {_ASKED_FOR}, "
    "which cost computing time.",
)
@click.option(
    "--replication",
    type=click.IntRange(0),
    help="Write the tracks, contacts, transfers and tips of this replication. Default: all replications whose tracks "
    f"are recorded, but only the first of them in {_PLAYED}, which are played in time, and "
    f"with {_REALISED}.",
)
@click.option(
    "--cells",
    type=click.IntRange(100, 200_000),
    default=4000,
    show_default=True,
    help="Largest number of cells of the layer coverage.",
)
@jobs_option
def export(run: str, to: Path, layers: tuple[str, ...], replication: int | None, cells: int, jobs: int) -> None:
    """Write a run as map layers, for QGIS, Google Earth and other tools.

    RUN is the folder of a run. Its areas, zones, bases, routes, tracks, contacts, transfers and tips become layers in
    longitude and latitude, with times in UTC. A .csv, .fgb or .parquet file has one layer: each layer gets a file that
    is named after it, unless you ask for one --layer alone. An existing file is replaced. For example: seasweep
    export runs/neon-spring --to spring.gpkg
    """
    from sim.study.export.targets import layer_names, target_of

    target_of(to)
    layer_names(layers)

    from sim.study.export.write import export as write
    from sim.study.store import Results

    with progress_bar("exporting") as progress:
        results = Results.load(run, print_warning)
        done = write(results, to, layer=layers, replication=replication, cells=cells, jobs=jobs, progress=progress)
    for file in done.files:
        print_line(visible(file))
    print_message(_summary(done))


def _summary(done: "Exported") -> str:
    """What was written, in a sentence."""
    rows = ", ".join(f"{name} ({count:,})" for name, count in done.rows.items())
    numbers = done.replications
    if not numbers:
        return f"The rows of each layer: {rows}."
    of = f"replication {numbers[0]}" if len(numbers) == 1 else counted(len(numbers), "replication")
    return f"The rows of each layer, of {of}: {rows}."
