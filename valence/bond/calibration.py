"""From the hazard to the chance of leaving within 30, 60 and 90 days.

The hazard is summed over each of the three spans of 30 days ahead while what is remembered fades (and nothing new
happens); what then comes on average is learned on days whose outcome is known, for each span from those who were still
there when it began. Who is still there after span s has come through all spans up to it:

    p_s = 1 - exp(-sum over k <= s of exp(a_k + b_k * log(summed hazard_k)))

so that a chance within 60 days is always above that within 30.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from valence import terms
from valence.bond import bending

if TYPE_CHECKING:
    from valence.bond.context import Context
    from valence.bond.model import Model

HORIZONS = (30.0, 60.0, 90.0)
AHEAD = np.array([5.0, 15.0, 25.0, 37.5, 52.5, 67.5, 82.5])
WIDTHS = np.array([10.0, 10.0, 10.0, 15.0, 15.0, 15.0, 15.0])
SPANS = np.array([0, 3, 5])
MOST = 3.0
PRIOR_SPREAD = np.array([1.0, 0.15])
SMALLEST = 1e-12


@dataclass(frozen=True)
class Calibration:
    """table (3, 3): for each span a, b and the standard error of a + b * (mean log summed hazard)."""

    table: terms.Floats

    def chance(self, log_summed: terms.Floats) -> terms.Floats:
        """Return the chances (n, 3) of leaving within HORIZONS, of log hazards summed over each span (n, 3)."""
        rates = np.exp(np.minimum(MOST, self.table[:, 0] + self.table[:, 1] * log_summed))
        return np.asarray(-np.expm1(-np.cumsum(rates, axis=-1)))


def uncalibrated() -> Calibration:
    """Return the calibration that changes nothing."""
    return Calibration(table=np.tile([0.0, 1.0, 0.3], (3, 1)))


def log_summed_hazard(*, model: Model, context: Context, memory: terms.Floats) -> terms.Floats:
    """Return log of the hazard summed over days 0-30, 30-60 and 60-90 ahead if nothing more happens, (n, 3)."""
    log_hazard = log_hazards(model=model, context=context, memory=memory, ahead=AHEAD)
    summed = np.add.reduceat(np.exp(np.minimum(log_hazard, 5.0)) * WIDTHS, SPANS, axis=1)
    return np.asarray(np.log(np.maximum(SMALLEST, summed)))


def log_hazards(*, model: Model, context: Context, memory: terms.Floats, ahead: terms.Floats) -> terms.Floats:
    """Return log-hazards a day, (n, len(ahead)), so many days ahead, what is remembered fading meanwhile."""
    from valence.bond.layout import PAIR_HALF_LIFE

    weighed = model.columns(memory) * np.concatenate([model.own, model.pair])
    fading = np.concatenate([1.0 / np.array(model.layout.half_lives), np.full(len(model.pair), 2.0 / PAIR_HALF_LIFE)])
    left = np.exp2(-np.multiply.outer(ahead, fading))
    harm = weighed @ (left * model.layout.harms).T
    interactions = weighed @ left.T - harm + bending.bent(harm=harm, cap=model.cap)
    surrounded = model.plan.weighed_ahead(context, weights=model.context_weights, ahead=ahead)
    return np.asarray(model.intercept + surrounded + interactions)


def calibrated(
    *, log_summed: terms.Floats, ends: terms.Floats, voluntary: np.ndarray[tuple[int], np.dtype[np.bool_]],
    weight: terms.Floats, followed: terms.Floats,
) -> Calibration:  # fmt: skip
    """Return the calibration learned on days whose outcome is known.

    log_summed (n, 3); ends: days until leaving (inf: not seen); followed: days the outcome was followed. A span knows
    those who were there when it began and were followed to its end; who left without choosing to in it is left out.
    """
    rows = []
    for number, horizon in enumerate(HORIZONS):
        there = ends > (HORIZONS[number - 1] if number else 0.0)
        known = there & (followed >= horizon) & ~((ends <= horizon) & ~voluntary)
        event = (ends <= horizon) & voluntary
        rows.append(_fitted(log_summed[known, number], event[known].astype(np.float64), weight[known]))
    return Calibration(table=np.array(rows))


def _fitted(x: terms.Floats, event: terms.Floats, weight: terms.Floats) -> terms.Floats:
    """Return a, b and the standard error of the level: complementary log-log regression with a prior at a=0, b=1."""
    if not len(x):
        return np.array([0.0, 1.0, 0.3])
    centre = float(np.average(x, weights=weight))
    rows = np.stack([np.ones(len(x)), x - centre], axis=1)
    mean = np.array([centre, 1.0])
    weights = mean.copy()
    for _ in range(30):
        rate = np.exp(np.clip(rows @ weights, -30.0, 3.0))
        left = -np.expm1(-rate)
        pull = weight * (event * rate / np.maximum(left, SMALLEST) - rate)
        spread = weight * rate**2 * (1.0 - left) / np.maximum(left, SMALLEST)
        hessian = rows.T @ (rows * spread[:, None]) + np.diag(PRIOR_SPREAD**-2.0)
        step = np.linalg.solve(hessian, rows.T @ pull - (weights - mean) / PRIOR_SPREAD**2)
        weights = weights + np.clip(step, -1.0, 1.0)
    return np.array([weights[0] - weights[1] * centre, weights[1], np.sqrt(np.linalg.inv(hessian)[0, 0])])
