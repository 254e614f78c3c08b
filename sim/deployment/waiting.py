"""Processes of SimPy, and how they wait."""

from collections.abc import Generator

import simpy

Process = Generator[simpy.Event, None, None]


def wait(env: simpy.Environment, until: float) -> simpy.Event:
    """Return an event at an hour, or now if that hour has passed; a process that yields it goes on then."""
    return env.timeout(max(0.0, until - env.now))
