"""What the page of a replay shows, as plain data: one replication of a run, from its tables.

Times are hours since the start, rounded to a thousandth; places are on the plane, in nautical miles, rounded to a
hundredth. The tables name the places of aircraft and of transfers; where other vessels were, and the weather, follow
from the seed (`sim.study.realised`). A name is written once, in a list, and rows hold its number there, -1 for none.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import shapely

from plots.coverage_map import STATUS_MARKS, default_bounds
from plots.replay_map import map_data, short, wider
from plots.run_page import legs_by_sortie, rows_of_replication
from sim.core.codes import PHASES
from sim.model.sun import SUNSET_DEG, Sun
from sim.model.weather import Weather
from sim.scenario.schema import Scenario
from sim.study.realised import TRAITS, Realised
from sim.study.stint_rows import stint_rows
from sim.study.store import Results

OUTCOMES = ("detected", "diverted", "not_classified", "lost", "identified", "classified", "documented")
"""How far the crew of one sortie came with a contact: kinds of events, and of several that happened the last here."""
_HOURS, _MILES = 3, 2  # decimals of times and of places
_Rows = list[dict[str, Any]]


class _Names:
    """A list of texts, each once, in the order in which they come."""

    def __init__(self, first: Iterable[str] = ()) -> None:
        """Begin with some texts."""
        self._numbers = {text: number for number, text in enumerate(first)}

    def number(self, text: str | None) -> int:
        """The number of a text in the list, which it joins if it is new; -1 for none."""
        return -1 if text is None else self._numbers.setdefault(text, len(self._numbers))

    @property
    def listed(self) -> list[str]:
        """The texts."""
        return list(self._numbers)


def replay_data(results: Results, replication: int) -> dict[str, Any]:
    """All that the page shows of one replication; a value that is not known is null."""
    scenario = results.scenario
    seed = int(results.info["seed"])
    realised = Realised(scenario, seed, replication)
    tables = [name for name in results.tables if name != "replications"]
    rows: dict[str, _Rows] = {name: rows_of_replication(results, name, replication).to_pylist() for name in tables}
    names = {name: _Names() for name in ("sources", "sensors", "reasons", "observers", "cells", "paths", "details")}
    names |= {"vessels": _Names(), "patrols": _Names(sorted(scenario.patrols)), "events": _Names()}
    sorties = _sorties(scenario, rows["tracks"], names)
    view = default_bounds(scenario)
    transfers = _transfers(scenario, stint_rows(rows["transfers"], rows["events"]), names)
    contacts = _contacts(scenario, rows, realised, names)
    return {
        "title": scenario.title,
        "seed": str(seed),  # a number of a page holds 53 bits
        "replication": replication,
        **_times(scenario),
        "map": map_data(scenario, view, wider(_around(view, sorties), 0.5)),
        "light": light_data(scenario),
        "weather": _weather(scenario, realised.weather),
        "marks": {status: _mark(style) for status, style in STATUS_MARKS.items()},
        "phases": list(PHASES),
        "outcomes": list(OUTCOMES),
        "traits": [[bit, text] for bit, text in TRAITS.items()],
        "sorties": sorties,
        "transfers": transfers,
        "contacts": contacts,
        "tips": _tips(scenario, rows.get("tips", []), names),
        "log": _events(rows["events"], names),
        **{name: found.listed for name, found in names.items()},
    }


def _mark(style: Mapping[str, Any]) -> list[str]:
    """The shape and the colour of a mark."""
    return [str(style["marker"]), str(style["color"])]


def _hour(value: float | None) -> float | None:
    """A time for the page."""
    return None if value is None else short(value, _HOURS)


def _place(scenario: Scenario, row: Mapping[str, Any], end: str = "") -> list[float]:
    """The place of a row on the plane; `end` is the number of the end of a leg."""
    x, y = scenario.plane.to_xy(row[f"lon{end}"], row[f"lat{end}"])
    return [short(float(x), _MILES), short(float(y), _MILES)]


def _around(bounds: tuple[float, float, float, float], sorties: Sequence[Mapping[str, Any]]) -> Any:
    """Bounds that also hold all that was flown."""
    x = [bounds[0], bounds[2], *(value for sortie in sorties for value in sortie["x"])]
    y = [bounds[1], bounds[3], *(value for sortie in sorties for value in sortie["y"])]
    return min(x), min(y), max(x), max(y)


# ------------------------------------------------------------------------------------------------ time, light, weather
def _times(scenario: Scenario) -> dict[str, Any]:
    """The start in milliseconds since 1970, the duration, and the clocks of the scenario's time zone."""
    return {
        "startMs": round(scenario.start.timestamp() * 1000.0),
        "hours": short(scenario.duration_h, _HOURS),
        "zone": scenario.time_zone,
        "clocks": clocks(scenario),
    }


