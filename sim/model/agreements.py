"""Agreements: which reports pass between nations, when they arrive, and by which path.

A report travels from the nation that made it over agreements, each a link both ways between every two of its members.
Each holder decides once, for each report and agreement, whether it gives and how long that takes; all other members
receive it then. A copy may be passed on only if the agreement over which it was received allows it. No public figure
exists for delays or for what is released: whatever a scenario says of them is an assumption to be varied.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from heapq import heappop, heappush
from math import fsum, inf, prod, sqrt
from typing import Annotated, Any, Literal, NamedTuple, Self

import numpy as np
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, core_schema

from sim.core import chance
from sim.core.arrays import Entities, Floats
from sim.core.codes import Purpose
from sim.core.fields import Part, Quantity, refuse, within
from sim.core.units import SECONDS_PER_HOUR
from sim.model.levels import RANK, Level
from sim.model.observers.base import Observer
from sim.model.places import NationName

_YEARS = (1900, 2200)  # of plausibility; and any offset from UTC stays within what a datetime holds
_MOMENT_SAID = f"a date, or a date and time with an offset, in a year from {_YEARS[0]} to {_YEARS[1]}"


@dataclass(frozen=True)
class Release:
    """The chance that a report is released, by the kind of observer that made it; a number: the same for every kind.

    In a table a kind that is not named is never released.
    """

    chances: Mapping[str, float]
    """By kind of observer."""

    @classmethod
    def alike(cls, chance: float) -> Self:
        """The same chance for every kind."""
        return cls(dict.fromkeys(Observer.kinds(), chance))

    def of(self, kind: str) -> float:
        """The chance for one kind of observer."""
        return self.chances.get(kind, 0.0)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """A number, or a table with a key for each kind of observer."""
        chance = core_schema.float_schema(strict=True, ge=0.0, le=1.0)
        keys = {kind: core_schema.typed_dict_field(chance, required=False) for kind in Observer.kinds()}
        table = core_schema.typed_dict_schema(keys, extra_behavior="forbid")
        read = core_schema.no_info_before_validator_function(_as_table, table)
        plain = core_schema.plain_serializer_function_ser_schema(_plain)
        return core_schema.no_info_after_validator_function(cls._of_table, read, serialization=plain)

    @classmethod
    def _of_table(cls, table: Mapping[str, float]) -> Self:
        return cls({kind: table.get(kind, 0.0) for kind in Observer.kinds()})

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """The JSON Schema of a number or a table."""
        number = {"type": "number", "minimum": 0.0, "maximum": 1.0}
        said = "The chance, 0 to 1, that a report is released which an observer of kind {} has made."
        keys = {kind: number | {"description": said.format(kind)} for kind in Observer.kinds()}
        table = {"type": "object", "properties": keys, "additionalProperties": False}
        return {"description": cls.__doc__, "anyOf": [number, table]}


def _as_table(given: Any) -> Any:
    """A number as a table of all kinds."""
    if isinstance(given, dict):
        return given
    if isinstance(given, Release):
        return dict(given.chances)
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0.0 <= given <= 1.0:
        kinds = ", ".join(Observer.kinds())
        allowed = f"a number at least 0 and at most 1, or a table of such numbers by kind of observer: {kinds}"
        raise refuse("form", allowed)
    return dict.fromkeys(Observer.kinds(), float(given))


def _plain(release: Release) -> Any:
    """As short as a file can write it."""
    chances = {kind: release.of(kind) for kind in Observer.kinds()}
    alike = len(set(chances.values())) == 1
    return next(iter(chances.values())) if alike else {kind: p for kind, p in chances.items() if p > 0.0}


def _moment(given: Any) -> Any:
    """A TOML date, which is its midnight, or date and time as a moment in UTC."""
    if given is None:
        return None
    plain = isinstance(given, date) and not isinstance(given, datetime)
    if not plain and not (isinstance(given, datetime) and given.tzinfo is not None):
        raise refuse("time", _MOMENT_SAID)
    if not _YEARS[0] <= given.year <= _YEARS[1]:
        raise refuse("time", _MOMENT_SAID)
    return datetime(given.year, given.month, given.day, tzinfo=UTC) if plain else given.astimezone(UTC)


_DATES = WithJsonSchema({"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]})
Moment = Annotated[datetime | None, BeforeValidator(_moment), _DATES]
Delay = Annotated[Quantity, within(0.0, 10000.0, "hours")]


def _each_once(names: list[str]) -> list[str]:
    if len(set(names)) < len(names):
        raise refuse("range", "each nation once")
    return names


class Agreement(Part):
    """A link both ways between every two of its members, over which reports may pass: of two nations, or of many."""

    nations: Annotated[list[NationName], Field(min_length=2), AfterValidator(_each_once)]
    """The nations that are its members, at least two."""
    state: Literal["none", "negotiating", "in_force"] = "in_force"
    """The state of the agreement. Reports pass only over an agreement in force."""
    in_force_from: Moment = None
    """The date (its midnight in UTC) or the date and time with an offset from which the agreement is in force. Reports
    wait until then. If it is left out, the agreement is in force from the beginning."""
    delay_h: Delay
    """The time, in hours, from the moment at which a member has a report, or at which the agreement comes into force,
    to the moment at which the other members have it."""
    release: Release = Field(1.0, validate_default=True)
    """The chance, 0 to 1, that a member passes a report on, drawn once for each report and member: one number, or a
    table by kind of observer. A kind that such a table does not name is never released."""
    sanitising_error_nmi: Annotated[float, Field(strict=True, ge=0.0, le=1000.0)] = 0.0
    """The standard deviation, in nautical miles, that sanitising adds to the error of a position in each axis. It is
    added in quadrature."""
    ceiling: Level = "top_secret"
    """The highest classification of a report that may pass."""
    third_party_release: bool = Field(False, strict=True)
    """Whether a report that was received over this agreement may be passed on to a third nation."""


class ReportBatch(NamedTuple):
    """Reports as they are made, a row each."""

    identity: Entities
    """(n,) stable identities: the key of all luck on their ways."""
    origin: Sequence[str]
    """(n,) the nations that made them."""
    kind: Sequence[str]
    """(n,) kinds of source."""
    level: Sequence[Level]
    """(n,) classifications."""
    made_h: Floats
    """(n,) hours since the scenario's start."""
    error_nmi: Floats
    """(n,) standard deviation of the position in each axis."""


