"""FlatGeobuf: one layer in a file that map tools read fast, also over the network."""

from pathlib import Path

from sim.study.export.formats import Format, MapContent
from sim.study.export.formats.gdal import PACKAGE


def _write(path: Path, content: MapContent) -> None:
    from io import BytesIO

    from sim.study.export.formats.gdal import write_layer

    (layer,) = content.layers
    memory = BytesIO()
    write_layer(memory, layer, "FlatGeobuf")
    path.write_bytes(memory.getvalue())


FORMAT = Format(".fgb", "FlatGeobuf, for large layers on the network", _write, holds_layers=False, package=PACKAGE)
