"""The page of a report in a browser: it complains of nothing, fits a phone, and its replay and its button work."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from plots import save_report
from sim import run
from tests.browser.waiting import until_true

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 375, "height": 740}, "has_touch": True, "is_mobile": True}


@pytest.fixture(scope="module")
def report_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a run whose crew investigates contacts."""
    path = tmp_path_factory.mktemp("reports") / "report.html"
    save_report(run("neon-crew", 4, seed=1, jobs=1), path)
    return path


@pytest.fixture
def read(show: Callable[..., Any], report_file: Path) -> Callable[..., Any]:
    """Open the report with options of the browser; its pictures are there."""

    def opened(**options: Any) -> Any:
        page = show(f"file://{report_file}", **options)
        assert page.evaluate("[...document.images].every(image => image.complete && image.naturalWidth > 0)")
        return page

    return opened


def test_a_report_opens_and_its_replay_plays(read, shoot):
    page = read()
    shoot(page, "report-whole")
    page.locator("summary", has_text="Show the replay").click()
    frame = page.frame_locator("iframe.replay")
    frame.locator("#events button").first.wait_for()
    before = frame.locator("#clock").inner_text()
    frame.locator("#next").click()
    until_true(page, lambda: frame.locator("#clock").inner_text() != before, "the clock goes on")
    assert frame.locator("#events [aria-current]").count() == 1
    shoot(page, "report-replay")


def test_the_button_copies_the_scenario(read):
    page = read()
    page.locator("summary", has_text="The scenario as a file").click()
    page.locator("button", has_text="Copy").click()
    assert page.locator("[role=status]").last.inner_text() != ""
    assert page.evaluate("getSelection().toString()").startswith("format = 1")


def test_a_report_fits_a_phone(read, shoot):
    page = read(**PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") == 375
    shoot(page, "report-phone-whole")


def test_a_report_in_the_dark_and_in_print(read, shoot):
    page = read(color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.querySelector('img')).backgroundColor") == "rgb(255, 255, 255)"
    shoot(page, "report-dark-whole")
    page = read()
    page.emulate_media(media="print")
    assert page.locator("iframe").is_hidden()
    breaks = """[...document.querySelectorAll('table')].map(
        table => [table.rows.length, getComputedStyle(table).breakInside, table.scrollWidth <= innerWidth])"""
    tables = page.evaluate(breaks)
    assert {rows < 16 for rows, _, _ in tables} == {True, False}  # short tables, and long ones
    assert all((rows < 16) == (inside == "avoid") and fits for rows, inside, fits in tables)
    assert page.evaluate("[...document.images].every(image => image.height < 350)")  # two on a page
    shoot(page, "report-print-whole")
    assert page.pdf(format="A4").startswith(b"%PDF")
