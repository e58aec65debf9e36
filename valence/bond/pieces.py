"""Rows piece by piece, on all cores: a piece fits into the processor's memory, and linear algebra lets threads go on.

Pieces are the same however many cores there are, and so is every sum over them.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

ROWS = 4_096
MOST_THREADS = 4

T = TypeVar("T")


def each(*, count: int, work: Callable[[slice], T]) -> list[T]:
    """Return what `work` makes of every piece of so many rows, in order."""
    pieces = [slice(first, min(first + ROWS, count)) for first in range(0, count, ROWS)]
    threads = min(MOST_THREADS, os.cpu_count() or 1, len(pieces))
    if threads < 2:
        return [work(piece) for piece in pieces]
    with ThreadPoolExecutor(max_workers=threads) as pool:
        return list(pool.map(work, pieces))
