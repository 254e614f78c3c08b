"""The page of a report in a browser: it complains of nothing, fits a phone, and its replay and its button work."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from plots import save_report
from sim import run

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 375, "height": 740}, "has_touch": True, "is_mobile": True}


@pytest.fixture(scope="module")
def report_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a run whose crew investigates contacts."""
    path = tmp_path_factory.mktemp("reports") / "report.html"
    save_report(run("neon-crew", 4, seed=1, jobs=1), path)
    return path


@pytest.fixture
def read(chromium: Any, report_file: Path) -> Iterator[Callable[..., Any]]:
    """Open the report with options of the browser; whatever it complains of fails the test in the end."""
    contexts, complaints = [], []

    def opened(**options: Any) -> Any:
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"file://{report_file}")
        assert page.evaluate("[...document.images].every(image => image.complete && image.naturalWidth > 0)")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


def test_a_report_opens_and_its_replay_plays(read, shoot):
    page = read()
    shoot(page, "report-whole")
    page.locator("summary", has_text="Show the replay").click()
    frame = page.frame_locator("iframe.replay")
    frame.locator("#events button").first.wait_for()
    before = frame.locator("#clock").inner_text()
    frame.locator("#next").click()
    page.wait_for_timeout(300)
    assert frame.locator("#clock").inner_text() != before
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
    shoot(page, "report-print-whole")
    assert page.pdf(format="A4").startswith(b"%PDF")
