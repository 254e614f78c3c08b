"""CZML: a replay for Cesium, in which the aircraft fly, and what has times is there at its times only."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.study.export.formats import Format, MapContent

if TYPE_CHECKING:
    from sim.study.export.layers import Layer
    from sim.study.export.replay import Flight

_SECONDS_A_SECOND = 600  # of the deployment, while a second is played
_TRAIL_S = 3600.0


def _write(path: Path, content: MapContent) -> None:
    import json

    from sim.core.text import visible
    from sim.study.export.moments import iso_text
    from sim.study.export.replay import flights_of

    whole = f"{iso_text(content.begin)}/{iso_text(content.end)}"
    clock = {"interval": whole, "currentTime": iso_text(content.begin), "multiplier": _SECONDS_A_SECOND}
    packets: list[dict[str, Any]] = [
        {"id": "document", "version": "1.0", "name": visible(content.title), "clock": clock}
    ]
    for layer in content.layers:
        packets += map(_flight, flights_of(layer)) if layer.name == "tracks" else _packets(layer, whole)
    lines = ",\n".join(json.dumps(packet, ensure_ascii=False, allow_nan=False) for packet in packets)
    path.write_text(f"[\n{lines}\n]\n", encoding="utf-8", newline="")


def _packets(layer: "Layer", whole: str) -> "Iterator[dict[str, Any]]":
    """The rows of a layer as packets; a packet of its own for each part of a shape."""
    import shapely

    from sim.study.export.lines import in_short_pieces
    from sim.study.export.records import label_of, records_of, rounded
    from sim.study.export.symbols import CLASSES, SYMBOLS, class_of

    for number, (record, shape) in enumerate(
        zip(records_of(layer), rounded(in_short_pieces(layer.shapes)), strict=True)
    ):
        colour = CLASSES.get(layer.name, {}).get(class_of(layer.name, record), SYMBOLS[layer.name].colour)
        times = [record[name] for name in layer.kind.times]
        known = {name: value for name, value in record.items() if value is not None}
        for part, one in enumerate(shapely.get_parts(shape)):
            packet = {
                "id": f"{layer.name}/{number}/{part}",
                "name": label_of(layer, record),
                "properties": {"layer": layer.name, **known},
            }
            if times:
                packet["availability"] = f"{times[0]}/{times[1] if len(times) == 2 else whole.partition('/')[2]}"
            yield {**packet, **_graphics(layer.name, one, colour)}


def _graphics(layer: str, shape: Any, colour: str) -> dict[str, Any]:
    """How a shape is drawn."""
    import shapely

    from sim.study.export.symbols import SYMBOLS

    symbol = SYMBOLS[layer]
    if shape.geom_type == "Point":
        point = {"pixelSize": symbol.size, "color": _rgba(colour), "outlineWidth": 1, "outlineColor": _rgba("#000000")}
        return {"position": _places(shapely.get_coordinates(shape)), "point": point}
    material = {"solidColor": {"color": _rgba(colour, symbol.opacity)}}
    if shape.geom_type == "LineString":
        positions = _places(shapely.get_coordinates(shape))
        return {"polyline": {"positions": positions, "width": symbol.size, "material": material, "clampToGround": True}}
    rings = [_places(shapely.get_coordinates(ring)[:-1]) for ring in (shape.exterior, *shape.interiors)]
    polygon: dict[str, Any] = {"positions": rings[0], "material": material}
    if len(rings) > 1:
        polygon["holes"] = {"cartographicDegrees": [ring["cartographicDegrees"] for ring in rings[1:]]}
    return {"polygon": polygon}


def _places(points: Any) -> dict[str, list[float]]:
    """Longitudes and latitudes, (n, 2), as places at sea level."""
    from sim.study.export.records import DECIMALS

    return {
        "cartographicDegrees": [number for lon, lat in points.round(DECIMALS).tolist() for number in (lon, lat, 0.0)]
    }


def _rgba(colour: str, opacity: float = 1.0) -> dict[str, list[int]]:
    return {"rgba": [*(int(colour[place : place + 2], 16) for place in (1, 3, 5)), round(255 * opacity)]}


def _flight(flight: "Flight") -> dict[str, Any]:
    """A flight as a point that moves, with the last hour of its way behind it."""
    from sim.core.text import visible
    from sim.study.export.moments import iso_times
    from sim.study.export.records import DECIMALS
    from sim.study.export.symbols import FLIGHT

    begin, end = iso_times(flight.times[[0, -1]])
    seconds = ((flight.times - flight.times[0]) / 1000.0).tolist()
    samples = zip(seconds, flight.places.round(DECIMALS).tolist(), strict=True)
    position = {"epoch": begin, "cartographicDegrees": [n for s, (lon, lat) in samples for n in (s, lon, lat, 0.0)]}
    colour = _rgba(FLIGHT.colour)
    material = {"solidColor": {"color": colour}}
    return {
        "id": f"tracks/{visible(flight.label)}",
        "name": visible(flight.label),
        "availability": f"{begin}/{end}",
        "position": position,
        "point": {"pixelSize": FLIGHT.size, "color": colour, "outlineWidth": 1, "outlineColor": _rgba("#FFFFFF")},
        "path": {"width": 2, "material": material, "leadTime": 0, "trailTime": _TRAIL_S},
    }


FORMAT = Format(".czml", "CZML, a replay for Cesium: the aircraft fly", _write, plays=True)
