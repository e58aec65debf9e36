"""How the scores of several learners become one chance a label, and from which chance on a label is told.

Both are chosen on texts that the learners had not seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

Scores = NDArray[np.float64]
FEW_LABELS = 12
"""Up to so many labels, each is judged by the scores of all: "nothing special" is told by what the others are not."""
STACKED_FROM = 5
STACKED_ROWS = 50
"""Texts for each score, with which one label of STACKED_FROM to FEW_LABELS is told by the scores of all labels."""
LEANS = (0.0, 0.15, 0.3, 0.5)
GRID = np.arange(0.1, 0.71, 0.02)


@dataclass(frozen=True)
class Blend:
    """Weights of the members, calibration, and when a label is told.

    Several labels: `weights` [labels, columns], `shifts` [labels], `tell_from` [labels] chances.
    One label: `weights` [members], or [labels, columns] where each is judged by the scores of all; `shifts` [labels];
    `tell_from` [labels] what chances are divided by before the highest wins: rare labels are leaned to.
    `always`: every text that was learned from carries a label, so that the likeliest is told where none is likely.
    """

    one: bool
    members: tuple[str, ...]
    weights: Scores
    shifts: Scores
    tell_from: Scores
    always: bool = False

    def uses(self, *, member: str) -> bool:
        """Return whether a member has any say."""
        if not self.one or self.weights.ndim == 2:
            return member in self.members
        return member in self.members and self.weights[self.members.index(member)] > 0.02

    def chances(self, *, scores: Mapping[str, Scores], given: NDArray[np.float32]) -> Scores:
        """Return the chance of every label: [n, labels]; rows sum to 1 where every text carries one label."""
        if self.one and self.weights.ndim == 2:
            columns = _columns(scores={name: scores[name] for name in self.members}, given=given[:, :0])
            return np.asarray(scipy.special.softmax(columns @ self.weights.T + self.shifts, axis=1))
        if self.one:
            used = [
                weight * scores[name] for name, weight in zip(self.members, self.weights, strict=True) if name in scores
            ]
            return np.asarray(scipy.special.softmax(sum(used) + self.shifts, axis=1))
        columns = _columns(scores={name: scores[name] for name in self.members}, given=given)
        if self.weights.ndim == 2 and self.weights.shape[1] == columns.shape[1]:
            return np.asarray(scipy.special.expit(columns @ self.weights.T + self.shifts))
        own = _own(scores={name: scores[name] for name in self.members})
        return np.asarray(scipy.special.expit(np.einsum("nlm,lm->nl", own, self.weights) + self.shifts))

    def told(self, *, chances: Scores) -> NDArray[np.bool_]:
        """Return which labels are told: [n, labels]."""
        if self.one:
            return _highest(chances / self.tell_from)
        told = np.asarray(chances >= self.tell_from)
        none = ~told.any(axis=1) & self.always
        told[none] = _highest(chances[none] / self.tell_from)
        return told


def learn(*, scores: Mapping[str, Scores], given: NDArray[np.float32], truth: NDArray[np.int_], one: bool) -> Blend:
    """Learn a blend from scores of texts that the members had not seen. truth: [n, labels] of 0 and 1."""
    if not one:
        return _learn_several(scores=scores, given=given, truth=truth)
    enough = len(truth) >= STACKED_ROWS * truth.shape[1] * len(scores) and bool(truth.any(axis=0).all())
    stacked = is_stacked(labels=truth.shape[1]) and enough
    return _learn_stacked(scores=scores, truth=truth) if stacked else _learn_one(scores=scores, truth=truth)


def is_stacked(*, labels: int) -> bool:
    """Return whether one label of so many is told by the scores of all labels, given texts enough."""
    return STACKED_FROM <= labels <= FEW_LABELS


def guessed(*, scores: Scores, one: bool) -> NDArray[np.bool_]:
    """Return the labels that scores speak for, without any calibration."""
    return _highest(scores) if one else np.asarray(scores > 0)


def macro_and_micro(*, truth: NDArray[np.int_], told: NDArray[np.bool_]) -> float:
    """Return the mean of macro-F1 (over labels that occur) and micro-F1."""
    hits = (truth.astype(bool) & told).sum(axis=0)
    total = truth.sum(axis=0) + told.sum(axis=0)
    occurs = total > 0
    macro = float(np.mean(2 * hits[occurs] / total[occurs])) if occurs.any() else 0.0
    return (macro + float(2 * hits.sum() / max(total.sum(), 1))) / 2


def _learn_one(*, scores: Mapping[str, Scores], truth: NDArray[np.int_]) -> Blend:
    names, stacked = tuple(scores), np.stack(list(scores.values()))
    labels = truth.shape[1]
    right = truth.argmax(axis=1)

    def loss(guess: Scores) -> float:
        weights, shifts = guess[: len(names)], guess[len(names) :]
        logs = scipy.special.log_softmax(np.tensordot(weights, stacked, axes=1) + shifts, axis=1)
        return float(-logs[np.arange(len(right)), right].mean() + 0.002 * (guess**2).mean())

    def slope(guess: Scores) -> Scores:
        weights, shifts = guess[: len(names)], guess[len(names) :]
        off = scipy.special.softmax(np.tensordot(weights, stacked, axes=1) + shifts, axis=1) - truth
        by_weight = (stacked * off).sum(axis=(1, 2)) / len(right)
        return np.concatenate([by_weight, off.mean(axis=0)]) + 0.004 * guess / len(guess)

    start = np.concatenate([np.full(len(names), 1.0), np.zeros(labels)])
    bounds = [(0, None)] * len(names) + [(None, None)] * labels
    found = scipy.optimize.minimize(loss, start, jac=slope, method="L-BFGS-B", bounds=bounds).x
    weights, shifts = found[: len(names)], found[len(names) :]
    chances = scipy.special.softmax(np.tensordot(weights, stacked, axes=1) + shifts, axis=1)
    return Blend(one=True, members=names, weights=weights, shifts=shifts, tell_from=_leaned(chances, truth))


def _learn_stacked(*, scores: Mapping[str, Scores], truth: NDArray[np.int_]) -> Blend:
    from sklearn.linear_model import LogisticRegression  # only who learns waits for it

    columns = _columns(scores=scores, given=np.zeros((len(truth), 0), dtype=np.float32))
    fitted = LogisticRegression(C=0.3, max_iter=500).fit(columns, truth.argmax(axis=1))
    weights, shifts = np.asarray(fitted.coef_), np.asarray(fitted.intercept_)
    chances = scipy.special.softmax(columns @ weights.T + shifts, axis=1)
    return Blend(one=True, members=tuple(scores), weights=weights, shifts=shifts, tell_from=_leaned(chances, truth))


def _leaned(chances: Scores, truth: NDArray[np.int_]) -> Scores:
    """Return what chances are divided by, so that rare labels are leaned to as far as it pays."""
    shares = (truth.sum(axis=0) + 1) / (len(truth) + truth.shape[1])
    lean = max(LEANS, key=lambda one: macro_and_micro(truth=truth, told=_highest(chances / shares**one)))
    return np.asarray(shares**lean)


def _learn_several(*, scores: Mapping[str, Scores], given: NDArray[np.float32], truth: NDArray[np.int_]) -> Blend:
    from sklearn.linear_model import LogisticRegression  # only who learns waits for it

    together = truth.shape[1] <= FEW_LABELS
    columns = _columns(scores=scores, given=given)
    own = _own(scores=scores)
    weights = np.zeros((truth.shape[1], columns.shape[1] if together else len(scores)))
    shifts = np.zeros(truth.shape[1])
    for label, column in enumerate(truth.T):
        if column.min() == column.max():
            shifts[label] = 4.0 if column.max() else -4.0
            continue
        fitted = LogisticRegression(C=0.3).fit(columns if together else own[:, label], column)
        weights[label], shifts[label] = fitted.coef_[0], fitted.intercept_[0]
    sums = columns @ weights.T if together else np.einsum("nlm,lm->nl", own, weights)
    chances = scipy.special.expit(sums + shifts)
    tell_from = _tell_from(chances, truth)
    always = bool(truth.any(axis=1).all())
    return Blend(one=False, members=tuple(scores), weights=weights, shifts=shifts, tell_from=tell_from, always=always)


def _tell_from(chances: Scores, truth: NDArray[np.int_]) -> Scores:
    """Return the chance from which on each label is told: between its own best and the best for all, by F1."""

    def best(some: Scores, right: NDArray[np.int_]) -> float:
        return float(max(GRID, key=lambda edge: _f1(some >= edge, right)))

    for_all = best(chances, truth)
    own = [best(chances[:, label], truth[:, label]) for label in range(truth.shape[1])]
    trust = np.minimum(truth.sum(axis=0) / 400, 0.5)
    return np.asarray(trust * np.array(own) + (1 - trust) * for_all)


def _f1(told: NDArray[np.bool_], right: NDArray[np.int_]) -> float:
    return float(2 * (told & right.astype(bool)).sum() / max(told.sum() + right.sum(), 1))


def _columns(*, scores: Mapping[str, Scores], given: NDArray[np.float32]) -> Scores:
    return np.hstack([*(np.clip(one, -4, 4) for one in scores.values()), given.astype(float)])


def _own(*, scores: Mapping[str, Scores]) -> Scores:
    return np.stack([np.clip(one, -4, 4) for one in scores.values()], axis=2)


def _highest(chances: Scores) -> NDArray[np.bool_]:
    told = np.zeros(chances.shape, dtype=bool)
    told[np.arange(len(chances)), chances.argmax(axis=1)] = True
    return told
