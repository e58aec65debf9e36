"""Answers in the name of different customers from one device on one day, where the device is not meant for many."""

from __future__ import annotations

import numpy as np

from valence.insights import say as words
from valence.insights.integrity import contrast
from valence.insights.integrity.expected import Expected
from valence.insights.integrity.finding import Finding, Trick
from valence.insights.integrity.moments import Moments

NAME = "devices"
WEIGHT = 2.0
TRICKS = (Trick.FILLING_IN,)
LEAST_SHARE = 0.002


def find(*, moments: Moments, expected: Expected) -> Finding | None:
    """Return how many answers share their device; None where no device is known."""
    known = np.flatnonzero(moments.has_answer & (moments.device >= 0) & ~moments.shared)
    if not len(known):
        return None
    of_team = np.column_stack([moments.team[known], moments.device[known], np.floor(moments.answered[known])])
    _, place, times = np.unique(of_team.astype(np.int64), axis=0, return_inverse=True, return_counts=True)
    rows = np.zeros(len(moments), bool)
    rows[known] = times[place.reshape(-1)] > 1
    looked = np.zeros(len(moments), bool)
    looked[known] = True
    seen, of = moments.per_team(rows), moments.per_team(looked)
    z, usual = contrast.of_counts(count=seen, of=of, least=LEAST_SHARE)
    return Finding(z=z, seen=seen, of=of, usual=usual, rows=rows)


def say(*, seen: float, of: float, usual: float) -> str:
    """Return what was found about one team, as a clause."""
    return (
        f"{seen:.0f} of {of:.0f} answers came from a device that answered for another customer on the same day; "
        f"usual is {words.percent(usual)}"
    )
