"""The exposure of a target to a sensor along a straight relative motion, and when it reaches a threshold.

A detection law is a row ``laws[q]``, see the package. Detection happens when the accumulated exposure reaches a
threshold that is exponential with mean 1, so the chance of detection by an exposure F is 1 - exp(-F).
"""

import math
from typing import Any

from sim.core.codes import DEFINITE_RANGE, LATERAL_RANGE, SCAN
from sim.core.kernels.compiling import Array, inline, norm, on_demand

STILL_KN = 1e-9  # knots: below this relative speed two things are taken to keep their distance
_ABEAM = 1e-9  # nmi: a stretch that ends so near to its closest point is taken to end there
LEAST_RANGE_NMI = 1e-6  # nmi: a closest distance below this counts as this, or the inverse cube would be infinite


@inline
def _grid_cell(laws: Array, q: int, n: int, x: float) -> Any:
    """Return where a distance lies on a table's grid: the node below it, the share of the step above that, the step.

    Node i of n lies at c (exp(l i / n) - 1) with l = ln(1 + R / c): steps grow in proportion to x + c, so the grid is
    fine near the sensor, where the rate changes most. If the scale c is 0 the grid is even, and l is R itself.
    """
    if laws[q, 2] == 0.0:
        at = x * (n / laws[q, 3])
        i = min(int(at), n - 1)
        return i, at - i, laws[q, 3] / n
    step = laws[q, 3] / n
    i = min(int(math.log1p(x / laws[q, 2]) / step), n - 1)
    near = laws[q, 2] * math.expm1(step * i)
    width = (near + laws[q, 2]) * math.expm1(step)
    return i, (x - near) / width, width


@inline
def _tabulated_integral(laws: Array, tables: Array, q: int, x: float, s: float) -> Any:
    """Return the integral of a tabulated rate over (0, s) at closest distance x, by bicubic Hermite interpolation.

    Each node holds the integral, its derivatives along s and x, and the mixed one. Two cubic Hermite bases are
    combined: a, b for value and slope along x; c, d for value and slope along s.
    """
    n, which = tables.shape[1] - 1, int(laws[q, 5])
    i, p, step_x = _grid_cell(laws, q, n, x)
    j, o, step_s = _grid_cell(laws, q, n, s)
    p2, o2 = p * p, o * o
    a1 = p2 * (3.0 - 2.0 * p)
    a0 = 1.0 - a1
    b0 = p * (1.0 - p) * (1.0 - p) * step_x
    b1 = p2 * (p - 1.0) * step_x
    c1 = o2 * (3.0 - 2.0 * o)
    c0 = 1.0 - c1
    d0 = o * (1.0 - o) * (1.0 - o) * step_s
    d1 = o2 * (o - 1.0) * step_s
    total = 0.0
    for k in range(2):
        value = a0 if k == 0 else a1
        slope = b0 if k == 0 else b1
        near, far = tables[which, i + k, j], tables[which, i + k, j + 1]
        total += value * (c0 * near[0] + c1 * far[0] + d0 * near[1] + d1 * far[1])
        total += slope * (c0 * near[2] + c1 * far[2] + d0 * near[3] + d1 * far[3])
    return total


@inline
def path_integral(laws: Array, tables: Array, q: int, x: float, s1: float, s2: float) -> Any:
    """Return the integral of a law's rate, per hour, over s1 to s2 of a straight relative path, x nmi aside.

    Divided by the relative speed it is the exposure. Inverse cube, rate k / r^3: the integral is
    k / x^2 [s / sqrt(x^2 + s^2)] between s1 and s2 (Koopman 1946, OEG 56, chapter 2). If both ends lie on the same side
    of the closest point the two terms nearly cancel, so the difference is then multiplied by its conjugate sum.
    """
    if laws[q, 0] == SCAN:
        size = 1.0 / laws[q, 4]
        high = _tabulated_integral(laws, tables, q, x * size, abs(s2) * size)
        low = _tabulated_integral(laws, tables, q, x * size, abs(s1) * size)
        return laws[q, 4] * ((high if s2 > 0.0 else -high) - (low if s1 > 0.0 else -low))
    x = max(x, LEAST_RANGE_NMI)
    r1, r2 = norm(x, s1), norm(x, s2)
    same_side = s1 * s2 > 0.0
    top = (s2 - s1) * (s2 + s1) if same_side else s2 * r1 - s1 * r2
    low = s2 * r1 + s1 * r2 if same_side else x * x
    return laws[q, 2] * top / (r1 * r2 * low)


