"""The column `seen_by` of transfers: the names of the observers that reported each, as one text."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from sim.core.arrays import Flags

_BETWEEN = ", "  # no name has a comma or a space


def seen_by_texts(reported: Mapping[str, Flags], count: int) -> list[str | None]:
    """The texts of `count` transfers, by observer whether it reported each, (count,); None where nobody did."""
    names = sorted(reported)
    return [_BETWEEN.join(name for name in names if reported[name][row]) or None for row in range(count)]


def observers_in(text: str | None) -> tuple[str, ...]:
    """The names of the observers in a text of the column, sorted; none where it is empty."""
    return tuple(text.split(_BETWEEN)) if text else ()


def reported_by(texts: Sequence[str | None], names: Collection[str] | None = None) -> Flags:
    """Whether one of some observers reported each transfer, (n,); `names`: None for any observer."""
    if names is None:
        return np.array([bool(text) for text in texts], bool)
    return np.array([not set(names).isdisjoint(observers_in(text)) for text in texts], bool)
