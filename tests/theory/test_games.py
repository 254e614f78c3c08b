"""Games of patrol and smuggler: linear programmes against closed forms, and what must hold for every game."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import minimize_scalar

from sim.model import game_theory, theory
from sim.study.exploit.games import (
    best_against_logit,
    best_mean,
    evenest,
    front,
    logit_chance,
    logit_reply,
    solve_zero_sum,
    worth,
)

RATIOS = (0.1, 0.25, 0.5, 1.0)
VALUES = {0.1: (0.0909, 0.05), 0.25: (0.2, 0.125), 0.5: (0.3333, 0.25), 1.0: (0.5, 0.5)}
games = arrays(float, st.tuples(st.integers(1, 6), st.integers(1, 6)), elements=st.floats(0.0, 1.0, width=32))


def informed_chance(matrix, shares, signs):
    """The chance that a perfect smuggler is detected who sees a sign of the plan before he chooses.

    `matrix` (plans, cells): the chances; `shares` (plans,): the mix that is flown; `signs` (plans, signs): the
    probability of each sign under each plan, of which one alone tells nothing, and as many as plans may tell all.
    """
    together = (np.asarray(shares, float)[:, None] * np.asarray(signs, float)).T @ np.asarray(matrix, float)
    return float(together.min(axis=1).sum())


def mixes(draw_from, count):
    """A mix of so many plans."""
    parts = np.array(draw_from.draw(st.lists(st.floats(0.01, 1.0), min_size=count, max_size=count)))
    return parts / parts.sum()


# ------------------------------------------------------------------------------------------------ closed forms
@pytest.mark.parametrize("ratio", RATIOS)
def test_the_line_is_worth_what_theory_says(ratio):
    by_lot, by_shuttle = VALUES[ratio]
    assert game_theory.line_by_lot(ratio * 70.0, 70.0) == pytest.approx(by_lot, abs=5e-5)
    assert game_theory.line_by_shuttle(ratio * 70.0, 70.0) == pytest.approx(by_shuttle, abs=5e-5)


def closed_walks(nodes, steps):
    """The sets of times at which each closed walk of a line of nodes, who may wait, is at each node: (walks, nodes)."""
    found = set()
    walks = [[place] for place in range(nodes)]
    for _ in range(steps - 1):
        walks = [[*walk, walk[-1] + step] for walk in walks for step in (-1, 0, 1) if 0 <= walk[-1] + step < nodes]
    for walk in walks:
        if abs(walk[0] - walk[-1]) <= 1:
            found.add(tuple(walk))
    return sorted(found)


def line_game(walks, nodes, steps, lasts):
    """Whether each walk, flown again and again, meets a transfer at a node that begins at a time and lasts so long."""
    at = np.zeros((len(walks), nodes, steps), bool)
    for row, walk in enumerate(walks):
        at[row, walk, np.arange(steps)] = True
    cells = [np.roll(at, -back, axis=2) for back in range(lasts)]
    return np.any(cells, axis=0).reshape(len(walks), -1).astype(float)


@pytest.mark.parametrize(("nodes", "lasts", "steps"), [(3, 1, 8), (4, 1, 6), (3, 2, 8), (4, 3, 6)])
def test_no_walk_of_a_small_line_does_better_than_theory_says(nodes, lasts, steps):
    """All plans there are: a line of n nodes, and transfers of m steps, so a / Len = m / (n - 1) without an error.

    A transfer that lasts m whole steps from any moment meets the m times of a walk, so time is not coarse here; places
    are the nodes, and the two ends and the nodes between them are all that the best smuggler uses.
    """
    walks = closed_walks(nodes, steps)
    value = solve_zero_sum(line_game(walks, nodes, steps, lasts)).guarantee
    assert value == pytest.approx(game_theory.line_by_lot(lasts, nodes - 1), abs=1e-7)


def families(nodes, steps, lasts):
    """Walks back and forth over the whole line and over each end, as far as a walk is back in time, in every phase."""
    found = []
    for low, high in {(0, nodes - 1), (0, lasts // 2), (nodes - 1 - lasts // 2, nodes - 1)}:
        cycle = [*range(low, high + 1), *range(high - 1, low, -1)]
        walk = [cycle[k % len(cycle)] for k in range(steps)]
        assert steps % len(cycle) == 0
        found += [tuple(np.roll(walk, phase)) for phase in range(len(cycle))]
    return sorted(set(found))


@pytest.mark.parametrize(("ratio", "nodes", "lasts"), [(0.1, 41, 4), (0.25, 33, 8), (0.5, 17, 8), (1.0, 9, 8)])
def test_shuttles_of_the_line_and_of_its_ends_are_worth_what_theory_says(ratio, nodes, lasts):
    """Patrols of three kinds, by linear programme: the value of the game, and that of the shuttle alone."""
    steps = int(np.lcm(2 * (nodes - 1), lasts))
    walks = families(nodes, steps, lasts)
    matrix = line_game(walks, nodes, steps, lasts)
    assert lasts / (nodes - 1) == ratio
    assert solve_zero_sum(matrix).guarantee == pytest.approx(game_theory.line_by_lot(ratio, 1.0), abs=1e-7)
    whole = np.array([max(walk) - min(walk) == nodes - 1 and len(set(walk)) == nodes for walk in walks])
    alone = solve_zero_sum(matrix[whole]).guarantee
    # In whole steps an end is passed once in 2 (n - 1) of them, so the shuttle has no error either.
    assert alone == pytest.approx(game_theory.line_by_shuttle(ratio, 1.0), abs=1e-7)


def test_a_place_by_lot_is_worth_what_theory_says_and_a_fixed_hour_nothing():
    hours, seen = 24, 12
    fixed = (np.arange(hours) < seen) * 0.75
    matrix = np.array([np.roll(fixed, hour) for hour in range(hours)])
    assert 0.75 * theory.seen_by_lot(8.0, 4.0, 24.0) == 0.375
    mix = solve_zero_sum(matrix)
    assert mix.guarantee == pytest.approx(0.375)
    assert worth(matrix, np.eye(hours)[0]).guarantee == 0.0
    assert game_theory.place_by_daily_lot(8.0, 4.0, 24.0, 0.75) == pytest.approx(0.375 - 0.1875**2)


AREAS = st.tuples(st.floats(0.05, 1.0), st.floats(0.05, 1.0), st.floats(0.1, 10.0), st.floats(0.1, 10.0))


def losses(chances, values):
    """The patrol's payoff in the game of two areas: what the smuggler does not gain."""
    (p_1, p_2), (r_1, r_2) = chances, values
    return -np.array([[r_1 * (1.0 - p_1), r_2], [r_1, r_2 * (1.0 - p_2)]])


