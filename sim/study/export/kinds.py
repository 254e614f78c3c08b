"""The layers of a map that a run gives. Nothing heavy is loaded here, since the help of a command names them."""

from dataclasses import dataclass
from typing import Literal

Geometry = Literal["Point", "LineString", "Polygon"]


@dataclass(frozen=True)
class LayerKind:
    """What is known of a layer before a run is read."""

    name: str
    geometry: Geometry
    """The kind of its shapes; an area or a zone of several parts is a MultiPolygon."""
    meaning: str
    """What a row is, as a phrase."""
    label: str
    """What a row is called on a globe, with the names of columns in braces."""
    times: tuple[str, ...] = ()
    """The columns with the times of a row: none, its moment, or its beginning and its end."""
    table: str = ""
    """The table of the run whose rows it has; empty for a layer with columns of its own."""
    is_asked_for: bool = False
    """Whether it is left out unless it is asked for, because it costs computing time."""
    is_realised: bool = False
    """Whether it is made of one replication, which is realised again for it."""


LAYERS = {
    kind.name: kind
    for kind in (
        LayerKind("areas", "Polygon", "an area of the scenario", "{area}"),
        LayerKind("zones", "Polygon", "a no-go zone of the scenario", "{zone}"),
        LayerKind("bases", "Point", "a base", "{base}"),
        LayerKind("routes", "LineString", "one pass of a route as planned for a patrol", "{route}, {patrol}"),
        LayerKind(
            "tracks", "LineString", "a leg as flown", "{patrol} {sortie}, {phase}", ("begin", "end"), table="tracks"
        ),
        LayerKind(
            "contacts", "Point", "the first detection of a vessel by a sortie, at the place of the aircraft then",
            "{vessel}", ("time",), table="events",
        ),
        LayerKind(
            "transfers", "Point", "a transfer, at the place where the ships lie alongside",
            "{source}-{transfer}, {status}", ("begin", "end"), table="transfers",
        ),
        LayerKind(
            "tips", "Point", "a report and the tip that it became, at the place as first reported",
            "{observer} {report}", ("made",), table="tips",
        ),
        LayerKind(
            "coverage", "Polygon", "a cell of sea with the probability that a transfer there is detected",
            "{probability:.2f}", is_asked_for=True,
        ),
        LayerKind(
            "truth", "LineString", "a straight segment of the true track of a vessel, in one replication",
            "{vessel}", ("begin", "end"), is_asked_for=True, is_realised=True,
        ),
        LayerKind(
            "claims", "LineString", "a straight segment of the track that a vessel claims by AIS, in one replication",
            "{vessel}", ("begin", "end"), is_asked_for=True, is_realised=True,
        ),
        LayerKind(
            "ais", "Point", "an AIS message that a vessel sends, with the columns of MarineCadastre", "{VesselName}",
            is_asked_for=True, is_realised=True,
        ),
    )
}  # fmt: skip
"""The kinds of layers by name, in the order in which a map draws them."""
