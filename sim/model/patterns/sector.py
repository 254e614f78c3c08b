"""The sector search (IAMSAR: VS): the pattern of a route that crosses a datum again and again."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from sim.core.fields import Degrees, Nmi, refuse
from sim.core.legs import sector
from sim.model.patterns.base import LaidPattern, PatternSetting, Route
from sim.model.places import AreaName, Position


class Sector(Route):
    """VS: out from a datum, along a chord, back across the datum and so on; three legs for each sector."""

    other_name: ClassVar[str] = "VS"
    exclusive_keys: ClassVar[tuple[tuple[str, ...], ...]] = (("datum", "area"),)

    pattern: Literal["sector"]
    datum: Position | None = None
    """The middle of the pattern, [lon, lat] in degrees, where it begins and ends. Exactly one of `datum` and `area` is
    given."""
    area: AreaName | None = None
    """The area in whose middle, or at the nearest sea, the pattern is laid, instead of the datum."""
    radius_nmi: Nmi
    """The length of a leg from the datum, in nautical miles."""
    sectors: Annotated[int, Field(strict=True, ge=3, le=45)] = 3
    """The number of sectors, which is odd: with an even number one radius would be flown twice and another never. The
    default is 3, as in IAMSAR, which gives nine legs and turns of 120 degrees."""
    heading_deg: Degrees = 0.0
    """The true heading of the first leg, in degrees. IAMSAR advises to fly along the drift; the default, north, is an
    assumption."""
    runs: Annotated[int, Field(strict=True, ge=1, le=20)] = 1
    """The number of times that the pattern is flown in one pass. Each time it is turned to the right by half the angle
    between two radii: for three sectors by 30 degrees. By default it is flown once."""

    @model_validator(mode="after")
    def _one_datum(self) -> Self:
        self.require_one(*self.exclusive_keys[0])
        if self.sectors % 2 == 0:
            raise refuse("range", "an odd number of sectors", "sectors")
        return self

    @property
    def searched_area(self) -> str | None:
        """The name of the area in whose middle the pattern is laid; None where a datum is given."""
        return self.area

    def lay(self, setting: PatternSetting) -> LaidPattern:
        """The legs across the datum."""
        datum = setting.datum(self.datum)
        course = setting.grid_course(self.heading_deg, datum)
        return setting.lay_passes([sector(datum, self.radius_nmi, self.sectors, course, self.runs)])
