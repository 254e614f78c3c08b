"""Write the reference from the code: keys, commands, measures, columns, functions, figures. `make docs` runs it.

The pages are committed, and a test compares them with what this file makes, so they cannot go stale.
"""

import ast
import dataclasses
import importlib
import inspect
import re
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import click

import plots
import sim
from sim.check.pedigree import PEDIGREES
from sim.cli.main import cli
from sim.core import limits
from sim.core.meanings import meanings_of
from sim.scenario.json_schema import KeyRow, key_rows
from sim.scenario.schema import Scenario
from sim.study.columns import column_rows
from sim.study.design import Study
from sim.study.export.formats import formats
from sim.study.export.kinds import LAYERS, LayerKind
from sim.study.export.layers import OWN_COLUMNS
from sim.study.measures import measure_rows
from tools import draw_architecture
from tools.pedigree import all_figures, counts

ROOT = Path(__file__).resolve().parents[1]
FOLDER, THEORY = ROOT / "docs/reference", ROOT / "tests/theory"
_MADE = "<!-- This page is made from the code by `make docs`. Do not edit it. -->"

_SCENARIO = """Every key that a scenario file can have, table by table. A table is headed as in the file; `NAME` stands
for a name that you choose. A key with no default and no word "required" may be left out and then has no effect.
The parts and how they work together are explained in the [guides](../guides/scenario.md); a random quantity has [four
forms](../guides/scenario.md#random-quantities)."""

_REQUIRED = """A file that extends no other must have these tables, each with these keys; all else may be left out. An
area has its `polygon`, or a `file` instead. The `type` of an aircraft stands for its required keys other than
`sensors`. Routes of some patterns need one key of several as well, such as `spacing_nmi`, `legs` or `time_h`: their
meaning says so. A patrol needs its take-offs as well: `takeoff`, or `first_takeoff_h` with `every_h`, unless it only
stands by. `seasweep new mine.toml --sea` writes a file that has all of it, and [the first
hour](../start/first-hour.md#3-a-sea-of-your-own) has the smallest."""

_STUDY = """Every key that a study file can have. How a study is built is explained in [the
guide](../guides/studies.md)."""

_COMMANDS = """Every command with its arguments and options. `seasweep COMMAND --help` prints the same. Tables go to
standard output; progress, warnings and errors go to standard error. The exit code is 0 when the command is done, 1 when
a check or some replications failed or the system refused something, such as space on a disk, 2 for bad input, and 130
when it was interrupted by Ctrl-C (for another signal, 128 plus its number). The variable `SEASWEEP_CACHE` of the
environment names the folder of compiled code, and `SEASWEEP_DEBUG=1` prints tracebacks; [security](../security.md) says
more about both."""

_MEASURES = """Every measure with its formula. R is the number of replications, the index i counts them, and each name
in a formula is a column of [`replications.parquet`](results.md). The interval has a level of 95 % unless another is
asked for. [Statistics of measures](../methods/measures.md) explains how intervals are computed. `seasweep run` shows
some measures only where they are not 0, and some not at all; `measures.csv` has them all. The last column has the keys
by which a measure can be cut into [parts](../guides/parts.md)."""

_PEDIGREE = """Where each figure of the included scenarios and types of aircraft comes from, as the comment beside
it says. [Credibility](../credibility.md#pedigree-of-inputs) says what the words mean, and how many figures are of
each."""

_LAYERS = """The layers that `seasweep export` writes, and the formats. [Maps of QGIS and Google
Earth](../guides/maps.md) has examples. The same run gives the same bytes, with the same versions of the libraries.
Coordinates are longitude and latitude of WGS 84. A layer has the columns of its table, and beside each time in hours,
such as `begin_h`, the same time in UTC, such as `begin`. A value that does not exist is empty. The shapes are in the
column `geom` in GeoPackage, `geometry` in GeoParquet, and `wkt`, well-known text, in CSV. A text in CSV that a
spreadsheet would take for a formula has an apostrophe before it. Hidden characters in KML are written as escapes, since
XML cannot hold them."""

