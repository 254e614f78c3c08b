"""The paths of reports over agreements: which nations a report can reach, over which links, and the fastest path.

A report travels from the nation that made it over agreements, each a link both ways between every two of its members.
A copy may be passed on only if the agreement over which it was received allows it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from heapq import heappop, heappush
from math import inf, prod
from typing import Any, NamedTuple

import numpy as np

from sim.core import chance
from sim.core.units import SECONDS_PER_HOUR
from sim.model.agreements import Agreement
from sim.model.levels import RANK, Level


class Link(NamedTuple):
    """An agreement over which some report may pass within the deployment."""

    name: str
    in_force_from_h: float
    """Hour since the scenario's start from which the agreement is in force; minus infinity: from the beginning."""
    terms: Agreement

    def carries(self, kind: str, level: Level) -> bool:
        """Whether a report of a kind of observer and a classification may pass at all."""
        return self.terms.release.chance(kind) > 0.0 and RANK[level] <= RANK[self.terms.ceiling]


class ReportPath(NamedTuple):
    """A path that a report may take to a nation."""

    hours: float
    """The sum of the delays of its agreements, each at the same quantile, in hours."""
    path: tuple[str, ...]
    """The nations that hold the report, the origin first."""
    via: tuple[Link, ...]
    """The agreements over which it passes, one fewer than nations."""

    def chance(self, kind: str) -> float:
        """The chance, 0 to 1, that a report of a kind of observer is released over every agreement of the path."""
        return prod(link.terms.release.chance(kind) for link in self.via)


class Forwarding(NamedTuple):
    """What one holder of a report may pass on over one link, and the members for whom the copy matters."""

    link: Link
    sender: str
    receivers: tuple[str, ...]
    chance: float
    """The chance, 0 to 1, that the sender releases the report."""
    identity: np.uint64
    """The identity of agreement and sender, by which release and delay are drawn."""


@dataclass(frozen=True)
class Network:
    """The nations and the agreements of a scenario over which reports may pass between them."""

    links: tuple[Link, ...]
    """The agreements over which some report may pass within the deployment; all others change nothing."""
    _forwardings: dict[tuple[Any, ...], tuple[Forwarding, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """The answers of `forwardings` so far, by its arguments."""

    def could_reach(self, origin: str, kind: str, level: Level, nation: str) -> bool:
        """Whether a report of an origin, a kind of observer and a classification could ever reach a nation."""
        return nation in self._reachable(origin, kind, level)[0]

    def fastest_path(
        self, origin: str, kind: str, level: Level, nation: str, quantile: float = 0.5
    ) -> ReportPath | None:
        """The path to a nation with the least sum of delays; None where there is no path.

        Each delay is taken at a `quantile`, 0 to 1. The dates at which agreements come into force are not
        considered. Dijkstra's algorithm; ties are broken by the number of hops, then by the names of the nations.
        """
        links = [link for link in self.links if link.carries(kind, level)]
        hours = {link.name: float(link.terms.delay_h.quantile(np.array([quantile]))[0]) for link in links}
        heap: list[tuple[float, int, tuple[str, ...], tuple[str, ...], bool]] = [(0.0, 0, (origin,), (), True)]
        by_name, settled = {link.name: link for link in links}, set[str]()
        while heap:
            spent, hops, path, via, may_forward = heappop(heap)
            holder = path[-1]
            if holder == nation:
                return ReportPath(spent, path, tuple(by_name[name] for name in via))
            if not may_forward or holder in settled:
                continue
            settled.add(holder)
            for link in links:
                if holder in link.terms.nations:
                    onward, arrival = link.terms.third_party_release, spent + hours[link.name]
                    for member in link.terms.nations:
                        if member not in settled:
                            heappush(heap, (arrival, hops + 1, (*path, member), (*via, link.name), onward))
        return None

    def _reachable(self, origin: str, kind: str, level: Level) -> tuple[set[str], set[str]]:
        """The nations that a report could reach, and those that could then pass it on."""
        links = [link for link in self.links if link.carries(kind, level)]
        reached, senders, unvisited = {origin}, {origin}, [origin]
        while unvisited:
            sender = unvisited.pop()
            for link in links:
                if sender not in link.terms.nations:
                    continue
                reached |= set(link.terms.nations)
                if link.terms.third_party_release:
                    unvisited += [member for member in link.terms.nations if member not in senders]
                    senders |= set(link.terms.nations)
        return reached, senders

    def forwardings(self, origin: str, kind: str, level: Level, wanted: frozenset[str]) -> tuple[Forwarding, ...]:
        """What may be passed on, over which link and by whom, on the paths from an origin to any of the nations wanted.

        The answer is computed once for each set of arguments.
        """
        arguments = (origin, kind, level, wanted)
        if arguments not in self._forwardings:
            self._forwardings[arguments] = tuple(self._find_forwardings(origin, kind, level, wanted))
        return self._forwardings[arguments]

    def _find_forwardings(self, origin: str, kind: str, level: Level, wanted: frozenset[str]) -> list[Forwarding]:
        senders = self._reachable(origin, kind, level)[1]
        links = [link for link in self.links if link.carries(kind, level)]
        possible = [(link, sender) for link in links for sender in link.terms.nations if sender in senders]
        relays: set[str] = set()  # nations that can bring the report, directly or not, to a nation that is wanted

        def receivers_of(link: Link, sender: str) -> tuple[str, ...]:
            """The members that are wanted, or that can bring the report to one that is."""
            useful = wanted | relays if link.terms.third_party_release else wanted
            return tuple(name for name in link.terms.nations if name in useful and name not in (origin, sender))

        while added := {sender for link, sender in possible if receivers_of(link, sender)} - relays:
            relays |= added
        return [
            Forwarding(
                link,
                sender,
                receivers,
                link.terms.release.chance(kind),
                chance.identity("agreement", link.name, sender),
            )
            for link, sender in possible
            if (receivers := receivers_of(link, sender))
        ]


def plan_network(agreements: Mapping[str, Agreement], start: datetime, duration_h: float) -> Network:
    """The network of the agreements, by name, over which some report may pass within a deployment.

    `start` is the start of the scenario with an offset from UTC; `duration_h` the length of the deployment in hours.
    """
    links = []
    for name, terms in agreements.items():
        begins = terms.in_force_from
        begins_h = -inf if begins is None else (begins - start).total_seconds() / SECONDS_PER_HOUR
        releases_any = any(chance > 0.0 for chance in terms.release.chances.values())
        if terms.state == "in_force" and begins_h < duration_h and releases_any:
            links.append(Link(name, begins_h, terms))
    return Network(tuple(links))