class Delivery(NamedTuple):
    """A copy of a report reaches a nation that has none yet, or none as precise."""

    report: int
    """Row of the report."""
    nation: str
    arrived_h: float
    """Hours since the scenario's start; it may lie beyond the end of the deployment."""
    error_nmi: float
    """Standard deviation of the position in each axis, sanitising included."""
    path: tuple[str, ...]
    """Nations that held it, the origin first, this one last."""
    via: tuple[str, ...]
    """Agreements over which it came, one fewer."""


class Link(NamedTuple):
    """An agreement over which something may pass within the deployment."""

    name: str
    open_h: float
    """From when on it is in force, hours since the scenario's start."""
    terms: Agreement

    def carries(self, kind: str, level: Level) -> bool:
        """Whether a report of a kind and level may pass at all."""
        return self.terms.release.of(kind) > 0.0 and RANK[level] <= RANK[self.terms.ceiling]


class ReportPath(NamedTuple):
    """A way that a report may take to a nation."""

    hours: float
    """What its agreements take, each its median."""
    path: tuple[str, ...]
    """Nations that hold it, the origin first."""
    via: tuple[Link, ...]
    """Agreements over which it comes, one fewer."""

    def chance(self, kind: str) -> float:
        """The chance that a report of a kind of source is released all along it."""
        return prod(link.terms.release.of(kind) for link in self.via)


class _Gift(NamedTuple):
    """What one holder may give over one link, to those for whom it matters."""

    link: Link
    giver: str
    receivers: tuple[str, ...]
    chance: float
    luck: np.uint64
    """Identity of the agreement and the giver."""


class _Parcel(NamedTuple):
    """Copies that leave a holder together, in the order in which they are settled: by time, then by precision.

    What follows only breaks ties, so the path that a log names does not depend on the order of a file.
    """

    time_h: float
    """When they arrive."""
    added: float
    """Variance that sanitising has added, nmi^2."""
    barred: bool
    """Whether they may not be passed on."""
    hops: int
    path: tuple[str, ...]
    """Nations up to the giver."""
    via: tuple[tuple[str, float], ...]
    """Names of the agreements, and the variance that each added."""
    receivers: tuple[str, ...]


