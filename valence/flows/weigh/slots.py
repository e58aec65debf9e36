"""Where in the log to look for what was counted: the rows behind a number are found again, and none of them is kept.

A customer lies in one of 4,096 slots: a range of keys in one bucket. Beside a count stands in which slots any of it
lies (its marks: bit s of a whole number for slot s), so that a few rows are found without reading everybody.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from valence import interactions, terms
from valence.flows.gather import derived

RANGES = 64
SLOTS = terms.BUCKETS * RANGES
KEY_BITS = 62
EVERYWHERE = (1 << SLOTS) - 1
AT_ONCE = 500
# Marks of more slots than this say too little to be kept.
MANY = SLOTS // 2


def of(*, keys: terms.Keys) -> terms.Keys:
    """Return the slot (n,) of customers; within a bucket, larger keys lie in later slots."""
    found: terms.Keys = keys % terms.BUCKETS * RANGES + np.minimum(keys >> (KEY_BITS - 6), RANGES - 1)
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
    *, relationships: terms.Relationships, marks: int, columns: Sequence[str], as_of: float
) -> Iterator[tuple[terms.Journeys, terms.Relationships]]:
    """Give the whole journeys of some hundred customers at a time, and who they are: of marked slots, in their order.

    Who stops at what is shown has read little, however long the log is.
    """
    bits = np.frombuffer(marks.to_bytes(SLOTS // 8, "little"), np.uint8)
    people = relationships.taken(np.unpackbits(bits, bitorder="little").astype(bool)[of(keys=relationships.keys)])
    order = np.argsort(of(keys=people.keys), kind="stable")
    needed = derived.columns(asked=columns)
    for first in range(0, len(order), AT_ONCE):
        which = np.zeros(len(people), np.bool_)
        which[order[first : first + AT_ONCE]] = True
        some = people.taken(which)
        journeys = interactions.journeys_of(keys=some.keys.tolist(), columns=needed, as_of=as_of)
        yield derived.put(journeys=journeys).aligned_to(some.keys), some
