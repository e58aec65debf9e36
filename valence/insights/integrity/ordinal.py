"""How scores follow from recorded facts, the case mix and the team: proportional odds (McCullagh 1980), fitted once.

    P(score <= c_k) = logistic(c_k - x beta - team)

With two levels it is a logistic regression with team intercepts; the evidence uses it for that too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy
from scipy.special import expit

from valence.terms import Codes, Floats

TEAM_SPREAD = 1.0
EFFECT_SPREAD = 2.0
LEAST = 1e-9


@dataclass(frozen=True)
class Fitted:
    """Thresholds (k-1,) of k levels, effects (p,), the teams' shifts (t,)."""

    cuts: Floats
    effects: Floats
    shifts: Floats

    def line(self, *, x: Floats, team: Codes) -> Floats:
        """Return the linear predictor of rows (n,)."""
        return np.asarray(x @ self.effects + self.shifts[team])

    def chances(self, line: Floats, *, spread: float = 1.0) -> Floats:
        """Return the chance of every level, (n, k). spread: how far feelings scatter, 1 is usual."""
        below = expit((self.cuts[None, :] - line[:, None]) / spread)
        edges = np.hstack([np.zeros((len(line), 1)), below, np.ones((len(line), 1))])
        return np.maximum(np.diff(edges, axis=1), LEAST)


def fit(*, level: Codes, x: Floats, team: Codes, teams: int, levels: int) -> Fitted:
    """Return the model of `level` (n,), 0..levels-1, by x (n, p) and team (n,).

    Shifts and effects are held by normal priors, so that a team or fact with few answers cannot run away.
    """
    shares = np.cumsum(np.bincount(level, minlength=levels) + 0.5)[:-1] / (len(level) + levels / 2)
    first = np.log(shares / (1 - shares))
    steps = np.log(np.maximum(np.diff(first), 1e-3))
    start = np.concatenate([first[:1], steps, np.zeros(x.shape[1] + teams)])
    found = scipy.optimize.minimize(
        _loss, start, args=(level, x, team, teams, levels), jac=True, method="L-BFGS-B",
        options={"maxiter": 80, "ftol": 1e-8},
    )  # fmt: skip
    return _unpacked(found.x, columns=x.shape[1], levels=levels)


def _unpacked(values: Floats, *, columns: int, levels: int) -> Fitted:
    cuts = values[0] + np.concatenate([[0.0], np.cumsum(np.exp(values[1 : levels - 1]))])
    effects = values[levels - 1 : levels - 1 + columns]
    return Fitted(cuts=cuts, effects=effects, shifts=values[levels - 1 + columns :])


def _loss(
    values: Floats, level: Codes, x: Floats, team: Codes, teams: int, levels: int
) -> tuple[float, Floats]:  # fmt: skip
    """Return the penalised negative log-likelihood and its gradient."""
    model = _unpacked(values, columns=x.shape[1], levels=levels)
    line = model.line(x=x, team=team)
    edges = np.concatenate([[-np.inf], model.cuts, [np.inf]])
    upper, lower = expit(edges[level + 1] - line), expit(edges[level] - line)
    chance = np.maximum(upper - lower, LEAST)
    up, low = upper * (1 - upper) / chance, lower * (1 - lower) / chance
    by_line = up - low
    by_cut = np.bincount(level + 1, weights=-up, minlength=levels + 1) + np.bincount(
        level, weights=low, minlength=levels + 1
    )
    by_cut = by_cut[1:levels]
    tails = np.cumsum(by_cut[::-1])[::-1]
    by_steps = tails[1:] * np.exp(values[1 : levels - 1])
    by_effects = x.T @ by_line + model.effects / EFFECT_SPREAD**2
    by_shifts = np.bincount(team, weights=by_line, minlength=teams) + model.shifts / TEAM_SPREAD**2
    held = (model.effects**2).sum() / EFFECT_SPREAD**2 + (model.shifts**2).sum() / TEAM_SPREAD**2
    loss = -np.log(chance).sum() + held / 2
    return float(loss), np.concatenate([[tails[0]], by_steps, by_effects, by_shifts])
