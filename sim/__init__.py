"""seasweep: how many ship-to-ship transfers will a maritime patrol detect and document, and what would change that?

    from sim import run
    results = run("neon-spring")
    results.measures()

`load_scenario` reads a scenario file, `simulate` does one replication, `run` many, `sweep` a whole study, `compare`
subtracts one run from another.
The modules, in the order in which the world comes about: `geo` and `chance`; `kernels`, compiled; `fields`,
`detection`, `patterns`, `sun`, `environment`; `schema`, `series` and `scenario`, the file; `tracks`, `traffic`,
`transfers`, `aircraft`, what moves; `engine`, one replication; `measures`, `store`, `coverage`, what comes out;
`executor`, `design` and `study`, many of them; `cli`, the command line.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.engine import simulate
    from sim.scenario import load_scenario
    from sim.study import compare, run, sweep

__all__ = ["compare", "load_scenario", "run", "simulate", "sweep"]

_HOMES = {"load_scenario": "scenario", "simulate": "engine", "run": "study", "sweep": "study", "compare": "study"}


def __getattr__(name: str) -> Any:
    """Load what is asked for when it is asked for: importing `sim` itself costs nothing."""
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module 'sim' has no attribute {name!r}")
    return getattr(import_module(f"sim.{_HOMES[name]}"), name)
