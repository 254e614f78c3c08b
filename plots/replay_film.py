"""The film of a replay: one replication of a run in time, as moving pictures for slides.

The map below, the heading and the strip of days are drawn once, by day and by night. Each moment is drawn over them:
the aircraft and their tracks, contacts, the transfers, clock and weather, and the moment on the strip.
"""

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import Polygon, Rectangle
from matplotlib.path import Path as Outline
from matplotlib.patheffects import withStroke
from matplotlib.text import Annotation, Text
from matplotlib.transforms import Affine2D, Bbox

from plots.basemap import HALO, Bounds, draw_basemap
from plots.bases import draw_bases
from plots.coverage_map import STATUS_MARKS, default_bounds
from plots.field_map import outlines_of_transfers
from plots.film_files import Frame, find_ffmpeg, write_gif, write_mp4
from plots.fonts import (
    MissingGlyphWarning,
    characters_without_glyph,
    missing_glyph_text,
    show_hidden_characters,
    use_fonts_with,
)
from plots.replay_data import replay_data
from plots.replay_moment import (
    UNDETECTED,
    Aircraft,
    Flight,
    aircraft_at,
    contacts_at,
    counts_at,
    final_status,
    flights_of,
    is_light,
    pieces_at,
    transfers_at,
    weather_words,
)
from plots.run_page import draw_days, patrol_styles, recorded_replication, run_results
from plots.sortie_chart import PHASE_STYLES
from plots.style import COAST, CYCLE, GRATICULE, LAND, styled, wrapped
from plots.timeline import draw_sorties
from sim.core.palette import INK, MUTED, PURPLE, STATUS_COLOURS, VERMILION, WHITE
from sim.core.text import visible_lines
from sim.scenario.arguments import FILMS, picture_path
from sim.scenario.problems import refused
from sim.scenario.schema import Scenario
from sim.study.folders import drop_drafts, whole_file
from sim.study.progress import Progress, no_progress
from sim.study.store import Results

WIDTH, HEIGHT = 960, 720
"""The size of a film in pixels; both are even, as MP4 needs it."""
MOST_FRAMES = 10_000
FRAMES, FRAMES_PER_S = 300, 10
"""Frames of a film at most, and frames in a second, unless others are asked for."""
_DPI = 100.0
_SEA, _NIGHT, _NIGHT_ALPHA = "#e4eef4", "#182c54", 0.26
_STEPS_MIN = (1, 2, 3, 5, 6, 10, 12, 15, 20, 30, 60, 90, 120, 150, 180, 240, 300, 360, 480, 720, 1440)
_MOST_FLICKER_H = 48.0  # hours in a second of a film from which on nights would flicker, and the map stays light
_LEFT, _RIGHT = 86, 26  # pixels beside the map and the strip
_HEAD, _LEGEND, _DAYS = 66, 26, 26  # pixels above the map, of the legend, and of the days below the strip
_DEGREES = 20  # pixels below the map, for its longitudes
_MOST_ROWS = 6  # patrols that are named on the strip
_CONTACT = 22.0  # area of the ring of a contact, square points
_LARGER = 2.0  # area of a mark, compared with that of other pictures
_PLANE_HALF = [
    (0, 11), (1.8, 7), (1.8, 3), (11, -2.5), (11, -5), (1.8, -2.5), (1.4, -7), (4.5, -9.5), (4.5, -11), (0, -10),
]  # fmt: skip  # an aircraft from above, from its nose to its tail, pixels
_PLANE = [*_PLANE_HALF, *((-x, y) for x, y in reversed(_PLANE_HALF))]
_CORNERS = (("left", "bottom", 13, 7), ("right", "bottom", -13, 7), ("left", "top", 13, -7), ("right", "top", -13, -7))


