"""Map layers of a run, read back by readers that did not write them: the rows of the tables, their places and times."""

import csv
import json
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
import shapely

from sim import export, load_scenario
from sim.core.palette import STATUS_COLOURS
from sim.core.text import csv_cell, visible
from sim.deployment.transfers import plan_transfers
from sim.study.export.formats import formats
from sim.study.export.kinds import LAYERS
from sim.study.export.layers import OWN_COLUMNS, there_are
from sim.study.maps.coverage import (
    coverage_field,
    flown_sorties,
    main_source,
    median_duration_h,
    planned_patrols,
    recorded_replications,
)

KML, GX = "{http://www.opengis.net/kml/2.2}", "{http://www.google.com/kml/ext/2.2}"
TABLES = ("tracks", "contacts", "transfers", "tips")
USUAL = [name for name, kind in LAYERS.items() if not kind.is_asked_for]


def rows_of(results, layer, replications=(0, 1)):
    """The rows of a layer as the tables of the run have them."""
    rows = results.tables[LAYERS[layer].table].to_pylist()
    rows = [row for row in rows if row["replication"] in replications]
    return [row for row in rows if row["event"] == "detected"] if layer == "contacts" else rows


def moment(results, hours):
    """An hour of a scenario as a text in UTC, to the millisecond."""
    if hours is None:
        return None
    time = results.scenario.start + timedelta(milliseconds=round(hours * 3_600_000.0))
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{time.microsecond // 1000:03d}Z"


def expected(results, layer, replications=(0, 1)):
    """The rows of a layer with their times in UTC."""
    rows = rows_of(results, layer, replications)
    return [row | {k[:-2]: moment(results, v) for k, v in row.items() if k.endswith("_h")} for row in rows]


def place_of(row):
    """The ends of a leg, or the place of another row."""
    return [(row["lon0"], row["lat0"]), (row["lon1"], row["lat1"])] if "leg" in row else [(row["lon"], row["lat"])]


def assert_at_places(shapes, rows):
    """Each shape begins and ends where its row says."""
    ends = [[shapely.get_coordinates(shape)[place] for place in (0, -1)] for shape in shapes]
    places = [[place_of(row)[0], place_of(row)[-1]] for row in rows]
    assert np.abs(np.array(ends) - np.array(places)).max() < 1e-6


# ------------------------------------------------------------------------------------------------- each format
def from_gpkg_blob(blob):
    """The shape of a GeoPackage: a header of 8 bytes and perhaps a box, then well-known binary."""
    assert blob[:3] == b"GP\x00"
    sizes = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}
    return shapely.from_wkb(blob[8 + sizes[(blob[3] >> 1) & 7] :])


def test_a_geopackage_has_the_rows_of_the_run(charted_results, scratch):
    export(charted_results, "map.gpkg")
    with closing(sqlite3.connect("map.gpkg")) as file:
        file.row_factory = sqlite3.Row
        contents = {row["table_name"]: dict(row) for row in file.execute("SELECT * FROM gpkg_contents")}
        assert [name for name in contents if name != "layer_styles"] == USUAL
        assert {contents[name]["srs_id"] for name in USUAL} == {4326}
        for layer in TABLES:
            found = [dict(row) for row in file.execute(f"SELECT * FROM {layer} ORDER BY fid")]  # noqa: S608
            shapes = [from_gpkg_blob(row.pop("geom")) for row in found]
            assert [{k: v for k, v in row.items() if k != "fid"} for row in found] == expected(charted_results, layer)
            assert_at_places(shapes, rows_of(charted_results, layer))
        shapes = [from_gpkg_blob(row["geom"]) for row in file.execute("SELECT geom FROM areas ORDER BY fid")]
    areas = [area.shape for area in charted_results.scenario.areas.values()]
    assert [shape.geom_type for shape in shapes] == ["MultiPolygon"] * len(areas)
    assert [shape.equals(area) for shape, area in zip(shapes, areas, strict=True)] == [True, True]


