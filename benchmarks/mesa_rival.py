"""Mesa, an agent a vessel, at 10 s: `make bench-mesa`, by itself since Mesa is nothing that seasweep needs.

The same ships, route, rules and luck as the other rivals; the first hour of the first sortie, scaled up to thirty
sorties of ten hours by its steps.
"""

import math
import time

import mesa
import numpy as np

from benchmarks.bench import SEED, plan_of
from benchmarks.rivals import Task, X, Y, compiled_step, pilot
from sim.core.units import SECONDS_PER_HOUR
from sim.deployment.engine import fly
from sim.deployment.world import realise
from sim.study.rows import rows_of, tables_of

STEP_S, HOURS, ALL_HOURS = 10.0, 1.0, 300.0


class Vessel(mesa.Agent):
    """One vessel: where am I, how far is the aircraft, has it seen me?"""

    def __init__(self, model: "Patrol", vessel: int, track: list[list[float]], needed: float) -> None:
        """A vessel that nobody has seen yet."""
        super().__init__(model)
        self.vessel, self.track, self.needed, self.had, self.seen = vessel, track, needed, 0.0, False

    def step(self) -> None:
        """One step of the model's time."""
        if self.seen:
            return
        model = self.model
        for begin, end, x0, y0, vx, vy in self.track:
            if begin <= model.middle < end:
                dx = x0 + vx * (model.middle - begin) - model.x
                dy = y0 + vy * (model.middle - begin) - model.y
                range2 = dx * dx + dy * dy
                if range2 < model.reach2:
                    self.had += model.gain / (range2 * math.sqrt(range2))
                    if self.had >= self.needed:
                        self.seen = True
                        model.contacts += 1
                        if self.vessel < model.pending.size:
                            model.pending[self.vessel] = True
                return


class Patrol(mesa.Model):
    """The sea, and the aircraft over it."""

    def __init__(self, task: Task) -> None:
        """Everybody who is there in the first hour of the first sortie."""
        super().__init__(seed=SEED)
        self.task, self.state, self.contacts = task, np.zeros(9), 0
        self.now = task.takeoff(0, self.state)
        self.reach2 = task.law.max_range_nmi**2
        self.gain = task.law.strength * STEP_S / SECONDS_PER_HOUR
        self.pending = np.zeros(len(task.transfers), bool)
        rows = task.during(self.now, self.now + HOURS)
        for vessel in np.unique(task.owner[rows]):
            track = task.rows[rows[task.owner[rows] == vessel]].tolist()
            Vessel(self, int(vessel), track, float(task.thresholds(0, np.array([vessel]))[0]))

    def step(self) -> None:
        """The aircraft first, then every vessel."""
        hours, task = STEP_S / SECONDS_PER_HOUR, self.task
        x, y = self.state[X], self.state[Y]
        pilot(self.state, self.now, hours, self.pending, task.transfers, task.legs, task.rules)
        self.middle = self.now + hours / 2.0
        self.x, self.y = float(x + self.state[X]) / 2.0, float(y + self.state[Y]) / 2.0
        self.agents.do("step")
        self.now += hours


def main() -> None:
    """Print what a replication costs, scaled up, and how many times seasweep's that is."""
    for present in (500, 2_000):
        plan = plan_of(present)
        own = []
        for number in range(6):
            begin = time.process_time()
            world = realise(plan, SEED, number)
            tables_of(plan.scenario, [rows_of(fly(plan, world, number), keep=False)])
            own.append(time.process_time() - begin)
        task = Task.of(plan, realise(plan, SEED, 0))
        compiled_step(task, 1, STEP_S)  # compiles the pilot
        model = Patrol(task)
        begin = time.process_time()
        for _ in range(round(HOURS * SECONDS_PER_HOUR / STEP_S)):
            model.step()
        spent = (time.process_time() - begin) * ALL_HOURS / HOURS
        print(
            f"Mesa {mesa.__version__}, {STEP_S:g} s, {present:,} vessels: {spent:.0f} s CPU a replication, "
            f"scaled up from {HOURS:g} of {ALL_HOURS:g} h; {spent / np.median(own):.0f} times seasweep"
        )


if __name__ == "__main__":
    main()
