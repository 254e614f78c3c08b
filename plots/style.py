"""The style of all pictures: colours that colour-blind readers can tell apart, settings, and how files are written."""

import io
import logging
import textwrap
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from rich.cells import cell_len

from plots.fonts import (
    MissingGlyphWarning,
    characters_without_glyph,
    missing_glyph_text,
    show_hidden_characters,
    use_fonts_with,
)
from sim.core.palette import BLACK, BLUE, GREEN, INK, MUTED, ORANGE, PURPLE, SKY, VERMILION
from sim.scenario.arguments import picture_path
from sim.study.folders import drop_drafts, whole_file

CYCLE = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, BLACK)

LAND, COAST, GRATICULE = "#e8e4da", "#8f8876", "#9aa5ad"
SEQUENTIAL = "viridis"  # its lightness rises evenly, so it can be read in a grey print

_RC: Any = {
    "font.size": 9.0,
    "axes.titlesize": 11.0,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "text.color": INK,
    "text.parse_math": False,  # a text between two dollar signs is a text, not a formula
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "pdf.fonttype": 42,
    "svg.fonttype": "none",
    "svg.hashsalt": "seasweep",
}


_ABOUT_LEGEND = 10.0  # points between axes and title where a legend stands, besides its height


@contextmanager
def styled() -> Iterator[None]:
    """Draw with the settings of this file, whatever the user's own are."""
    log = logging.getLogger("matplotlib.font_manager")
    level = log.level
    with mpl.rc_context(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font")  # `save` warns of them, once
        log.setLevel(logging.ERROR)  # it also warns of fonts without a bold face, which is harmless
        mpl.rcdefaults()
        mpl.rcParams.update(_RC)
        try:
            yield
        finally:
            log.setLevel(level)


def wrapped(text: str, width: int) -> str:
    """A text broken into lines of at most `width` letters; a character of East Asia may be as wide as two."""
    return textwrap.fill(text, max(1, width * len(text) // max(1, cell_len(text))))


def set_heading(axes: Axes, title: str, subtitle: str, width: int) -> None:
    """Set a bold title and a line or more below it, both above the axes and flush with their left edge.

    `width`: the letters of a title's line. A subtitle is broken where it says so; a legend that stands above the axes
    takes the place of one.
    """
    lines = subtitle.count("\n") + 1 if subtitle else 0
    legend = axes.get_legend()
    below = 6.0 + 12.5 * lines
    if legend is not None:
        below = _ABOUT_LEGEND + 72.0 * legend.get_window_extent().height / legend.figure.dpi
    axes.set_title(wrapped(title, width), loc="left", pad=below)
    note = axes.annotate(
        subtitle, (0.0, 1.0), (0.0, 6.0), xycoords="axes fraction", textcoords="offset points", ha="left", va="bottom",
        fontsize=8.5, color=MUTED, annotation_clip=False,
    )  # fmt: skip
    note.set_gid("subtitle")


def close_gap(figure: Figure, axes: Axes) -> None:
    """Make a finished page as low as its map lets it be, where the width of the page decides the size of the map."""
    engine = figure.get_layout_engine()
    if engine is None:
        return
    engine.execute(figure)
    axes.apply_aspect()
    unused = axes.get_position(original=True).height - axes.get_position().height
    figure.set_figheight(figure.get_figheight() * (1.0 - max(0.0, unused)))


def add_legend(figure: Figure, handles: Sequence[Any], labels: Sequence[str], **options: Any) -> Artist:
    """Add a legend that shows each label as it is; Matplotlib would leave out those that begin with an underscore."""
    legend = figure.legend(handles, [str(number) for number in range(len(labels))], **options)
    for text, label in zip(legend.get_texts(), labels, strict=True):
        text.set_text(label)
    return legend


def save(figure: Figure, path: str | Path) -> None:
    """Write a figure in the format of the file's ending; an error leaves no file, equal figures give equal bytes.

    Warns, with `plots.fonts.MissingGlyphWarning`, of characters for which no installed font has a glyph. In an SVG file
    text stays text, so the fonts of the program that shows it decide. Raises InputError for a path that no picture can
    have.
    """
    path = picture_path(path)
    drop_drafts(path.parent)
    with whole_file(path) as draft:
        lacking = _write(figure, draft, path.suffix.removeprefix("."), 200)
    if lacking and path.suffix != ".svg":
        warnings.warn(missing_glyph_text(lacking), MissingGlyphWarning, stacklevel=2)


def picture_bytes(figure: Figure, form: str, dpi: int) -> bytes:
    """A figure as the content of a file in the format `svg` or `png`; equal figures give equal bytes."""
    content = io.BytesIO()
    _write(figure, content, form, dpi)
    return content.getvalue()


_NO_DATE: dict[str, dict[str, Any]] = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}


def _write(figure: Figure, target: Any, form: str, dpi: int) -> set[str]:
    """Write a figure to a file or a buffer; return the characters for which no installed font has a glyph."""
    show_hidden_characters(figure)
    figure.savefig(target, format=form, dpi=dpi, metadata=_NO_DATE.get(form, {}))
    lacking = characters_without_glyph(figure)
    if lacking:
        lacking = use_fonts_with(figure, lacking)
        if isinstance(target, io.BytesIO):
            target.seek(0)
            target.truncate()
        figure.savefig(target, format=form, dpi=dpi, metadata=_NO_DATE.get(form, {}))
    return lacking
