"""What sources share whose ships are all of one class and have their place in one area."""

from abc import abstractmethod

from sim.model.background.base import Background
from sim.model.places import AreaName


class InArea(Background):
    """A source of ships of one class in one area."""

    area: AreaName
    """The area in which its ships are."""

    @property
    @abstractmethod
    def hulls(self) -> tuple[str, ...]:
        """The names of the hulls of its class, or nothing if their size is unknown."""

    @property
    def hull_sets(self) -> tuple[tuple[str, ...], ...]:
        """All targets are of one class."""
        return (self.hulls,)

    @property
    def area_names(self) -> tuple[str, ...]:
        """The area in which its ships are."""
        return (self.area,)
