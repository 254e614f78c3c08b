"""The merged tables of a scenario's files, where each key was written, and the rules of merging."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path as FilePath
from typing import Any

from sim.core.fields import Part
from sim.model.background.base import Background
from sim.model.patterns.base import Route
from sim.model.takeoffs import names_days
from sim.scenario.key_lines import Written
from sim.scenario.problems import Path

Place = tuple[str, int | None]  # the name of a file, and a line
KIND_KEYS = ("kind", "pattern")  # they name the kind of a table; a child with another kind replaces the table


@dataclass
class Source:
    """The merged tables of a scenario, and the place where each key was written."""

    data: dict[str, Any] = field(default_factory=dict)
    """The merged tables."""
    written: Written = field(default_factory=Written)
    """The file and the line of each key, as a tree."""
    folders: dict[str, FilePath] = field(default_factory=dict)
    """The folder of each file, in the order in which the files were merged."""
    inlined: dict[str, str] = field(default_factory=dict)
    """Dotted keys whose value was read from another file, and the key that names this file."""
    from_type: set[Path] = field(default_factory=set)
    """Keys that come from a `type` of the library, not from the file itself."""

    def copy(self) -> "Source":
        """A copy that shares nothing that can change; `copy.deepcopy` would take several times as long."""
        parts = (self.written.copy(), self.folders.copy(), self.inlined.copy(), self.from_type.copy())
        return Source(copied(self.data), *parts)

    def locate(self, path: Path) -> Place:
        """The file and the line of a key, or of the nearest table around it that was written.

        A table in which several files wrote is located in the file that was merged last.
        """
        here: Written | int | None = self.written
        place: Place = (self.written.file or "scenario", self.written.line)
        for part in path:
            here = here.child(part) if isinstance(here, Written) else None
            if here is None:
                return place
            place = _place_of(here, place)
        inside = list(_places_below(here, place[0])) if isinstance(here, Written) and path else []
        latest = max((file for file, _ in inside), key=self._file_order, default=place[0])
        if latest == place[0]:
            return place
        return latest, min((line for file, line in inside if file == latest and line), default=None)

    def note(self, path: Path, place: Place) -> None:
        """Note where a key was written; what lies below it keeps its places."""
        here = self.written
        for part in path:
            here = here.make_child(part)
        here.file, here.line = place

    def adopt(self, path: Path, written: Written) -> None:
        """Take what was written below a key that has just been noted."""
        here = self.written
        for part in path:
            here = here.make_child(part)
        here.below = written.below

    def note_new(self, path: Path, place: Place) -> None:
        """Note where a key was written unless that is known."""
        here: Written | int | None = self.written
        for part in path:
            here = here.child(part) if isinstance(here, Written) else None
        if here is None:
            self.note(path, place)

    def is_newer(self, path: Path, other: Path) -> bool:
        """Whether one key was written after another: in a child, or by `--set`."""
        return self._write_order(path) > self._write_order(other)

    def _write_order(self, path: Path) -> float:
        """The order in which keys were written; in one file, keys that come from a `type` are before all others."""
        return self._file_order(self.locate(path)[0]) - 0.5 * (path in self.from_type)

    def _file_order(self, file: str) -> int:
        """The order in which files were merged: that which extends nothing first, command line or study last."""
        names = list(self.folders)
        return names.index(file) if file in names else len(names)


def copied(value: Any) -> Any:
    """A copy of a value of TOML, which is a table, a list, or cannot change."""
    if isinstance(value, dict):
        return {key: copied(item) for key, item in value.items()}
    return [copied(item) for item in value] if isinstance(value, list) else value


def _place_of(written: Written | int, around: Place) -> Place:
    """Where a key was written; `around` is the place of the table that holds it."""
    if not isinstance(written, Written):
        return around[0], written
    if written.file is not None:
        return written.file, written.line
    return around if written.line is None else (around[0], written.line)


def _places_below(written: Written, file: str) -> Iterator[Place]:
    """The places of all that lies below a key in a file."""
    waiting = [(written, file)]
    while waiting:
        table, file = waiting.pop()
        if isinstance(table.below, list) and table.below:
            yield file, min(table.below)
            continue
        for _, child in table.children():
            place = _place_of(child, (file, None))
            yield place
            if isinstance(child, Written):
                waiting.append((child, place[0]))


def forget(source: Source, path: Path) -> None:
    """Forget where a key and all keys below it were written."""
    here: Written | int | None = source.written
    for part in path[:-1]:
        here = here.child(part) if isinstance(here, Written) else None
    if not path:
        source.written = Written()
    elif isinstance(here, Written) and isinstance(here.below, dict):
        here.below.pop(path[-1], None)


def with_kind(table: dict[str, Any], at: Path) -> dict[str, Any]:
    """A table at a path, with the kind that it has where it names none."""
    is_source = len(at) == 2 and at[0] == "background" and bool(table)
    return {Background.tag: Background.default_kind, **table} if is_source else table


def replaces(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether a child's table replaces its parent's as a whole: it is of another kind, or of another form."""
    if any(key in old and key in new and old[key] != new[key] for key in KIND_KEYS):
        return True
    forms = [{index for index, form in enumerate(_all_forms()) if form & set(table)} for table in (old, new)]
    return bool(forms[0] and forms[1] and not forms[0] & forms[1])


