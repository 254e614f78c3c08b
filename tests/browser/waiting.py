"""Waiting until something holds on a page, by asking it; the page's policy forbids what Playwright would run in it."""

import time
from collections.abc import Callable
from typing import Any

LONGEST_S = 20.0


def until(page: Any, expression: str) -> None:
    """Wait until an expression of a page holds, and fail if it never does."""
    until_true(page, lambda: page.evaluate(expression), expression)


def until_true(page: Any, holds: Callable[[], Any], words: str) -> None:
    """Wait until something holds, and fail with its words if it never does."""
    end = time.monotonic() + LONGEST_S
    while not holds():
        assert time.monotonic() < end, f"it never holds: {words}"
        page.wait_for_timeout(20)


def until_drawn(page: Any) -> None:
    """Wait until all is drawn."""
    until(page, "!page.isDirty")