def test_a_geopackage_has_a_default_style_for_qgis_of_each_layer(charted_results, scratch):
    export(charted_results, "map.gpkg", layer=["transfers", "tracks", "coverage"], cells=100)
    with closing(sqlite3.connect("map.gpkg")) as file:
        styles = {
            name: (column, ElementTree.fromstring(text))  # noqa: S314  it is our own
            for name, column, text in file.execute(
                "SELECT f_table_name, f_geometry_column, styleQML FROM layer_styles WHERE useAsDefault = 1 "
                "AND f_table_schema = ''"
            )
        }
        columns = {row[1] for row in file.execute("PRAGMA table_info(transfers)")}
    assert set(styles) == {"tracks", "transfers", "coverage"}
    assert {column for column, _ in styles.values()} == {"geom"} < columns
    style = styles["transfers"][1]
    assert style.find("renderer-v2").get("attr") == "status"
    symbols = {one.get("name"): one for one in style.iter("symbol")}
    colours = {
        one.get("value"): symbols[one.get("symbol")].find(".//prop[@k='color']").get("v")
        for one in style.iter("category")
    }
    hexes = {name: bytes(map(int, colour.split(",")[:3])).hex() for name, colour in colours.items()}
    assert hexes == {name: colour[1:].lower() for name, colour in STATUS_COLOURS.items()}
    temporal = style.find("temporal")
    assert [temporal.get(key) for key in ("enabled", "mode", "startField", "endField")] == ["1", "2", "begin", "end"]
    ranges = [(float(one.get("lower")), float(one.get("upper"))) for one in styles["coverage"][1].iter("range")]
    assert np.allclose(ranges, [(k / 10, (k + 1) / 10) for k in range(10)])


@pytest.mark.skipif(shutil.which("ogrinfo") is None, reason="ogrinfo of GDAL is not installed")
@pytest.mark.parametrize("ending", [".gpkg", ".geojson", ".kml", ".kmz", ".fgb", ".csv"])
def test_another_version_of_gdal_reads_what_is_written_without_a_warning(charted_results, scratch, ending):
    done = export(charted_results, f"map{ending}", layer=None if ending != ".csv" else "transfers")
    texts = []
    for file in done.files:
        call = ["ogrinfo", "-so", "-al", str(file)]
        told = subprocess.run(call, capture_output=True, encoding="utf-8", check=True)
        assert "arning" not in told.stderr, told.stderr
        texts.append(told.stdout)
    counts = {"all": sum(done.rows.values())} if ending == ".geojson" else done.rows
    if formats()[ending].plays:  # of replays, whose tracks are no lines, the rest
        counts = {"transfers": len(rows_of(charted_results, "transfers", [0]))}
    text = "\n".join(texts)
    assert counts
    assert [name for name, count in counts.items() if f"Feature Count: {count}\n" not in text] == []


@pytest.mark.skipif(shutil.which("ogr2ogr") is None, reason="ogr2ogr of GDAL is not installed")
def test_flatgeobuf_has_the_rows_of_the_run(charted_results, scratch):
    """It orders rows by their places, and another version of GDAL leaves out what does not exist."""
    export(charted_results, "map.fgb")
    for layer in TABLES:
        call = ["ogr2ogr", "-f", "GeoJSON", "/vsistdout/", f"map-{layer}.fgb"]
        text = subprocess.run(call, capture_output=True, encoding="utf-8", check=True).stdout
        found = sorted(json.loads(text)["features"], key=lambda one: key_of(one["properties"]))
        rows = [{k: v for k, v in row.items() if v is not None} for row in expected(charted_results, layer)]
        rows.sort(key=key_of)
        assert [key_of(one["properties"]) for one in found] == [key_of(row) for row in rows]
        assert [list(one["properties"]) for one in found] == [list(row) for row in rows]
        assert_at_places([shapely.geometry.shape(one["geometry"]) for one in found], rows)


def key_of(row):
    """The values of a row as texts, numbers with 12 digits, times at a whole second without milliseconds."""
    values = [f"{v:.12g}" if isinstance(v, float) else str(v).replace(".000Z", "Z") for v in row.values()]
    return tuple(values)


