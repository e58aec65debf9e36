"""Who leaves when: the intercept that loses the share wanted, and the draw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from valence.demo import hazard, people, world

Floats = NDArray[np.float64]
NEVER = np.inf
GROUPS = (0.0, 0.1, 0.25, 0.45, 0.65, 0.8, 0.9, 0.95, 0.98, 1.0)


@dataclass(frozen=True)
class Leaving:
    """When and how each customer leaves (c,): `at` in days (inf: stays), `voluntary`."""

    at: Floats
    voluntary: NDArray[np.bool_]


@dataclass(frozen=True)
class Base:
    """What a pilot run fixed for one operator.

    intercept: a of the law. ahead (3, m): by what factor the hazard of 30, 60, 90 days ahead exceeds that of a customer
    to whom nothing more happens; it differs with the logarithm of that hazard, `levels` (3, m).
    """

    intercept: float
    levels: Floats
    ahead: Floats

    def chance(self, *, horizon: int, foreseen: Floats) -> Floats:
        """Return the chance (c,) of leaving by the horizon (its number) from foreseen hazards without a."""
        level = np.log(np.maximum(foreseen, 1e-12))
        factor = np.exp(np.interp(level, self.levels[horizon], np.log(self.ahead[horizon])))
        return np.asarray(-np.expm1(-foreseen * np.exp(self.intercept) * factor))


def base(*, operator: world.World, courses: hazard.Courses, landmarks: Floats) -> Base:
    """Find the intercept with which the share wanted is lost over the window, by bisection."""
    totals = np.exp(courses.log_hazard.astype(float)).sum(axis=0)
    low, high = -30.0, 5.0
    for _ in range(60):
        middle = (low + high) / 2
        lost = -np.expm1(-np.exp(middle) * totals).mean()
        low, high = (middle, high) if lost < operator.lost_share else (low, middle)
    return _base(operator=operator, courses=courses, landmarks=landmarks, intercept=low)


def _base(*, operator: world.World, courses: hazard.Courses, landmarks: Floats, intercept: float) -> Base:
    """Compare foreseen with realised hazard in groups of like foresight, over those still there at the landmarks."""
    summed = np.cumsum(np.exp(courses.log_hazard.astype(float) + intercept), axis=0)
    summed = np.vstack([np.zeros(summed.shape[1]), summed])
    days = (landmarks - operator.start).astype(int)
    groups = len(GROUPS) - 1
    levels, factors = np.tile(np.arange(groups, dtype=float), (len(hazard.HORIZONS), 1)), np.ones((3, groups))
    for number, horizon in enumerate(hazard.HORIZONS):
        usable = np.flatnonzero(days + horizon < len(summed))
        foreseen = courses.ahead[usable, number]
        known = foreseen > 0
        if known.any():
            there = np.exp(-summed[days[usable]])[known]
            realised = -np.expm1(summed[days[usable]] - summed[days[usable] + horizon])[known]
            levels[number], factors[number] = _factors(there=there, realised=realised, foreseen=foreseen[known],
                                                       intercept=intercept)  # fmt: skip
    return Base(intercept=intercept, levels=levels, ahead=factors)


def _factors(*, there: Floats, realised: Floats, foreseen: Floats, intercept: float) -> tuple[Floats, Floats]:
    """Return mean log foreseen hazard and factor of each group."""
    level = np.log(foreseen)
    bounds = np.quantile(level, GROUPS)
    group = np.clip(np.searchsorted(bounds, level, side="right") - 1, 0, len(GROUPS) - 2)
    places = [np.flatnonzero(group == which) for which in range(len(GROUPS) - 1)]
    factors = [_factor(there=there[place], realised=realised[place], foreseen=foreseen[place] * np.exp(intercept))
               for place in places]  # fmt: skip
    return np.array([level[place].mean() for place in places]), np.array(factors)


def _factor(*, there: Floats, realised: Floats, foreseen: Floats) -> float:
    """Return the factor on foreseen hazards with which as many leave as truly do, by bisection."""
    low, high = 0.05, 50.0
    for _ in range(50):
        middle = (low * high) ** 0.5
        enough = (there * -np.expm1(-foreseen * middle)).sum() > (there * realised).sum()
        low, high = (low, middle) if enough else (middle, high)
    return low


def draw(
    *, operator: world.World, who: people.People, courses: hazard.Courses, base: Base, rng: np.random.Generator
) -> Leaving:
    """Draw when each leaves by choice (inverse of the summed hazard) and whether they are removed before."""
    summed = np.cumsum(np.exp(courses.log_hazard + np.float32(base.intercept)), axis=0)
    threshold = rng.exponential(1.0, len(who))
    day = (summed < threshold).sum(axis=0)
    chosen = np.where(day < len(summed), operator.start + day + rng.random(len(who)), NEVER)
    chosen = np.where(chosen < operator.end, np.maximum(chosen, who.begins + 0.01), NEVER)
    return Leaving(at=np.minimum(chosen, who.removed_at), voluntary=chosen < who.removed_at)
