"""Tests of one team against what all teams together foretell: sums of residuals, and counts beyond what is usual.

Every test gives a z per team, one-sided: only what speaks for gaming is large. Chances of skewed sums are corrected
by their third moment (Cornish and Fisher 1938).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

from valence.insights.integrity.moments import Bools
from valence.terms import Codes, Floats

DROPPED_AT = 2.5
ROUNDS = 4
MOST = 12.0
FEWEST_TEAMS = 12


def sums(values: NDArray[Any], team: Codes, teams: int) -> Floats:
    """Return the sum of a column (n,) for each team (t,)."""
    return np.asarray(np.bincount(team, weights=np.asarray(values, float), minlength=teams), float)


def of_residuals(
    *, residual: Floats, variance: Floats, skew: Floats, toward: Floats, team: Codes, teams: int
) -> Floats:
    """Return z (t,) of sum(residual x toward) with the team's own level taken out.

    residual (n,) has mean 0, `variance` and third moment `skew` by the model; toward (n,) is the direction that speaks
    for gaming. NaN where a team has nothing to compare.
    """
    weight = sums(variance, team, teams)
    middle = sums(variance * toward, team, teams) / np.maximum(weight, 1e-12)
    lean = toward - middle[team]
    total = sums(residual * lean, team, teams)
    spread = sums(variance * lean**2, team, teams)
    third = sums(skew * lean**3, team, teams)
    return corrected(total=total, variance=spread, third=third)


def corrected(*, total: Floats, variance: Floats, third: Floats) -> Floats:
    """Return z of sums with known variance and third moment; NaN where there is no variance."""
    known = variance > 1e-6
    deviation = np.sqrt(np.where(known, variance, 1.0))
    z = total / deviation
    bent = z - third / deviation**3 * (z**2 - 1) / 6
    # Beyond a few deviations the correction itself is no longer to be trusted: never let it turn the order round.
    held = np.where(z > 0, np.clip(bent, 0.4 * z, z + 0.5), np.minimum(bent, 0.5))
    return np.where(known, np.clip(held, -MOST, MOST), np.nan)


def of_counts(*, count: Floats, of: Floats, least: float = 0.0) -> tuple[Floats, Floats]:
    """Return z (t,) of counts out of `of`, and the share that is usual (t,): that of the other teams.

    Teams that stand out are left out of what is usual, round by round. `least` is never undercut: a share that was
    never seen yet is not impossible.
    """
    stays = of > 0
    usual = least
    z = np.full(len(count), np.nan)
    for _ in range(ROUNDS):
        usual = max(least, (count[stays].sum() + 0.5) / (of[stays].sum() + 1.0) if stays.any() else least)
        z = of_chances(count=count, of=of, chance=np.full(len(of), usual))
        kept = (of > 0) & ~(z > DROPPED_AT)
        if (kept == stays).all():
            break
        stays = kept
    return z, np.full(len(count), usual)


def of_chances(*, count: Floats, of: Floats, chance: Floats) -> Floats:
    """Return z (t,) of counts against a chance each: the mid-p of the binomial, NaN without anything to count."""
    beyond = scipy.stats.binom.sf(count, of, chance) + 0.5 * scipy.stats.binom.pmf(count, of, chance)
    return np.where(of > 0, _z(beyond), np.nan)


def of_rare(*, count: Floats, expected: Floats) -> Floats:
    """Return z (t,) of counts against an expected number each: the mid-p of Poisson, NaN where nothing is expected."""
    beyond = scipy.stats.poisson.sf(count, expected) + 0.5 * scipy.stats.poisson.pmf(count, expected)
    return np.where(expected > 0, _z(beyond), np.nan)


def beside_fellows(z: Floats, *, counted: Bools) -> Floats:
    """Return z (t,) measured by how the other teams scatter, never by less than theory says (Efron 2004).

    Only the lower half tells how honest teams scatter: gaming moves teams upward. Few teams: theory alone.
    """
    told = z[counted & ~np.isnan(z)]
    if len(told) < FEWEST_TEAMS:
        return z
    low, middle = np.quantile(told, [0.1587, 0.5])
    return np.asarray((z - max(middle, 0.0)) / max(1.0, middle - low))


def _z(beyond: Floats) -> Floats:
    return np.asarray(scipy.stats.norm.isf(np.clip(beyond, 1e-30, 1 - 1e-9))).clip(-MOST, MOST)
