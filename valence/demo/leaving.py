"""Who leaves when: the intercept that loses the share wanted, and the draw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from valence.demo import hazard, people, world

Floats = NDArray[np.float64]
NEVER = np.inf


@dataclass(frozen=True)
class Leaving:
    """When and how each customer leaves (c,): `at` in days (inf: stays), `voluntary`."""

    at: Floats
    voluntary: NDArray[np.bool_]


@dataclass(frozen=True)
class Base:
    """What a pilot run fixed for one operator.

    intercept: a of the law. ahead (3,): by how much the hazards of 30, 60, 90 days ahead exceed those of a customer to
    whom nothing more happens, on average.
    """

    intercept: float
    ahead: Floats


def base(*, operator: world.World, courses: hazard.Courses, landmarks: Floats) -> Base:
    """Find the intercept with which the share wanted is lost over the window, by bisection."""
    totals = np.exp(courses.log_hazard.astype(float)).sum(axis=0)
    low, high = -30.0, 5.0
    for _ in range(60):
        middle = (low + high) / 2
        lost = -np.expm1(-np.exp(middle) * totals).mean()
        low, high = (middle, high) if lost < operator.lost_share else (low, middle)
    return Base(intercept=low, ahead=_exceeds(operator=operator, courses=courses, landmarks=landmarks, intercept=low))


def _exceeds(*, operator: world.World, courses: hazard.Courses, landmarks: Floats, intercept: float) -> Floats:
    """Return for each horizon the factor from foreseen to realised hazard, over those still there at the landmarks."""
    summed = np.cumsum(np.exp(courses.log_hazard.astype(float) + intercept), axis=0)
    summed = np.vstack([np.zeros(summed.shape[1]), summed])
    days = (landmarks - operator.start).astype(int)
    factors = np.ones(len(hazard.HORIZONS))
    for number, horizon in enumerate(hazard.HORIZONS):
        usable = days + horizon < len(summed)
        if usable.any():
            there = np.exp(-summed[days[usable]]) * (courses.ahead[usable, 0] > 0)
            realised = -np.expm1(summed[days[usable]] - summed[days[usable] + horizon])
            foreseen = courses.ahead[usable, number] * np.exp(intercept)
            factors[number] = _factor(there=there, realised=realised, foreseen=foreseen)
    return factors


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
