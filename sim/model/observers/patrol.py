"""A patrol of the simulation as an observer: real aircraft, which report what they find as they fly."""

from typing import Literal

from sim.core.fields import Probability
from sim.model.observers.base import Blindness, Observer, ObserverPlan
from sim.model.places import PatrolName


class PatrolObserver(Observer):
    """A patrol of the simulation, which reports what its crew finds as it flies."""

    kind: Literal["patrol"]
    probability: Probability = 1.0
    """The fraction, 0 to 1, of the contacts found that this observer reports."""
    patrol: PatrolName
    """The patrol whose crew reports."""
    reports: Literal["detected", "classified", "documented"] = "classified"
    """The rung of the ladder from which the crew reports a transfer."""

    @property
    def crew(self) -> tuple[str, str]:
        """Its patrol and rung."""
        return self.patrol, self.reports

    def view(self, plan: ObserverPlan) -> str:
        """Fraction, patrol and rung."""
        return f"{super().view(plan)} of what {self.patrol} has {self.reports}"

    def blindness(self, longest_h: float | None) -> Blindness | None:
        """It reports nothing."""
        if self.probability > 0.0:
            return None
        return Blindness("probability", "it passes none of its finds on", "above 0")
