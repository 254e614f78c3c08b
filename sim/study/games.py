"""Games between a patrol and a smuggler: the mix of plans that leaves no gap, and replies to it.

A game is a matrix of chances (plans, cells): the chance that a transfer in a cell is detected while the patrol flies a
plan. A cell is whatever the smuggler chooses, such as a start hour and a place. The patrol draws its plan from a mix,
which the smuggler knows; he does not know what was drawn. A perfect smuggler replies with the cell of the least chance,
so the mix guarantees the least of its chances. The mix with the best guarantee is the solution of a zero-sum game (von
Neumann, Mathematische Annalen 100, 1928), and a linear programme finds it (Dantzig, in Koopmans, Activity Analysis of
Production and Allocation, 1951, chapter 20). A logit smuggler chooses each cell with a weight that falls with its
chance: the quantal response of McKelvey and Palfrey (Games and Economic Behavior 10, 1995).
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from sim.core.arrays import Floats

_SLACK = 1e-9  # by which a mix may miss the best guarantee or mean and still count as equally good
_MOST_STEPS = 500  # of a search from one start


class Mix(NamedTuple):
    """A mix of plans, and what it is worth."""

    shares: Floats
    """The probability of each plan, (plans,); they add up to 1."""
    guarantee: float
    """The least chance of all cells."""
    mean: float
    """The mean chance, over the cells of a blind smuggler."""
    reply: Floats
    """The probability of each cell, (cells,), in the reply that the mix was found against."""


def _checked(matrix: Floats, weights: Floats | None) -> tuple[Floats, Floats]:
    """The matrix, and the weights of a blind smuggler, which add up to 1; raises ValueError for what is no game."""
    matrix = np.atleast_2d(np.asarray(matrix, float))
    if matrix.ndim != 2 or matrix.size == 0 or not np.isfinite(matrix).all():
        raise ValueError(f"a game is a matrix (plans, cells) of finite numbers, not one of shape {matrix.shape}")
    cells = matrix.shape[1]
    weights = np.full(cells, 1.0 / cells) if weights is None else np.asarray(weights, float)
    if weights.shape != (cells,) or not (weights >= 0.0).all() or not weights.sum() > 0.0:
        raise ValueError(f"weights are numbers at least 0, one for each of {cells} cells, and not all of them 0")
    return matrix, weights / weights.sum()


def _as_shares(found: Floats) -> Floats:
    """The nearest probabilities to what a programme found: rounding may leave some just below 0."""
    shares = np.maximum(found, 0.0)
    return np.asarray(shares / shares.sum(), float)


def _programme(matrix: Floats, objective: Floats, at_least: Sequence[tuple[Floats, float]]) -> tuple[Floats, Floats]:
    """Maximise objective @ (mix, v) where each cell has a chance of v or more; return (mix, v), and the duals.

    `at_least` are pairs of a row (plans + 1,) and a bound: the row times (mix, v) must reach the bound. The duals are
    the shadow prices of the cells, (cells,).
    """
    from scipy.optimize import linprog

    plans, cells = matrix.shape
    upper = [np.column_stack([-matrix.T, np.ones(cells)]), *(-row[None, :] for row, _ in at_least)]
    bounds = np.concatenate([np.zeros(cells), [-bound for _, bound in at_least]])
    result = linprog(
        -objective, A_ub=np.vstack(upper), b_ub=bounds, A_eq=np.append(np.ones(plans), 0.0)[None, :], b_eq=[1.0],
        bounds=[(0.0, 1.0)] * plans + [(None, None)], method="highs",
    )  # fmt: skip
    if not result.success:
        raise ArithmeticError(f"the linear programme was not solved: {result.message}")
    return result.x, -result.ineqlin.marginals[:cells]


def solve_zero_sum(matrix: Floats, weights: Floats | None = None) -> Mix:
    """The mix with the best guarantee against a perfect smuggler, and his best reply to it.

    Of several such mixes it is one with the best mean. The reply is that of the game: whatever the patrol then draws,
    no plan is detected with more than the guarantee in the mean.

    Args:
        matrix: The chance of each plan in each cell, (plans, cells).
        weights: The probability that a blind smuggler chooses each cell, (cells,); equal ones if they are left out.

    Raises:
        ValueError: The matrix has no or infinite numbers, or the weights do not fit it.
    """
    matrix, weights = _checked(matrix, weights)
    value = np.append(np.zeros(len(matrix)), 1.0)
    found, duals = _programme(matrix, value, [])
    shares, mean = found[:-1], np.append(matrix @ weights, 0.0)
    better, _ = _programme(matrix, mean, [(value, float(found[-1]) - _SLACK)])
    if better[:-1] @ mean[:-1] > shares @ mean[:-1] + _SLACK:
        shares = better[:-1]
    return _mix(matrix, weights, shares, _as_shares(duals))


def evenest(matrix: Floats, guarantee: float, mean: float, weights: Floats | None = None) -> Mix:
    """The mix whose most likely plan is least likely, of those with at least a guarantee and a mean.

    Raises ValueError as `solve_zero_sum` does, and ArithmeticError where no mix has them.
    """
    from scipy.optimize import linprog

    matrix, weights = _checked(matrix, weights)
    plans, cells = matrix.shape
    most = np.append(np.zeros(plans), 1.0)
    rows = [np.column_stack([-matrix.T, np.zeros(cells)]), np.append(-matrix @ weights, 0.0)[None, :]]
    rows.append(np.column_stack([np.eye(plans), -np.ones(plans)]))
    bounds = np.concatenate([np.full(cells, -guarantee), [-mean], np.zeros(plans)])
    result = linprog(
        most, A_ub=np.vstack(rows), b_ub=bounds, A_eq=np.append(np.ones(plans), 0.0)[None, :], b_eq=[1.0],
        bounds=[(0.0, 1.0)] * (plans + 1), method="highs",
    )  # fmt: skip
    if not result.success:
        raise ArithmeticError(f"no mix has a guarantee of {guarantee:g} and a mean of {mean:g}: {result.message}")
    return worth(matrix, result.x[:-1], weights)


def _mix(matrix: Floats, weights: Floats, shares: Floats, reply: Floats) -> Mix:
    """A mix with what it is worth."""
    shares = _as_shares(shares)
    chances = shares @ matrix
    return Mix(shares, float(chances.min()), float(chances @ weights), reply)


def worth(matrix: Floats, shares: Floats, weights: Floats | None = None) -> Mix:
    """A mix (plans,) with what it is worth; the reply is the cell with the least chance."""
    matrix, weights = _checked(matrix, weights)
    reply = np.zeros(matrix.shape[1])
    reply[int(np.argmin(np.asarray(shares, float) @ matrix))] = 1.0
    return _mix(matrix, weights, np.asarray(shares, float), reply)


def best_mean(matrix: Floats, weights: Floats | None = None) -> Mix:
    """The mix with the best mean against a blind smuggler; of several, that with the best guarantee.

    It is a single plan unless several plans have the best mean. Arguments and errors are those of `solve_zero_sum`.
    """
    matrix, weights = _checked(matrix, weights)
    means = matrix @ weights
    best = np.flatnonzero(means >= means.max() - _SLACK)
    shares = np.zeros(len(matrix))
    shares[best] = solve_zero_sum(matrix[best], weights).shares
    return worth(matrix, shares, weights)


def front(matrix: Floats, weights: Floats | None = None, points: int = 11) -> list[Mix]:
    """The mixes of which none has both a better guarantee and a better mean, from the best guarantee to the best mean.

    The front is concave and consists of straight pieces; `points` of it are returned, evenly spaced in the mean, or one
    alone where one mix has the best of both. Arguments and errors are those of `solve_zero_sum`.
    """
    matrix, weights = _checked(matrix, weights)
    safest, greatest = solve_zero_sum(matrix, weights), best_mean(matrix, weights)
    if greatest.mean - safest.mean <= 10.0 * _SLACK or points < 2:
        return [safest]
    means, value = np.append(matrix @ weights, 0.0), np.append(np.zeros(len(matrix)), 1.0)
    found = [safest]
    for mean in np.linspace(safest.mean, greatest.mean, points)[1:-1]:
        shares, duals = _programme(matrix, value, [(means, float(mean))])
        reply = _as_shares(duals) if duals.sum() > _SLACK else worth(matrix, shares[:-1], weights).reply
        found.append(_mix(matrix, weights, shares[:-1], reply))
    return [*found, greatest]


def logit_reply(chances: Floats, rationality: float, weights: Floats | None = None) -> Floats:
    """The probability with which a logit smuggler chooses each cell, (cells,).

    It is in proportion to w exp(-rationality * chance), where w are the `weights` of a blind one. With a rationality of
    0 he is blind; as it grows he comes to the best reply. A rationality of 10 means that he chooses a cell whose chance
    is 0.1 less e times as often. Raises ValueError for a rationality below 0.
    """
    chances, weights = _checked(chances, weights)
    if not 0.0 <= rationality < np.inf:
        raise ValueError(f"a rationality is a finite number at least 0, not {rationality}")
    some = weights > 0.0
    above = chances[0] - chances[0][some].min()  # so that no exponent is above 0 where it counts
    reply = weights * np.exp(-rationality * np.where(some, above, 0.0))
    return np.asarray(reply / reply.sum(), float)


def logit_chance(matrix: Floats, shares: Floats, rationality: float, weights: Floats | None = None) -> float:
    """The chance that a logit smuggler is detected while a mix (plans,) is flown."""
    matrix, weights = _checked(matrix, weights)
    chances = np.asarray(shares, float) @ matrix
    return float(logit_reply(chances, rationality, weights) @ chances)


def best_against_logit(matrix: Floats, rationality: float, weights: Floats | None = None) -> Mix:
    """The best mix found against a logit smuggler who knows it, with his reply.

    The chance that he is detected is smooth in the mix but not concave, so this is a local optimum: the best that
    sequential quadratic programming (SLSQP; Kraft, DFVLR-FB 88-28, 1988) reaches from the mix with the best guarantee,
    from that with the best mean and from the even mix. Nobody has proved that it is the best of all, except with a
    rationality of 0, where it is the best mean.

    Args:
        matrix: The chance of each plan in each cell, (plans, cells).
        rationality: See `logit_reply`.
        weights: As in `solve_zero_sum`.
    """
    matrix, weights = _checked(matrix, weights)
    safest, greatest = solve_zero_sum(matrix, weights), best_mean(matrix, weights)
    even = np.full(len(matrix), 1.0 / len(matrix))
    starts = [safest.shares, greatest.shares, even]
    found = [*starts, *(_climb(matrix, rationality, weights, start) for start in starts)]
    shares = max(found, key=lambda mix: logit_chance(matrix, mix, rationality, weights))
    return _mix(matrix, weights, shares, logit_reply(_as_shares(shares) @ matrix, rationality, weights))


def _climb(matrix: Floats, rationality: float, weights: Floats, start: Floats) -> Floats:
    """The mix that SLSQP reaches from a start; the start where it fails.

    With q the reply, c the chances and f = q @ c: df = sum of q (1 - rationality (c - f)) dc.
    """
    from scipy.optimize import minimize

    def less(shares: Floats) -> tuple[float, Floats]:
        chances = shares @ matrix
        reply = logit_reply(chances, rationality, weights)
        value = float(reply @ chances)
        return -value, -matrix @ (reply * (1.0 - rationality * (chances - value)))

    whole: Any = {"type": "eq", "fun": lambda mix: mix.sum() - 1.0, "jac": np.ones_like}
    options = {"maxiter": _MOST_STEPS, "ftol": 1e-12}
    result = minimize(
        less, start, jac=True, method="SLSQP", bounds=[(0.0, 1.0)] * len(start), constraints=[whole], options=options
    )
    return _as_shares(result.x) if np.isfinite(result.x).all() and np.maximum(result.x, 0.0).sum() > 0.5 else start
