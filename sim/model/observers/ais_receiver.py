"""Receivers of AIS as observers: what is sent is not always heard.

A vessel that sends AIS is heard with a chance that falls with the number of vessels that send in the receiver's view,
since messages in one slot destroy each other (`sim.model.theory.heard_in_view`).
"""

from abc import abstractmethod
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from sim.core import chance
from sim.core.arrays import Entities, Flags, Floats, Ints
from sim.core.codes import Purpose
from sim.core.fields import Probability
from sim.core.units import HOURS_PER_DAY
from sim.model import theory
from sim.model.observers.base import (
    AreaObserver,
    Blindness,
    ExpectedTransfers,
    Glimpses,
    ObserverPlan,
    TransfersAtSea,
)

_FIRST_HULL = 1  # the hulls of a transfer are numbered from 1, as in `sim.deployment.transfers.passages`


class AisReceiver(AreaObserver):
    """A receiver of AIS, and those who look for two vessels side by side in what it hears."""

    lone_probability: Probability = 0.0
    """The chance, 0 to 1, that a vessel that was heard alone, lying still, is reported. The key `probability` is for a
    pair of which two vessels or more were heard. With 0 for both the observer only listens. By default no lone vessel
    is reported."""
    report_s: Annotated[float, Field(strict=True, ge=1.0, le=3600.0)] = 6.0
    """The mean time, in seconds, between the messages of a vessel. The default of 6 seconds is that of published design
    points, for vessels under way; a vessel that lies still sends less often."""
    others_in_view: Annotated[float, Field(strict=True, ge=0.0, le=1e6)] = 0.0
    """The mean number of vessels that send AIS in its view, beside the ships of [background]. By default there are
none."""

    @property
    @abstractmethod
    def overlap_of_slots(self) -> float:
        """How much more of a message's time is lost because messages come late: s of `theory.heard_in_view`."""

    @property
    @abstractmethod
    def listens_s(self) -> float:
        """For how many seconds a vessel is listened to at a time."""

    @abstractmethod
    def occasions(self, plan: ObserverPlan, key: Entities, begin: Floats, end: Floats) -> tuple[Ints, Entities, Floats]:
        """The occasions to hear vessels that are there from hour to hour, (m,) each.

        Row of the vessel, identity of the occasion, and its hour, (n,) each; those in the deployment alone.
        """

    def view_of(self, plan: ObserverPlan) -> Any:
        """The part of the plane that it hears, a shape; None for all of it."""
        return None

    def hears_at(self, plan: ObserverPlan, x: Floats, y: Floats) -> Flags:
        """Whether places on the plane, nmi, (n,), are in its view."""
        return np.ones(x.size, bool)

    def chance_at(self, plan: ObserverPlan, hours: Floats) -> Floats:
        """The chance that a vessel in view that sends is heard on an occasion at some hours, in their shape."""
        ships = np.full(hours.shape, self.others_in_view)
        if plan.senders is not None:
            ships = ships + plan.senders(self.view_of(plan), hours)
        return theory.heard_in_view(ships, self.report_s, self.listens_s, self.overlap_of_slots)

    def heard(
        self, plan: ObserverPlan, key: Entities, hulls: Entities, begin: Floats, end: Floats
    ) -> tuple[Ints, Entities, Floats]:
        """When vessels that send are heard, wherever they are: the occasions, as above, on which each was heard.

        `hulls` are the identities of the vessels, `begin` and `end` the hours between which they are listened for,
        all (m,). Each vessel has luck of its own on each occasion.
        """
        row, occasion, hour = self.occasions(plan, key, begin, end)
        luck = chance.uniforms(key, Purpose.AIS_HEARD, hulls[row] ^ occasion)[:, 0]
        heard = luck < self.chance_at(plan, hour)
        return row[heard], occasion[heard], hour[heard]

    def hulls_heard(
        self, plan: ObserverPlan, key: Entities, transfers: TransfersAtSea, end: Floats
    ) -> tuple[Ints, Ints, Entities, Floats]:
        """On which occasions each hull of transfers was heard, from its beginning to the hours `end` (m,).

        Row of the transfer, number of the hull from 0, identity of the occasion and its hour, (n,) each. Vessels that
        send nothing are not heard, nor are those with false claims: what is heard of them is not at their place.
        """
        sends = transfers.sends
        if sends is None:
            sends = np.repeat(~transfers.dark[:, None], 2, axis=1)
        moves = transfers.velocities is not None
        in_view = np.ones(transfers.x.size, bool) if moves else self.hears_at(plan, transfers.x, transfers.y)
        if transfers.false is not None:
            in_view = in_view & ~transfers.false
        found: list[tuple[Any, ...]] = []
        for number in range(sends.shape[1]):
            rows = np.flatnonzero(sends[:, number] & in_view)
            hulls = chance.join_each(transfers.vessels[rows], np.uint64(number + _FIRST_HULL))
            row, occasion, hour = self.heard(plan, key, hulls, transfers.begin[rows], end[rows])
            if moves:
                heard = self.hears_at(plan, *transfers.places(rows[row], hour))
                row, occasion, hour = row[heard], occasion[heard], hour[heard]
            found.append((rows[row], np.full(row.size, number), occasion, hour))
        row, hull, occasion, hour = (np.concatenate(column) for column in zip(*found, strict=True))
        return row, hull, occasion, hour

    def glimpse_probability(self, glimpses: Glimpses, transfers: TransfersAtSea) -> Any:
        """By how many hulls were heard, (n,)."""
        return np.where(glimpses.hulls == 1, self.lone_probability, self.probability)

    def reports_of(self, heard: Floats, expected: ExpectedTransfers, weights: Floats | None = None) -> float:
        """The mean number of reports from one occasion, by the chance that a hull is heard there, (n,), averaged.

        All hulls send, or only one hull sends. The number of hulls heard among those that send is binomial.
        """
        count = len(expected.hulls_m)
        none, one = (1.0 - heard) ** count, count * heard * (1.0 - heard) ** (count - 1)
        of_all = (1.0 - none - one) * self.probability + one * self.lone_probability
        of_one, partner = heard * self.lone_probability, expected.partner_dark_share
        sent = (1.0 - expected.dark_share) * (1.0 - expected.spoofing_share)
        return sent * float(np.average((1.0 - partner) * of_all + partner * of_one, weights=weights))

    def hours_of(self, plan: ObserverPlan) -> Floats:
        """The middle of each day of the deployment, at which a mean over the deployment is taken, (n,)."""
        days = np.arange(max(1.0, np.ceil(plan.duration_h / HOURS_PER_DAY)))
        return np.minimum((days + 0.5) * HOURS_PER_DAY, plan.duration_h)

    def hearing_text(self, plan: ObserverPlan) -> str:
        """The chance of hearing a vessel that sends, in a few words."""
        heard = self.chance_at(plan, self.hours_of(plan))
        low, high = 100.0 * float(heard.min()), 100.0 * float(heard.max())
        return f"hears {low:.3g} %" if high - low < 0.5 else f"hears {low:.3g} to {high:.3g} %"

    def blindness(self, longest_h: float | None) -> Blindness | None:
        """None: a receiver that reports nothing may still be there to hear."""
        return None
