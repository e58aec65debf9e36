"""Answers given in less time than it takes to read the question."""

from __future__ import annotations

from valence.insights import say as words
from valence.insights.integrity import contrast
from valence.insights.integrity.expected import Expected
from valence.insights.integrity.finding import Finding, Trick
from valence.insights.integrity.moments import Moments

NAME = "bots"
WEIGHT = 1.0
TRICKS = (Trick.FILLING_IN,)
READING = 2.0
LEAST_SHARE = 0.002


def find(*, moments: Moments, expected: Expected) -> Finding | None:
    """Return how many answers no person can have given; None where how long answering took is not known."""
    known = moments.has_answer & (moments.seconds > 0)
    if not known.any():
        return None
    rows = known & (moments.seconds < READING)
    seen, of = moments.per_team(rows), moments.per_team(known)
    z, usual = contrast.of_counts(count=seen, of=of, least=LEAST_SHARE)
    return Finding(z=z, seen=seen, of=of, usual=usual, rows=rows)


def say(*, seen: float, of: float, usual: float) -> str:
    """Return what was found about one team, as a clause."""
    return (
        f"{seen:.0f} of {of:.0f} answers came within two seconds, before anybody can have read the question; "
        f"usual is {words.percent(usual)}"
    )
