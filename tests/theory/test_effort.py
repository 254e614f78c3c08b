"""Search effort by place, held to areas, hours and gaps that are counted in another way."""

import numpy as np
import pytest

from sim import load_scenario
from sim.scenario.problems import InputError
from sim.study.maps.coverage import Grid
from sim.study.maps.effort import effort, revisit, sweep_widths_nmi
from sim.study.maps.searches import FlownSortie

GRID = Grid.over((0.0, 0.0, 300.0, 200.0), 600)
END_H = 24.0


def legs_of(rng, count):
    """Legs (n, 6) that join, in a part of the grid that keeps its margin from the edge, half an hour each."""
    points = rng.uniform((80.0, 70.0), (220.0, 130.0), (count + 1, 2))
    hours = 1.0 + 0.5 * np.arange(count + 1)
    return np.column_stack([hours[:-1], hours[1:], points[:-1], points[1:]])


def flown_of(rng, replications=3, legs=12):
    return [(number, [FlownSortie("p", legs_of(rng, legs))]) for number in range(replications)]


def test_hours_over_the_cells_add_up_to_the_hours_flown():
    flown = flown_of(np.random.default_rng(1))
    found = effort(GRID, flown, {"p": 20.0})
    assert found.hours.sum() == pytest.approx(6.0, rel=1e-12)
    assert found.replications == 3


@pytest.mark.parametrize("width_nmi", [3.0, 20.0, 60.0])
def test_the_area_swept_is_shared_out_among_the_cells(width_nmi):
    """A cell counts as a square along the leg, so the sum over cells differs a little from W L where W is small."""
    flown = flown_of(np.random.default_rng(2), 20)
    length = sum(np.hypot(*(sortie.legs[:, 4:6] - sortie.legs[:, 2:4]).T).sum() for _, (sortie,) in flown)
    swept = effort(GRID, flown, {"p": width_nmi}).coverage_factor.sum() * GRID.side**2 * len(flown)
    assert swept == pytest.approx(width_nmi * length, rel=0.03)


def test_one_straight_leg_along_the_cells_covers_them_by_their_share():
    y = float(GRID.y[5])
    leg = np.array([[0.0, 1.0, GRID.x[3] - GRID.side / 2.0, y, GRID.x[9] + GRID.side / 2.0, y]])
    factor = effort(GRID, [(0, [FlownSortie("p", leg)])], {"p": 2.0 * GRID.side}).coverage_factor
    expected = np.zeros_like(factor)
    expected[5, 3:10] = 1.0
    expected[[4, 6], 3:10] = 0.5
    assert factor == pytest.approx(expected, abs=1e-12)


def looks_by_steps(flown, range_nmi, step_h=1.0 / 720.0):
    """Whether each cell is looked at in each step, (replications, cells, steps)."""
    hours = np.arange(0.0, END_H, step_h) + step_h / 2.0
    seen = np.zeros((len(flown), len(GRID.cells), hours.size), bool)
    for number, (_, (sortie,)) in enumerate(flown):
        for t0, t1, x0, y0, x1, y1 in sortie.legs:
            during = np.flatnonzero((hours >= t0) & (hours < t1))
            share = (hours[during] - t0) / (t1 - t0)
            places = np.column_stack([x0 + share * (x1 - x0), y0 + share * (y1 - y0)])
            far = np.hypot(*(GRID.cells[:, None, :] - places[None, :, :]).transpose(2, 0, 1))
            seen[number][:, during] |= far < range_nmi
    return seen, step_h


def gaps_of(seen, step_h):
    """The lengths of the stretches without a look in one row of steps, hours."""
    edges = np.diff(np.concatenate([[0], (~seen).astype(int), [0]]))
    return (np.flatnonzero(edges < 0) - np.flatnonzero(edges > 0)) * step_h


def looks_of(seen):
    """The number of stretches with a look in one row of steps."""
    return np.count_nonzero(np.diff(np.concatenate([[0], seen.astype(int)])) > 0)


def test_gaps_between_looks_agree_with_small_steps():
    flown = flown_of(np.random.default_rng(3), 2, 8)
    found = revisit(GRID, flown, {"p": 25.0}, END_H)
    seen, step_h = looks_by_steps(flown, 25.0)
    alike = 0
    cells = range(0, len(GRID.cells), 7)
    for cell in cells:
        gaps = [gaps_of(row, step_h) for row in seen[:, cell]]
        every, place = np.concatenate(gaps), np.unravel_index(cell, found.looks.shape)
        # Steps do not see a look, or a gap, that is shorter than they are: few places have one.
        if found.looks[place] == np.mean([looks_of(row) for row in seen[:, cell]]):
            assert found.response_h[place] == pytest.approx((every**2).sum() / (2.0 * END_H * 2), abs=0.01)
            assert found.longest_gap_h[place] == pytest.approx(np.mean([one.max() for one in gaps]), abs=3 * step_h)
            assert found.mean_gap_h[place] == pytest.approx(every.mean(), abs=3 * step_h)
            alike += 1
    assert alike > 0.95 * len(cells)


def test_looks_at_the_ends_of_the_deployment_count_and_so_does_one_without_an_end():
    place = [150.0, 100.0, 151.0, 100.0]
    for hours, looks in (
        ([(0.0, 1.0)], 1),
        ([(23.0, 24.0)], 1),
        ([(0.0, 1.0), (5.0, 6.0), (23.0, 24.0)], 3),
        ([(0.0, 24.0)], 1),
        ([(2.0, 3.0), (3.0, 4.0)], 1),
    ):
        flown = [(0, [FlownSortie("p", np.array([[*span, *place]])) for span in hours])]
        found = revisit(GRID, flown, {"p": 40.0}, END_H)
        assert (found.looks.max(), found.looks.min()) == (looks, 0.0)


def test_a_place_that_nobody_looks_at_has_one_gap_of_the_whole_deployment():
    found = revisit(GRID, flown_of(np.random.default_rng(4)), {"p": 5.0}, END_H)
    assert found.looks[0, 0] == 0.0
    for values in (found.mean_gap_h, found.longest_gap_h, found.percentile_gap_h):
        assert values[0, 0] == END_H
    assert found.response_h[0, 0] == END_H / 2.0
    assert found.looks.max() > 1.0


def test_the_sweep_width_is_that_of_the_widest_sensor_for_silent_ships_or_of_the_named_one():
    scenario = load_scenario("neon-crew")
    (width,) = set(sweep_widths_nmi(scenario).values())
    radar = scenario.sensors["radar"].law.sweep_width_nmi(scenario.aircraft["cp140"].search_speed_kn)
    assert width == pytest.approx(radar)
    assert sweep_widths_nmi(scenario, "ais")["aurora"] > width
    with pytest.raises(InputError, match="a sensor with a detection law"):
        sweep_widths_nmi(scenario, "radr")
