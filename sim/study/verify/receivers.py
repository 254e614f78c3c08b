"""Verification of receivers and satellites: AIS that is heard among many senders, and radar that sees by length."""

from collections.abc import Callable
from typing import Any

import numpy as np

from sim.core import chance
from sim.core.arrays import Floats
from sim.model.length_curves import LengthCurve
from sim.model.observers.base import TransfersAtSea
from sim.model.sightings import plan_observers, reports_at_sea
from sim.model.theory import heard_by_satellite
from sim.study.published.observed_sea import observed_box
from sim.study.verify.theory_searches import Outcome, Trial

_BOX = (123.3, 27.0, 127.0, 32.0)  # degrees: where the sea lies does not matter
_PAIRS = 40  # pairs in a replication
_SHIPS, _REPORT_S, _IN_VIEW_S = 1500.0, 6.0, 900.0  # a load under which some are heard and some are not
_LENGTHS_M = (38.0, 25.0)  # the lengths of the two hulls of a pair
_PASS = {"revisit_h": 1.0, "first_pass_h": 0.5, "probability": 1.0}


def _reported(keys: dict[str, Any], replications: int, seed: int) -> Floats:
    """Whether an observer reports each pair of a sea at its pass, if it has the place in view; one vessel sends AIS."""
    sea = observed_box({"eye": keys}, _BOX)
    (plan,) = plan_observers(sea)
    x, y = (float(value) for value in sea.plane.to_xy(125.0, 29.5))
    every, sends = np.ones(_PAIRS), np.tile([True, False], (_PAIRS, 1))
    vessels = chance.identities(chance.identity("verify", "receivers"), _PAIRS)
    lengths, dark = np.tile(_LENGTHS_M, (_PAIRS, 1)), np.zeros(_PAIRS, bool)
    pairs = TransfersAtSea(0.1 * every, 0.9 * every, x * every, y * every, vessels, dark, lengths, sends)
    scores = [np.zeros(0)]
    for replication in range(replications):
        key = chance.replication_key(seed, replication)
        in_view = plan.spec.glimpses(plan, key, pairs).target.size > 0 or keys["kind"] == "ais_satellite"
        found = np.isin(np.arange(_PAIRS), reports_at_sea([plan], key, pairs).target)
        scores += [found.astype(float)] if in_view else []
    return np.concatenate(scores)


def heard(replications: int, seed: int) -> Outcome:
    """Whether a satellite hears a vessel in one pass among 1,500 that send."""
    load = {"others_in_view": _SHIPS, "report_s": _REPORT_S, "in_view_s": _IN_VIEW_S, "lone_probability": 1.0}
    scores = _reported({**_PASS, "kind": "ais_satellite", **load}, replications, seed)
    return heard_by_satellite(_SHIPS, _REPORT_S, _IN_VIEW_S), scores


def seen_by_length(replications: int, seed: int) -> Outcome:
    """Whether a radar satellite sees two hulls alongside under its strip, of which the longer one has 38 m."""
    radar = {"kind": "satellite", "sensor": "radar", "swath_nmi": 500.0, "by_length": {}}
    expected = float(LengthCurve().chance(np.array(_LENGTHS_M[0])))
    return expected, _reported({**_PASS, **radar}, replications, seed)


RECEIVER_CHECKS: dict[str, Callable[[Trial], Outcome]] = {
    "AIS satellite, 1,500 ships in view": lambda t: heard(t.replications, int(t.rng.integers(2**32))),
    "radar satellite, longer hull of 38 m": lambda t: seen_by_length(t.replications, int(t.rng.integers(2**32))),
}
"""By name: the checks of `seasweep verify` of receivers and satellites."""
