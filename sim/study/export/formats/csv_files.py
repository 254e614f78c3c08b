"""CSV: the columns of a layer, and its shapes as well-known text, for spreadsheets and databases."""

from pathlib import Path

from sim.study.export.formats import Format, MapContent


def _write(path: Path, content: MapContent) -> None:
    import shapely

    from sim.core.text import csv_table
    from sim.study.export.records import DECIMALS, records_of, rounded

    (layer,) = content.layers
    texts = shapely.to_wkt(rounded(layer.shapes), rounding_precision=DECIMALS)
    head = [*layer.table.column_names, "wkt"]
    rows = [
        [str(value).lower() if isinstance(value, bool) else value for value in (*record.values(), text)]
        for record, text in zip(records_of(layer), texts, strict=True)
    ]
    path.write_text(csv_table([head, *rows]), encoding="utf-8", newline="")


FORMAT = Format(".csv", "CSV, for spreadsheets", _write, holds_layers=False)
