"""The kind `response`: a measure against the factors of a study."""

from pathlib import Path
from typing import Any

from plots.kinds import PlotKind
from sim.options import measure_option


def _save(results: Any, path: Path, measure: str | None) -> None:
    from plots.response import save_response

    save_response(results, path, measure)


KIND = PlotKind(
    "response",
    "STUDY",
    "Draw a measure against the factors of a study.\n\nEach point shows the value and its interval.",
    _save,
    (measure_option,),
)
