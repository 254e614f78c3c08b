"""What sources share whose ships lie still: they have no speed, and lie anywhere in the sea of an area."""

from collections.abc import Mapping
from typing import Any

from sim.core.geo import Plane
from sim.model.background.base import Fault, faults_of_box
from sim.model.background.in_area import InArea


class LyingStill(InArea):
    """A source whose ships lie still in the sea of its area."""

    @property
    def speed_text(self) -> str:
        """They lie still."""
        return "0"

    @property
    def plain_share(self) -> float:
        """None of them: all lie still."""
        return 0.0

    def share_slower_than(self, speed_kn: float) -> float:
        """All of them lie still."""
        return 1.0 if speed_kn > 0.0 else 0.0

    def faults(self, plane: Plane, areas: Mapping[str, Any]) -> list[Fault]:
        """An area so thin that random places hardly ever lie in its sea."""
        return faults_of_box("area", plane.sea(areas[self.area]))
