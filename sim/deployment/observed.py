"""What observers can know of transfers beside time and place: the lengths of hulls, and which of them send AIS."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from sim.core.arrays import Entities, Flags, Floats
from sim.core.codes import DARK, SPOOFING
from sim.deployment.ais_sent import hulls_sending
from sim.deployment.transfers import TransferTable
from sim.model.observers.base import TransfersAtSea
from sim.model.transfers import HULL_GAP_M
from sim.scenario.schema import Scenario

_HULLS = 2  # the number of hulls of a transfer whose vessels are not known


@dataclass(frozen=True)
class ObservedSources:
    """The vessels of all sources of transfers, a row each, in the order of their names."""

    lengths_m: Floats
    """The lengths of the hulls, metres, (sources, hulls); NaN where a length is not known or there is no such hull."""
    hulls: Floats
    """How many hulls a transfer has, (sources,)."""
    partner_dark: Floats
    """The chance that only one vessel sends AIS if any does, (sources,)."""

    @classmethod
    def of(cls, scenario: Scenario) -> Self:
        """The vessels of the sources of a scenario."""
        sources = [scenario.transfers[name] for name in sorted(scenario.transfers)]
        lengths = [[scenario.vessels[hull].length_m for hull in source.hulls] for source in sources]
        most = max((len(hulls) for hulls in lengths), default=0) or _HULLS
        rows = [[*hulls, *[np.nan] * (most - len(hulls))] for hulls in lengths]
        return cls(
            np.array(rows, float).reshape(len(sources), most),
            np.array([len(hulls) or _HULLS for hulls in lengths], float),
            np.array([source.partner_dark_share for source in sources]),
        )

    def sends(self, table: TransferTable, key: Entities) -> Flags:
        """Whether each hull of some transfers sends AIS, (n, hulls); `key` is the key of the replication, (2,)."""
        dark = (table.traits & DARK) > 0
        shares, hulls = self.partner_dark[table.source], self.hulls[table.source]
        return hulls_sending(key, table.vessels, dark, shares, hulls, self.lengths_m.shape[1])

    def at_sea(self, table: TransferTable, key: Entities) -> TransfersAtSea:
        """Some transfers as observers see them."""
        velocities = np.column_stack([table.vx, table.vy])
        return TransfersAtSea(
            table.begin, table.end, table.x, table.y, table.vessels, (table.traits & DARK) > 0,
            self.lengths_m[table.source], self.sends(table, key), (table.traits & SPOOFING) > 0,
            velocities if velocities.any() else None, HULL_GAP_M,
        )  # fmt: skip