_PYTHON = """What a program or a notebook uses of `sim` and `plots`: functions with their signatures, and classes with
their public attributes. `import seasweep` offers the names of `sim`, and the functions of `plots` that it names itself.
[Seasweep from Python](../guides/python.md) has examples."""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; a bar inside a cell is escaped."""
    lines = [list(head), ["---"] * len(head), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def page(title: str, text: str, parts: Iterable[str]) -> str:
    """A page of the reference."""
    return "\n".join([_MADE, f"# {title}\n", f"{text}\n", *parts]).rstrip() + "\n"


def scenario_keys() -> str:
    """The page of scenario keys."""
    rows = key_rows(Scenario)
    return page("Scenario keys", _SCENARIO, [_required_part(rows), *_key_parts(rows)])


def _required_part(rows: Sequence[KeyRow]) -> str:
    """The section of what a file that extends no other must have: the tables, and in each its required keys."""
    cells = []
    for name, own in required_keys(rows).items():
        keys = [", ".join(f"`{row.key}`" for row in own if not row.kinds)]
        keys += [_keys_of_kind(own, kind) for kind in dict.fromkeys(kind for row in own for kind in row.kinds)]
        cells.append((f"`{own[0].header}`" if name else "above the first table", "; ".join(filter(None, keys))))
    return f"## What is required\n\n{_REQUIRED}\n\n{table(('table', 'keys'), cells)}"


def _keys_of_kind(rows: Sequence[KeyRow], kind: str) -> str:
    """The required keys of one kind of a table, in words."""
    more = [f"`{row.key}`" for row in rows if kind in row.kinds and row.key not in ("kind", "pattern")]
    return f"`{kind}`{' with ' if more else ''}{', '.join(more)}"


def required_keys(rows: Sequence[KeyRow]) -> dict[str, list[KeyRow]]:
    """The tables that a file which extends no other must have, and their required keys other than such tables."""
    tables, found = {row.table for row in rows}, dict[str, list[KeyRow]]()
    needed = {""}
    for row in rows:  # a table comes after the one that holds it
        below = {row.path, f"{row.path}.NAME"} & tables
        if row.table in needed and (row.is_required or row.path == "areas.NAME.polygon"):
            needed |= below
            if not below or row.kinds:
                found.setdefault(row.table, []).append(row)
    return found


def study_keys() -> str:
    """The page of study keys."""
    return page("Study keys", _STUDY, _key_parts(key_rows(Study)))


def _key_parts(rows: Sequence[KeyRow]) -> list[str]:
    """A section for each table of a file, with a row for each key."""
    parts = []
    for header in dict.fromkeys(row.header for row in rows):
        own = [row for row in rows if row.header == header]
        title = f"`{header}`" if header else "Above the first table"
        cells = [(f"`{row.key}`", _takes(row), _default(row), _meaning(row)) for row in own]
        parts.append(f"## {title}\n\n{table(('key', 'value', 'default', 'meaning'), cells)}")
    return parts


def _takes(row: KeyRow) -> str:
    """What a key takes: type, unit and bounds."""
    bounds = " or ".join(f"`{one}`" for one in row.bounds.split(" or ")) if row.bounds.startswith('"') else row.bounds
    return ", ".join(text for text in (row.type, row.unit, bounds) if text)


def _default(row: KeyRow) -> str:
    return "required" if row.is_required else f"`{row.default}`" if row.default else ""


def _meaning(row: KeyRow) -> str:
    """The description, with the kinds that have the key where not all do."""
    kinds = f"Only with {', '.join(f'`{kind}`' for kind in row.kinds)}. " if row.kinds else ""
    return f"{kinds}{row.description}"


def commands() -> str:
    """The page of commands."""
    return page("Commands", _COMMANDS, _command_parts(cli, "seasweep", click.Context(cli, info_name="seasweep")))


def _command_parts(command: click.Command, name: str, context: click.Context) -> list[str]:
    """The sections of a command and of those below it."""
    if isinstance(command, click.Group):
        below = [(one, command.get_command(context, one)) for one in sorted(command.list_commands(context))]
        return [part for one, sub in below if sub for part in _command_parts(sub, f"{name} {one}", context)]
    own = click.Context(command, info_name=name, parent=None)
    usage = " ".join([name, *command.collect_usage_pieces(own)])
    text = f"## `{name}`\n\n{_plain(command.help)}\n\n```text\n{usage}\n```\n"
    options = [one.get_help_record(own) for one in command.params if isinstance(one, click.Option)]
    rows = [(f"`{record[0]}`", _plain(record[1])) for record in options if record]
    return [f"{text}\n{table(('option', 'meaning'), rows)}" if rows else text]


def _plain(text: str | None) -> str:
    return " ".join((text or "").replace("\b", "").split())


def measures() -> str:
    """The page of measures."""
    rows = measure_rows()
    cells = [
        (f"`{row.name}`", row.meaning, row.unit, f"`{row.formula}`", row.interval, row.shown, row.parts) for row in rows
    ]
    head = ("measure", "meaning", "unit", "formula", "interval", "shown by `run`", "can be cut by")
    return page("Measures", _MEASURES, [table(head, cells)])


def results() -> str:
    """The page of results, with the columns of each table written anew between their markers."""
    text = (FOLDER / "results.md").read_text(encoding="utf-8")
    rows = list(column_rows())
    for name in dict.fromkeys(row.table for row in rows):
        cells = [(f"`{row.name}`", row.type, row.unit, row.meaning) for row in rows if row.table == name]
        begin, end = f"<!-- columns of {name}, made by `make docs` -->\n", "<!-- end of columns -->"
        before, _, rest = text.partition(begin)
        _, _, after = rest.partition(end)
        text = f"{before}{begin}\n{table(('column', 'type', 'unit', 'meaning'), cells)}\n{end}{after}"
    return text


def layers() -> str:
    """The page of map layers: the formats, and the layers with their columns."""
    cells = [
        (
            f"`{form.ending}`",
            form.title,
            "all layers" if form.holds_layers else "one layer",
            "the first" if form.plays else "all",
            "extra `gis`" if form.package else "nothing",
        )
        for form in formats().values()
    ]
    head = ("ending", "format", "a file has", "replications, unless asked for", "needs")
    return page("Map layers", _LAYERS, [f"## Formats\n\n{table(head, cells)}", *map(_layer_part, LAYERS.values())])


def _layer_part(kind: LayerKind) -> str:
    """The section of a layer: what a row is, its shape, its times, and its columns."""
    shape = {"Point": "a point", "LineString": "a line", "Polygon": "a polygon"}[kind.geometry]
    text = f"A row is {kind.meaning}. Its shape is {shape}."
    if kind.times:
        text += f" A tool that plays the layer shows it {_shown(kind.times)}."
    if kind.is_asked_for:
        text += " It is written only if it is asked for."
    if kind.table:
        only = ", of the event `detected`" if kind.table == "events" else ""
        return (
            f"## `{kind.name}`\n\n{text} Its columns are those of [`{kind.table}.parquet`]({_page_of(kind)}){only}.\n"
        )
    cells = [(f"`{column.name}`", column.type, column.unit, column.meaning) for column in OWN_COLUMNS[kind.name]]
    return f"## `{kind.name}`\n\n{text}\n\n{table(('column', 'type', 'unit', 'meaning'), cells)}"


def _shown(times: Sequence[str]) -> str:
    """When a row of a layer is shown."""
    return f"from `{times[0]}` to `{times[1]}`" if len(times) == 2 else f"at the time in `{times[0]}`"


def _page_of(kind: LayerKind) -> str:
    """Where the columns of a table are listed."""
    return f"results.md#{kind.table}parquet"


def functions() -> str:
    """The page of functions."""
    offered = [(name, getattr(sim, name)) for name in sim.__all__]
    parts = ["## `sim`\n", *(_part("sim", name, value) for name, value in offered if not inspect.isclass(value))]
    parts += [_class_part(name, value) for name, value in offered if inspect.isclass(value)]
    named = ", ".join(f"`{name}`" for name in plots.__all__)
    parts.append(f"## `plots`\n\nThe package itself names these functions of the modules below: {named}.\n")
    for path in sorted(Path(plots.__path__[0]).glob("*.py")):
        name = path.stem
        if name == "__init__":
            continue
        module = importlib.import_module(f"plots.{name}")
        parts.append(f"## `plots.{name}`\n\n{inspect.getdoc(module)}\n")
        for key, value in vars(module).items():
            if inspect.isfunction(value) and value.__module__ == module.__name__ and not key.startswith("_"):
                parts.append(_part(f"plots.{name}", key, value))
    return page("Functions", _PYTHON, parts)


def _part(home: str, name: str, function: Callable[..., Any]) -> str:
    """A function: signature and docstring."""
    return f"### `{home}.{name}`\n\n```text\n{name}{_signature(function)}\n```\n\n{inspect.getdoc(function)}\n"


def _signature(function: Callable[..., Any]) -> str:
    """The signature of a function, with short names of types."""
    signature = re.sub(r"<function (\w+) at 0x\w+>", r"\1", str(inspect.signature(function)))
    signature = re.sub(r"(?:[a-z]\w*\.)+([A-Z]\w*|ndarray)", r"\1", signature)
    return re.sub(r"(: |-> )'([^']+)'", r"\1\2", signature)


def _class_part(name: str, kind: type) -> str:
    """A class: its docstring, and its public attributes and methods, each with the first paragraph of its docstring."""
    rows = []
    for key, value in vars(kind).items():
        method = getattr(kind, key) if isinstance(value, classmethod) else value
        if key.startswith(("_", "model_")) or not (callable(method) or isinstance(value, property | cached_property)):
            continue
        told = inspect.getdoc(value) or ""
        shown = (
            f"{key}{_signature(method).replace('(self, ', '(').replace('(self)', '()')}" if callable(method) else key
        )
        rows.append((f"`{shown}`", " ".join(told.partition("\n\n")[0].split())))
    fields = meanings_of(kind, object) if dataclasses.is_dataclass(kind) else {}
    rows = [(f"`{key}`", " ".join(text.split()) or "-") for key, text in fields.items()] + rows
    text = f"### `sim.{name}`\n\n{inspect.getdoc(kind)}\n"
    return f"{text}\n{table(('attribute', 'meaning'), rows)}" if rows else text


def pedigree() -> str:
    """The page of the included figures."""
    figures = all_figures()
    parts = []
    for name in dict.fromkeys(figure.file for figure in figures):
        own = [figure for figure in figures if figure.file == name]
        cells = [(f"`{figure.key}`", f"`{figure.value}`", figure.pedigree, figure.remark) for figure in own]
        parts.append(f"## `{name}`\n\n{table(('key', 'value', 'pedigree', 'what the file says'), cells)}")
    return page("Pedigree of figures", _PEDIGREE, parts)


def credibility() -> str:
    """The page on credibility, with its two tables written anew between their markers."""
    text = (FOLDER.parent / "credibility.md").read_text(encoding="utf-8")
    head = ("file", *reversed(PEDIGREES.values()), "figures")
    text = _renewed(text, "pedigree", table(head, [(f"`{name}`", *cells) for name, *cells in counts()]))
    rows = [(_first_sentence(path), f"`{path.relative_to(ROOT)}`") for path in sorted(THEORY.glob("test_*.py"))]
    return _renewed(text, "verification", table(("what is compared", "test"), rows))


def limits_of_inputs() -> str:
    """The page of limits, with the table of how large an input may be written anew."""
    text = (FOLDER.parent / "limits.md").read_text(encoding="utf-8")
    rows = []
    for given, below in pairwise(ast.parse(inspect.getsource(limits)).body):
        if isinstance(given, ast.Assign) and isinstance(below, ast.Expr):
            meaning = " ".join(ast.literal_eval(below.value).split())
            values = [getattr(limits, name.id) for name in ast.walk(given.targets[0]) if isinstance(name, ast.Name)]
            rows.append((_limit_text(values), meaning))
    return _renewed(text, "limits", table(("limit", "of what, and why"), rows))


def _limit_text(values: list[Any]) -> str:
    """A limit, or the least and the greatest of two, as a text."""
    first, *others = values[0] if isinstance(values[0], tuple) else values
    if others:
        return f"{first} to {others[0]}"
    return f"{first:,}" if isinstance(first, int) else f"{first:g}"


def _renewed(text: str, name: str, made: str) -> str:
    """A page with the table of one name written anew."""
    begin, end = f"<!-- table of {name}, made by `make docs` -->\n", "<!-- end of table -->"
    before, _, rest = text.partition(begin)
    return f"{before}{begin}\n{made}\n{end}{rest.partition(end)[2]}"


def _first_sentence(path: Path) -> str:
    """The first paragraph of the docstring of a file, on one line."""
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return " ".join(docstring.partition("\n\n")[0].split())


PAGES: dict[str, Callable[[], str]] = {
    "scenario-keys.md": scenario_keys,
    "study-keys.md": study_keys,
    "commands.md": commands,
    "measures.md": measures,
    "results.md": results,
    "layers.md": layers,
    "functions.md": functions,
    "pedigree.md": pedigree,
    "../credibility.md": credibility,
    "../limits.md": limits_of_inputs,
}


def main() -> None:
    """Write every page, and the picture of the folders."""
    for name, make in PAGES.items():
        (FOLDER / name).write_text(make(), encoding="utf-8")
    draw_architecture.PICTURE.write_text(draw_architecture.picture(), encoding="utf-8")


if __name__ == "__main__":
    main()
