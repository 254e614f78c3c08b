"""The totals of parts: how much of each total of a replication belongs to an area, a patrol, a week and so on.

The parts of a total by source, patrol, route, phase, hour or week add up to the whole. Areas may overlap, so those by
area need not. A transfer belongs to the hour and week in which it begins, and its rungs of the ladder to the patrol
and the route by which it first reached them. A sortie belongs to the hour and week of its take-off, an investigation
to those in which it began, and hours to those in which they were flown. A sortie of a crew that stood by for tips
belongs to no route.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

import numpy as np
import shapely

from sim.core.arrays import Flags, Floats
from sim.core.codes import PHASES
from sim.core.geo import plane_of
from sim.deployment.contacts import FEATURES
from sim.deployment.ladder import RUNGS
from sim.deployment.log import Log
from sim.deployment.sorties import LegHours, Sortie, leg_hours
from sim.deployment.totals import TOTALS, chapman_estimate
from sim.scenario.schema import Scenario
from sim.study.ais_rows import AIS_TOTALS, ais_counted
from sim.study.cuts import KEYS, Part, named, split
from sim.study.measures import Definition, has_part, keys_of
from sim.study.seen_by import reported_by
from sim.study.windows import windows_of

FIRST_DOCUMENTED = "first_documented_h"
_OF_TRANSFERS_ALONE = ("area", "source", "hour", "week")
_OF_OBSERVERS = ("observer", "nation")
_OF_EYES = ("reported", "seen_any", "documented_reported")


def totals_by(scenario: Scenario, part: Part) -> list[str]:
    """The names of all totals of a scenario that can be cut to a part, cut to it."""
    names = [*(total.name for total in TOTALS if total.is_in(scenario) or total.exists == "asked"), FIRST_DOCUMENTED]
    return [named(name, part) for name in names if part.key in keys_of(name) and has_part(name, part, scenario)]


def asked_by(scenario: Scenario, totals: Sequence[str]) -> list[str]:
    """What `--by` was given so that replications have some totals of parts: keys, and single parts."""
    parts = dict.fromkeys(part for _, part in map(split, totals) if part is not None)
    whole = [part for part in parts if set(totals_by(scenario, part)) <= set(totals)]
    found = []
    for key in dict.fromkeys(part.key for part in whole):
        usual = [Part(key, value) for value in KEYS[key](scenario)]
        has_all = set(usual) <= set(whole)
        found += [key] if has_all else []
        found += [str(part) for part in whole if part.key == key and not (has_all and part in usual)]
    return found


def totals_for(definitions: Iterable[Definition]) -> list[str]:
    """The names of the totals that some measures are made of and that replications have only if they are asked for."""
    names = dict.fromkeys(name for definition in definitions for name in definition.totals)
    return [name for name in names if is_asked(name)]


def is_asked(name: str) -> bool:
    """Whether replications have a total only if it is asked for."""
    whole, part = split(name)
    return part is not None or any(total.name == whole and total.exists == "asked" for total in TOTALS)


# ---------------------------------------------------------------------------------------------------- transfers
@lru_cache(maxsize=256)
def _outline(box: tuple[float, float, float, float], shape: bytes) -> Any:
    """An area in degrees as a geometry of the plane of a theatre."""
    outline = plane_of(box).project(shapely.from_wkb(shape))
    shapely.prepare(outline)
    return outline


def _transfers_within(scenario: Scenario, transfers: Mapping[str, Any], part: Part) -> Flags:
    """Whether each row of `transfers`, columns by name, belongs to a part by area, source, hour, week or observer."""
    within: Flags
    if part.key == "source":
        within = np.array(transfers["source"], object) == part.value
    elif part.key == "area":
        x, y = scenario.plane.to_xy(transfers["lon"], transfers["lat"])
        within = shapely.contains_xy(_outline(scenario.theatre.box, scenario.areas[part.value].shape.wkb), x, y)
    elif part.key in _OF_OBSERVERS:
        within = np.ones(len(transfers["begin_h"]), bool)  # it says who has seen, not which transfers count
    else:
        within = windows_of(scenario, part).hold(np.asarray(transfers["begin_h"], float))
    return within


def _seen(scenario: Scenario, transfers: Mapping[str, Any], total: str, part: Part) -> Flags:
    """Whether each row of `transfers` counts in a total of what is seen, by all observers or those of a part."""
    names = None
    if part.key in _OF_OBSERVERS:
        specs = scenario.observers.items()
        names = {name for name, spec in specs if part.value == (name if part.key == "observer" else spec.nation)}
    reported = reported_by(transfers["seen_by"], names)
    if total == "reported":
        return reported
    rung, combine = ("detected", np.logical_or) if total == "seen_any" else ("documented", np.logical_and)
    both: Flags = combine(reported, _transfers_counted(scenario, transfers, rung, part))
    return both


def _transfers_counted(scenario: Scenario, transfers: Mapping[str, Any], total: str, part: Part) -> Flags:
    """Whether each row of `transfers` counts in a total of transfers, of which a part is asked for."""
    counted: Flags = np.ones(len(transfers["begin_h"]), bool)
    if total in _OF_EYES:
        return _seen(scenario, transfers, total, part)
    if total in AIS_TOTALS:
        return ais_counted(transfers, total)
    if total in RUNGS:
        counted = ~np.isnan(np.asarray(transfers[f"{total}_h"], float))
    elif total == "noticed":
        counted = ~np.isnan(np.asarray(transfers["noticed_h"], float))
    elif total in ("parted_early", "resumed", "displaced", "delayed"):
        counted = np.asarray(transfers[total], float) > 0.0
    elif total != "transfers":
        counted = np.array(transfers["reason"], object) == total
    return counted


def can_be_made_of_transfers(total: str) -> bool:
    """Whether the rows of transfers alone tell the total of a part."""
    whole, part = split(total)
    keys = (*_OF_TRANSFERS_ALONE, *(_OF_OBSERVERS if whole in _OF_EYES else ()))
    return part is not None and part.key in keys and set(_OF_TRANSFERS_ALONE) <= set(keys_of(whole))


def column_of_transfers(scenario: Scenario, total: str, transfers: Mapping[str, Any], replications: Floats) -> Floats:
    """The total of a part in each replication (R,), made of the rows of `transfers` of all of them."""
    whole, part = split(total)
    if part is None:
        raise ValueError(f"{total} is no part")
    rows = np.searchsorted(replications, np.asarray(transfers["replication"], float))
    within = _transfers_within(scenario, transfers, part)
    if whole == FIRST_DOCUMENTED:
        hours = np.asarray(transfers["documented_h"], float)
        first, rows = np.full(replications.size, np.inf), rows[within & ~np.isnan(hours)]
        np.minimum.at(first, rows, hours[within & ~np.isnan(hours)])
        return np.where(np.isinf(first), np.nan, first)
    counted = within & _transfers_counted(scenario, transfers, whole, part)
    return np.bincount(rows[counted], minlength=replications.size).astype(float)


# ---------------------------------------------------------------------------------------------------- one replication
_OF_LEGS = ("flight_hours", "on_station_hours", "identification_hours")
_OF_SHIPS = ("ships_present", "ships_seen")
_OF_LOOKALIKES = tuple(total.name for total in TOTALS if total.exists == "lookalikes")
_FALSE_FEATURES = tuple(f"false_{feature.name}" for feature in FEATURES)


class _Flown(NamedTuple):
    """What sorties did, a row each: by which patrol and on which route, when, how much, and to whom, (n,) each."""

    patrol: Any
    route: Any
    hour: Floats
    amount: Floats
    background: Any
    """The source of the ships; None where a row is about a transfer, or about no ship."""

    @classmethod
    def of(
        cls, rows: Sequence[tuple[str, str | None, float, float]], background: Sequence[str | None] | None = None
    ) -> "_Flown":
        """The rows as columns."""
        patrol, route, hour, amount = (list(column) for column in zip(*rows, strict=True)) if rows else ([], [], [], [])
        ships = [None] * len(rows) if background is None else background
        names = (np.array(column, object) for column in (patrol, route, ships))
        by_patrol, by_route, by_ships = names
        return cls(by_patrol, by_route, np.array(hour, float), np.array(amount, float), by_ships)

    def total(self, scenario: Scenario, part: Part) -> float:
        """The amount that belongs to a part by patrol, route, background, hour or week."""
        if part.key in ("hour", "week"):
            return float(self.amount[windows_of(scenario, part).hold(self.hour)].sum())
        names = {"patrol": self.patrol, "route": self.route, "background": self.background}[part.key]
        return float(self.amount[names == part.value].sum())


class PartTotals:
    """The totals of parts in one replication."""

    def __init__(self, log: Log, transfers: Mapping[str, Any]) -> None:
        """Take the log, and the columns of its rows of `transfers`."""
        self.log, self.transfers, self.scenario = log, transfers, log.plan.scenario
        self._flown_in: dict[str, _Flown] = {}

    def total(self, name: str) -> float | None:
        """A total by its name, such as `documented[area=middle]`; None for a time that never came."""
        whole, part = split(name)
        if whole == "chapman" and part is not None:
            seen = ("reported", "documented_reported")
            counts = [float(self._reached(total, part).sum()) for total in seen]
            return chapman_estimate(self.log.totals()["documented"], *counts)
        if part is None:
            return float(next(total for total in TOTALS if total.name == whole).compute(self.log))
        if whole == FIRST_DOCUMENTED:
            hours = np.asarray(self.transfers["documented_h"], float)[self._reached("documented", part)]
            return float(hours.min()) if hours.size else None
        if "source" in keys_of(whole):
            return float(self._reached(whole, part).sum())
        if part.key in ("observer", "nation"):
            observer, nation = (part.value if part.key == key else None for key in ("observer", "nation"))
            tips, stage = self.log.tips, whole.removeprefix("reports_")
            return 0.0 if tips is None else float(tips.came_to(stage, observer, nation))
        if part.key == "background" and whole in _OF_SHIPS:
            ships = self.log.ships[part.value]
            return float(ships.present if whole == "ships_present" else ships.seen)
        if whole in _OF_LEGS:
            return self._hours_of_legs(whole, part)
        if whole not in self._flown_in:
            self._flown_in[whole] = self._flown(whole)
        return self._flown_in[whole].total(self.scenario, part)

    # ------------------------------------------------------------------------------------------------ transfers
    def _reached(self, total: str, part: Part) -> Flags:
        """Whether each transfer of the rows counts in a total and belongs to a part, (n,)."""
        if part.key in _OF_TRANSFERS_ALONE or total in _OF_EYES:
            within = _transfers_within(self.scenario, self.transfers, part)
        else:
            within = np.array([self._first_by(total, one, part.key) == part.value for one in self._targets], bool)
        both: Flags = within & _transfers_counted(self.scenario, self.transfers, total, part)
        return both

    @cached_property
    def _targets(self) -> list[int]:
        """The number among the targets of each transfer of the rows."""
        targets: list[int] = np.flatnonzero(self.log.transfers.counted).tolist()
        return targets

    @cached_property
    def _first(self) -> dict[tuple[str, int], tuple[str, int]]:
        """The patrol and the number of the sortie by which each transfer first reached each rung."""
        first: dict[tuple[str, int], tuple[str, int]] = {}
        for event in self.log.events:
            if event.event in RUNGS:
                first.setdefault((event.event, event.vessel), (event.patrol, event.sortie))
        return first

    def _first_by(self, rung: str, target: int, key: str) -> str | None:
        """The patrol, or the route, by which a transfer first reached a rung; None if it never did."""
        found = self._first.get((rung, target))
        if found is None:
            return None
        return found[0] if key == "patrol" else self.log.routes.get(found)

    # ------------------------------------------------------------------------------------------------ sorties
    def _hours_of_legs(self, total: str, part: Part) -> float:
        """The hours of legs that count in a total and belong to a part."""
        if not self.log.sorties:
            return 0.0
        legs = self._legs
        hours = legs.end_h - legs.begin_h
        belongs = np.ones(hours.size, bool)
        if part.key in ("hour", "week"):
            hours = windows_of(self.scenario, part).shares(legs.begin_h, legs.end_h)
        elif part.key == "phase":
            belongs = legs.phase == PHASES.index(part.value)
        else:
            belongs = (self._names(part.key) == part.value)[legs.sortie]
        if total != "flight_hours":
            belongs = belongs & (legs.on_station if total == "on_station_hours" else legs.at_contacts)
        return float(hours[belongs].sum())

    @cached_property
    def _legs(self) -> LegHours:
        """The legs of all sorties up to the end of the deployment."""
        return leg_hours(self.log.sorties, self.log.end)

    def _names(self, key: str) -> Any:
        """The patrol, or the route, of each sortie, (n,)."""
        sorties = self.log.sorties
        names = [one.patrol if key == "patrol" else self.log.routes.get((one.patrol, one.number)) for one in sorties]
        return np.array(names, object)

    def _flown(self, total: str) -> _Flown:
        """What a total counts of sorties, or of scheduled ones that were not flown."""
        sorties, events = self.log.sorties, self.log.events
        if total == "cancelled_sorties":
            cancelled = [(event.patrol, None, event.time_h, 1.0) for event in events if event.event == "cancelled"]
            return _Flown.of(cancelled)
        if total in _OF_LOOKALIKES or "investigations" in total or total in _FALSE_FEATURES:
            return self._flown_to_contacts(total)
        rows = zip(self._names("patrol"), self._names("route"), sorties, strict=True)
        amount: dict[str, Callable[[Sortie], float]] = {
            "sorties": lambda _: 1.0,
            "standby_sorties": lambda sortie: float(sortie.from_standby),
            "never_looked_at": lambda sortie: float(sortie.never_looked_at),
            "passes_flown": self.log.passes_flown,
            "passes_planned": self.log.passes_planned,
        }
        return _Flown.of([(patrol, route, sortie.takeoff_h, amount[total](sortie)) for patrol, route, sortie in rows])

    def _flown_to_contacts(self, total: str) -> _Flown:
        """What a total counts of contacts and of their investigations."""
        if total in _OF_LOOKALIKES:
            found = [] if self.log.lookalikes is None else self.log.lookalikes.rows(total)
        else:
            found = [
                (sortie, begin_h, target, 1.0)
                for sortie in self.log.sorties
                for begin_h, target, feature in sortie.investigations
                if begin_h < self.log.end and self._is_counted(total, target, feature)
            ]
        routes = self.log.routes
        rows = [(one.patrol, routes.get((one.patrol, one.number)), hour, amount) for one, hour, _, amount in found]
        return _Flown.of(rows, [self._background_of(target) for _, _, target, _ in found])

    def _background_of(self, target: int) -> str | None:
        """The source of background ships that a target is of; None for a transfer."""
        fleet = int(self.log.world.targets.fleets[target])
        return self.log.plan.traffic[fleet - 1].name if fleet > 0 else None

    def _is_counted(self, total: str, target: int, feature: str) -> bool:
        """Whether a total of investigations counts one of a target, to which a feature led."""
        is_false = target >= self.log.transfers.begin.size
        return total == "investigations" or (is_false and total in ("false_investigations", f"false_{feature}"))
