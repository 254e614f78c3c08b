"""The page of a replay in a browser: what a reader can do with mouse, keys and fingers, in light, dark and print."""

from typing import Any

import pytest

from plots import save_replay
from sim import run
from tests.browser.waiting import until, until_drawn
from tests.images.test_replay import HOSTILE, hostile

pytestmark = pytest.mark.browser
PHONE = {
    "viewport": {"width": 375, "height": 740}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2,
}  # fmt: skip
COUNTS = {
    "transfers": "transfers", "detected": "detected", "classified": "classified", "documented": "documented",
    "sorties": "sorties", "cancelled": "cancelled_sorties", "investigations": "investigations",
    "flights to tips": "tips_followed",
}  # fmt: skip


def hour_of(page: Any) -> float:
    until(page, "!page.isDirty || page.state.isPlaying")
    hour: float = page.evaluate("page.state.hour")
    return hour


def colours_on_map(page: Any) -> int:
    """How many colours the map shows, of some thousand of its pixels."""
    number: int = page.evaluate(
        """() => {
            const map = byId("map");
            const copy = new OffscreenCanvas(map.width, map.height).getContext("2d", { willReadFrequently: true });
            copy.drawImage(map, 0, 0);
            const pixels = copy.getImageData(0, 0, map.width, map.height).data;
            const found = new Set();
            for (let i = 0; i < pixels.length; i += 4 * 37) {
                found.add((pixels[i] << 16) | (pixels[i + 1] << 8) | pixels[i + 2]);
            }
            return found.size;
        }"""
    )
    return number


def thing_on_map(page: Any, kind: str) -> tuple[float, float]:
    """Where something of a kind is drawn, in pixels of the window."""
    place = page.evaluate(
        "kind => { const o = page.things.findLast(o => o.thing.kind === kind); return [o.px, o.py]; }", kind
    )
    box = page.locator("#map").bounding_box()
    return box["x"] + place[0], box["y"] + place[1]


def test_the_page_is_ready_soon_and_shows_the_first_event(look, shoot):
    page = look()
    assert page.title() == "Operation NEON, with partners: replication 0 in time"
    assert page.locator("h1").inner_text() == "Operation NEON, with partners"
    assert hour_of(page) == page.evaluate("page.model.data.log.t[0]")
    assert not page.evaluate("page.state.isPlaying")
    assert page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd") < 3000
    assert colours_on_map(page) > 20
    shoot(page, "first")


def test_the_counts_at_the_end_are_the_totals_of_the_run(look):
    page = look(720)
    shown = page.evaluate("Object.fromEntries(countsAt(page.model, page.model.hours))")
    row = run("neon-partners", 1, seed=1, jobs=1).tables["replications"].to_pylist()[0]
    assert {name: shown[name] for name in COUNTS} == {name: row[total] for name, total in COUNTS.items()}
    assert shown["missed"] + shown["detected"] + shown["alongside now"] >= shown["transfers"]
    assert page.locator("#counts dd").first.inner_text() == str(row["transfers"])


def test_it_plays_pauses_and_stops_at_the_end(look):
    page = look(100)
    page.select_option("#speed", "6")
    page.click("#play")
    assert page.locator("#play").get_attribute("aria-label") == "Pause"
    until(page, "page.state.hour > 102")
    page.keyboard.press("k")
    hour = hour_of(page)
    assert page.locator("#play").get_attribute("aria-label") == "Play"
    assert not page.evaluate("page.state.isPlaying")
    assert hour_of(page) == hour
    page.evaluate("goTo(719)")
    page.select_option("#speed", "24")
    page.click("#play")
    until(page, "!page.state.isPlaying")
    assert hour_of(page) == 720


def test_the_slider_and_the_strip_go_to_a_moment_in_both_zones(look):
    page = look(0)
    page.evaluate("() => { const s = byId('time'); s.value = '75'; s.dispatchEvent(new Event('input')); }")
    assert hour_of(page) == 75
    assert page.locator("#clock").inner_text() == "Mon 13 Apr 2026 03:00 UTC\n13 Apr 12:00 JST"
    assert page.locator("#time").get_attribute("aria-valuetext") == "Mon 13 Apr 2026 03:00 UTC"
    box = page.locator("#strip").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 10)
    assert hour_of(page) == pytest.approx(360, abs=2)


