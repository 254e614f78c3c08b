"""The kind `timeline`: one replication of a run over its days."""

from pathlib import Path
from typing import Any

from plots.kinds import PlotKind
from sim.options import replication_option


def _save(results: Any, path: Path, replication: int | None) -> None:
    from plots.timeline import save_timeline

    save_timeline(results, path, replication)


KIND = PlotKind(
    "timeline",
    "RUN",
    "Draw one replication over its days.\n\n"
    "The picture shows, one below the other, the weather, the sorties, the tips, and the transfers with how far each "
    "came. Hours without light are shaded.",
    _save,
    (replication_option,),
)
