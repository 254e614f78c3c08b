"""What a pair alongside does when it notices an aircraft: the keys of `reaction` in [transfers.NAME]."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from sim.core.fields import Nmi, Part, Probability, Quantity, Within, refuse

Delay = Annotated[Quantity, Within(0.0, 1000.0, "hours")]


class Reaction(Part):
    """How a pair alongside notices aircraft, and what it does then.

    For each pair and sortie one draw decides whether the pair notices the aircraft, and another what it does: it casts
    off for good, lies low, or goes on as if nothing were. To lie low is to part, and to come alongside again near by
    after a while, for the time that was left.
    """

    notice_nmi: Nmi
    """The range within which a pair can notice an aircraft, in nautical miles."""
    night_notice_nmi: Annotated[float, Field(strict=True, ge=0.0, le=2000.0)] | None = None
    """The range of notice while it is dark at the place of the pair; with 0 no pair notices anything then. If it is
    left out, it is the same as in daylight."""
    notice_chance: Probability = 1.0
    """The chance that a pair notices an aircraft that comes within that range, once for each pair and sortie. By
    default it notices every one."""
    delay_h: Delay = Quantity(value=0.0)
    """The time from noticing the aircraft to parting, in hours, 0 to 1000. By default the pair parts at once."""
    cast_off_share: Probability = 0.0
    """The chance that a pair which has noticed an aircraft casts off for good. By default it never does."""
    lie_low_share: Probability = 0.0
    """The chance that a pair which has noticed an aircraft parts and waits. By default it never does. A pair that
    neither casts off nor waits goes on as if nothing were."""
    wait_h: Delay = Quantity(value=6.0)
    """The time from parting to coming alongside again, for a pair that lies low, in hours, 0 to 1000. The default of 6
    hours is an assumption."""
    again_share: Probability = 1.0
    """The chance that a pair which lies low comes alongside again. By default it always does."""
    again_nmi: Nmi = 10.0
    """The greatest distance from the old place to the new one, in nautical miles. The new place is uniform over the sea
    within it. The default of 10 nautical miles is an assumption."""

    @model_validator(mode="after")
    def _shares(self) -> Self:
        if self.cast_off_share + self.lie_low_share > 1.0 + 1e-9:
            raise refuse("range", "shares whose sum is at most 1", "cast_off_share", "lie_low_share")
        return self

    @property
    def dark_nmi(self) -> float:
        """The range in the dark, nmi."""
        return self.notice_nmi if self.night_notice_nmi is None else self.night_notice_nmi
