"""seasweep: how many ship-to-ship transfers will a maritime patrol detect and document, and what would change that?

    from sim import run
    results = run("neon-spring")
    results.measures()

`load_scenario` reads a scenario file or the tables of one, `simulate` does one replication, `run` many, `sweep` a whole
study, `compare` subtracts one run from another, `infer` tells from what was documented how many transfers took place,
`decide` chooses a plan while figures are unknown, `export` writes a run as map layers. `Scenario`, `Results`,
`StudyResults` and `Comparison` are the classes of what the first five return, and `InputError` is what all raise of bad
input.

The folders are the stages through which a scenario becomes an answer. Each imports from itself and from those above
it, never from those below; `study` and `check` do not know each other:

* `core`: numbers and the plane; knows no scenario.
* `model`: what a scenario file can name, its keys and its mathematics.
* `scenario`: a file becomes a Scenario, or an error that says what to change.
* `deployment`: a Scenario and a seed become the Log of one replication.
* `study`: Logs become answers: results, measures, fields of coverage, comparisons, sweeps.
* `check`: a Scenario becomes advice.
* `options`: options that commands of `sim/cli` and of `plots` share.
* `cli`: the command line, the only place that prints.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.deployment.engine import simulate
    from sim.scenario.load import load_scenario
    from sim.scenario.problems import InputError
    from sim.scenario.schema import Scenario
    from sim.study.comparison import Comparison, compare
    from sim.study.decide.answer import decide
    from sim.study.export.write import export
    from sim.study.infer.inference import infer
    from sim.study.runs import run, sweep
    from sim.study.store import Results
    from sim.study.study_results import StudyResults

__all__ = [
    "Comparison",
    "InputError",
    "Results",
    "Scenario",
    "StudyResults",
    "compare",
    "decide",
    "export",
    "infer",
    "load_scenario",
    "run",
    "simulate",
    "sweep",
]

_HOMES = {
    "Comparison": "study.comparison",
    "InputError": "scenario.problems",
    "Results": "study.store",
    "Scenario": "scenario.schema",
    "StudyResults": "study.study_results",
    "compare": "study.comparison",
    "decide": "study.decide.answer",
    "export": "study.export.write",
    "infer": "study.infer.inference",
    "load_scenario": "scenario.load",
    "run": "study.runs",
    "simulate": "deployment.engine",
    "sweep": "study.runs",
}


def __getattr__(name: str) -> Any:
    """Load what is asked for when it is asked for: importing `sim` itself costs nothing."""
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module 'sim' has no attribute {name!r}")
    return getattr(import_module(f"sim.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    """The public names, whether or not they have been loaded."""
    return sorted([*(name for name in globals() if name.startswith("__")), *__all__])
