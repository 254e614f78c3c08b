"""The contacts of one sortie: what its crew knows of each, and which are worth an investigation."""

import math

from sim.deployment.contacts import NEAR_TIP
from sim.deployment.detection import DetectionState
from sim.deployment.inbox import Inbox
from sim.deployment.ladder import NO_ONE_THERE, NOT_CHOSEN
from sim.deployment.patrols import RECONSIDER_SHARE, PatrolPlan
from sim.model.cells import CellState


class ContactList:
    """The contacts of one sortie, by their number among the targets.

    What a crew knows of a contact is a sum of the bits of `sim.deployment.contacts`: the features that show.
    """

    def __init__(self, plan: PatrolPlan, inbox: Inbox, detection: DetectionState, cell: CellState | None) -> None:
        """Begin with no contacts. `cell`: the cell whose tips the crew follows; None if it follows none."""
        self.plan, self.inbox, self.detection, self.cell = plan, inbox, detection, cell
        self.targets, self.pairs, self.scoring = inbox.targets, inbox.pairs, plan.scoring
        identification = plan.aircraft.identification
        priority = None if identification is None else identification.priority
        self.cost_per_h = 0.0 if priority is None else priority.cost_per_h
        self.time_beside_h = 0.0 if identification is None else identification.time_h
        self.waiting: dict[int, int] = {}
        """Contacts that are worth an investigation and have not had one, and the features that show of each."""
        self.set_aside: dict[int, int] = {}
        """Contacts that are not worth an investigation, and the features that show of each: a tip may change that."""
        self.worthwhile: set[int] = set()
        """Contacts that were worth an investigation when detected, before the deployment's end."""
        self.progress: dict[int, int] = {}
        """How far each transfer came: a code of `sim.deployment.ladder`."""
        self.last_identified_h = inbox.last_identified_h.setdefault(plan.identification_record, {})
        """When each vessel was last identified by a crew that shares its record with this one."""

    def add(self, target: int, sensor: int, hour: float, place: tuple[float, float]) -> None:
        """Take in a detection by a sensor, with the place of the aircraft at that hour, nmi."""
        self.note_progress(target, NOT_CHOSEN, hour)
        scoring, is_pair = self.scoring, target < self.pairs
        shows = scoring.features_anywhere(int(self.targets.traits[target]))
        if scoring.depends_on_place(is_pair):
            there = self.targets.place_at(target, hour)
            shows |= scoring.features_at_place(is_pair, sensor, math.dist(place, there), *there)
        if self.cell is not None and scoring.weighs_tips and self._is_near_tip(target, hour):
            shows |= NEAR_TIP
        self._judge(target, shows, hour)

    def _judge(self, target: int, shows: int, hour: float) -> None:
        """Let a contact wait for an investigation if what shows of it is worth one."""
        score = self.scoring.score[shows]
        if score > 0.0:
            self.waiting[target] = shows
            self.detection.waiting[target] = True
            self.detection.reconsider_ranges[target, 1] = self._reconsider_range_nmi(score)
            if hour < self.inbox.end_h:
                self.worthwhile.add(target)
        elif self.cell is not None:
            self.set_aside[target] = shows

    def judge_again(self, now: float) -> None:
        """Judge all contacts again after a tip has come or is followed: those near it are worth more than before."""
        if not self.scoring.weighs_tips:
            return
        for target, shows in [*self.waiting.items(), *self.set_aside.items()]:
            if not self.targets.exists_at(target, now):
                self.set_aside.pop(target, None)
            elif not shows & NEAR_TIP and self._is_near_tip(target, now):
                self.set_aside.pop(target, None)
                self._judge(target, shows | NEAR_TIP, now)

    def _is_near_tip(self, target: int, hour: float) -> bool:
        """Whether a vessel is where a tip of the cell may be, as far as the cell knows now."""
        x, y = self.targets.place_at(target, hour)
        return self.cell is not None and self.cell.is_near_tip(x, y, hour)

    def _reconsider_range_nmi(self, score: float) -> float:
        """The range within which a waiting contact of some score is considered again.

        With a price for each hour a contact is worth score / cost_per_h hours at most. Less the time beside it, that
        is the time for the way there and back, so half of it at transit speed is the farthest that can pay.
        """
        farthest = self.plan.reconsider_nmi
        if self.cost_per_h == 0.0:
            return farthest
        hours, speed_kn = score / self.cost_per_h, self.plan.aircraft.transit_speed_kn
        return max(0.0, min(farthest, RECONSIDER_SHARE * (hours - self.time_beside_h) * speed_kn / 2.0))

    def was_identified_lately(self, target: int, now: float) -> bool:
        """Whether a vessel was identified so short a time ago that no crew flies to it again."""
        identification = self.plan.aircraft.identification
        return identification is not None and (
            now - self.last_identified_h.get(target, -math.inf) < identification.remember_h
        )

    def remove(self, target: int) -> int:
        """Remove a contact from those that wait, because it is investigated or gone; the features that showed of it."""
        self.detection.waiting[target] = False
        return self.waiting.pop(target)

    def note_progress(self, target: int, code: int, hour: float) -> None:
        """Note how far a target came on the ladder, if it is a transfer and the deployment has not ended."""
        if target < self.pairs and hour < self.inbox.end_h:
            self.progress[target] = max(code, self.progress.get(target, NO_ONE_THERE))

    def never_looked_at(self, visited: set[int], now: float) -> int:
        """Count the worthwhile contacts that were neither visited nor known from an earlier identification."""
        identified = {target for target in self.waiting if self.was_identified_lately(target, now)}
        return len(self.worthwhile - visited - identified)
