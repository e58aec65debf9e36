"""Two shares side by side: by how much they differ, and how many cases it takes to see that. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

import scipy

from valence.insights import intervals
from valence.insights.intervals import Range

POWER = 0.8


@dataclass(frozen=True)
class Share:
    """So many of so many."""

    number: int
    of: int

    @property
    def value(self) -> float:
        """The share, 0 where there are no cases."""
        return self.number / self.of if self.of else 0.0

    @property
    def range(self) -> Range:
        """The range in which the true share likely lies."""
        return intervals.of_share(self.number, of=self.of)


def difference(*, first: Share, second: Share) -> Range:
    """Return the range (95 %) of second - first (Newcombe 1998, method 10: the score intervals of both)."""
    low, high = first.range, second.range
    middle = second.value - first.value
    down = math.hypot(second.value - high.low, low.high - first.value)
    up = math.hypot(high.high - second.value, first.value - low.low)
    return Range(low=max(-1.0, middle - down), high=min(1.0, middle + up))


def needed(*, usual: float, by: float) -> int:
    """Return how many cases each share needs so that a difference of `by` is seen four times of five (Fleiss 1981).

    usual: the share that is expected of the first; 0.05 and 0.95 are its ends.
    """
    first = min(max(usual, 0.05), 0.95)
    second = first + by if first + by < 1 else first - by
    middle = (first + second) / 2
    alpha = float(scipy.stats.norm.ppf(1 - (1 - intervals.LEVEL) / 2))
    beta = float(scipy.stats.norm.ppf(POWER))
    apart = alpha * math.sqrt(2 * middle * (1 - middle))
    apart += beta * math.sqrt(first * (1 - first) + second * (1 - second))
    return math.ceil((apart / by) ** 2)
