"""Layers written by GDAL through pyogrio, which the extra `gis` installs; no format itself."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.study.export.layers import Layer

PACKAGE = "pyogrio"
GEOMETRY = "geometry"
GDAL_GEOMETRY = "geom"  # the name that GDAL gives to the column of shapes of a GeoPackage
WGS_84 = "EPSG:4326"
_CHUNK = 1 << 20


def with_shapes(layer: "Layer", shapes: Any = None) -> Any:
    """The table of a layer with its shapes, or others, as a last column of well-known binary."""
    import pyarrow as pa
    import shapely

    binary = shapely.to_wkb(layer.shapes if shapes is None else shapes, byte_order=1)
    return layer.table.append_column(GEOMETRY, pa.array(list(binary), pa.binary()))


@contextmanager
def settings(**options: str) -> Iterator[None]:
    """Set options of GDAL for a while."""
    import pyogrio

    before = {name: pyogrio.get_gdal_config_option(name) for name in options}
    pyogrio.set_gdal_config_options(options)
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options(before)


def write_layer(target: Path | BytesIO, layer: "Layer", driver: str, **options: Any) -> None:
    """Write a layer to a file or into memory; if one of its shapes has several parts, all become MultiPolygons."""
    import shapely
    from pyogrio.raw import write_arrow

    shapes = layer.shapes
    kind: str = layer.kind.geometry
    if any(shape.geom_type == "MultiPolygon" for shape in shapes):
        shapes = [shapely.MultiPolygon(list(shapely.get_parts(shape))) for shape in shapes]
        kind = "MultiPolygon"
    write_arrow(
        with_shapes(layer, shapes),
        target,
        layer=layer.name,
        driver=driver,
        geometry_name=GEOMETRY,
        geometry_type=kind,
        crs=WGS_84,
        **options,
    )


def raise_what_the_system_refused(path: Path, needed: int) -> None:
    """Raise the error of the system that made GDAL fail to write a file, which GDAL tells only in words.

    A file of as many bytes as `needed` is written to the same place. If the system refuses nothing, this returns.
    """
    with path.open("wb") as file:
        for _ in range(needed // _CHUNK + 1):
            file.write(bytes(_CHUNK))
        file.flush()
        os.fsync(file.fileno())