@given(AREAS)
def test_two_areas_have_the_mix_and_the_value_that_were_derived(areas):
    chances, values = areas[:2], areas[2:]
    found, game = game_theory.two_areas(chances, values), losses(chances, values)
    mix = solve_zero_sum(game)
    assert -mix.guarantee == pytest.approx(found.gain, rel=1e-6, abs=1e-9)
    assert -worth(game, np.array([found.share, 1.0 - found.share])).guarantee == pytest.approx(found.gain, rel=1e-9)
    if 1e-3 < found.share < 1.0 - 1e-3:
        assert mix.shares[0] == pytest.approx(found.share, abs=1e-5)
        assert mix.reply[0] == pytest.approx(found.reply, abs=1e-5)


@given(AREAS, st.floats(0.05, 20.0))
def test_two_areas_against_a_logit_smuggler_have_the_best_mix_that_was_derived(areas, rationality):
    chances, values = areas[:2], areas[2:]
    found, game = game_theory.two_areas(chances, values, rationality), losses(chances, values)

    def gain(share):
        return -logit_chance(game, np.array([share, 1.0 - share]), rationality)

    grid = np.linspace(0.0, 1.0, 201)
    near = grid[int(np.argmin([gain(share) for share in grid]))]
    best = minimize_scalar(gain, bounds=(max(0.0, near - 0.01), min(1.0, near + 0.01)), method="bounded").fun
    assert gain(found.share) == pytest.approx(found.gain, rel=1e-9)
    assert found.gain <= min(best, gain(0.0), gain(1.0)) + 1e-7 * max(values)


def test_a_very_rational_smuggler_is_a_perfect_one_and_one_without_reason_is_blind():
    chances, values = (0.6, 0.4), (1.0, 0.8)
    perfect = game_theory.two_areas(chances, values)
    keen, blind = (game_theory.two_areas(chances, values, rationality) for rationality in (1e4, 0.0))
    assert keen.share == pytest.approx(perfect.share, abs=1e-3)
    assert keen.gain == pytest.approx(perfect.gain, abs=1e-3)
    assert keen.reply == pytest.approx(perfect.reply, abs=0.1)
    assert (blind.share, blind.reply) == (1.0, 0.5)
    with pytest.raises(ValueError, match="above 0"):
        game_theory.two_areas((0.0, 0.0), (1.0, 1.0))


# ------------------------------------------------------------------------------------------------ every game
@given(games, st.data())
def test_no_mix_guarantees_more_than_the_solution_and_none_more_than_its_best_reply(matrix, data):
    best, mix = solve_zero_sum(matrix), mixes(data, len(matrix))
    one = worth(matrix, mix)
    assert one.guarantee <= best.guarantee + 1e-7
    assert one.guarantee <= one.mean + 1e-12
    assert one.guarantee == pytest.approx((mix @ matrix) @ one.reply)
    assert np.all(matrix @ best.reply <= best.guarantee + 1e-7)  # no plan does better against the reply of the game
    assert best.shares.sum() == pytest.approx(1.0)
    assert np.all(best.shares >= 0.0)