@cache
def _all_forms() -> tuple[frozenset[str], ...]:
    """The forms of all parts of the model; no kind may be defined after the first scenario is read."""
    return tuple(_forms_of(Part))


def _forms_of(part: type[Part]) -> Iterator[frozenset[str]]:
    """The sets of keys of which a table gives only one, as the parts of the model state them."""
    for kind in part.__subclasses__():
        yield from kind.__dict__.get("forms", ())
        yield from _forms_of(kind)


def _drop_alternatives(source: Source, into: dict[str, Any], child: Mapping[str, Any], at: Path) -> None:
    """Drop the keys of a parent's route that exclude a key of the child, such as a spacing and a number of legs."""
    kind = Route.kinds().get(str(into.get("pattern")))
    for rivals in map(set, kind.exclusive_keys if kind is not None else ()):
        if rivals & child.keys():
            for key in rivals & into.keys() - child.keys():
                del into[key]
                forget(source, (*at, key))


_ONE_FLOW = ("per_day", "speed_kn", "direction", "vessel")


def _drop_other_lane(source: Source, into: dict[str, Any], child: Mapping[str, Any], at: Path) -> None:
    """Drop the keys of a parent's lane that do not go together with those of the child: its line, or its flows."""
    if into.get("kind") != "lane":
        return
    dropped = [*_ONE_FLOW] if "flows" in child else []
    dropped += ["flows"] if any(key in child for key in _ONE_FLOW) else []
    dropped += ["line"] if "lane" in child else ["lane"] if "line" in child else []
    for key in dropped:
        if key in into and key not in child:
            del into[key]
            forget(source, (*at, key))


_BY_HOURS = ("first_takeoff_h", "every_h")


def drop_schedule(source: Source, into: dict[str, Any], child: Mapping[str, Any], at: Path) -> None:
    """Drop the keys of a parent's patrol, or of its lot, that do not go together with those of the child.

    They are those of the other kind of schedule, days of the week where the take-offs of the child have their own,
    weights of what the child replaces, and the other way to choose a route.
    """
    dropped = []
    if "takeoff" in child:
        dropped += [*_BY_HOURS, *["days"] * names_days(child["takeoff"])]
    if any(key in child for key in _BY_HOURS):
        dropped += ["takeoff", "days"]
    dropped += ["route_weights"] if "routes" in child or "tasking" in child else []
    dropped += ["tasking"] if "route_weights" in child else []
    dropped += ["weights"] if "choose" in child else []
    for key in dropped:
        if key in into and key not in child:
            del into[key]
            forget(source, (*at, key))


def merge(
    source: Source, into: dict[str, Any], child: Mapping[str, Any], at: Path, name: str, written: Written | int | None
) -> None:
    """Merge a child's table into its parent's: tables key by key; all other values are replaced.

    `written` has the lines of the child's table in the file of a name; None where it has no lines.
    """
    if len(at) == 2 and at[0] == "routes":
        _drop_alternatives(source, into, child, at)
    if len(at) == 2 and at[0] == "background":
        _drop_other_lane(source, into, child, at)
    if len(at) >= 2 and at[0] == "patrols":
        drop_schedule(source, into, child, at)
    for key, value in child.items():
        path, below = (*at, key), written.child(key) if isinstance(written, Written) else None
        line = below.line if isinstance(below, Written) else below
        old = into.get(key)
        if isinstance(old, dict) and isinstance(value, dict) and not replaces(with_kind(old, path), value):
            source.note_new(path, (name, line))
            merge(source, old, value, path, name, below)
            continue
        forget(source, path)
        into[key] = value
        source.note(path, (name, line))
        if isinstance(below, Written):
            source.adopt(path, below)
