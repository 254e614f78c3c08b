"""Sources of ship-to-ship transfers: the keys of [transfers]."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from sim.core.fields import Duration, Hours, PairSpeed, Part, Probability, Quantity, VesselSpeed, refuse
from sim.core.profiles import Profile
from sim.model.calendar import HourFactors, RateCalendar, profile_of
from sim.model.chains import Chain
from sim.model.learning import Learning
from sim.model.local_times import Clock
from sim.model.places import AreaName, VesselName
from sim.model.reactions import Reaction

MOST_HULLS = 6
HULL_GAP_M = 25.0
"""The distance from the centreline of one hull alongside to that of the other, half the sum of their beams: an
assumption."""


class TransferSource(Part):
    """Ship-to-ship transfers: two vessels or more meet, lie alongside, part."""

    area: AreaName
    """The area of the transfers. Their places are uniform over the part of it that is sea."""
    per_month: Annotated[float, Field(strict=True, ge=0.0, le=100000.0)]
    """The mean number of transfers per 30 days: the rate of a Poisson process, outside of the entries of `calendar`.
    With a `chain` each of its transfers counts, so fewer chains begin."""
    calendar: RateCalendar | None = None
    """The rate in parts of the year: a list of `{ from, to, per_month }` with days such as "05-01", both included, in
    the scenario's time zone. If it is left out, the rate is the same all year."""
    hours: HourFactors | None = None
    """Factors on the rate in hours of each day: a list of `{ from, to, factor }` with local times such as "20:00". Not
    given beside `night_share`. If it is left out, the clock does not matter."""
    duration_h: Duration
    """The time for which the vessels lie alongside, in hours, 0.01 to 1000."""
    night_share: Probability | None = None
    """The chance that the time alongside begins between sunset and sunrise at that place. If it is left out, every hour
    is equally likely."""
    approach_h: Hours = 3.0
    """The time for which each vessel is simulated on its way to the meeting, and again on its way from it, in hours.
    The default of 3 hours is an assumption."""
    speed_kn: VesselSpeed = Quantity(low=8.0, high=12.0)
    """The speed of the vessels on their way, in knots, 0.1 to 60. The default of 8 to 12 knots is commonly stated
    and not verified."""
    dark_share: Probability = 1.0
    """The chance that none of the vessels transmits AIS. The default of 1 is an assumption."""
    partner_dark_share: Probability = 0.0
    """The chance that only one of the vessels transmits AIS, if any does; each is as likely to be that one. Crews do
    not tell such a pair from a pair of which all transmit: an assumption. By default all vessels transmit, or none."""
    spoofing_share: Probability = 0.0
    """The chance that the AIS claims of the vessels do not fit what a sensor sees. By default they always fit."""
    listed_share: Probability = 0.0
    """The chance that one of the vessels is on a watch list. By default none is."""
    max_sea_state: Annotated[float, Field(strict=True, ge=0.0, le=9.0)] | None = None
    """The highest sea state (WMO code 3700) in which a transfer begins; in a rougher sea it does not take place. If it
    is left out, transfers take place in any sea."""
    vessels: Annotated[list[VesselName], Field(min_length=1, max_length=MOST_HULLS)] | None = None
    """The classes of the vessels, of [vessels]: of two, or of up to six, such as two tankers with a crane ship between
    them. One name stands for two vessels. If it is left out, there are two vessels of unknown size."""
    chain: Chain | None = None
    """How the cargo of a transfer goes on to further transfers. If it is left out, each transfer is by itself."""
    making_way_kn: PairSpeed | None = None
    """The speed that the vessels make while they lie alongside, in knots, 0 to 5: they go straight, on any course, and
    stay in the sea of their area. If it is left out, they lie still; pairs with `reaction` or `learning` always do."""
    reaction: Reaction | None = None
    """What a pair alongside does when it notices an aircraft. If it is left out, it does nothing."""
    learning: Learning | None = None
    """How those who plan the transfers avoid places and hours that they remember as dangerous. If it is left out, they
    learn nothing."""

    @model_validator(mode="after")
    def _one_kind_of_hours(self) -> Self:
        if self.hours is not None and self.night_share is not None:
            raise refuse("hours", "hours or night_share, not both: each says at which hours transfers begin", "hours")
        return self

    @property
    def varies(self) -> bool:
        """Whether its rate follows a calendar or the hour of the day."""
        return self.calendar is not None or self.hours is not None

    @property
    def ever_begins(self) -> bool:
        """Whether its rate is above 0 at some time of the year."""
        return self.per_month > 0.0 or any(entry.per_month > 0.0 for entry in self.calendar or ())

    def rate(self, clock: Clock, begin_h: float, end_h: float) -> Profile:
        """The mean number of transfers per 30 days, between two hours of a scenario; a night share is not in it."""
        return profile_of(clock, begin_h, end_h, self.per_month, self.calendar, self.hours)

    def mean_per_month(self, clock: Clock, duration_h: float) -> float:
        """The mean number of transfers per 30 days over a deployment."""
        return self.rate(clock, 0.0, duration_h).mean(0.0, duration_h) if self.varies else self.per_month

    def greatest_per_month(self, clock: Clock, duration_h: float) -> float:
        """The greatest rate of a deployment, transfers in 30 days: as many are drawn at all times."""
        return self.rate(clock, 0.0, duration_h).greatest if self.varies else self.per_month

    @model_validator(mode="after")
    def _together(self) -> Self:
        for key in ("reaction", "learning"):
            if self.making_way_kn is not None and getattr(self, key) is not None:
                raise refuse("range", f"making_way_kn or {key}: vessels that answer lie still", "making_way_kn", key)
        if self.chain is not None and self.learning is not None:
            raise refuse("range", "chain or learning: who learns plans single transfers", "chain", "learning")
        return self

    @property
    def mean_links(self) -> float:
        """The mean number of transfers of a chain; 1 where each is by itself."""
        return 1.0 if self.chain is None else self.chain.mean_links

    @property
    def makes_way(self) -> bool:
        """Whether its vessels make way while they lie alongside."""
        return self.making_way_kn is not None

    @property
    def answers(self) -> bool:
        """Whether its vessels, or those who plan its transfers, answer to what patrols do."""
        return self.reaction is not None or (self.learning is not None and self.learning.weight > 0.0)

    @property
    def hulls(self) -> tuple[str, ...]:
        """The classes of the hulls alongside, or nothing if their size is unknown."""
        if self.vessels is None:
            return ()
        return tuple(self.vessels) if len(self.vessels) > 1 else (self.vessels[0],) * 2

    @property
    def single_hulls(self) -> tuple[tuple[str, ...], ...]:
        """The classes of its vessels one by one, each as a set of one hull: as they are on their way."""
        return tuple((hull,) for hull in self.hulls) or ((), ())

    @property
    def hull_sets(self) -> tuple[tuple[str, ...], ...]:
        """All pairs are of one class."""
        return (self.hulls,)

    @property
    def hull_gaps_m(self) -> tuple[float, ...]:
        """The distance between the hulls alongside, in metres."""
        return (HULL_GAP_M,)

    @property
    def area_names(self) -> tuple[str, ...]:
        """The area of the transfers."""
        return (self.area,)
