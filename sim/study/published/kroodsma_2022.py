"""Ships that a satellite's radar saw and that sent no AIS: Kroodsma and others (2022)."""

from functools import cache
from typing import NamedTuple

import numpy as np

from sim.core import chance
from sim.core.arrays import Flags, Floats, Indices, Ints
from sim.model.length_curves import LengthCurve
from sim.model.observers.base import TransfersAtSea
from sim.model.sightings import plan_observers, realise_reports
from sim.study.published.base import Effort, Publication, ReproducedRow, figure, mean_of, shown
from sim.study.published.observed_sea import observed_box

# Ships known from AIS to lie in a scene, and how many of them the radar detected, by length in metres.
_CLASSES_M = np.array([20.0, 25.0, 30.0, 40.0, 50.0, 60.0])  # the lower ends; the last class is open
_DETECTED = np.array([9, 9, 59, 86, 167, 50])
_PRESENT = np.array([25, 30, 112, 111, 179, 54])
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
_STEP_M, _COARSE_M, _LONGEST_M, _SHORTEST_M, _SMALL_M = 5.0, 10.0, 400.0, 20.0, 30.0
_ROUNDS, _RESAMPLES = 3000, 100


def _class_of(length_m: Floats) -> Indices:
    """The class of each length."""
    return np.clip(np.searchsorted(_CLASSES_M, length_m, side="right") - 1, 0, None)


def share_detected(length_m: Floats) -> Floats:
    """The share of the ships of a length that the radar detected, by class."""
    return np.asarray((_DETECTED / _PRESENT)[_class_of(length_m)], float)


def _curve(length_m: Floats) -> Floats:
    """The fitted curve of detection by length."""
    return LengthCurve().chance(length_m)


def lengths_m(step_m: float = _STEP_M) -> Floats:
    """The middles of the classes of true length, m, from 20 m on."""
    return np.arange(_SHORTEST_M, _LONGEST_M, step_m) + step_m / 2.0


@cache
def measured_shares(step_m: float = _STEP_M) -> Floats:
    """P(measured length in a class of 5 m | true length in the middle of a class), (measured, true)."""
    from scipy.stats import norm

    level, power, spread = _MEASURED
    edges = np.log(np.maximum(np.arange(0.0, _LONGEST_M + _STEP_M, _STEP_M), 1e-9))
    below = norm.cdf((edges[:, None] - level - power * np.log(lengths_m(step_m))) / spread)
    return np.diff(below, axis=0)


def dark_ships(counts: Floats, detected: Floats, rounds: int = _ROUNDS, step_m: float = _STEP_M) -> Floats:
    """The number of ships by class of true length, (true,), that makes counts by measured length most likely.

    Counts are Poisson with means that add up over true lengths: the share detected times the share that is measured so
    long. The maximum is found by the rounds of W. H. Richardson (1972) and L. B. Lucy (1974).
    """
    seen = measured_shares(step_m) * detected
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
        name = f"curve, {low:g} to {high:g} m" if low < _CLASSES_M[-1] else f"curve, over {low:g} m"
        rows.append(ReproducedRow(f"{name}: {found} of {present} detected", share, share, curve, float(error)))
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
    coarse = float(dark_ships(counts, share_detected(lengths_m(_COARSE_M)), step_m=_COARSE_M).sum())
    on_ais = _ON_AIS[region]
    where = f"dark ships {region}"
    return [
        figure(f"unmatched detections {region}", {162.0: 88.0, 18.0: 14.0}[published], float(counts.sum()), 0.0, 0),
        ReproducedRow(where, published, published, number, error, allowed, digits=1),
        ReproducedRow(f"{where}, by the curve", published, published, by_curve, is_judged=False, digits=1),
        ReproducedRow(f"{where}, classes of 10 m", published, published, coarse, is_judged=False, digits=1),
        shown(f"{where}, below 30 m", float(ships[lengths < _SMALL_M].sum()), digits=1),
        ReproducedRow(f"their share {region}", share, share, number / (number + on_ais), allowed=0.02, digits=3),
    ]


# -------------------------------------------------------------------------------------------- the same, simulated
_BOX = (123.3, 27.0, 127.0, 32.0)  # degrees: where the sea lies does not matter
_SWATH_NMI = 216.0  # 400 km: "over 400 km"
_REGION, _LONGEST_ON_AIS_M = "north of Madagascar", 100.0  # few ships are longer, and all are detected alike


class _Scene(NamedTuple):
    """What lay under the swath of a satellite in one simulated sea, and what it reported: lengths, m, (n,) each."""

    dark: Floats
    dark_detected: Floats
    on_ais: Floats
    on_ais_detected: Floats


