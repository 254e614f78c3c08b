"""GeoPackage (OGC 12-128): all layers in one file, which opens in QGIS in the colours of the pictures.

QGIS keeps styles in a table `layer_styles` of the file, and takes for each layer the one that `useAsDefault` marks. The
same layers give the same bytes, since GDAL is told what time it is.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.study.export.formats import Format, MapContent
from sim.study.export.formats.gdal import PACKAGE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.study.export.layers import Layer

_DAY = "1970-01-01T00:00:00.000Z"  # the file says that it was made then: always the same, so that its bytes are too
_STYLES = "layer_styles"
_TIMES = {"DATETIME_PRECISION": "MILLISECOND"}  # as the standard wants it, also at a whole second


def _write(path: Path, content: MapContent) -> None:
    import shutil
    from tempfile import TemporaryDirectory

    from sim.study.export.formats.gdal import raise_what_the_system_refused, settings

    with TemporaryDirectory() as folder:
        draft = Path(folder, "draft.gpkg")  # pyogrio takes what precedes a ! in a path for an archive
        try:
            with settings(OGR_CURRENT_DATE=_DAY, OGR_SQLITE_JOURNAL="MEMORY", OGR_SQLITE_SYNCHRONOUS="OFF"):
                _write_layers(draft, content.layers)
            _refuse_incomplete(draft, content.layers)
        except RuntimeError:  # of this kind are all errors of GDAL
            raise_what_the_system_refused(draft, 10 * sum(layer.table.nbytes for layer in content.layers))
            raise
        shutil.copyfile(draft, path)


def _write_layers(path: Path, layers: "Sequence[Layer]") -> None:
    from pyogrio.raw import write_arrow

    from sim.study.export.formats.gdal import write_layer

    for number, layer in enumerate(layers):
        version = {"dataset_options": {"VERSION": "1.2"}} if number == 0 else {}  # programs of 2020 read it
        write_layer(path, layer, "GPKG", append=number > 0, layer_options=_TIMES, **version)
    options = {**_TIMES, "FID": "id"}
    write_arrow(_styles(layers), path, layer=_STYLES, driver="GPKG", append=True, layer_options=options)


def _refuse_incomplete(path: Path, layers: "Sequence[Layer]") -> None:
    """Raise RuntimeError where a file lacks rows or an index, or is damaged.

    On a full disk GDAL may leave out the index of a layer without an error.
    """
    import sqlite3
    from contextlib import closing

    from sim.study.export.formats.gdal import GDAL_GEOMETRY

    rows = {layer.name: len(layer.shapes) for layer in layers}
    indexes = {f"rtree_{name}_{GDAL_GEOMETRY}_rowid": count for name, count in rows.items()}
    wanted = rows | indexes | {_STYLES: len(layers), "gpkg_extensions": len(layers)}
    try:
        with closing(sqlite3.connect(path)) as file:
            counting = {name: f'SELECT count(*) FROM "{name}"' for name in wanted}  # noqa: S608  all names are ours
            found = {name: file.execute(query).fetchone()[0] for name, query in counting.items()}
            fault = file.execute("PRAGMA quick_check").fetchone()[0]
    except sqlite3.Error as error:
        raise RuntimeError(f"the GeoPackage cannot be read again: {error}") from error
    if found != wanted or fault != "ok":
        raise RuntimeError(f"the GeoPackage is not whole: it has {found}, not {wanted}; {fault}")


def _styles(layers: "Sequence[Layer]") -> Any:
    """The table of styles as QGIS makes and reads it."""
    from datetime import datetime

    import pyarrow as pa

    from sim.study.export.formats.gdal import GDAL_GEOMETRY
    from sim.study.export.qgis import style_of

    names, count = [layer.name for layer in layers], len(layers)
    empty, text = [""] * count, pa.string()
    return pa.table(
        {
            "f_table_catalog": pa.array(empty, text),
            "f_table_schema": pa.array(empty, text),
            "f_table_name": pa.array(names, text),
            "f_geometry_column": pa.array([GDAL_GEOMETRY] * count, text),
            "styleName": pa.array(names, text),
            "styleQML": pa.array([style_of(layer.kind) for layer in layers], text),
            "styleSLD": pa.array(empty, text),
            "useAsDefault": pa.array([True] * count),
            "description": pa.array(empty, text),
            "owner": pa.array(empty, text),
            "ui": pa.array(empty, text),
            "update_time": pa.array([datetime.fromisoformat(_DAY)] * count, pa.timestamp("ms", tz="UTC")),
        }
    )


FORMAT = Format(".gpkg", "GeoPackage, for QGIS and other map tools", _write, package=PACKAGE)