def test_geojson_has_the_rows_of_the_run(charted_results, scratch):
    done = export(charted_results, "map.geojson")
    collection = json.loads(Path("map.geojson").read_bytes())
    assert collection["type"] == "FeatureCollection"
    found = {name: [] for name in USUAL}
    for feature in collection["features"]:
        found[feature["properties"].pop("layer")].append(feature)
    assert {name: len(features) for name, features in found.items()} == done.rows
    for layer in TABLES:
        assert [feature["properties"] for feature in found[layer]] == expected(charted_results, layer)
        shapes = [shapely.geometry.shape(feature["geometry"]) for feature in found[layer]]
        assert_at_places(shapes, rows_of(charted_results, layer))
    areas = [shapely.geometry.shape(feature["geometry"]) for feature in found["areas"]]
    assert [
        area.equals(one.shape) for area, one in zip(areas, charted_results.scenario.areas.values(), strict=True)
    ] == [
        True,
        True,
    ]
    assert [part.exterior.is_ccw for area in areas for part in shapely.get_parts(area)] == [True] * 3


def test_an_exported_area_is_the_area_of_another_scenario(charted_results, scratch):
    export(charted_results, "banks.geojson", layer="areas")
    features = json.loads(Path("banks.geojson").read_bytes())["features"]
    text = json.dumps(next(one for one in features if one["properties"]["area"] == "banks"))
    Path("banks.geojson").write_text(text, encoding="utf-8")
    Path("again.toml").write_text('extends = "neon-spring"\nareas.banks.file = "banks.geojson"\n', encoding="utf-8")
    again = load_scenario("again.toml").areas["banks"]
    assert again.shape == charted_results.scenario.areas["banks"].shape


def test_csv_has_the_rows_of_the_run(charted_results, scratch):
    done = export(charted_results, "map.csv")
    assert done.files == [Path(f"map-{name}.csv") for name in USUAL]
    for layer in TABLES:
        with Path(f"map-{layer}.csv").open(encoding="utf-8", newline="") as file:
            found = list(csv.DictReader(file))
        shapes = [shapely.from_wkt(row.pop("wkt")) for row in found]
        assert_at_places(shapes, rows_of(charted_results, layer))
        rows = [
            {k: str(csv_cell(v)).lower() if isinstance(v, bool) else str(csv_cell(v)) for k, v in row.items()}
            for row in expected(charted_results, layer)
        ]
        assert found == rows


def test_geoparquet_has_the_rows_of_the_run(charted_results, scratch):
    export(charted_results, "map.parquet")
    for layer in TABLES:
        table = pq.read_table(f"map-{layer}.parquet")
        about = json.loads(table.schema.metadata[b"geo"])
        column = about["columns"][about["primary_column"]]
        shapes = shapely.from_wkb(table.column(about["primary_column"]).to_pylist())
        assert (about["version"], column["encoding"]) == ("1.0.0", "WKB")
        assert column["geometry_types"] == [LAYERS[layer].geometry]
        assert column["bbox"] == shapely.total_bounds(shapes).tolist()
        assert "crs" not in column  # then it is longitude and latitude of WGS 84
        rows = [{k: v for k, v in row.items() if k != "geometry"} for row in table.to_pylist()]
        for row in rows:
            row |= {k: iso(v) for k, v in row.items() if isinstance(v, datetime)}
        assert rows == expected(charted_results, layer)
        assert_at_places(shapes, rows_of(charted_results, layer))


def iso(time):
    """A time as a text in UTC, to the millisecond."""
    return time.strftime("%Y-%m-%dT%H:%M:%S.") + f"{time.microsecond // 1000:03d}Z"


def placemarks(path, layer):
    """The placemarks of a folder of a file of KML, and the document."""
    if path.endswith(".kmz"):
        with zipfile.ZipFile(path) as archive:
            (name,) = archive.namelist()
            assert name.endswith(".kml")
            text = archive.read(name)
    else:
        text = Path(path).read_bytes()
    document = ElementTree.fromstring(text).find(f"{KML}Document")  # noqa: S314  it is our own
    folders = {folder.findtext(f"{KML}name"): folder for folder in document.iter(f"{KML}Folder")}
    return folders[layer].findall(f"{KML}Placemark"), document


def numbers_in(text):
    """The longitudes and latitudes of a list of coordinates."""
    return [tuple(map(float, place.split(",")[:2])) for place in text.split()]


