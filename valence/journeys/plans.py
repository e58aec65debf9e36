"""What was planned against what was done: steps that came late, not at all, in the wrong order, or twice. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from valence import terms
from valence.journeys.signs import Flags

FINE, LATE, MISSING, EARLY, TWICE, OPEN = 0, 1, 2, 3, 4, 5
SLIPS = ("", "late", "missing", "early", "twice", "open")


@dataclass(frozen=True)
class Step:
    """One planned step. which (n,): the rows that are it; within_days: from the beginning; once: a second is a slip."""

    which: Flags
    within_days: float
    once: bool


@dataclass(frozen=True)
class Runs:
    """Runs of a plan (r,): the row where each began; for each step (r, s) how it went, and its row, -1 for none."""

    begun: terms.Keys
    state: NDArray[np.int8]
    row: terms.Keys


def follow(
    *, journeys: terms.Journeys, begins: Flags, steps: Sequence[Step], window_days: float, until: terms.Days
) -> Runs:
    """Return how each run of a plan went, as of `until` (c,): the last day of each customer of which anything is known.

    A run begins where `begins` (n,) holds and lasts `window_days`, or until the next one of the same customer begins:
    what comes then belongs to that one. In this order a step is **twice** where it comes again and should not,
    **early** where it comes before the step that was planned before it, **late** after its days, **missing** where its
    days are over without it, and **open** until then.
    """
    place, apart = _places(journeys)
    begun = np.flatnonzero(begins)
    start = place[begun]
    end = start + min(window_days, apart - 1.0)
    if len(begun) > 1:
        end[:-1] = np.minimum(end[:-1], np.nextafter(start[1:], -np.inf))
    state = np.zeros((len(begun), len(steps)), np.int8)
    row = np.full((len(begun), len(steps)), -1, np.int64)
    before = np.full(len(begun), -np.inf)
    known = until[journeys.owners()[begun]]
    for number, step in enumerate(steps):
        rows = np.flatnonzero(step.which)
        came = place[rows]
        first = np.searchsorted(came, start, side="right")
        count = np.searchsorted(came, end, side="right") - first
        there = count > 0
        row[there, number] = rows[first[there]]
        at = np.where(there, came[np.minimum(first, max(0, len(rows) - 1))] if len(rows) else np.inf, np.inf)
        over = known - journeys.occurred[begun] >= step.within_days
        state[:, number] = np.select(
            [
                there & step.once & (count > 1),
                there & (at < before),
                there & (at - start > step.within_days),
                there,
                over,
            ],
            [TWICE, EARLY, LATE, FINE, MISSING],
            OPEN,
        )
        before = np.where(there, at, before)
    return Runs(begun=begun, state=state, row=row)


def _places(journeys: terms.Journeys) -> tuple[terms.Days, float]:
    """Return a number for each row (n,) that grows with customer and time, and how far apart customers lie."""
    if not len(journeys):
        return np.empty(0), 1.0
    low = float(journeys.occurred.min())
    # Twice the span lies between two customers, so that no window reaches from one into the next.
    apart = 2.0 * (float(journeys.occurred.max()) - low) + 2.0
    return journeys.owners() * apart + (journeys.occurred - low), (apart - 2.0) / 2.0 + 2.0
