"""Figures about guesses and truths: area under the curve, shares with ranges, calibration by deciles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_WIDE = 1.96


@dataclass(frozen=True)
class Figure:
    """A figure with its 95 % range and how many it rests on."""

    value: float
    low: float
    high: float
    count: int


def area(*, guess: Floats, came: Bools) -> float:
    """Return the chance that one to whom it came was guessed higher than one to whom not; NaN with one sort only."""
    came = np.asarray(came, dtype=bool)
    yes, no = int(came.sum()), int((~came).sum())
    if not yes or not no:
        return float("nan")
    ranks = stats.rankdata(guess)
    return float((ranks[came].sum() - yes * (yes + 1) / 2) / (yes * no))


def mean(*, values: Sequence[float]) -> Figure:
    """Return the mean of figures of different months with Student's range; NaN months are left out."""
    known = np.array([value for value in values if np.isfinite(value)])
    if len(known) < 2:
        single = float(known.mean()) if len(known) else float("nan")
        return Figure(single, single, single, len(known))
    half = float(stats.t.ppf(0.975, len(known) - 1) * known.std(ddof=1) / len(known) ** 0.5)
    return Figure(float(known.mean()), float(known.mean()) - half, float(known.mean()) + half, len(known))


def share(*, hits: Bools) -> Figure:
    """Return the share of hits with Wilson's range (1927)."""
    count = len(hits)
    if not count:
        return Figure(float("nan"), float("nan"), float("nan"), 0)
    found = float(np.mean(hits))
    scale = 1 + _WIDE**2 / count
    centre = (found + _WIDE**2 / (2 * count)) / scale
    half = _WIDE * (found * (1 - found) / count + _WIDE**2 / (4 * count**2)) ** 0.5 / scale
    return Figure(found, centre - half, centre + half, count)


def deciles(*, guess: Floats, truth: Floats) -> list[dict[str, Any]]:
    """Return mean guess and mean truth in ten groups of equal size, by rising guess."""
    order = np.argsort(guess, kind="stable")
    groups = [group for group in np.array_split(order, 10) if len(group)]
    return [
        {"guessed": float(guess[group].mean()), "true": float(truth[group].mean()), "count": len(group)}
        for group in groups
    ]


def worst(*, groups: Sequence[dict[str, Any]]) -> float:
    """Return the largest distance between guess and truth over the groups."""
    return max((abs(group["guessed"] - group["true"]) for group in groups), default=float("nan"))
