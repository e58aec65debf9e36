"""What a head reads of each text: its words, its vectors, what the lexicon sees, and scores that others give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]


@dataclass(frozen=True)
class Material:
    """Row by row what is known of n texts.

    `vectors`: one matrix [n, d] an encoder, unit length; `signs`: [n, s] numbers of the lexicon, about 0 .. 1;
    `given`: [n, g] scores of rules and likeness, about 0 .. 1 (g may be 0).
    """

    texts: tuple[str, ...]
    vectors: tuple[Matrix, ...]
    signs: Matrix
    given: Matrix

    def __len__(self) -> int:
        return len(self.texts)

    def at(self, *, places: NDArray[np.intp]) -> Material:
        """Return the rows at these places."""
        return Material(
            texts=tuple(self.texts[place] for place in places),
            vectors=tuple(matrix[places] for matrix in self.vectors),
            signs=self.signs[places],
            given=self.given[places],
        )


def ungiven(*, stuff: Material) -> Material:
    """Return the material without the scores that others give, for heads that were taught without."""
    return replace(stuff, given=nothing(count=len(stuff)))


def nothing(*, count: int) -> Matrix:
    """Return a matrix without columns, for what is not known of `count` texts."""
    return np.zeros((count, 0), dtype=np.float32)


def of(
    *, texts: Sequence[str], vectors: Sequence[Matrix], signs: Matrix | None = None, given: Matrix | None = None
) -> Material:
    """Return the material of texts; what is left out is without columns."""
    return Material(
        texts=tuple(texts),
        vectors=tuple(vectors),
        signs=nothing(count=len(texts)) if signs is None else signs,
        given=nothing(count=len(texts)) if given is None else given,
    )
