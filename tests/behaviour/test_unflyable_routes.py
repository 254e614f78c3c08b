"""A route that cannot be flown is refused by its key; a fault in the program is not taken for one."""

import pytest

from sim import load_scenario
from sim.core.turns import UnflyableError
from sim.model.patterns.sweeps import ParallelSweep
from sim.scenario.problems import InputError
from sim.scenario.routes import lay_route


def raising(error):
    """A pattern's method that fails."""

    def lay(self, setting):
        raise error

    return lay


def test_a_pattern_that_cannot_be_flown_is_refused_with_its_key(monkeypatch):
    scenario = load_scenario("neon-spring")
    monkeypatch.setattr(ParallelSweep, "lay", raising(UnflyableError("spacing_nmi", 3.0, "at least 4")))
    with pytest.raises(InputError, match=r"routes\.search\.spacing_nmi: given 3\.0; allowed: at least 4 \(cp140\)"):
        lay_route(scenario, "search")
    with pytest.raises(InputError, match=r"routes\.search\.spacing_nmi: given 3\.0"):
        load_scenario("neon-spring")


@pytest.mark.parametrize("fault", [ValueError("planted"), ZeroDivisionError("planted")])
def test_a_fault_in_a_pattern_is_neither_a_refusal_nor_swallowed(monkeypatch, fault):
    scenario = load_scenario("neon-spring")
    monkeypatch.setattr(ParallelSweep, "lay", raising(fault))
    with pytest.raises(type(fault), match="planted"):
        lay_route(scenario, "search")
    with pytest.raises(type(fault), match="planted"):
        load_scenario("neon-spring")


def test_nobody_who_catches_value_errors_catches_a_route_that_cannot_be_flown():
    assert not issubclass(UnflyableError, ValueError)
