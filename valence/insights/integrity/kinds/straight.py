"""Grids in which every row got the same answer, for the same score."""

from __future__ import annotations

import numpy as np

from valence.insights import say as words
from valence.insights.integrity import contrast
from valence.insights.integrity.expected import Expected
from valence.insights.integrity.finding import Finding, Trick
from valence.insights.integrity.moments import Moments
from valence.terms import Floats

NAME = "straight"
WEIGHT = 1.0
TRICKS = (Trick.FILLING_IN,)


def find(*, moments: Moments, expected: Expected) -> Finding | None:
    """Return how many grids are straight; None where no grid was asked. High scores are straighter by nature."""
    known = np.flatnonzero(moments.has_answer & ~np.isnan(moments.straight))
    if not len(known):
        return None
    level = (moments.score[known] - moments.scale.least).astype(int)
    is_straight = moments.straight[known]
    times = np.bincount(level)
    chance = ((np.bincount(level, weights=is_straight) + 0.5) / (times + 1))[level]
    team, teams = moments.team[known], len(moments.teams)

    def total(values: Floats) -> Floats:
        return contrast.sums(values, team, teams)

    variance = chance * (1 - chance)
    z = contrast.corrected(
        total=total(is_straight - chance), variance=total(variance), third=total(variance * (1 - 2 * chance))
    )
    rows = np.zeros(len(moments), bool)
    rows[known] = is_straight == 1
    of = total(np.ones(len(known)))
    return Finding(z=z, seen=total(is_straight), of=of, usual=total(chance) / np.maximum(of, 1), rows=rows)


def say(*, seen: float, of: float, usual: float) -> str:
    """Return what was found about one team, as a clause."""
    return f"in {seen:.0f} of {of:.0f} grids every row got the same answer; for such scores {words.percent(usual)} do"