def test_kml_has_the_rows_of_the_first_replication_with_their_times(charted_results, scratch):
    assert export(charted_results, "map.kml").replications == [0]
    for layer in TABLES:
        marks, document = placemarks("map.kml", layer)
        rows = expected(charted_results, layer, [0])
        data = [{one.get("name"): one.findtext(f"{KML}value") for one in mark.iter(f"{KML}Data")} for mark in marks]
        assert data == [{k: str(v) for k, v in row.items() if v is not None} for row in rows]
        shapes = [shapely.LineString(2 * numbers_in(next(mark.iter(f"{KML}coordinates")).text)) for mark in marks]
        firsts = [tuple(shapely.get_coordinates(shape)[0]) for shape in shapes]
        assert np.abs(np.array(firsts) - [place_of(row)[0] for row in rows]).max() < 1e-6
        styles = {style.get("id") for style in document.iter(f"{KML}Style")}
        assert {mark.findtext(f"{KML}styleUrl")[1:] for mark in marks} <= styles
    spans = [[one.text for one in mark.find(f"{KML}TimeSpan")] for mark in placemarks("map.kml", "tracks")[0]]
    assert spans == [[row["begin"], row["end"]] for row in expected(charted_results, "tracks", [0])]
    stamps = [mark.findtext(f"{KML}TimeStamp/{KML}when") for mark in placemarks("map.kml", "contacts")[0]]
    assert stamps == [row["time"] for row in expected(charted_results, "contacts", [0])]
    assert document.findtext(f"{KML}name") == charted_results.scenario.title


def assert_flown(results, times, places, patrol, sortie, replication):
    """A flight is at the ends of the legs of its sortie at their times."""
    rows = [r for r in expected(results, "tracks", [replication]) if (r["patrol"], r["sortie"]) == (patrol, sortie)]
    assert times == sorted(set(times))
    assert (times[0], times[-1]) == (rows[0]["begin"], rows[-1]["end"])
    at = dict(zip(times, places, strict=True))
    ends = [(row["end"], place_of(row)[1]) for row in rows if row["end"] in at]
    assert len(ends) > 0.9 * len(rows)
    assert np.abs(np.array([at[time] for time, _ in ends]) - [place for _, place in ends]).max() < 1e-6


def test_in_a_replay_for_google_earth_the_aircraft_fly_their_tracks(charted_results, scratch):
    assert export(charted_results, "map.kmz", replication=1).replications == [1]
    marks, _ = placemarks("map.kmz", "tracks")
    sorties = {(row["patrol"], row["sortie"]) for row in rows_of(charted_results, "tracks", [1])}
    assert len(marks) == len(sorties) > 2
    for mark in marks:
        times = [one.text for one in mark.iter(f"{KML}when")]
        places = [tuple(map(float, one.text.split()[:2])) for one in mark.iter(f"{GX}coord")]
        patrol, sortie = mark.findtext(f"{KML}name").split()
        assert_flown(charted_results, times, places, patrol, int(sortie), 1)
    assert len(placemarks("map.kmz", "transfers")[0]) == len(rows_of(charted_results, "transfers", [1]))


def test_in_czml_the_aircraft_fly_their_tracks(charted_results, scratch):
    export(charted_results, "map.czml")
    head, *packets = json.loads(Path("map.czml").read_bytes())
    scenario = charted_results.scenario
    assert (head["id"], head["version"], head["name"]) == ("document", "1.0", scenario.title)
    assert head["clock"]["interval"] == f"{moment(charted_results, 0)}/{moment(charted_results, scenario.duration_h)}"
    assert len({packet["id"] for packet in packets}) == len(packets)
    flights = [packet for packet in packets if packet["id"].startswith("tracks/")]
    assert len(flights) > 2
    for packet in flights:
        samples = np.array(packet["position"]["cartographicDegrees"]).reshape(-1, 4)
        epoch = datetime.fromisoformat(packet["position"]["epoch"])
        times = [iso(epoch + timedelta(milliseconds=round(s * 1000.0))) for s in samples[:, 0].tolist()]
        assert packet["availability"] == f"{times[0]}/{times[-1]}"
        patrol, sortie = packet["name"].split()
        assert_flown(charted_results, times, samples[:, 1:3].tolist(), patrol, int(sortie), 0)
    transfers = [packet for packet in packets if packet["id"].startswith("transfers/")]
    rows = expected(charted_results, "transfers", [0])
    assert [packet["availability"] for packet in transfers] == [f"{row['begin']}/{row['end']}" for row in rows]
    assert [packet["properties"]["status"] for packet in transfers] == [row["status"] for row in rows]
    banks = [packet["polygon"] for packet in packets if packet["name"] == "banks"]
    assert [len(polygon.get("holes", {}).get("cartographicDegrees", [])) for polygon in banks] == [0, 1]


