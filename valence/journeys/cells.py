"""Counting equal rows of several whole-number columns at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]


def unique(*, columns: Sequence[NDArray[np.integer]]) -> tuple[list[Whole], Whole, Whole]:
    """Return the different rows as columns, for each row (n,) its place among them, and how often each occurs.

    The columns are packed into one number a row: many times faster than comparing rows.
    """
    lows = [int(column.min(initial=0)) for column in columns]
    sizes = [int(column.max(initial=0)) - low + 1 for column, low in zip(columns, lows, strict=True)]
    packed = np.zeros(len(columns[0]), np.int64)
    for column, low, size in zip(columns, lows, sizes, strict=True):
        packed = packed * size + (column - low)
    found, place, times = np.unique(packed, return_inverse=True, return_counts=True)
    unpacked: list[Whole] = []
    for low, size in zip(reversed(lows), reversed(sizes), strict=True):
        unpacked.append(found % size + low)
        found = found // size
    return unpacked[::-1], place.reshape(-1), times
