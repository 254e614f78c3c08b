"""How much each point of a study adds to the baseline."""

from pathlib import Path
from typing import Any

from plots.kinds import PlotKind
from sim.options import measure_option


def _save(results: Any, path: Path, measure: str | None) -> None:
    from plots.gain import save_gain

    save_gain(results, path, measure)


KIND = PlotKind(
    "gain",
    "STUDY",
    "Draw the paired difference of each point of a study from its baseline, with intervals.",
    _save,
    (measure_option,),
)
