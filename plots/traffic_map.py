"""The map of background ships: how many are where, by class, along lanes and in areas, and who has AIS on."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib as mpl
import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from matplotlib.patheffects import withStroke

from plots.area_names import name_areas
from plots.basemap import Bounds, draw_basemap, path_of, view
from plots.bases import draw_bases
from plots.field_map import draw_field, outlines_of_transfers
from plots.place_names import PLACE_NAME
from plots.run_page import DASHES
from plots.style import CYCLE, GRATICULE, add_legend, save, set_heading, styled, wrapped
from sim.core.arrays import Floats
from sim.core.palette import GREEN, INK, VERMILION
from sim.scenario.load import Given, load_scenario
from sim.scenario.schema import Scenario
from sim.scenario.tables import mean_count_text
from sim.scenario.wording import period_text
from sim.study.maps.coverage import places_of_interest
from sim.study.maps.traffic import CELLS, PER_NMI2, TrafficField, make_traffic, places_of_traffic, present_by_day

_PAGE_WIDTH = 8.2  # inches
_MAP_WIDTH = 6.3  # inches, of the large map, beside which the scale stands
_COLUMNS, _MOST_COLUMNS = 3, 4  # small maps in a row, and in one that spares a row
_MOST_PANELS = 6  # classes of which a small map is drawn, those with the most ships
_COLOURS = "Blues"  # sequential: its lightness falls evenly, so it can be read in a grey print
_PALE, _DARK = 0.12, 0.85  # the range of these colours that is used: white is a sea without ships
_STEPS = (1.0, 2.0, 5.0)
_MOST_STEPS = 8  # steps of the scale of densities, so that neighbours differ in a grey print too
_THIN, _THICK = 0.8, 4.0  # points: the widths of the lanes with the least and the most ships a day
_LETTERS = 88  # letters of the titles of a row of small maps
_PAGE = 112  # letters of a line below the map
_MARGIN_NMI = 40.0
_ABOVE_LANES = 5.0  # the drawing order of names of ports and islands, which no lane may hide
_AREA = "area of ships "  # begins the mark of the outline of an area


def scale_of(fields: Sequence[Floats]) -> Floats:
    """The steps of a scale of densities, at 1, 2 and 5 of each power of ten, that holds the greatest density.

    Densities are shown in steps, so that small differences make no pattern. The steps go down from the greatest density
    to the smallest, eight at most.
    """
    there = np.concatenate([np.zeros(0), *(field[np.isfinite(field) & (field > 0.0)] for field in fields)])
    if not there.size:
        return np.array([0.0, 1.0])
    powers = range(int(np.floor(np.log10(there.min()))), int(np.floor(np.log10(there.max()))) + 2)
    steps = [step * 10.0**power for power in powers for step in _STEPS]
    last = next(number for number, step in enumerate(steps) if step >= there.max() * (1.0 - 1e-9))
    first = max(number for number, step in enumerate([0.0, *steps]) if step <= there.min()) - 1
    first = max(0, first, last - _MOST_STEPS)
    return np.array(steps[min(first, last - 1) : last + 1] if last else [steps[0] / 2.0, steps[0]])


def _colours(scale: Floats) -> tuple[ListedColormap, BoundaryNorm]:
    """A colour for each step of a scale; what lies below it has the first, and where nothing is there is none."""
    count = len(scale) - 1
    shades = mpl.colormaps[_COLOURS](np.linspace(_PALE, _DARK, count) if count > 1 else [0.45])
    return ListedColormap(shades), BoundaryNorm(scale, count)


def draw_traffic(
    axes: Axes,
    scenario: Scenario,
    field: TrafficField,
    bounds: Bounds,
    *,
    values: Floats | None = None,
    scale: Floats | None = None,
    small: bool = False,
) -> Any:
    """Draw the density of ships on axes with lanes, outlines, land and bases; return the image.

    `values`, (ny, nx), is drawn in place of the density of all ships, in the steps of `scale`. A small map, one of
    several on a page, has no names, degrees, lanes or bases.
    """
    values = field.where_ships_are(field.density if values is None else values)
    scale = scale_of([values]) if scale is None else scale
    colours, norm = _colours(scale)
    image = draw_field(axes, field.grid, values, top=1.0, smooth=False)
    image.set(cmap=colours, norm=norm, gid="traffic-field")
    draw_basemap(axes, scenario, bounds, outlines_of_transfers(scenario), small=small)
    if not small:
        outlined = _draw_outlines(axes, scenario, field, bounds)
        _draw_lanes(axes, field, bounds)
        name_areas(axes, outlined, [shape for _, shape, _ in lanes_of(field)], bounds)
        draw_bases(axes, scenario, bounds)
    return image


def _is_line(shape: Any) -> bool:
    return shape.geom_type in ("LineString", "MultiLineString")


def _draw_outlines(axes: Axes, scenario: Scenario, field: TrafficField, bounds: Bounds) -> dict[str, Any]:
    """Draw the outlines of areas with ships, each once; return the part of each on the map by the name of the area."""
    drawn, frame = {*outlines_of_transfers(scenario), *(name for name, _, _ in lanes_of(field))}, shapely.box(*bounds)
    found = dict[str, Any]()
    for _, one in field.shapes:
        if _is_line(one.shape) or one.label in drawn:
            continue
        drawn.add(one.label)
        outline = PathPatch(
            path_of(one.shape), facecolor="none", edgecolor=GREEN, linewidth=1.1, linestyle=(0, (1.5, 1.2)), zorder=2.9,
        )  # fmt: skip
        outline.set_gid(f"{_AREA}{one.label}")
        outline.set_path_effects([withStroke(linewidth=2.2, foreground="white", alpha=0.55)])
        axes.add_patch(outline)
        shown = shapely.intersection(one.shape, frame)
        if not shown.is_empty:
            found[one.label] = shown
    return found


def lanes_of(field: TrafficField) -> list[tuple[str, Any, float]]:
    """The lanes of a field in the order of their names: source and label, the line, and the ships a day along it."""
    found = [
        (one.label if name in one.label else f"{name}, {one.label}", one.shape, one.ships_a_day or 0.0)
        for name, one in field.shapes
        if _is_line(one.shape)
    ]
    return sorted(found, key=lambda lane: lane[0])


def _width(flow: float, greatest: float) -> float:
    """The width of the line of a lane, points."""
    return _THIN + (_THICK - _THIN) * flow / greatest if greatest > 0.0 else _THIN


def _draw_lanes(axes: Axes, field: TrafficField, bounds: Bounds) -> None:
    """Draw the lines of lanes, the wider the more ships go along them, each with its number in the list below."""
    lanes, frame = lanes_of(field), shapely.box(*bounds)
    greatest = max((flow for _, _, flow in lanes), default=0.0)
    for number, (name, shape, flow) in enumerate(lanes, 1):
        parts = [np.asarray(part.coords) for part in shapely.get_parts(shape)]
        lines = LineCollection(parts, colors=VERMILION, linewidths=_width(flow, greatest), zorder=4.0, capstyle="round")
        lines.set_gid(f"lane {name}")
        lines.set_path_effects([withStroke(linewidth=_width(flow, greatest) + 1.4, foreground="white", alpha=0.8)])
        axes.add_collection(lines, autolim=False)
        shown = max(shapely.get_parts(shapely.intersection(shape, frame)), key=shapely.length, default=None)
        if shown is None or shown.is_empty:
            continue
        place = shapely.line_interpolate_point(shown, _place_of_number(number), normalized=True)
        text = axes.text(
            place.x, place.y, str(number), fontsize=7.0, weight="bold", color=INK, ha="center", va="center", zorder=6.2,
            bbox={"boxstyle": "circle,pad=0.22", "facecolor": "white", "edgecolor": VERMILION, "linewidth": 0.9},
        )  # fmt: skip
        text.set_gid("lane-number")
    for text in axes.texts:
        if text.get_gid() == PLACE_NAME:
            text.set_zorder(_ABOVE_LANES)


def _place_of_number(number: int) -> float:
    """The part of a lane at which its number stands: it differs, so that lanes side by side are told apart."""
    return (0.5, 0.35, 0.65)[number % 3]


# ---------------------------------------------------------------------------------------------------- the page
def figure_traffic(scenario: Given, *, day: str | None = None, vessel: str | None = None, cells: int = CELLS) -> Figure:
    """Draw where background ships are: a loaded scenario, a file, a name, or its tables.

    Below the map of all ships stand a small one of each class, one of the ships with their AIS on, one for each
    receiver of AIS among the observers and, where numbers change with the season, a chart of them over the year. `day`
    is a month and a day such as 05-01, or a date; `vessel` is the name of a class. Raises InputError for a scenario
    without background ships, for a text that names no day, and for a class that no ship has.
    """
    scenario = load_scenario(scenario)
    bounds = view([*places_of_interest(scenario), *places_of_traffic(scenario)], _MARGIN_NMI)
    field = make_traffic(scenario, bounds, day=day, vessel=vessel, cells=cells)
    panels = _panels(field)
    scale = scale_of([field.where_ships_are(values) for values in (field.density, *(values for _, values in panels))])
    by_day = present_by_day(scenario, vessel)
    page = _Page.of(bounds, len(panels), by_day is not None)
    figure, axes = page.figure, page.axes
    image = draw_traffic(axes, scenario, field, bounds, scale=scale)
    for panel, (title, values) in zip(page.small, panels, strict=True):
        draw_traffic(panel, scenario, field, bounds, values=values, scale=scale, small=True)
        panel.set_title(wrapped(title, _LETTERS // page.cells.ncols), loc="left", fontsize=9.0, weight="bold")
    _add_scale(figure, axes, image, scale)
    if by_day is not None and page.chart is not None:
        _draw_year(page.chart, field, *by_day)
    _add_words(figure, axes, field)
    set_heading(axes, wrapped(f"{scenario.title}: {_subject(vessel)}", 66), _subtitle(scenario, field, day), 66)
    page.close_gaps()
    return figure


def _subject(vessel: str | None) -> str:
    return "background ships" if vessel is None else f"ships of the class {vessel}"


def _panels(field: TrafficField) -> list[tuple[str, Floats]]:
    """The small maps: of each class if there are several, of the ships with AIS on, and of the ships heard."""
    found = []
    if len(field.by_class) > 1:
        names = list(field.by_class)[:_MOST_PANELS]
        found += [(f"{name}: {mean_count_text(field.present[name])}", field.by_class[name]) for name in names]
    if field.present_ais_on < field.total * (1.0 - 1e-9):
        found.append(
            (f"AIS on: {mean_count_text(field.present_ais_on)} of {mean_count_text(field.total)}", field.ais_on)
        )
    found += [(f"heard by {name}: {_share_text(chance)}", values) for name, (values, chance) in field.heard.items()]
    return found


def _share_text(share: float) -> str:
    """A share in per cent, with three digits."""
    return f"{100.0 * share:.3g} %"


class _Page(NamedTuple):
    """A page with a large map, rows of small ones, and the chart of a year."""

    figure: Figure
    cells: GridSpec
    axes: Axes
    small: list[Axes]
    chart: Axes | None

    @classmethod
    def of(cls, bounds: Bounds, panels: int, has_chart: bool) -> "_Page":
        """Make a page for maps of some bounds, so many of them small."""
        tall = (bounds[3] - bounds[1]) / (bounds[2] - bounds[0])
        columns = _MOST_COLUMNS if panels == _MOST_COLUMNS or panels > 2 * _COLUMNS else _COLUMNS
        rows = -(-panels // columns)
        heights = [_MAP_WIDTH * tall] + [_MAP_WIDTH / columns * tall + 0.25] * rows + [1.5] * has_chart
        figure = Figure(figsize=(_PAGE_WIDTH, sum(heights) + 2.0), layout="constrained")
        cells = figure.add_gridspec(len(heights), columns, height_ratios=heights)
        axes = figure.add_subplot(cells[0, :], anchor="NW")
        small = [figure.add_subplot(cells[1 + n // columns, n % columns], anchor="NW") for n in range(panels)]
        return cls(figure, cells, axes, small, figure.add_subplot(cells[-1, :]) if has_chart else None)

    def close_gaps(self) -> None:
        """Make the finished page as low as its maps let it be, where the width of the page decides their size."""
        engine = self.figure.get_layout_engine()
        if engine is None:
            return
        engine.execute(self.figure)
        tall, unused, heights = self.figure.get_figheight(), 0.0, list[float]()
        for axes in (self.axes, *self.small[:: self.cells.ncols]):
            axes.apply_aspect()
            heights.append(tall * axes.get_position().height)
            unused += tall * axes.get_position(original=True).height - heights[-1]
        heights += [] if self.chart is None else [tall * self.chart.get_position().height]
        self.cells.set_height_ratios(heights)
        self.figure.set_figheight(tall - unused)


def _add_scale(figure: Figure, axes: Axes, image: Any, scale: Floats) -> None:
    """Add the bar of the steps of density beside the map."""
    bar = figure.colorbar(image, ax=axes, fraction=0.06, shrink=0.7, pad=0.02, aspect=28, ticks=scale, panchor=False)
    bar.set_ticklabels([f"{step:g}" for step in scale])
    bar.set_label(f"mean number of ships in {PER_NMI2:,.0f} square nautical miles")
    bar.outline.set_edgecolor("none")


def _subtitle(scenario: Scenario, field: TrafficField, day: str | None) -> str:
    """When, how many, and how large the cells are."""
    when = (
        f"mean of the deployment, {period_text(scenario)}"
        if day is None
        else f"mean of {field.period.label}, local time"
    )
    present = f"{mean_count_text(field.total)} ships present on average"
    return f"{when}\n{present}; cells of {field.grid.side:.1f} nmi; white: no ships"


def _add_words(figure: Figure, axes: Axes, field: TrafficField) -> None:
    """Add the legend of outlines and lanes, and below it the lanes by their numbers."""
    lanes = lanes_of(field)
    handles: list[Any] = [Line2D([], [], color=INK, linewidth=1.0, linestyle=(0, (5, 3)))]
    labels = ["area of transfers"]
    if any(str(patch.get_gid()).startswith(_AREA) for patch in axes.patches):
        handles.append(Line2D([], [], color=GREEN, linewidth=1.1, linestyle=(0, (1.5, 1.2))))
        labels.append("area of other ships")
    for flow in _flows_in_legend([flow for _, _, flow in lanes]):
        greatest = max(flow for _, _, flow in lanes)
        handles.append(Line2D([], [], color=VERMILION, linewidth=_width(flow, greatest)))
        labels.append(f"lane: {flow:.3g} ships a day")
    words = [f"{number}  {name}: {flow:.3g} a day" for number, (name, _, flow) in enumerate(lanes, 1)]
    add_legend(
        figure, handles, labels, loc="outside lower center", ncols=min(4, len(labels)), fontsize=8.5,
        columnspacing=1.6, title=_in_columns(words), title_fontsize=8.5, alignment="left",
    )  # fmt: skip


def _in_columns(words: Sequence[str]) -> str:
    """The lanes with their numbers, as lines of a page."""
    return wrapped("    ".join(word.replace(" ", "\u00a0") for word in words), _PAGE) if words else ""


def _flows_in_legend(flows: Sequence[float]) -> Iterator[float]:
    """The least and the greatest flow of lanes, or the one that all have."""
    if flows:
        yield max(flows)
        if min(flows) < 0.95 * max(flows):
            yield min(flows)


def _draw_year(axes: Axes, field: TrafficField, days: Sequence[date], by_class: dict[str, Floats]) -> None:
    """Draw the numbers present over the year, a line for each class that changes, and the time that the map shows."""
    at = [_number(day) for day in days]
    for number, (name, values) in enumerate(by_class.items()):
        axes.step(
            at, values, where="post", label=name, color=CYCLE[number % len(CYCLE)],
            linestyle=DASHES[number % len(DASHES)], linewidth=1.5,
        )  # fmt: skip
    first, last = (min(max(_number(day), at[0]), at[-1]) for day in field.days)
    axes.axvspan(first, last, color=GRATICULE, alpha=0.3, linewidth=0.0, label="shown on the map")
    axes.set_ylim(0.0, 1.08 * max(float(values.max()) for values in by_class.values()))
    axes.set_xlim(at[0], at[-1] + 1.0)
    months = [day for day in days if day.day == 1]
    axes.set_xticks([_number(day) for day in months], [f"{day:%b}" for day in months], ha="left")
    axes.set_ylabel(f"present in {days[0].year}")
    axes.legend(
        loc="lower left", bbox_to_anchor=(-0.01, 0.98), ncols=min(4, len(by_class) + 1), fontsize=8.5, columnspacing=1.2
    )


def _number(day: date) -> float:
    """A day as a place along the axis of days."""
    return float(day.toordinal())


def save_traffic(
    scenario: Given, path: str | Path, *, day: str | None = None, vessel: str | None = None, cells: int = CELLS
) -> None:
    """Draw where background ships are and write it to a file; options and errors are those of `figure_traffic`."""
    with styled():
        save(figure_traffic(scenario, day=day, vessel=vessel, cells=cells), path)
