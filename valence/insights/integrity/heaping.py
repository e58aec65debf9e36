"""How many answers of a team were talked up to the top, and what they would have been: a mixture, for one team.

    P(score) = (1 - a) P(score | facts, mix, level) + a heap        a: the share talked up where it may have happened

Level, spread and a are weighed on a grid by how well they explain the team's answers and, where comments tell of pleas,
their number. A team whose customers' feelings merely scatter more has more top scores, too: that is no heap. Of
customers who were begged and write, some tell: which share is not known, every share is tried.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy

from valence.insights.integrity.moments import Bools
from valence.insights.integrity.ordinal import Fitted
from valence.terms import Codes, Floats

SHARES = np.concatenate([[0.0], np.linspace(0.02, 0.96, 32)])
LEVELS = np.linspace(-2.2, 1.0, 33)
SPREADS = np.exp(np.linspace(-0.24, 0.24, 5))
SPREADS_SCATTER = 0.12
"""How far the spreads of teams scatter, in logarithms."""
TELLS = scipy.special.betaincinv(2, 4, np.linspace(0.05, 0.95, 10))
HEAP = (0.1, 0.9)
FEW = 0.1
"""Before anything is looked at, a share is likely as 1 / (share + FEW): most who talk scores up touch few answers."""


@dataclass(frozen=True)
class Team:
    """One team's answers: level (a,) points from 0; line (a,) as fitted without any trick; weight (a,): how surely
    each is a customer's own act; zone (a,): where they may have been talked up; pleas of so many comments."""

    level: Codes
    line: Floats
    weight: Floats
    zone: Bools
    pleas: float = 0.0
    comments: float = 0.0


@dataclass(frozen=True)
class Heaped:
    """The likely share talked up inside the zone; for each answer (a,) the score it would have been, and the chance
    that it was talked up."""

    share: float
    scores: Floats
    touched: Floats


def explain(*, team: Team, model: Fitted, worth: Floats, spread: float) -> Heaped:
    """Return what the mixture makes of a team. worth (k,): the points; spread: how far teams' levels scatter."""
    places = [(step, wide) for wide in SPREADS for step in LEVELS]
    steps = [model.chances(team.line + step, spread=wide) for step, wide in places]
    fits = np.array([_fits(team, chances) for chances in steps])
    fits += np.array([_before(step, wide, spread) for step, wide in places])[:, None]
    fits += _told(team)[None, :] + -np.log(SHARES + FEW)[None, :]
    likely = np.exp(fits - fits.max())
    likely /= likely.sum()
    scores, touched = np.zeros(len(team.level)), np.zeros(len(team.level))
    for row, chances in zip(likely, steps, strict=True):
        if row.sum() < 1e-4:
            continue
        each = _touched(team, chances, row / row.sum())
        own = worth[team.level] * (1 - each) + each * (chances @ worth)
        scores += row.sum() * own
        touched += row.sum() * each
    total = likely.sum(axis=0)
    rest = max(likely.sum(axis=1)[likely.sum(axis=1) >= 1e-4].sum(), 1e-9)
    return Heaped(share=float(total @ SHARES), scores=scores / rest, touched=touched / rest)


def _before(step: float, wide: float, spread: float) -> float:
    """Return the log of how likely a level and a spread are before anything is looked at."""
    far, unlike = step / max(2 * spread, 0.3), np.log(wide) / SPREADS_SCATTER
    return float(-0.5 * (far**2 + unlike**2))


def _heap(team: Team, levels: int) -> Floats:
    heap = np.zeros(levels)
    heap[-2:] = HEAP
    return heap[team.level]


def _fits(team: Team, chances: Floats) -> Floats:
    """Return the log-likelihood of every share, at one level (s,)."""
    own = chances[np.arange(len(team.level)), team.level]
    heap = _heap(team, chances.shape[1])
    share = np.where(team.zone[:, None], SHARES[None, :], 0.0)
    return np.asarray(team.weight @ np.log((1 - share) * own[:, None] + share * heap[:, None]))


def _touched(team: Team, chances: Floats, likely: Floats) -> Floats:
    """Return the chance of each answer to be talked up, over the shares as likely as they are (a,)."""
    own = chances[np.arange(len(team.level)), team.level]
    heap = _heap(team, chances.shape[1])
    up = SHARES[None, :] * heap[:, None]
    return np.asarray(np.where(team.zone, (up / ((1 - SHARES[None, :]) * own[:, None] + up)) @ likely, 0.0))


def _told(team: Team) -> Floats:
    """Return the log-likelihood of the number of pleas, for every share (s,)."""
    if not team.pleas:
        return np.zeros(len(SHARES))
    chance = SHARES[:, None] * TELLS[None, :]
    several = scipy.stats.binom.pmf(team.pleas, team.comments, np.clip(chance, 1e-9, 1))
    return np.asarray(np.log(np.maximum(several.mean(axis=1), 1e-12)))
