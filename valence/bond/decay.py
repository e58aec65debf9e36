"""Decayed sums: what of each mark is still remembered at a moment.

    S_hm(t) = sum over interactions e known at t of value_em * 2 ** (-(t - t_e) / half_life_hm)

Known at t: it occurred and was recorded by then. Work is cut into pieces, so that memory is bounded by the answer.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from valence import terms
from valence.bond.marks import Marked

Sums = NDArray[np.float32]
PIECE = 2_000_000


def sums(
    *,
    marked: Marked,
    journeys: terms.Journeys,
    customers: terms.Keys,
    at: terms.Days,
    half_lives: terms.Floats,
    before: bool = False,
) -> Sums:
    """Return what is remembered by customer position `customers` (n,) at the moments `at` (n,): (n, h, m).

    half_lives (h, m): so many ways for each mark to fade, in days.
    `before` counts only what occurred strictly before the moment (a loss is not caused by what came with it).
    """
    marks = half_lives.shape[1]
    answer = np.zeros((len(customers), *half_lives.shape), np.float32)
    for first, last, sample, entry in expanded(
        marked=marked, journeys=journeys, customers=customers, at=at, before=before
    ):
        rows = marked.row[entry]
        age = at[sample] - journeys.occurred[rows]
        mark = marked.mark[entry]
        cell = (sample - first) * marks + mark
        value = np.where(journeys.recorded[rows] <= at[sample], marked.value[entry], 0.0)
        for number, lives in enumerate(half_lives):
            remembered = value * np.exp2(-age / lives[mark])
            answer[first:last, number] = np.bincount(
                cell, weights=remembered, minlength=(last - first) * marks
            ).reshape(last - first, marks)
    return answer


def expanded(
    *, marked: Marked, journeys: terms.Journeys, customers: terms.Keys, at: terms.Days, before: bool = False
) -> Iterator[tuple[int, int, terms.Keys, terms.Keys]]:
    """Yield pieces (first, last, sample, entry): every entry of `marked` that occurred by each moment.

    first:last are the samples of the piece; sample, entry (k,) pair a sample with an entry of its customer.
    """
    starts = np.searchsorted(marked.row, journeys.starts)
    low = starts[customers]
    high = bisect(values=journeys.occurred[marked.row], low=low, high=starts[customers + 1], at=at, before=before)
    sizes = high - low
    for first, last in _pieces(sizes):
        size = sizes[first:last]
        sample = np.repeat(np.arange(first, last), size)
        ends = np.cumsum(size)
        entry = np.arange(len(sample)) - np.repeat(ends - size, size) + np.repeat(low[first:last], size)
        yield first, last, sample, entry


def bisect(
    *, values: terms.Floats, low: terms.Keys, high: terms.Keys, at: terms.Floats, before: bool = False
) -> terms.Keys:
    """Return for each i the first position in values[low[i]:high[i]] after `at[i]`; with `before`, not before it."""
    low, high = low.copy(), high.copy()
    while True:
        open_ = low < high
        if not open_.any():
            return low
        middle = (low + high) // 2
        value = values[np.where(open_, middle, 0)]
        goes_on = open_ & ((value < at) if before else (value <= at))
        low = np.where(goes_on, middle + 1, low)
        high = np.where(open_ & ~goes_on, middle, high)


def _pieces(sizes: terms.Keys) -> Iterator[tuple[int, int]]:
    """Yield ranges of samples with about PIECE entries together."""
    total = np.cumsum(sizes)
    first = 0
    while first < len(sizes):
        spent = total[first - 1] if first else 0
        last = max(first + 1, int(np.searchsorted(total, spent + PIECE, side="right")))
        last = min(last, first + PIECE // 40)
        yield first, last
        first = last
