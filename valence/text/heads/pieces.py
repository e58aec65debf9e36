"""Pieces of words, counted word by word and each word once: people use few words, and every text of theirs is cut anew.

Gives what scikit-learn's `char_wb` gives, several times as fast on comments.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

SHORTEST, LONGEST = 2, 5
REMEMBERED = 20_000
LONGEST_WORD = 60
"""Letters of a word that is remembered; a longer one is cut each time."""


class Pieces:
    """Weighs the pieces of words that a vectoriser learned: `known` names the column of each, `rarity` weighs it."""

    def __init__(self, *, known: Mapping[str, int], rarity: NDArray[np.float32]) -> None:
        self._known = known
        self._rarity = np.asarray(rarity, dtype=np.float32)
        self._cut: dict[str, NDArray[np.int32]] = {}

    def of(self, texts: Sequence[str]) -> sparse.csr_matrix:
        """Return the weights of pieces, rows of length 1: [texts, pieces]."""
        each = [[self._columns(word) for word in text.split()] for text in texts]
        columns = [np.concatenate(words) if words else np.zeros(0, np.int32) for words in each]
        ends = np.concatenate([[0], np.cumsum([len(one) for one in columns])])
        flat = np.concatenate(columns) if columns else np.zeros(0, np.int32)
        shape = (len(texts), len(self._rarity))
        counts = sparse.csr_matrix((np.ones(len(flat), np.float32), flat, ends), shape=shape)
        counts.sum_duplicates()
        counts.data = (np.log(counts.data) + 1) * self._rarity[counts.indices]
        lengths = np.sqrt(np.asarray(counts.multiply(counts).sum(axis=1)).ravel())
        counts.data /= np.repeat(np.maximum(lengths, 1e-12), np.diff(counts.indptr)).astype(np.float32)
        return counts

    def _columns(self, word: str) -> NDArray[np.int32]:
        found = self._cut.get(word)
        if found is None:
            found = np.array([self._known[one] for one in _pieces(word) if one in self._known], dtype=np.int32)
            if len(word) <= LONGEST_WORD:
                if len(self._cut) >= REMEMBERED:
                    self._cut.clear()
                self._cut[word] = found
        return found


def _pieces(word: str) -> list[str]:
    """Return all pieces of a word with a blank on either side; a word shorter than a piece is one piece, once."""
    padded = f" {word} "
    found: list[str] = []
    for size in range(SHORTEST, LONGEST + 1):
        if size >= len(padded):
            found.append(padded)
            break
        found += [padded[at : at + size] for at in range(len(padded) - size + 1)]
    return found
