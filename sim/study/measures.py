"""The registry of measures: the name, unit, formula and meaning of each, in one row.

A measure is made of totals, the columns of `replications.parquet` (`sim.deployment.totals`). `sim.study.estimates`
computes a measure and its interval from its row. Tables, pictures, options and the reference page read the same rows.
"""

import math
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from sim.deployment.contacts import FEATURES
from sim.deployment.ladder import REASONS
from sim.deployment.tip_outcomes import STAGES
from sim.deployment.totals import TOTALS
from sim.model.sightings import eyes_of
from sim.scenario.nearest import nearest
from sim.scenario.problems import refused
from sim.scenario.schema import Scenario
from sim.study.cuts import Fault, Part, fault_of, named, split, tidied

MeasureKind = Literal["count", "hours", "rate", "proportion", "ratio", "any", "first"]

_MEAN = "sum over i of {numerator}_i / R"
_SHARE = "{scale}sum over i of {numerator}_i / sum over i of {denominator}_i"
_FORMULAS: dict[MeasureKind, str] = {
    "count": _MEAN,
    "hours": _MEAN,
    "rate": f"{_MEAN}, divided by the length of the deployment in years of 365.25 days",
    "any": "number of replications with {numerator}_i above 0, divided by R",
    "first": "sum over i of the lesser of {numerator}_i and the length of the deployment, / R",
    "ratio": _SHARE,
    "proportion": _SHARE,
}
_EVENTS = "overdispersed Poisson events, counted from 0, or from a value that at least half of the replications have"
_INTERVALS: dict[MeasureKind, str] = {
    "count": _EVENTS,
    "hours": _EVENTS,
    "rate": _EVENTS,
    "any": "Clopper and Pearson",
    "first": "overdispersed Poisson events on both sides of the median, up to the length of the deployment",
    "ratio": "overdispersed Poisson events; on both sides of the median if the ratio can be negative",
    "proportion": "Wilson on the effective sample size",
}


MAIN, WHY_NOT, ANSWERS, TRANSFERS, EYES, FLYING, CONTACTS, SHARING = GROUPS = (
    "", "why not documented", "what the ships answered", "more about the transfers", "what observers see", "flying",
    "contacts", "sharing",
)  # fmt: skip
"""The groups of measures, which are headings of tables, in the order of tables; groups of others come after them."""
MAIN_GROUPS = (MAIN, WHY_NOT, ANSWERS)
"""The groups that answer the question: tables show the others only where all measures are asked for."""
REASON_WORDS = {reason.name: reason.text for reason in REASONS}
"""Why transfers were not documented, as phrases, by the names of the measures of their shares."""
MAIN_REPORTS = tuple(f"reports_{stage}" for stage in STAGES)
"""The way of reports to the crews, which tables show too where there are reports."""


def is_share(unit: str) -> bool:
    """Whether a unit is that of a share, which tables print in per cent."""
    return unit.startswith("of ")


