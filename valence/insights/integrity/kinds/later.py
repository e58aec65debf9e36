"""Top scores that later behaviour contradicts: the customer leaves, complains or scores low soon after.

Compared inside the team: how its customers who gave top scores fared beside its other customers, against the same
difference in all teams. A team whose whole region suffers is not suspected for it.
"""

from __future__ import annotations

import numpy as np

from valence.insights import say as words
from valence.insights.integrity import contrast, logistic
from valence.insights.integrity.expected import Expected
from valence.insights.integrity.finding import Finding, Trick
from valence.insights.integrity.moments import Moments

NAME = "later"
WEIGHT = 1.0
TRICKS = (Trick.BEGGING, Trick.FILLING_IN, Trick.BONUS)
LEAST_EVENTS = 20


def find(*, moments: Moments, expected: Expected) -> Finding | None:
    """Return how often top scores were contradicted; None where too little happened later to tell."""
    known = np.flatnonzero(~np.isnan(moments.later))
    if moments.later[known].sum() < LEAST_EVENTS:
        return None
    scale = moments.scale
    score = np.nan_to_num(moments.score[known], nan=scale.least - 1)
    top = score == scale.most
    share = np.where(score < scale.least, 0.0, (score - scale.least) / (scale.most - scale.least))
    x = np.column_stack([moments.facts[known], moments.mix[known], score >= scale.least, share, top])
    x = x - x.mean(axis=0)
    team, teams = moments.team[known], len(moments.teams)
    happened = moments.later[known]
    chance = logistic.chances(happened=happened, x=x, team=team, teams=teams)
    variance = chance * (1 - chance)
    z = contrast.of_residuals(
        residual=happened - chance, variance=variance, skew=variance * (1 - 2 * chance), toward=top.astype(float),
        team=team, teams=teams,
    )  # fmt: skip
    rows = np.zeros(len(moments), bool)
    rows[known[top & (happened == 1)]] = True
    of = contrast.sums(np.ones(len(team[top])), team[top], teams)
    foretold = contrast.sums(chance[top], team[top], teams)
    return Finding(z=z, seen=moments.per_team(rows), of=of, usual=foretold / np.maximum(of, 1), rows=rows)


def say(*, seen: float, of: float, usual: float) -> str:
    """Return what was found about one team, as a clause."""
    return (
        f"after {seen:.0f} of {of:.0f} top scores the customer soon left, complained or scored low; "
        f"{words.percent(usual)} were to be expected"
    )