@dataclass
class Stage:
    """What a film draws on: the figure and what moves in it."""

    figure: Figure
    canvas: Any
    scenario: Scenario
    data: dict[str, Any]
    flights: list[Flight]
    axes: Axes
    strip: Axes
    shade: Rectangle
    tracks: LineCollection
    contacts: PathCollection
    ring: PathCollection
    marks: dict[str, PathCollection]
    planes: list[Polygon]
    labels: list[Annotation]
    counts: dict[str, Text]
    clock: tuple[Text, Text]
    weather: Text
    future: Rectangle
    now: Any
    shows_night: bool
    """Whether the map is darker by night."""
    taken: list[Bbox] = field(default_factory=list)
    """Where the names of bases and areas stand, pixels."""
    still: dict[bool, Any] = field(default_factory=dict)
    """What does not move, by whether the map is dark."""


def set_stage(results: Results, data: dict[str, Any], *, shows_night: bool = True) -> Stage:
    """Draw what does not move, from the data of a replay, and prepare what does."""
    scenario, flights = results.scenario, flights_of(data)
    figure = Figure(figsize=(WIDTH / _DPI, HEIGHT / _DPI), dpi=_DPI)
    canvas: Any = FigureCanvasAgg(figure)  # some of its methods have no types
    strip = _strip(figure, results, data)
    strip_top = round(strip.get_position().y1 * HEIGHT)
    axes, shade = _map(figure, scenario, strip_top + _LEGEND + _DEGREES + 8)
    planes, labels = _fleet(axes, flights, data["patrols"])
    tracks = LineCollection([], zorder=4.0, capstyle="round", animated=True)
    axes.add_collection(tracks, autolim=False)
    ring = axes.scatter([], [], s=250.0, facecolors="none", edgecolors=INK, linewidths=1.4, zorder=4.9, animated=True)
    ring.set_path_effects([HALO])
    contacts = axes.scatter([], [], s=_CONTACT, facecolors="none", edgecolors=MUTED, zorder=4.5, animated=True)
    stage = Stage(
        figure, canvas, scenario, data, flights, axes, strip, shade, tracks, contacts, ring,
        _marks(axes, animated=True), planes, labels, _legend(figure, strip_top + 4), _heading(figure, scenario, data),
        _corner(axes),
        *_moment_on_strip(strip, scenario.duration_h), shows_night,
    )  # fmt: skip
    canvas.draw()
    _use_fonts(figure)
    stage.taken = [text.get_window_extent() for text in axes.texts if text.get_text() and not text.get_animated()]
    stage.weather.set_text(weather_words(data, 0.0))
    if stage.weather.get_text():
        stage.taken.append(stage.weather.get_window_extent())
    return stage


def _corner(axes: Axes) -> Text:
    """The text of the weather, in the corner of the map."""
    text = axes.annotate(
        "", (0.0, 1.0), (8.0, -8.0), xycoords="axes fraction", textcoords="offset pixels", va="top", fontsize=9.5,
        zorder=6.5, animated=True,
    )  # fmt: skip
    text.set_path_effects([HALO])
    return text


def _rectangle(figure: Figure, left: float, bottom: float, width: float, height: float) -> Axes:
    """Axes in a rectangle in pixels."""
    return figure.add_axes((left / WIDTH, bottom / HEIGHT, width / WIDTH, height / HEIGHT))


def _map(figure: Figure, scenario: Scenario, bottom: int) -> tuple[Axes, Rectangle]:
    """The map, and the shade of its nights."""
    width, height = WIDTH - _LEFT - _RIGHT, HEIGHT - _HEAD - bottom
    axes = _rectangle(figure, _LEFT, bottom, width, height)
    axes.set_facecolor(_SEA)
    bounds = _filling(default_bounds(scenario), width / height)
    draw_basemap(axes, scenario, bounds, outlines_of_transfers(scenario))
    draw_bases(axes, scenario, bounds)
    shade = Rectangle((0, 0), 1, 1, transform=axes.transAxes, color=_NIGHT, alpha=_NIGHT_ALPHA, linewidth=0, zorder=2.2)
    axes.add_patch(shade)
    return axes, shade