@dataclass(frozen=True)
class Definition:
    """One measure: the totals that it is made of, how they are combined, its unit and its meaning."""

    name: str
    """Its name in tables, files and options."""
    kind: MeasureKind
    """How the totals are combined, and which interval the measure has."""
    numerator: str
    """The total that is averaged, or divided by the denominator."""
    denominator: str = ""
    """The total that a ratio or a proportion divides by."""
    unit: str = "per deployment"
    """A unit that begins with "of" marks a share, which tables print in per cent."""
    scale: float = 1.0
    """A factor of a ratio, such as 100 for a number in 100 hours."""
    meaning: str = ""
    """What the measure is, as a phrase that needs no context."""
    hidden_at_zero: bool = False
    """Whether tables leave it out where it is 0 throughout, or has no value."""
    only_by_name: bool = False
    """Whether tables leave it out unless it is asked for by its name."""
    signed: bool = False
    """Whether it can be below 0."""
    most: float = math.inf
    """The greatest value that it can have, at which its interval ends."""
    group: str = "other"
    """The heading above it and its like in the table of a run; none above those of `MAIN`. See `GROUPS`."""

    @property
    def is_share(self) -> bool:
        """Whether it is a share, which tables print in per cent."""
        return is_share(self.unit)

    @property
    def formula(self) -> str:
        """The formula in terms of columns of `replications.parquet`; R replications are counted by i."""
        scale = "" if self.scale == 1.0 else f"{self.scale:g} × "
        return _FORMULAS[self.kind].format(numerator=self.numerator, denominator=self.denominator, scale=scale)

    @property
    def interval(self) -> str:
        """The kind of its confidence interval."""
        return _INTERVALS[self.kind]

    @property
    def shown(self) -> str:
        """When the table of a run shows it."""
        if any(total.name in self.totals and total.exists == "asked" for total in TOTALS):
            return "if it is asked for"
        if self.only_by_name:
            return "only by name"
        when = "always" if self.is_main else "with `--all`"
        return f"{when}, unless it is 0" if self.hidden_at_zero else when

    @property
    def is_main(self) -> bool:
        """Whether it answers the question, so that tables show it without being asked for all measures."""
        whole, part = split(self.name)
        asked = any(total.name in self.totals and total.exists == "asked" for total in TOTALS)
        of_part = part is not None and whole in SHOWN_OF_PARTS
        return self.group in MAIN_GROUPS or self.name in MAIN_REPORTS or asked or of_part

    @property
    def totals(self) -> tuple[str, ...]:
        """The totals that it is made of."""
        return (self.numerator, self.denominator) if self.denominator else (self.numerator,)

    @property
    def counts(self) -> Literal["count", "hours", "passes", "estimate"]:
        """What its numerator is a total of: of events, of hours or of passes, or an estimate of events."""
        whole, _ = split(self.numerator)
        return next((total.kind for total in TOTALS if total.name == whole), "count")

    @property
    def parts(self) -> tuple[str, ...]:
        """The keys by which it can be cut into parts: those of its numerator."""
        return keys_of(self.numerator)

    def of_part(self, part: Part) -> "Definition":
        """The measure of a part: its numerator is cut, and its denominator where that can be cut in this way."""
        cut = part.key in keys_of(self.denominator)
        return replace(
            self,
            name=named(self.name, part),
            numerator=named(self.numerator, part),
            denominator=named(self.denominator, part) if cut else self.denominator,
            meaning=f"{self.meaning} ({part.phrase})",
            group=f"by {part.key}",
        )

    def belongs_in_a_table(self, *values: float | None) -> bool:
        """Whether a table with these values of the measure shows it."""
        return not self.only_by_name and not (self.hidden_at_zero and all(value in (0.0, None) for value in values))


def _mean_of(name: str, group: str, *, hidden_at_zero: bool = False) -> Definition:
    """The mean of a total over the replications; it has the name and the meaning of the total."""
    total = next(total for total in TOTALS if total.name == name)
    unit = "h per deployment" if total.kind == "hours" else "per deployment"
    return Definition(
        name,
        "hours" if total.kind == "hours" else "count",
        name,
        unit=unit,
        meaning=total.meaning,
        hidden_at_zero=hidden_at_zero,
        group=group,
    )


def _share_of_transfers(name: str, numerator: str, group: str, meaning: str) -> Definition:
    """A share of all transfers that began in the deployment."""
    return Definition(name, "proportion", numerator, "transfers", "of transfers", meaning=meaning, group=group)


SHOWN_OF_PARTS = (
    "transfers", "documented", "p_documented", "sorties", "flight_hours", "on_station_hours", "identification_share",
    "investigations", "passes_flown", "passes_share", "p_ship_seen", *(f"reports_{stage}" for stage in STAGES),
)  # fmt: skip
"""The measures of parts that tables show without being asked for all measures."""

