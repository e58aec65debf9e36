"""The learners that a head blends. Each is told right and wrong, and gives every text a score a label.

A member is plain arrays: `learn` makes them, `scores` reads them, so that a head is stored without running anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from valence.text.heads import blending, material, words

Scores = NDArray[np.float64]
Truth = NDArray[np.int_]
Parts = dict[str, np.ndarray]

MEANING_WEIGHT = 1.5
CORNERS = 400
CURVE = 0.7
SURE = 4.0
TOLERANCE = 0.01
"""Of the fits: finer ones take three times as long and tell the same."""
FINE = 0.0001
"""Of a curved border between a few labels, which is far from its best at TOLERANCE."""


def learn_straight(*, stuff: material.Material, truth: Truth, one: bool, strength: float) -> Parts:
    """Learn a straight line through words, vectors, lexicon and given scores.

    truth: [n, labels] of 0 and 1; `one`: every text carries exactly one label.
    """
    vectorisers = words.learn(texts=stuff.texts)
    centres = [matrix.mean(axis=0) for matrix in stuff.vectors]
    held = {**vectorisers.parts(), **{f"centre.{at}": centre for at, centre in enumerate(centres)}}
    rows = _straight_rows(stuff=stuff, parts=held, vectorisers=vectorisers)
    weights, shifts = _lines(rows=rows, truth=truth, one=one, strength=strength)
    return {**held, "weights": weights, "shifts": shifts}


class Straight:
    """Scores by a straight line."""

    def __init__(self, parts: Mapping[str, np.ndarray]) -> None:
        self._parts = parts
        self._vectorisers = words.rebuilt(parts=parts)
        self._weights = np.ascontiguousarray(parts["weights"].T)

    def scores(self, stuff: material.Material) -> Scores:
        """Return [n, labels]; above 0 speaks for a label."""
        rows = _straight_rows(stuff=stuff, parts=self._parts, vectorisers=self._vectorisers)
        return np.asarray(rows @ self._weights + self._parts["shifts"], dtype=float)


def _straight_rows(
    *, stuff: material.Material, parts: Mapping[str, np.ndarray], vectorisers: words.Words
) -> sparse.csr_matrix:
    meaning = [_centred(matrix, parts[f"centre.{at}"]) * MEANING_WEIGHT for at, matrix in enumerate(stuff.vectors)]
    dense = np.hstack([*meaning, stuff.signs, stuff.given])
    return sparse.hstack([vectorisers.of(stuff.texts), sparse.csr_matrix(dense)]).tocsr().astype(np.float32)


def _lines(
    *, rows: sparse.csr_matrix, truth: Truth, one: bool, strength: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    from sklearn.svm import LinearSVC  # only who learns waits for it

    def line(column: NDArray[np.int_]) -> tuple[NDArray[np.float64], float]:
        fitted = LinearSVC(C=strength, class_weight="balanced" if one else None, tol=TOLERANCE, random_state=0).fit(
            rows, column
        )
        return fitted.coef_[0], float(fitted.intercept_[0])

    return _by_label(truth=truth, width=rows.shape[1], learn=line)


def _by_label(
    *, truth: Truth, width: int, learn: Callable[[NDArray[np.int_]], tuple[NDArray[np.float64], float]]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Learn each label against the rest; one that all or none of the examples carry is always, or never, told."""
    weights, shifts = np.zeros((truth.shape[1], width), dtype=np.float32), np.zeros(truth.shape[1], dtype=np.float32)
    for at, column in enumerate(truth.T):
        if column.min() == column.max():
            shifts[at] = SURE if column.max() else -SURE
        else:
            weights[at], shifts[at] = learn(column)
    return weights, shifts


def learn_curved(*, stuff: material.Material, truth: Truth, one: bool, strength: float) -> Parts:
    """Learn a curved border through vectors and lexicon: likeness to CORNERS of the examples, then straight."""
    from sklearn.kernel_approximation import Nystroem  # only who learns waits for it

    centres = {f"centre.{at}": matrix.mean(axis=0) for at, matrix in enumerate(stuff.vectors)}
    rows = _curved_rows(stuff=stuff, parts=centres)
    curve = Nystroem(gamma=CURVE, n_components=min(CORNERS, len(rows)), random_state=0).fit(rows)
    parts = {**centres, "corners": curve.components_, "turn": curve.normalization_}
    weights, shifts = _logistic(rows=_bent(rows, parts), truth=truth, one=one, strength=strength)
    return {**{name: part.astype(np.float32) for name, part in parts.items()}, "weights": weights, "shifts": shifts}


class Curved:
    """Scores by a curved border."""

    def __init__(self, parts: Mapping[str, np.ndarray]) -> None:
        self._parts = parts

    def scores(self, stuff: material.Material) -> Scores:
        """Return [n, labels]; above 0 speaks for a label."""
        bent = _bent(_curved_rows(stuff=stuff, parts=self._parts), self._parts)
        return np.asarray(bent @ self._parts["weights"].T + self._parts["shifts"], dtype=float)


def _curved_rows(*, stuff: material.Material, parts: Mapping[str, np.ndarray]) -> NDArray[np.float32]:
    meaning = [_centred(matrix, parts[f"centre.{at}"]) for at, matrix in enumerate(stuff.vectors)]
    return np.hstack([*meaning, stuff.signs, stuff.given]).astype(np.float32)


def _bent(rows: NDArray[np.float32], parts: Mapping[str, np.ndarray]) -> NDArray[np.float32]:
    corners = parts["corners"]
    apart = (rows**2).sum(1)[:, None] + (corners**2).sum(1)[None, :] - 2 * rows @ corners.T
    near: NDArray[np.float32] = np.exp(-CURVE * np.maximum(apart, 0)) @ parts["turn"].T
    return near


def _logistic(
    *, rows: NDArray[np.float32], truth: Truth, one: bool, strength: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    from sklearn.linear_model import LogisticRegression  # only who learns waits for it

    def line(column: NDArray[np.int_]) -> tuple[NDArray[np.float64], float]:
        fitted = LogisticRegression(C=10 * strength, max_iter=150, tol=TOLERANCE).fit(rows, column)
        return fitted.coef_[0], float(fitted.intercept_[0])

    there = np.flatnonzero(truth.any(axis=0))
    if not one or len(there) < 3:
        return _by_label(truth=truth, width=rows.shape[1], learn=line)
    tolerance = FINE if truth.shape[1] <= blending.FEW_LABELS else TOLERANCE
    together = LogisticRegression(C=10 * strength, class_weight="balanced", max_iter=150, tol=tolerance)
    together.fit(rows, truth.argmax(axis=1))
    weights = np.zeros((truth.shape[1], rows.shape[1]), dtype=np.float32)
    shifts = np.full(truth.shape[1], -SURE, dtype=np.float32)
    weights[there], shifts[there] = together.coef_, together.intercept_
    return weights, shifts


def _centred(matrix: material.Matrix, centre: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    """Take off what all vectors share (E5's nearly all is), and make the rest of length 1 again."""
    rest = matrix - centre
    return np.asarray(rest / np.maximum(np.linalg.norm(rest, axis=1, keepdims=True), 1e-6), dtype=np.float32)


Reader = Straight | Curved
LEARNERS: Mapping[str, tuple[Callable[..., Parts], Callable[[Mapping[str, np.ndarray]], Reader]]] = {
    "straight": (learn_straight, Straight),
    "curved": (learn_curved, Curved),
}
