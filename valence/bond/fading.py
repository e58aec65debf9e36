"""How long each mark is remembered: half-lives learned mark by mark, drawn to what is usual in this company.

The samples hold sums with a few fixed half-lives only. Any other exponential is a mixture of theirs, the nearest in the
sense of least squares over all ages, so that a half-life may move freely while weights are fitted:

    2 ** (-t / h)  ~  sum over g of c_g(h) 2 ** (-t / h_g)
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from valence import terms
from valence.bond import pieces
from valence.bond.mark import Mark
from valence.bond.sampling import HALF_LIVES

SHORTEST, LONGEST = 7.0, 150.0
USUAL = 35.0
STEADY = 1e-6


def mixture(*, lives: terms.Floats) -> tuple[terms.Floats, terms.Floats]:
    """Return how HALF_LIVES mix to half-lives (m,), and how that moves with log half-life, (g, m) each."""
    grid = np.array(HALF_LIVES)
    overlap = np.multiply.outer(grid, grid) / np.add.outer(grid, grid) + STEADY * np.eye(len(grid))
    share = lives / np.add.outer(grid, lives)
    both = np.linalg.solve(
        overlap, np.concatenate([grid[:, None] * share, (grid[:, None] * share) * (1.0 - share)], axis=1)
    )
    return both[:, : len(lives)], both[:, len(lives) :]


def alike(*, marks: Sequence[Mark]) -> terms.Floats:
    """Return which marks fade alike, (m, groups) of 0 and 1: those said in the same words measure one thing."""
    groups = {words: number for number, words in enumerate(dict.fromkeys(mark.words for mark in marks))}
    return np.array([[float(groups[mark.words] == number) for number in range(len(groups))] for mark in marks])


def remembered(*, sums: NDArray[np.float32], lives: terms.Floats) -> NDArray[np.float32]:
    """Return what is remembered with half-lives (m,) of sums (n, g, m) by HALF_LIVES, (n, m)."""
    shares, _ = mixture(lives=lives)
    return np.asarray(np.einsum("ngm,gm->nm", sums, shares.astype(np.float32)))


def slopes(
    *, sums: NDArray[np.float32], lives: terms.Floats, weights: terms.Floats, groups: terms.Floats
) -> NDArray[np.float32]:
    """Return how the log-hazard moves with the log half-life of each group, (n, groups), at weights (m,)."""
    _, moves = mixture(lives=lives)
    by_group = ((moves * weights)[:, :, None] * groups).astype(np.float32).reshape(-1, groups.shape[1])
    laid_out = sums.reshape(len(sums), len(by_group))
    slope = np.empty((len(sums), groups.shape[1]), np.float32)
    pieces.each(count=len(sums), work=lambda piece: np.matmul(laid_out[piece], by_group, out=slope[piece]))
    return slope
