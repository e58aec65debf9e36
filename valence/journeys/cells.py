"""Counting equal rows of several whole-number columns at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from valence import terms

Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Cells:
    """Counts by week and words, one row a cell (m,). week: its Monday in whole days since 1970; code -1 is unknown."""

    week: Whole
    words: Mapping[str, terms.Words]
    counts: Mapping[str, Whole]

    def __len__(self) -> int:
        return len(self.week)


def joined(*, parts: Sequence[Cells]) -> Cells:
    """Add up the counts of parts that share no customer. At least one part is needed."""
    words = {name: _one_vocabulary([part.words[name] for part in parts]) for name in parts[0].words}
    week = np.concatenate([part.week for part in parts])
    columns, place, _ = unique(columns=[week, *(each.codes for each in words.values())])
    return Cells(
        week=columns[0],
        words=worded(codes=columns[1:], vocabularies={name: each.vocabulary for name, each in words.items()}),
        counts={
            name: summed(
                place=place, counts=np.concatenate([part.counts[name] for part in parts]), size=len(columns[0])
            )
            for name in parts[0].counts
        },
    )


def _one_vocabulary(parts: Sequence[terms.Words]) -> terms.Words:
    vocabulary = tuple(dict.fromkeys(word for part in parts for word in part.vocabulary))
    number = {word: place for place, word in enumerate(vocabulary)}
    codes = [np.array([*(number[word] for word in part.vocabulary), -1], np.int32)[part.codes] for part in parts]
    return terms.Words(codes=np.concatenate(codes), vocabulary=vocabulary)


def worded(*, codes: Sequence[Whole], vocabularies: Mapping[str, tuple[str, ...]]) -> dict[str, terms.Words]:
    """Return columns of words from their codes, in the order of the vocabularies."""
    named = zip(vocabularies.items(), codes, strict=True)
    return {name: terms.Words(column.astype(np.int32), vocabulary) for (name, vocabulary), column in named}


def summed(*, place: Whole, counts: NDArray[np.integer] | NDArray[np.bool_], size: int) -> Whole:
    """Return the sum of the counts (n,) at each place (size,)."""
    return np.bincount(place, weights=counts, minlength=size).astype(np.int64)


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
