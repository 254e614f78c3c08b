"""Ships that a satellite's radar saw and that sent no AIS: Kroodsma and others (2022)."""

from functools import cache

import numpy as np

from sim.core import chance
from sim.core.arrays import Floats, Ints
from sim.model.observers.base import TransfersAtSea
from sim.model.sightings import plan_observers, realise_reports
from sim.study.published.base import Effort, ReproducedRow, Source, figure, shown
from sim.study.published.observed_sea import observed_box

# Ships known from AIS to lie in a scene, and how many of them the radar detected, by length in metres.
_CLASSES_M = np.array([20.0, 25.0, 30.0, 40.0, 50.0, 60.0])  # the lower ends; the last class is open
_DETECTED = np.array([9, 9, 59, 86, 167, 50])
_PRESENT = np.array([25, 30, 112, 111, 179, 54])
_TOP, _SLOPE, _HALF_M = 0.926, 0.144, 32.7  # top / (1 + exp(-slope (length - half))), fitted to the same ships
# Detections that match no AIS, by the length that the radar measured: counts by classes of 5 m from 0 on.
UNMATCHED = {
    "north of Madagascar": "0 1 3 2 7 8 3 4 8 8 4 6 6 6 4 3 1 5 1 1 0 0 2 0 0 2 1" + 13 * " 0" + " 1 0 1",
    "near French Polynesia": "0 0 0 0 0 1 1 0 1 1 0 0 1 3 3 1 1 1",
}
_ON_AIS = {
    "north of Madagascar": 305,
    "near French Polynesia": 169,
}  # ships below 60 m, more likely in a scene than not
_DARK = {"north of Madagascar": (162.0, 0.35), "near French Polynesia": (18.0, 0.10)}  # ships, and their share
_METHOD_ERROR = 0.175  # of the number of dark ships, as the authors' program prints it
# ln(measured length) is normal about 0.674 + 0.895 ln(length), with a standard deviation of 0.49: fitted to the 373
# ships whose match is certain.
_MEASURED = (0.674, 0.895, 0.49)
_STEP_M, _LONGEST_M, _SHORTEST_M, _SMALL_M = 5.0, 400.0, 20.0, 30.0
_ROUNDS, _RESAMPLES = 3000, 100


def share_detected(length_m: Floats) -> Floats:
    """The share of the ships of a length that the radar detected, by class."""
    place = np.clip(np.searchsorted(_CLASSES_M, length_m, side="right") - 1, 0, None)
    return np.asarray((_DETECTED / _PRESENT)[place], float)


def _curve(length_m: Floats) -> Floats:
    """The fitted curve of detection by length."""
    return np.asarray(_TOP / (1.0 + np.exp(-_SLOPE * (length_m - _HALF_M))), float)


def lengths_m() -> Floats:
    """The middles of the classes of true length, m, from 20 m on."""
    return np.arange(_SHORTEST_M, _LONGEST_M, _STEP_M) + _STEP_M / 2.0


@cache
def measured_shares() -> Floats:
    """P(measured length in a class | true length in a class), (measured, true)."""
    from scipy.stats import norm

    level, power, spread = _MEASURED
    edges = np.log(np.maximum(np.arange(0.0, _LONGEST_M + _STEP_M, _STEP_M), 1e-9))
    below = norm.cdf((edges[:, None] - level - power * np.log(lengths_m())) / spread)
    return np.diff(below, axis=0)


def dark_ships(counts: Floats, detected: Floats, rounds: int = _ROUNDS) -> Floats:
    """The number of ships by class of true length, (true,), that makes counts by measured length most likely.

    Counts are Poisson with means that add up over true lengths: the share detected times the share that is measured so
    long. The maximum is found by the rounds of W. H. Richardson (1972) and L. B. Lucy (1974).
    """
    seen = measured_shares() * detected
    ships = np.full(detected.size, counts.sum() / detected.size)
    for _ in range(rounds):
        ships = ships * (seen.T @ (counts / np.maximum(seen @ ships, 1e-300))) / seen.sum(axis=0)
    return np.asarray(ships, float)


def counts_of(text: str) -> Floats:
    """Counts by measured length as an array, (measured,)."""
    found = np.array(text.split(), float)
    return np.concatenate([found, np.zeros(int(_LONGEST_M / _STEP_M) - found.size)])


