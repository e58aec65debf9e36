"""The bond's scale: from the interactions' part of the log-hazard to 0..100, fixed when a model is trained.

    bond = 100 * (1 - population quantile), drawn so that a clean record (part 0) lies at CLEAN

Among those whom interactions weakened the quantile runs from CLEAN down to 0, among those whom they strengthened from
CLEAN up to 100: a monotone function of the population quantile that does not move when more people are praised.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from valence import terms

CLEAN = 75.0
PRIOR_PEOPLE = 40
PRIOR_HARM = 0.5
PRIOR_PRAISE = 0.25
KNOTS = 60
TAIL = 0.995


@dataclass(frozen=True)
class BondScale:
    """harm, praise (KNOTS,): sizes of part at equal steps of the quantile among the weakened and the strengthened."""

    harm: terms.Floats
    praise: terms.Floats

    def bond(self, part: terms.Floats) -> terms.Floats:
        """Return the bond for the interactions' part of the log-hazard; any shape, NaN stays NaN."""
        weakened = CLEAN * (1.0 - _quantile(np.maximum(part, 0.0), self.harm))
        strengthened = CLEAN + (100.0 - CLEAN) * _quantile(np.maximum(-part, 0.0), self.praise)
        return np.where(part > 0, weakened, strengthened)


def measured(part: terms.Floats) -> BondScale:
    """Return the scale for a population's parts (n,); a few imagined people carry it where there are few."""
    return BondScale(harm=_knots(part[part > 1e-6], PRIOR_HARM), praise=_knots(-part[part < -1e-6], PRIOR_PRAISE))


def _knots(sizes: terms.Floats, prior_mean: float) -> terms.Floats:
    """Return sizes at equal steps of the quantile, strictly growing from 0."""
    imagined = -prior_mean * np.log(1.0 - (np.arange(PRIOR_PEOPLE) + 0.5) / PRIOR_PEOPLE)
    knots = np.quantile(np.concatenate([sizes, imagined]), np.linspace(0.0, TAIL, KNOTS))
    knots[0] = 0.0
    return np.maximum.accumulate(knots + np.arange(KNOTS) * 1e-9)


def _quantile(size: terms.Floats, knots: terms.Floats) -> terms.Floats:
    """Interpolate; beyond the last knot the rest is used up exponentially, so that more harm always shows."""
    inside = np.interp(size, knots, np.linspace(0.0, TAIL, len(knots)))
    reach = max(1e-6, float(knots[-1] - knots[-6]))
    beyond = 1.0 - (1.0 - TAIL) * np.exp(-np.maximum(0.0, size - knots[-1]) / reach)
    return np.where(size > knots[-1], beyond, inside)
