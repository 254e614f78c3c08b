"""How many vessels sorties detect along their legs as flown: the vessels that could not change the flight."""

from collections.abc import Sequence

import numpy as np

from sim.core.arrays import Entities, Floats, Ints
from sim.core.motion import Fleet
from sim.deployment.patrols import PatrolPlan, law_rows
from sim.model.weather import Weather

_BUCKETS_PER_H = 8.0


def law_sets_along(
    plan: PatrolPlan, flown: Sequence[Floats], takeoffs_h: Sequence[float], weather: Weather
) -> list[Ints] | None:
    """For each leg of each sortie of a patrol the row at which its laws begin, (n,); None where they never change."""
    if not plan.sensor_performance.depends_on_conditions:
        return None
    pairs = zip(flown, takeoffs_h, strict=True)
    return [law_rows(plan, legs[:, 0], takeoff_h, weather) for legs, takeoff_h in pairs]


def count_along(
    flown: list[Floats],
    fleets: list[Fleet],
    key: Entities,
    sensors: Entities,
    laws: Floats,
    tables: Floats,
    sets: list[Ints] | None = None,
) -> int:
    """How many vessels one aircraft's sorties detect along legs as flown, each vessel once a sortie.

    Args:
        flown: For each sortie its legs, sorted by time, (n, 7) each: begin and end, hours, places, nmi, and phase.
        fleets: The vessels that can be detected.
        key: Key of the replication, (2,).
        sensors: Identity of each sensor in each sortie, (sorties, sensors), from which thresholds are drawn.
        laws: Detection laws as the kernels take them, one below the other, (l, 6).
        tables: The tables of laws that have one.
        sets: For each leg of each sortie (n,) the row of `laws` at which the laws in force begin. None: always row 0.
    """
    from sim.core import kernels

    sizes = [len(legs) for legs in flown]
    if sum(sizes) == 0:
        return 0
    begins = np.concatenate([[0], np.cumsum(sizes)])
    sortie_of_leg = np.repeat(np.arange(len(flown)), sizes)
    lines, bucket = lines_of(np.vstack(flown))
    count = 0
    for fleet in fleets:
        if fleet.vessels.size == 0:
            continue
        count += kernels.count_contacts(
            lines,
            sortie_of_leg,
            np.zeros(len(sortie_of_leg), np.int64) if sets is None else np.concatenate(sets),
            begins,
            bucket,
            _BUCKETS_PER_H,
            fleet.rows,
            fleet.owner,
            key,
            fleet.vessels,
            fleet.kinds,
            sensors,
            laws,
            tables,
        )
    return count


def lines_of(flown: Floats) -> tuple[Floats, Ints]:
    """Legs as flown (n, 7) in the form that the kernel reads, and an index of them by time.

    The legs are columns of an array (6, n + BLOCK): begin and end, hours, velocity, knots, and the place where the
    line of the leg was at hour 0, nmi. A block of legs that never begin follows them, so that the kernel may read
    beyond the last. The index has, for each eighth of an hour from hour 0, the first leg that ends after its
    beginning.
    """
    from sim.core import kernels

    t0, t1, x0, y0, x1, y1 = flown[:, :6].T
    vx, vy = (x1 - x0) / (t1 - t0), (y1 - y0) / (t1 - t0)
    never = np.zeros((6, kernels.BLOCK))
    never[0], never[1] = np.inf, -np.inf
    buckets = np.searchsorted(t1, np.arange(int(max(0.0, t1[-1]) * _BUCKETS_PER_H) + 1) / _BUCKETS_PER_H, side="right")
    return np.hstack([np.array([t0, t1, vx, vy, x0 - vx * t0, y0 - vy * t0]), never]), buckets