def test_it_steps_through_all_events_and_back_and_tells_each(look):
    page = look(0)
    steps = page.evaluate("page.model.data.log.t.length")
    steps_of = """([count, direction]) => Array.from({ length: count }, () => {
        step(direction);
        return page.steppedRow;
    })"""
    assert steps > 300
    assert page.evaluate(steps_of, [300, 1]) == list(range(300))
    assert page.evaluate(steps_of, [299, -1]) == list(range(298, -1, -1))
    page.select_option("#filter", "transfers")
    page.click("#next")
    assert "fuel-" in page.locator("#live").inner_text()
    assert page.locator("#live").get_attribute("aria-live") == "polite"
    assert page.locator("#events [aria-current]").count() == 1
    page.locator("#events button").last.click()
    assert page.evaluate("page.model.data.log.t[page.steppedRow]") == hour_of(page)


def test_the_mouse_shows_details_and_a_click_keeps_them(look, shoot):
    page = look(45.3)
    page.mouse.move(*thing_on_map(page, "aircraft"))
    assert page.locator("#tip strong").inner_text() == "aircraft of aurora"
    assert "°" in page.locator("#pointer").inner_text()
    page.evaluate("setLayer('aircraft', false)")
    until_drawn(page)
    page.mouse.click(*thing_on_map(page, "transfer"))
    until(page, "page.state.selected !== null && !page.isDirty")
    assert page.locator("#details strong").inner_text().startswith("transfer fuel-")
    shoot(page, "details")
    page.mouse.move(600, 790)
    assert page.locator("#tip").is_hidden()


def test_a_transfer_tells_nothing_that_lies_ahead(look):
    page = look()
    rows = page.evaluate(
        """() => {
            const t = page.model.transfers.find(one => one.rungs[3] !== null);
            const hours = [t.begin + 0.01, t.rungs[1], t.rungs[3], t.end];
            return hours.map(hour => detailsOf(page.model, t, hour).rows.map(row => row[0]));
        }"""
    )
    assert [("detected" in names, "documented" in names, "parted" in names) for names in rows] == [
        (False, False, False), (True, False, False), (True, True, False), (True, True, True),
    ]  # fmt: skip


def test_layers_are_turned_on_and_off(look):
    page = look(75)
    kinds = "[...new Set(page.things.map(o => o.thing.kind))].sort()"
    assert page.evaluate(kinds) == ["aircraft", "base", "contact", "tip", "transfer"]
    for layer in ("aircraft", "contacts", "tips", "transfers"):
        page.uncheck(f"#layer-{layer}")
    until_drawn(page)
    assert page.evaluate(kinds) == ["base"]
    before = colours_on_map(page)
    for layer in ("tracks", "areas", "grid", "labels"):
        page.uncheck(f"#layer-{layer}")
    until_drawn(page)
    assert colours_on_map(page) < before
    page.check("#layer-contacts")
    until_drawn(page)
    assert page.evaluate(kinds) == ["base", "contact"]


def test_everything_works_with_keys(look, shoot):
    page = look(75)
    page.keyboard.press("ArrowRight")
    assert hour_of(page) == pytest.approx(75 + 1 / 6)
    page.keyboard.press("Shift+ArrowLeft")
    assert hour_of(page) == pytest.approx(69 + 1 / 6)
    page.keyboard.press("Home")
    assert hour_of(page) == 0
    page.keyboard.press("n")
    assert page.evaluate("page.steppedRow") == 0
    page.keyboard.press("n")
    page.keyboard.press("p")
    assert page.evaluate("page.steppedRow") == 0
    page.keyboard.press(">")
    assert page.evaluate("page.state.speed") == 2
    page.keyboard.press("End")
    assert hour_of(page) == 720
    page.keyboard.press("Escape")
    page.keyboard.press("o")
    assert page.locator("#live").inner_text().startswith("base kadena; ")
    page.keyboard.press("o")
    assert page.locator("#live").inner_text().startswith("base kanoya; ")
    page.keyboard.press("Shift+o")
    assert page.evaluate("page.state.selected.name") == "kadena"
    page.keyboard.press("Escape")
    assert page.evaluate("page.state.selected") is None
    scale, middle = page.evaluate("page.view.k"), page.evaluate("page.view.cx")
    page.keyboard.press("+")
    assert page.evaluate("page.view.k") == pytest.approx(1.4 * scale)
    page.focus("#map")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("page.view.cx") > middle
    assert hour_of(page) == 720
    page.keyboard.press("0")
    assert page.evaluate("page.view.k") == pytest.approx(scale)
    page.keyboard.press("?")
    assert page.locator("#help").is_visible()
    shoot(page, "keys")
    page.keyboard.press("Escape")
    assert page.locator("#help").is_hidden()


