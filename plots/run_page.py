"""What pictures of a run share: whose results they are, the rows of one replication, days, and colours of patrols."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from matplotlib.axes import Axes

from plots.style import CYCLE, GRATICULE
from sim.core.units import HOURS_PER_DAY
from sim.scenario.arguments import of_type
from sim.scenario.schema import Scenario
from sim.study.maps.coverage import wanted_replications
from sim.study.store import Results

RUN_RESULTS = "the results of a run, as run and Results.load give them"  # what pictures are made of
DASHES: tuple[Any, ...] = ("solid", (0, (5, 1.5)), (0, (2, 1)), (0, (5, 1.5, 1, 1.5)))
"""Dashes of lines, for as many series as `CYCLE` has colours, and again for those that follow."""
_MOST_DAY_TICKS = 16


def run_results(results: Any) -> Results:
    """Return the results of a run; InputError for what is none."""
    of_type("plots", "results", results, Results, RUN_RESULTS)
    checked: Results = results
    return checked


def recorded_replication(results: Results, replication: int | None) -> int:
    """Return the number of a replication whose tracks were recorded, the first unless one is given.

    Raises InputError where the run recorded none, or not this one.
    """
    return wanted_replications(results, replication)[0]


def rows_of_replication(results: Results, table: str, replication: int) -> pa.Table:
    """Return the rows of a table that belong to one replication; none where the run has no such table."""
    if table not in results.tables:
        return results.tables["transfers"].slice(0, 0)
    return results.tables[table].filter(pc.field("replication") == replication)


def legs_of_sorties(results: Results, replication: int) -> dict[tuple[str, int], list[dict[str, Any]]]:
    """Return the legs as flown of each sortie of a replication, by its patrol and its number, in order of time."""
    return legs_by_sortie(rows_of_replication(results, "tracks", replication).to_pylist())


def legs_by_sortie(tracks: Iterable[dict[str, Any]]) -> dict[tuple[str, int], list[dict[str, Any]]]:
    """Return rows of the table of tracks by patrol and number of the sortie, in the order in which they come."""
    sorties: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for leg in tracks:
        sorties.setdefault((leg["patrol"], leg["sortie"]), []).append(leg)
    return sorties


def patrol_styles(scenario: Scenario) -> dict[str, tuple[str, Any]]:
    """Return the colour and the dashes of each patrol, in the order of the file: no two patrols have both alike."""
    return {
        name: (CYCLE[number % len(CYCLE)], DASHES[(number // len(CYCLE) + number) % len(DASHES)])
        for number, name in enumerate(scenario.patrols)
    }


def draw_days(axes: Axes, scenario: Scenario) -> None:
    """Label the axis of hours with days of the calendar, in UTC, from the beginning to the end of the deployment."""
    start, end_h = scenario.start, scenario.duration_h
    midnight = datetime(start.year, start.month, start.day, tzinfo=start.tzinfo)
    step = max(1, int(np.ceil(end_h / HOURS_PER_DAY / _MOST_DAY_TICKS)))
    days = [midnight + timedelta(days=day) for day in range(0, int(end_h // HOURS_PER_DAY) + 2, step)]
    hours = [(day - start).total_seconds() / 3600.0 for day in days]
    shown = [(hour, day) for hour, day in zip(hours, days, strict=True) if 0.0 <= hour <= end_h]
    axes.set_xlim(0.0, end_h)
    axes.set_xticks([hour for hour, _ in shown], [f"{day.day} {day:%b}" for _, day in shown])
    axes.set_xlabel("day, from 00:00 UTC")
    axes.grid(axis="x", color=GRATICULE, alpha=0.35, linewidth=0.5)
    axes.set_axisbelow(True)
