"""CSV: the columns of a layer, and its shapes as well-known text, for spreadsheets and databases."""

from pathlib import Path

from sim.study.export.formats import Format, MapContent


def _write(path: Path, content: MapContent) -> None:
    import shapely

    from sim.core.text import csv_table
    from sim.study.export.records import DECIMALS, records_of, rounded, slices_of

    (layer,) = content.layers
    head = [*layer.table.column_names, "wkt"]
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(csv_table([head]))
        for part in slices_of(layer):
            texts = shapely.to_wkt(rounded(part.shapes), rounding_precision=DECIMALS)
            rows = [
                [str(value).lower() if isinstance(value, bool) else value for value in (*record.values(), text)]
                for record, text in zip(records_of(part), texts, strict=True)
            ]
            file.write(csv_table(rows))


FORMAT = Format(".csv", "CSV, for spreadsheets", _write, holds_layers=False)