def test_each_thing_that_can_be_used_has_a_name_and_shows_its_focus(look):
    page = look(75)
    names, outlines = [], []
    page.keyboard.press("Tab")
    while (element := page.evaluate("document.activeElement.id || document.activeElement.tagName")) != "BODY":
        names.append(element)
        outlines.append(page.evaluate("getComputedStyle(document.activeElement).outlineStyle"))
        page.keyboard.press("Tab")
        if len(names) > 60:
            break
    assert {"map", "zoom-in", "time", "play", "next", "previous", "speed", "filter", "tail", "help-open"} <= set(names)
    assert set(outlines) == {"solid"}
    nameless = page.evaluate(
        "[...document.querySelectorAll('button, input, select, canvas:not([aria-hidden])')].filter(e =>"
        " !(e.getAttribute('aria-label') || e.textContent.trim() || e.labels?.length)).length"
    )
    assert nameless == 0


def test_wheel_and_drag_zoom_and_move_the_map_but_not_beyond_its_coast(look, shoot):
    page = look(75)
    x, y = thing_on_map(page, "tip")
    before = page.evaluate("page.view.k")
    page.mouse.move(x, y)
    page.mouse.wheel(0, -600)
    until(page, f"page.view.k > {1.5 * before}")
    until_drawn(page)
    assert thing_on_map(page, "tip") == pytest.approx((x, y), abs=1.0)  # what lies below the mouse stays
    shoot(page, "zoomed")
    page.mouse.down()
    page.mouse.move(x + 80, y + 40, steps=4)
    page.mouse.up()
    until_drawn(page)
    assert thing_on_map(page, "tip") == pytest.approx((x + 80, y + 40), abs=1.0)
    assert page.evaluate("page.state.selected") is None
    west = "page.view.cx - page.view.width / 2 / page.view.k - page.view.map.whole[0]"
    page.evaluate("() => { for (let i = 0; i < 50; i += 1) { moveBy(page.view, 500, 0); } redraw(); }")
    assert page.evaluate(west) == pytest.approx(0.0, abs=1e-6)


def test_a_phone_has_room_for_all_and_two_fingers_zoom(look, shoot):
    page = look(75, **PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") == 375
    for name in ("play", "next", "previous", "speed", "filter", "tail", "help-open", "time"):
        box = page.locator(f"#{name}").bounding_box()
        assert box["x"] >= 0, name
        assert box["x"] + box["width"] <= 375, name
        assert box["y"] + box["height"] <= 740, name
    shoot(page, "phone")
    before = page.evaluate("page.view.k")
    fingers = page.context.new_cdp_session(page)

    def touch(kind: str, *places: tuple[float, float]) -> None:
        points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(places)]
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", (170, 250), (200, 250))
    for step in range(1, 6):
        touch("touchMove", (170 - 10 * step, 250), (200 + 10 * step, 250))
    touch("touchEnd")
    until(page, f"page.view.k > {2.5 * before}")
    page.evaluate("() => { showAll(page.view); redraw(); }")
    until_drawn(page)
    page.touchscreen.tap(*thing_on_map(page, "transfer"))
    until(page, "page.state.selected !== null")
    shoot(page, "phone-whole")


