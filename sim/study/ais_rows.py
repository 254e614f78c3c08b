"""Which rows of `transfers` count in the totals about AIS: what was sent, heard, and found by public rules."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from sim.core.arrays import Flags

_RUNGS = {"detected_on_ais": "detected_h", "documented_on_ais": "documented_h"}
AIS_TOTALS = ("ais_sent", "ais_heard", "seen_on_ais", "encounters_on_ais", *_RUNGS)
"""The totals of transfers about AIS."""


def ais_counted(transfers: Mapping[str, Any], total: str) -> Flags:
    """Whether each row of `transfers` counts in one of `AIS_TOTALS`, (n,)."""
    if total == "ais_sent":
        return np.array(transfers["ais_sent"], bool)
    if total == "ais_heard":
        return np.array([bool(text) for text in transfers["ais_heard_by"]], bool)
    rules = transfers["seen_on_ais"]
    if total == "encounters_on_ais":
        return np.array([rule == "encounter" for rule in rules], bool)
    seen = np.array([bool(rule) for rule in rules], bool)
    if total in _RUNGS:
        seen &= ~np.isnan(np.asarray(transfers[_RUNGS[total]], float))
    return seen
