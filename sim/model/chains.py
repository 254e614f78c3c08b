"""Chains of transfers: one cargo that is passed on in several transfers in turn."""

from typing import Annotated

from pydantic import Field

from sim.core.fields import Part, Quantity, Within

MOST_LINKS = 10
"""The most transfers of one chain: an assumption that keeps chains finite."""

Gap = Annotated[Quantity, Within(0.0, 720.0, "hours")]
Step = Annotated[Quantity, Within(0.0, 500.0, "nautical miles")]


class Chain(Part):
    """How the cargo of a transfer, or the same tanker, goes on to further transfers."""

    again: Annotated[float, Field(strict=True, ge=0.0, le=0.95)]
    """The chance that a transfer is followed by another of its chain, 0 to 0.95. A chain has at most 10 transfers."""
    gap_h: Gap
    """The time from the end of a transfer to the beginning of the next transfer of its chain, in hours, 0 to 720."""
    distance_nmi: Step = Quantity(value=0.0)
    """How far from the place of a transfer the next of its chain takes place, in nautical miles, 0 to 500, in any
    direction at sea in the area. By default all transfers of a chain take place where the first did."""

    @property
    def mean_links(self) -> float:
        """The mean number of transfers of a chain: the chances to have at least 1, 2, ..., 10 of them, added up."""
        return sum(self.again**number for number in range(MOST_LINKS))

    @property
    def longest_gaps_h(self) -> float:
        """The time that all gaps of the longest chain may take."""
        return (MOST_LINKS - 1) * self.gap_h.bounds()[1]