# ------------------------------------------------------------------------------------------------- layers
def read(layer, results, **options):
    """A layer of a run as a table with a column of shapes."""
    export(results, f"{layer}.parquet", layer=layer, **options)
    table = pq.read_table(f"{layer}.parquet")
    return table, shapely.from_wkb(table.column("geometry").to_pylist())


def test_a_route_is_one_pass_as_planned(charted_results, scratch):
    table, lines = read("routes", charted_results)
    (row,) = table.drop_columns("geometry").to_pylist()
    assert (row["route"], row["patrol"], row["base"]) == ("search", "aurora", "kadena")
    plane = charted_results.scenario.plane
    points = np.column_stack(plane.to_xy(*shapely.get_coordinates(lines[0]).T))
    length = np.hypot(*np.diff(points, axis=0).T)
    assert length.max() < 25.001
    assert length.sum() == pytest.approx(row["length_nmi"])
    speed = charted_results.scenario.aircraft["cp140"].search_speed_kn
    assert row["pass_h"] == pytest.approx(row["length_nmi"] / speed)


def test_a_route_that_nobody_flies_has_no_patrol(neon_results, scratch):
    scenario = load_scenario(neon_results.scenario, {"routes.spare": neon_results.scenario.routes["search"]})
    table, _ = read("routes", replace(neon_results, scenario=scenario))
    assert table.column("patrol").to_pylist() == ["aurora", None]


def test_the_cells_of_coverage_are_squares_of_the_plane_with_the_probability_at_their_middle(charted_results, scratch):
    table, cells = read("coverage", charted_results, cells=120)
    scenario = charted_results.scenario
    plane = scenario.plane
    flat = [shapely.transform(cell, lambda points: np.column_stack(plane.to_xy(*points.T))) for cell in cells]
    middles = np.column_stack(plane.to_xy(table.column("lon").to_numpy(), table.column("lat").to_numpy()))
    assert 100 < len(cells) <= 120
    assert shapely.area(flat) == pytest.approx(np.full(len(cells), shapely.area(flat[0])))
    assert shapely.distance(shapely.points(middles), shapely.centroid(flat)).max() < 1e-3
    source = main_source([plan_transfers(scenario, name) for name in scenario.transfers])
    flown = flown_sorties(charted_results, 20)
    hours = median_duration_h(source)
    probability = coverage_field(scenario, planned_patrols(scenario), flown, middles, hours, source, 1)
    assert np.abs(probability - table.column("probability").to_numpy()).max() < 1e-3
    assert probability.max() > 0.3


def test_each_layer_has_the_columns_of_the_reference(charted_results, scratch):
    assert there_are(charted_results) == list(LAYERS)
    export(charted_results, "map.parquet", layer=list(LAYERS), cells=100)
    for name, kind in LAYERS.items():
        names = pq.read_schema(f"map-{name}.parquet").names[:-1]
        if kind.table:
            table = charted_results.tables[kind.table].column_names
            assert names == [*table, *(column[:-2] for column in table if column.endswith("_h"))]
        else:
            assert names == [column.name for column in OWN_COLUMNS[name]]


def test_layers_and_replications_are_those_that_are_asked_for(charted_results, scratch):
    assert recorded_replications(charted_results) == [0, 1]
    usual = export(charted_results, "all.geojson")
    assert (list(usual.rows), usual.replications) == (USUAL, [0, 1])
    one = export(charted_results, "one.geojson", layer=["tips", "tracks"], replication=1)
    assert (list(one.rows), one.replications) == (["tracks", "tips"], [1])
    rows = [feature["properties"] for feature in json.loads(Path("one.geojson").read_bytes())["features"]]
    assert {(row["layer"], row["replication"]) for row in rows} == {("tracks", 1), ("tips", 1)}
    fixed = export(charted_results, "fixed.geojson", layer=["areas", "bases"])
    assert (fixed.rows, fixed.replications) == ({"areas": 2, "bases": len(charted_results.scenario.bases)}, [])