_SHIPPED = (
    _mean_of("transfers", MAIN),
    _mean_of("detected", TRANSFERS),
    _mean_of("classified", TRANSFERS),
    _mean_of("documented", MAIN),
    Definition("documented_per_year", "rate", "documented", unit="a year", group=TRANSFERS,
               meaning="documented transfers in a year at this rate", only_by_name=True),
    _share_of_transfers("p_detected", "detected", MAIN, "probability that a transfer is detected"),
    _share_of_transfers("p_classified", "classified", MAIN, "probability that a transfer is classified"),
    _share_of_transfers("p_documented", "documented", MAIN, "probability that a transfer is documented"),
    Definition("p_any_documented", "any", "documented", unit="of deployments", group=TRANSFERS,
               meaning="probability of at least one documented transfer"),
    Definition("first_documented_h", "first", "first_documented_h", unit="h", group=TRANSFERS,
               meaning="time until a transfer is documented, or the end"),
    _mean_of("sorties", FLYING),
    _mean_of("cancelled_sorties", FLYING),
    _mean_of("standby_sorties", FLYING),
    _mean_of("flight_hours", FLYING),
    _mean_of("on_station_hours", FLYING),
    Definition("documented_per_100_flight_hours", "ratio", "documented", "flight_hours", "per 100 h", 100.0,
               "transfers documented in 100 hours of flight", group=FLYING),
    _mean_of("investigations", CONTACTS),
    _mean_of("false_investigations", CONTACTS),
    *(_mean_of(f"false_{feature.name}", CONTACTS, hidden_at_zero=True) for feature in FEATURES),
    _mean_of("unheard_investigations", CONTACTS),
    Definition("unheard_share", "ratio", "unheard_investigations", "investigations", "of investigations", most=1.0,
               meaning="part of the investigations of vessels whose AIS was sent and not heard", group=CONTACTS),
    Definition("identification_share", "ratio", "identification_hours", "on_station_hours", "of time on station",
               most=1.0, meaning="part of the time on station spent on contacts", group=CONTACTS),
    _mean_of("never_looked_at", CONTACTS),
    _mean_of("two_hull_contacts", CONTACTS),
    _mean_of("two_hull_transfers", CONTACTS),
    Definition("p_two_hulls_transfer", "proportion", "two_hull_transfers", "two_hull_contacts", group=CONTACTS,
               unit="of contacts of two hulls", meaning="probability that hulls side by side are a transfer"),
    _mean_of("lookalike_investigations", CONTACTS),
    _mean_of("lookalikes_told", CONTACTS),
    _mean_of("lookalike_hours", CONTACTS),
    _mean_of("passes_flown", FLYING),
    _mean_of("passes_planned", FLYING),
    Definition("passes_share", "ratio", "passes_flown", "passes_planned", "of passes planned", group=FLYING,
               meaning="part of the passes that the sorties had time for that was flown"),
    *(_share_of_transfers(reason.name, reason.name, WHY_NOT, f"not documented: {reason.text}") for reason in REASONS),
    _share_of_transfers("p_noticed", "noticed", ANSWERS, "probability that the ships notice an aircraft"),
    _share_of_transfers("p_parted_early", "parted_early", ANSWERS, "probability that they part early because of it"),
    _share_of_transfers("p_resumed", "resumed", ANSWERS, "probability that they part early and resume"),
    Definition("alongside_hours", "ratio", "alongside_hours", "transfers", "h per transfer", group=ANSWERS,
               meaning="time for which the ships lie alongside"),
    *(_mean_of(name, TRANSFERS) for name in ("noticed", "parted_early", "resumed")),
    _mean_of("deterred", ANSWERS, hidden_at_zero=True),
    _mean_of("displaced", ANSWERS, hidden_at_zero=True),
    _mean_of("delayed", ANSWERS, hidden_at_zero=True),
    _mean_of("reported", EYES),
    _mean_of("seen_any", EYES),
    _mean_of("documented_reported", EYES),
    _mean_of("chapman", EYES),
    _share_of_transfers("p_reported", "reported", EYES, "probability that an observer reports it"),
    _share_of_transfers("p_seen_any", "seen_any", EYES, "probability that a patrol or an observer sees it"),
    _mean_of("ais_sent", EYES),
    _mean_of("ais_heard", EYES),
    _mean_of("seen_on_ais", EYES),
    _mean_of("encounters_on_ais", EYES),
    _mean_of("detected_on_ais", EYES),
    _mean_of("documented_on_ais", EYES),
    _share_of_transfers("p_ais_heard", "ais_heard", EYES, "probability that an observer hears AIS of a transfer"),
    Definition("p_heard_of_sent", "proportion", "ais_heard", "ais_sent", "of transfers that send", group=EYES,
               meaning="probability that an observer hears AIS of a transfer of which a vessel sends it"),
    _share_of_transfers("p_seen_on_ais", "seen_on_ais", EYES, "probability that a public rule finds a transfer on AIS"),
    *(_mean_of(f"reports_{stage}", SHARING) for stage in STAGES),
    *(_mean_of(f"own_reports_{stage}", SHARING, hidden_at_zero=True) for stage in STAGES),
    Definition("report_age_h", "ratio", "report_age_h", "reports_arrived", "h", group=SHARING,
               meaning="mean age of reports that reach a cell", signed=True),
    _mean_of("tips_sent", SHARING, hidden_at_zero=True),
    _mean_of("tips_released", SHARING, hidden_at_zero=True),
    _mean_of("tips_in_time", SHARING, hidden_at_zero=True),
    Definition("tip_age_h", "ratio", "tip_age_h", "tips_released", "h", group=SHARING, hidden_at_zero=True,
               meaning="mean age of partners' reports that reach a cell", signed=True),
    _mean_of("tips_followed", SHARING),
    _mean_of("tips_fruitful", SHARING),
    _mean_of("documented_tipped", SHARING),
    _mean_of("tip_hours", SHARING),
    _mean_of("false_tip_hours", SHARING),
    _mean_of("stale_tip_hours", SHARING),
    _mean_of("contacts", CONTACTS),
    _mean_of("ships_present", CONTACTS),
    _mean_of("ships_seen", CONTACTS),
    Definition("p_ship_seen", "proportion", "ships_seen", "ships_present", "of ships present", group=CONTACTS,
               meaning="probability that a sortie detects a background ship in the sea that it searches"),
)  # fmt: skip

