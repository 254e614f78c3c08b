"""seasweep under one name: all that `sim` and `plots` offer.

    import seasweep
    results = seasweep.run("neon-spring")

`seasweep.sim` and `seasweep.plots` are the packages themselves.
"""

from typing import TYPE_CHECKING, Any

import plots
import sim

if TYPE_CHECKING:
    from plots import *  # noqa: F403
    from sim import *  # noqa: F403

__all__ = ["plots", "sim", *plots.__all__, *sim.__all__]


def __getattr__(name: str) -> Any:
    """Load what is asked for when it is asked for: importing `seasweep` itself costs nothing."""
    if name == "__version__":
        from importlib.metadata import version

        return version("seasweep")
    for package in (sim, plots):
        if name in package.__all__:
            return getattr(package, name)
    raise AttributeError(f"module 'seasweep' has no attribute {name!r}")


def __dir__() -> list[str]:
    """The public names, whether or not they have been loaded."""
    return sorted([*(name for name in globals() if name.startswith("__")), *__all__])
