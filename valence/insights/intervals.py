"""Likely ranges (95 %) of counts and rates, by formulas that hold for few cases."""

from __future__ import annotations

import math
from dataclasses import dataclass

import scipy

LEVEL = 0.95
SPREAD = float(scipy.stats.norm.ppf(1 - (1 - LEVEL) / 2))  # in standard deviations; asked for hundreds of times a page


@dataclass(frozen=True)
class Range:
    """A likely range: the true figure lies in it in 95 of 100 cases."""

    low: float
    high: float


def of_count(number: int) -> Range:
    """Return the exact range of a count that could have come out otherwise (Garwood 1936, Poisson)."""
    tail = (1 - LEVEL) / 2
    low = float(scipy.stats.chi2.ppf(tail, 2 * number)) / 2 if number else 0.0
    return Range(low=low, high=float(scipy.stats.chi2.ppf(1 - tail, 2 * number + 2)) / 2)


def of_share(number: int, *, of: int) -> Range:
    """Return the range of a share of `of` cases (Wilson 1927). With no cases nothing is known: 0 to 1."""
    if of <= 0:
        return Range(low=0.0, high=1.0)
    share, spread = number / of, SPREAD * SPREAD / of
    middle = (share + spread / 2) / (1 + spread)
    half = SPREAD / (1 + spread) * math.sqrt(share * (1 - share) / of + spread / (4 * of))
    return Range(low=max(0.0, middle - half), high=min(1.0, middle + half))
