"""What changed: weekly counts against what their own past leads one to expect, and only changes larger than chance.

A week's count is compared with the weeks before it. Its expected range is a Poisson range widened by how much the
past weeks scatter beyond chance (quasi-Poisson) and by how little is known of their mean; with a year or more of
weeks the mean follows the same season. Because hundreds of series are looked at, changes are kept by Benjamini and
Hochberg's rule (1995): of those shown, at most one in twenty is expected to be chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

FEWEST_WEEKS = 6
FEWEST_CUSTOMERS = 5
FALSE_SHARE = 0.05
LEAST_FACTOR = 1.25
NEARLY_POISSON = 1.05
YEAR = 52
# A season is believed half once this many were counted in the same five weeks a year before.
SEASON_PRIOR = 40.0


@dataclass(frozen=True)
class Counted:
    """One thing that is counted every week, the oldest first. `label` is returned with its change.

    `exposure` are the weekly counts of all it could have happened to (0 where nothing did); where given, the
    rate is compared, so that a week with twice the visits is not called worse for twice the late ones.
    """

    label: object
    counts: tuple[int, ...]
    exposure: tuple[int, ...] = ()


@dataclass(frozen=True)
class Change:
    """A last week that chance does not explain. `low`..`high`: where the count was expected (95 %).

    `p` is the two-sided chance of a count this far off, before the correction for looking at many.
    """

    label: object
    counts: tuple[int, ...]
    last: int
    expected: float
    low: int
    high: int
    p: float

    @property
    def is_more(self) -> bool:
        """Whether there were more than expected."""
        return self.last > self.expected


@dataclass(frozen=True)
class _Held:
    """A series held against its own past: expected count, dispersion (1: Poisson), weeks it rests on, chance."""

    counted: Counted
    mean: float
    spread: float
    weeks: int
    p: float


def larger_than_chance(*, counted: Sequence[Counted], limit: int = 5) -> tuple[Change, ...]:
    """Return the changes of the last week that chance does not explain, the largest first."""
    looked_at = [held for one in counted if (held := _held(one)) is not None]
    kept = _controlled(np.array([held.p for held in looked_at]))
    told = [held for held, keep in zip(looked_at, kept, strict=True) if keep and _is_worth_telling(held)]
    most = sorted(told, key=lambda held: -abs(held.counted.counts[-1] - held.mean))
    return tuple(_change(held) for held in most[:limit])


def _held(one: Counted) -> _Held | None:
    past, last = np.array(one.counts[:-1], float), one.counts[-1]
    exposure = np.array(one.exposure or (1,) * len(one.counts), float)
    if len(past) < FEWEST_WEEKS or (past.sum() + last) < FEWEST_CUSTOMERS or exposure[-1] <= 0:
        return None
    expected = _expected(past, exposure[:-1], exposure[-1])
    if expected is None:
        return None
    mean, spread, weeks = expected
    return _Held(one, mean, spread, weeks, p=_chance(last=last, mean=mean, factor=spread * (1 + 1 / weeks)))


def _change(held: _Held) -> Change:
    low, high = _range(mean=held.mean, factor=held.spread * (1 + 1 / held.weeks))
    counts = held.counted.counts
    return Change(
        label=held.counted.label, counts=counts, last=counts[-1], expected=held.mean, low=low, high=high, p=held.p
    )


def _expected(past: NDArray[np.float64], exposure: NDArray[np.float64], now: float) -> tuple[float, float, int] | None:
    """Return the expected count, its dispersion (1: Poisson) and how many weeks it rests on."""
    used = exposure > 0
    past, exposure = past[used], exposure[used]
    if len(past) < FEWEST_WEEKS:
        return None
    season = _season(past, exposure)
    rate = past.sum() / (exposure * season[:-1]).sum()
    fitted = rate * exposure * season[:-1]
    dispersion = float(((past - fitted) ** 2 / np.maximum(fitted, 0.5)).sum() / (len(past) - 1))
    return max(rate * now * season[-1], 0.05), max(1.0, dispersion), len(past)


def _season(past: NDArray[np.float64], exposure: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how much more than usual each week (and the one to come) has by season: 1 without a full year."""
    factors = np.ones(len(past) + 1)
    if len(past) < YEAR + FEWEST_WEEKS:
        return factors
    rate = past / exposure
    usual = rate.mean() or 1.0
    for week in range(YEAR, len(past) + 1):
        around = rate[max(0, week - YEAR - 2) : week - YEAR + 3]
        trust = past[max(0, week - YEAR - 2) : week - YEAR + 3].sum()
        trust /= trust + SEASON_PRIOR
        factors[week] = np.clip(1 + trust * (around.mean() / usual - 1), 0.5, 2.0)
    return factors


def _range(*, mean: float, factor: float) -> tuple[int, int]:
    """Return where a week's count is expected in 95 of 100 cases, with `factor` times a Poisson's variance."""
    if factor <= NEARLY_POISSON:
        return int(scipy.stats.poisson.ppf(0.025, mean)), int(scipy.stats.poisson.ppf(0.975, mean))
    low, high = scipy.stats.nbinom.ppf([0.025, 0.975], mean / (factor - 1), 1 / factor)
    return int(low), int(high)


def _chance(*, last: int, mean: float, factor: float) -> float:
    """Return the two-sided mid-p chance of a count as far from the mean as the last one.

    The law is negative binomial with `factor` times a Poisson's variance, its distribution function written with the
    incomplete beta: a hundred series are compared for every page, and scipy's own law object is slow to make.
    """
    size, share = mean / (max(factor, 1.001) - 1), 1 / max(factor, 1.001)
    above = float(scipy.special.betainc(last + 1, size, 1 - share))
    below = float(scipy.special.betainc(size, last, share)) if last else 0.0
    at = max(0.0, 1.0 - above - below)
    return min(1.0, 2 * (min(below, above) + at / 2))


def _controlled(chances: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which chances stay when at most FALSE_SHARE of those kept may be false (Benjamini, Hochberg 1995)."""
    if not len(chances):
        return np.zeros(0, bool)
    order = np.argsort(chances)
    under = chances[order] <= FALSE_SHARE * np.arange(1, len(chances) + 1) / len(chances)
    kept = np.zeros(len(chances), bool)
    if under.any():
        kept[order[: int(np.flatnonzero(under).max()) + 1]] = True
    return kept


def _is_worth_telling(held: _Held) -> bool:
    """Say whether a change is large enough to matter and concerns enough people to be told."""
    last = held.counted.counts[-1]
    if max(last, held.mean) < FEWEST_CUSTOMERS:
        return False
    return last >= LEAST_FACTOR * held.mean or last <= held.mean / LEAST_FACTOR


def grew(*, now: int, before: int, looked_at: int = 1) -> bool:
    """Say whether a count grew by more than chance between two spans of equal length.

    Given their sum, each case falls into either span like a coin (exact conditional test of two Poisson counts);
    `looked_at` is how many counts were compared, and the bar is raised by it (Bonferroni).
    """
    if now < FEWEST_CUSTOMERS or now <= before:
        return False
    chance = float(scipy.stats.binom.sf(now - 1, now + before, 0.5))
    return chance <= FALSE_SHARE / max(1, looked_at)
