"""Rules of check about weather and daylight."""

from collections.abc import Iterator
from itertools import pairwise

from sim.check.bounds import Bounds, identification_key
from sim.check.patrol_bounds import takeoff_keys
from sim.check.registry import DOUBTFUL, NOTE, SENSELESS, Found, rule
from sim.core.units import HOURS_PER_DAY
from sim.model.aircraft import Rung
from sim.scenario.problems import Path

_TWILIGHT_H = 1.0  # Light comes and goes by less than this earlier or later at places that a patrol investigates.
_STEPS = {"classify": "classifies", "document": "documents"}


@rule(SENSELESS)
def minima_never_met(bounds: Bounds) -> Iterator[Found]:
    """The weather is never as good as the minima of an aircraft require, so it never takes off."""
    visibilities, winds = bounds.stated_values("visibility_nmi"), bounds.stated_values("wind_kn")
    for name, aircraft in bounds.scenario.aircraft.items():
        minima = aircraft.minima
        if minima is None or not bounds.patrols_of(name):
            continue
        if visibilities and max(visibilities) < minima.visibility_nmi:
            problem = (
                f"{name} needs a visibility of {minima.visibility_nmi:g} nmi to take off, and the environment states "
                f"{max(visibilities):g} nmi at most, so it never takes off."
            )
            advice = "Lower visibility_nmi of the minima, or raise visibility_nmi of [environment]."
            yield Found(("aircraft", name, "minima", "visibility_nmi"), problem, advice)
        if winds and min(winds) > minima.wind_kn:
            problem = (
                f"{name} takes off in a wind of {minima.wind_kn:g} kn at most, and the environment states "
                f"{min(winds):g} kn at least, so it never takes off."
            )
            advice = "Raise wind_kn of the minima, or lower wind_kn of [environment]."
            yield Found(("aircraft", name, "minima", "wind_kn"), problem, advice)


@rule(SENSELESS)
def no_light_on_station(bounds: Bounds) -> Iterator[Found]:
    """A crew needs light to classify or document, but is on station by night only, so no transfer is documented."""
    for name, aircraft in bounds.investigating_aircraft():
        lights = set[bool]().union(*(patrol.light_on_station(_TWILIGHT_H) for patrol in bounds.patrols_of(name)))
        for step, verb in _STEPS.items():
            if lights == {False} and getattr(aircraft.identification, step).needs_light:
                problem = (
                    f"{name} is on station by night only and {step}.needs_light is true, so its crew never {verb} a "
                    "contact."
                )
                advice = f"Change {takeoff_keys(bounds.patrols_of(name))} of its patrols, or set needs_light = false."
                yield Found(identification_key(name, step, "needs_light"), problem, advice)


@rule(SENSELESS)
def visibility_always_too_low(bounds: Bounds) -> Iterator[Found]:
    """A crew needs more visibility to classify or document than there ever is, so no transfer is documented."""
    visibilities = bounds.stated_values("visibility_nmi")
    for name, aircraft in bounds.investigating_aircraft():
        for step, verb in _STEPS.items():
            needed = getattr(aircraft.identification, step).min_visibility_nmi
            if visibilities and max(visibilities) < needed:
                problem = (
                    f"{step}.min_visibility_nmi of {name} is {needed:g}, and the environment states a visibility of "
                    f"{max(visibilities):g} nmi at most, so the crew never {verb} a contact."
                )
                advice = "Lower min_visibility_nmi, or raise visibility_nmi of [environment]."
                yield Found(identification_key(name, step, "min_visibility_nmi"), problem, advice)


@rule(SENSELESS)
def sea_always_too_rough(bounds: Bounds) -> Iterator[Found]:
    """`max_sea_state` of transfers is below every sea state of the environment, so no transfer takes place."""
    sea_states = bounds.stated_values("sea_state")
    for name, source in bounds.scenario.transfers.items():
        if sea_states and source.max_sea_state is not None and min(sea_states) > source.max_sea_state:
            problem = (
                f"Transfers begin up to sea state {source.max_sea_state:g}, and the environment states sea state "
                f"{min(sea_states):g} at least, so none takes place."
            )
            advice = "Raise max_sea_state, or lower sea_state of [environment]."
            yield Found(("transfers", name, "max_sea_state"), problem, advice)


@rule(DOUBTFUL)
def weather_not_stated(bounds: Bounds) -> Iterator[Found]:
    """A key depends on weather that the environment does not state, so it has no effect."""
    for quantity, path in _keys_that_need_weather(bounds):
        if not bounds.stated_values(quantity):
            problem = f"The environment states no {quantity}, so {path[-1]} has no effect."
            yield Found(path, problem, f"Set environment.{quantity}, or remove {path[-1]}.")