def _filling(bounds: Bounds, ratio: float) -> Bounds:
    """Bounds that hold others, and whose width is their height times a ratio."""
    west, south, east, north = bounds
    width, height = max(east - west, ratio * (north - south)), max(north - south, (east - west) / ratio)
    x, y = (west + east) / 2.0, (south + north) / 2.0
    return x - width / 2.0, y - height / 2.0, x + width / 2.0, y + height / 2.0


def _strip(figure: Figure, results: Results, data: dict[str, Any]) -> Axes:
    """The strip of the whole deployment: nights, the sorties of each patrol, and what came of the transfers."""
    scenario = results.scenario
    patrols = [name if len(name) <= 11 else f"{name[:10]}…" for name in scenario.patrols]
    height = 20 * (min(len(patrols), _MOST_ROWS) + 1)
    axes = _rectangle(figure, _LEFT, _DAYS, WIDTH - _LEFT - _RIGHT, height)
    draw_sorties(axes, results, data["replication"])
    draw_days(axes, scenario)
    axes.set_xlabel("")
    axes.tick_params(labelsize=8.0, pad=2.0)
    row = len(patrols)
    axes.set_ylim(row + 0.6, -0.6)
    axes.set_yticks([*range(row), row], [*patrols, "transfers"])
    if row > _MOST_ROWS:
        axes.set_yticks([row], ["transfers"])
        axes.set_ylim(1.15 * row, -0.6)
    edges = [0.0, *data["light"]["light"][1:], scenario.duration_h]
    for number in range(int(data["light"]["light"][0]), len(edges) - 1, 2):
        axes.axvspan(edges[number], edges[number + 1], color=_NIGHT, alpha=0.13, linewidth=0.0, zorder=0.5)
    _mark_ends(axes, data, row)
    return axes


def _mark_ends(axes: Axes, data: dict[str, Any], row: int) -> None:
    """Mark on a row of the strip what came of each transfer, at its end."""
    for status, style in STATUS_MARKS.items():
        shown: dict[str, Any] = {**style, "s": 0.6 * float(style["s"])}
        if status == "missed":
            shown["color"] = INK
        ends = [transfer[5] for transfer in data["transfers"] if final_status(transfer) == status]
        axes.scatter(ends, [row] * len(ends), zorder=4.0, **shown)


def _marks(axes: Axes, **options: Any) -> dict[str, PathCollection]:
    """The marks of transfers by their status, at no place yet; two dots are one that is not detected yet."""
    dots = [Outline.circle((x, 0.0), 0.42) for x in (-0.5, 0.5)]
    undetected = {"marker": Outline.make_compound_path(*dots), "s": 30.0, "color": INK}
    found = {}
    for order, (status, style) in enumerate({UNDETECTED: undetected, **STATUS_MARKS}.items()):
        larger: dict[str, Any] = {**style, "s": _LARGER * float(style["s"])}
        if status == "missed":
            larger["color"] = INK
        found[status] = axes.scatter([], [], zorder=5.0 + 0.1 * order, **larger, **options)
    return found


def _fleet(axes: Axes, flights: Sequence[Flight], patrols: Sequence[str]) -> tuple[list[Polygon], list[Annotation]]:
    """A symbol and a label for each of the aircraft that fly at the same time."""
    begins, ends = (np.sort([flight.t[end] for flight in flights]) for end in (0, -1))
    flying = np.arange(1, len(flights) + 1) - np.searchsorted(ends, begins, side="right")  # at each take-off
    most = int(flying.max(initial=0))
    planes, labels = list[Polygon](), list[Annotation]()
    for _ in range(most):
        plane = Polygon(_PLANE, closed=True, edgecolor="white", linewidth=0.8, zorder=6.2, animated=True)
        plane.set_path_effects([withStroke(linewidth=3.2, foreground="white", alpha=0.85)])
        axes.add_patch(plane)
        planes.append(plane)
        name = " ".join(patrols)  # so that fonts are found for all of them
        label = axes.annotate(
            name, (0.0, 0.0), (0.0, 0.0), xycoords="figure pixels", textcoords="offset pixels", fontsize=10.0,
            weight="bold", zorder=6.4, animated=True,
        )  # fmt: skip
        label.set_path_effects([HALO])
        labels.append(label)
    return planes, labels


