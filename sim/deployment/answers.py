"""What vessels answer to patrols in one replication, and what became of the transfers."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import simpy

from sim.core.arrays import Flags, Floats, Ints
from sim.deployment.events import Event
from sim.deployment.inbox import Inbox
from sim.deployment.learning import Learners, LearningPlan
from sim.deployment.reactions import Reactions
from sim.deployment.stints import Stint, Stints
from sim.deployment.transfers import TransferPlan, TransferTable
from sim.scenario.schema import Scenario


@dataclass(frozen=True)
class Answers:
    """What the vessels of a replication answered; complete when all patrols have been flown."""

    stints: Stints
    reactions: Reactions
    displaced: Flags
    """Whether each transfer took place in another cell of place and hour than without patrols, (n,)."""

    @cached_property
    def transfers(self) -> TransferTable:
        """The transfers as they took place."""
        return self.stints.happened()

    @property
    def noticed(self) -> Flags:
        """Whether the vessels of each transfer noticed an aircraft, (n,)."""
        return np.isfinite(self.reactions.noticed_h)

    @property
    def parted_early(self) -> Flags:
        """Whether each pair parted because of an aircraft, (n,)."""
        return self.reactions.parted_early

    @property
    def resumed(self) -> Ints:
        """How often each pair came alongside again, (n,)."""
        return self.stints.numbers

    @property
    def deterred(self) -> Flags:
        """Whether each transfer would have counted without patrols, and was given up, (n,)."""
        return self.stints.table.counted & ~self.stints.took_place

    @property
    def delayed(self) -> Flags:
        """Whether each transfer ended later than without patrols, (n,)."""
        return self.stints.took_place & (self.stints.end > self.stints.table.end + 1e-9)

    @cached_property
    def alongside_h(self) -> Floats:
        """How long each pair lay alongside in all its stints, hours, (n,)."""
        every = [self.stints_of(pair) for pair in range(self.stints.begin.size)]
        return np.array([sum((stint.end - stint.begin for stint in stints), 0.0) for stints in every])

    def stints_of(self, pair: int) -> list[Stint]:
        """Return the times alongside of a transfer, in order."""
        return self.stints.stints_of(pair)


def answer_sources(scenario: Scenario) -> list[str]:
    """Return the names of the sources of transfers that answer to patrols."""
    return [name for name, source in scenario.transfers.items() if source.answers]


def let_answer(
    env: simpy.Environment,
    sources: Sequence[TransferPlan],
    learning: Sequence[LearningPlan | None],
    inbox: Inbox,
    table: TransferTable,
) -> Answers:
    """Let the vessels of a replication watch for aircraft, and those who plan learn; they answer through the inbox."""
    stints = Stints(env, table, inbox)
    reactions = Reactions(env, sources, stints, inbox)
    inbox.watch, inbox.sea_news = reactions, env.event()
    learners = Learners(env, learning, stints, inbox)
    if learners.memories:
        write_down = inbox.report_all

        def report_all(events: Sequence[Event]) -> None:
            write_down(events)
            learners.see_documented(events)

        inbox.report_all, reactions.on_notice = report_all, learners.see_notice
        env.process(learners.plan_days())
    return Answers(stints, reactions, learners.displaced)
