"""Answers faster than people usually are, for the same length of comment and the same score."""

from __future__ import annotations

import numpy as np

from valence.insights import say as words
from valence.insights.integrity import contrast
from valence.insights.integrity.expected import Expected
from valence.insights.integrity.finding import Finding, Trick
from valence.insights.integrity.moments import Moments
from valence.terms import Floats

NAME = "speeders"
WEIGHT = 1.0
TRICKS = (Trick.FILLING_IN,)
FAST = -1.645
LEAST_ANSWERS = 50


def find(*, moments: Moments, expected: Expected) -> Finding | None:
    """Return how many answers were hasty; None where how long answering took is not known."""
    known = np.flatnonzero(moments.has_answer & (moments.seconds > 0))
    if len(known) < LEAST_ANSWERS:
        return None
    rows, looked = np.zeros(len(moments), bool), np.zeros(len(moments), bool)
    rows[known] = haste(moments, known) < FAST
    looked[known] = True
    seen, of = moments.per_team(rows), moments.per_team(looked)
    z, usual = contrast.of_counts(count=seen, of=of)
    return Finding(z=z, seen=seen, of=of, usual=usual, rows=rows)


def haste(moments: Moments, known: np.ndarray) -> Floats:
    """Return by how many usual deviations each answer took longer (below 0: less) than such answers do, (k,)."""
    letters = np.array([len(text) for text in moments.text[known]], float)
    share = (moments.score[known] - moments.scale.least) / (moments.scale.most - moments.scale.least)
    x = np.column_stack([np.ones(len(known)), letters > 0, np.log1p(letters), share == 1, share, moments.shared[known]])
    took = np.log(moments.seconds[known])
    rest = took - x @ np.linalg.lstsq(x, took, rcond=None)[0]
    middle = np.median(rest)
    # The upper side tells the usual spread: haste is on the lower.
    return np.asarray((rest - middle) / max(float(np.quantile(rest, 0.8413) - middle), 1e-6))


def say(*, seen: float, of: float, usual: float) -> str:
    """Return what was found about one team, as a clause."""
    return f"{seen:.0f} of {of:.0f} answers took much less time than such answers do; usual is {words.percent(usual)}"
