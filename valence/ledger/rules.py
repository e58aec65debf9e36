"""Who is likely to leave, since when, until when something can be done; what is unsaid of promises. Pure."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from valence.terms import Days, Floats

Flags = NDArray[np.bool_]

LIKELY = 0.10
TIMES_CLEAN = 2.0
STAYS_LIKELY = 0.8
QUARTER = 0.25
AT_LEAST_DAYS = 1.0
TELLING_PROMISES = 10
SETTLED = ("kept", "broken")
# As journeys.promises has it: what has no date is due after 30 days, and an hour late is in time.
DUE_AFTER_DAYS = 30.0
GRACE_DAYS = 1.0 / 24.0
DUE = (*SETTLED, "overdue", "unsaid")
# How many days back to look for the day on which somebody became likely to leave.
LOOK_BACK_DAYS = (1, 2, 3, 4, 5, 6, 7, 10, 14, 21, 30, 45, 60)


def likely_to_leave(*, p_60d: Floats, p_clean_60d: Floats, was_likely: Flags) -> Flags:
    """Say who is likely to leave (n,), given chances 0..1 of leaving by choice within 60 days.

    Likely: at least one in ten, and at least twice the chance of a customer like this one with whom nothing went
    wrong: then something we did can be mended. Who was likely stays so until the chance falls below eight tenths of
    that, so that nobody jumps on and off the list with every small change.
    """
    threshold = np.maximum(LIKELY, TIMES_CLEAN * p_clean_60d)
    return np.asarray(p_60d >= np.where(was_likely, STAYS_LIKELY * threshold, threshold))


def became_likely_at(*, as_of: float, before: Days, likely_then: Flags) -> Days:
    """Say since when customers (n,) who are likely to leave have been so, in days.

    `before` is the moment an earlier score of the same model named (NaN: none), and stands. Else the present spell is
    followed back: `likely_then` (n, len(LOOK_BACK_DAYS)) tells whether they were likely so many days ago.
    """
    back = np.array([0.0, *LOOK_BACK_DAYS])
    unbroken = np.cumprod(likely_then, axis=1).sum(axis=1).astype(int)
    return np.where(np.isfinite(before), before, as_of - back[unbroken])


def act_by(*, as_of: float, became: Days, p_30d: Floats, p_60d: Floats) -> Days:
    """Say until when to act (n,), in days: the lead time.

    Of all who leave within 60 days of becoming likely to, a quarter have left by then. The chance is taken to grow
    evenly within the first 30 days and within the next 30. Never less than a day from now: what is late is urgent.
    """
    quarter = QUARTER * p_60d
    first = 30.0 * quarter / np.maximum(p_30d, 1e-9)
    second = 30.0 + 30.0 * (quarter - p_30d) / np.maximum(p_60d - p_30d, 1e-9)
    lead = np.where(quarter <= p_30d, first, second)
    return np.maximum(became + lead, as_of + AT_LEAST_DAYS)


def unsaid(*, promises: Mapping[tuple[str, str], Mapping[str, int]]) -> frozenset[tuple[str, str]]:
    """Return the promises (source, words) of which nobody notes whether they were kept, given how many stand how.

    Of ten or more that are due one would be kept or broken on record. Where fewer of one kind are due, their source as
    a whole tells. What is overdue there may have been kept long ago: it is not called overdue.
    """
    by_source: dict[str, list[int]] = {}
    for (source, _), states in promises.items():
        sums = by_source.setdefault(source, [0, 0])
        sums[0] += _sum(states, SETTLED)
        sums[1] += _sum(states, DUE)
    found = set()
    for (source, words), states in promises.items():
        settled, due = _sum(states, SETTLED), _sum(states, DUE)
        if due < TELLING_PROMISES:
            settled, due = by_source[source]
        if not settled and due >= TELLING_PROMISES:
            found.add((source, words))
    return frozenset(found)


def _sum(states: Mapping[str, int], wanted: tuple[str, ...]) -> int:
    return sum(states.get(state, 0) for state in wanted)
