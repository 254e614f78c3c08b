"""The styles of layers for QGIS, as its files of styles (QML) have them.

A layer with times is also made ready for the temporal controller, which plays it. Properties of symbols are written in
the form that every QGIS 3 reads.
"""

from xml.sax.saxutils import quoteattr

from sim.core.palette import INK
from sim.study.export.kinds import LayerKind
from sim.study.export.symbols import CLASSES, SYMBOLS

_HEAD = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>"
_MARKS = {"Point": ("marker", "SimpleMarker"), "LineString": ("line", "SimpleLine"), "Polygon": ("fill", "SimpleFill")}
_COLUMNS = {"transfers": "status"}


def style_of(kind: LayerKind) -> str:
    """The style of a layer, as the text of a file of QGIS."""
    body = f"{_temporal(kind)}\n{_renderer(kind)}"
    return f'{_HEAD}\n<qgis version="3.16.0" styleCategories="Symbology|Temporal">\n{body}\n</qgis>\n'


def _temporal(kind: LayerKind) -> str:
    """Which columns have the times of a row; mode 1 is a moment, mode 2 a beginning and an end."""
    begin, end = (*kind.times, "", "")[:2]
    return (
        f'<temporal enabled="{int(bool(kind.times))}" mode="{len(kind.times)}" startField="{begin}" endField="{end}" '
        'durationField="" durationUnit="min" fixedDuration="60" accumulate="0" limitMode="0" startExpression="" '
        'endExpression=""><fixedRange><start></start><end></end></fixedRange></temporal>'
    )


def _renderer(kind: LayerKind) -> str:
    """One symbol for all rows, or one for each class of rows."""
    classes = CLASSES.get(kind.name)
    if classes is None:
        return (
            '<renderer-v2 type="singleSymbol" symbollevels="0" enableorderby="0" forceraster="0">\n'
            f"<symbols>{_symbol(kind, 0, SYMBOLS[kind.name].colour)}</symbols>\n</renderer-v2>"
        )
    symbols = "".join(_symbol(kind, number, colour) for number, colour in enumerate(classes.values()))
    if kind.name in _COLUMNS:
        rows = "".join(
            f'<category value={quoteattr(name)} label={quoteattr(name)} symbol="{number}" render="true"/>'
            for number, name in enumerate(classes)
        )
        column, parts = _COLUMNS[kind.name], f"<categories>{rows}</categories>"
        of = "categorizedSymbol"
    else:
        rows = "".join(
            f'<range lower="{low}" upper="{float(low) + 0.1:.1f}" label="{low} to {float(low) + 0.1:.1f}" '
            f'symbol="{number}" render="true"/>'
            for number, low in enumerate(classes)
        )
        column, parts = "probability", f"<ranges>{rows}</ranges>"
        of = "graduatedSymbol"
    return (
        f'<renderer-v2 type="{of}" attr="{column}" symbollevels="0" enableorderby="0" forceraster="0">\n{parts}\n'
        f"<symbols>{symbols}</symbols>\n</renderer-v2>"
    )


def _symbol(kind: LayerKind, number: int, colour: str) -> str:
    """One symbol, whose name is its number."""
    of, layer = _MARKS[kind.geometry]
    symbol = SYMBOLS[kind.name]
    inside = _rgba(colour, symbol.opacity)
    properties = {
        "Point": {
            "name": "circle", "color": inside, "outline_color": _rgba(INK), "outline_width": "0.2",
            "outline_width_unit": "MM", "size": f"{symbol.size}", "size_unit": "Pixel",
        },
        "LineString": {"line_color": inside, "line_width": f"{symbol.size}", "line_width_unit": "Pixel"},
        "Polygon": {
            "color": inside, "style": "solid", "outline_color": _rgba(colour),
            "outline_style": "solid" if symbol.size else "no", "outline_width": f"{symbol.size}",
            "outline_width_unit": "Pixel",
        },
    }[kind.geometry]  # fmt: skip
    props = "".join(f'<prop k="{name}" v={quoteattr(value)}/>' for name, value in properties.items())
    return (
        f'<symbol type="{of}" name="{number}" alpha="1" clip_to_extent="1" force_rhr="0">'
        f'<layer class="{layer}" pass="0" locked="0" enabled="1">{props}</layer></symbol>'
    )


def _rgba(colour: str, opacity: float = 1.0) -> str:
    """A colour #rrggbb as QGIS writes it."""
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"{red},{green},{blue},{round(255 * opacity)}"
