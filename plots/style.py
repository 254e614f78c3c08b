"""The style of all pictures: colours that colour-blind readers can tell apart, settings, and how files are written."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

# Okabe & Ito, "Color Universal Design" (2008): colours that people with any kind of colour vision can tell apart.
ORANGE, SKY, GREEN, YELLOW, BLUE, VERMILION, PURPLE, BLACK = (
    "#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7", "#000000",
)  # fmt: skip
CYCLE = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, BLACK)

LAND, COAST, GRATICULE, INK, MUTED = "#e8e4da", "#8f8876", "#9aa5ad", "#22303a", "#5c6b75"
SEQUENTIAL = "viridis"  # its lightness rises evenly, so it can be read in a grey print

_RC: Any = {
    "font.size": 9.0,
    "axes.titlesize": 11.0,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "pdf.fonttype": 42,
    "svg.fonttype": "none",
    "svg.hashsalt": "seasweep",
}


@contextmanager
def styled() -> Iterator[None]:
    """Draw with the settings of this file, whatever the user's own are."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_RC)
        yield


def save(figure: Figure, path: Path) -> None:
    """Write a figure in the format of the file's ending; an error leaves no file, equal figures give equal bytes."""
    draft = path.with_name(f".{path.stem}-draft{path.suffix}")
    metadata: dict[str, Any] = {"Date": None} if path.suffix == ".svg" else {}
    if path.suffix == ".pdf":
        metadata = {"CreationDate": None}
    try:
        figure.savefig(draft, dpi=200, metadata=metadata)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
