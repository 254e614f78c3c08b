"""The layers of a run: rows with a shape each, in longitude and latitude of WGS 84."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from sim.core.turns import length_nmi
from sim.scenario.flight_plan import FlightPlan, make_flight_plan
from sim.scenario.groups import assignment_of, patrols_on_route
from sim.scenario.problems import InputError, refused
from sim.scenario.schema import Scenario
from sim.study.columns import Column
from sim.study.export.kinds import LAYERS, LayerKind
from sim.study.export.lines import in_degrees
from sim.study.export.moments import with_moments
from sim.study.export.vessel_layers import VESSEL_COLUMNS, vessel_layer
from sim.study.maps.coverage import CELLS, Field, make_field, places_of_interest
from sim.study.progress import Progress, no_progress
from sim.study.stint_rows import stint_table
from sim.study.store import Results

_LON = Column("lon", "number", "deg", "longitude, east")
_LAT = Column("lat", "number", "deg", "latitude, north")
OWN_COLUMNS = {
    "areas": (Column("area", "text", "", "name of the area, from `[areas]`"),),
    "zones": (Column("zone", "text", "", "name of the zone, from `[zones]`"),),
    "bases": (Column("base", "text", "", "name of the base, from `[bases]`"), _LON, _LAT),
    "routes": (
        Column("route", "text", "", "name of the route, from `[routes]`"),
        Column("patrol", "text", "", "name of a patrol that flies it; empty if none does"),
        Column("base", "text", "", "name of the base from which it is entered"),
        Column("pattern", "text", "", "its pattern"),
        Column("legs", "integer", "", "number of search tracks of one pass"),
        Column("spacing_nmi", "number", "nmi", "track spacing; empty where the pattern has none"),
        Column("length_nmi", "number", "nmi", "length of one pass"),
        Column("pass_h", "number", "h", "duration of one pass at search speed"),
    ),
    "coverage": (
        _LON._replace(meaning="longitude of the middle of the cell, east"),
        _LAT._replace(meaning="latitude of the middle of the cell, north"),
        Column("probability", "number", "", "probability that a transfer at that place is detected, from 0 to 1"),
    ),
    **VESSEL_COLUMNS,
}
"""The columns of the layers that are no table of a run, by layer."""


@dataclass(frozen=True)
class Layer:
    """The rows of a layer, and their shapes."""

    kind: LayerKind
    table: pa.Table
    """The columns; times are there twice, in hours and in UTC."""
    shapes: Any
    """The shape of each row, (n,), in degrees."""

    @property
    def name(self) -> str:
        """The name of the layer."""
        return self.kind.name


@dataclass(frozen=True)
class Wanted:
    """What a layer is made of."""

    results: Results
    replications: Sequence[int]
    """The numbers of the replications whose rows are wanted."""
    cells: int = CELLS
    jobs: int = 1
    progress: Progress = no_progress

    @property
    def scenario(self) -> Scenario:
        """The scenario of the run."""
        return self.results.scenario


_MAKERS: dict[str, Callable[[Wanted], tuple[pa.Table, Any]]] = {}


def _maker(name: str) -> Callable[[Callable[[Wanted], tuple[pa.Table, Any]]], Callable[[Wanted], tuple[pa.Table, Any]]]:
    """Register the function that makes the rows and shapes of a layer."""

    def registered(make: Callable[[Wanted], tuple[pa.Table, Any]]) -> Callable[[Wanted], tuple[pa.Table, Any]]:
        _MAKERS[name] = make
        return make

    return registered


def make_layer(name: str, wanted: Wanted) -> Layer:
    """Make a layer of a run by its name."""
    if LAYERS[name].is_realised:
        return Layer(LAYERS[name], *vessel_layer(name, wanted.results, wanted.replications[0]))
    return Layer(LAYERS[name], *_MAKERS[name](wanted))


def there_are(results: Results) -> list[str]:
    """The names of the layers of which a run can have rows, in the order of `LAYERS`."""
    scenario = results.scenario
    sections = {"zones": scenario.zones, "bases": scenario.bases, "routes": scenario.routes if scenario.patrols else {}}
    lacking = {name for name, section in sections.items() if not section}
    lacking |= {"tips"} - set(results.tables)
    return [name for name in LAYERS if name not in lacking]


# ---------------------------------------------------------------------------------------------------- of the scenario
def _own_table(layer: str, rows: Sequence[Sequence[Any]]) -> pa.Table:
    """Rows as the table of a layer that has columns of its own."""
    schema = pa.schema([column.field for column in OWN_COLUMNS[layer]])
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    return pa.table([pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)], schema)


@_maker("areas")
def _areas(wanted: Wanted) -> tuple[pa.Table, Any]:
    areas = wanted.scenario.areas
    return _own_table("areas", [(name,) for name in areas]), np.array([area.shape for area in areas.values()])


@_maker("zones")
def _zones(wanted: Wanted) -> tuple[pa.Table, Any]:
    zones = wanted.scenario.zones
    return _own_table("zones", [(name,) for name in zones]), np.array([zone.shape for zone in zones.values()])


@_maker("bases")
def _bases(wanted: Wanted) -> tuple[pa.Table, Any]:
    rows = [(name, *map(float, base.position)) for name, base in wanted.scenario.bases.items()]
    return _own_table("bases", rows), shapely.points([row[1:] for row in rows])


@_maker("routes")
def _routes(wanted: Wanted) -> tuple[pa.Table, Any]:
    scenario, rows, lines = wanted.scenario, [], []
    for plan in _plans(scenario):
        base, spec = scenario.patrols[plan.patrol].base, scenario.routes[plan.route]
        patrol = plan.patrol if plan.is_flown else None
        spacing = plan.pattern.spacing_nmi
        length = float(length_nmi(plan.points))
        rows.append((plan.route, patrol, base, spec.pattern, plan.pattern.legs, spacing, length, float(plan.hours)))
        lines.append(shapely.LineString(plan.points))
    return _own_table("routes", rows), in_degrees(scenario.plane, lines)


def _plans(scenario: Scenario) -> Iterator[FlightPlan]:
    """One pass of each route for each patrol that flies it, then of the routes that none flies but one could."""
    for patrol in scenario.patrols:
        for route in assignment_of(scenario, patrol).routes:
            yield make_flight_plan(scenario, route, patrol)
    for route in scenario.routes:
        if not patrols_on_route(scenario, route):
            try:
                yield make_flight_plan(scenario, route)
            except InputError:  # the first patrol cannot fly it
                continue


# ---------------------------------------------------------------------------------------------------- of what happened
def _rows(wanted: Wanted, table: str) -> pa.Table:
    """The rows of a table of the run that belong to the replications, with times in UTC."""
    return with_moments(_of_replications(wanted, table), wanted.scenario.start)


def _of_replications(wanted: Wanted, table: str) -> pa.Table:
    rows = wanted.results.tables[table]
    return rows.filter(pc.is_in(rows.column("replication"), value_set=pa.array(wanted.replications, pa.int64())))


def _points(rows: pa.Table) -> Any:
    """The places of rows that have a longitude and a latitude."""
    return shapely.points(rows.column("lon").to_numpy(), rows.column("lat").to_numpy())


@_maker("tracks")
def _tracks(wanted: Wanted) -> tuple[pa.Table, Any]:
    rows, plane = _rows(wanted, "tracks"), wanted.scenario.plane
    ends = [plane.to_xy(rows.column(f"lon{k}").to_numpy(), rows.column(f"lat{k}").to_numpy()) for k in (0, 1)]
    points = np.stack([np.column_stack(end) for end in ends], axis=1)
    return rows, in_degrees(plane, shapely.linestrings(points))


@_maker("contacts")
def _contacts(wanted: Wanted) -> tuple[pa.Table, Any]:
    rows = _rows(wanted, "events")
    rows = rows.filter(pc.equal(rows.column("event"), "detected"))
    return rows, _points(rows)


@_maker("transfers")
def _transfers(wanted: Wanted) -> tuple[pa.Table, Any]:
    rows = stint_table(*(_of_replications(wanted, table) for table in ("transfers", "events")))
    return with_moments(rows, wanted.scenario.start), _points(rows)


@_maker("tips")
def _tips(wanted: Wanted) -> tuple[pa.Table, Any]:
    rows = _rows(wanted, "tips")
    return rows, _points(rows)


# ---------------------------------------------------------------------------------------------------- coverage
@_maker("coverage")
def _coverage(wanted: Wanted) -> tuple[pa.Table, Any]:
    field = make_field(
        wanted.results,
        _bounds(wanted.scenario),
        cells=wanted.cells,
        jobs=wanted.jobs,
        progress=wanted.progress,
    )
    plane, middles = wanted.scenario.plane, field.grid.cells
    lon, lat = plane.to_lonlat(middles[:, 0], middles[:, 1])
    columns = [lon, lat, field.probability.ravel()]
    table = pa.table(
        [pa.array(column, pa.float64()) for column in columns],
        pa.schema([column.field for column in OWN_COLUMNS["coverage"]]),
    )
    return table, in_degrees(plane, _squares(field))


def _squares(field: Field) -> Any:
    """The cells of a field as squares of the plane, row by row."""
    half = field.grid.side / 2.0
    x, y = field.grid.cells.T
    return shapely.box(x - half, y - half, x + half, y + half)


def _bounds(scenario: Scenario, margin_nmi: float = 75.0) -> tuple[float, float, float, float]:
    """The part of the plane over which coverage is computed: about areas of transfers, routes and bases."""
    shown = [shape for shape in places_of_interest(scenario) if not shape.is_empty]
    if not shown:
        raise refused("no place to show", "a scenario with a patrol, or with an area of transfers", key="RUN")
    west, south, east, north = (float(edge) for edge in shapely.total_bounds(shown))
    return west - margin_nmi, south - margin_nmi, east + margin_nmi, north + margin_nmi
