"""Scenario files: loading, `extends`, `--set`, and errors that name file, line and key."""

import tomllib
from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from importlib.resources import files
from pathlib import Path as FilePath
from typing import Any

import shapely
from pydantic import ValidationError

from sim.core.geo import geojson_shape
from sim.model.environment import QUANTITIES, SeriesFile
from sim.model.patterns import RIVALS
from sim.model.places import Theatre
from sim.scenario.clearance import obstructed
from sim.scenario.groups import undivided
from sim.scenario.key_lines import locate_keys
from sim.scenario.problems import InputError, Path, Problem, from_validation, key_text, nearest, not_toml, refused, said
from sim.scenario.routes import disordered, unflyable
from sim.scenario.schema import SECTIONS, Scenario
from sim.scenario.series import read_series

COMMAND_LINE = "command line"
_VARIANTS = ("kind", "pattern")  # where a child changes one of these, the parent's table is dropped
_NAMED = (*SECTIONS, "zones", "background", "transfers", "groups", "intercepts", "observers", "agreements")
_POLYGONS = ("areas", "zones")  # parts whose polygon may stand in a file of its own
_ALTERNATIVES = (
    *({"value"}, {"low", "high"}, {"mean"}, {"median", "sigma"}, {"polygon"}, {"file"}, {"time_h"}),
    *({"sea_state", "visibility_nmi", "wind_kn", "wind_from_deg"}, {"processes"}, {"series"}),
)


@dataclass
class Source:
    """A scenario's tables as merged, and who wrote each key."""

    data: dict[str, Any] = field(default_factory=dict)
    origin: dict[Path, tuple[str, int | None]] = field(default_factory=dict)
    folders: dict[str, FilePath] = field(default_factory=dict)
    inlined: dict[str, str] = field(default_factory=dict)
    """Keys that were not written but read from a file, and the key that names it."""
    lent: set[Path] = field(default_factory=set)
    """Keys that were not written but come with a `type`."""

    def where(self, path: Path) -> tuple[str, int | None]:
        """File and line of a key, or of the nearest table about it that stands somewhere.

        A table that several files wrote is the business of the youngest that wrote in it.
        """
        inside = [
            place for known, place in self.origin.items() if len(known) > len(path) and known[: len(path)] == path
        ]
        if path in self.origin and inside and path:
            youngest = max((file for file, _ in inside), key=self._age)
            if youngest != self.origin[path][0]:
                return youngest, min((line for file, line in inside if file == youngest and line), default=None)
        for end in range(len(path), 0, -1):
            if path[:end] in self.origin:
                return self.origin[path[:end]]
        return self.origin.get((), ("scenario", None))

    def newer(self, one: Path, other: Path) -> bool:
        """Whether one key was written after another: in a child, or by `--set`."""
        return self._turn(one) > self._turn(other)

    def _turn(self, path: Path) -> float:
        """When a key was written: what comes with a `type` before anything else of that file."""
        return self._age(self.where(path)[0]) - 0.5 * (path in self.lent)

    def _age(self, file: str) -> int:
        """Whose turn it was to write: the eldest file first, the command line or a study last."""
        names = list(self.folders)
        return names.index(file) if file in names else len(names)


def shipped_names(folder: str = "") -> list[str]:
    """Names of the scenarios that ship (or of the studies, in the folder `studies`), in order."""
    return sorted(entry.name[:-5] for entry in _shipped(folder).iterdir() if entry.name.endswith(".toml"))


def _shipped(folder: str) -> FilePath:
    return FilePath(str(files("scenarios"))) / folder


def find_shipped(given: str, folder: str, what: str) -> FilePath:
    """A file: a path, or the name of one that ships in a folder of `scenarios`; `what` names it in an error."""
    path = FilePath(given)
    if _is_file(path):
        return path
    names = shipped_names(folder)
    if given in names:
        return _shipped(folder) / f"{given}.toml"
    hint = _hint_at_other(given, what) or nearest(path.stem, names)
    raise refused(given, f"a .toml file, or one of {', '.join(names)}", key=what, hint=hint)


def _hint_at_other(given: str, what: str) -> str:
    """Where a study is given for a scenario by its name, or a scenario for a study: who takes it."""
    if what == "STUDY" and given in shipped_names():
        return f"a scenario: seasweep run {given}"
    return f"a study: seasweep sweep {given}" if what == "SCENARIO" and given in shipped_names("studies") else ""