@inline
def detection_rate(laws: Array, tables: Array, q: int, r: float) -> Any:
    """Return the rate of a continuous law at range r, per hour; the caller applies the maximum range."""
    if laws[q, 0] == SCAN:
        j, o, step = _grid_cell(laws, q, tables.shape[1] - 1, min(r, laws[q, 1]) / laws[q, 4])
        which = int(laws[q, 5])
        near, far = tables[which, 0, j], tables[which, 0, j + 1]
        # The derivative of the Hermite cubic of the integral, so that integral and rate agree to the last bit.
        return (
            6.0 * o * (1.0 - o) * (far[0] - near[0]) / step
            + (1.0 - o) * (1.0 - 3.0 * o) * near[1]
            + o * (3.0 * o - 2.0) * far[1]
        )
    r = max(r, LEAST_RANGE_NMI)
    return laws[q, 2] / (r * r * r)


@inline
def chord_in_range(laws: Array, q: int, dx: float, dy: float, vx: float, vy: float, ta: float, tb: float) -> Any:
    """Return when a straight relative motion is within the maximum range, (t1, t2, x, s1, s2, w); t1 >= t2 if never.

    dx, dy: relative position at ta. x: closest distance. s1, s2: distances along the path from the closest point at t1
    and t2. w: relative speed, 0 if the two keep their distance, which then is x.
    """
    w = norm(vx, vy)
    if w < STILL_KN:
        r = norm(dx, dy)
        return ta, (tb if r < laws[q, 1] else ta), r, 0.0, 0.0, 0.0
    pace = 1.0 / w
    s = (dx * vx + dy * vy) * pace
    x = abs(dx * vy - dy * vx) * pace
    if x >= laws[q, 1]:
        return ta, ta, x, s, s, w
    half = math.sqrt((laws[q, 1] - x) * (laws[q, 1] + x))
    t1, t2, s1, s2 = ta, tb, s, s + w * (tb - ta)
    if s1 < -half:  # the motion begins out of range: t1 is when it comes within range
        t1, s1 = ta + (-half - s) * pace, -half
    if s2 > half:
        t2, s2 = ta + (half - s) * pace, half
    return t1, t2, x, s1, s2, w


@inline
def _lateral_exposure(laws: Array, tables: Array, q: int, x: float) -> Any:
    """Return the exposure of one pass at a lateral distance, -ln(1 - p), with p interpolated in the law's table."""
    low, high, which = 0, int(laws[q, 2]) - 1, int(laws[q, 5])
    x = x / laws[q, 4]
    while high - low > 1:
        middle = (low + high) // 2
        if tables[which, 0, middle, 0] <= x:
            low = middle
        else:
            high = middle
    near, far = tables[which, 0, low, 0], tables[which, 0, high, 0]
    share = max(0.0, x - near) / (far - near)
    p = tables[which, 0, low, 1] + share * (tables[which, 0, high, 1] - tables[which, 0, low, 1])
    return -math.log(1.0 - p) if p < 1.0 else math.inf


@inline
def closest_approach(laws: Array, tables: Array, q: int, chord: Any, ta: float, tb: float, fell: float) -> Any:
    """Return the exposure and moment of a local minimum of range on one stretch, and until when range has been falling.

    ``fell`` is the end of the stretch before, if range fell then: if range rises from there on, the joint of the two
    stretches was the minimum. A minimum at the very end of a stretch is left to the next one, so it never counts twice.
    While the two keep their distance, range counts as falling if it fell before.
    """
    t1, t2, x, s1, s2, w = chord
    if t1 >= t2 or t1 >= tb:
        return 0.0, ta, -math.inf
    if w == 0.0:
        return 0.0, ta, (tb if fell == ta else -math.inf)
    if s2 <= _ABEAM:
        return 0.0, ta, tb
    if s1 < 0.0:
        return _lateral_exposure(laws, tables, q, x), t1 - s1 / w, -math.inf
    if fell == ta:
        return _lateral_exposure(laws, tables, q, norm(x, s1)), ta, -math.inf
    return 0.0, ta, -math.inf