def _ships(inferred: Floats, rng: np.random.Generator) -> tuple[Floats, Flags]:
    """Ships of one simulated sea: their lengths, m, (n,), and whether each is dark.

    There are twice as many as in the scenes north of Madagascar, of which a swath covers about a half: dark ships by
    the lengths that are inferred, the others by those of the ships on AIS.
    """
    dark = np.repeat(lengths_m(), rng.poisson(2.0 * inferred))
    dark += rng.uniform(-_STEP_M / 2.0, _STEP_M / 2.0, dark.size)
    on_ais_below_60 = _PRESENT[:-1].sum()
    numbers = rng.poisson(2.0 * _PRESENT * _ON_AIS[_REGION] / on_ais_below_60)
    low, high = np.repeat(_CLASSES_M, numbers), np.repeat([*_CLASSES_M[1:], _LONGEST_ON_AIS_M], numbers)
    on_ais = rng.uniform(low, high)
    return np.concatenate([dark, on_ais]), np.repeat([True, False], [dark.size, on_ais.size])


def _scenes(effort: Effort) -> list[_Scene]:
    """The scene of each simulated sea. Each class of length has a satellite of its own, with its chance."""
    passes = {"kind": "satellite", "sensor": "radar", "revisit_h": 10_000.0, "first_pass_h": 0.5}
    chances = {f"class_{k}": float(share) for k, share in enumerate(_DETECTED / _PRESENT)}
    keys = {name: {**passes, "swath_nmi": _SWATH_NMI, "probability": share} for name, share in chances.items()}
    sea = observed_box(keys, _BOX)
    inferred = dark_ships(counts_of(UNMATCHED[_REGION]), share_detected(lengths_m()))
    plans, rng, scenes = plan_observers(sea), effort.trial("kroodsma, simulated sea").rng, []
    for number in range(effort.replications):
        key = chance.replication_key(effort.seed, number)
        lengths, is_dark = _ships(inferred, rng)
        lonlat = rng.uniform(_BOX[:2], _BOX[2:], (lengths.size, 2))
        x, y = sea.plane.to_xy(lonlat[:, 0], lonlat[:, 1])
        vessels = chance.identities(chance.identity("kroodsma", "ships"), lengths.size)
        present, seen = list[Ints](), list[Ints]()
        for k, plan in enumerate(plans):
            mine = np.flatnonzero(_class_of(lengths) == k)
            always = (np.full(mine.size, -1.0), np.full(mine.size, 2.0))
            lying = (*always, x[mine], y[mine], vessels[mine], is_dark[mine])
            present.append(mine[plan.spec.glimpses(plan, key, TransfersAtSea(*lying)).target])
            seen.append(mine[realise_reports([plan], key, *lying).target])
        rows = [np.concatenate(found) for found in (present, seen)]
        parts = [lengths[found[is_dark[found] == dark]] for dark in (True, False) for found in rows]
        scenes.append(_Scene(*parts))
    return scenes


def _measured_counts(lengths: Floats, rng: np.random.Generator) -> Floats:
    """The counts by measured length of ships of some lengths, (measured,)."""
    level, power, spread = _MEASURED
    measured = np.exp(level + power * np.log(lengths) + spread * rng.standard_normal(lengths.size))
    edges = np.arange(0.0, _LONGEST_M + _STEP_M, _STEP_M)
    return np.histogram(np.minimum(measured, _LONGEST_M - 1.0), edges)[0].astype(float)


def _sea_rows(effort: Effort) -> list[ReproducedRow]:
    """What is learned in simulated scenes from ships on AIS, and what is recovered of the dark ones."""
    scenes, rng = _scenes(effort), effort.trial("kroodsma, measured lengths").rng
    classes = range(_CLASSES_M.size)
    present = np.array([sum((_class_of(scene.on_ais) == k).sum() for scene in scenes) for k in classes])
    found = np.array([sum((_class_of(scene.on_ais_detected) == k).sum() for scene in scenes) for k in classes])
    rows = []
    for k in (0, 4):
        share = _DETECTED[k] / _PRESENT[k]
        name = f"simulated: on AIS, {_CLASSES_M[k]:g} to {_CLASSES_M[k + 1]:g} m, detected"
        error = float(np.sqrt(share * (1.0 - share) / present[k]))
        rows.append(ReproducedRow(name, share, share, float(found[k] / present[k]), error))
    by_length = [float((1.0 / share_detected(scene.dark_detected)).sum()) / scene.dark.size for scene in scenes]
    rows.append(mean_of("simulated: dark ships by true length, per ship present", 1.0, np.array(by_length), 3))
    learned = (found / present)[_class_of(lengths_m())]
    inferred = [float(dark_ships(_measured_counts(scene.dark_detected, rng), learned, 300).sum()) for scene in scenes]
    ratio = np.array(inferred) / [scene.dark.size for scene in scenes]
    error = float(ratio.std(ddof=1) / np.sqrt(ratio.size))
    check = "simulated: dark ships as in the paper, per ship present"
    rows.append(ReproducedRow(check, 1.0, 1.0, float(ratio.mean()), error, _METHOD_ERROR, digits=3))
    return [*rows, _share_row(scenes, np.array(inferred))]