def refuse_other(path: FilePath, data: Mapping[str, Any], lines: Mapping[Path, int], wanted: str) -> None:
    """Refuse the tables of a study where a scenario is wanted, and those of a scenario where a study is."""
    ours, theirs, given = {"extends", *Scenario.model_fields} - {"format", "title"}, {"vary", "scenario"}, "a study"
    if wanted == "a study":
        ours, theirs, given = theirs, ours, "a scenario"
    found = [line for key, line in lines.items() if key[0] in theirs]
    if found and not ours & data.keys():
        takes = "seasweep sweep" if given == "a study" else "seasweep check and seasweep run"
        raise InputError([Problem(shown(path), min(found), "", given, wanted, f"what it is for: {takes}")])


def _is_file(path: FilePath) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # no name of a file at all
        return False


def find_scenario(given: str) -> FilePath:
    """The file of a scenario: a path, or the name of one that ships."""
    return find_shipped(given, "", "SCENARIO")


def shown(path: FilePath) -> str:
    """A file's name in messages: as given, or the bare name of one that ships."""
    return path.name if path.parent in (_shipped(""), _shipped("studies"), _shipped("library")) else str(path)


def read_toml(path: FilePath) -> tuple[dict[str, Any], dict[Path, int]]:
    """A TOML file's tables and the line of every key; InputError where it cannot be read."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        raise refused(str(path), f"a TOML file that can be read ({str(reason).lower()})", file=shown(path)) from None
    try:
        return tomllib.loads(text), locate_keys(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError([not_toml(error, shown(path), text)]) from None


def _parent_of(path: FilePath, given: Any, line: int | None) -> FilePath:
    """The file that `extends` names: a name that ships, or a path inside the child's folder."""
    if not isinstance(given, str):
        raise InputError([Problem(shown(path), line, "extends", said(given), "a name that ships, or a .toml path")])
    if not given.endswith(".toml"):
        names = shipped_names()
        if given not in names:
            allowed = f"a .toml path, or one of {', '.join(names)}"
            raise InputError([Problem(shown(path), line, "extends", said(given), allowed, nearest(given, names))])
        return _shipped("") / f"{given}.toml"
    parent = path.parent / given
    if FilePath(given).is_absolute() or not _lies_inside(parent, path.parent):
        allowed = "a .toml file inside this file's folder"
        raise InputError([Problem(shown(path), line, "extends", said(given), allowed)])
    return parent


def _lies_inside(path: FilePath, folder: FilePath) -> bool:
    """Whether a path is that of a file inside a folder, links followed."""
    try:
        return path.resolve().is_relative_to(folder.resolve()) and path.is_file()
    except (OSError, ValueError):  # no name of a file at all
        return False


def _chain(path: FilePath) -> list[tuple[FilePath, dict[str, Any], dict[Path, int]]]:
    """A file and its ancestors, the eldest first."""
    chain: list[tuple[FilePath, dict[str, Any], dict[Path, int]]] = []
    seen: list[FilePath] = []
    while True:
        data, lines = read_toml(path)
        refuse_other(path, data, lines, "a scenario")
        chain.insert(0, (path, data, lines))
        seen.append(path.resolve())
        if "extends" not in data:
            return chain
        line = lines.get(("extends",))
        parent = _parent_of(path, data.pop("extends"), line)
        if parent.resolve() in seen:
            circle = " -> ".join(p.name for p in [*seen, parent])
            raise InputError(
                [Problem(shown(path), line, "extends", circle, "no circle: a scenario cannot extend itself")]
            )
        path = parent


def _forget(source: Source, path: Path) -> None:
    """Drop what is known of a key and all below it."""
    for known in [known for known in source.origin if known[: len(path)] == path]:
        del source.origin[known]


