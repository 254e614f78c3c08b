"""The keys of an agreement between nations: its members, dates, delay, release, ceiling and sanitising.

No public figure exists for delays or for what is released: whatever a scenario says of them is an assumption to be
varied. `sim.model.report_paths` says which nations a report can reach over the agreements of a scenario, and
`sim.model.report_deliveries` when it reaches them.
"""

from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from sim.core.fields import Part, Quantity, Within, refuse
from sim.core.limits import FIRST_YEAR, LAST_YEAR
from sim.model.levels import Level
from sim.model.places import NationName
from sim.model.release_chances import Release

_ALLOWED_DATES = f"a date, or a date and time with an offset, in a year from {FIRST_YEAR} to {LAST_YEAR}"


def _utc_of_date(given: Any) -> Any:
    """A TOML date, which means its midnight in UTC, or a date and time with an offset; both as a datetime in UTC."""
    if given is None:
        return None
    is_date = isinstance(given, date) and not isinstance(given, datetime)
    if not is_date and not (isinstance(given, datetime) and given.tzinfo is not None):
        raise refuse("time", _ALLOWED_DATES)
    if not FIRST_YEAR <= given.year <= LAST_YEAR:
        raise refuse("time", _ALLOWED_DATES)
    return datetime(given.year, given.month, given.day, tzinfo=UTC) if is_date else given.astimezone(UTC)


_DATE_FORMATS = WithJsonSchema(
    {"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]}
)
DateOrTime = Annotated[datetime | None, BeforeValidator(_utc_of_date), _DATE_FORMATS]
Delay = Annotated[Quantity, Within(0.0, 10000.0, "hours")]


def _different_nations(names: list[str]) -> list[str]:
    if len(set(names)) < len(names):
        raise refuse("range", "a list that names each nation once")
    return names


class Agreement(Part):
    """A link both ways between every two of its members, over which reports may pass: of two nations, or of many."""

    nations: Annotated[list[NationName], Field(min_length=2, max_length=200), AfterValidator(_different_nations)]
    """The nations that are its members, at least two."""
    state: Literal["none", "negotiating", "in_force"] = "in_force"
    """The state of the agreement. Reports pass only over an agreement in force. By default it is in force."""
    in_force_from: DateOrTime = None
    """The date (its midnight in UTC) or the date and time with an offset from which the agreement is in force. Reports
    wait until then. If it is left out, the agreement is in force from the beginning."""
    delay_h: Delay
    """The time, in hours, from the hour at which a member has a report, or at which the agreement comes into force,
    to the hour at which the other members have it."""
    release: Release = Field(1.0, validate_default=True)
    """The chance, 0 to 1, that a member passes a report on, drawn once for each report and member: one number, or a
    table by kind of observer. A kind that such a table does not name is never released. By default every report is
    released."""
    sanitising_error_nmi: Annotated[float, Field(strict=True, ge=0.0, le=1000.0)] = 0.0
    """The standard deviation, in nautical miles, that sanitising adds to the error of a position in each axis. It is
    added in quadrature. By default positions are passed on as they are."""
    ceiling: Level = "top_secret"
    """The highest classification of a report that may pass. By default every report may pass."""
    third_party_release: bool = Field(False, strict=True)
    """Whether a report that was received over this agreement may be passed on to a third nation. By default it may
    not."""
