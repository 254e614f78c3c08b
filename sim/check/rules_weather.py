"""Rules of check about weather and daylight."""

from collections.abc import Iterator

from sim.check.prospects import Prospects, carried, investigators, of_crew
from sim.check.registry import DOUBTFUL, NOTE, SENSELESS, Found, rule
from sim.scenario.problems import Path

_TWILIGHT_H = 1.0  # light comes and goes by so much earlier or later at places that one patrol investigates: ample


@rule(SENSELESS)
def minima_never_met(prospects: Prospects) -> Iterator[Found]:
    """The weather is never as good as the minima of an aircraft ask: it never takes off."""
    haze, wind = prospects.stated("visibility_nmi"), prospects.stated("wind_kn")
    for name, one in prospects.scenario.aircraft.items():
        if one.minima is None or not prospects.flown(name):
            continue
        if haze and max(haze) < one.minima.visibility_nmi:
            said = f"visibility is {max(haze):g} nmi at best, so it never takes off"
            yield Found(("aircraft", name, "minima", "visibility_nmi"), said, "[environment]")
        if wind and min(wind) > one.minima.wind_kn:
            said = f"wind is {min(wind):g} kn at least, so it never takes off"
            yield Found(("aircraft", name, "minima", "wind_kn"), said, "[environment]")


@rule(SENSELESS)
def light_never_there(prospects: Prospects) -> Iterator[Found]:
    """A crew needs light to classify or document, but is on station by night only: no transfer is documented."""
    for name, one in investigators(prospects):
        lights = set[bool]().union(*(patrol.lights(_TWILIGHT_H) for patrol in prospects.flown(name)))
        for step in ("classify", "document"):
            if lights == {False} and getattr(one.identification, step).needs_light:
                said = f"{name} is on station by night only, so it never succeeds"
                yield Found(of_crew(name, step, "needs_light"), said, "first_takeoff_h of its patrols")


@rule(SENSELESS)
def haze_always_too_thick(prospects: Prospects) -> Iterator[Found]:
    """A crew needs more visibility to classify or document than there ever is: no transfer is documented."""
    haze = prospects.stated("visibility_nmi")
    for name, one in investigators(prospects):
        for step in ("classify", "document"):
            if haze and max(haze) < getattr(one.identification, step).min_visibility_nmi:
                said = f"visibility is {max(haze):g} nmi at best, so it never succeeds"
                yield Found(of_crew(name, step, "min_visibility_nmi"), said, "[environment]")


@rule(SENSELESS)
def sea_always_too_rough(prospects: Prospects) -> Iterator[Found]:
    """`max_sea_state` of transfers is below every sea state of the environment: no transfer takes place."""
    sea = prospects.stated("sea_state")
    for name, spec in prospects.scenario.transfers.items():
        if sea and spec.max_sea_state is not None and min(sea) > spec.max_sea_state:
            said = f"the sea state is {min(sea):g} at least, so none takes place"
            yield Found(("transfers", name, "max_sea_state"), said, "[environment]")


@rule(DOUBTFUL)
def weather_not_stated(prospects: Prospects) -> Iterator[Found]:
    """A key depends on weather that the environment does not state: it has no effect."""
    scenario, asked = prospects.scenario, list[tuple[str, Path]]()
    for name, sensor in carried(prospects):
        asked += [(quantity, ("sensors", name, key)) for quantity, key in sensor.weather_keys.items()]
    for name, spec in scenario.transfers.items():
        asked += [("sea_state", ("transfers", name, "max_sea_state"))] * (spec.max_sea_state is not None)
    for name, one in scenario.aircraft.items():
        for step in ("classify", "document"):
            rung = getattr(one.identification, step, None)
            needs = rung is not None and rung.min_visibility_nmi > 0.0
            asked += [("visibility_nmi", of_crew(name, step, "min_visibility_nmi"))] * needs
        for quantity in ("visibility_nmi", "wind_kn") if one.minima else ():
            given = quantity in one.minima.model_fields_set if one.minima else False
            asked += [(quantity, ("aircraft", name, "minima", quantity))] * given
    for quantity, path in asked:
        if not prospects.stated(quantity):
            yield Found(path, f"no {quantity} is stated: it changes nothing", f"environment.{quantity}")


@rule(DOUBTFUL)
def wind_too_strong(prospects: Prospects) -> Iterator[Found]:
    """The wind is stronger than half the search speed of an aircraft: routes are planned for less wind."""
    for name, one in prospects.scenario.aircraft.items():
        if prospects.flown(name) and prospects.wind_kn > 0.5 * one.search_speed_kn:
            said = f"wind of {prospects.wind_kn:g} kn is more than half of it"
            yield Found(("aircraft", name, "search_speed_kn"), said, "wind_kn of the environment")


@rule(NOTE)
def light_not_asked(prospects: Prospects) -> Iterator[Found]:
    """`in_dark` is false where documenting needs neither light nor visibility: it has no effect."""
    for name, one in investigators(prospects):
        identification = one.identification
        if (
            identification
            and not identification.in_dark
            and not identification.document.needs_light
            and not identification.document.min_visibility_nmi
        ):
            said = "its documents need no light: it changes nothing"
            yield Found(of_crew(name, "in_dark"), said, "document.needs_light")


@rule(NOTE)
def weather_unheeded(prospects: Prospects) -> Iterator[Found]:
    """The environment states weather on which nothing depends: it has no effect."""
    scenario = prospects.scenario
    heeded = frozenset[str]().union(*(one.depends_on for _, one in carried(prospects)))
    calm = any(spec.max_sea_state is not None for spec in scenario.transfers.values())
    if prospects.stated("sea_state") and not ("sea_state" in heeded or calm):
        said = "nothing heeds the sea state"
        yield Found(("environment",), said, "sea_state_factor of a radar, or max_sea_state of transfers")
    rungs = [
        rung for _, one in investigators(prospects) if (m := one.identification) for rung in (m.classify, m.document)
    ]
    clear = any(rung.min_visibility_nmi > 0.0 for rung in rungs) or any(
        one.minima for one in scenario.aircraft.values()
    )
    if prospects.stated("visibility_nmi") and not ("visibility_nmi" in heeded or clear):
        yield Found(
            ("environment",), "nothing heeds the visibility", "an eo_ir or visual sensor, or min_visibility_nmi"
        )