def _class_rows() -> list[ReproducedRow]:
    """The share of each class that was detected, and the fitted curve in the middle of the class."""
    rows = []
    ends = [*_CLASSES_M[1:], 100.0]
    for low, high, found, present in zip(_CLASSES_M, ends, _DETECTED, _PRESENT, strict=True):
        share, curve = found / present, float(_curve(np.array([(low + high) / 2.0]))[0])
        error = np.sqrt(curve * (1.0 - curve) / present)
        name = f"detected, {low:g} to {high:g} m" if low < _CLASSES_M[-1] else f"detected, over {low:g} m"
        rows.append(ReproducedRow(f"{name}: {found} of {present}", share, share, curve, float(error)))
    return rows


def _region_rows(effort: Effort, region: str) -> list[ReproducedRow]:
    """Dark ships and their share in one region, and the same with the fitted curve."""
    counts, lengths = counts_of(UNMATCHED[region]), lengths_m()
    detected = share_detected(lengths)
    ships = dark_ships(counts, detected)
    rng = effort.trial(f"kroodsma {region}").rng
    means = measured_shares() * detected @ ships
    again = [dark_ships(rng.poisson(means).astype(float), detected, 300).sum() for _ in range(_RESAMPLES)]
    number, error = float(ships.sum()), float(np.std(again, ddof=1))
    published, share = _DARK[region]
    allowed = _METHOD_ERROR * published
    by_curve = float(dark_ships(counts, _curve(lengths)).sum())
    on_ais = _ON_AIS[region]
    where = f"dark ships {region}"
    return [
        figure(f"unmatched detections {region}", {162.0: 88.0, 18.0: 14.0}[published], float(counts.sum()), 0.0, 0),
        ReproducedRow(where, published, published, number, error, allowed, digits=1),
        ReproducedRow(f"{where}, by the curve", published, published, by_curve, is_judged=False, digits=1),
        shown(f"{where}, below 30 m", float(ships[lengths < _SMALL_M].sum()), digits=1),
        ReproducedRow(f"their share {region}", share, share, number / (number + on_ais), allowed=0.02, digits=3),
    ]


# -------------------------------------------------------------------------------------------- the same, simulated
_BOX = (123.3, 27.0, 127.0, 32.0)  # degrees: where the sea lies does not matter
_SWATH_NMI = 216.0  # 400 km: "over 400 km"


def _simulated(effort: Effort) -> tuple[Ints, list[Floats]]:
    """Of each simulated sea: how many dark ships lie in the scenes, (seas,), and the lengths of those detected, m."""
    passes = {"kind": "satellite", "sensor": "radar", "revisit_h": 10_000.0, "first_pass_h": 0.5}
    chances = {f"class_{k}": float(share) for k, share in enumerate(_DETECTED / _PRESENT)}
    keys = {name: {**passes, "swath_nmi": _SWATH_NMI, "probability": share} for name, share in chances.items()}
    sea = observed_box(keys, _BOX)
    plans = plan_observers(sea)
    per_class = dark_ships(counts_of(UNMATCHED["north of Madagascar"]), share_detected(lengths_m()))
    low, high = np.array(_BOX[:2]), np.array(_BOX[2:])
    trial, present, found = effort.trial("kroodsma, simulated sea"), [], list[Floats]()
    for number in range(effort.replications):
        key = chance.replication_key(effort.seed, number)
        lengths = np.repeat(lengths_m(), trial.rng.poisson(2.0 * per_class))
        lengths += trial.rng.uniform(-_STEP_M / 2.0, _STEP_M / 2.0, lengths.size)
        place = np.clip(np.searchsorted(_CLASSES_M, lengths, side="right") - 1, 0, None)
        in_scene, seen = 0, list[Floats]()
        for k, plan in enumerate(plans):
            mine = lengths[place == k]
            lonlat = trial.rng.uniform(low, high, (mine.size, 2))
            x, y = sea.plane.to_xy(lonlat[:, 0], lonlat[:, 1])
            vessels = chance.identities(chance.identity("ship", str(k)), mine.size)
            lying = (np.full(mine.size, -1.0), np.full(mine.size, 2.0), x, y, vessels, np.ones(mine.size, bool))
            in_scene += plan.spec.glimpses(plan, key, TransfersAtSea(*lying)).target.size
            seen.append(mine[realise_reports([plan], key, *lying).target])
        present.append(in_scene)
        found.append(np.concatenate(seen))
    return np.array(present), found


