"""Files for other programs follow the standards of these: KML 2.2 of the OGC, and the styles of QGIS 3."""

import re
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree

import pytest
import shapely

from sim import export

# The elements that we write, in the order of the schema of KML (OGC 12-007r2) and of Google's `gx`.
ORDER = {
    "kml": "Document",
    "Document": "name open Style Folder",
    "Folder": "name Placemark",
    "Placemark": "name TimeStamp TimeSpan styleUrl ExtendedData Point LineString Polygon MultiGeometry Track",
    "Style": "IconStyle LabelStyle LineStyle PolyStyle",
    "IconStyle": "color scale",
    "LabelStyle": "scale",
    "LineStyle": "color width",
    "PolyStyle": "color outline",
    "TimeSpan": "begin end",
    "TimeStamp": "when",
    "ExtendedData": "Data",
    "Data": "value",
    "Point": "coordinates",
    "LineString": "tessellate coordinates",
    "Polygon": "tessellate outerBoundaryIs innerBoundaryIs",
    "MultiGeometry": "Polygon",
    "outerBoundaryIs": "LinearRing",
    "innerBoundaryIs": "LinearRing",
    "LinearRing": "coordinates",
    "Track": "when coord",
}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
QGIS = {
    "SimpleMarker": {"name", "color", "outline_color", "outline_width", "outline_width_unit", "size", "size_unit"},
    "SimpleLine": {"line_color", "line_width", "line_width_unit"},
    "SimpleFill": {"color", "style", "outline_color", "outline_style", "outline_width", "outline_width_unit"},
}
"""The classes of layers of symbols that we use, with the properties of theirs that we set."""


@pytest.mark.parametrize("ending", ["kml", "kmz"])
def test_kml_follows_the_schema(charted_results, scratch, ending):
    export(charted_results, f"map.{ending}")
    if ending == "kmz":
        with zipfile.ZipFile("map.kmz") as archive:
            archive.extract("doc.kml")
    root = ElementTree.fromstring(Path("map.kml" if ending == "kml" else "doc.kml").read_bytes())  # noqa: S314  our own
    found = set()
    for parent in root.iter():
        space, _, name = parent.tag[1:].partition("}")
        assert space.endswith("kml/ext/2.2" if name in ("Track", "coord") else "opengis.net/kml/2.2")
        order = ORDER.get(name, "").split()
        places = [order.index(child.tag.partition("}")[2]) for child in parent]
        assert places == sorted(places), name
        found.add(name)
    assert set(ORDER) - found == ({"Track"} if ending == "kml" else set())
    styles = [one.get("id") for one in root.iter() if one.get("id")]
    assert len(set(styles)) == len(styles)
    assert all(re.fullmatch(r"[A-Za-z_][\w.-]*", name) for name in styles)  # as xsd:ID wants it
    texts = {
        name: [one.text for one in root.iter() if one.tag.partition("}")[2] == name]
        for name in ("when", "begin", "end")
    }
    assert all(TIME.fullmatch(text) for column in texts.values() for text in column)
    assert all(begin <= end for begin, end in zip(texts["begin"], texts["end"], strict=True))


def test_rings_of_kml_are_closed_and_run_against_the_clock(charted_results, scratch):
    export(charted_results, "map.kml", layer="areas")
    root = ElementTree.fromstring(Path("map.kml").read_bytes())  # noqa: S314  it is our own
    outer = [one for one in root.iter() if one.tag.endswith("}outerBoundaryIs")]
    assert len(outer) > 2
    for boundary in outer:
        text = "".join(boundary.itertext())
        ring = shapely.LinearRing([tuple(map(float, place.split(","))) for place in text.split()])
        assert ring.is_ccw
        assert ring.coords[0] == ring.coords[-1]


def test_styles_of_qgis_have_only_what_it_knows_and_columns_that_there_are(charted_results, scratch):
    export(charted_results, "map.gpkg", layer=["areas", "bases", "tracks", "contacts", "transfers", "tips"])
    with closing(sqlite3.connect("map.gpkg")) as file:
        styles = file.execute("SELECT f_table_name, styleQML FROM layer_styles").fetchall()
        assert len(styles) == 6
        for layer, text in styles:
            style = ElementTree.fromstring(text)  # noqa: S314  it is our own
            columns = {row[1] for row in file.execute(f"PRAGMA table_info({layer})")}
            temporal, renderer = style.find("temporal"), style.find("renderer-v2")
            assert {temporal.get("startField"), temporal.get("endField"), renderer.get("attr", "")} - {""} <= columns
            assert (temporal.get("enabled") == "1") == (temporal.get("mode") in ("1", "2"))
            assert renderer.get("type") in ("singleSymbol", "categorizedSymbol", "graduatedSymbol")
            for part in style.iter("layer"):
                assert {one.get("k") for one in part.iter("prop")} == QGIS[part.get("class")]
                assert all(one.get("v") for one in part.iter("prop"))
