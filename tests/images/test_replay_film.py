"""The film of a replay: its moments are those of the tables, and its files are whole, small and equal."""

import shutil
import subprocess

import numpy as np
import pytest
from PIL import Image

from plots.film_files import write_gif
from plots.replay_data import replay_data
from plots.replay_film import HEIGHT, WIDTH, draw_moment, film_hours, save_replay_film, set_stage
from plots.replay_moment import (
    FADE_H,
    TAIL_H,
    aircraft_at,
    contacts_at,
    counts_at,
    flights_of,
    is_light,
    pieces_at,
    transfers_at,
    weather_words,
)
from plots.run_page import legs_of_sorties, rows_of_replication
from plots.style import styled
from sim.core.palette import BLUE, VERMILION, WHITE
from sim.scenario.problems import InputError
from tests.helpers import call_seasweep


@pytest.fixture(scope="module")
def data(neon_results):
    return replay_data(neon_results, 0)


def test_an_aircraft_is_where_its_leg_has_it_at_that_hour(neon_results, data):
    plane = neon_results.scenario.plane
    legs = [leg for flown in legs_of_sorties(neon_results, 0).values() for leg in flown][3:200:20]
    assert len(legs) == 10
    for leg in legs:
        share = 0.3
        hour = leg["begin_h"] + share * (leg["end_h"] - leg["begin_h"])
        (x0, y0), (x1, y1) = (plane.to_xy(leg[f"lon{end}"], leg[f"lat{end}"]) for end in (0, 1))
        (found,) = aircraft_at(flights_of(data), hour)
        assert (found.x, found.y) == pytest.approx((x0 + share * (x1 - x0), y0 + share * (y1 - y0)), abs=0.5)
        assert (found.patrol, found.phase) == (leg["patrol"], leg["phase"])
        assert np.cos(np.radians(found.course_deg) - np.arctan2(x1 - x0, y1 - y0)) > 0.99


def test_the_tracks_are_what_was_flown_in_the_last_hours(data):
    flights = flights_of(data)
    hour = float(flights[1].t[-1]) + 1.0
    pieces = pieces_at(flights, hour)
    length = np.hypot(*(pieces.lines[:, 1] - pieces.lines[:, 0]).T).sum()
    moments = np.arange(max(hour - TAIL_H, float(flights[1].t[0])), flights[1].t[-1], 0.001)
    assert length == pytest.approx(np.hypot(*np.diff(flights[1].place(moments), axis=0).T).sum(), rel=0.01)
    assert 0.0 < pieces.ages.min() < pieces.ages.max() < 1.0


def test_the_transfers_of_a_moment_are_those_of_the_table(neon_results, data):
    rows = rows_of_replication(neon_results, "transfers", 0).to_pylist()
    for hour in (50.0, 200.0, 500.0, 719.0):
        shown = [row for row in rows if row["begin_h"] <= hour < row["end_h"] + FADE_H]
        found = transfers_at(data, hour)
        assert len(found) == len(shown)
        assert sum(one.is_alongside for one in found) == sum(row["end_h"] > hour for row in shown)
        assert all(0.0 < one.strength <= 1.0 for one in found)
    counts = counts_at(data, 1e6)
    for status in ("missed", "detected", "classified", "documented"):
        assert counts[status] == sum(row["status"] == status for row in rows)
    changes = data["light"]["light"]
    assert is_light(data, changes[1] - 0.01) != is_light(data, changes[1] + 0.01)


def test_a_moment_shows_the_aircraft_the_clock_and_the_place_on_the_strip(neon_results, data):
    with styled():
        stage = set_stage(neon_results, data)
        flight = stage.flights[0]
        hour = float(flight.t[0] + flight.t[-1]) / 2.0
        frame = draw_moment(stage, hour).copy()
        later = draw_moment(stage, hour + 24.0 * 20.0).copy()
    assert frame.shape == (HEIGHT, WIDTH, 4)
    assert stage.clock[0].get_text().endswith("UTC")
    assert "JST" in stage.clock[1].get_text()
    red = np.array([int(VERMILION[at : at + 2], 16) for at in (1, 3, 5)])
    strip = stage.strip.get_position()
    columns = [np.flatnonzero(np.abs(one[-40, :, :3].astype(int) - red).sum(axis=1) < 20) for one in (frame, later)]
    place = strip.x0 + (strip.x1 - strip.x0) * hour / neon_results.scenario.duration_h
    assert columns[0].mean() == pytest.approx(place * WIDTH, abs=2.0)
    assert columns[1].mean() > columns[0].mean() + 400.0


