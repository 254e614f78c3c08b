"""The expanding square (IAMSAR: SS): the pattern of a route that goes outwards from a datum in growing squares."""

from typing import ClassVar, Literal, Self

from pydantic import model_validator

from sim.core.fields import Degrees, Nmi
from sim.core.legs import MOST_LEGS, expanding_square, expanding_square_over
from sim.model.patterns.base import LaidPattern, Legs, PassHours, PatternSetting, Route
from sim.model.places import AreaName, Position


class ExpandingSquare(Route):
    """SS: outwards from a datum, turning right by 90 degrees, with legs of S, S, 2S, 2S, 3S, 3S and so on."""

    other_name: ClassVar[str] = "SS"
    exclusive_keys: ClassVar[tuple[tuple[str, ...], ...]] = (("datum", "area"), ("legs", "time_h"))

    pattern: Literal["expanding_square"]
    datum: Position | None = None
    """The middle of the square, [lon, lat] in degrees, where the pattern begins. Exactly one of `datum` and `area` is
    given."""
    area: AreaName | None = None
    """The area over which the square is laid, instead of the datum. It begins in the middle of the area, or at the
    nearest sea, and each leg is no longer than the area needs."""
    spacing_nmi: Nmi
    """The track spacing S, in nautical miles."""
    legs: Legs | None = None
    """The number of legs. At most one of `legs` and `time_h` is given; with a datum exactly one. With an area and
    neither of them the pattern has as many legs as the area needs."""
    time_h: PassHours | None = None
    """The time, in hours, that one pass may take at search speed, turns included, instead of the number of legs: the
    pattern has as many legs as fit."""
    heading_deg: Degrees = 0.0
    """The true heading of the first leg, in degrees. IAMSAR advises to fly into the wind; the default, north, is an
    assumption."""

    @model_validator(mode="after")
    def _one_measure(self) -> Self:
        places, measures = self.exclusive_keys
        self.require_one(*places)
        self.require_one(*measures, or_none=self.area is not None)
        return self

    @property
    def searched_area(self) -> str | None:
        """The name of the area over which the square is laid; None where a datum is given."""
        return self.area

    def lay(self, setting: PatternSetting) -> LaidPattern:
        """The legs about the datum, as many as the area needs, as are given, or as fit in `time_h`."""
        datum, spacing = setting.datum(self.datum), self.spacing_nmi
        course = setting.grid_course(self.heading_deg, datum)
        over_area = None if setting.sea is None else expanding_square_over(setting.sea, datum, spacing, course)

        def with_legs(legs: int) -> LaidPattern:
            tracks = expanding_square(datum, spacing, legs, course) if over_area is None else over_area[:legs]
            return setting.lay_passes([tracks], spacing)

        if self.time_h is not None:
            return setting.longest_within(with_legs, self.time_h)
        return with_legs(self.legs or MOST_LEGS)
