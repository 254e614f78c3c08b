"""When copies of reports reach nations: the release and the delay of each copy, and the copies worth having.

Each holder of a report decides once, for each report and agreement, whether it releases the report and how long that
takes; all other members then receive it. `sim.model.report_paths` says which paths there are.
"""

from collections.abc import Collection, Iterator, Sequence
from heapq import heappop, heappush
from math import fsum, inf, sqrt
from typing import NamedTuple

import numpy as np

from sim.core import chance
from sim.core.arrays import Entities, Floats
from sim.core.codes import Purpose
from sim.model.levels import Level
from sim.model.report_paths import Forwarding, Network


class ReportBatch(NamedTuple):
    """Reports as their observers make them, a row each."""

    identity: Entities
    """(n,) stable identities of the reports, by which everything about their copies is drawn."""
    origin: Sequence[str]
    """(n,) the nations that made them."""
    kind: Sequence[str]
    """(n,) kinds of observers."""
    level: Sequence[Level]
    """(n,) classifications."""
    made_h: Floats
    """(n,) hours since the scenario's start."""
    error_nmi: Floats
    """(n,) standard deviation of the position in each axis."""


class Delivery(NamedTuple):
    """The arrival of a copy at a nation that has no copy of the report yet, or none as precise."""

    report: int
    """Row of the report."""
    nation: str
    arrived_h: float
    """Hours since the scenario's start; the arrival may lie beyond the end of the deployment."""
    error_nmi: float
    """Standard deviation of the position in each axis, sanitising included."""
    path: tuple[str, ...]
    """Nations that held it, the origin first, this one last."""
    via: tuple[str, ...]
    """Agreements over which it passed, one fewer than nations."""


class _Copy(NamedTuple):
    """A copy of a report on its way to some receivers.

    Copies are settled in the order of these fields: by time, then by precision. The later fields only break ties, so
    that the path which a log names does not depend on the order of a file.
    """

    arrival_h: float
    added_variance: float
    """Variance of the position that sanitising has added, nmi^2."""
    is_final: bool
    """Whether the receivers may not pass it on."""
    hops: int
    path: tuple[str, ...]
    """Nations up to the sender."""
    via: tuple[tuple[str, float], ...]
    """Names of the agreements, and the variance that each added."""
    receivers: tuple[str, ...]


_Released = dict[str, list[tuple[Forwarding, float]]]
"""By sender: what it releases, and the delay in hours."""


def deliver(network: Network, key: Entities, reports: ReportBatch, nations: Collection[str]) -> list[Delivery]:
    """The deliveries of reports to some nations in one replication, sorted by time, report and nation.

    `key` is the key of the replication, (2,). Of each report a nation receives the earliest copy, then later ones only
    if they are more precise. It has its own reports as they are made. Release and delay are drawn by report, agreement
    and sender, so they are the same whatever else the scenario holds: one more link, or a better one, never makes any
    nation know less, or later, or less precisely.
    """
    wanted = frozenset(nations)
    rows = zip(reports.origin, reports.kind, reports.level, strict=True)
    forwardings = [network.forwardings(origin, kind, level, wanted) for origin, kind, level in rows]
    deliveries: list[Delivery] = []
    for row, released in enumerate(_draw_releases(key, reports.identity, forwardings)):
        origin = reports.origin[row]
        if origin in wanted or origin in released:
            error = float(reports.error_nmi[row])
            copies = _copies_worth_having(origin, float(reports.made_h[row]), released, wanted)
            deliveries += [_delivery(row, error, nation, copy) for nation, copy in copies]
    return sorted(deliveries, key=lambda delivery: (delivery.arrived_h, delivery.report, delivery.nation))


def _draw_releases(key: Entities, identity: Entities, forwardings: Sequence[tuple[Forwarding, ...]]) -> list[_Released]:
    """For each report what each holder releases of all that it may pass on, and after how many hours."""
    by_sender: dict[np.uint64, list[tuple[int, Forwarding]]] = {}
    for row, candidates in enumerate(forwardings):
        for forwarding in candidates:
            by_sender.setdefault(forwarding.identity, []).append((row, forwarding))
    releases: list[_Released] = [{} for _ in forwardings]
    for sender_identity, pairs in by_sender.items():  # one agreement and sender at a time
        rows = [row for row, _ in pairs]
        uniforms = chance.uniforms(key, Purpose.RELEASE, chance.join_each(identity[rows], sender_identity))
        released = np.flatnonzero(uniforms[:, 0] < [forwarding.chance for _, forwarding in pairs])
        delays = pairs[0][1].link.terms.delay_h.quantile(uniforms[released, 1])
        for pair, delay in zip(released.tolist(), delays.tolist(), strict=True):
            row, forwarding = pairs[pair]
            releases[row].setdefault(forwarding.sender, []).append((forwarding, delay))
    return releases


def _copies_worth_having(
    origin: str, made_h: float, released: _Released, wanted: frozenset[str]
) -> Iterator[tuple[str, _Copy]]:
    """The copies that are worth having at each of the nations wanted: label setting on time (Dijkstra 1959).

    Copies are settled in order of time, so one is dominated where an earlier one of its holder is as precise, and may
    be passed on if this one may (Hansen 1980 on paths of two criteria). Delays are at least 0 and waiting keeps the
    order of copies, so a copy that comes back to a nation is always dominated, and the search is exact.
    """
    least: dict[str, float] = {}  # variance added to the most precise copy of each holder
    least_onward: dict[str, float] = {}  # the same of copies that may be passed on
    heap = [_Copy(made_h, 0.0, False, 0, (), (), (origin,))]
    while heap:
        copy = heappop(heap)
        added = copy.added_variance
        for holder in copy.receivers:
            if added < least.get(holder, inf):
                least[holder] = added
                if holder in wanted:
                    yield holder, copy
            if not copy.is_final and added < least_onward.get(holder, inf):
                least_onward[holder] = added
                for forwarding, delay in released.get(holder, ()):
                    if all(name != forwarding.link.name for name, _ in copy.via):  # else its members had it before
                        heappush(heap, _passed_on(copy, forwarding, delay))


def _passed_on(copy: _Copy, forwarding: Forwarding, delay_h: float) -> _Copy:
    """A copy as its holder passes it on over one link."""
    link, terms = forwarding.link, forwarding.link.terms
    arrival = max(copy.arrival_h, link.in_force_from_h) + delay_h
    variance = terms.sanitising_error_nmi**2
    via = (*copy.via, (link.name, variance))
    # The variances are summed all at once, so the sum is the same in any order.
    added = fsum(each for _, each in via) if variance else copy.added_variance
    path = (*copy.path, forwarding.sender)
    return _Copy(arrival, added, not terms.third_party_release, len(path), path, via, forwarding.receivers)


def _delivery(row: int, error_nmi: float, nation: str, copy: _Copy) -> Delivery:
    error = sqrt(error_nmi**2 + copy.added_variance) if copy.added_variance else error_nmi
    via = tuple(name for name, _ in copy.via)
    return Delivery(row, nation, copy.arrival_h, error, (*copy.path, nation), via)
