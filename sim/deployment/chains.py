"""Chains of transfers: which transfers follow others, after which time, and where."""

from typing import Any, NamedTuple

import numpy as np
import shapely

from sim.core import chance
from sim.core.arrays import Entities, Flags, Floats, Ints
from sim.core.codes import Purpose
from sim.core.fields import Quantity
from sim.model.chains import MOST_LINKS, Chain

_TRIES = 32  # how often the direction of the next place is drawn, until the place lies at sea in the area


class Begun(NamedTuple):
    """Transfers of one source before it is known which of them take place, an element each, all (n,)."""

    ordinal: Ints
    """Number in the source."""
    vessels: Entities
    """Identities."""
    begin: Floats
    length: Floats
    """For how long the vessels lie alongside, hours."""
    place: Floats
    """Where they come alongside, (n, 2)."""
    chain: Entities
    """Identity of the first transfer of the chain; a transfer by itself has its own identity here."""
    first: Ints
    """Number in the source of the first transfer of the chain."""

    def select(self, flags: Flags) -> "Begun":
        """The transfers that are flagged."""
        columns: list[Any] = [column[flags] for column in self]
        return Begun(*columns)


def with_chains(chain: Chain | None, firsts: Begun, duration_h: Quantity, sea: Any, key: Entities) -> Begun:
    """The first transfers of chains and the transfers that follow, link after link; `firsts` where there is no chain.

    The number of a link in the source is ten times the number of the chain, plus the number of the link in the chain:
    30, 31 and 32 are one chain. What becomes of each link is keyed by its own identity, and the traits of its vessels
    by the identity of the first link.
    """
    if chain is None:
        return firsts
    source = chance.identity("chain")  # hulls, and pairs that come alongside again, are numbered by the pair itself
    links = firsts._replace(ordinal=_numbered(firsts.ordinal, 0), first=_numbered(firsts.ordinal, 0))
    found = [links]
    for number in range(1, MOST_LINKS):
        identity = chance.join_each(links.chain, chance.join(source, np.uint64(number)))
        luck = chance.uniforms(key, Purpose.CHAIN, identity)
        goes_on = luck[:, 0] < chain.again
        links, identity, luck = links.select(goes_on), identity[goes_on], luck[goes_on]
        if not identity.size:
            break
        links = links._replace(
            ordinal=_following(links.ordinal),
            vessels=identity,
            begin=links.begin + links.length + chain.gap_h.quantile(luck[:, 1]),
            length=duration_h.quantile(chance.uniforms(key, Purpose.DURATION, identity)[:, 0]),
            place=_next_places(chain.distance_nmi, links.place, sea, key, identity),
        )
        found.append(links)
    columns: list[Any] = [np.concatenate(column) for column in zip(*found, strict=True)]
    return Begun(*columns)


def _numbered(ordinal: Ints, link: int) -> Ints:
    """The numbers of links of chains by the numbers of the chains, which are below 0 before hour 0."""
    return np.where(ordinal < 0, -1 - ((-1 - ordinal) * MOST_LINKS + link), ordinal * MOST_LINKS + link)


def _following(ordinal: Ints) -> Ints:
    """The numbers of the links that follow some other links."""
    return np.where(ordinal < 0, ordinal - 1, ordinal + 1)


def _next_places(distance_nmi: Quantity, place: Floats, sea: Any, key: Entities, identity: Entities) -> Floats:
    """Places (n, 2) at a distance from other places; the direction is drawn anew where a place lies outside of the sea.

    Where no draw gives a place in the sea, the next transfer takes place where the one before it did.
    """
    distance = distance_nmi.quantile(chance.uniforms(key, Purpose.CHAIN_PLACE, identity, 0)[:, 0])
    found, left = place.copy(), np.arange(len(place))
    for attempt in range(_TRIES):
        angle = 2.0 * np.pi * chance.uniforms(key, Purpose.CHAIN_PLACE, identity[left], attempt)[:, 1]
        there = place[left] + distance[left, None] * np.column_stack([np.cos(angle), np.sin(angle)])
        inside = shapely.contains_xy(sea, *there.T)
        found[left[inside]] = there[inside]
        left = left[~inside]
        if not left.size:
            break
    return found