@given(games, st.data())
def test_more_plans_never_lower_the_guarantee_and_more_cells_never_raise_it(matrix, data):
    plans = data.draw(st.integers(1, len(matrix)))
    cells = data.draw(st.integers(1, matrix.shape[1]))
    assert solve_zero_sum(matrix[:plans]).guarantee <= solve_zero_sum(matrix).guarantee + 1e-7
    assert solve_zero_sum(matrix[:, :cells]).guarantee >= solve_zero_sum(matrix).guarantee - 1e-7


@given(games, st.data())
def test_one_who_is_better_informed_never_does_worse(matrix, data):
    shares = mixes(data, len(matrix))
    signs = np.array([mixes(data, 3) for _ in matrix])
    merged = np.column_stack([signs[:, 0] + signs[:, 1], signs[:, 2]])
    nothing, everything = np.ones((len(matrix), 1)), np.eye(len(matrix))
    chances = [informed_chance(matrix, shares, known) for known in (nothing, merged, signs)]
    chances.append(informed_chance(matrix, shares, everything))
    assert chances[0] == pytest.approx(worth(matrix, shares).guarantee)
    assert all(better <= worse + 1e-12 for worse, better in zip(chances, [*chances[1:], chances[-1]], strict=True))
    assert chances[-1] == pytest.approx(shares @ matrix.min(axis=1))


@given(games)
def test_the_front_goes_from_the_best_guarantee_to_the_best_mean(matrix):
    points, safest, greatest = front(matrix, points=5), solve_zero_sum(matrix), best_mean(matrix)
    assert points[0].guarantee == pytest.approx(safest.guarantee, abs=1e-7)
    assert points[-1].mean == pytest.approx(greatest.mean, abs=1e-6)
    guarantees, means = [mix.guarantee for mix in points], [mix.mean for mix in points]
    assert np.all(np.diff(guarantees) <= 1e-7)
    assert np.all(np.diff(means) >= -1e-7)
    even = evenest(matrix, safest.guarantee - 1e-6, safest.mean - 1e-6)
    assert even.shares.max() <= safest.shares.max() + 1e-6


@settings(max_examples=30)
@given(games, st.floats(0.0, 50.0))
def test_the_mix_against_a_logit_smuggler_is_no_worse_than_those_that_it_began_with(matrix, rationality):
    found = best_against_logit(matrix, rationality)
    chance = logit_chance(matrix, found.shares, rationality)
    starts = [solve_zero_sum(matrix).shares, best_mean(matrix).shares, np.full(len(matrix), 1.0 / len(matrix))]
    assert all(chance >= logit_chance(matrix, start, rationality) - 1e-9 for start in starts)
    assert found.guarantee - 1e-9 <= chance <= best_mean(matrix).mean + 1e-7


@given(games, st.floats(0.0, 50.0), st.floats(0.0, 50.0))
def test_a_more_rational_smuggler_is_detected_no_more_often(matrix, one, other):
    low, high = sorted((one, other))
    shares = np.full(len(matrix), 1.0 / len(matrix))
    assert logit_chance(matrix, shares, high) <= logit_chance(matrix, shares, low) + 1e-9
    assert worth(matrix, shares).guarantee <= logit_chance(matrix, shares, high) + 1e-12


def test_a_logit_smuggler_chooses_by_his_rationality():
    reply = logit_reply(np.array([0.3, 0.2]), 10.0)
    assert reply[1] / reply[0] == pytest.approx(np.e)
    usual = np.array([0.25, 0.75, 0.0])
    assert logit_reply(np.array([0.1, 0.9, 0.0]), 0.0, usual) == pytest.approx(usual)
    assert logit_reply(np.array([0.1, 0.9, 0.0]), 1e5, usual) == pytest.approx([1.0, 0.0, 0.0])


@pytest.mark.parametrize("matrix", [np.zeros((0, 3)), np.array([[np.nan]]), np.ones((2, 2, 2))])
def test_what_is_no_game_is_refused(matrix):
    with pytest.raises(ValueError, match="game"):
        solve_zero_sum(matrix)


@pytest.mark.parametrize("weights", [[1.0], [-1.0, 2.0], [0.0, 0.0]])
def test_weights_that_do_not_fit_are_refused(weights):
    with pytest.raises(ValueError, match="weights"):
        solve_zero_sum(np.ones((2, 2)), np.array(weights))
    with pytest.raises(ValueError, match="rationality"):
        logit_reply(np.ones(2), -1.0)


def test_all_walks_are_walks():
    for walk in closed_walks(3, 5):
        assert all(abs(a - b) <= 1 for a, b in zip(walk, [*walk[1:], walk[0]], strict=True))
    assert len(closed_walks(2, 3)) == len(list(product((0, 1), repeat=3)))