def _legend(figure: Figure, bottom: int) -> dict[str, Text]:
    """The marks of transfers in a line below the map, each with a text that will count them."""
    axes = _rectangle(figure, _LEFT, bottom, WIDTH - _LEFT - _RIGHT, _LEGEND)
    axes.set_axis_off()
    axes.set_xlim(0.0, 1.0)
    axes.set_ylim(0.0, 1.0)
    texts = {}
    for number, (status, mark) in enumerate(_marks(axes).items()):
        x = 0.012 + (0.0 if number == 0 else 0.09 + 0.182 * number)
        mark.set_offsets([(x, 0.5)])
        texts[status] = axes.text(x + 0.017, 0.47, "", va="center", fontsize=10.0, animated=True)
    return texts


def _heading(figure: Figure, scenario: Scenario, data: dict[str, Any]) -> tuple[Text, Text]:
    """The title, what is shown, and the two lines of the clock."""
    first_line, *others = wrapped(scenario.title, 52).split("\n")
    title = f"{first_line} …" if others else first_line
    top = 1.0 - 14.0 / HEIGHT
    figure.text(16.0 / WIDTH, top, title, fontsize=13.0, weight="bold", va="top")
    rings = "; rings are contacts" if data["contacts"] else ""
    whose = f"replication {data['replication']}, seed {data['seed']}"
    below = f"{whose}; the marks below count transfers so far{rings}"
    figure.text(16.0 / WIDTH, top - 25.0 / HEIGHT, below, fontsize=9.5, color=MUTED, va="top")
    first = figure.text(650.0 / WIDTH, top, "", fontsize=13.0, weight="bold", va="top", animated=True)
    second = figure.text(650.0 / WIDTH, top - 25.0 / HEIGHT, "", fontsize=11.0, va="top", animated=True)
    return first, second


def _moment_on_strip(strip: Axes, duration_h: float) -> tuple[Rectangle, Any]:
    """What covers the future on the strip, and the line of the moment."""
    low, high = strip.get_ylim()
    future = Rectangle((0.0, high), duration_h, low - high, color="white", alpha=0.66, linewidth=0, zorder=6.0)
    future.set_animated(True)
    strip.add_patch(future)
    (now,) = strip.plot([0.0, 0.0], [low, high], color=VERMILION, linewidth=2.0, zorder=7.0, animated=True)
    return future, now


def _use_fonts(figure: Figure) -> None:
    """Let all characters be seen: hidden ones as escapes, and those that the usual font lacks with other fonts."""
    show_hidden_characters(figure)
    lacking = characters_without_glyph(figure)
    lacking = use_fonts_with(figure, lacking) if lacking else lacking
    if lacking:
        warnings.warn(missing_glyph_text(lacking), MissingGlyphWarning, stacklevel=2)


def draw_moment(stage: Stage, hour: float) -> Frame:
    """Draw a moment of the deployment; return the pixels (HEIGHT, WIDTH, 4), which the next moment overwrites."""
    light = is_light(stage.data, hour)
    stage.canvas.restore_region(_still(stage, stage.shows_night and not light))
    _place_tracks(stage, hour)
    _place_contacts(stage, hour)
    _place_transfers(stage, hour)
    stage.weather.set_text(weather_words(stage.data, hour))
    flying = aircraft_at(stage.flights, hour)
    _place_aircraft(stage, flying)
    _set_clock(stage, hour, light)
    moving: tuple[Any, ...] = (stage.tracks, stage.contacts, stage.ring, *stage.marks.values(), stage.weather)
    for artist in moving:
        stage.axes.draw_artist(artist)
    for artist in (*stage.planes[: len(flying)], *stage.labels[: len(flying)]):
        stage.axes.draw_artist(artist)
    for artist in (stage.future, stage.now, *stage.counts.values(), *stage.clock):
        stage.figure.draw_artist(artist)
    return np.asarray(stage.canvas.buffer_rgba())


