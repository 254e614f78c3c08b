"""The formats of exported layers, a file for each in this folder; the ending of a file's name chooses one.

A file holds one `Format` named FORMAT and loads what is heavy only when it writes, so that help stays fast.

* `geopackage`: GeoPackage, one file with all layers and their styles for QGIS.
* `flatgeobuf`: FlatGeobuf, a file for each layer.
* `geojson`: GeoJSON, all layers in one collection.
* `kml`: KML for Google Earth, with times.
* `kmz`: KML in a ZIP archive, in which the aircraft fly.
* `czml`: CZML for Cesium, in which the aircraft fly.
* `csv_files`: CSV, a file for each layer, with shapes as text.
* `geoparquet`: GeoParquet, a file for each layer.
* `gdal`: layers written by GDAL, which is an extra; it is no format itself.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.study.export.layers import Layer


@dataclass(frozen=True)
class MapContent:
    """What is written to a file."""

    title: str
    """The title of the scenario."""
    begin: datetime
    """When its deployment begins."""
    end: datetime
    """When it ends."""
    layers: Sequence["Layer"]
    """The layers; it is one layer where a file of the format has no more."""


@dataclass(frozen=True)
class Format:
    """A format of exported layers."""

    ending: str
    """The ending of its files, such as .gpkg."""
    title: str
    """Its name, and which programs it is for, as a phrase of a few words."""
    write: Callable[[Path, MapContent], None]
    """The function that writes a file; OSError where that cannot be done."""
    holds_layers: bool = True
    """Whether a file holds several layers."""
    plays: bool = False
    """Whether it is played in time, for which one replication at a time makes sense."""
    package: str = ""
    """The package beyond those of seasweep that it needs."""


@cache
def formats() -> dict[str, Format]:
    """The formats of the files in this folder, by their endings in the order of the alphabet."""
    names = sorted(module.name for module in iter_modules([str(Path(__file__).parent)]))
    modules = [import_module(f"{__name__}.{name}") for name in names]
    found: list[Format] = [module.FORMAT for module in modules if hasattr(module, "FORMAT")]
    return {one.ending: one for one in sorted(found, key=lambda one: one.ending)}