def _sea_rows(effort: Effort) -> list[ReproducedRow]:
    """Dark ships in simulated scenes, and what is recovered of them from what the satellite reported."""
    present, found = _simulated(effort)
    rng = effort.trial("kroodsma, measured lengths").rng
    level, power, spread = _MEASURED
    by_length, by_measure = [], []
    edges, detected = np.arange(0.0, _LONGEST_M + _STEP_M, _STEP_M), share_detected(lengths_m())
    for lengths in found:
        by_length.append(float((1.0 / share_detected(lengths)).sum()))
        measured = np.exp(level + power * np.log(lengths) + spread * rng.standard_normal(lengths.size))
        counts = np.histogram(np.minimum(measured, _LONGEST_M - 1.0), edges)[0].astype(float)
        by_measure.append(float(dark_ships(counts, detected, 300).sum()))
    rows = []
    for name, estimates in (("true", by_length), ("measured", by_measure)):
        ratio = np.array(estimates) / present
        error = float(ratio.std(ddof=1) / np.sqrt(ratio.size))
        allowed = None if name == "true" else _METHOD_ERROR
        check = f"simulated seas, recovered by {name} lengths, of 1"
        rows.append(ReproducedRow(check, 1.0, 1.0, float(ratio.mean()), error, allowed, digits=3))
    return rows


def _rows(effort: Effort) -> list[ReproducedRow]:
    regions = [row for region in _DARK for row in _region_rows(effort, region)]
    return [*_class_rows(), *regions, *_sea_rows(effort)]


SOURCE = Source(
    name="kroodsma_2022",
    title="Ships that a satellite saw and that sent no AIS",
    citation="D. A. Kroodsma, T. Hochberg, P. B. Davis, F. S. Paolo, R. Joo and B. A. Wong, Revealing the global "
    "longline fleet with satellite radar, Scientific Reports 12 (2022) 21004, doi 10.1038/s41598-022-23688-7; its "
    "data and program: GlobalFishingWatch/paper-longline-ais-sar-matching, `all_detections_and_vessels.csv`.",
    published="RADARSAT-2 detected ships in two regions. What share of ships of a length it detects is known from the "
    "ships that sent AIS. 88 detections north of Madagascar and 14 near French Polynesia match no ship on AIS. The "
    "authors infer about 162 and 18 ships that sent none, with an error of 17.5 %: about 35 % and 10 % of those "
    "present.",
    method="The number of dark ships by true length is the one that makes the unmatched detections most likely, given "
    "how often ships of a length are detected and how long the radar then measures them (`dark_ships`). The standard "
    "error is that of detections drawn anew. The share is among ships below 60 m, with the 305 and 169 on AIS that "
    "the file has. Rows without a result are not judged. One of them has the smooth curve of the notes of this "
    "project in place of the shares by class. Of the ships of 20 to 25 m it has half as many detected as were, so "
    "that each that was detected stands for twice as many, and the number north of Madagascar comes out far too high, "
    "although no class refuses the curve. So that number depends on how well ships below 30 m are detected, of which "
    "the file has few. In the simulated seas, ships of the lengths inferred lie at random places, a satellite of "
    "seasweep passes over, and the number that lay under its swath is recovered from its reports, as a ratio to the "
    "truth.",
    not_available="The authors fit the shares by a line through the medians of ships, and lengths by quantile "
    "regression. Here the shares by class and a log-normal fit to their 373 certain matches stand for them. The "
    "counts by class were taken from their file by hand; they add up to 88 and 14, and give the shares of the paper. "
    "Seasweep's satellite has one chance for ships of every length, so each class of length has a satellite of its "
    "own, and each ship stands in for a transfer. Lengths as measured are drawn outside of seasweep. The recovered "
    "number is too high on average, because a small class that is empty cannot come out below 0.",
    rows=_rows,
)
