"""Chances of yes and no by what is known and by the team: logistic regression with an intercept a team, by Newton."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.special import expit

from valence.terms import Codes, Floats

STEPS = 25
CLOSE = 1e-6
EFFECT_SPREAD = 2.0
TEAM_SPREAD = 1.5


def chances(*, happened: Floats, x: Floats, team: Codes, teams: int) -> Floats:
    """Return the fitted chance of each row (n,). x (n, p); effects and teams are held by normal priors.

    The teams' block of the Newton matrix is diagonal, so a step costs one pass over the rows however many teams.
    """
    effects, shifts = np.zeros(x.shape[1]), np.zeros(teams)
    share = (happened.sum() + 0.5) / (len(happened) + 1)
    base = float(np.log(share / (1 - share)))
    chance = np.full(len(happened), share)
    rows = np.arange(len(team))
    sums = sparse.csr_matrix((np.ones(len(team)), (team, rows)), shape=(teams, len(team)))
    for _ in range(STEPS):
        step, moves = _step(happened - chance, chance * (1 - chance), x, sums, effects, shifts)
        effects, shifts = effects + step, shifts + moves
        chance = expit(base + x @ effects + shifts[team])
        if max(np.abs(step).max(initial=0.0), np.abs(moves).max(initial=0.0)) < CLOSE:
            break
    return np.asarray(chance)


def _step(
    residual: Floats, weight: Floats, x: Floats, sums: sparse.csr_matrix, effects: Floats, shifts: Floats
) -> tuple[Floats, Floats]:
    """Return the Newton step of the effects (p,) and of the teams (t,); sums (t, n) adds rows up by team."""
    by_team = sums @ residual - shifts / TEAM_SPREAD**2
    of_team = sums @ weight + 1 / TEAM_SPREAD**2
    weighted = x * weight[:, None]
    across = sums @ weighted
    by_effect = x.T @ residual - effects / EFFECT_SPREAD**2
    of_effect = x.T @ weighted + np.eye(x.shape[1]) / EFFECT_SPREAD**2
    left = of_effect - across.T @ (across / of_team[:, None])
    step = np.linalg.solve(left, by_effect - across.T @ (by_team / of_team))
    moves = (by_team - across @ step) / of_team
    # A step at a time that cannot overshoot: separated data would run away before the priors hold it.
    return np.clip(step, -2, 2), np.clip(moves, -2, 2)
