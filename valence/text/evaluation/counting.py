"""Figures from counts, each with its 95 % range: shares by Wilson's formula, F1 by drawing rows again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import sqrt

import numpy as np
from numpy.typing import NDArray

Z95 = 1.959964
DRAWS = 500

Figure = dict[str, float | None]
Counts = NDArray[np.float64]


def share(*, part: float, whole: float) -> Figure:
    """Return part / whole with Wilson's 95 % range; None everywhere where the whole is 0."""
    if not whole:
        return {"value": None, "low": None, "high": None}
    value = part / whole
    middle = (value + Z95**2 / (2 * whole)) / (1 + Z95**2 / whole)
    reach = Z95 * sqrt(value * (1 - value) / whole + Z95**2 / (4 * whole**2)) / (1 + Z95**2 / whole)
    return {"value": value, "low": max(0.0, middle - reach), "high": min(1.0, middle + reach)}


def drawn(*, counts: Counts, figure: Callable[[Counts], float], seed: int, draws: int = DRAWS) -> Figure:
    """Return figure(column sums of counts) with the 95 % range that drawing rows anew gives. counts: [rows, counts]."""
    value = float(figure(counts.sum(axis=0)))
    if len(counts) < 2:
        return {"value": value, "low": None, "high": None}
    random = np.random.default_rng(seed)
    weights = random.multinomial(len(counts), np.full(len(counts), 1 / len(counts)), size=draws)
    found = [figure(sums) for sums in weights @ counts]
    low, high = np.quantile(found, [0.025, 0.975])
    return {"value": value, "low": float(low), "high": float(high)}


def f1(*, hits: float, wrong: float, missed: float) -> float:
    """Return 2 hits / (2 hits + wrong + missed); 0 where there is nothing to find and nothing was."""
    total = 2 * hits + wrong + missed
    return 2 * hits / total if total else 0.0


def micro_f1(sums: Sequence[float] | Counts) -> float:
    """Return F1 over all labels from [hits of each label..., wrong of each..., missed of each...]."""
    hits, wrong, missed = np.array_split(np.asarray(sums), 3)
    return f1(hits=float(hits.sum()), wrong=float(wrong.sum()), missed=float(missed.sum()))


def macro_f1(sums: Sequence[float] | Counts) -> float:
    """Return the mean F1 of the labels from [hits of each label..., wrong of each..., missed of each...]."""
    hits, wrong, missed = np.array_split(np.asarray(sums), 3)
    each = [f1(hits=float(a), wrong=float(b), missed=float(c)) for a, b, c in zip(hits, wrong, missed, strict=True)]
    return float(np.mean(each)) if each else 0.0
