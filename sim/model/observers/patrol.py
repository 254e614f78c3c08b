"""The patrol as an observer: it reports the transfers that its simulated crew finds."""

from typing import Literal

from sim.core.fields import Probability
from sim.model.observers.base import Blindness, Observer, ObserverPlan
from sim.model.places import PatrolName


class PatrolObserver(Observer):
    """A patrol of the simulation, which reports what its crew finds as it flies."""

    kind: Literal["patrol"]
    probability: Probability = 1.0
    """The fraction, 0 to 1, of the transfers found that this observer reports. By default it reports all."""
    patrol: PatrolName
    """The patrol whose crew reports."""
    reports: Literal["detected", "classified", "documented"] = "classified"
    """The rung of the ladder from which the crew reports a transfer. By default it reports a transfer when it has
    classified it."""

    @property
    def crew(self) -> tuple[str, str]:
        """The name of its patrol, and the rung of the ladder."""
        return self.patrol, self.reports

    def summary(self, plan: ObserverPlan) -> str:
        """The fraction, the patrol and the rung."""
        return f"{super().summary(plan)} that {self.patrol} has {self.reports}"

    def blindness(self, longest_h: float | None) -> Blindness | None:
        """The reason where it reports nothing."""
        if self.probability > 0.0:
            return None
        return Blindness("probability", "The chance that it passes a find on is 0", "Set probability above 0")
