"""The rows of a layer as texts, numbers and None, for formats that are text."""

from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa
import shapely

from sim.core.text import visible
from sim.study.export.layers import Layer
from sim.study.export.moments import iso_texts

DECIMALS = 7  # of degrees: a centimetre
_SLICE = 50_000  # rows


def records_of(layer: Layer) -> list[dict[str, Any]]:
    """The rows of a layer by the names of its columns: times are texts such as 2023-04-10T06:30:00.000Z."""
    columns = {}
    for name in layer.table.column_names:
        column = layer.table.column(name)
        columns[name] = iso_texts(column) if pa.types.is_timestamp(column.type) else column.to_pylist()
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def slices_of(layer: Layer) -> Iterator[Layer]:
    """A layer in slices, at least one, so that a text of very many rows need not be in memory as a whole."""
    for begin in range(0, max(len(layer.shapes), 1), _SLICE):
        yield Layer(layer.kind, layer.table.slice(begin, _SLICE), layer.shapes[begin : begin + _SLICE])


def rounded(shapes: Any) -> Any:
    """Shapes in degrees with as many decimals as a text needs; outer rings turn left, as GeoJSON wants it."""
    return shapely.orient_polygons(shapely.transform(shapes, lambda points: points.round(DECIMALS)), exterior_cw=False)


def label_of(layer: Layer, record: Mapping[str, Any]) -> str:
    """What a row is called on a globe."""
    known = {name: "" if value is None else value for name, value in record.items()}
    return visible(layer.kind.label.format_map(known).strip(" ,"))
