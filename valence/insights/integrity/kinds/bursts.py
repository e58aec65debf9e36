"""Answers of one team that follow each other within minutes, against how the answers of all teams fall."""

from __future__ import annotations

import numpy as np

from valence.insights import say as words
from valence.insights.integrity import contrast
from valence.insights.integrity.expected import Expected
from valence.insights.integrity.finding import Finding, Trick
from valence.insights.integrity.moments import Moments
from valence.terms import Codes, Days, Floats

NAME = "bursts"
WEIGHT = 2.0
TRICKS = (Trick.FILLING_IN,)
WITHIN = 4 / 1440
LEAST_EXPECTED = 0.02


def find(*, moments: Moments, expected: Expected) -> Finding | None:
    """Return how many answers follow another of their team. On shared devices they do so by nature: left out.

    What is expected: of the answers of others in those minutes, the share that the team has of all.
    """
    alone = moments.has_answer & ~moments.shared & ~np.isnan(moments.answered)
    known = np.flatnonzero(alone)
    if len(known) < 2:
        return None
    known = known[np.argsort(moments.answered[known], kind="stable")]
    at, team, teams = moments.answered[known], moments.team[known], len(moments.teams)
    behind = np.searchsorted(at, at + WITHIN, side="right") - np.arange(len(at)) - 1
    order = np.lexsort((at, team))
    follows = np.zeros(len(at), bool)
    close = (np.diff(at[order]) <= WITHIN) & (np.diff(team[order]) == 0)
    follows[order[1:][close]] = True
    number = contrast.sums(np.ones(len(team)), team, teams)
    own = contrast.sums(_own_behind(at, team), team, teams)
    others = contrast.sums(behind, team, teams) - own
    foretold = others * number / np.maximum(number.sum() - number, 1)
    rows = np.zeros(len(moments), bool)
    rows[known[follows]] = True
    rows[known[order[:-1][close]]] = True
    seen = contrast.sums(np.ones(len(team[follows])), team[follows], teams)
    z = contrast.of_rare(count=seen, expected=np.where(number > 0, np.maximum(foretold, LEAST_EXPECTED), 0.0))
    return Finding(z=z, seen=seen, of=number, usual=foretold / np.maximum(number, 1), rows=rows)


def _own_behind(at: Days, team: Codes) -> Floats:
    """Return for each answer how many of its own team follow within the minutes."""
    key = team * 1e6 + (at - at.min())
    ascending = np.sort(key)
    found = np.searchsorted(ascending, key + WITHIN, side="right") - np.searchsorted(ascending, key, side="right")
    return np.asarray(found, float)


def say(*, seen: float, of: float, usual: float) -> str:
    """Return what was found about one team, as a clause."""
    return (
        f"{seen:.0f} of {of:.0f} answers followed another of the team within four minutes; by how all answers fall "
        f"{words.percent(usual)} would"
    )
