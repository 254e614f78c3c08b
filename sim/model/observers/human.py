"""Human sources: people who know of a transfer."""

from typing import Literal

import numpy as np

from sim.core.fields import Quantity
from sim.model.observers.base import AreaObserver, Delay, ObserverPlan


class HumanSource(AreaObserver):
    """People who know of a transfer: an agent, a port, an intercepted message."""

    kind: Literal["human"]
    lead_h: Delay = Quantity(value=0.0)
    """The time, in hours, before a transfer begins at which the source knows of it. The delay counts from then."""

    @property
    def foretold_h(self) -> Quantity:
        """As the file gives it."""
        return self.lead_h

    def view(self, plan: ObserverPlan) -> str:
        """Chance and median lead."""
        return f"{super().view(plan)}, {float(self.lead_h.quantile(np.array([0.5]))[0]):.3g} h before"
