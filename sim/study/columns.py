"""The columns of every table of results: name, type, unit and meaning, one row each.

The schemas of the Parquet files, the header of `measures.csv` and the tables of the reference page are made from these
rows. The columns of `replications` are the totals of `sim.deployment.totals`.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import pyarrow as pa

from sim.deployment.ais_heard import listens
from sim.deployment.answers import answer_sources
from sim.deployment.ladder import STATUSES
from sim.deployment.patrols import patrols_following_tips
from sim.deployment.totals import TOTALS, Total
from sim.model.sightings import eyes_of
from sim.scenario.schema import Scenario
from sim.study.cuts import named, split

_ARROW_TYPES = {"integer": pa.int64(), "number": pa.float64(), "text": pa.string(), "true or false": pa.bool_()}


class Column(NamedTuple):
    """One column of a table of results."""

    name: str
    type: str
    """A type of values that `_ARROW_TYPES` names; "number or text" where it depends on the study."""
    unit: str
    """The unit of a quantity; empty for what has none."""
    meaning: str
    """What the column holds, as a phrase that needs no context."""

    @property
    def field(self) -> pa.Field:
        """The column as a field of a Parquet schema."""
        return pa.field(self.name, _ARROW_TYPES[self.type])


_REPLICATION = Column("replication", "integer", "", "number of the replication, from 0")
_PATROL = Column("patrol", "text", "", "name of the patrol, from `[patrols]`")
_SORTIE = Column("sortie", "integer", "", "number of the sortie in the schedule of its patrol, from 0")
_FIRST_DOCUMENTED = Column(
    "first_documented_h", "number", "h", "time when the first transfer was documented; empty if none was"
)

_TRANSFERS = (
    Column("transfer", "integer", "", "number of the transfer in its source; events call it `SOURCE-TRANSFER`"),
    Column("source", "text", "", "name of the source, from `[transfers]`"),
    Column("lon", "number", "deg", "longitude of the place where the ships first lie alongside, east"),
    Column("lat", "number", "deg", "latitude of the same place, north"),
    Column("begin_h", "number", "h", "time when the ships come alongside, for the first time"),
    Column("end_h", "number", "h", "time when the ships part, for the last time"),
    Column("status", "text", "",
           f"how far the transfer came on the ladder: {', '.join(f'`{status}`' for status in STATUSES)}"),
    *(Column(f"{rung}_h", "number", "h", f"time when it was first {rung}; empty if it never was")
      for rung in STATUSES[1:]),
    Column("sensor", "text", "", "name of the sensor that first detected it, from `[sensors]`; empty if it was missed"),
    _PATROL._replace(meaning="name of the patrol that first detected it; empty if it was missed"),
    _SORTIE._replace(meaning="number of the sortie that first detected it; empty if it was missed"),
    Column("reason", "text", "", "what prevented its documentation, a column of `replications`; empty if documented"),
)  # fmt: skip
_ANSWERS = (
    Column("noticed_h", "number", "h", "time when the ships first noticed an aircraft; empty if they never did"),
    Column("parted_early", "true or false", "", "whether the ships parted early because of an aircraft"),
    Column("resumed", "integer", "", "how often they came alongside again, elsewhere, after parting early"),
    Column("alongside_h", "number", "h", "how long they lay alongside in all"),
    Column(
        "displaced", "true or false", "", "whether the transfer was moved to another place or hour to avoid patrols"
    ),
    Column("delayed", "true or false", "", "whether it ended later than without patrols"),
)
_CHAINS = (
    Column("chain", "integer", "", "transfer that its chain began with, a number of the column `transfer`; its own "
           "number where it is by itself"),
)  # fmt: skip
_UNDER_WAY = (
    Column("speed_kn", "number", "kn", "speed of the ships while they lie alongside; 0 where they lie still"),
    Column("end_lon", "number", "deg", "longitude of the place where the ships part, east"),
    Column("end_lat", "number", "deg", "latitude of the place where the ships part, north"),
)
_OBSERVERS = (
    Column("seen_by", "text", "", "names of the observers, crews left out, that reported it before the end, such as "
           "`desk, satellite`; empty if none did"),
)  # fmt: skip
_RECEIVERS = (
    Column("ais_sent", "true or false", "", "whether a vessel of the transfer sent AIS"),
    Column("ais_heard_by", "text", "", "names of the observers that heard AIS of it while the ships lay alongside, "
           "such as `shore, space`; empty if none did. That no AIS was heard does not mean that none was sent"),
)  # fmt: skip
_AIS_RULES = (
    Column("seen_on_ais", "text", "", "public rule by which the transfer is seen in the AIS that observers heard: "
           "`encounter` of two vessels, or `loitering` of one; empty if by neither"),
)  # fmt: skip
_TIPS = (
    Column("report", "integer", "", "number of the report in its replication"),
    Column("observer", "text", "", "name of the observer that made the report, from `[observers]`"),
    Column("kind", "text", "", "kind of the observer that made the report"),
    Column("nation", "text", "", "nation of the observer that made the report"),
    Column("transfer", "text", "", "transfer that the report is about, as `SOURCE-TRANSFER`; empty for a false report. "
           "A transfer shortly before or after the deployment has no row in `transfers.parquet`"),
    Column("seen_h", "number", "h", "time to which the report refers; from a human source the beginning of the "
           "transfer, which may still lie ahead"),
    Column("made_h", "number", "h", "time when the report was made"),
    Column("lon", "number", "deg", "longitude of the place as first reported, before any sanitising, east"),
    Column("lat", "number", "deg", "latitude of the place as first reported, before any sanitising, north"),
    Column("cell", "text", "", "nation whose cell the row is for"),
    Column("arrived_h", "number", "h", "time when its first copy reached that cell; empty if none did"),
    Column("path", "text", "", "nations through which that copy came, such as `japan > usa > canada`"),
    Column("error_nmi", "number", "nmi", "standard deviation of the place in that copy, in each axis"),
    Column("tip", "integer", "", "number of the tip, of that cell, that it became a part of; events call it `tip N`"),
    Column("followed_h", "number", "h", "time when a crew first left for that tip after the report had come; empty if "
           "none did"),
    Column("fruitful", "true or false", "", "whether such a flight documented the transfer that the report is about"),
)  # fmt: skip
_EVENTS = (
    Column("time_h", "number", "h", "time of the event"),
    Column("event", "text", "", "kind of the event, from the table below"),
    _PATROL._replace(meaning="name of the patrol; empty for `alongside` and `parted`"),
    _SORTIE._replace(meaning="number of the sortie; empty for `alongside` and `parted`"),
    Column("vessel", "text", "", "vessel or pair, by its source and number: `fishing-126` is the 127th to come, and "
           "`fishing-before-126` the 127th, counted back, of those there at the start; empty if none is concerned"),
    Column("lon", "number", "deg", "longitude of the aircraft at that time, not of the vessel, east; for `alongside`, "
           "`parted` and `noticed` that of the pair, for `cancelled` that of the base"),
    Column("lat", "number", "deg", "latitude of the same place, north"),
    Column("detail", "text", "", "more about the event, as the table below says; mostly empty"),
)  # fmt: skip
_TRACKS = (
    _PATROL,
    _SORTIE,
    Column("leg", "integer", "", "number of the leg in its sortie, from 0"),
    Column("phase", "text", "", "purpose of the leg, from the table below"),
    Column("begin_h", "number", "h", "time when the leg begins"),
    Column("end_h", "number", "h", "time when the leg ends"),
    Column("lon0", "number", "deg", "longitude where the leg begins, east"),
    Column("lat0", "number", "deg", "latitude where the leg begins, north"),
    Column("lon1", "number", "deg", "longitude where the leg ends, east"),
    Column("lat1", "number", "deg", "latitude where the leg ends, north"),
)
MEASURE_COLUMNS = (
    Column("measure", "text", "", "name of the measure"),
    Column("value", "number", "", "estimate in the unit of the last column, a share as a number from 0 to 1; empty if "
           "there is none"),
    Column("low", "number", "", "lower end of its confidence interval; empty if there is none"),
    Column("high", "number", "", "upper end of its confidence interval; empty if there is none"),
    Column("level", "number", "", "confidence level of the interval"),
    Column("replications", "integer", "", "number of replications that the estimate comes from"),
    Column("unit", "text", "", "unit of the value"),
)  # fmt: skip
_POINTS = (
    Column("point", "integer", "", "number of the design point, from 0; the baseline is the last"),
    Column("FACTOR", "number or text", "", "level of the factor at the point, a column for each factor; empty at the "
           "baseline"),
)  # fmt: skip
POINT_COLUMN = _POINTS[0]


def _replication_columns(totals: list[Total]) -> tuple[Column, ...]:
    """The columns of `replications`, one for each total and the time of the first documented transfer.

    Totals that replications have only if they are asked for come last.
    """
    whole, asked = (
        [Column(row.name, row.type, row.unit, row.meaning) for row in totals if (row.exists == "asked") == is_asked]
        for is_asked in (False, True)
    )
    return (*whole, _FIRST_DOCUMENTED, *asked)


def _recorded_tables(
    totals: list[Total],
    *,
    tips: bool,
    answers: bool,
    eyes: bool,
    receivers: bool,
    ais_rules: bool,
    under_way: bool,
    chains: bool,
) -> dict[str, tuple[Column, ...]]:
    """The columns of the tables that a run records, without the replication's number, which comes first in each."""
    tables = {
        "replications": _replication_columns(totals),
        "transfers": (
            *_TRANSFERS,
            *(_ANSWERS if answers else ()),
            *(_OBSERVERS if eyes else ()),
            *(_RECEIVERS if receivers else ()),
            *(_AIS_RULES if ais_rules else ()),
            *(_UNDER_WAY if under_way else ()),
            *(_CHAINS if chains else ()),
        ),
        "events": _EVENTS,
        "tracks": _TRACKS,
    }
    return tables | {"tips": _TIPS} if tips else tables


