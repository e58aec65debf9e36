"""Themes that are new or growing: the latest period against what its own past and its season let expect.

Many themes are looked at together, so chance would always find one that grew. The share of false alarms among those
named is held below `level` (Benjamini and Hochberg), and counts may vary more than Poisson's: how much is measured.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

LEVEL = 0.05
LEAST_PERIODS = 8
FEWEST_PERIODS = 5
LEAST_COUNT = 5
SHRINK = 5.0

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Growing:
    """A theme that came up more often than expected. `low` and `high`: where 95 % of such periods would have lain.

    ratio: count / expected. q: the share of false alarms among all that are named down to this one. is_new: it had
    not been heard of before.
    """

    theme: str
    count: int
    expected: float
    low: float
    high: float
    ratio: float
    q: float
    is_new: bool


def growing(
    *,
    counts: Mapping[str, Sequence[int]],
    totals: Sequence[int],
    season: int = 0,
    level: float = LEVEL,
    least: int = LEAST_PERIODS,
) -> tuple[Growing, ...]:
    """Return the themes whose last period is above expectation, surest first.

    counts: comments with the theme by period, oldest first; totals: all comments by period, as long. season: periods a
    season has (7 for days of a week, 52 for weeks of a year), used where two whole seasons are known; 0 for none.
    Nothing is said before `least` periods are known (at least FEWEST_PERIODS), nor of fewer than LEAST_COUNT comments.
    """
    every = np.asarray(totals, dtype=float)
    if len(every) <= max(least, FEWEST_PERIODS) or every[-1] == 0:
        return ()
    found = [_against_past(name, np.asarray(each, dtype=float), every, season) for name, each in counts.items()]
    chances = np.array([chance for _, chance in found])
    adjusted = scipy.stats.false_discovery_control(chances) if len(chances) else chances
    named = [
        _with_q(one, float(q))
        for (one, _), q in zip(found, adjusted, strict=True)
        if q <= level and one.count >= LEAST_COUNT
    ]
    return tuple(sorted(named, key=lambda one: (one.q, -one.ratio)))


def _against_past(theme: str, counts: Numbers, totals: Numbers, season: int) -> tuple[Growing, float]:
    """Return the theme with its expectation, and the chance of a count as high or higher if nothing had changed."""
    past, before = counts[:-1], totals[:-1]
    rate = (past.sum() + 0.5) / (before.sum() + 1.0)
    factors = _seasonal(past, before, rate, season)
    expected_past = before * rate * factors[: len(past)]
    mean = float(totals[-1] * rate * factors[len(past)])
    spread = _spread(past, expected_past)
    variance = spread * mean + mean**2 / max(past.sum(), 1.0)
    chance, low, high = _tail(counts[-1], mean, variance)
    count = int(counts[-1])
    grown = Growing(theme, count, mean, low, high, count / max(mean, 1e-9), 1.0, is_new=not past.any())
    return grown, chance


def _seasonal(past: Numbers, before: Numbers, rate: float, season: int) -> Numbers:
    """Return the factor of each period, the last included: what its place in the season does, drawn towards 1."""
    periods = len(past) + 1
    if season < 2 or len(past) < 2 * season:
        return np.ones(periods)
    place = np.arange(periods) % season
    seen = np.bincount(place[:-1], weights=past, minlength=season)
    usual = np.bincount(place[:-1], weights=before * rate, minlength=season)
    return np.asarray(((seen + SHRINK) / (usual + SHRINK))[place], dtype=float)


def _spread(past: Numbers, expected: Numbers) -> float:
    """Return how many times the counts vary more than Poisson's would, at least 1."""
    usable = expected > 0
    if usable.sum() < 2:
        return 1.0
    residuals = (past[usable] - expected[usable]) ** 2 / expected[usable]
    return max(1.0, float(residuals.sum() / (usable.sum() - 1)))


def _tail(count: float, mean: float, variance: float) -> tuple[float, float, float]:
    """Return the chance of `count` or more, and the 95 % range, of counts with this mean and variance."""
    if variance <= mean * 1.0001:
        spoken = scipy.stats.poisson(mean)
    else:
        spoken = scipy.stats.nbinom(mean**2 / (variance - mean), mean / variance)
    return float(spoken.sf(count - 1)), float(spoken.ppf(0.025)), float(spoken.ppf(0.975))


def _with_q(one: Growing, q: float) -> Growing:
    return Growing(one.theme, one.count, one.expected, one.low, one.high, one.ratio, q, one.is_new)
