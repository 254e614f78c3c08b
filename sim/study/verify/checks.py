"""Verification: simulated searches whose result is known from theory, and their distance from it.

The compiled kernel that flies every sortie flies these searches too. Most of them are scored by 1 - exp(-F) of each
target: its mean is the probability of detection, and its error is mostly smaller than that of random detections. The
others are scored by the random detections of the simulation. Searches differ in the error that they reveal: parallel
sweeps and sweep widths show an error of 1 % in sweep width, random search one of 4 %, short-lived events only one of
hours. A search fails if its z is beyond the limit that one of all of them exceeds once in a hundred times by chance.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from sim.core import chance
from sim.core.arrays import Floats
from sim.core.motion import fleet_without_traits
from sim.core.quadrature import gauss_legendre, running_integral
from sim.core.units import HOURS_PER_DAY
from sim.deployment.counting import count_along
from sim.model import theory
from sim.model.laws.base import Law
from sim.model.laws.definite_range import DefiniteRange
from sim.model.laws.inverse_cube import InverseCube
from sim.model.laws.scan import Scan
from sim.model.local_times import Clock
from sim.model.schedules import by_clock
from sim.model.takeoffs import Takeoff
from sim.study.verify.answers import ANSWER_CHECKS
from sim.study.verify.belief import BELIEF_CHECKS
from sim.study.verify.eyes import EYE_CHECKS
from sim.study.verify.fleets import FLEET_CHECKS
from sim.study.verify.game_searches import GAME_CHECKS
from sim.study.verify.lanes import LANE_CHECKS
from sim.study.verify.receivers import RECEIVER_CHECKS
from sim.study.verify.seasons import SEASON_CHECKS
from sim.study.verify.theory_searches import (
    CERTAIN,
    CUBE,
    CURVE,
    LIKELY,
    NARROW,
    POINT,
    RADAR,
    SPEED,
    UNCUT,
    Outcome,
    Search,
    Trial,
)
from sim.study.verify.tip_searches import TIP_CHECKS

FAMILY_LEVEL = 0.01  # the probability that a program without errors fails in some search
REPLICATIONS = 40
_TARGETS = 5_000  # in a replication of a search whose targets are independent
_FLIGHTS = 40  # in a replication of a search whose independent unit is the flight
_COINS = 15_000  # random detections in a replication: 600,000 in 40 replications, and never fewer
_LEAST_COINS = 600_000
_FAR = 4_000.0  # nmi, half the length of a track that stands for an endless one


@dataclass(frozen=True)
class SearchCheck:
    """One search compared with theory."""

    check: str
    statistic: str
    """The statistic that is estimated: "mean", or "sqrt(n) D" of Kolmogorov and Smirnov."""
    expected: float
    estimate: float
    error: float
    """Standard error of the estimate."""
    z: float
    """The distance from theory as a standard normal quantile of equal probability."""
    passed: bool


def _lying(x: Floats, y: Floats) -> Floats:
    """Segments of targets that lie still at all times, (n, 6)."""
    always = np.full(x.size, 1e6)
    return np.column_stack([-always, always, x, y, np.zeros((x.size, 2))])


def _sweep(x: float) -> Floats:
    """The waypoints of a long track along y at a distance x."""
    return np.array([[x, -_FAR], [x, _FAR]])


def _targets(trial: Trial, low: float, high: float, count: int | None = None) -> Floats:
    """Segments of independent targets at random lateral distances, (n, 6)."""
    x = trial.rng.uniform(low, high, count or _TARGETS * trial.replications)
    return _lying(x, np.zeros(x.size))


# ---------------------------------------------------------------------------------------------------- the rows
def random_chords(trial: Trial, law: Law, coverage: float = 1.0) -> Outcome:
    """A Poisson number of random long chords past targets in a disc; the flight is the unit, not the target."""
    disc = 100.0
    breadth = disc + law.reach_nmi
    flights = _FLIGHTS * trial.replications
    numbers = trial.rng.poisson(2.0 * breadth * coverage / law.sweep_width_nmi(SPEED), flights)
    scores = np.empty(flights)
    for i, number in enumerate(numbers):
        radius, angle = disc * np.sqrt(trial.rng.uniform(size=20)), trial.rng.uniform(0, 2 * np.pi, 20)
        search = Search(trial, law, _lying(radius * np.cos(angle), radius * np.sin(angle)))
        _fly_chords(trial, search, trial.rng.uniform(-breadth, breadth, number), breadth)
        scores[i] = search.scores.mean()
    return theory.random_search(coverage), scores


def _fly_chords(trial: Trial, search: Search, offsets: Floats, half: float) -> None:
    """Fly chords of length 2 `half` at these offsets from the centre, each on a random course."""
    end = 0.0
    for offset, angle in zip(offsets, trial.rng.uniform(0, 2 * np.pi, offsets.size), strict=True):
        along, across = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
        end = search.fly(offset * across + np.outer([-half, half], along), begin=end + 1.0)


def short_legs(trial: Trial, law: DefiniteRange | InverseCube, area: float, coverage: float = 1.0) -> Outcome:
    """A Poisson number of short legs anywhere, on any course: C counts their ends, which W l leaves out."""
    length, box = 30.0, 30.0
    room = (box + 2.0 * (law.reach_nmi + length)) ** 2
    flights = _FLIGHTS * trial.replications
    scores = np.empty(flights)
    for i, number in enumerate(trial.rng.poisson(coverage * room / area, flights)):
        search = Search(trial, law, _lying(*trial.rng.uniform(-box / 2, box / 2, (2, 5))))
        begins = trial.rng.uniform(-np.sqrt(room) / 2, np.sqrt(room) / 2, (number, 2))
        angles = trial.rng.uniform(0, 2 * np.pi, number)
        end = 0.0
        for begin, angle in zip(begins, angles, strict=True):
            leg = np.array([begin, begin + length * np.array([np.cos(angle), np.sin(angle)])])
            end = search.fly(leg, begin=end + 1.0)
        scores[i] = search.scores.mean()
    return theory.random_search(coverage), scores


def parallel(trial: Trial, count: int, spacing: float = 18.0) -> Outcome:
    """Parallel sweeps of the inverse cube law over the box that they share."""
    search = Search(trial, UNCUT, _targets(trial, 0.0, count * spacing))
    for i in range(count):
        search.fly(_sweep((i + 0.5) * spacing), begin=100.0 * i)
    return theory.parallel_sweeps(UNCUT, count, spacing, SPEED), search.scores


def many_parallel(trial: Trial, spacing: float = 1.0) -> Outcome:
    """The middle gap of so many sweeps, by default a mile apart, that what lies beyond is a correction."""
    reach = NARROW.max_range_nmi
    search = Search(trial, NARROW, _targets(trial, -spacing / 2.0, spacing / 2.0, 250 * trial.replications))
    side = int(reach / spacing)
    for i in range(-side, side + 1):
        search.fly(_sweep(spacing * i), begin=100.0 * i)
    return theory.endless_sweeps(NARROW.uncut_sweep_width_nmi, spacing, reach), search.scores


def likely_parallel(trial: Trial) -> Outcome:
    """Parallel sweeps of a definite range law twice as far apart as it reaches: W / S, W = 2 R p."""
    spacing = 4.0 * LIKELY.range_nmi
    search = Search(trial, LIKELY, _targets(trial, 0.0, 4 * spacing), coins=True)
    for i in range(4):
        search.fly(_sweep((i + 0.5) * spacing), begin=100.0 * i)
    return LIKELY.sweep_width_nmi(SPEED) / spacing, search.flips


def sweep_width(trial: Trial, law: Law) -> Outcome:
    """One long pass at every distance to half beyond reach: the sweep width, against the integral of the curve."""
    breadth = 1.5 * law.reach_nmi
    search = Search(trial, law, _targets(trial, -breadth, breadth))
    search.fly(_sweep(0.0))
    return law.sweep_width_nmi(SPEED), search.scores * 2.0 * breadth


def moving_ships(trial: Trial, law: Law) -> Outcome:
    """Ships on random courses past one long leg, at every distance: the mean sweep width at their relative speeds."""
    u, breadth, count = 60.0, 1.2 * law.reach_nmi, _TARGETS * trial.replications
    course, x = trial.rng.uniform(0.0, 2.0 * np.pi, count), trial.rng.uniform(-breadth, breadth, count)
    vx, vy = u * np.cos(course), u * np.sin(course)
    relative = np.hypot(vx, vy - SPEED)
    aside_x, aside_y = x * (SPEED - vy) / relative, x * vx / relative  # at right angles to the relative motion
    hours = _FAR / SPEED  # to the middle of the leg, where all are closest
    life = np.tile([0.0, 2.0 * hours], (count, 1))
    search = Search(trial, law, np.column_stack([life, aside_x - vx * hours, aside_y - vy * hours, vx, vy]))
    search.fly(_sweep(0.0))
    return theory.mean_over_courses(law.sweep_width_nmi, u, SPEED), search.scores * 2.0 * breadth


def one_pass(trial: Trial, law: Law) -> Outcome:
    """Contacts that are counted after a flight, of ships that move: the sweep width at their relative speed."""
    u, breadth, count = 60.0, 1.2 * law.reach_nmi, _TARGETS * trial.replications
    x = trial.rng.uniform(-breadth, breadth, count)
    hours = _FAR / SPEED
    still = np.zeros(count)
    rows = np.column_stack([still, still + 2.0 * hours, x, still - u * hours, still, still + u])
    search = Search(trial, law, rows, coins=True)
    targets, legs = search.targets, np.array([[0.0, 2.0 * hours, 0.0, -_FAR, 0.0, _FAR, 1.0]])
    fleet = fleet_without_traits(targets.rows, targets.owner, targets.vessels, targets.labels)
    seen = count_along([legs], [fleet], trial.key, search.sensor_ids[None, :], search.laws, search.tables)
    flips = np.repeat([1.0, 0.0], [seen, count - seen])
    return law.sweep_width_nmi(SPEED - u), flips * 2.0 * breadth


def barrier(trial: Trial) -> Outcome:
    """A patrol back and forth, ships crossing at right angles anywhere and at any time of its cycle."""
    length, u, v = 100.0, 80.0, SPEED
    half = length / v
    count = _TARGETS * trial.replications
    crossing = trial.rng.uniform(0.0, 2.0 * half, count)
    zero = np.zeros(count)
    rows = np.column_stack([zero - 100.0, zero + 100.0, trial.rng.uniform(0.0, length, count), zero, zero, zero - u])
    rows[:, 3] = u * (crossing + 100.0)
    search = Search(trial, CERTAIN, rows)
    ends = np.where(np.arange(-6, 9) % 2 == 0, 0.0, length)
    search.fly(np.column_stack([ends, np.zeros(ends.size)]), v, -6 * half)
    return theory.barrier(CERTAIN.range_nmi, length, u, v), search.scores


def random_courses(trial: Trial) -> Outcome:
    """Ships on random courses past one leg: the mean area they come from is 2 R E[w] t + pi R^2."""
    u, v, hours = 120.0, SPEED, 0.5
    margin = CERTAIN.range_nmi + u * hours
    long, wide = v * hours + 2.0 * margin, 2.0 * margin
    count = _TARGETS * trial.replications
    course = trial.rng.uniform(0.0, 2.0 * np.pi, count)
    x, y = trial.rng.uniform(-margin, long - margin, count), trial.rng.uniform(-margin, margin, count)
    life = np.tile([0.0, hours], (count, 1))
    search = Search(trial, CERTAIN, np.column_stack([life, x, y, u * np.cos(course), u * np.sin(course)]))
    search.fly(np.array([[0.0, 0.0], [v * hours, 0.0]]), v)
    return theory.dynamic_area(CERTAIN.range_nmi, u, v, hours) / (long * wide), search.scores


def events(trial: Trial, path: str, depth: float = 1.0) -> Outcome:
    """Short-lived events along a line, begun at any time of one cycle; `fixed`: all of one life, half a revisit."""
    length = 100.0
    once = length / SPEED
    cycle = 2.0 * once if path == "back_and_forth" else once
    count = _TARGETS * trial.replications
    begin = trial.rng.uniform(0.0, cycle, count)
    life = np.full(count, once / 2.0) if path == "fixed" else trial.rng.exponential(once / depth, count)
    place = trial.rng.uniform(0.0, length, count)
    still = np.zeros((count, 2))
    search = Search(trial, POINT, np.column_stack([begin, begin + life, place, still, still[:, 0]]), coins=True)
    for i in range(int(np.ceil((begin + life).max() / once))):
        ends = [length, 0.0] if path == "back_and_forth" and i % 2 == 1 else [0.0, length]
        search.fly(np.column_stack([ends, [0.0, 0.0]]), begin=i * once)
    expected = {
        "jump_back": theory.jump_back(depth),
        "back_and_forth": theory.back_and_forth(depth),
        "fixed": theory.fixed_life(once / 2.0, once),
    }
    return expected[path], search.flips


def takeoff_by_lot(trial: Trial, in_sight: float = 8.0, life: float = 4.0) -> Outcome:
    """Events that begin at one hour, at a place in sight for L hours of every day, from a take-off hour by lot."""
    clock = Clock(datetime(2023, 4, 10, tzinfo=UTC), ZoneInfo("UTC"))
    takeoff = Takeoff.model_validate({"from": "00:00", "to": "24:00"})
    lots = by_clock(takeoff, None, clock, HOURS_PER_DAY * _TARGETS / 10, None, chance.identity("verify", "lot"))
    seeds = trial.rng.integers(2**32, size=trial.replications).tolist()
    drawn = np.concatenate([lots.hours(chance.replication_key(seed, 0)) for seed in seeds]) % HOURS_PER_DAY
    begin = 1.5 * HOURS_PER_DAY - drawn  # after the take-off of the first day, of which each event has its own hour
    search = Search(trial, LIKELY, np.column_stack([begin, begin + life, np.zeros((drawn.size, 4))]))
    for day in range(3):
        search.fly(np.array([[0.0, 0.0], [LIKELY.range_nmi, 0.0]]), LIKELY.range_nmi / in_sight, day * HOURS_PER_DAY)
    return LIKELY.probability * theory.seen_by_lot(in_sight, life, HOURS_PER_DAY), search.scores


def coin_flips(trial: Trial) -> Outcome:
    """Random detections of independent targets in a band where W / B is one half."""
    count = max(_LEAST_COINS, _COINS * trial.replications)
    search = Search(trial, CUBE, _targets(trial, -20.0, 20.0, count), coins=True)
    search.fly(_sweep(0.0))
    half = 20.0 / 40.0
    beyond = _width_beyond(CUBE, 20.0) / 40.0
    return half - beyond, search.flips


def _width_beyond(law: InverseCube, x: float) -> float:
    """The part of the sweep width that lies beyond a lateral distance."""
    node, weight = gauss_legendre(64)
    at = x + (law.max_range_nmi - x) / 2.0 * (node + 1.0)
    return float(law.lateral_range(at, SPEED) @ weight) * (law.max_range_nmi - x)


def detection_times(trial: Trial, law: InverseCube | Scan, lateral_nmi: float) -> Floats:
    """The distribution function of the detection time at each detection, (n,): uniform if the simulation is right."""
    half = np.sqrt(law.max_range_nmi**2 - lateral_nmi**2)
    rows = _lying(np.full(1_000 * trial.replications, lateral_nmi), np.zeros(1_000 * trial.replications))
    search = Search(trial, law, rows, coins=True)
    search.fly(np.array([[0.0, -half], [0.0, half]]))
    grid = np.linspace(-half, half, 4_001)
    upto = running_integral(lambda s: law.rate(np.hypot(lateral_nmi, s)), grid) / SPEED
    exposure = np.interp(search.detections[: search.detection_count, 0] * SPEED - half, grid, upto)
    return np.asarray(np.expm1(-exposure) / np.expm1(-upto[-1]), float)


CHECKS: dict[str, Callable[[Trial], Outcome]] = {
    "random search, chords, inverse_cube": lambda t: random_chords(t, CUBE),
    "random search, chords, scan": lambda t: random_chords(t, RADAR),
    "random search, chords, lateral_range": lambda t: random_chords(t, CURVE),
    "random search, chords, definite_range": lambda t: random_chords(t, CERTAIN),
    "random search, short legs, inverse_cube": lambda t: short_legs(t, CUBE, theory.leg_area(CUBE, 30.0, SPEED)),
    "random search, short legs, definite_range": lambda t: short_legs(t, CERTAIN, theory.stadium(10.0, 30.0)),
    "parallel sweeps, 1, finite sum": lambda t: parallel(t, 1),
    "parallel sweeps, 2, finite sum": lambda t: parallel(t, 2),
    "parallel sweeps, 4, finite sum": lambda t: parallel(t, 4),
    "parallel sweeps, 10, finite sum": lambda t: parallel(t, 10),
    "parallel sweeps, 801, erf": many_parallel,
    "parallel sweeps, definite_range, W / S": likely_parallel,
    "sweep width, inverse_cube, nmi": lambda t: sweep_width(t, CUBE),
    "sweep width, scan, nmi": lambda t: sweep_width(t, RADAR),
    "sweep width, lateral_range, nmi": lambda t: sweep_width(t, CURVE),
    "sweep width, definite_range, nmi": lambda t: sweep_width(t, LIKELY),
    "moving ships, inverse_cube, nmi": lambda t: moving_ships(t, CUBE),
    "moving ships, scan, nmi": lambda t: moving_ships(t, RADAR),
    "moving ships, lateral_range, nmi": lambda t: moving_ships(t, CURVE),
    "contacts counted afterwards, scan, nmi": lambda t: one_pass(t, RADAR),
    "barrier patrol, area swept": barrier,
    "ships on random courses": random_courses,
    "short-lived events, jump-back": lambda t: events(t, "jump_back"),
    "short-lived events, back and forth": lambda t: events(t, "back_and_forth"),
    "short-lived events, fixed life": lambda t: events(t, "fixed"),
    "take-off by lot, one hour of beginning": takeoff_by_lot,
    "coin flips, inverse_cube": coin_flips,
    **GAME_CHECKS,
    **TIP_CHECKS,
    **ANSWER_CHECKS,
    **EYE_CHECKS,
    **BELIEF_CHECKS,
    **LANE_CHECKS,
    **FLEET_CHECKS,
    **SEASON_CHECKS,
    **RECEIVER_CHECKS,
}
TIMES: dict[str, Callable[[Trial], Floats]] = {
    "detection times, inverse_cube, sqrt(n) D": lambda t: detection_times(t, CUBE, 6.0),
    "detection times, scan, sqrt(n) D": lambda t: detection_times(t, RADAR, 6.0),
}


def limit(level: float = FAMILY_LEVEL) -> float:
    """The |z| beyond which a search fails; one of all does by chance with probability `level` (Sidak, 1967)."""
    from scipy.stats import norm

    each = 1.0 - (1.0 - level) ** (1.0 / (len(CHECKS) + len(TIMES)))
    return float(norm.isf(each / 2.0))


def check(name: str, replications: int = REPLICATIONS, seed: int = 1, planted: float = 0.0) -> SearchCheck:
    """Simulate one search; its result does not depend on the others. `planted` is for tests: see `Trial`."""
    trial = Trial.of(name, replications, seed, planted)
    if name in TIMES:
        return _check_of_times(name, TIMES[name](trial))
    return _check_of_scores(name, *CHECKS[name](trial))


def verify(
    replications: int = REPLICATIONS, seed: int = 1, progress: Callable[[int, int], Any] | None = None
) -> list[SearchCheck]:
    """Simulate all searches; more replications give smaller standard errors."""
    names, rows = [*CHECKS, *TIMES], []
    for number, name in enumerate(names):
        rows.append(check(name, replications, seed))
        if progress is not None:
            progress(number + 1, len(names))
    return rows


def _check_of_scores(name: str, expected: float, scores: Floats) -> SearchCheck:
    """Compare the mean of independent scores with theory; z has the tail probability of Student's t."""
    from scipy.stats import norm, t

    estimate, error = float(scores.mean()), float(scores.std(ddof=1) / np.sqrt(scores.size))
    off = (estimate - expected) / error
    z = float(np.sign(off) * norm.isf(t.sf(abs(off), scores.size - 1))) if abs(off) < 30.0 else off
    return SearchCheck(name, "mean", expected, estimate, error, z, abs(z) <= limit())


def _check_of_times(name: str, shares: Floats) -> SearchCheck:
    """Test by Kolmogorov and Smirnov that shares are uniform; z has the tail probability of sqrt(n) D."""
    from scipy.stats import kstest, kstwobign, norm

    test = kstest(shares, "uniform")
    z = float(norm.isf(max(test.pvalue, 1e-300) / 2.0))
    scaled = float(np.sqrt(shares.size) * test.statistic)
    return SearchCheck(name, "sqrt(n) D", float(kstwobign.mean()), scaled, float(kstwobign.std()), z, z <= limit())
