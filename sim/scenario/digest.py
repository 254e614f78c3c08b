"""A scenario as one TOML document without `extends`, and digests that identify it."""

from typing import Any

from sim.scenario.schema import Scenario


def flat_toml(scenario: Scenario) -> str:
    """A scenario as one TOML document that extends nothing and loads to the same scenario."""
    import tomli_w

    return tomli_w.dumps(flat_tables(scenario))


def flat_tables(scenario: Scenario) -> dict[str, Any]:
    """The tables of a scenario as a file that extends nothing holds them; they load to the same scenario."""
    return scenario.model_dump(mode="python", exclude_none=True, by_alias=True)


def digest(scenario: Scenario) -> str:
    """A digest of all keys of a scenario: 16 hexadecimal digits, the same on every machine."""
    from hashlib import blake2b

    return blake2b(flat_toml(scenario).encode(), digest_size=8).hexdigest()


def world_digest(scenario: Scenario) -> str:
    """A digest of the keys on which ships, transfers and weather depend, not of routes, sensors and schedules.

    Seasons and hours of the day are those of the time zone. Where an AIS receiver hears under load, ships without any
    trait may matter to a crew, so all of these count.
    """
    from hashlib import blake2b

    used = {area for ships in scenario.background.values() for area in ships.area_names}
    used |= {source.area for source in scenario.transfers.values()}
    parts = {"format", "start", "duration_days", "time_zone", "theatre", "background", "transfers", "environment"}
    parts |= {"outputs"}
    if any(ships.chooses_classes for ships in scenario.background.values()):
        parts |= {"vessels"}
    if any(sensor.hears_partly for sensor in scenario.sensors.values()):
        parts |= {"sensors", "aircraft", "routes", "patrols", "groups"}
    text = scenario.model_dump_json(include=parts)
    areas = [scenario.areas[name].model_dump_json() for name in sorted(used)]
    return blake2b("\n".join([text, *areas]).encode(), digest_size=8).hexdigest()
