"""Where in the log to look for what was counted: the rows behind a number are found again, and none of them is kept.

A customer lies in one of 4,096 slots: a range of keys in one bucket. Beside a count stands in which slots any of it
lies (its marks: bit s of a whole number for slot s), so that a few rows are found without reading everybody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from valence import interactions, terms
from valence.customers import queries as people
from valence.flows.gather import derived

RANGES = 64
SLOTS = terms.BUCKETS * RANGES
KEY_BITS = 62
RANGE_BITS = KEY_BITS - 6  # of a key, within its range
EVERYWHERE = (1 << SLOTS) - 1
AT_ONCE = 500
# Marks of more slots than this say too little to be kept.
MANY = SLOTS // 2


def of(*, keys: terms.Keys) -> terms.Keys:
    """Return the slot (n,) of customers; within a bucket, larger keys lie in later slots."""
    found: terms.Keys = keys % terms.BUCKETS * RANGES + np.minimum(keys >> RANGE_BITS, RANGES - 1)
    return found


def grouped(*, slots: terms.Keys, groups: terms.Keys, size: int) -> list[int]:
    """Return the marks of each of `size` groups: of the slots (n,) of what belongs to it, groups (n,)."""
    found = [0] * size
    for pair in np.unique(groups * SLOTS + slots).tolist():
        found[pair // SLOTS] |= 1 << (pair % SLOTS)
    return found


def written(*, marks: int) -> str:
    """Return marks as they are kept; "" for those of so many slots that one may as well look everywhere."""
    return "" if marks.bit_count() > MANY else f"{marks:x}"


def read(*, text: str) -> int:
    """Return marks as they were kept."""
    return int(text, 16) if text else EVERYWHERE


def customers(
    *, marks: int, mine: Callable[[terms.Relationships], NDArray[np.bool_]], columns: Sequence[str], as_of: float
) -> Iterator[tuple[terms.Journeys, terms.Relationships]]:
    """Give the whole journeys of some hundred customers at a time, and who they are: of marked slots, in their order.

    mine: which of some customers are asked for. Who stops at what is shown has read little, however long the log is and
    however many customers there are.
    """
    needed = derived.columns(asked=columns)
    for keys in _keys(marks):
        some = people.relationships_of(keys=keys)
        some = some.taken(mine(some))
        for first in range(0, len(some), AT_ONCE):
            few = some.taken(_between(first, first + AT_ONCE, of=len(some)))
            journeys = interactions.journeys_of(keys=few.keys.tolist(), columns=needed, as_of=as_of)
            yield derived.put(journeys=journeys).aligned_to(few.keys), few


def _between(first: int, end: int, *, of: int) -> NDArray[np.bool_]:
    places = np.arange(of)
    return (places >= first) & (places < end)


def _keys(marks: int) -> Iterator[list[int]]:
    """Give the keys of marked slots, some hundred at a time: more slots are asked for at once where few are in them."""
    found: list[int] = []
    step = 1
    for bucket in range(terms.BUCKETS):
        marked = marks >> (bucket * RANGES) & ((1 << RANGES) - 1)
        first = 0
        while marked >> first:
            first += _zeros(marked >> first)
            keys = _of_ranges(bucket, marked, first, first + step)
            first += step
            step = step if len(keys) >= AT_ONCE else min(2 * step, RANGES)
            found += keys
            if len(found) >= AT_ONCE:
                yield found
                found = []
    if found:
        yield found


def _zeros(bits: int) -> int:
    """Return at which place the lowest bit stands."""
    return (bits & -bits).bit_length() - 1


def _of_ranges(bucket: int, marked: int, first: int, end: int) -> list[int]:
    """Return the keys of a bucket in the marked ones of its ranges [first, end)."""
    until = None if end >= RANGES else end << RANGE_BITS
    keys = people.keys_between(first=first << RANGE_BITS, until=until, bucket=bucket)
    return [key for key in keys if marked >> min(key >> RANGE_BITS, RANGES - 1) & 1]
