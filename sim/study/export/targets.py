"""The files that an export writes: their names, which are checked before any work is done, and their format."""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from sim.scenario.arguments import file_to_write
from sim.scenario.nearest import nearest
from sim.scenario.problems import refused
from sim.study.export.formats import Format, formats
from sim.study.export.kinds import LAYERS
from sim.study.folders import is_part_of_results

_KEY = "--to"
_IN_USE = ("-wal", "-journal")  # files that SQLite keeps beside a database while a program works in it


def target_of(to: str | Path) -> tuple[Path, Format]:
    """The file to write, and its format.

    Raises InputError where no format has its ending, where it can be no file, and where the format needs a package that
    is not installed.
    """
    path = file_to_write(to, list(formats()), _KEY)
    if any("\ud800" <= character <= "\udfff" for character in str(path.absolute())):
        raise refused(str(path), "a file whose path is UTF-8 text", key=_KEY)
    form = formats()[path.suffix]
    if form.package and find_spec(form.package) is None:
        without = [ending for ending, other in formats().items() if not other.package]
        allowed = f"without the package {form.package} a file that ends in {', '.join(without[:-1])} or {without[-1]}"
        raise refused(str(path), allowed, key=_KEY, hint="to install it: pip install 'seasweep[gis]'")
    return path, form


def files_of(path: Path, form: Format, layers: Sequence[str]) -> dict[Path, list[str]]:
    """The layers of each file: one file for all if the format holds several layers, else one for each layer.

    Raises InputError for a file of the results of a run or a sweep, and for one that another program has open.
    """
    files = {path: list(layers)}
    if not form.holds_layers and len(layers) > 1:
        files = {path.with_name(f"{path.stem}-{name}{path.suffix}"): [name] for name in layers}
    for file in files:
        if is_part_of_results(file):
            raise refused(str(file), "a file that is no part of the results of a run or a sweep", key=_KEY)
        if any(file.with_name(f"{file.name}{ending}").exists() for ending in _IN_USE):
            hint = "close it there, for instance in QGIS"
            raise refused(str(file), "a file that no other program has open", key=_KEY, hint=hint)
    return files


def layer_names(given: str | Sequence[str] | None) -> list[str] | None:
    """The names of layers, each once, in the order in which a map draws them; None where none are asked for.

    Raises InputError for a name that is no layer.
    """
    if not given:
        return None
    asked = [given] if isinstance(given, str) else list(given)
    for name in asked:
        if name not in LAYERS:
            allowed = f"the name of a layer: {', '.join(LAYERS)}"
            raise refused(name, allowed, key="--layer", hint=nearest(str(name), list(LAYERS)))
    return [name for name in LAYERS if name in asked]
