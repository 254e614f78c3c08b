"""The kind `funnel`: how far the transfers of a run came, and what stopped them."""

from pathlib import Path
from typing import Any

from plots.kinds import PlotKind


def _save(results: Any, path: Path) -> None:
    from plots.funnel import save_funnel

    save_funnel(results, path)


KIND = PlotKind(
    "funnel",
    "RUN",
    "Draw how far transfers come on the ladder, and why not farther.\n\n"
    "Full bars show the shares of transfers that came within range of a sensor, were detected, were classified and "
    "were documented. Hatched bars between them show what stopped the others.",
    _save,
)
