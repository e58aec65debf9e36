"""Top scores where the recorded facts, the team's own level and its own spread let expect others.

Excellent teams have high scores everywhere: that moves the team's level, which is taken out. What is left is a heap of
top scores that is not like the rest of the team's answers, above all after encounters that went wrong: the efficient
score test of a mixture "a share of the answers is top whatever happened".
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from valence.insights import say as words
from valence.insights.integrity import contrast
from valence.insights.integrity.expected import Expected
from valence.insights.integrity.finding import Finding, Trick
from valence.insights.integrity.moments import Moments
from valence.terms import Floats

NAME = "facts"
WEIGHT = 1.0
TRICKS = (Trick.BEGGING, Trick.FILLING_IN)
UNLIKELY = 0.35
MOST_WORTH = 12.0


def find(*, moments: Moments, expected: Expected) -> Finding | None:
    """Return the heap of top scores of each team."""
    team, teams = expected.team, len(moments.teams)
    top = expected.chances[:, -1]
    efficient, third = _efficient(expected, teams)
    total = contrast.sums(efficient[np.arange(len(team)), expected.level], team, teams)
    variance = contrast.sums((expected.chances * efficient**2).sum(axis=1), team, teams)
    z = contrast.corrected(total=total, variance=variance, third=contrast.sums(third, team, teams))
    surprising = (expected.level == expected.chances.shape[1] - 1) & (top < UNLIKELY)
    rows = np.zeros(len(moments), bool)
    rows[expected.rows[surprising]] = True
    unlikely = contrast.sums(top < UNLIKELY, team, teams)
    foretold = contrast.sums(np.where(top < UNLIKELY, top, 0), team, teams)
    return Finding(z=z, seen=moments.per_team(rows), of=unlikely, usual=foretold / np.maximum(unlikely, 1), rows=rows)


def _efficient(expected: Expected, teams: int) -> tuple[Floats, Floats]:
    """Return for every answer and point (a, k) what it says for the mixture, with the team's level and spread taken
    out, and its third moment (a,)."""
    chances, team = expected.chances, expected.team
    line = expected.model.line(x=expected.x, team=team)
    level, spread = _nuisances(expected, line)
    heap = np.full(chances.shape, -1.0)
    heap[:, -1] += np.minimum(1 / chances[:, -1], MOST_WORTH)
    heap -= (chances * heap).sum(axis=1, keepdims=True)

    def together(one: Floats, other: Floats) -> Floats:
        return contrast.sums((chances * one * other).sum(axis=1), team, teams)

    a, b, c = together(level, level) + 1e-9, together(level, spread), together(spread, spread) + 1e-9
    u, v = together(level, heap), together(spread, heap)
    determinant = np.maximum(a * c - b * b, 1e-9)
    by_level, by_spread = (c * u - b * v) / determinant, (a * v - b * u) / determinant
    efficient = heap - by_level[team][:, None] * level - by_spread[team][:, None] * spread
    return efficient, (chances * efficient**3).sum(axis=1)


def _nuisances(expected: Expected, line: Floats) -> tuple[Floats, Floats]:
    """Return the derivatives of log chance by the team's level and by the log of its spread, (a, k) each."""
    distance = expected.model.cuts[None, :] - line[:, None]
    below = expit(distance)
    steep = below * (1 - below)
    nothing = np.zeros((len(line), 1))
    by_level = -np.diff(np.hstack([nothing, steep, nothing]), axis=1) / expected.chances
    by_spread = -np.diff(np.hstack([nothing, steep * distance, nothing]), axis=1) / expected.chances
    return by_level, by_spread


def say(*, seen: float, of: float, usual: float) -> str:
    """Return what was found about one team, as a clause."""
    return (
        f"{seen:.0f} of {of:.0f} answers after encounters that went wrong are top scores; by the facts and the team's "
        f"own level {words.percent(usual)} were to be expected"
    )