@dataclass(frozen=True)
class Network:
    """Who can give what to whom, over the agreements of a scenario."""

    links: tuple[Link, ...]
    """Those over which something may pass within the deployment; an agreement that is none of these changes nothing."""
    _known: dict[tuple[Any, ...], tuple[_Gift, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """What `_find_gifts` has answered before."""

    def could_reach(self, origin: str, kind: str, level: Level, nation: str) -> bool:
        """Whether a report could ever reach a nation, by any path."""
        return nation in self._reached(origin, kind, level)[0]

    def quickest(self, origin: str, kind: str, level: Level, nation: str, share: float = 0.5) -> ReportPath | None:
        """The way to a nation that takes least where each delay is the one below which a share lies; None for none.

        When agreements come into force is left aside.
        """
        links = [link for link in self.links if link.carries(kind, level)]
        hours = {link.name: float(link.terms.delay_h.quantile(np.array([share]))[0]) for link in links}
        heap: list[tuple[float, int, tuple[str, ...], tuple[str, ...], bool]] = [(0.0, 0, (origin,), (), True)]
        by_name, settled = {link.name: link for link in links}, set[str]()
        while heap:
            spent, hops, path, via, free = heappop(heap)
            if path[-1] == nation:
                return ReportPath(spent, path, tuple(by_name[name] for name in via))
            if not free or path[-1] in settled:  # nobody may have it from there, or has had it sooner
                continue
            settled.add(path[-1])
            for link in links:
                if path[-1] in link.terms.nations:
                    passes = link.terms.third_party_release
                    ends = [one for one in link.terms.nations if one not in settled]
                    later = spent + hours[link.name]
                    for one in ends:
                        heappush(heap, (later, hops + 1, (*path, one), (*via, link.name), passes))
        return None

    def _reached(self, origin: str, kind: str, level: Level) -> tuple[set[str], set[str]]:
        """Nations that a report could reach, and those that could then pass it on."""
        links = [link for link in self.links if link.carries(kind, level)]
        reached, givers, fresh = {origin}, {origin}, [origin]
        while fresh:
            giver = fresh.pop()
            for link in links:
                if giver not in link.terms.nations:
                    continue
                reached |= set(link.terms.nations)
                if link.terms.third_party_release:
                    fresh += [one for one in link.terms.nations if one not in givers]
                    givers |= set(link.terms.nations)
        return reached, givers

    def _gifts(self, origin: str, kind: str, level: Level, wanted: frozenset[str]) -> tuple[_Gift, ...]:
        """What may be given on the way from the origin to any of the nations wanted."""
        which = (origin, kind, level, wanted)
        if which not in self._known:
            self._known[which] = tuple(self._find_gifts(origin, kind, level, wanted))
        return self._known[which]

    def _find_gifts(self, origin: str, kind: str, level: Level, wanted: frozenset[str]) -> list[_Gift]:
        givers = self._reached(origin, kind, level)[1]
        links = [link for link in self.links if link.carries(kind, level)]
        possible = [(link, giver) for link in links for giver in link.terms.nations if giver in givers]
        useful: set[str] = set()  # nations that can bring it, directly or not, to one wanted

        def takers(link: Link, giver: str) -> tuple[str, ...]:
            """Those who want it, or can bring it to one who does."""
            matter = wanted | useful if link.terms.third_party_release else wanted
            return tuple(one for one in link.terms.nations if one in matter and one not in (origin, giver))

        while grown := {giver for link, giver in possible if takers(link, giver)} - useful:
            useful |= grown
        return [
            _Gift(link, giver, others, link.terms.release.of(kind), chance.identity("agreement", link.name, giver))
            for link, giver in possible
            if (others := takers(link, giver))
        ]

    def deliver(self, key: Entities, reports: ReportBatch, to: Collection[str]) -> list[Delivery]:
        """What reaches each of some nations, sorted by time, report and nation.

        Of each report a nation receives the earliest copy, then later ones only if more precise. Its own reports it
        has as they are made. Luck is keyed by report, agreement and giver, so it is the same whatever else there is:
        another link, or a better one, never makes any nation know less, or later, or less precisely.
        """
        wanted = frozenset(to)
        which = zip(reports.origin, reports.kind, reports.level, strict=True)
        gifts = [self._gifts(*one, wanted) for one in which]
        given = _given(key, reports.identity, gifts)
        found: list[Delivery] = []
        for row, (origin, gives) in enumerate(zip(reports.origin, given, strict=True)):
            if origin in wanted or origin in gives:
                error = float(reports.error_nmi[row])
                copies = _spread(origin, float(reports.made_h[row]), gives, wanted)
                found += [_delivery(row, error, nation, parcel) for nation, parcel in copies]
        return sorted(found, key=lambda one: (one.arrived_h, one.report, one.nation))


_Gives = dict[str, list[tuple[_Gift, float]]]


def _given(key: Entities, identity: Entities, gifts: Sequence[tuple[_Gift, ...]]) -> list[_Gives]:
    """For each report what each holder would give of all that it may, and after how many hours, by chance."""
    asked: dict[np.uint64, list[tuple[int, _Gift]]] = {}
    for row, ones in enumerate(gifts):
        for gift in ones:
            asked.setdefault(gift.luck, []).append((row, gift))
    given: list[_Gives] = [{} for _ in gifts]
    for luck, asks in asked.items():  # an agreement and giver at a time
        rows = [row for row, _ in asks]
        two = chance.uniforms(key, Purpose.RELEASE, chance.join_each(identity[rows], luck))
        released = np.flatnonzero(two[:, 0] < [gift.chance for _, gift in asks])
        delays = asks[0][1].link.terms.delay_h.quantile(two[released, 1])
        for ask, delay in zip(released.tolist(), delays.tolist(), strict=True):
            row, gift = asks[ask]
            given[row].setdefault(gift.giver, []).append((gift, delay))
    return given


def _spread(origin: str, made_h: float, gives: _Gives, wanted: frozenset[str]) -> Iterator[tuple[str, _Parcel]]:
    """The copies that are worth having at each of the nations wanted: label setting on time (Dijkstra 1959).

    Copies are settled in order of time, so one is dominated where an earlier one of its holder is as precise, and may
    be passed on if this one may (Hansen 1980 on paths of two criteria). Delays are at least 0 and waiting keeps the
    order of copies, so a copy that comes back to a nation is always dominated, and the search is exact.
    """
    least: dict[str, float] = {}  # variance added to the most precise copy of each holder
    least_free: dict[str, float] = {}  # the same of copies that may be passed on
    heap = [_Parcel(made_h, 0.0, False, 0, (), (), (origin,))]
    while heap:
        parcel = heappop(heap)
        added = parcel.added
        for holder in parcel.receivers:
            if added < least.get(holder, inf):
                least[holder] = added
                if holder in wanted:
                    yield holder, parcel
            if not parcel.barred and added < least_free.get(holder, inf):
                least_free[holder] = added
                for gift, delay in gives.get(holder, ()):
                    if all(name != gift.link.name for name, _ in parcel.via):  # else its members had it before
                        heappush(heap, _passed_on(parcel, gift, delay))


def _passed_on(parcel: _Parcel, gift: _Gift, delay_h: float) -> _Parcel:
    """A copy of a parcel as its holder gives it over one link."""
    link, terms = gift.link, gift.link.terms
    time = max(parcel.time_h, link.open_h) + delay_h
    variance = terms.sanitising_error_nmi**2
    via = (*parcel.via, (link.name, variance))
    added = fsum(one for _, one in via) if variance else parcel.added  # of all at once: the same sum in any order
    path = (*parcel.path, gift.giver)
    return _Parcel(time, added, not terms.third_party_release, len(path), path, via, gift.receivers)


def _delivery(row: int, error_nmi: float, nation: str, parcel: _Parcel) -> Delivery:
    error = sqrt(error_nmi**2 + parcel.added) if parcel.added else error_nmi
    via = tuple(name for name, _ in parcel.via)
    return Delivery(row, nation, parcel.time_h, error, (*parcel.path, nation), via)


def plan_network(agreements: Mapping[str, Agreement], start: datetime, duration_h: float) -> Network:
    """The agreements of a scenario that may let something pass within its deployment."""
    links = []
    for name, terms in agreements.items():
        since = terms.in_force_from
        open_h = -inf if since is None else (since - start).total_seconds() / SECONDS_PER_HOUR
        passes = any(chance > 0.0 for chance in terms.release.chances.values())
        if terms.state == "in_force" and open_h < duration_h and passes:
            links.append(Link(name, open_h, terms))
    return Network(tuple(links))
