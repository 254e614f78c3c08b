"""A sea with observers and nothing else, for rows about what observers see."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import shapely
from pydantic import TypeAdapter

from sim.core.geo import Plane, plane_of
from sim.model.observers.base import Observer
from sim.model.places import Area

_THEATRE = (118.0, 22.0, 146.0, 46.0)  # degrees


@dataclass(frozen=True)
class ObservedSea:
    """What the observers of a scenario depend on, for one hour. Its one area is called `sea`."""

    observers: Mapping[str, Observer]
    areas: Mapping[str, Area]
    plane: Plane = field(default_factory=lambda: plane_of(_THEATRE))
    transfers: Mapping[str, Any] = field(default_factory=dict)
    start: datetime = datetime(2020, 1, 1, tzinfo=UTC)
    duration_h: float = 1.0


def observed_box(observers: Mapping[str, Mapping[str, Any]], box: tuple[float, float, float, float]) -> ObservedSea:
    """A box of sea, west, south, east and north in degrees, with observers whose keys are given by name.

    They report at once, and place everything exactly.
    """
    adapter: TypeAdapter[Any] = TypeAdapter(Observer)
    common = {"nation": "one", "position_error_nmi": 0.0, "delay_h": 0.0, "area": "sea"}
    ring = [list(corner) for corner in shapely.box(*box).exterior.coords[:-1]]
    area = TypeAdapter(Area).validate_python({"polygon": ring})
    return ObservedSea(
        {name: adapter.validate_python({**common, **keys}) for name, keys in observers.items()}, {"sea": area}
    )
