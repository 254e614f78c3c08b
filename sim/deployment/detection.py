"""The state of detection in one sortie: the arrays in which the compiled flight keeps what it knows of each target."""

from typing import Any

import numpy as np

from sim.core import codes
from sim.core.arrays import Flags
from sim.deployment.patrols import PatrolPlan

_FIRST_ROWS = 256  # of the legs as flown; the array grows where a sortie needs more


class DetectionState:
    """What the compiled flight keeps of each target during a sortie. The sorties of a patrol use the same arrays.

    Arrays have one place for each of m targets. Row numbers are those of `sim.core.codes`.
    """

    def __init__(self, plan: PatrolPlan, came_in_range: Flags) -> None:
        """Make the arrays for as many targets as `came_in_range` has places; it is updated as sorties land."""
        count = came_in_range.size
        self.sensor_ids = plan.sensor_ids_of_slots()
        """The identity of each sensor in each slot, (slots, sensors)."""
        self.opportunities = np.zeros((codes.MEMORY_ROWS, len(plan.sensor_ids), count))
        """Threshold, exposure and range of each sensor against each target, (MEMORY_ROWS, sensors, m)."""
        self.opportunities[codes.THRESHOLD], self.opportunities[codes.RANGE_FELL] = -1.0, -np.inf
        self._initial_opportunities = self.opportunities.copy()
        self.draft_calls = np.zeros(count + 1, np.int64)
        """For each target the kernel's call that wrote its draft of an exposure; last, the number of calls."""
        self.flags = np.zeros((codes.MARKS, count), bool)
        """Whether each target is a contact, waits for an investigation, and came within range, (MARKS, m)."""
        self.waiting = self.flags[codes.WAITING]
        self.kernel_memory = (self.opportunities, self.draft_calls, self.flags)
        self.detections = np.empty((count, 3))
        """Hour, target and sensor of each detection; a target is detected once in a sortie."""
        self.flown = np.empty((_FIRST_ROWS, 7))
        """Legs as flown: t0, t1, x0, y0, x1, y1, phase."""
        self.came_in_range = came_in_range
        """Which targets came within range of a sensor in any sortie before the deployment's end, (m,)."""
        self.is_observed, self.in_range_at_end = True, self.flags[codes.MET]
        self.reconsider_nmi, self.reconsider_ranges = plan.reconsider_nmi, np.zeros((count, 2))
        """`reconsider_ranges[:, 1]`: the range within which each waiting contact stops the flight again."""
        self.undisturbed_homing: tuple[Any, Any] | None = None
        """The ways home of flights that nothing disturbs, once known: only the limits in them are a flight's own."""

    def begin_sortie(self) -> None:
        """Forget everything about an earlier sortie."""
        self.is_observed = True
        self.reconsider_ranges[:, 1] = self.reconsider_nmi
        self.opportunities[: codes.SCRATCH] = self._initial_opportunities[: codes.SCRATCH]
        self.flags[:] = False

    def stop_observing(self) -> None:
        """Note which targets have come within range at the deployment's end: what comes later is not observed."""
        self.in_range_at_end, self.is_observed = self.flags[codes.MET].copy(), False

    def end_sortie(self) -> None:
        """Add the targets that came within range before the deployment's end to those of earlier sorties."""
        self.came_in_range |= self.flags[codes.MET] if self.is_observed else self.in_range_at_end
