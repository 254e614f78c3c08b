"""Inlining of what a scenario only names: polygons and weather in files, and types of aircraft and lanes by name."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from datetime import datetime
from pathlib import Path as FilePath
from typing import Any

import numpy as np
import shapely
from pydantic import ValidationError

from sim.core.limits import MOST_GEOJSON_BYTES
from sim.model.places import Theatre
from sim.model.weather_quantities import QUANTITIES
from sim.model.weather_series import SeriesFile
from sim.scenario.explain import explain_validation
from sim.scenario.files import display_name, lane_library, library, path_inside
from sim.scenario.geojson import geojson_shape
from sim.scenario.nearest import nearest
from sim.scenario.problems import InputError, Path, Problem, key_text, toml_text
from sim.scenario.reading import read_bytes
from sim.scenario.schema import NAMED_TABLES, WITH_POLYGON, Scenario, clock_of
from sim.scenario.series import joined, read_timeline
from sim.scenario.source import Source, replaces


def inline_polygons(source: Source) -> list[Problem]:
    """Replace the keys `areas.NAME.file` and `zones.NAME.file` by the polygons in those files; return the problems."""
    problems = []
    for section in WITH_POLYGON:
        for name, part in _items_if_table(source.data.get(section)):
            if isinstance(part, dict) and "file" in part:
                problems += _inline_polygon(source, section, name, part)
    return problems


def _items_if_table(table: Any) -> list[tuple[str, Any]]:
    """The keys and values of a table; none where the value is not a table."""
    return list(table.items()) if isinstance(table, dict) else []


def _inline_polygon(source: Source, section: str, name: str, part: dict[str, Any]) -> list[Problem]:
    problems = []
    path: Path = (section, name, "file")
    file, line = source.locate(path)
    folder = source.folders.get(file, FilePath())
    given = part.pop("file")
    try:
        if "polygon" in part:
            raise ValueError("this table also has a polygon; give only one of the two")
        shape = geojson_shape(read_bytes(path_inside(folder, given), MOST_GEOJSON_BYTES))
        part["polygon"] = _lists(shapely.geometry.mapping(shape)["coordinates"])
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error).splitlines()[0]
        allowed = f"a GeoJSON file of polygons inside this file's folder ({reason})"
        problems.append(Problem(file, line, key_text(path), toml_text(given), allowed))
        part["polygon"] = [[0.0, 0.0]]
    source.note((section, name, "polygon"), (file, line))
    source.inlined[f"{section}.{name}.polygon"] = f"{section}.{name}.file"
    return problems


def _is_in_a_file(series: Mapping[str, Any]) -> bool:
    """Whether the rows of a series stand in a file of their own, not in the scenario."""
    return "time_h" not in series and ("file" in series or not any(name in series for name in QUANTITIES))


def inline_series(source: Source) -> list[Problem]:
    """Replace the key `environment.series.file` by the rows of that file; return the problems."""
    environment = source.data.get("environment")
    table = environment.get("series") if isinstance(environment, dict) else None
    if not isinstance(environment, dict) or not isinstance(table, dict) or not _is_in_a_file(table):
        return []
    at: Path = ("environment", "series")
    del environment["series"]
    try:
        spec = SeriesFile.model_validate(table, context=validation_context(source.data))
    except ValidationError as error:
        found = explain_validation(error, SeriesFile, table, lambda path: source.locate((*at, *path)))
        return [replace(problem, key=f"{key_text(at)}.{problem.key}".rstrip(".")) for problem in found]
    start = source.data.get("start")
    if not isinstance(start, datetime) or start.tzinfo is None:
        return []  # the start has a problem of its own; without it no hour can be computed
    timelines = []
    for number, name in enumerate(spec.file):
        path: Path = (*at, "file", number) if isinstance(table["file"], list) else (*at, "file")
        file, line = source.locate(path)
        folder = source.folders.get(file, FilePath())
        try:
            place = path_inside(folder, name)
            timelines.append(read_timeline(place, display_name(place), spec, start))
        except InputError as error:
            return error.problems
        except (OSError, ValueError) as error:
            return [_problem_of_series(file, line, path, name, error)]
    try:
        environment["series"] = joined(timelines, spec)
    except ValueError as error:
        return [_problem_of_series(*source.locate((*at, "file")), (*at, "file"), table["file"], error)]
    return []


def _problem_of_series(file: str, line: int | None, path: Path, given: object, error: OSError | ValueError) -> Problem:
    """The problem of a file of weather that cannot be read, at the key that names it."""
    reason = getattr(error, "strerror", None) or str(error).splitlines()[0]
    allowed = f"a CSV or NetCDF file of weather inside this file's folder ({reason})"
    return Problem(file, line, key_text(path), toml_text(given), allowed)


def _lists(value: Any) -> Any:
    """Nested coordinates as lists, as TOML has them."""
    return [_lists(item) for item in value] if isinstance(value, list | tuple) else float(value)


def inline_types(source: Source) -> list[Problem]:
    """Replace the key `type` of each aircraft by the keys of the type that its table lacks; return the problems."""
    problems = []
    for name, own in _items_if_table(source.data.get("aircraft")):
        if not isinstance(own, dict) or "type" not in own:
            continue
        types, path = library(), ("aircraft", name, "type")
        file, line = source.locate(path)
        given = own.pop("type")
        if not isinstance(given, str) or given not in types:
            hint = nearest(str(given), list(types))
            problems.append(Problem(file, line, key_text(path), toml_text(given), ", ".join(types), hint))
            continue
        table = {key: value for key, value in types[given].items() if key != "title"}
        if not _add_missing(source, own, table, path[:-1], (file, line)):
            allowed = "a type that adds at least one key; this table has every key, so the type changes nothing"
            problems.append(Problem(file, line, key_text(path), toml_text(given), allowed))
    return problems


def inline_lanes(source: Source) -> list[Problem]:
    """Replace the key `lane` of background ships by the keys of that lane which their table lacks; return the problems.

    A lane of the library ends where it leaves the theatre.
    """
    problems, box = [], validation_context(source.data)["theatre"]
    for name, own in _items_if_table(source.data.get("background")):
        if not isinstance(own, dict) or own.get("kind") != "lane" or "lane" not in own:
            continue
        lanes, path = lane_library(), ("background", name, "lane")
        place = source.locate(path)
        given = own.pop("lane")
        lines = {key: _within(lane["line"], box) for key, lane in lanes.items()}
        if not isinstance(given, str) or given not in lanes:
            hint = nearest(str(given), list(lanes))
            problems.append(Problem(*place, key_text(path), toml_text(given), ", ".join(lanes), hint))
        elif "line" in own:
            allowed = "a lane or a line, not both: each says where the ships go"
            problems.append(Problem(*place, key_text(path), toml_text(given), allowed))
        elif not lines[given]:
            inside = ", ".join(key for key, line in lines.items() if line) or "none of the library"
            allowed = f"a lane of which some lies in the theatre: {inside}"
            problems.append(Problem(*place, key_text(path), toml_text(given), allowed))
        else:
            left_out = {"title"} | ({"per_day", "speed_kn", "direction", "vessel"} if "flows" in own else set())
            table = {key: value for key, value in lanes[given].items() if key not in left_out}
            _add_missing(source, own, table | {"line": lines[given]}, path[:-1], place)
            source.inlined[f"background.{name}.line"] = key_text(path)
    return problems


def _within(line: list[list[float]], box: tuple[float, float, float, float] | None) -> list[list[float]]:
    """The longest part of a line, in degrees, that lies in a box; the line itself where it lies in it as a whole."""
    if box is None or all(box[0] <= lon <= box[2] and box[1] <= lat <= box[3] for lon, lat in line):
        return line
    west, south, east, north = box
    inside = shapely.clip_by_rect(shapely.LineString(line), west + _EDGE, south + _EDGE, east - _EDGE, north - _EDGE)
    parts = shapely.get_parts(inside)
    longest = max(parts, key=shapely.length, default=None)
    return [] if longest is None else np.round(shapely.get_coordinates(longest), 5).tolist()


_EDGE = 1e-4  # degrees: so far inside the edge of the theatre a lane of the library ends


def _add_missing(
    source: Source, own: dict[str, Any], under: Mapping[str, Any], at: Path, place: tuple[str, int | None]
) -> bool:
    """Add the keys that a table lacks, all located at one place; the answer is whether any key was added."""
    is_used = False
    for key, value in under.items():
        path = (*at, key)
        if key not in own:
            own[key] = deepcopy(value)
            source.note(path, place)
            source.from_type.add(path)
            is_used = True
        elif isinstance(own[key], dict) and isinstance(value, dict) and not replaces(value, own[key]):
            is_used = _add_missing(source, own[key], value, path, place) or is_used
    return is_used


def validation_context(data: Mapping[str, Any]) -> dict[str, Any]:
    """The context of validation: the box of the theatre, the names that exist in each table, and the clock."""
    theatre = data.get("theatre")
    try:
        box = Theatre.model_validate(theatre).box
    except ValidationError:  # the theatre has a problem of its own; without it places cannot be checked
        box = None
    tables = {section: data.get(section) for section in NAMED_TABLES}
    names = {section: list(table) if isinstance(table, dict) else [] for section, table in tables.items()}
    time_zone = data.get("time_zone", Scenario.model_fields["time_zone"].default)
    return {"theatre": box, "names": names, "clock": clock_of(data.get("start"), time_zone)}