@pytest.mark.parametrize("size", [(375, 740), (740, 375), (1280, 800)])
def test_the_first_view_stands_beside_the_buttons_and_fits_with_the_controls(look, shoot, size):
    width, height = size
    page = look(75, **{**PHONE, "viewport": {"width": width, "height": height}})
    page.evaluate("() => { showAll(page.view); redraw(); }")
    until_drawn(page)
    shoot(page, f"first-view-{width}")
    west, south, east, north = page.evaluate("page.view.map.view")
    (left, low), (right, high) = (
        page.evaluate("place => toCanvas(page.view, ...place)", place) for place in ((west, south), (east, north))
    )
    stage, buttons = (page.locator(name).bounding_box() for name in (".stage", ".map-buttons"))
    assert -1.0 <= left < right <= buttons["x"] - stage["x"] + 1.0
    assert -1.0 <= high < low <= stage["height"] + 1.0
    controls = page.locator(".controls").bounding_box()
    assert stage["y"] + stage["height"] <= controls["y"] + 1.0
    assert controls["y"] + controls["height"] <= height + 1.0


def test_dark_night_and_print_show_the_moment_in_their_colours(look, shoot):
    page = look(36.2, color_scheme="dark")
    assert page.locator("#now dd").nth(3).inner_text() == "night"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 24, 29)"
    dark = page.evaluate("page.colours.sea")
    shoot(page, "dark")
    page.emulate_media(media="print")
    until(page, "document.documentElement.classList.contains('light') && !page.isDirty")
    assert page.evaluate("page.colours.sea") != dark
    assert page.locator("#clock").is_visible()
    assert page.locator("#layers").is_visible()
    assert page.locator("#play").is_hidden()
    shoot(page, "print-whole")
    assert page.pdf(format="A4").startswith(b"%PDF")
    page.emulate_media(media="screen")
    until(page, f"page.colours.sea === '{dark}'")
    page.emulate_media(color_scheme="light")
    until(page, f"page.colours.sea !== '{dark}'")
    shoot(page, "light-night")


def test_less_motion_and_more_zoom_of_the_reader_are_respected(look):
    page = look(75, reduced_motion="reduce", viewport={"width": 640, "height": 400})
    assert not page.evaluate("page.state.isPlaying")
    assert page.evaluate("document.documentElement.scrollWidth") <= 640
    assert page.evaluate("document.getAnimations().length") == 0


def test_hostile_texts_are_shown_as_they_are_and_run_nothing(look, tmp_path, shoot):
    path = tmp_path / "hostile.html"
    save_replay(hostile(run("neon-partners", 1, seed=1, jobs=1)), path)
    page = look(45.3, path)
    page.keyboard.press("n")
    page.keyboard.press("o")
    until_drawn(page)
    assert page.locator("h1").evaluate("e => e.textContent") == HOSTILE
    assert "</script>" in page.locator("#details strong").inner_text()
    assert "<img" in page.locator("#events").inner_text()
    assert page.locator("img").count() == 0
    shoot(page, "hostile")


def test_the_policy_runs_no_script_but_those_of_the_page(chromium, page_file):
    page = chromium.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"file://{page_file}")
    page.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "window.bad = 1";
            document.body.append(script);
        }"""
    )
    assert page.evaluate("window.bad") is None
    assert any("Content Security Policy" in text for text in said)
    page.close()


def frames(page: Any, tail: float) -> list[float]:
    """The milliseconds of script in each of 120 frames while it plays, in rising order, from the second on."""
    measured: list[float] = page.evaluate(
        """tail => new Promise(done => {
            page.state.tail = tail;
            page.state.speed = 6;
            goTo(300);
            setPlaying(true);
            const found = [];
            const next = () => {
                found.push(page.frameMs);
                if (found.length < 121) { requestAnimationFrame(next); return; }
                setPlaying(false);
                done(found.slice(1).sort((a, b) => a - b));
            };
            requestAnimationFrame(next);
        })""",
        tail,
    )
    return measured


def test_a_month_with_five_hundred_ships_plays_smoothly(look, tmp_path):
    path = tmp_path / "many.html"
    more = {"background.merchant.present": 350, "background.fishing.present": 150, "outputs.contacts": True}
    save_replay(run("neon-partners", 1, jobs=1, sets=more), path)
    page = look(75, path)
    for tail in (12, 48):
        times = frames(page, tail)
        assert times[len(times) // 2] < 16.0