def _still(stage: Stage, is_dark: bool) -> Any:
    """What does not move, by day or by night; drawn when it is first wanted."""
    if is_dark not in stage.still:
        stage.shade.set_visible(is_dark)
        stage.canvas.draw()
        stage.still[is_dark] = stage.canvas.copy_from_bbox(stage.figure.bbox)
    return stage.still[is_dark]


def _place_tracks(stage: Stage, hour: float) -> None:
    """Put the tracks of the last hours in their place; older ones are fainter, and search legs are wide."""
    pieces = pieces_at(stage.flights, hour)
    styles = patrol_styles(stage.scenario)
    alphas = 1.0 - 0.85 * pieces.ages
    stage.tracks.set_segments(list(pieces.lines))
    stage.tracks.set_color([to_rgba(styles[name][0], a) for name, a in zip(pieces.patrols, alphas, strict=True)])
    stage.tracks.set_linewidth([2.0 if phase == "search" else 1.2 for phase in pieces.phases])


def _place_contacts(stage: Stage, hour: float) -> None:
    """Put a ring where each contact is; those that send no AIS have a colour and a wider line, and older ones fade."""
    contacts = contacts_at(stage.data, hour)
    stage.contacts.set_offsets(np.array([(one.x, one.y) for one in contacts]).reshape(-1, 2))
    stage.contacts.set_edgecolor([to_rgba(PURPLE if one.is_dark else MUTED, one.strength) for one in contacts])
    stage.contacts.set_linewidth([1.8 if one.is_dark else 1.1 for one in contacts])


def _place_transfers(stage: Stage, hour: float) -> None:
    """Put the marks of transfers in their places, and a ring about those whose ships lie alongside."""
    transfers = transfers_at(stage.data, hour)
    for status, mark in stage.marks.items():
        mine = [transfer for transfer in transfers if transfer.status == status]
        mark.set_offsets(np.array([(one.x, one.y) for one in mine]).reshape(-1, 2))
        mark.set_visible(bool(mine))
        if mine:
            mark.set_alpha([one.strength for one in mine])
    stage.ring.set_offsets(np.array([(one.x, one.y) for one in transfers if one.is_alongside]).reshape(-1, 2))
    for status, count in counts_at(stage.data, hour).items():
        stage.counts[status].set_text(f"{status}: {count}")


def _place_aircraft(stage: Stage, flying: Sequence[Aircraft]) -> None:
    """Put the aircraft in their places with their heading, and beside each its name and its phase."""
    styles = patrol_styles(stage.scenario)
    places = [tuple(stage.axes.transData.transform((one.x, one.y))) for one in flying]
    taken = [*stage.taken, *(Bbox.from_bounds(x - 9.0, y - 9.0, 18.0, 18.0) for x, y in places)]
    for one, (x, y), plane, label in zip(flying, places, stage.planes, stage.labels, strict=False):
        plane.set_facecolor(styles[one.patrol][0])
        plane.set_transform(Affine2D().rotate_deg(-one.course_deg).translate(x, y))
        label.set_text(visible_lines(f"{one.patrol}: {PHASE_STYLES[one.phase][1]}"))
        label.xy = (x, y)
        _place_label(stage, label, taken)


def _place_label(stage: Stage, label: Any, taken: list[Bbox]) -> None:
    """Put a label at the first corner beside its aircraft where no other text stands; without one it is not drawn."""
    for across, up, dx, dy in _CORNERS:
        label.set(ha=across, va=up)
        label.set_position((dx, dy))
        box = label.get_window_extent()
        within = stage.axes.bbox.contains(box.x0, box.y0) and stage.axes.bbox.contains(box.x1, box.y1)
        if within and not box.count_overlaps(taken):
            taken.append(box)
            label.set_visible(True)
            return
    label.set_visible(False)


def _set_clock(stage: Stage, hour: float, light: bool) -> None:
    """Set the clock, in UTC and in local time, and the moment on the strip."""
    now = stage.scenario.start + timedelta(minutes=round(60.0 * hour))
    local = now.astimezone(stage.scenario.local)
    first, second = stage.clock
    first.set_text(f"{now.day} {now:%b %Y}  {now:%H:%M} UTC")
    second.set_text(f"{local.day} {local:%b}  {local:%H:%M %Z}, {'light' if light else 'dark'}")
    stage.future.set_x(hour)
    stage.now.set_xdata([hour, hour])


