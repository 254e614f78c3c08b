"""Ships as AIS recorded them: the same in every replication, or a random day of several."""

from datetime import UTC, date, datetime, time
from typing import Annotated, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, field_validator, model_validator

from sim.core.fields import refuse
from sim.model.background.base import Background
from sim.model.places import AreaName, VesselName
from sim.model.recorded_tracks import MOST_PACKED, RecordedTracks, unpacked

Shift = Annotated[float, Field(strict=True, ge=-360.0, le=360.0)]


def _a_date(given: object) -> object:
    """A TOML date."""
    if given is None or (isinstance(given, date) and not isinstance(given, datetime)):
        return given
    raise refuse("date", "a date without quotes, such as 2023-04-10")


class Recorded(Background):
    """Ships as AIS recorded them. By default every replication has the same ships, at the same places and times."""

    forms = (frozenset({"file"}), frozenset({"tracks"}))
    number_key: ClassVar[str] = "file"
    kind: Literal["recorded"]
    file: str | None = None
    """The name of a file inside the folder of the scenario file: one that `seasweep import` has written, or a file of
    messages that it reads, up to 200 MB. It is read when the scenario is loaded. Exactly one of `file` and `tracks` is
    given."""
    tracks: Annotated[str, Field(max_length=MOST_PACKED)] | None = None
    """The tracks themselves, as seasweep writes them into the folder of a run, so that it runs again without the file.
    """
    day: Annotated[date | None, BeforeValidator(_a_date), WithJsonSchema({"type": "string", "format": "date"})] = None
    """The first day of the recording that is used, in UTC, such as 2023-04-10. It is moved to the day on which the
    deployment begins, and repeated to its end; hours of the day stay what they are. A ship does not go on from one
    repetition to the next. If it is left out, the recording is not moved in time."""
    days: int = Field(1, strict=True, ge=1, le=366)
    """The number of days that are used, from `day` on, before they are repeated. By default 1."""
    draw_days: bool = Field(False, strict=True)
    """Whether each day of the deployment is one of these days at random, another in each replication. By default the
    days follow one another as they were recorded."""
    move_deg: tuple[Shift, Shift] = (0.0, 0.0)
    """By how many degrees of longitude and latitude the ships are moved, [east, north]. By default not at all."""
    area: AreaName | None = None
    """The area whose ships are used: segments of their tracks whose middle lies in it. By default all in the theatre.
    """
    vessels: list[VesselName] = []
    """Classes of vessels: each ship is of that class whose length is nearest to its own. By default there are none."""
    vessel: VesselName | None = None
    """The class of ships whose length is not known, and of all ships where `vessels` is left out. If this is left out,
    too, their size is unknown, and the detection law of every sensor holds for them without a change."""

    @field_validator("move_deg", mode="before")
    @classmethod
    def _pair(cls, given: object) -> object:
        return tuple(given) if isinstance(given, list) else given

    @field_validator("tracks")
    @classmethod
    def _whole(cls, given: str | None) -> str | None:
        if given is not None:
            try:
                unpacked(given)
            except ValueError as error:
                raise refuse("tracks", f"tracks as seasweep writes them ({error})", hint="use the key file") from None
        return given

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.file is None) == (self.tracks is None):
            raise refuse("form", "exactly one of file and tracks", "file", "tracks")
        if self.day is None and (self.days > 1 or self.draw_days):
            allowed = "these keys together with day, the first of these days"
            raise refuse("range", allowed, "draw_days" if self.draw_days else "days")
        return self

    @property
    def recording(self) -> RecordedTracks:
        """The tracks; raises ValueError where they have not been read."""
        if self.tracks is None:
            raise ValueError("the file of the recording has not been read")
        return unpacked(self.tracks)

    def first_s(self, start: datetime) -> float:
        """The moment at which what is used of the recording begins, seconds since 1970; `start` is the scenario's."""
        return (start if self.day is None else datetime.combine(self.day, time(), UTC)).timestamp()

    @property
    def hull_sets(self) -> tuple[tuple[str, ...], ...]:
        """Each class by itself, and that of ships of unknown length."""
        unknown = () if self.vessel is None else (self.vessel,)
        return tuple(dict.fromkeys([*((name,) for name in self.vessels), unknown]))

    @property
    def chooses_classes(self) -> bool:
        """Each ship has the class whose length is nearest to its own."""
        return bool(self.vessels)

    @property
    def area_names(self) -> tuple[str, ...]:
        """The area whose ships are used."""
        return () if self.area is None else (self.area,)

    @property
    def place_text(self) -> str:
        """The name of the area, or all of the theatre."""
        return self.area or "the theatre"

    @property
    def speed_text(self) -> str:
        """As it was recorded."""
        return "as recorded"

    @property
    def course_text(self) -> str:
        """As it was recorded."""
        return "as recorded"

    def share_slower_than(self, speed_kn: float) -> float:
        """The share of the hours at sea."""
        hours, speeds = self.recording.hours_and_speeds
        return float(hours[speeds < speed_kn].sum() / hours.sum()) if hours.size else 0.0
