"""The console that prints all tables: text is data, so nothing in it is markup, an emoji code or a terminal escape."""

from collections.abc import Iterable
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from sim.core.text import visible_lines


class PlainConsole(Console):
    """A console of rich that shows every text as it is, with an escape for each hidden character."""

    def __init__(self, **options: Any) -> None:
        """Take the options of a console of rich, except those that would interpret text."""
        super().__init__(**options, markup=False, emoji=False, highlight=False)

    def render_str(self, text: str, **options: Any) -> Text:
        """Return a text of a table or a title, with an escape for each hidden character."""
        return super().render_str(visible_lines(text), **options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Return the pieces of text to print; those that only control the terminal come from rich itself and stay."""
        for segment in super().render(renderable, options):
            is_plain = segment.control or segment.text.isprintable()
            yield segment if is_plain else Segment(visible_lines(segment.text), segment.style)