def _replaces(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether a child's table drops its parent's: another kind or pattern, or another form of the same thing."""
    if any(key in old and key in new and old[key] != new[key] for key in _VARIANTS):
        return True
    forms = [{index for index, form in enumerate(_ALTERNATIVES) if form & set(table)} for table in (old, new)]
    return bool(forms[0] and forms[1] and not forms[0] & forms[1])


def _displace(source: Source, into: dict[str, Any], child: Mapping[str, Any], at: Path) -> None:
    """Drop what a route's child gives in another way: the spacing of a parent where it gives the number of legs."""
    for rivals in RIVALS.get(str(into.get("pattern")), []):
        if rivals & child.keys():
            for key in rivals & into.keys() - child.keys():
                del into[key]
                _forget(source, (*at, key))


def _merge(
    source: Source, into: dict[str, Any], child: Mapping[str, Any], at: Path, name: str, lines: Mapping[Path, int]
) -> None:
    """Lay a child's table over its parent's: tables key by key, all else replaced."""
    if len(at) == 2 and at[0] == "routes":
        _displace(source, into, child, at)
    for key, value in child.items():
        path = (*at, key)
        old = into.get(key)
        if isinstance(old, dict) and isinstance(value, dict) and not _replaces(old, value):
            source.origin.setdefault(path, (name, lines.get(path)))
            _merge(source, old, value, path, name, lines)
            continue
        _forget(source, path)
        into[key] = value
        for known, line in lines.items():
            if known[: len(path)] == path:
                source.origin[known] = (name, line)
        source.origin.setdefault(path, (name, lines.get(path)))


def parse_set(text: str) -> tuple[tuple[str, ...], Any]:
    """KEY=VALUE of `--set`: a path and a TOML value; what is not TOML is a string."""
    key, equals, value = text.partition("=")
    if not equals or not all(part.strip() for part in key.split(".")):
        raise refused(text, "KEY=VALUE, such as routes.search.spacing_nmi=25", key="--set")
    try:
        parsed = tomllib.loads(f"v = {value}")
        found = parsed["v"] if len(parsed) == 1 else value
    except tomllib.TOMLDecodeError:
        found = value
    return tuple(part.strip() for part in key.split(".")), found


def kinds_first(sets: Iterable[tuple[tuple[str, ...], Any]]) -> list[tuple[tuple[str, ...], Any]]:
    """Keys and values to set, kinds and patterns before what belongs to them."""
    return sorted(sets, key=lambda one: one[0][-1] not in _VARIANTS)


def apply_set(source: Source, path: tuple[str, ...], value: Any, file: str) -> None:
    """Set one key, making the tables on its way; a part that does not exist is a slip of the pen, not a new part."""
    here = source.data
    for end in range(1, len(path)):
        source.origin.setdefault(path[:end], (file, None))
    parts = here.get(path[0])
    if len(path) > 2 and isinstance(parts, dict) and path[0] in _NAMED and path[1] not in parts:
        allowed = f"a name from [{path[0]}]: {', '.join(parts)}"
        raise refused(path[1], allowed, file=file, key=".".join(path), hint=nearest(path[1], list(parts)))
    for position, part in enumerate(path[:-1]):
        here = here.setdefault(part, {})
        if not isinstance(here, dict):
            way = ".".join(path[: position + 1])
            raise refused(".".join(path), f"a key that exists: {way} is no table", file=file, key="--set")
    if path[0] in _POLYGONS and path[-1] in ("file", "polygon"):  # one instead of the other
        here.pop("polygon" if path[-1] == "file" else "file", None)
    if path[-1] in _VARIANTS and here.get(path[-1], value) != value:  # as in a child: what the other kind had goes
        here.clear()
        _forget(source, path[:-1])
        source.origin[path[:-1]] = (file, None)
    layer: dict[str, Any] = {path[-1]: value}
    _merge(source, here, layer, path[:-1], file, {})
    source.origin[path] = (file, None)


def _inline_polygons(source: Source) -> list[Problem]:
    """Put the polygons of `areas.X.file` and `zones.X.file` in the place of the file's name."""
    problems = []
    for section in _POLYGONS:
        for name, part in _items(source.data.get(section)):
            if isinstance(part, dict) and "file" in part:
                problems += _inline_polygon(source, section, name, part)
    return problems


def _items(table: Any) -> list[tuple[str, Any]]:
    """A table's keys and values; none where it is no table."""
    return list(table.items()) if isinstance(table, dict) else []


def _inline_polygon(source: Source, section: str, name: str, part: dict[str, Any]) -> list[Problem]:
    problems = []
    path: Path = (section, name, "file")
    file, line = source.where(path)
    folder = source.folders.get(file, FilePath())
    given = part.pop("file")
    try:
        if "polygon" in part:
            raise ValueError("beside polygon; one of the two")
        place = folder / str(given)
        if place.exists() and not _lies_inside(place, folder):
            raise ValueError("outside this file's folder")
        shape = geojson_shape(place.read_text(encoding="utf-8"))
        part["polygon"] = _lists(shapely.geometry.mapping(shape)["coordinates"])
    except (OSError, ValueError, shapely.errors.GEOSException) as error:
        reason = getattr(error, "strerror", None) or str(error).splitlines()[0]
        allowed = f"a GeoJSON file of polygons inside this file's folder ({reason})"
        problems.append(Problem(file, line, key_text(path), said(given), allowed))
        part["polygon"] = [[0.0, 0.0]]
    source.origin[(section, name, "polygon")] = (file, line)
    source.inlined[f"{section}.{name}.polygon"] = f"{section}.{name}.file"
    return problems


def _in_a_file(series: Mapping[str, Any]) -> bool:
    """Whether a series stands in a file, and not in its table."""
    return "time_h" not in series and ("file" in series or not any(name in series for name in QUANTITIES))


def _inline_series(source: Source) -> list[Problem]:
    """Put the rows of `environment.series.file` in the place of the file's name."""
    environment = source.data.get("environment")
    table = environment.get("series") if isinstance(environment, dict) else None
    if not isinstance(environment, dict) or not isinstance(table, dict) or not _in_a_file(table):
        return []
    at: Path = ("environment", "series")
    del environment["series"]
    try:
        spec = SeriesFile.model_validate(table, context=_context(source.data))
    except ValidationError as error:
        found = from_validation(error, SeriesFile, table, lambda path: source.where((*at, *path)))
        return [replace(one, key=f"{key_text(at)}.{one.key}".rstrip(".")) for one in found]
    start = source.data.get("start")
    if not isinstance(start, datetime) or start.tzinfo is None:
        return []  # said once, where the start stands; times cannot be told
    file, line = source.where((*at, "file"))
    folder = source.folders.get(file, FilePath())
    try:
        place = folder / spec.file
        if place.exists() and not _lies_inside(place, folder):
            raise ValueError("outside this file's folder")
        environment["series"] = read_series(place, shown(place), spec, start)
    except InputError as error:
        return error.problems
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error).splitlines()[0]
        allowed = f"a CSV or NetCDF file of weather inside this file's folder ({reason})"
        return [Problem(file, line, key_text((*at, "file")), said(spec.file), allowed)]
    return []


