"""The kind `response`: a measure against the factors of a study."""

from pathlib import Path
from typing import Any

from plots.kinds import PlotKind
from sim.options import at_option, facet_option, measure_option, x_option


def _save(results: Any, path: Path, **options: Any) -> None:
    from plots.response import save_response

    save_response(results, path, **options)


KIND = PlotKind(
    "response",
    "STUDY",
    "Draw a measure against the factors of a study.\n\nEach point shows the value and its interval.",
    _save,
    (measure_option, at_option, x_option, facet_option),
)
