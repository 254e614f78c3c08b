"""Rules of calendars: those that never reach the deployment."""

from collections.abc import Iterator, Sequence

from sim.check.bounds import Bounds
from sim.check.registry import NOTE, Found, rule
from sim.core.fields import listed
from sim.model.calendar import Season, season_spells
from sim.scenario.problems import Path


@rule(NOTE)
def season_outside_deployment(bounds: Bounds) -> Iterator[Found]:
    """No entry of a calendar holds on any day of the deployment, so the calendar has no effect.

    A study that varies the start may need it; otherwise the start or a day is most often wrong.
    """
    scenario = bounds.scenario
    for path, seasons in _calendars(bounds):
        if seasons and not season_spells(seasons, scenario.clock, 0.0, scenario.duration_h):
            first, last = (scenario.clock.date_at(hour).isoformat() for hour in (0.0, scenario.duration_h))
            days = listed([season.text for season in seasons])
            problem = f"The calendar has no effect: none of its entries ({days}) has a day from {first} to {last}."
            advice = "Leave it if a study or a variant begins on another date. Otherwise correct start or the days."
            yield Found(path, problem, advice)


def _calendars(bounds: Bounds) -> Iterator[tuple[Path, Sequence[Season]]]:
    """The calendars of a scenario and the keys that hold them."""
    scenario = bounds.scenario
    for name, seasons in scenario.environment.seasonal.items():
        yield ("environment", "seasons", name), seasons
    for section in ("background", "transfers"):
        for name, source in getattr(scenario, section).items():
            yield (section, name, "calendar"), getattr(source, "calendar", None) or []
