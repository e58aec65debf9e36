"""Where a chain of interactions plays: the operator, some customers, the dice and the sheet to write on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from valence.demo import people, sheet, vocabulary, world

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

OPENS, CLOSES = 8 / 24, 20 / 24


@dataclass(frozen=True)
class Scene:
    """What every process of the operator works with."""

    operator: world.World
    people: people.People
    rng: np.random.Generator
    sheet: sheet.Sheet

    def happens(self, *, what: str, customer: Ints, at: Floats, times: float | Floats = 1.0) -> Bools:
        """Return for whom a habit of the operator strikes, customer by customer."""
        chance = self.operator.chance(what=what, region=self.people.region[customer], at=at)
        return np.asarray(self.rng.random(len(customer)) < np.minimum(chance * times, 0.95))

    def times(self, *, rate: float | Floats) -> tuple[Ints, Floats]:
        """Return (customer, at) of a Poisson process with `rate` (a year) for each, in office hours."""
        days = np.maximum(self.operator.end - self.people.begins, 0)
        counts = self.rng.poisson(rate * days / 365.25 * np.ones(len(self.people)))
        customer = np.repeat(np.arange(len(self.people)), counts)
        at = self.people.begins[customer] + days[customer] * self.rng.random(len(customer))
        return customer, np.maximum(self.in_hours(at), self.people.begins[customer] + 0.02)

    def in_hours(self, at: Floats) -> Floats:
        """Return the same days at some time in office hours."""
        return np.asarray(np.floor(at) + self.rng.uniform(OPENS, CLOSES, len(at)))

    def later(self, *, at: Floats, low: float, high: float) -> Floats:
        """Return a time in office hours, `low` to `high` days after each."""
        then = at + self.rng.uniform(low, high, len(at))
        snapped = self.in_hours(then)
        return np.asarray(np.where(snapped > at + 0.04, snapped, np.maximum(then, at + 0.04)))


def facts(**struck: Bools) -> Ints:
    """Return the bit mask of the facts that struck, row by row."""
    total = np.zeros(len(next(iter(struck.values()))), dtype=np.int64)
    for fact, hit in struck.items():
        total |= np.where(hit, vocabulary.BITS[fact], 0)
    return total
