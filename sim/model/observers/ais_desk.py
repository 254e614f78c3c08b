"""The AIS desk: an observer that looks for two vessels that stop side by side, or for one that falls silent."""

from typing import Any, Literal

import numpy as np

from sim.core.fields import Hours, Probability
from sim.model.observers.base import (
    Blindness,
    DelayedObserver,
    ExpectedTransfers,
    Glimpses,
    ObserverPlan,
    TransfersAtSea,
)


class AisDesk(DelayedObserver):
    """Analysts who look for anomalies in AIS: two vessels that stop side by side, or one that falls silent."""

    kind: Literal["ais_desk"]
    dark_probability: Probability = 0.0
    """The chance, 0 to 1, that a pair which stopped sending AIS is noticed, since its gap is the anomaly. The key
    `probability` is for pairs that transmit. By default no such pair is noticed."""
    after_h: Hours = 1.0
    """The time, in hours, that a pair must have lain alongside. It is seen after that time, if it still lies alongside.
    That, and the default of 1 hour, are assumptions."""

    @property
    def least_alongside_h(self) -> float:
        """The key `after_h`, in hours."""
        return self.after_h

    def glimpse_probability(self, glimpses: Glimpses, transfers: TransfersAtSea) -> Any:
        """The probability of each pair, (n,), by whether it is dark."""
        return np.where(transfers.dark, self.dark_probability, self.probability)

    def seen_per_transfer(self, plan: ObserverPlan, expected: ExpectedTransfers) -> float:
        """The mean chance over dark pairs and others, for those that last long enough."""
        mixed = expected.dark_share * self.dark_probability + (1.0 - expected.dark_share) * self.probability
        return mixed * expected.share_longer(self.after_h)

    def summary(self, plan: ObserverPlan) -> str:
        """The probabilities and the time alongside."""
        dark = f"{100.0 * self.dark_probability:g} % of those without AIS"
        return f"{super().summary(plan)} that last longer than {self.after_h:g} h, {dark}"

    def blindness(self, longest_h: float | None) -> Blindness | None:
        """The reason of every observer; an observer of dark pairs alone sees some transfers."""
        found = super().blindness(longest_h)
        if found is not None and found.key == "probability" and self.dark_probability > 0.0:
            return self.model_copy(update={"probability": 1.0}).blindness(longest_h)
        return found
