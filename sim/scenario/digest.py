"""A scenario as one TOML document, and short digests of what it says."""

from sim.scenario.schema import Scenario


def flat_toml(scenario: Scenario) -> str:
    """A scenario as one TOML document that extends nothing and loads to the same scenario."""
    import tomli_w

    return tomli_w.dumps(scenario.model_dump(mode="python", exclude_none=True, by_alias=True))


def digest(scenario: Scenario) -> str:
    """A short stable digest of everything that a scenario says."""
    from hashlib import blake2b

    return blake2b(flat_toml(scenario).encode(), digest_size=8).hexdigest()


def world_digest(scenario: Scenario) -> str:
    """A digest of the keys that decide which ships and transfers there are; routes, sensors and schedules do not."""
    from hashlib import blake2b

    used = {one.area for one in scenario.background.values()} | {one.area for one in scenario.transfers.values()}
    parts = {"format", "start", "duration_days", "theatre", "background", "transfers", "environment", "outputs"}
    text = scenario.model_dump_json(include=parts)
    areas = [scenario.areas[name].model_dump_json() for name in sorted(used)]
    return blake2b("\n".join([text, *areas]).encode(), digest_size=8).hexdigest()
