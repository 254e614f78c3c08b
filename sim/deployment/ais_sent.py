"""Which vessels of transfers send AIS: all vessels of a pair, no vessel, or only one."""

import numpy as np

from sim.core import chance
from sim.core.arrays import Entities, Flags, Floats
from sim.core.codes import Purpose


def hulls_sending(
    key: Entities, vessels: Entities, dark: Flags, partner_dark: Floats, hulls: Floats, most: int
) -> Flags:
    """Whether each hull of n transfers sends AIS, (n, most).

    Which hull sends if only one does is drawn by the identity of the pair alone.

    Args:
        key: Key of the replication, (2,).
        vessels: Identities of the pairs, (n,).
        dark: Whether none of the vessels sends, (n,).
        partner_dark: The chance that only one vessel sends if any does, (n,).
        hulls: How many hulls each transfer has, (n,).
        most: The greatest number of hulls.
    """
    number = np.arange(most)
    sends: Flags = (number < hulls[:, None]) & ~dark[:, None]
    if partner_dark.any():
        luck = chance.uniforms(key, Purpose.PARTNER_DARK, vessels)
        alone, sender = luck[:, 0] < partner_dark, (luck[:, 1] * hulls).astype(np.int64)
        sends[alone] &= (number == sender[:, None])[alone]
    return sends
