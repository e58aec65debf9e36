"""Finding, for many rows at once, the earlier row that one could have followed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from valence import terms

# Wider than any count of days since 1970, so that (customer, day) sorts as one number.
SPAN = 1 << 20


def latest_before(*, cause: NDArray[np.bool_], group: terms.Keys) -> terms.Keys:
    """Return for each row (n,) the last earlier row of the same group where `cause` holds, or -1.

    Rows lie in order of time inside each group; groups may lie mixed.
    """
    if not len(group):
        return np.empty(0, np.int64)
    if (group[1:] >= group[:-1]).all():
        return _latest_in_order(cause, group)
    order = np.argsort(group, kind="stable")
    found = _latest_in_order(cause[order], group[order])
    earlier = np.full(len(order), -1, np.int64)
    earlier[order] = np.where(found >= 0, order[found], -1)
    return earlier


def gap(*, occurred: terms.Days, earlier: terms.Keys) -> terms.Days:
    """Return the days since the earlier row (n,), infinite where there is none."""
    return np.where(earlier >= 0, occurred - occurred[earlier], np.inf) if len(occurred) else occurred


def _latest_in_order(cause: NDArray[np.bool_], group: terms.Keys) -> terms.Keys:
    held = np.where(cause, np.arange(len(group)), -1)
    last = np.maximum.accumulate(np.concatenate([[-1], held[:-1]]))
    return np.where((last >= 0) & (group[last] == group), last, -1)


def due_at(*, day: terms.Days, promised: terms.Days, cause: NDArray[np.bool_], group: terms.Keys) -> terms.Keys:
    """Return for each row (n,) the earlier row of its group that promised something for this `day`, or -1.

    `promised` (n,) is what each `cause` row promised for when; the nearest within a day and a half counts.
    """
    causes = np.flatnonzero(cause & np.isfinite(promised))
    if not len(causes):
        return np.full(len(day), -1, np.int64)
    places = group[causes] * float(SPAN) + promised[causes]
    order = np.argsort(places, kind="stable")
    causes, places = causes[order], places[order]
    wanted = np.where(np.isfinite(day), group * float(SPAN) + day, -np.inf)
    after = np.searchsorted(places, wanted)
    sides = np.stack([np.maximum(after - 1, 0), np.minimum(after, len(places) - 1)])
    gaps = np.abs(places[sides] - wanted)
    gaps[causes[sides] >= np.arange(len(day))] = np.inf
    nearest = np.argmin(gaps, axis=0)
    rows = np.arange(len(day))
    return np.where(gaps[nearest, rows] <= 1.5, causes[sides[nearest, rows]], -1)


def groups(*, journeys: terms.Journeys, same: tuple[str, ...]) -> terms.Keys:
    """Return a number for each row (n,) that two rows share when customer and all `same` words agree.

    A row with an unknown word shares its number with no other row.
    """
    group = journeys.owners()
    unknown = np.zeros(len(journeys), np.bool_)
    for name in same:
        words = journeys.words.get(name)
        if words is None:
            return -1 - np.arange(len(journeys), dtype=np.int64)
        group = group * (len(words.vocabulary) + 1) + words.codes + 1
        unknown |= words.codes < 0
    return np.where(unknown, -1 - np.arange(len(journeys)), group)
