"""Two observers of one fleet: Park and others (2020)."""

import numpy as np

from sim.core import chance
from sim.core.arrays import Floats
from sim.deployment.totals import chapman_estimate
from sim.model.sightings import plan_observers, realise_reports
from sim.study.published.base import Effort, Publication, ReproducedRow, figure, mean_of, shown
from sim.study.published.observed_sea import observed_box

# Days of fishing by Chinese vessels in North Korean waters, as the authors' notebook prints them: from satellites by
# kind of vessel, the whole year and, of 2017 again, from 5 September on; and from the counts of the coast guard.
_SATELLITES_2017, _AFTER_SANCTIONS_2017 = (8766.0, 82618.0), (5962.0, 42934.0)
_SATELLITES_2018 = (6570.0, 60689.0)
_COAST_GUARD_2017, _COAST_GUARD_2018 = 130463.5, 74316.5
_RATIO_2017, RATIO_2018 = 1.075, 0.905
_ROUNDING = 0.0005
_FLEET = 900  # "more than 900 vessels" in 2017
_CHANCES = {"satellite": 0.905 * 0.8, "coast_guard": 0.8}  # chosen, so that the ratio of the counts is 0.905
_BOX, _PLACE = (129.0, 38.5, 132.0, 41.0), (130.5, 39.75)  # degrees: where the fleet lies does not matter


def _counted(effort: Effort, fleet: int, share: float) -> tuple[Floats, Floats, Floats]:
    """How many vessels of a fleet each observer reported, and how many both did, (replications,).

    Each sees a vessel with a share of its chance, whatever the other sees.
    """
    keys = {name: {"kind": "human", "probability": share * alone} for name, alone in _CHANCES.items()}
    sea = observed_box(keys, _BOX)
    plans = plan_observers(sea)
    numbers = {plan.name: plan.number for plan in plans}
    x, y = (np.full(fleet, float(value)) for value in sea.plane.to_xy(*_PLACE))
    vessels = chance.identities(chance.identity("park", "fleet"), fleet)
    lying = (np.full(fleet, 0.25), np.full(fleet, 0.75), x, y, vessels, np.ones(fleet, bool))
    counts = []
    for number in range(effort.replications):
        reports = realise_reports(plans, chance.replication_key(effort.seed, number), *lying)
        seen = [set(reports.target[reports.observer == numbers[name]].tolist()) for name in _CHANCES]
        counts.append((len(seen[0]), len(seen[1]), len(seen[0] & seen[1])))
    first, second, both = np.array(counts, float).T
    return first, second, both


def _rows(effort: Effort) -> list[ReproducedRow]:
    satellites = sum(_SATELLITES_2017)
    twice = satellites + sum(_AFTER_SANCTIONS_2017)
    rows = [
        figure("2018, satellites / coast guard", RATIO_2018, sum(_SATELLITES_2018) / _COAST_GUARD_2018, _ROUNDING),
        figure("2017, with the autumn counted twice", _RATIO_2017, twice / _COAST_GUARD_2017, _ROUNDING),
        shown("2017, satellites / coast guard", satellites / _COAST_GUARD_2017),
    ]
    for fleet, share in ((_FLEET, 1.0), (2 * _FLEET, 0.5)):
        first, second, both = _counted(effort, fleet, share)
        rows.append(mean_of(f"simulated fleet of {fleet:,}, ratio of counts", RATIO_2018, first / second))
        rows.append(
            mean_of(
                f"simulated fleet of {fleet:,}, from those both saw", fleet, chapman_estimate(first, second, both), 1
            )
        )
    return rows


PUBLICATION = Publication(
    name="park_2020",
    title="Two observers of one fleet",
    citation="J. Park and others, Illuminating dark fishing fleets in North Korea, Science Advances 6 (2020) "
    "eabb1197, doi 10.1126/sciadv.abb1197; its program: GlobalFishingWatch/paper-dark-fishing-fleets-in-north-korea, "
    "`calculate_fishing_days.ipynb`.",
    published="Satellites and the South Korean coast guard counted the Chinese vessels that fished in North Korean "
    "waters: more than 900 in 2017 and 700 in 2018. The authors' notebook prints the days of fishing that follow from "
    "each: 130,463.5 and 74,316.5 from the coast guard; from satellites 8,766 by vessels with lights and 82,618 by "
    "trawlers in 2017, and 6,570 and 60,689 in 2018. From such counts the ratios 1.075 and 0.905 have been derived.",
    method="The ratio of 2018 follows from these figures. The ratio of 2017 follows only if the days after 5 "
    "September, 5,962 and 42,934, are added: the notebook prints them in rows of their own, but its query of the "
    "whole year has them already. With the autumn counted once the ratio of 2017 is 0.70. So 1.075 counts the autumn "
    "twice, and the two observers agree less well in 2017 than 1.075 says. A ratio of two counts says how well the "
    "observers see relative to each other, and nothing about the fleet. The simulated rows show that: two of "
    "seasweep's observers, who see with chances of 0.724 and 0.8, and with half of that a fleet twice as large, have "
    "the same ratio. The fleet follows only from the vessels that both saw, (n1 + 1)(n2 + 1) / (m + 1) - 1 (D. G. "
    "Chapman, 1951), which takes shared reports.",
    not_available="Which vessels both saw was not published, so the fleet cannot be estimated from the two. The daily "
    "counts are in tables that could not be read; the sums are as the notebook prints them. The chances of the "
    "simulated observers are chosen, and they are independent, which satellites and a coast guard in one weather are "
    "not.",
    rows=_rows,
)
