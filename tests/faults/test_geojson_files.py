"""GeoJSON files of areas as map tools write them: what is read, and what each refusal says."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import shapely

from sim.scenario.load import load_scenario
from sim.scenario.problems import Problem

from .conftest import VARIANT

OnlyProblem = Callable[..., Problem]

RING = [[124.0, 28.0], [125.0, 28.0], [125.0, 29.0], [124.0, 29.0], [124.0, 28.0]]
HOLE = [[124.4, 28.4], [124.4, 28.6], [124.6, 28.6], [124.6, 28.4], [124.4, 28.4]]
METRES = [[14070784, 3071000], [14148709, 3071000], [14148709, 3146000], [14070784, 3071000]]
POLYGON = {"type": "Polygon", "coordinates": [RING]}
POINT = {"type": "Point", "coordinates": [124.5, 28.5]}
LINE = {"type": "LineString", "coordinates": RING}
EMPTY = {"type": "Polygon", "coordinates": []}


def feature(geometry: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": None, "geometry": geometry}


def features(*geometries: Any, **members: Any) -> dict[str, Any]:
    return {"type": "FeatureCollection", **members, "features": [feature(geometry) for geometry in geometries]}


def polygon(*rings: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


def gathered(*geometries: Any) -> dict[str, Any]:
    return {"type": "GeometryCollection", "geometries": list(geometries)}


def system(name: Any, key: str = "name") -> dict[str, Any]:
    return {"crs": {"type": key, "properties": {key: name}}}


def write(content: Any) -> str:
    """Write a file of an area, and give the text of a scenario that reads it."""
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    Path("sea.geojson").write_bytes(raw)
    return '[areas.east_sea]\nfile = "sea.geojson"\n'


@pytest.mark.parametrize(
    "content",
    [
        POLYGON,
        feature(POLYGON),
        {"geometry": POLYGON},
        features(POLYGON, None, POINT, LINE, EMPTY),
        features(gathered(POINT, gathered(POLYGON, EMPTY))),
        gathered(LINE, POLYGON),
        features(polygon([[*corner, -12.5] for corner in RING])),
        polygon(RING[:-1]),
        features(polygon(RING[:3]), polygon([RING[0], *RING[2:]])),
        features(POLYGON, POLYGON),
        {"type": "MultiPolygon", "coordinates": [[RING], []]},
        {**POLYGON, "crs": None},
        *({**features(POLYGON), **system(name)} for name in ("urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326", "WGS 84")),
        features(POLYGON, **system("http://www.opengis.net/def/crs/EPSG/0/4326")),
        features(POLYGON, **system(4326, "code")),
        b"\xef\xbb\xbf" + json.dumps(POLYGON).encode(),
        json.dumps(POLYGON).encode("utf-16"),
    ],
)
def test_polygons_are_found_in_any_form_of_geojson(content: Any) -> None:
    Path(VARIANT).write_text(f'extends = "base.toml"\n{write(content)}', encoding="utf-8")
    assert load_scenario(VARIANT).areas["east_sea"].shape.equals(shapely.box(124.0, 28.0, 125.0, 29.0))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is not GeoJSON; line 1 is not valid JSON: expecting value"),
        (b'{\n"type": "Polygon",\n"coordinates": [}', "line 3 is not valid JSON: expecting value"),
        (b"not json", "line 1 is not valid JSON"),
        (b"<kml></kml>", "it is XML, such as KML"),
        (b"PK\x03\x04\x14\x00\xff", "it is a ZIP archive"),
        (b"\x00\x00\x27\x0a\x00\xff", "the file is not GeoJSON; "),
        (b'{"type": "\xe9"}', "it is not text in UTF-8"),
        (b"\xff\xfe", "line 1 is not valid JSON"),
        (b"[" * 100_000, "its brackets are nested too deeply"),
        ([], "the file is not an object in braces"),
        (5, "the file is not an object in braces"),
        ({}, "the file has no type"),
        ({"type": "Topology", "objects": {}}, 'the file has the type "Topology", which GeoJSON does not have'),
        (features({"type": "Cube"}), 'feature 1 has the type "Cube"'),
        ({"type": "FeatureCollection", "features": None}, "features of the file is not a list"),
        ({"type": "FeatureCollection", "features": [5]}, "features of the file is not a list of objects in braces"),
        (features(POLYGON, {"type": "GeometryCollection"}), "geometries of feature 2 is not a list"),
        (feature(None), "the file holds no Polygon or MultiPolygon"),
        (features(POINT, LINE, EMPTY), "the file holds no Polygon or MultiPolygon"),
        ({"type": "Polygon"}, "the coordinates of the file are not a list of rings"),
        (features(polygon(5)), "the coordinates of feature 1 are not a list of rings"),
        (features(polygon(RING[0])), "feature 1 has the corner 124.0, which is not [longitude, latitude]"),
        (polygon(RING[:2]), "the file has a ring without three different corners"),
        (polygon([*RING[:2], [125.0]]), "the file has the corner [125.0], which is not [longitude, latitude]"),
        (polygon([*RING[:2], [125.0, "29"]]), 'the corner [125.0, "29"]'),
        (polygon([*RING[:2], [125.0, True]]), "the corner [125.0, true]"),
        (polygon([*RING[:2], [[125.0, 29.0]]]), "a corner that holds lists"),
        (b'{"type": "Polygon", "coordinates": [[[124, 28], [125, 28], [125, NaN]]]}', "the corner [125.0, nan]"),
        (
            f'{{"type": "Polygon", "coordinates": [[[124, 28], [125, 28], [125, {"9" * 5000}]]]}}'.encode(),
            "the corner [125.0, inf]",
        ),
        (features(POLYGON, polygon(METRES)), "feature 2 has the corner [1.40708e+07, 3.071e+06], which is not in deg"),
        (polygon([corner[::-1] for corner in RING]), "beyond 90 degrees; longitude and latitude look swapped"),
        (polygon([[179.5, 28.0], [-179.5, 28.0], [179.9, 29.0]]), "crosses the date line, from 179.5 to -179.5"),
        (
            features(POLYGON, polygon([RING[0], RING[2], RING[1], RING[3]])),
            "feature 2 needs a polygon that does not cross itself; the fault is at [124.5, 28.5]",
        ),
        (polygon(HOLE, RING), "needs a polygon without a hole that lies outside it"),
        (polygon(RING, HOLE, HOLE), "the file needs a "),
        (features(polygon(METRES), **system("urn:ogc:def:crs:EPSG::3857")), "in EPSG:3857, WGS 84 / Pseudo-Mercator"),
        (features(POLYGON, **system("EPSG:4301")), "in EPSG:4301, Tokyo, as its member crs says; export it in long"),
        (features(POLYGON, **system(4301, "code")), "in EPSG:4301, Tokyo"),
        (features({**POLYGON, **system("EPSG:32651")}), "in EPSG:32651, WGS 84 / UTM zone 51N"),
        (features(POLYGON, **system("EPSG:999999")), "in EPSG:999999, as its member crs says"),
        (features(POLYGON, **system("local")), 'in the system "local"'),
        (features(POLYGON, crs={"type": "link"}), "in a system without a name"),
    ],
)
def test_what_is_wrong_with_a_geojson_file_is_said(only_problem: OnlyProblem, content: Any, reason: str) -> None:
    problem = only_problem(write(content))
    assert (problem.file, problem.line, problem.key) == (VARIANT, 3, "areas.east_sea.file")
    assert problem.given == '"sea.geojson"'
    assert problem.allowed.startswith("a GeoJSON file of polygons inside this file's folder (")
    assert reason in problem.allowed
    assert "\n" not in str(problem)


@pytest.mark.parametrize(
    ("coordinates", "allowed"),
    [
        ([HOLE, RING], "a polygon without a hole that lies outside it; the fault is at "),
        ([[RING], [HOLE]], "polygons of which none lies inside another"),
        ([[RING], [RING]], "a polygon "),
    ],
)
def test_a_polygon_in_the_scenario_is_refused_in_the_same_words(
    only_problem: OnlyProblem, coordinates: Any, allowed: str
) -> None:
    problem = only_problem(f"[areas.east_sea]\npolygon = {coordinates}")
    assert (problem.line, problem.key) == (3, "areas.east_sea.polygon")
    assert allowed in problem.allowed
