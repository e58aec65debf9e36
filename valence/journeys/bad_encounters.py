"""Bad encounters: what weakened the bond strongly, scored lowest, was spoken very badly of, or broke a promise.

Each of them has one customer who waits to hear from us; `reached` says when we did something about it. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from valence import packs, terms
from valence.journeys import recorded, signs

# Leaving is so many times as likely just after it, by the model of the bond.
STRONG = 2.0
# The lowest scores: the bottom fifth of their scale (0-2 of 10, 1 of 5, 1 and 2 of 7).
LOWEST = 0.2
REACHED_WITHIN_DAYS = 14.0
MAKES_GOOD = frozenset({"apologised", "credited"})
CALLS_BACK = ("callback", "followup", "outbound", "back")
FROM_CASES = "valence"  # the source of what is sent from a case
COLUMNS = (*signs.COLUMNS, "score", "scale")


class Why(StrEnum):
    """What makes an encounter a bad one."""

    WEAKENED = "weakened"
    LOWEST_SCORE = "lowest_score"
    BAD_COMMENT = "bad_comment"
    BROKEN_PROMISE = "broken_promise"


WHYS = tuple(Why)


@dataclass(frozen=True)
class Bad:
    """Bad encounters (b,) by row. why (b, 4): which of WHYS hold. at, reached: days, NaN where nothing was done."""

    row: terms.Keys
    why: NDArray[np.bool_]
    at: terms.Days
    reached: terms.Days


def find(
    *,
    journeys: terms.Journeys,
    pack: packs.Pack,
    times: terms.Floats,
    spoken: signs.Flags,
    broken_at: terms.Days,
    since: float,
    until: float,
) -> Bad:
    """Return the bad encounters of (since, until], in days.

    times (n,): how many times as likely leaving was just after each row. spoken (n,): rows whose comment was very bad.
    broken_at (n,): when what a row promised, or had to keep, was broken; NaN elsewhere. Of a broken promise that day
    counts, not the one on which it was made.
    """
    why = np.stack([times >= STRONG, lowest_scores(journeys=journeys), spoken, np.isfinite(broken_at)], axis=1)
    at = np.where(np.isfinite(broken_at), broken_at, journeys.occurred)
    row = np.flatnonzero(why.any(axis=1) & (at > since) & (at <= until))
    return Bad(row=row, why=why[row], at=at[row], reached=_reached(journeys, pack, row, at[row]))


def lowest_scores(*, journeys: terms.Journeys) -> signs.Flags:
    """Return the rows (n,) whose score lies in the bottom fifth of its scale; of an unknown scale none does."""
    score = signs.number(journeys=journeys, name="score")
    scale = signs.column(journeys=journeys, name="scale")
    ends = np.array([terms.SCALES.get(packs.plain_word(word), (np.nan, np.nan)) for word in (*scale.vocabulary, "")])
    low, high = ends[scale.codes, 0], ends[scale.codes, 1]
    found: signs.Flags = score <= low + LOWEST * (high - low)
    return found


def _reached(journeys: terms.Journeys, pack: packs.Pack, row: terms.Keys, at: terms.Days) -> terms.Days:
    """Return when we first did something about each bad encounter within two weeks, NaN where nothing is recorded.

    That is: a visit, a message or a call back that the sources say it led to; an apology or money given; a reply
    that was sent from a case. A call by the customer is none, nor is an offer, a bill or a survey.
    """
    linked = _linked(journeys, pack)[row]
    general = _next(journeys, _makes_good(journeys, pack), row, at)
    first = np.fmin(np.where(linked > at, linked, np.nan), general)
    return np.where(first - at <= REACHED_WITHIN_DAYS, first, np.nan)


def _linked(journeys: terms.Journeys, pack: packs.Pack) -> terms.Days:
    """Return for each row (n,) when the first thing of ours came of it that its source names, NaN where none did."""
    found = np.full(len(journeys), np.nan)
    kind = signs.column(journeys=journeys, name="kind")
    message = signs.where(words=kind, holds=lambda word: pack.known_as("kinds", word) == "message")
    touchpoint = signs.column(journeys=journeys, name="touchpoint")
    calls = signs.where(words=touchpoint, holds=lambda word: not set(CALLS_BACK).isdisjoint(word.lower().split("_")))
    cause = recorded.causes(journeys=journeys)
    effect = np.flatnonzero((cause >= 0) & (signs.read(journeys=journeys, pack=pack).visit | message | calls))
    for later in effect[::-1].tolist():  # the rows of a customer are in order of time: the first is written last
        found[cause[later]] = journeys.occurred[later]
    return found


def _makes_good(journeys: terms.Journeys, pack: packs.Pack) -> signs.Flags:
    facts = signs.column(journeys=journeys, name="facts")
    good = signs.where(
        words=facts,
        holds=lambda told: not MAKES_GOOD.isdisjoint(pack.known_as("facts", one) for one in told.split("|")),
    )
    ours = signs.where(words=signs.column(journeys=journeys, name="source"), holds=lambda word: word == FROM_CASES)
    return good | ours


def _next(journeys: terms.Journeys, which: signs.Flags, row: terms.Keys, at: terms.Days) -> terms.Days:
    """Return for each of some rows when the next row of its customer comes for which `which` (n,) holds."""
    rows = np.flatnonzero(which)
    if not len(rows) or not len(row):
        return np.full(len(row), np.nan)
    owner = journeys.owners()
    low = min(float(journeys.occurred.min()), float(at.min()))
    apart = max(float(journeys.occurred.max()), float(at.max())) - low + 1.0
    place = owner[rows] * apart + (journeys.occurred[rows] - low)
    after = np.searchsorted(place, owner[row] * apart + (at - low), side="right")
    there = after < len(rows)
    after = np.minimum(after, len(rows) - 1)
    same = there & (owner[rows[after]] == owner[row])
    return np.where(same, journeys.occurred[rows[after]], np.nan)
