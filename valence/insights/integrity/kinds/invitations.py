"""Who was not asked though the rules asked for it, above all after encounters that went wrong.

Only reasons that people can bring about count: consent or an address taken out, an encounter recorded too late, no
invitation at all. Unhappy customers withdraw more often in every team: what is suspicious is a team in which it depends
on how the encounter went more than in the others. How many a team leaves out altogether says nothing by itself.
"""

from __future__ import annotations

import numpy as np
import scipy

from valence.insights import say as words
from valence.insights.integrity import chances, contrast, logistic
from valence.insights.integrity.expected import Expected
from valence.insights.integrity.finding import Finding, Trick
from valence.insights.integrity.moments import UNDUE, WITHHELD, Moments
from valence.terms import Floats

NAME = "invitations"
WEIGHT = 3.0
TRICKS = (Trick.INVITING,)
LEAST_WITHHELD = 10
BAD = 0.5
WEIGHTS = np.array([0.7, 0.3])


def find(*, moments: Moments, expected: Expected) -> Finding | None:
    """Return how far not asking depends on how the encounter went; None where everybody due was asked."""
    due = np.flatnonzero(moments.state != UNDUE)
    withheld = moments.state[due] == WITHHELD
    if withheld.sum() < LEAST_WITHHELD:
        return None
    bad = unhappiness(moments, expected)[due]
    team, teams = moments.team[due], len(moments.teams)
    later = _filled(moments)[due]
    x = np.column_stack([bad, later, moments.mix[due]])
    x = x - x.mean(axis=0)
    chance = logistic.chances(happened=withheld, x=x, team=team, teams=teams)
    variance = chance * (1 - chance)
    skew = variance * (1 - 2 * chance)
    both = [
        contrast.of_residuals(
            residual=withheld - chance, variance=variance, skew=skew, toward=toward, team=team, teams=teams
        )
        for toward in (bad, later)
    ]
    rows = np.zeros(len(moments), bool)
    rows[due[(withheld == 1) & (bad > BAD)]] = True
    of = contrast.sums(np.ones(len(team[bad > BAD])), team[bad > BAD], teams)
    foretold = contrast.sums(chance[bad > BAD], team[bad > BAD], teams)
    return Finding(z=_either(*both), seen=moments.per_team(rows), of=of, usual=foretold / np.maximum(of, 1), rows=rows)


def unhappiness(moments: Moments, expected: Expected) -> Floats:
    """Return how unhappy each customer must have been (n,), in deviations: by the facts and by what they did later.

    How much a later complaint or leaving says beside the facts is learned from those who answered. Later behaviour
    that is not known yet counts as usual.
    """
    both = np.column_stack([expected.badness, _filled(moments)])
    answered = both[expected.rows]
    x = np.column_stack([np.ones(len(answered)), answered])
    score = moments.score[expected.rows]
    effects = np.linalg.lstsq(x, score, rcond=None)[0][1:]
    found = both @ np.minimum(effects, 0.0)
    return np.asarray(-(found - found.mean()) / max(float(found.std()), 1e-9))


def _filled(moments: Moments) -> Floats:
    """Return what customers did later (n,), as usual where it is not known yet."""
    unknown = np.isnan(moments.later)
    usual = float(moments.later[~unknown].mean()) if not unknown.all() else 0.0
    return np.where(unknown, usual, moments.later)


def _either(by_facts: Floats, by_later: Floats) -> Floats:
    """Return one z (t,) of two: what nobody recorded may still show in what the customers did later."""
    p = scipy.stats.norm.sf(np.array([by_facts, by_later]))
    one = np.array([chances.together(column, weights=WEIGHTS) for column in p.T])
    return np.where(np.isnan(one), np.nan, scipy.stats.norm.isf(np.clip(one, 1e-30, 1 - 1e-9)))


def say(*, seen: float, of: float, usual: float) -> str:
    """Return what was found about one team, as a clause."""
    return (
        f"{seen:.0f} of {of:.0f} customers with a bad encounter were not asked though the rules asked for it; "
        f"by what is usual in this team and elsewhere {words.percent(usual)} would not"
    )
