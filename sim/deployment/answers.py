"""What vessels answer to patrols in one replication, and what became of the transfers."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import simpy

from sim.core.arrays import Flags, Floats, Ints
from sim.deployment.inbox import Inbox
from sim.deployment.reactions import Reactions
from sim.deployment.stints import Stint, Stints
from sim.deployment.transfers import TransferPlan, TransferTable
from sim.scenario.schema import Scenario


@dataclass(frozen=True)
class Answers:
    """What the vessels of a replication answered; complete when all patrols have been flown."""

    stints: Stints
    reactions: Reactions

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

    @cached_property
    def alongside_h(self) -> Floats:
        """How long each pair lay alongside in all its stints, hours, (n,)."""
        every = [self.stints_of(pair) for pair in range(self.stints.begin.size)]
        return np.array([sum((stint.end - stint.begin for stint in stints), 0.0) for stints in every])

    def stints_of(self, pair: int) -> list[Stint]:
        """Return the times alongside of a transfer, in order."""
        return self.stints.stints_of(pair)


def answer_sources(scenario: Scenario) -> list[str]:
    """Return the names of the sources of transfers whose vessels answer to patrols."""
    return [name for name, source in scenario.transfers.items() if source.reaction is not None]


def let_answer(env: simpy.Environment, plans: Sequence[TransferPlan], inbox: Inbox, table: TransferTable) -> Answers:
    """Let the vessels of a replication watch for aircraft, and answer to them through the inbox."""
    stints = Stints(env, table, inbox)
    reactions = Reactions(env, plans, stints, inbox)
    inbox.watch, inbox.sea_news = reactions, env.event()
    return Answers(stints, reactions)
