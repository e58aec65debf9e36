"""Scores that rise while a team is short of its bonus late in the month, and no longer once it is reached."""

from __future__ import annotations

import numpy as np

from valence.insights import say as words
from valence.insights.integrity import contrast
from valence.insights.integrity.expected import Expected
from valence.insights.integrity.finding import Finding, Trick
from valence.insights.integrity.kinds import month_end
from valence.insights.integrity.moments import Bools, Moments

NAME = "cliff"
WEIGHT = 3.0
TRICKS = (Trick.BONUS,)
LATE = 15.0
FEWEST_BEFORE = 3


def find(*, moments: Moments, expected: Expected) -> Finding | None:
    """Return how far scores rise where the month's mean so far is short of the target; None without a target."""
    if moments.target is None:
        return None
    need = short_of(moments, expected)
    team, teams = expected.team, len(moments.teams)
    z = month_end.apart(residual=month_end.residuals(expected), inside=need, team=team, teams=teams)
    rows = np.zeros(len(moments), bool)
    rows[expected.rows[need]] = True
    top = contrast.sums(need & (expected.level == len(expected.worth) - 1), team, teams)
    of = contrast.sums(need, team, teams)
    foretold = contrast.sums(need * expected.chances[:, -1], team, teams)
    return Finding(z=z, seen=top, of=of, usual=foretold / np.maximum(of, 1), rows=rows)


def short_of(moments: Moments, expected: Expected) -> Bools:
    """Return for each answer (a,) whether its team was short of the target then, in the second half of the month."""
    at = moments.occurred[expected.rows]
    month = np.floor(at).astype(np.int64).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    order = np.lexsort((at, month, expected.team))
    key = expected.team[order].astype(np.int64) * 100_000 + month[order]
    first = np.r_[True, np.diff(key) != 0]
    begins = np.maximum.accumulate(np.where(first, np.arange(len(key)), 0))
    sums = np.cumsum(moments.score[expected.rows][order])
    before = np.r_[0.0, sums[:-1]] - np.where(begins > 0, sums[np.maximum(begins - 1, 0)], 0.0)
    number = np.arange(len(key)) - begins
    short = (number >= FEWEST_BEFORE) & (before < np.maximum(number, 1) * float(moments.target or 0.0))
    found = np.zeros(len(at), bool)
    found[order] = short
    return np.asarray(found & (month_end.days_left(at) < LATE))


def say(*, seen: float, of: float, usual: float) -> str:
    """Return what was found about one team, as a clause."""
    return (
        f"late in months in which the team was short of its bonus {seen:.0f} of {of:.0f} answers are top scores; "
        f"{words.percent(usual)} were to be expected"
    )