def schemas(scenario: Scenario, asked: Sequence[str] = ()) -> dict[str, pa.Schema]:
    """The Parquet schema of each table that a run of the scenario records, by the table's name.

    `asked`: the names of totals that replications have only if they are asked for; their columns come last.
    """
    totals = [total for total in TOTALS if total.is_in(scenario)]
    tips, answers = bool(patrols_following_tips(scenario)), bool(answer_sources(scenario))
    receivers, ais_rules = listens(scenario), scenario.outputs.ais_rules is not None
    eyes, under_way = bool(eyes_of(scenario)), any(source.makes_way for source in scenario.transfers.values())
    chains = any(source.chain is not None for source in scenario.transfers.values())
    tables = _recorded_tables(
        totals, tips=tips, answers=answers, eyes=eyes, receivers=receivers, ais_rules=ais_rules, under_way=under_way,
        chains=chains,
    )  # fmt: skip
    tables["replications"] += tuple(_asked_column(name) for name in asked)
    return {name: pa.schema([column.field for column in (_REPLICATION, *columns)]) for name, columns in tables.items()}


def _asked_column(name: str) -> Column:
    """The column of a total that was asked for."""
    whole, part = split(name)
    wholes = {column.name: column for column in _replication_columns(list(TOTALS))}
    return wholes[whole]._replace(name=named(whole, part), type="number" if part else wholes[whole].type)


class ColumnRow(NamedTuple):
    """What the reference says of one column of a table."""

    table: str
    name: str
    type: str
    unit: str
    meaning: str


def column_rows() -> Iterator[ColumnRow]:
    """Every column that a table of a run or of a study can have, table by table, as the reference page shows it."""
    recorded = {
        name: (_REPLICATION, *columns)
        for name, columns in _recorded_tables(
            list(TOTALS),
            tips=True,
            answers=True,
            eyes=True,
            receivers=True,
            ais_rules=True,
            under_way=True,
            chains=True,
        ).items()
    }
    for table, columns in {**recorded, "measures": MEASURE_COLUMNS, "points": _POINTS}.items():
        for column in columns:
            yield ColumnRow(table, *column)
