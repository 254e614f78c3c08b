"""KML as Google Earth plays it: documents of layers, in which every text is escaped.

Colours are written as KML has them, alpha first and red last. Nothing names an address on the network but the two name
spaces of KML, so a file works without one.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import shapely

from sim.core.text import visible
from sim.study.export.formats import MapContent
from sim.study.export.layers import Layer
from sim.study.export.lines import in_short_pieces
from sim.study.export.moments import iso_times
from sim.study.export.records import DECIMALS, label_of, records_of, rounded
from sim.study.export.replay import Flight, flights_of
from sim.study.export.symbols import CLASSES, FLIGHT, SYMBOLS, Symbol, class_of

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2" xmlns:gx="http://www.google.com/kml/ext/2.2">
"""
_FLIGHT = "flights"


def kml_of(content: MapContent, *, flies: bool) -> str:
    """The document of some layers; with `flies` aircraft fly along the tracks; otherwise these are lines with times."""
    parts = [f"{_HEAD}<Document>\n<name>{_text(content.title)}</name>\n<open>1</open>\n"]
    for layer in content.layers:
        symbol, classes = SYMBOLS[layer.name], _classes(layer.name)
        parts += [_style(f"{layer.name}{name}", symbol, colour) for name, colour in classes.items()]
    parts.append(_style(_FLIGHT, FLIGHT, FLIGHT.colour) if flies else "")
    for layer in content.layers:
        parts.append(f"<Folder>\n<name>{layer.name}</name>\n")
        parts += map(_flight, flights_of(layer)) if flies and layer.name == "tracks" else _placemarks(layer)
        parts.append("</Folder>\n")
    parts.append("</Document>\n</kml>\n")
    return "".join(parts)


def _text(value: object) -> str:
    """A text of XML; hidden characters, which XML cannot hold, are escapes."""
    return escape(visible(value))


def _classes(layer: str) -> Mapping[str, str]:
    """The colours of the classes of a layer, which has one without a name where all rows are alike."""
    return CLASSES.get(layer, {"": SYMBOLS[layer].colour})


def _style(identity: str, symbol: Symbol, colour: str) -> str:
    """One style: of points, lines and polygons, since it is used for one kind of them only."""
    opaque, inside = _colour(colour, 1.0), _colour(colour, symbol.opacity)
    edge = f"<LineStyle><color>{opaque}</color><width>{min(max(symbol.size, 1.0), 2.0):g}</width></LineStyle>"
    point = f"<IconStyle><color>{opaque}</color><scale>{0.3 + symbol.size / 20.0:g}</scale></IconStyle>"
    named = int(identity in ("bases", _FLIGHT))
    return (
        f"<Style id={quoteattr(identity)}>{point}<LabelStyle><scale>{named}</scale></LabelStyle>{edge}"
        f"<PolyStyle><color>{inside}</color><outline>{int(symbol.size > 0)}</outline></PolyStyle></Style>\n"
    )


def _colour(colour: str, opacity: float) -> str:
    red, green, blue = colour[1:3], colour[3:5], colour[5:7]
    return f"{round(255 * opacity):02x}{blue}{green}{red}".lower()


def _placemarks(layer: Layer) -> Iterator[str]:
    """The rows of a layer, each with its times and its columns."""
    for record, shape in zip(records_of(layer), rounded(in_short_pieces(layer.shapes)), strict=True):
        data = "".join(
            f"<Data name={quoteattr(name)}><value>{_text(value)}</value></Data>"
            for name, value in record.items()
            if value is not None
        )
        yield (
            f"<Placemark><name>{_text(label_of(layer, record))}</name>{_when(layer, record)}"
            f"<styleUrl>#{layer.name}{class_of(layer.name, record)}</styleUrl><ExtendedData>{data}</ExtendedData>"
            f"{_geometry(shape)}</Placemark>\n"
        )


def _when(layer: Layer, record: Mapping[str, Any]) -> str:
    """When a row is shown: from its beginning to its end, or at its moment."""
    times = [record[name] for name in layer.kind.times]
    if len(times) == 2:
        return f"<TimeSpan><begin>{times[0]}</begin><end>{times[1]}</end></TimeSpan>"
    return f"<TimeStamp><when>{times[0]}</when></TimeStamp>" if times else ""


def _geometry(shape: Any) -> str:
    """A shape as KML has it."""
    if shape.geom_type == "Point":
        return f"<Point><coordinates>{_coordinates(shape)}</coordinates></Point>"
    if shape.geom_type == "LineString":
        return f"<LineString><tessellate>1</tessellate><coordinates>{_coordinates(shape)}</coordinates></LineString>"
    if shape.geom_type == "MultiPolygon":
        return f"<MultiGeometry>{''.join(map(_geometry, shape.geoms))}</MultiGeometry>"
    rings = [f"<LinearRing><coordinates>{_coordinates(ring)}</coordinates></LinearRing>" for ring in _rings(shape)]
    inner = "".join(f"<innerBoundaryIs>{ring}</innerBoundaryIs>" for ring in rings[1:])
    return f"<Polygon><tessellate>1</tessellate><outerBoundaryIs>{rings[0]}</outerBoundaryIs>{inner}</Polygon>"


def _rings(polygon: Any) -> list[Any]:
    return [polygon.exterior, *polygon.interiors]


def _coordinates(shape: Any) -> str:
    """The places of a shape, each longitude and latitude."""
    return " ".join(_place(lon, lat) for lon, lat in shapely.get_coordinates(shape).tolist())


def _place(lon: float, lat: float, separator: str = ",") -> str:
    return f"{round(lon, DECIMALS)}{separator}{round(lat, DECIMALS)}"


def _flight(flight: Flight) -> str:
    """A flight that Google Earth plays: times, then as many places."""
    times = "".join(f"<when>{moment}</when>" for moment in iso_times(flight.times))
    places: Iterable[list[float]] = flight.places.tolist()
    coordinates = "".join(f"<gx:coord>{_place(lon, lat, ' ')} 0</gx:coord>" for lon, lat in places)
    return (
        f"<Placemark><name>{_text(flight.label)}</name><styleUrl>#{_FLIGHT}</styleUrl>\n"
        f"<gx:Track>{times}\n{coordinates}</gx:Track></Placemark>\n"
    )
