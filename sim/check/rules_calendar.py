"""Rules of calendars: entries that never fall into the deployment."""

from collections.abc import Iterator, Sequence

from sim.check.bounds import Bounds
from sim.check.registry import NOTE, Found, rule
from sim.model.calendar import Season, season_spells
from sim.scenario.problems import Path


@rule(NOTE)
def season_outside_deployment(bounds: Bounds) -> Iterator[Found]:
    """An entry of a calendar holds on no day of the deployment, so it has no effect.

    A study that varies the start may need it; otherwise the start or a day is most often wrong.
    """
    scenario = bounds.scenario
    for path, seasons in _calendars(bounds):
        for number, season in enumerate(seasons):
            if not season_spells([season], scenario.clock, 0.0, scenario.duration_h):
                first, last = (scenario.clock.date_at(hour).isoformat() for hour in (0.0, scenario.duration_h))
                problem = f"The deployment, {first} to {last}, has no day from {season.text}: the entry has no effect."
                advice = "Leave it if a study or a variant begins on another date. Otherwise correct start or the days."
                yield Found((*path, number, "from"), problem, advice)


def _calendars(bounds: Bounds) -> Iterator[tuple[Path, Sequence[Season]]]:
    """The calendars of a scenario and the keys that hold them."""
    scenario = bounds.scenario
    for name, seasons in scenario.environment.seasonal.items():
        yield ("environment", "seasons", name), seasons
    for section in ("background", "transfers"):
        for name, source in getattr(scenario, section).items():
            yield (section, name, "calendar"), getattr(source, "calendar", None) or []