@inline
def _where_reached(
    laws: Array, tables: Array, q: int, x: float, s1: float, s2: float, target: float, whole: float
) -> Any:
    """Return how far along the path from s1 to s2 the integral of the rate reaches a target below that of the whole.

    Newton's method, kept inside a bracket: the integral grows with the distance flown s, and its derivative is the
    rate. A step out of the bracket is a bisection instead.
    """
    low, high = s1, s2
    s = s1 + (s2 - s1) * min(1.0, max(0.0, target / max(whole, 1e-300)))
    for _ in range(60):
        excess = path_integral(laws, tables, q, x, s1, s) - target
        if excess > 0.0:
            high = s
        else:
            low = s
        slope = detection_rate(laws, tables, q, norm(x, s))
        move = s - excess / slope if slope > 0.0 else math.inf
        if not low < move < high:
            move = 0.5 * (low + high)
        if abs(move - s) <= 1e-13 * (1.0 + abs(s)):
            return move
        s = move
    return s


@inline
def add_exposure(
    laws: Array, tables: Array, q: int, dx: float, dy: float, vx: float, vy: float, ta: float, tb: float, had: float,
    needed: float, fell: float,
) -> Any:  # fmt: skip
    """Return an opportunity's exposure after [ta, tb), when it reached ``needed`` (infinite: never), and ``fell``.

    A definite range law adds once a sortie: a negative ``had``, -1 - exposure, marks a law that has acted. A lateral
    range law adds at each local minimum of range, see ``closest_approach``.
    """
    chord = chord_in_range(laws, q, dx, dy, vx, vy, ta, tb)
    t1, t2, x, s1, s2, w = chord
    if t1 >= t2 or t1 >= tb:
        return had, math.inf, -math.inf
    if laws[q, 0] == DEFINITE_RANGE:
        if had < 0.0:
            return had, math.inf, fell
        return -1.0 - laws[q, 2], (t1 if laws[q, 2] >= needed else math.inf), fell
    if laws[q, 0] == LATERAL_RANGE:
        gained, when, fell = closest_approach(laws, tables, q, chord, ta, tb, fell)
        return had + gained, (when if had + gained >= needed and gained > 0.0 and when < tb else math.inf), fell
    if w == 0.0:
        rate = detection_rate(laws, tables, q, x)
        gained = rate * (t2 - t1)
        if had + gained < needed:
            return had + gained, math.inf, fell
        t = t1 + max(0.0, needed - had) / rate
        return needed, (t if t < tb else math.inf), fell
    gained = path_integral(laws, tables, q, x, s1, s2) / w
    if had + gained < needed:
        return had + gained, math.inf, fell
    s = _where_reached(laws, tables, q, x, s1, s2, (needed - had) * w, gained * w)
    t = t1 + (s - s1) / w
    return needed, (t if t < tb else math.inf), fell


@on_demand  # only tests call it
def exposure(
    laws: Array, tables: Array, dx: float, dy: float, vx: float, vy: float, ta: float, tb: float, needed: float
) -> Any:
    """Exposure of a fresh opportunity to the first law along one straight motion, and when it reaches ``needed``."""
    had, when, _ = add_exposure(laws, tables, 0, dx, dy, vx, vy, ta, tb, 0.0, needed, -math.inf)
    return (-1.0 - had if had < 0.0 else had), when


@inline
def stretch_exposure(
    laws: Array, tables: Array, q: int, dx: float, dy: float, vx: float, vy: float, hours: float
) -> Any:
    """Return the exposure over one stretch of ``hours``, taken alone.

    For a definite range law this is the whole jump if the vessel is within range at any time of the stretch.
    """
    w = norm(vx, vy)
    if w < STILL_KN:
        r = norm(dx, dy)
        if r >= laws[q, 1]:
            return 0.0
        return laws[q, 2] if laws[q, 0] == DEFINITE_RANGE else detection_rate(laws, tables, q, r) * hours
    pace = 1.0 / w
    x = abs(dx * vy - dy * vx) * pace
    if x >= laws[q, 1]:
        return 0.0
    half = math.sqrt((laws[q, 1] - x) * (laws[q, 1] + x))
    s = (dx * vx + dy * vy) * pace
    s1, s2 = max(s, -half), min(s + w * hours, half)
    if s1 >= s2:
        return 0.0
    return laws[q, 2] if laws[q, 0] == DEFINITE_RANGE else path_integral(laws, tables, q, x, s1, s2) * pace
