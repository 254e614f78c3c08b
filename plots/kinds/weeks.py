"""The kind `weeks`: the first week of a run beside its last."""

from pathlib import Path
from typing import Any

from plots.kinds import PlotKind


def _save(results: Any, path: Path) -> None:
    from plots.weeks import save_weeks

    save_weeks(results, path)


KIND = PlotKind(
    "weeks",
    "RUN",
    "Show the first week beside the last: where and when transfers took place, and where the patrols flew.\n\n"
    "It shows what is left of a plan when smugglers learn. A week is seven days from the start of the scenario.",
    _save,
)