def test_a_run_without_zones_and_tips_has_no_such_layers(neon_results, scratch):
    assert "zones" not in there_are(neon_results)
    assert "tips" not in export(neon_results, "map.geojson").rows


def test_a_layer_without_rows_is_there_and_empty(charted_results, scratch):
    empty = {name: table.slice(0, 0) for name, table in charted_results.tables.items() if name != "replications"}
    results = replace(charted_results, tables={**charted_results.tables, **empty})
    written = [export(results, f"map{ending}") for ending in formats()]
    assert [done.rows["tracks"] for done in written] == [0] * len(written)
    with closing(sqlite3.connect("map.gpkg")) as file:
        assert file.execute("SELECT count(*) FROM tracks").fetchone() == (0,)
    assert pq.read_table("map-tips.parquet").num_rows == 0
    assert placemarks("map.kmz", "tracks")[0] == []


# ------------------------------------------------------------------------------------------------- the same bytes
def test_the_same_run_gives_the_same_bytes_in_another_process(charted, charted_results, scratch):
    for ending in formats():
        export(charted_results, f"one{ending}")
    code = (
        "import sys; from sim import Results, export\n"
        "for ending in sys.argv[2:]: export(Results.load(sys.argv[1]), f'two{ending}')"
    )
    subprocess.run([sys.executable, "-c", code, str(charted), *formats()], check=True)
    first = {path.name[3:]: path.read_bytes() for path in Path().glob("one*")}
    second = {path.name[3:]: path.read_bytes() for path in Path().glob("two*")}
    assert len(first) > len(formats())
    assert [name for name in first if first[name] != second.get(name)] == []
    assert set(first) == set(second)


# ------------------------------------------------------------------------------------------------- hostile names
HOSTILE = "=1+1 \"q\" 's' <b>&amp; ]]> \n\t\x1b[31m \u202e ü 海"


def with_hostile_names(results):
    """The results of a run whose patrols have a name that no scenario may have, but a damaged table might."""
    tables = dict(results.tables)
    for name in ("tracks", "events", "transfers"):
        place = tables[name].column_names.index("patrol")
        column = tables[name].column("patrol")
        hostile = pc.if_else(pc.is_valid(column), pa.scalar(HOSTILE), pa.scalar(None, pa.string()))
        tables[name] = tables[name].set_column(place, "patrol", hostile)
    return replace(results, tables=tables)


def test_hostile_names_stay_what_they_are(charted_results, scratch):
    results = with_hostile_names(charted_results)
    for ending in formats():
        export(results, f"map{ending}", layer=["tracks"])
    with closing(sqlite3.connect("map.gpkg")) as file:
        assert {row[0] for row in file.execute("SELECT patrol FROM tracks")} == {HOSTILE}
    features = json.loads(Path("map.geojson").read_bytes())["features"]
    assert {feature["properties"]["patrol"] for feature in features} == {HOSTILE}
    assert set(pq.read_table("map.parquet").column("patrol").to_pylist()) == {HOSTILE}
    with Path("map.csv").open(encoding="utf-8", newline="") as file:
        assert {row["patrol"] for row in csv.DictReader(file)} == {f"'{HOSTILE}"}  # no formula for a spreadsheet
    for path in ("map.kml", "map.kmz"):
        names = [mark.findtext(f"{KML}name") for mark in placemarks(path, "tracks")[0]]
        assert names
        assert all(name.startswith(visible(HOSTILE)) for name in names)
    packets = json.loads(Path("map.czml").read_bytes())
    assert packets[1]["name"].startswith(visible(HOSTILE))


def test_a_file_may_have_any_name(charted_results, scratch):
    for ending in formats():
        path = Path(f"a b'c\"d#e?f&g!h%20 海{ending}")
        assert export(charted_results, path, layer="bases").files == [path]
        assert path.is_file()
    assert len(list(Path().iterdir())) == len(formats())