def _share_row(scenes: list[_Scene], inferred: Floats) -> ReproducedRow:
    """The share of dark ships below 60 m in simulated scenes, and the same with the number that is inferred."""
    dark, on_ais = (
        np.array([(lengths < _CLASSES_M[-1]).sum() for lengths in column], float)
        for column in ([scene.dark for scene in scenes], [scene.on_ais for scene in scenes])
    )
    true, recovered = dark / (dark + on_ais), inferred / (inferred + on_ais)
    share = float(true.mean())
    error = float((recovered - true).std(ddof=1) / np.sqrt(true.size))
    allowed = round(share * (1.0 - share) * _METHOD_ERROR, 3)  # what an error of the number makes of the share
    return ReproducedRow("simulated: their share", share, share, float(recovered.mean()), error, allowed, digits=3)


def _rows(effort: Effort) -> list[ReproducedRow]:
    regions = [row for region in _DARK for row in _region_rows(effort, region)]
    return [*_class_rows(), *regions, *_sea_rows(effort)]


PUBLICATION = Publication(
    name="kroodsma_2022",
    title="Ships that a satellite saw and that sent no AIS",
    citation="D. A. Kroodsma, T. Hochberg, P. B. Davis, F. S. Paolo, R. Joo and B. A. Wong, Revealing the global "
    "longline fleet with satellite radar, Scientific Reports 12 (2022) 21004, doi 10.1038/s41598-022-23688-7; its "
    "data and program: GlobalFishingWatch/paper-longline-ais-sar-matching, `all_detections_and_vessels.csv`.",
    published="RADARSAT-2 detected ships in two regions. What share of ships of a length it detects is known from the "
    "ships that sent AIS. 88 detections north of Madagascar and 14 near French Polynesia match no ship on AIS. The "
    "authors infer about 162 and 18 ships that sent none, about 35 % and 10 % of those present; a version of their "
    "program has 171 and 19, and an error of 17.5 %.",
    method="The number of dark ships by true length is the one that makes the unmatched detections most likely, given "
    "how often ships of a length are detected and how long the radar then measures them (`dark_ships`). The standard "
    "error is that of detections drawn anew. The share is among ships below 60 m, with the 305 and 169 on AIS that "
    "the file has. Rows without a result are not judged. One of them has a smooth curve, fitted to the same "
    "counts, in place of the shares by class. Of the ships of 20 to 25 m it has half as many detected as were, so "
    "that each that was detected stands for twice as many, and the number north of Madagascar comes out far too high, "
    "although no class refuses the curve. So that number depends on how well ships below 30 m are detected, of which "
    "the file has few. The last rows simulate the same sea. Dark ships of the lengths inferred and ships on AIS of "
    "the lengths in the file lie at random places, and a satellite of seasweep passes over. How often a class is "
    "detected is learned from the ships on AIS under its swath; the dark ships that lay there are inferred from its "
    "other reports as above, and compared with their true number.",
    not_available="The authors fit the shares by a line through the medians of ships, and lengths by quantile "
    "regression. Here the shares by class and a log-normal fit to their 373 certain matches stand for them; both were "
    "chosen when the curve had missed the published number. Classes of 5 m are the authors'; the row with classes of "
    "10 m shows how much the number depends on them. The counts by class were taken from their file by hand; they add "
    "up to 88 and 14, and give the shares of the paper. The file does not say where ships lay in a scene, so they lie "
    "anywhere. What is simulated are the shares by class, not the curve, so each class of length has a satellite "
    "of its own, and each ship stands in for a transfer. Lengths as measured are drawn outside of seasweep, and who "
    "sends AIS is taken to be known. The inferred number is some per cent too high on average, because a class of "
    "length that is empty cannot come out below 0.",
    rows=_rows,
)