def clocks(scenario: Scenario) -> list[list[Any]]:
    """The clocks of the local time zone: from which hour each holds, minutes ahead of UTC, and its abbreviation."""

    def local(minute: int) -> datetime:
        return (scenario.start + timedelta(minutes=minute)).astimezone(scenario.local)

    found = [[0, *_clock(local(0))]]
    minutes = int(scenario.duration_h * 60.0)
    for end in [*range(1440, minutes, 1440), minutes]:
        low, high = max(0, end - 1440), end
        if _clock(local(high)) == found[-1][1:]:
            continue
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if _clock(local(middle)) == found[-1][1:] else (low, middle)
        found.append([short(high / 60.0, _HOURS), *_clock(local(high))])
    return found


def _clock(when: datetime) -> list[Any]:
    """How far a local time is ahead of UTC, minutes, and the abbreviation of its clock."""
    ahead = when.utcoffset() or timedelta()
    return [round(ahead.total_seconds() / 60.0), when.strftime("%Z")]


def light_data(scenario: Scenario) -> dict[str, Any]:
    """When the sun is up, and when there is light by the scenario, in the middle of the sea that is shown.

    Each is a list: whether it is so at hour 0, then the hours at which that changes.
    """
    lon, lat = _middle(scenario)
    sun = Sun(scenario.start)
    found: dict[str, Any] = {"place": [short(lon, 2), short(lat, 2)]}
    for name, elevation in (("sun", SUNSET_DEG), ("light", scenario.environment.light_begins_deg)):
        hours, is_above = sun.crossings(lon, lat, 0.0, scenario.duration_h, elevation)
        found[name] = [int(is_above), *(short(float(hour), _HOURS) for hour in hours)]
    return found


def _middle(scenario: Scenario) -> tuple[float, float]:
    """The middle of the areas of transfers, of all areas where there are no transfers: longitude and latitude."""
    named = {source.area for source in scenario.transfers.values()} or set(scenario.areas)
    shapes = [scenario.plane.project(scenario.areas[name].shape) for name in sorted(named)]
    west, south, east, north = shapely.total_bounds(shapes)
    lon, lat = scenario.plane.to_lonlat((west + east) / 2.0, (south + north) / 2.0)
    return float(lon), float(lat)


def _weather(scenario: Scenario, weather: Weather) -> dict[str, Any]:
    """The weather: the hour from which each row holds, sea state, visibility, and the wind.

    The wind is its speed, the true direction from which it blows in the middle of the theatre, and the direction
    on the plane towards which it blows. `stated` says which of the three the scenario states.
    """
    environment, plane = scenario.environment, scenario.plane
    states = [environment, *(state for states in environment.processes.values() for state in states.values())]
    stated = {name for table in states for name in table.stated} | set(
        environment.series.stated if environment.series is not None else ()
    )
    west, south, east, north = scenario.theatre.box
    last = int(np.searchsorted(weather.begin, scenario.duration_h))
    first = max(0, weather.row_at(0.0))
    rows = []
    for row in range(first, max(last, first + 1)):
        wx, wy = float(weather.wind_x[row]), float(weather.wind_y[row])
        towards = float(np.degrees(np.arctan2(wx, wy)) % 360.0)
        blows_from = plane.true_course(towards + 180.0, (west + east) / 2.0, (south + north) / 2.0)
        sea, sight = (_known(float(values[row])) for values in (weather.sea_state, weather.visibility_nmi))
        hour = short(max(0.0, float(weather.begin[row])), _HOURS)
        rows.append([hour, sea, sight, short(float(np.hypot(wx, wy)), 1), round(blows_from) % 360, round(towards)])
    return {"stated": sorted(stated), "rows": rows}


def _known(value: float) -> float | None:
    """A number for the page; None for NaN."""
    return None if np.isnan(value) else short(value, 2)


# ------------------------------------------------------------------------------------------------ what happened
def _sorties(scenario: Scenario, tracks: _Rows, names: Mapping[str, _Names]) -> list[dict[str, Any]]:
    """What was flown, a sortie each by its take-off: the corners of its track with their times, and the phases.

    Corner i is where leg i begins, and the last corner is where the last leg ends. Phases are the digits of a text.
    """
    flown = legs_by_sortie(tracks)
    ends = [np.array([[row[f"lon{end}"], row[f"lat{end}"]] for row in tracks]).reshape(-1, 2) for end in (0, 1)]
    corners = [np.column_stack(scenario.plane.to_xy(*end.T)) for end in ends]
    place = {id(row): (corners[0][number], corners[1][number]) for number, row in enumerate(tracks)}
    found = []
    for (patrol, number), legs in flown.items():
        points = [*(place[id(leg)][0] for leg in legs), place[id(legs[-1])][1]]
        times = [*(leg["begin_h"] for leg in legs), legs[-1]["end_h"]]
        found.append(
            {
                "patrol": names["patrols"].number(patrol),
                "number": number,
                "t": [short(time, _HOURS) for time in times],
                "x": [short(float(point[0]), _MILES) for point in points],
                "y": [short(float(point[1]), _MILES) for point in points],
                "phase": "".join(str(PHASES.index(leg["phase"])) for leg in legs),
            }
        )
    return sorted(found, key=lambda sortie: (sortie["t"][0], sortie["patrol"]))


