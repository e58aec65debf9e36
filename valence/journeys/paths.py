"""Paths through a company: what comes right after what, which whole ways there are, how many get how far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from valence import terms

K = TypeVar("K")
Hashes = NDArray[np.uint64]
STEP = np.uint64(0x9E3779B97F4A7C15)  # odd, so that multiplying by it loses nothing


@dataclass(frozen=True)
class Follows:
    """How often one word came right after another in a customer's journey; which words began one, and ended one."""

    pairs: Mapping[tuple[str, str], int] = field(default_factory=dict)
    first: Mapping[str, int] = field(default_factory=dict)
    last: Mapping[str, int] = field(default_factory=dict)

    def __add__(self, other: Follows) -> Follows:
        """Add up what was counted over different customers."""
        return Follows(_sum(self.pairs, other.pairs), _sum(self.first, other.first), _sum(self.last, other.last))


@dataclass(frozen=True)
class Variants:
    """Whole ways, each by a hash (v,), ascending: how many customers went it, and one of them as an example."""

    ways: Hashes
    times: NDArray[np.int64]
    example: terms.Keys

    def most(self, limit: int) -> list[tuple[int, int]]:
        """Return (times, example) of the commonest ways, the commonest first."""
        order = np.lexsort((self.example, -self.times))[:limit]
        return list(zip(self.times[order].tolist(), self.example[order].tolist(), strict=True))


def follows(*, journeys: terms.Journeys, column: str) -> Follows:
    """Count what came right after what, by the words of one column. Rows that say nothing there are passed over."""
    words, owner = _known(journeys, column)
    if not len(words.codes):
        return Follows()
    code, size = words.codes.astype(np.int64), len(words.vocabulary)
    goes_on = owner[1:] == owner[:-1]
    counted = np.bincount(code[:-1][goes_on] * size + code[1:][goes_on], minlength=size * size)
    return Follows(
        pairs={
            (words.vocabulary[place // size], words.vocabulary[place % size]): int(counted[place])
            for place in np.flatnonzero(counted).tolist()
        },
        first=_counted(words, code[np.append(True, ~goes_on)]),
        last=_counted(words, code[np.append(~goes_on, True)]),
    )


def variants(*, journeys: terms.Journeys, column: str) -> Variants:
    """Count the different ways that customers went: the words of a column in order. Memory is that of the ways."""
    words, owner = _known(journeys, column)
    if not len(words.codes):
        return Variants(np.empty(0, np.uint64), np.empty(0, np.int64), np.empty(0, np.int64))
    begins = np.flatnonzero(np.append(True, owner[1:] != owner[:-1]))
    place = np.arange(len(owner)) - np.repeat(begins, np.diff(np.append(begins, len(owner))))
    named = np.array([_hash(word) for word in words.vocabulary], np.uint64)[words.codes]
    with np.errstate(over="ignore"):
        # A word counts otherwise at each place, so that the same words in another order are another way.
        stirred = _stirred(named + STEP * (place.astype(np.uint64) + np.uint64(1)))
    return _merged(np.add.reduceat(stirred, begins), np.ones(len(begins), np.int64), journeys.keys[owner[begins]])


def together(*, parts: Sequence[Variants]) -> Variants:
    """Add up the ways of different customers."""
    if not parts:
        return Variants(np.empty(0, np.uint64), np.empty(0, np.int64), np.empty(0, np.int64))
    return _merged(
        np.concatenate([part.ways for part in parts]),
        np.concatenate([part.times for part in parts]),
        np.concatenate([part.example for part in parts]),
    )


def reached(
    *, journeys: terms.Journeys, column: str, steps: Sequence[str], within_days: float = np.inf
) -> NDArray[np.int64]:
    """Return how many customers reached each step (s,), in this order, each after the one before it.

    The first time counts that a step comes after the step before. within_days: between first and last step.
    """
    words, owner = journeys.words.get(column), journeys.owners()
    at = np.full(len(journeys.keys), -1, np.int64)
    begun = np.full(len(journeys.keys), np.nan)
    found = []
    for step in steps:
        is_step = _is(words, step, len(journeys))
        is_step &= (at[owner] < np.arange(len(owner))) & (at[owner] > -2)
        is_step &= ~(journeys.occurred - begun[owner] > within_days)
        rows = np.flatnonzero(is_step)
        who, first = np.unique(owner[rows], return_index=True)
        at[:] = -2  # whoever did not come this far comes no further
        at[who] = rows[first]
        begun[who] = np.where(np.isnan(begun[who]), journeys.occurred[rows[first]], begun[who])
        found.append(len(who))
    return np.array(found, np.int64)


def _known(journeys: terms.Journeys, column: str) -> tuple[terms.Words, terms.Keys]:
    words = journeys.words[column]
    known = words.codes >= 0
    owner = journeys.owners()
    return (words, owner) if known.all() else (terms.Words(words.codes[known], words.vocabulary), owner[known])


def _counted(words: terms.Words, code: NDArray[np.int64]) -> dict[str, int]:
    counts = np.bincount(code, minlength=len(words.vocabulary))
    return {words.vocabulary[place]: int(counts[place]) for place in np.flatnonzero(counts).tolist()}


def _is(words: terms.Words | None, step: str, rows: int) -> NDArray[np.bool_]:
    if words is None or step not in words.vocabulary:
        return np.zeros(rows, np.bool_)
    return np.asarray(words.codes == words.vocabulary.index(step))


def _merged(ways: Hashes, times: NDArray[np.int64], example: terms.Keys) -> Variants:
    found, first, place = np.unique(ways, return_index=True, return_inverse=True)
    added = np.bincount(place, weights=times, minlength=len(found)).astype(np.int64)
    return Variants(found, added, example[first])


def _stirred(numbers: Hashes) -> Hashes:
    """Spread every bit over all of them (the finalizer of splitmix64): sums of such numbers hardly ever meet."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))


def _hash(word: str) -> int:
    return int.from_bytes(blake2b(word.encode(), digest_size=8).digest(), "little")


def _sum(one: Mapping[K, int], other: Mapping[K, int]) -> dict[K, int]:
    return {key: one.get(key, 0) + other.get(key, 0) for key in (*one, *(key for key in other if key not in one))}
