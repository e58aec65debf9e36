"""Logistic regression with an offset, a Gaussian prior and bounds, and draws from what it leaves uncertain.

Newton steps; each step's quadratic problem with bounds is solved by L-BFGS-B on the Gram matrix, so that the rows
are read only a handful of times.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import scipy
from scipy.special import expit, log_ndtr, ndtri_exp

from valence import terms
from valence.bond import pieces

MOST_STEPS = 25
CLOSE = 1e-7

T = TypeVar("T")

Rows = np.ndarray[tuple[int, int], np.dtype[np.float32]]


@dataclass(frozen=True)
class Beside:
    """Further rows (n, p) with outcomes and offsets (n,), which tell something about the same weights."""

    rows: Rows
    outcome: terms.Floats
    offset: terms.Floats

    def each(self, work: Callable[[Beside], T]) -> list[T]:
        """Return what `work` makes of the rows, piece by piece and in order."""
        return pieces.each(
            count=len(self.outcome),
            work=lambda piece: work(Beside(self.rows[piece], self.outcome[piece], self.offset[piece])),
        )

    def predictor(self, weights: terms.Floats) -> terms.Floats:
        """Return the log-odds that these weights foretell, (n,); rows may fill the first columns only."""
        predicted: terms.Floats = self.rows @ weights[: self.rows.shape[1]].astype(np.float32) + self.offset
        return predicted.astype(np.float64)


@dataclass(frozen=True)
class Problem:
    """Rows (n, k), outcomes and offsets (n,); prior mean (p,) and precision (p, p); lower and upper bounds (p,).

    The rows fill the first k columns; all p are filled by what stands beside them.
    """

    rows: Rows
    outcome: terms.Floats
    offset: terms.Floats
    mean: terms.Floats
    precision: terms.Floats
    lower: terms.Floats
    upper: terms.Floats
    beside: Beside | None = None

    def each(self, work: Callable[[Beside], T]) -> list[T]:
        """Return what `work` makes of all rows, piece by piece and in order, those beside last."""
        ours = Beside(self.rows, self.outcome, self.offset).each(work)
        return ours if self.beside is None else ours + self.beside.each(work)

    def loss(self, weights: terms.Floats) -> float:
        """Return the negative log posterior."""
        away = weights - self.mean
        total = 0.5 * float(away @ self.precision @ away)
        return total + sum(self.each(lambda piece: surprise(piece.predictor(weights), piece.outcome)))

    def curvature(self, weights: terms.Floats) -> tuple[terms.Floats, terms.Floats]:
        """Return gradient (p,) and Hessian (p, p) of the negative log posterior."""
        gradient = self.precision @ (weights - self.mean)
        hessian = self.precision.copy()
        for slope, bend in self.each(lambda piece: _curved(piece, weights)):
            filled = len(slope)
            gradient[:filled] += slope
            hessian[:filled, :filled] += bend
        return gradient, hessian


def _curved(piece: Beside, weights: terms.Floats) -> tuple[terms.Floats, terms.Floats]:
    """Return what rows add to gradient (k,) and Hessian (k, k)."""
    rows = piece.rows.astype(np.float64)
    chance = expit(piece.predictor(weights))
    slope = rows.T @ (chance - piece.outcome)
    rows *= np.sqrt(chance * (1.0 - chance))[:, None]
    return slope, rows.T @ rows


@dataclass(frozen=True)
class Fitted:
    """Where the posterior is highest, its gradient and Hessian there, and the loss."""

    weights: terms.Floats
    gradient: terms.Floats
    hessian: terms.Floats
    loss: float

    def first(self, count: int) -> Fitted:
        """Return what is known of the first weights whatever the others are, which no bound may hold."""
        if count == len(self.weights):
            return self
        kept, gone = slice(0, count), slice(count, None)
        share = np.linalg.solve(self.hessian[gone, gone], self.hessian[gone, kept]).T
        gradient = self.gradient[kept] - share @ self.gradient[gone]
        hessian = self.hessian[kept, kept] - share @ self.hessian[gone, kept]
        return Fitted(self.weights[kept], gradient, hessian, self.loss)


def surprise(predictor: terms.Floats, outcome: terms.Floats) -> float:
    """Return the negative log-likelihood of outcomes under a predictor on the logit."""
    return float(np.sum(np.logaddexp(0.0, predictor) - outcome * predictor))


def fit(problem: Problem, *, steps: int = MOST_STEPS, start: terms.Floats | None = None) -> Fitted:
    """Return the weights of highest posterior within the bounds, climbing from `start` (p,), else from the prior mean.

    Columns that no row fills keep their prior: only the others enter the steps, whose cost grows with their square.
    """
    used = _used(problem)
    found = _climbed(_part_of(problem, used), steps, problem.mean[used] if start is None else start[used])
    weights = np.clip(problem.mean, problem.lower, problem.upper)
    gradient = problem.precision @ (weights - problem.mean)
    hessian = problem.precision.copy()
    weights[used], gradient[used] = found.weights, found.gradient
    hessian[np.ix_(used, used)] = found.hessian
    return Fitted(weights=weights, gradient=gradient, hessian=hessian, loss=found.loss)


def _used(problem: Problem) -> terms.Keys:
    """Return the columns that some row fills, and those that the prior ties to them."""
    filled = np.zeros(len(problem.mean), np.bool_)
    for some in problem.each(lambda piece: np.flatnonzero(piece.rows.any(axis=0))):
        filled[some] = True
    return np.flatnonzero(filled | (problem.precision[:, filled] != 0).any(axis=1))


def _part_of(problem: Problem, used: terms.Keys) -> Problem:
    if len(used) == len(problem.mean):
        return problem
    beside = problem.beside
    return replace(
        problem,
        rows=_columns(problem.rows, used[used < problem.rows.shape[1]]),
        beside=replace(beside, rows=_columns(beside.rows, used)) if beside is not None else None,
        mean=problem.mean[used],
        precision=problem.precision[np.ix_(used, used)],
        lower=problem.lower[used],
        upper=problem.upper[used],
    )


def _columns(rows: Rows, which: terms.Keys) -> Rows:
    taken = np.empty((len(rows), len(which)), rows.dtype)
    pieces.each(count=len(rows), work=lambda piece: np.take(rows[piece], which, axis=1, out=taken[piece]))
    return taken


def _climbed(problem: Problem, steps: int, start: terms.Floats) -> Fitted:
    weights = np.clip(start, problem.lower, problem.upper)
    loss = problem.loss(weights)
    gradient, hessian = problem.curvature(weights)
    for _ in range(steps):
        target = _bounded_step(problem, weights, gradient, hessian)
        weights, after = _searched(problem, weights, target, loss)
        gained, loss = loss - after, after
        gradient, hessian = problem.curvature(weights)
        if gained < CLOSE * max(1.0, abs(loss)):
            break
    return Fitted(weights=weights, gradient=gradient, hessian=hessian, loss=loss)


def _bounded_step(
    problem: Problem, weights: terms.Floats, gradient: terms.Floats, hessian: terms.Floats
) -> terms.Floats:
    """Return the minimum of the quadratic model within the bounds, in units of each column's curvature."""
    scale = 1.0 / np.sqrt(np.diag(hessian))
    scaled = hessian * scale[:, None] * scale[None, :]
    slope = gradient * scale

    def model(step: terms.Floats) -> tuple[float, terms.Floats]:
        turned = scaled @ step
        return float(step @ (0.5 * turned + slope)), turned + slope

    low, high = (problem.lower - weights) / scale, (problem.upper - weights) / scale
    found = scipy.optimize.minimize(
        model,
        np.zeros(len(weights)),
        jac=True,
        method="L-BFGS-B",
        bounds=np.stack([low, high], axis=1),
        options={"maxiter": 200, "maxcor": 30, "ftol": 1e-11, "gtol": 1e-6},
    )
    return np.asarray(np.clip(weights + found.x * scale, problem.lower, problem.upper))


