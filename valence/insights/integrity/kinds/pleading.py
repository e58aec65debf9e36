"""Comments that tell of a score asked for, against how often the other teams' comments do."""

from __future__ import annotations

import numpy as np

from valence.insights import say as words
from valence.insights.integrity import contrast
from valence.insights.integrity.expected import Expected
from valence.insights.integrity.finding import Finding, Trick
from valence.insights.integrity.moments import Moments
from valence.text.intents import pleas

NAME = "pleading"
WEIGHT = 3.0
TRICKS = (Trick.BEGGING,)
LEAST_SHARE = 0.001
NEVER_SEEN = 3.0
"""What was never seen in n comments may still be as usual as 3 in n (the rule of three)."""


def find(*, moments: Moments, expected: Expected) -> Finding | None:
    """Return how many comments plead; None where nobody wrote anything."""
    wrote = moments.has_answer & (moments.text != "")
    if not wrote.any():
        return None
    pleads = np.zeros(len(moments), bool)
    pleads[expected.rows] = [pleas.in_plain(text) for text in expected.plain]
    seen, of = moments.per_team(pleads), moments.per_team(wrote)
    least = min(LEAST_SHARE, NEVER_SEEN / float(of.sum()))
    z, usual = contrast.of_counts(count=seen, of=of, least=least)
    return Finding(z=z, seen=seen, of=of, usual=usual, rows=pleads)


def say(*, seen: float, of: float, usual: float) -> str:
    """Return what was found about one team, as a clause."""
    return f"{seen:.0f} of {of:.0f} comments tell that a score was asked for; usual is {words.percent(usual)}"
