"""What the answers of those would have been who were kept from answering: a model of whom a team leaves out.

    P(withheld | score) = logistic(a - b score)        scores of the withheld by facts, mix and the team's level

Level, a and b are fitted to all encounters of one team for which the rules asked: those answered, those asked in vain
and those withheld. What is withheld from the happiest too is the team's usual share, and no trick.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy
from scipy.special import expit

from valence.insights.integrity.moments import Bools
from valence.insights.integrity.ordinal import Fitted
from valence.terms import Codes, Floats

LEVEL_SPREAD, SLOPE_SPREAD = 1.0, 6.0
FLOOR = 1e-9


@dataclass(frozen=True)
class Team:
    """The encounters of one team for which the rules asked (d,): line as fitted, withheld or asked, and the level of
    the score where there is one (-1)."""

    line: Floats
    withheld: Bools
    level: Codes


@dataclass(frozen=True)
class Selected:
    """How many answers are missing that would have come, and their sum in points."""

    number: float
    total: float


def missing(*, team: Team, model: Fitted, worth: Floats) -> Selected:
    """Return what is missing from a team's answers. worth (k,): the points of the scale."""
    share = (worth - worth[-1]) / (worth[-1] - worth[0])
    base = float(np.clip(team.withheld.mean(), 0.01, 0.9))
    start = np.array([0.0, np.log(base / (1 - base)), 1.0])
    found = scipy.optimize.minimize(_loss, start, args=(team, model, share), method="Nelder-Mead",
                              options={"maxiter": 160, "xatol": 1e-2, "fatol": 1e-2}).x  # fmt: skip
    chances = model.chances(team.line[team.withheld] + found[0])
    kept_back = expit(found[1] - max(found[2], 0.0) * share)
    beyond = chances * ((kept_back - kept_back[-1]) / np.maximum(chances @ kept_back, FLOOR)[:, None])
    answering = (team.level >= 0).sum() / max(int((~team.withheld).sum()), 1)
    return Selected(number=float(answering * beyond.sum()), total=float(answering * (beyond @ worth).sum()))


def _loss(values: Floats, team: Team, model: Fitted, share: Floats) -> float:
    step, base, slope = values
    chances = model.chances(team.line + step)
    kept_back = expit(base - max(slope, 0.0) * share)
    rows = np.arange(len(team.line))
    own = chances[rows, team.level] * (1 - kept_back)[team.level]
    asked = chances @ (1 - kept_back)
    back = chances @ kept_back
    likely = np.where(team.withheld, back, np.where(team.level >= 0, own, asked))
    held = (step / LEVEL_SPREAD) ** 2 + (slope / SLOPE_SPREAD) ** 2 + 100 * min(slope, 0.0) ** 2
    return float(-np.log(np.maximum(likely, FLOOR)).sum() + held / 2)