def film_hours(duration_h: float, from_h: float | None, to_h: float | None, step_h: float | None) -> list[float]:
    """The hours of the frames of a film; raises InputError for hours that are none of the deployment."""
    begin, end = 0.0 if from_h is None else from_h, duration_h if to_h is None else to_h
    if not 0.0 <= begin < duration_h:
        raise refused(begin, f"an hour of the deployment: from 0, and before {duration_h:g}", key="--from-h")
    if not begin < end <= duration_h:
        raise refused(end, f"an hour of the deployment after {begin:g}, at most {duration_h:g}", key="--to-h")
    step = _usual_step_h(end - begin) if step_h is None else step_h
    if not (end - begin) / MOST_FRAMES < step <= end - begin:
        least = (end - begin) / MOST_FRAMES
        raise refused(step, f"more than {least:.2g} h and at most {end - begin:g} h", key="--step-h")
    return [begin + step * number for number in range(int((end - begin) / step + 1e-9) + 1)]


def _usual_step_h(span_h: float) -> float:
    """A round step, so that a film of some hours has few enough frames."""
    least = 60.0 * span_h / (FRAMES - 1)
    return next((step for step in _STEPS_MIN if step >= least), 1440.0 * np.ceil(least / 1440.0)) / 60.0


def save_replay_film(
    results: Any,
    path: str | Path,
    *,
    replication: int | None = None,
    from_h: float | None = None,
    to_h: float | None = None,
    step_h: float | None = None,
    frames_per_s: int | None = None,
    progress: Progress = no_progress,
) -> None:
    """Write the film of one replication of a run, in GIF or MP4 by the ending of the file. An error leaves no file.

    It shows the first recorded replication unless another is given, from `from_h` to `to_h`, by default the whole
    deployment, a frame for each `step_h`. Equal runs give equal files in GIF. Raises InputError for what is no run,
    where the replication was not recorded, for other hours, and for MP4 where the program ffmpeg is not installed.
    """
    path = picture_path(path, endings=FILMS)
    program = find_ffmpeg(path) if path.suffix == ".mp4" else ""
    results = run_results(results)
    data = replay_data(results, recorded_replication(results, replication))
    hours = film_hours(results.scenario.duration_h, from_h, to_h, step_h)
    rate = FRAMES_PER_S if frames_per_s is None else frames_per_s
    drop_drafts(path.parent)
    with styled(), whole_file(path) as draft:
        flickers = len(hours) > 1 and (hours[1] - hours[0]) * rate > _MOST_FLICKER_H
        stage = set_stage(results, data, shows_night=not flickers)
        if program:
            write_mp4(draft, _frames(stage, hours, progress), (WIDTH, HEIGHT), program, rate)
        else:
            write_gif(draft, _frames(stage, hours, progress), _samples(stage, hours), _COLOURS, rate)


_COLOURS = (WHITE, _SEA, LAND, *CYCLE, *STATUS_COLOURS.values(), INK, MUTED, COAST, GRATICULE)


def _frames(stage: Stage, hours: Sequence[float], progress: Progress) -> Iterator[Frame]:
    """The frames of a film."""
    for number, hour in enumerate(hours):
        progress(number, len(hours))
        yield draw_moment(stage, hour)


def _samples(stage: Stage, hours: Sequence[float]) -> list[Frame]:
    """A few frames from which the colours of a GIF are chosen: some from all parts of the film, by day and by night."""
    flying = [hour for hour in hours if aircraft_at(stage.flights, hour)] or list(hours)
    chosen = flying[:: max(1, len(flying) // 3)][:3]
    chosen += [next((hour for hour in hours if is_light(stage.data, hour) == light), hours[0]) for light in (0, 1)]
    return [draw_moment(stage, hour).copy() for hour in chosen]
