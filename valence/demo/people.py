"""The operator's customers: who they are, before anything happens to them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from valence.demo import vocabulary, world

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

# What a segment pays, how much it calls, and how eager it is to leave without paying: beside the usual customer.
SEGMENT_PRICE = np.array([0.8, 1.35, 0.85, 0.6, 1.15, 1.9])
SEGMENT_CALLS = np.array([0.8, 1.05, 1.35, 0.7, 1.1, 1.3])
PLAN_PRICE = np.array([18.0, 34.0, 43.0, 58.0, 66.0, 89.0])
REGION_LANGUAGES = np.array([0.62, 0.14, 0.1, 0.08, 0.06])


@dataclass(frozen=True)
class People:
    """A chunk of customers, one value each (c,). Times in days since 1970.

    begins: since when the files know of them (`joined`, or the start of the window). restless: how much they call,
    1 is usual. pressed: how much rivals' offers move them. frailty: log-hazard nobody can see. cycle: days between
    bills. intent_at: when something in their life makes them think of leaving (inf: never); nobody's doing.
    removed_at: when they go without choosing to (inf: never).
    """

    joined: Floats
    begins: Floats
    region: Ints
    segment: Ints
    plan: Ints
    language: Ints
    price: Floats
    rival: Ints
    restless: Floats
    pressed: Floats
    frailty: Floats
    cycle: Floats
    first_bill: Floats
    intent_at: Floats
    removed_at: Floats

    def __len__(self) -> int:
        return len(self.joined)


def draw(*, operator: world.World, count: int, rng: np.random.Generator) -> People:
    """Draw so many customers of one operator."""
    segment = rng.choice(len(world.SEGMENTS), size=count, p=operator.segment_shares)
    plan = np.clip(rng.poisson(np.array([1.2, 2.4, 0.9, 0.7, 2.6, 4.2])[segment]), 0, len(world.PLANS) - 1)
    joined = _joined(operator=operator, count=count, rng=rng)
    begins = np.maximum(joined, operator.start)
    cycle = np.where(rng.random(count) < 0.3, 30.44, 91.3)
    return People(
        joined=joined,
        begins=begins,
        region=rng.choice(len(world.REGIONS), size=count, p=operator.region_shares),
        segment=segment,
        plan=plan,
        language=_languages(count=count, rng=rng),
        price=np.round(PLAN_PRICE[plan] * SEGMENT_PRICE[segment] ** 0.5 * rng.lognormal(0.0, 0.15, count), 2),
        rival=np.where(rng.random(count) < 0.45, rng.integers(0, len(world.RIVALS), count), -1),
        restless=SEGMENT_CALLS[segment] * rng.gamma(2.5, 1 / 2.5, count),
        pressed=rng.lognormal(-0.05, 0.3, count),
        frailty=rng.normal(0.0, operator.around.frailty, count),
        cycle=cycle,
        first_bill=begins + np.where(joined >= operator.start, 24 + 10 * rng.random(count), cycle * rng.random(count)),
        intent_at=_first(rate=operator.habits["intents"], begins=begins, end=operator.end, rng=rng),
        removed_at=_removed_at(operator=operator, segment=segment, begins=begins, rng=rng),
    )


def _joined(*, operator: world.World, count: int, rng: np.random.Generator) -> Floats:
    """Return when they joined: two in three before the window (to nine years back), the rest inside it."""
    before = operator.start - 9 * 365.25 * rng.beta(0.9, 2.0, count) - 1
    inside = rng.uniform(operator.start, operator.end - 14, count)
    day = np.where(rng.random(count) < 0.66, before, inside)
    return np.floor(day) + rng.uniform(0.36, 0.8, count)


def _languages(*, count: int, rng: np.random.Generator) -> Ints:
    return rng.choice(len(vocabulary.LANGUAGES), size=count, p=REGION_LANGUAGES)


def _first(*, rate: float | Floats, begins: Floats, end: float, rng: np.random.Generator) -> Floats:
    """Return the first time of a Poisson process (a year), inf when after the end."""
    at = begins + rng.exponential(365.25, len(begins)) / rate
    return np.where(at < end, at, np.inf)


def _removed_at(*, operator: world.World, segment: Ints, begins: Floats, rng: np.random.Generator) -> Floats:
    rate = operator.habits["involuntary"] * np.array([1.0, 0.7, 1.3, 1.8, 0.9, 1.0])[segment]
    return _first(rate=rate, begins=begins + 20, end=operator.end, rng=rng)
