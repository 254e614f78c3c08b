"""The colours of the layers, which are those of the pictures."""

from dataclasses import dataclass

from sim.core.palette import (
    BLUE,
    GREEN,
    INK,
    MUTED,
    ORANGE,
    PROBABILITY_COLOURS,
    PURPLE,
    SKY,
    STATUS_COLOURS,
    VERMILION,
)


@dataclass(frozen=True)
class Symbol:
    """How the rows of a layer are drawn."""

    colour: str
    """As #rrggbb."""
    size: float
    """Of a point its diameter, of a line its width, in pixels at a usual screen."""
    opacity: float = 1.0
    """Of the whole mark; of an area or a zone that of its inside, whose edge is opaque."""


SYMBOLS = {
    "areas": Symbol(GREEN, 1.5, 0.08),
    "zones": Symbol(VERMILION, 1.5, 0.15),
    "bases": Symbol(INK, 10.0),
    "routes": Symbol(BLUE, 1.5),
    "tracks": Symbol(MUTED, 1.0),
    "contacts": Symbol(SKY, 4.0),
    "transfers": Symbol(ORANGE, 9.0),
    "tips": Symbol(PURPLE, 7.0),
    "coverage": Symbol(MUTED, 0.0, 0.6),
    "truth": Symbol(GREEN, 1.0),
    "claims": Symbol(PURPLE, 1.0),
    "ais": Symbol(PURPLE, 3.0),
}
"""The symbol of each layer, by name; where its rows differ in colour, `class_of` says which colour each has."""

FLIGHT = Symbol(BLUE, 12.0)
"""The symbol of an aircraft that flies, and of the way behind it."""

PROBABILITY_CLASSES = {f"{number / 10:.1f}": colour for number, colour in enumerate(PROBABILITY_COLOURS)}
CLASSES = {"transfers": STATUS_COLOURS, "coverage": PROBABILITY_CLASSES}
"""The classes of rows that differ in colour, by layer: the colour of each by name."""


def class_of(layer: str, row: dict[str, object]) -> str:
    """The name of the class of a row, one of `CLASSES`; empty in a layer whose rows are all alike."""
    if layer == "transfers":
        return str(row["status"])
    if layer == "coverage":
        return f"{min(int(float(str(row['probability'])) * 10.0), 9) / 10:.1f}"
    return ""
