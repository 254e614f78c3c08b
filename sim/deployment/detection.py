"""The state of detection in one sortie: what the compiled flight keeps of every target."""

from typing import Any

import numpy as np

from sim.core import codes
from sim.core.arrays import Flags
from sim.deployment.patrols import PatrolPlan

_FIRST_ROWS = 256


class DetectionState:
    """What the compiled flight keeps of the targets during a sortie. A patrol's sorties use the same arrays in turn."""

    def __init__(self, plan: PatrolPlan, met: Flags) -> None:
        """Room for as many targets as there are marks of those that were in range."""
        self.eyes = plan.eyes_of_slots()
        self.blank = np.zeros((codes.MEMORY_ROWS, len(plan.eyes), met.size))
        self.blank[codes.THRESHOLD], self.blank[codes.RANGE_FELL] = -1.0, -np.inf
        self.numbers, self.look = self.blank.copy(), np.zeros(met.size + 1, np.int64)
        self.marks, self.met = np.zeros((codes.MARKS, met.size), bool), met
        self.waiting, self.kept = self.marks[codes.WAITING], (self.numbers, self.look, self.marks)
        self.found = np.empty((met.size, 3))
        self.flown = np.empty((_FIRST_ROWS, 7))
        self.observed, self.at_end = True, self.marks[codes.MET]
        self.range, self.notice = plan.notice_nmi, np.zeros((met.size, 2))
        self.calm: tuple[Any, Any] | None = None
        """The ways home, once known, of flights that nothing disturbs: only the limits in them are a flight's own."""

    def note(self) -> None:
        """Keep which targets came within range, up to the deployment's end."""
        self.met |= self.marks[codes.MET] if self.observed else self.at_end

    def stop_observing(self) -> None:
        """Whatever comes within range from now on is not observed."""
        self.at_end, self.observed = self.marks[codes.MET].copy(), False

    def clear(self) -> None:
        """Forget everything."""
        self.observed = True
        self.notice[:, 1] = self.range
        self.numbers[: codes.SCRATCH] = self.blank[: codes.SCRATCH]
        self.marks[:] = False