def _searched(problem: Problem, weights: terms.Floats, target: terms.Floats, loss: float) -> tuple[terms.Floats, float]:
    """Return how far to go towards the target: halved until it does not get worse."""
    share = 1.0
    while share > 1e-3:
        tried = weights + share * (target - weights)
        after = problem.loss(tried)
        if after <= loss:
            return tried, after
        share /= 2.0
    return weights, loss


def draws(
    fitted: Fitted,
    *,
    lower: terms.Floats,
    upper: terms.Floats,
    count: int,
    random: np.random.Generator,
    sweeps: int = 60,
    widened: float = 1.0,
) -> terms.Floats:
    """Return draws (count, p) from the posterior near its top, cut off at the bounds.

    Gibbs sampling, all chains side by side, of exp(-g'd - d'Hd/2) on the bounds; `widened` multiplies the spread.
    """
    hessian = fitted.hessian / widened**2
    gradient = fitted.gradient / widened**2
    variance = 1.0 / np.diag(hessian)
    spread = np.sqrt(variance)
    step = np.zeros((count, len(spread)))
    low, high = lower - fitted.weights, upper - fitted.weights
    for _ in range(sweeps):
        for column in range(len(spread)):
            pull = step @ hessian[column] + gradient[column]
            mean = step[:, column] - pull * variance[column]
            a, b = (low[column] - mean) / spread[column], (high[column] - mean) / spread[column]
            step[:, column] = mean + spread[column] * cut_normal(a, b, random)
    return np.asarray(fitted.weights + step)


def cut_normal(low: terms.Floats, high: terms.Floats, random: np.random.Generator) -> terms.Floats:
    """Return standard normal draws between low and high (n,), exact far out in the tails too."""
    turned = low > 0
    a, b = np.where(turned, -high, low), np.where(turned, -low, high)
    log_a, log_b = log_ndtr(a), log_ndtr(b)
    portion = random.random(len(low))
    share = log_b + np.log(portion + (1.0 - portion) * np.exp(np.minimum(0.0, log_a - log_b)))
    drawn = np.clip(ndtri_exp(np.minimum(share, -1e-300)), a, b)
    return np.asarray(np.where(turned, -drawn, drawn))
