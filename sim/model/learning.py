"""How the smugglers of a source learn from what patrols do: the keys of `learning` in [transfers.NAME]."""

import math
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from sim.core.fields import Nmi, Part, Probability, refuse
from sim.core.units import HOURS_PER_DAY
from sim.model.places import AreaName

Days = Annotated[float, Field(strict=True, ge=0.0, le=10000.0)]


def _divides_the_day(periods: int) -> int:
    if int(HOURS_PER_DAY) % periods:
        raise refuse("range", "a number of equal parts of the day: 1, 2, 3, 4, 6, 8, 12 or 24")
    return periods


class Learning(Part):
    """How those who plan the transfers of a source avoid the places and the hours that they remember as dangerous.

    At the beginning of each local day they plan its transfers. Each cell of place and hour has a risk: the signs of
    danger that are remembered there, divided by the transfers that are remembered there and one imagined transfer
    without danger. A transfer that would be in cell c without patrols is moved so that the chance of each cell is
    proportional to its chance without patrols times exp(-rationality * risk): the logit, or quantal, response. As many
    transfers as possible stay where they would be.
    """

    weight: Probability
    """The chance that a transfer is planned by those who heed what is remembered. With 0 nobody does."""
    areas: Annotated[list[AreaName], Field(min_length=1, max_length=50)] | None = None
    """The areas among which those who plan choose, by the size of the sea of each where nothing is remembered. If it is
    left out, they stay in the `area` of the source."""
    grid_nmi: Nmi | None = None
    """The side of the square cells into which these areas are divided, in nautical miles. If it is left out, each area
    is one cell."""
    hours: Annotated[int, Field(strict=True, ge=1, le=24), AfterValidator(_divides_the_day)] = 4
    """The number of equal parts of the local day among which they choose. By default 4, which is an assumption."""
    rationality: Annotated[float, Field(strict=True, ge=0.0, le=1000.0)] = 5.0
    """How strongly the choice follows the risk: 0 is blind, and a large number always chooses the least risk. The
    default of 5 is an assumption."""
    memory_days: Annotated[float, Field(strict=True, gt=0.0, le=10000.0)] = 30.0
    """The time in which what is remembered fades to 1 / e, in days. The default of 30 days is an assumption."""
    spread_days: Days = 1.0
    """The time until word has spread, in days: what happened less than this time ago is not known yet. The default of 1
    day is an assumption."""
    noticed_risk: Annotated[float, Field(strict=True, ge=0.0, le=1000.0)] = 0.3
    """How much an aircraft that a pair notices counts as a sign of danger, where 1 is a transfer that is documented.
    The default of 0.3 is an assumption. Without `reaction` no pair notices anything."""
    documented_risk: Annotated[float, Field(strict=True, ge=0.0, le=1000.0)] = 1.0
    """How much a transfer that a crew documents counts as a sign of danger. By default 1."""
    deterrable_share: Probability = 0.0
    """The chance that a transfer is of the kind that is given up rather than moved. Such a transfer stays where it
    would be with the chance exp(-rationality * risk), and is otherwise given up. By default none is given up."""


def squares_over(sea: Any, grid_nmi: float | None) -> int:
    """Return how many squares of a side the box about a sea on the plane has; 1 without a side."""
    if grid_nmi is None:
        return 1
    west, south, east, north = sea.bounds
    columns, rows = (max(1, math.ceil(float(side) / grid_nmi)) for side in (east - west, north - south))
    return columns * rows