def test_a_moment_shows_the_contacts_of_the_last_hours_and_the_weather(charted_results):
    data = replay_data(charted_results, 0)
    begins, ends = ([row[column] for row in data["contacts"]] for column in (6, 7))
    hour = begins[len(begins) // 2] + 0.001
    with styled():
        stage = set_stage(charted_results, data)
        draw_moment(stage, hour)
    places = stage.contacts.get_offsets()
    shown = [begin <= hour < end + TAIL_H for begin, end in zip(begins, ends, strict=True)]
    assert 1 < len(places) == sum(shown)
    found = contacts_at(data, hour)
    assert np.allclose(places, [(one.x, one.y) for one in found])
    assert len({tuple(colour[:3]) for colour in stage.contacts.get_edgecolors()}) == len({one.is_dark for one in found})
    rows = [row for row, is_shown in zip(data["contacts"], shown, strict=True) if is_shown]
    for one, row in zip(found, rows, strict=True):
        assert min(row[9], row[11]) - 0.01 <= one.x <= max(row[9], row[11]) + 0.01
        assert one.is_dark == bool(row[1] & data["traits"][0][0])
        assert 0.15 <= one.strength <= 1.0
    _, sea, sight, wind, blows_from, _ = next(row for row in reversed(data["weather"]["rows"]) if row[0] <= hour)
    words = f"wind {wind:g} kn from {blows_from:03d}°, sea state {sea:g}, visibility {sight:g} nmi"
    assert stage.weather.get_text() == weather_words(data, hour) == words


def test_a_scenario_without_weather_or_contacts_has_no_words_of_them(neon_results, data):
    with styled():
        stage = set_stage(neon_results, {**data, "contacts": []})
        draw_moment(stage, 30.0)
    assert stage.weather.get_text() == ""
    assert len(stage.contacts.get_offsets()) == 0
    assert not any("rings" in text.get_text() for text in stage.figure.texts)


def test_the_hours_of_a_film_are_few_and_those_asked_for():
    assert 200 < len(film_hours(720.0, None, None, None)) <= 300
    assert film_hours(720.0, 10.0, 12.0, 0.5) == [10.0, 10.5, 11.0, 11.5, 12.0]
    for given, key in (((800.0, None, None), "from"), ((5.0, 5.0, None), "to"), ((None, None, 0.01), "step")):
        with pytest.raises(InputError, match=f"{key}_h"):
            film_hours(720.0, *given)


def test_the_command_writes_equal_films_of_the_frames_asked_for(neon, scratch):
    asked = ("--from-h", "30", "--to-h", "34", "--step-h", "1", "--frames-per-s", "4")
    for name in ("a.gif", "b.gif"):
        answer = call_seasweep("plot", "replay", neon, "-o", name, *asked)
        assert (answer.code, answer.out.strip(), answer.err) == (0, name, "")
    assert (scratch / "a.gif").read_bytes() == (scratch / "b.gif").read_bytes()
    with Image.open("a.gif") as film:
        assert (film.n_frames, film.size, film.info["duration"]) == (5, (WIDTH, HEIGHT), 250)
    assert {path.name for path in scratch.iterdir()} == {"a.gif", "b.gif"}


def test_a_gif_shows_the_frames_that_were_written_each_as_long_as_the_others(tmp_path):
    frames = []
    for number in range(5):
        frame = np.full((40, 60, 4), 255, np.uint8)
        frame[5 * number : 5 * number + 10, 7 * number : 7 * number + 20, :3] = (0, 114, 178)
        frames.append(frame)
    frames.append(frames[-1].copy())  # one in which nothing moves
    write_gif(tmp_path / "a.gif", frames, frames[:2], [WHITE, BLUE], 4)
    with Image.open(tmp_path / "a.gif") as film:
        assert (film.n_frames, film.info["loop"]) == (6, 0)
        for number, frame in enumerate(frames):
            film.seek(number)
            assert film.info["duration"] == 250
            assert np.array_equal(np.asarray(film.convert("RGB")), frame[..., :3])


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
def test_a_film_in_mp4_is_one_that_players_show(neon_results, tmp_path):
    save_replay_film(neon_results, tmp_path / "a.mp4", from_h=30.0, to_h=33.0, step_h=1.0)
    command = ["ffmpeg", "-hide_banner", "-i", str(tmp_path / "a.mp4"), "-f", "null", "-"]
    said = subprocess.run(command, capture_output=True, encoding="utf-8", check=True).stderr
    assert "yuv420p" in said
    assert f"{WIDTH}x{HEIGHT}" in said
    assert "creation_time" not in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("-o", "a.html", "--from-h", "3"), "--from-h: given 3.0; allowed: nothing for a page"),
        (("--frames-per-s", "5"), "--frames-per-s: given 5; allowed: nothing for a page"),
        (("-o", "a.gif", "--to-h", "9999"), "an hour of the deployment"),
        (("-o", "a.mp4"), "install ffmpeg"),
    ],
)
def test_what_cannot_be_is_refused_with_one_error_and_no_file(neon, scratch, monkeypatch, arguments, said):
    monkeypatch.setenv("PATH", str(scratch))
    answer = call_seasweep("plot", "replay", neon, *arguments)
    assert answer.code == 2
    assert said in " ".join(answer.err.split())
    assert not list(scratch.iterdir())


def test_an_interrupted_film_leaves_no_file(neon_results, tmp_path):
    def interrupt(done, total):
        raise KeyboardInterrupt

    for name in ("a.gif", "a.mp4") if shutil.which("ffmpeg") else ("a.gif",):
        with pytest.raises(KeyboardInterrupt):
            save_replay_film(neon_results, tmp_path / name, progress=interrupt)
    assert not list(tmp_path.iterdir())
