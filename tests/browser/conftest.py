"""A browser, the pages that tests open in it, and a folder for what was seen."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from plots import save_replay
from sim import run
from tests.browser.waiting import until_drawn

SCREENSHOTS = Path(__file__).parent / "screenshots"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The installed Chromium, driven from here. A test fails where it is missing."""
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium")
    assert program, "missing: chromium; on Debian: apt-get install chromium"
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])  # root has no sandbox
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a replay with tips, contacts and weather."""
    path = tmp_path_factory.mktemp("pages") / "partners.html"
    save_replay(run("neon-partners", 1, seed=1, jobs=1), path)
    return path


@pytest.fixture
def show(chromium: Any) -> Iterator[Callable[..., Any]]:
    """Open an address with options of the browser; whatever a page complains of or loads fails the test in the end."""
    contexts, complaints = [], []

    def shown(address: str, **options: Any) -> Any:
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda one: None if one.is_navigation_request() else complaints.append(one.url))
        page.on("dialog", lambda dialog: (complaints.append(dialog.message), dialog.dismiss()))
        page.goto(address)
        return page

    yield shown
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def look(show: Callable[..., Any], page_file: Path) -> Callable[..., Any]:
    """Open the page of a replay at an hour, with options of the browser, and wait until it is drawn."""

    def opened(hour: float | None = None, file: Path = page_file, **options: Any) -> Any:
        page = show(f"file://{file}{'' if hour is None else f'#t={hour}'}", **options)
        until_drawn(page)
        return page

    return opened


@pytest.fixture
def shoot() -> Callable[[Any, str], bytes]:
    """Keep a picture of what a page shows, for people; returns it."""

    def taken(page: Any, name: str) -> bytes:
        SCREENSHOTS.mkdir(exist_ok=True)
        picture: bytes = page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=name.endswith("whole"))
        return picture

    return taken