def _keys_that_need_weather(bounds: Bounds) -> Iterator[tuple[str, Path]]:
    """Keys that have an effect only if the environment states a quantity, each with that quantity."""
    for name, sensor in bounds.carried_sensors():
        for quantity, key in sensor.weather_keys.items():
            yield quantity, ("sensors", name, key)
    for name, source in bounds.scenario.transfers.items():
        if source.max_sea_state is not None:
            yield "sea_state", ("transfers", name, "max_sea_state")
    for name, aircraft in bounds.scenario.aircraft.items():
        for step in _STEPS:
            rung: Rung | None = getattr(aircraft.identification, step, None)
            if rung is not None and rung.min_visibility_nmi > 0.0:
                yield "visibility_nmi", identification_key(name, step, "min_visibility_nmi")
        for quantity in ("visibility_nmi", "wind_kn"):
            if aircraft.minima is not None and quantity in aircraft.minima.model_fields_set:
                yield quantity, ("aircraft", name, "minima", quantity)


@rule(DOUBTFUL)
def wind_too_strong(bounds: Bounds) -> Iterator[Found]:
    """The wind is stronger than half the search speed of an aircraft: routes are planned for less wind."""
    for name, aircraft in bounds.scenario.aircraft.items():
        if bounds.patrols_of(name) and bounds.strongest_wind_in_deployment_kn > 0.5 * aircraft.search_speed_kn:
            problem = (
                f"The wind of {bounds.strongest_wind_in_deployment_kn:g} kn is stronger than half the search speed of "
                f"{aircraft.search_speed_kn:g} kn, and routes are planned for less wind."
            )
            advice = "Lower wind_kn of [environment], or raise search_speed_kn."
            yield Found(("aircraft", name, "search_speed_kn"), problem, advice)


@rule(NOTE)
def in_dark_without_effect(bounds: Bounds) -> Iterator[Found]:
    """`in_dark` is false, but documenting needs neither light nor visibility, so `in_dark` has no effect."""
    for name, aircraft in bounds.investigating_aircraft():
        identification = aircraft.identification
        if identification is None or identification.in_dark:
            continue
        if not identification.document.needs_light and not identification.document.min_visibility_nmi:
            problem = (
                f"The crew of {name} needs neither light nor a visibility to document a contact, so in_dark = false "
                "has no effect."
            )
            yield Found(
                identification_key(name, "in_dark"), problem, "Set document.needs_light = true, or remove in_dark."
            )


@rule(NOTE)
def series_ends_early(bounds: Bounds) -> Iterator[Found]:
    """The last row of the series of weather holds for longer than a day and any row before it: it may lack the rest."""
    series, end = bounds.scenario.environment.series, bounds.scenario.duration_h
    if series is None:
        return
    last = max(series.time_h[-1], 0.0)
    longest = max((later - earlier for earlier, later in pairwise(series.time_h)), default=0.0)
    if end - last > max(longest, HOURS_PER_DAY):
        problem = (
            f"The last row of the series begins at hour {series.time_h[-1]:g} and holds until the end at hour {end:g}, "
            "longer than any row before it."
        )
        advice = "Add the rows that are missing to environment.series, or lower duration_days."
        yield Found(("environment", "series"), problem, advice)


@rule(NOTE)
def weather_without_effect(bounds: Bounds) -> Iterator[Found]:
    """The environment states weather on which nothing depends, so it has no effect."""
    scenario = bounds.scenario
    sensed = frozenset[str]().union(*(sensor.depends_on for _, sensor in bounds.carried_sensors()))
    limits = any(source.max_sea_state is not None for source in scenario.transfers.values())
    if bounds.stated_values("sea_state") and not ("sea_state" in sensed or limits):
        problem = "Nothing in the scenario depends on sea_state, so it has no effect."
        advice = "Give a radar a sea_state_factor or transfers a max_sea_state, or remove sea_state."
        yield Found(("environment",), problem, advice)
    identifications = [aircraft.identification for _, aircraft in bounds.investigating_aircraft()]
    rungs = [rung for steps in identifications if steps for rung in (steps.classify, steps.document)]
    needed = any(rung.min_visibility_nmi > 0.0 for rung in rungs)
    needed = needed or any(aircraft.minima for aircraft in scenario.aircraft.values())
    if bounds.stated_values("visibility_nmi") and not ("visibility_nmi" in sensed or needed):
        problem = "Nothing in the scenario depends on visibility_nmi, so it has no effect."
        advice = "Add an eo_ir or visual sensor or a min_visibility_nmi of a crew, or remove visibility_nmi."
        yield Found(("environment",), problem, advice)
