"""Rules of check about patrols that are tasked by belief."""

from collections.abc import Iterator

from sim.check.bounds import Bounds
from sim.check.registry import NOTE, Found, rule
from sim.core.text import counted


@rule(NOTE)
def tasking_without_choice(bounds: Bounds) -> Iterator[Found]:
    """A patrol is tasked by belief, but it has one route only, no scheduled sortie, or there is nothing to find.

    Then all its sorties fly as they would in turn.
    """
    has_transfers = any(source.ever_begins for source in bounds.scenario.transfers.values())
    for patrol in bounds.patrols:
        if not patrol.assignment.by_belief or bounds.scenario.patrols[patrol.name].tasking == "in_turn":
            continue
        key, routes = ("patrols", patrol.name, "tasking"), patrol.assignment.routes
        if len(routes) < 2:
            problem = f'{patrol.name} has {counted(len(routes), "route")}, so tasking = "belief" has nothing to choose.'
            yield Found(key, problem, "Give it several routes, or remove tasking.")
        elif not patrol.schedule.possible:
            problem = f'{patrol.name} has no scheduled sortie, so tasking = "belief" has no effect.'
            yield Found(key, problem, "Schedule its sorties, or remove tasking.")
        elif not has_transfers:
            problem = f"No transfer takes place, so all routes of {patrol.name} promise the same, and they take turns."
            yield Found(key, problem, "Add transfers, or remove tasking.")


@rule(NOTE)
def tasking_ignores_answers(bounds: Bounds) -> Iterator[Found]:
    """A patrol is tasked by belief where vessels notice aircraft or smugglers learn, of which the belief knows nothing.

    It takes the rates and the durations of transfers for those of the scenario, also where aircraft change them.
    """
    answering = [name for name, source in bounds.scenario.transfers.items() if source.answers]
    for patrol in bounds.patrols:
        if answering and patrol.assignment.by_belief:
            problem = (
                f"{patrol.name} is tasked by belief, which takes the transfers of {', '.join(answering)} for blind: it "
                "knows neither their reaction nor their learning."
            )
            advice = "Compare it with tasking in turn, and say that the belief is of a sea that does not answer."
            yield Found(("patrols", patrol.name, "tasking"), problem, advice)
            return