def _lists(value: Any) -> Any:
    """GeoJSON's tuples as lists, as TOML has them."""
    return [_lists(v) for v in value] if isinstance(value, list | tuple) else float(value)


@cache
def library() -> dict[str, dict[str, Any]]:
    """The types of aircraft that ship: the keys of [aircraft.NAME] without sensors, and a title."""
    return read_toml(_shipped("library") / "aircraft.toml")[0]


def _resolve_types(source: Source) -> list[Problem]:
    """Lay each aircraft's own keys over those of its `type`, and take that key away."""
    problems = []
    for name, own in _items(source.data.get("aircraft")):
        if not isinstance(own, dict) or "type" not in own:
            continue
        types, path = library(), ("aircraft", name, "type")
        file, line = source.where(path)
        given = own.pop("type")
        if not isinstance(given, str) or given not in types:
            hint = nearest(str(given), list(types))
            problems.append(Problem(file, line, key_text(path), said(given), ", ".join(types), hint))
            continue
        table = {key: value for key, value in types[given].items() if key != "title"}
        if not _lay_under(source, own, table, path[:-1], (file, line)):
            allowed = "a type that leaves a key to it: all are given beside it, so it would change nothing"
            problems.append(Problem(file, line, key_text(path), said(given), allowed))
    return problems


def _lay_under(
    source: Source, own: dict[str, Any], under: Mapping[str, Any], at: Path, place: tuple[str, int | None]
) -> bool:
    """Give a table what it does not have, all of it said to stand at one place; whether there was anything."""
    used = False
    for key, value in under.items():
        path = (*at, key)
        if key not in own:
            own[key] = deepcopy(value)
            source.origin[path] = place
            source.lent.add(path)
            used = True
        elif isinstance(own[key], dict) and isinstance(value, dict) and not _replaces(value, own[key]):
            used = _lay_under(source, own[key], value, path, place) or used
    return used


