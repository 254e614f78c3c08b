"""The human source: an observer that knows of a transfer before it begins."""

from typing import Literal

import numpy as np

from sim.core.fields import Quantity
from sim.model.observers.base import AreaObserver, Delay, ObserverPlan


class HumanSource(AreaObserver):
    """People who know of a transfer: an agent, a port, an intercepted message."""

    kind: Literal["human"]
    lead_h: Delay = Quantity(value=0.0)
    """The time, in hours, before a transfer begins at which the source learns of it. The delay counts from then. By
    default the source learns of it as it begins."""

    @property
    def lead_time_h(self) -> Quantity:
        """The key `lead_h`, in hours."""
        return self.lead_h

    def summary(self, plan: ObserverPlan) -> str:
        """The probability and the median of the lead time."""
        lead_h = float(self.lead_h.quantile(np.array([0.5]))[0])
        return f"{super().summary(plan)}, {lead_h:.3g} h before they begin (median)"
