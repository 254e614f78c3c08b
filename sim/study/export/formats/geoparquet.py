"""GeoParquet 1.0: a Parquet file whose metadata say which column has the shapes, for data tools."""

from pathlib import Path

from sim.study.export.formats import Format, MapContent


def _write(path: Path, content: MapContent) -> None:
    import json

    import shapely

    from sim.study.export.formats.gdal import GEOMETRY, with_shapes
    from sim.study.parquet_files import parquet_writer

    (layer,) = content.layers
    column = {
        "encoding": "WKB",
        "geometry_types": sorted({shape.geom_type for shape in layer.shapes}),
        **({"bbox": shapely.total_bounds(layer.shapes).tolist()} if len(layer.shapes) else {}),
    }  # without `crs`, coordinates are longitude and latitude of WGS 84
    about = {"version": "1.0.0", "primary_column": GEOMETRY, "columns": {GEOMETRY: column}}
    table = with_shapes(layer).replace_schema_metadata({"geo": json.dumps(about)})
    with parquet_writer(path, table.schema) as writer:
        writer.write_table(table)


FORMAT = Format(".parquet", "GeoParquet, for data tools", _write, holds_layers=False)
