"""A line that smugglers know is patrolled: Papadaki, Alpern, Lidbetter and Morton (2016)."""

from sim.study.published.base import Effort, Publication, ReproducedRow
from sim.study.published.koopman_1946 import rows_of_verify
from sim.study.verify.game_searches import GAME_CHECKS


def _rows(effort: Effort) -> list[ReproducedRow]:
    return rows_of_verify(effort, tuple(name for name in GAME_CHECKS if name.startswith("line, ")))


PUBLICATION = Publication(
    name="papadaki_2016",
    title="A line that smugglers know is patrolled",
    citation="K. Papadaki, S. Alpern, T. Lidbetter and A. Morton, Patrolling a border, Operations Research 64 (2016) "
    "1256-1269, doi 10.1287/opre.2016.1511.",
    published="A patroller moves along a line of nodes, and an attacker who knows how the patrols are drawn, but not "
    "which one is flown, needs some time at one node. The article solves the game: the best patrols, the best attacks "
    "and the chance of interception.",
    method="On a line of length Len, with a = v tau for transfers of tau hours, the best mix guarantees a / (Len + a) "
    "for a up to Len, and the plain shuttle a / (2 Len), at its ends. The rows are those of `seasweep verify`: "
    "patrols by lot fly past transfers at the places where the smuggler does best.",
    not_available="The article has nodes and time units. The continuous form is the limit of many nodes, which a "
    "linear programme confirms; the article's tables were not compared.",
    rows=_rows,
)