def _context(data: Mapping[str, Any]) -> dict[str, Any]:
    """What validation needs to know beforehand: the theatre's box and the names that exist."""
    theatre = data.get("theatre")
    try:
        box = Theatre.model_validate(theatre).box
    except ValidationError:  # said once, where the theatre stands; places cannot be judged
        box = None
    tables = {section: data.get(section) for section in SECTIONS}
    names = {section: list(table) if isinstance(table, dict) else [] for section, table in tables.items()}
    return {"theatre": box, "names": names}


def load_source(given: str | FilePath, sets: Iterable[str] = ()) -> Source:
    """Read a scenario and its ancestors and merge them, `--set` last; nothing is validated yet."""
    source = Source()
    for path, data, lines in _chain(find_scenario(str(given))):
        name = shown(path)
        source.folders[name] = path.parent
        source.origin[()] = (name, 1)
        _merge(source, source.data, data, (), name, lines)
    for path_, value in kinds_first(parse_set(text) for text in sets):
        apply_set(source, path_, value, COMMAND_LINE)
    return source


def _no_sea(source: Source, name: str) -> Problem:
    key = f"areas.{name}.polygon"
    file, line = source.where(("areas", name, "polygon"))
    return Problem(file, line, source.inlined.get(key, key), "an area wholly on land", "an area that holds some sea")


def validate(source: Source) -> Scenario:
    """A source as a scenario; InputError with everything that is wrong with it."""
    problems = _inline_polygons(source) + _inline_series(source) + _resolve_types(source)
    try:
        scenario = Scenario.model_validate(source.data, context=_context(source.data))
    except ValidationError as error:
        found = from_validation(error, Scenario, source.data, source.where, source.newer)
        found = [replace(one, key=source.inlined.get(one.key, one.key)) for one in found]
        unread = {problem.key.rpartition(".")[0] for problem in problems}  # said already what is wrong with these
        problems += [p for p in found if not any(p.key == part or p.key.startswith(f"{part}.") for part in unread)]
        raise InputError(problems) from None
    problems += [
        _no_sea(source, name) for name, area in scenario.areas.items() if scenario.plane.sea(area.shape).is_empty
    ]
    problems += obstructed(scenario, source.where, source.newer)
    problems += disordered(scenario, source.where)
    problems = problems or unflyable(scenario, source.where) or undivided(scenario, source.where)
    if problems:
        raise InputError(problems)
    return scenario


def load_scenario(given: str | FilePath, sets: Iterable[str] | Mapping[str, Any] = ()) -> Scenario:
    """Load a scenario: a file or the name of one that ships.

    `sets` overrides keys, as `--set` does ("routes.search.spacing_nmi=25") or as a mapping from key to value. Raises
    `InputError`, which names file, line and key of everything wrong.
    """
    if not isinstance(sets, Mapping):
        return validate(load_source(given, sets))
    source = load_source(given)
    for path, value in kinds_first((tuple(key.split(".")), deepcopy(value)) for key, value in sets.items()):
        apply_set(source, path, value, COMMAND_LINE)
    return validate(source)


def flat_toml(scenario: Scenario) -> str:
    """A scenario as one TOML document that extends nothing and loads to the same scenario."""
    import tomli_w

    return tomli_w.dumps(scenario.model_dump(mode="python", exclude_none=True, by_alias=True))


def digest(scenario: Scenario) -> str:
    """A short stable digest of what a scenario says."""
    from hashlib import blake2b

    return blake2b(flat_toml(scenario).encode(), digest_size=8).hexdigest()


def world_digest(scenario: Scenario) -> str:
    """A digest of what decides which ships and transfers there are: the same for every route, sensor and schedule."""
    from hashlib import blake2b

    used = {one.area for one in scenario.background.values()} | {one.area for one in scenario.transfers.values()}
    parts = {"format", "start", "duration_days", "theatre", "background", "transfers", "environment", "outputs"}
    said = scenario.model_dump_json(include=parts)
    areas = [scenario.areas[name].model_dump_json() for name in sorted(used)]
    return blake2b("\n".join([said, *areas]).encode(), digest_size=8).hexdigest()
