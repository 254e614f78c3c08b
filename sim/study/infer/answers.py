"""What is inferred where vessels answer to patrols: with their answers, and as if there were none.

With smugglers who evade or learn, what is documented of the transfers depends on what they do when they see aircraft.
No report tells that. So the answer is given twice: by the scenario as it is, and by the same scenario, replications and
luck in which nothing answers.
"""

from dataclasses import dataclass
from typing import Any

from sim.deployment.answers import answer_sources
from sim.scenario.digest import flat_tables
from sim.scenario.load import load_scenario
from sim.scenario.schema import Scenario
from sim.study.infer.chances import chance_of
from sim.study.infer.posterior import Posterior
from sim.study.runs import run
from sim.study.store import Results


@dataclass(frozen=True)
class Unanswered:
    """What is inferred as if vessels did not answer."""

    sources: tuple[str, ...]
    """The sources of transfers that answer in the scenario."""
    with_answers: Posterior
    without: Posterior
    results: Results
    """The run without answers."""


def without_answers(scenario: Scenario) -> Scenario:
    """The scenario in which no vessel notices aircraft and nobody learns."""
    tables = flat_tables(scenario)
    for source in tables["transfers"].values():
        source.pop("reaction", None)
        source.pop("learning", None)
    return load_scenario(tables)


def unanswered(results: Results, posterior: Posterior, **simulation: Any) -> Unanswered | None:
    """What is inferred without answers, by as many replications of the same seed; None where nothing answers.

    `simulation` has the options of `sim.study.runs.run` that say how to simulate.
    """
    sources = answer_sources(results.scenario)
    if not sources:
        return None
    count, seed = len(results.columns["transfers"]), int(results.info["seed"])
    blind = run(without_answers(results.scenario), count, seed, keep=0, name=results.name, **simulation)
    chance = chance_of(blind.columns["transfers"], blind.columns["documented"])
    return Unanswered(tuple(sources), posterior, Posterior(posterior.documented, chance, posterior.prior), blind)