MEASURES: dict[str, Definition] = {definition.name: definition for definition in _SHIPPED}
"""Every measure by its name, in the order of `measures.csv`."""


def keys_of(total: str) -> tuple[str, ...]:
    """The keys by which a total can be cut into parts; none for what is no total."""
    counted = "documented" if total == "first_documented_h" else total
    return next((row.parts for row in TOTALS if row.name == counted), ())


def fault_of_name(name: str, scenario: Scenario | None = None) -> Fault | None:
    """What is wrong with the name of a measure, which may have a part; None where nothing is.

    Without a scenario only what holds for all scenarios is looked at.
    """
    whole, part = split(name)
    if whole not in MEASURES:
        if part is None and "[" in name:
            return Fault("a measure and one part of it, such as p_documented[area=NAME]", "")
        return Fault(f"a measure: {', '.join(MEASURES)}", nearest(whole, list(MEASURES)))
    if part is None:
        return None
    fault = fault_of(part, MEASURES[whole].parts, whole, scenario)
    if fault is None and scenario is not None and not has_part(MEASURES[whole].numerator, part, scenario):
        return Fault(f"observer= one that is no crew: {', '.join(eyes_of(scenario)) or 'there is none'}", "")
    return fault


def tidied_name(name: str) -> str:
    """The name of a measure as tables write it."""
    whole, part = split(name)
    return named(whole, part and tidied(part))


def definition_of(name: str, scenario: Scenario | None = None, key: str = "measure") -> Definition:
    """The definition of a measure, or of a part of one, such as `p_documented[area=middle]`.

    Raises InputError, which names `key`, where the name is neither, and where the scenario does not have the part.
    """
    fault = fault_of_name(name, scenario)
    if fault is not None:
        raise refused(name, fault.allowed, key=key, hint=fault.hint)
    whole, part = split(name)
    return MEASURES[whole] if part is None else MEASURES[whole].of_part(tidied(part))


def computable(totals: Collection[str]) -> list[Definition]:
    """Every measure that is made of some totals, in the order of the registry; those of parts come last, key by key."""
    parts = list(dict.fromkeys(part for _, part in map(split, totals) if part is not None))
    cut = [
        row.of_part(part)
        for key in dict.fromkeys(part.key for part in parts)
        for row in MEASURES.values()
        if key in row.parts
        for part in parts
        if part.key == key
    ]
    return [row for row in [*MEASURES.values(), *cut] if set(row.totals) <= set(totals)]


def register(definition: Definition) -> Definition:
    """Add a measure to the registry; every table, file and option has it from then on.

    Raises ValueError where a measure of that name exists, or where a total that it is made of does not.
    """
    if definition.name in MEASURES:
        raise ValueError(f"a measure named {definition.name} exists already")
    totals = [*(total.name for total in TOTALS), "first_documented_h"]
    unknown = [name for name in definition.totals if name not in totals]
    if unknown:
        raise ValueError(f"{definition.name} is made of {unknown[0]}, which is no total; totals: {', '.join(totals)}")
    MEASURES[definition.name] = definition
    return definition


def group_place(group: str) -> int:
    """The place of a group in the order of tables."""
    return GROUPS.index(group) if group in GROUPS else len(GROUPS)


def has_part(total: str, part: Part, scenario: Scenario) -> bool:
    """Whether a scenario has a part of a total that can be cut so; a crew is no observer that sees by itself."""
    of_eyes = total == "chapman" or any(row.name == total and row.exists == "observers" for row in TOTALS)
    return not (of_eyes and part.key == "observer") or part.value in eyes_of(scenario)


class MeasureRow(NamedTuple):
    """What the reference says of one measure."""

    name: str
    unit: str
    formula: str
    interval: str
    shown: str
    """When the table of a run shows it."""
    parts: str
    """The keys by which it can be cut into parts."""
    meaning: str


def measure_rows() -> list[MeasureRow]:
    """Every measure of the registry, as the reference page shows it."""
    return [
        MeasureRow(row.name, row.unit, row.formula, row.interval, row.shown, ", ".join(row.parts), row.meaning)
        for row in MEASURES.values()
    ]
