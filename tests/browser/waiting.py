"""Waiting until something holds on a page, by asking it; the page's policy forbids what Playwright would run in it."""

import time
from typing import Any

LONGEST_S = 20.0


def until(page: Any, expression: str) -> None:
    """Wait until an expression of a page holds, and fail if it never does."""
    end = time.monotonic() + LONGEST_S
    while not page.evaluate(expression):
        assert time.monotonic() < end, f"it never holds: {expression}"
        page.wait_for_timeout(20)


def until_drawn(page: Any) -> None:
    """Wait until all is drawn."""
    until(page, "!page.isDirty")