def _transfers(scenario: Scenario, transfers: _Rows, names: Mapping[str, _Names]) -> list[list[Any]]:
    """The transfers by their beginning.

    Each: vessel, source, x, y, begin, end, the hours of the three rungs, sensor, patrol, sortie, reason.
    """
    return [
        [
            names["vessels"].number(f"{row['source']}-{row['transfer']}"),
            names["sources"].number(row["source"]),
            *_place(scenario, row),
            *(_hour(row[f"{name}_h"]) for name in ("begin", "end", "detected", "classified", "documented")),
            names["sensors"].number(row["sensor"]),
            names["patrols"].number(row["patrol"]),
            -1 if row["sortie"] is None else row["sortie"],
            names["reasons"].number(row["reason"]),
        ]
        for row in sorted(transfers, key=lambda row: row["begin_h"])
    ]


def _contacts(
    scenario: Scenario, rows: Mapping[str, _Rows], realised: Realised, names: Mapping[str, _Names]
) -> list[list[Any]]:
    """The contacts of each sortie that are no transfer of the table, by the time of the first event.

    Each: vessel, what it is (bits), patrol, sortie, sensor, how far the crew came with it, the hour of its first and
    its last event, the hour of the diversion to it, and its places at the first and the last, the number of them known
    being 0 where they are those of the aircraft.
    """
    known = {f"{row['source']}-{row['transfer']}" for row in rows["transfers"]}
    events: dict[tuple[str, int, str], _Rows] = {}
    for row in rows["events"]:
        if row["event"] in OUTCOMES and row["vessel"] is not None and row["vessel"] not in known:
            events.setdefault((row["patrol"], row["sortie"], row["vessel"]), []).append(row)
    found = [_contact(scenario, key, mine, realised, names) for key, mine in events.items()]
    return sorted(found, key=lambda contact: contact[6])


def _contact(
    scenario: Scenario,
    key: tuple[str, int, str],
    events: _Rows,
    realised: Realised,
    names: Mapping[str, _Names],
) -> list[Any]:
    """One contact of one sortie: see `_contacts`."""
    patrol, sortie, vessel = key
    first, last = events[0], events[-1]
    sailing = realised.vessel(vessel, (first["time_h"], last["time_h"]))
    if sailing is not None:
        places = [[short(x, _MILES), short(y, _MILES)] for x, y in zip(sailing.x, sailing.y, strict=True)]
    else:
        places = [_place(scenario, first), _place(scenario, last)]
    diverted = next((row["time_h"] for row in events if row["event"] == "diverted"), None)
    sensor = next((row["detail"] for row in events if row["event"] == "detected"), None)
    return [
        names["vessels"].number(vessel),
        0 if sailing is None else sailing.traits,
        names["patrols"].number(patrol),
        sortie,
        names["sensors"].number(sensor),
        max(OUTCOMES.index(row["event"]) for row in events),
        _hour(first["time_h"]),
        _hour(last["time_h"]),
        _hour(diverted),
        *places[0],
        *places[1],
        int(sailing is not None),
    ]


def _tips(scenario: Scenario, tips: _Rows, names: Mapping[str, _Names]) -> list[list[Any]]:
    """The reports that reached a cell, by the hour at which they did.

    Each: tip, cell, observer, vessel, hours of its making, of its coming, and of the first flight to its tip, x, y, the
    standard deviation of the place, nations through which it came, and whether the flight documented the transfer.
    """
    return [
        [
            row["tip"],
            names["cells"].number(row["cell"]),
            names["observers"].number(row["observer"]),
            names["vessels"].number(row["transfer"]),
            *(_hour(row[name]) for name in ("made_h", "arrived_h", "followed_h")),
            *_place(scenario, row),
            short(row["error_nmi"], 1),
            names["paths"].number(row["path"]),
            int(row["fruitful"]),
        ]
        for row in sorted(tips, key=lambda row: row["arrived_h"] or 0.0)
        if row["arrived_h"] is not None
    ]


def _events(events: _Rows, names: Mapping[str, _Names]) -> dict[str, list[Any]]:
    """The events in their order, as columns: hour, kind, patrol, sortie, vessel and detail."""
    return {
        "t": [short(row["time_h"], _HOURS) for row in events],
        "kind": [names["events"].number(row["event"]) for row in events],
        "patrol": [names["patrols"].number(row["patrol"]) for row in events],
        "sortie": [-1 if row["sortie"] is None else row["sortie"] for row in events],
        "vessel": [names["vessels"].number(row["vessel"]) for row in events],
        "detail": [names["details"].number(row["detail"]) for row in events],
    }
