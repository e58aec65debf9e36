"""Whether customers expect more than they did: the same shortfall, taken worse from quarter to quarter. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import scipy

from valence.insights import intervals
from valence.terms import Floats

FEWEST, FEWEST_EVENTS, FEWEST_QUARTERS = 20, 5, 4
FEWEST_TOLD = 30
# A range within these bounds says that nothing much changed in a year.
MUCH = 1.5
ROUNDS = 30
Z = float(scipy.stats.norm.ppf(0.5 + intervals.LEVEL / 2))


@dataclass(frozen=True)
class Count:
    """How often something followed: so many of so many."""

    number: int = 0
    of: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(self.number + other.number, self.of + other.of)

    @property
    def share(self) -> float:
        """The share; NaN of nothing."""
        return self.number / self.of if self.of else math.nan

    @property
    def range(self) -> intervals.Range:
        """Its likely range (Wilson)."""
        return intervals.of_share(self.number, of=self.of)


@dataclass(frozen=True)
class Times:
    """How many times as likely or as much, with its likely range."""

    times: float
    low: float
    high: float


class Says(StrEnum):
    """What the quarters say."""

    MORE = "more"
    LESS = "less"
    SAME = "same"
    CANNOT_SAY = "cannot_say"


@dataclass(frozen=True)
class Trend:
    """How much worse the same shortfall is taken a year later. `quarters`: how many had enough cases to count."""

    says: Says
    quarters: int
    a_year: Times | None = None


def times(*, after: Count, against: Count) -> Times | None:
    """Return how many times as often something follows `after` one thing as after the other (Katz 1978), or None."""
    if min(after.of, against.of) < FEWEST or after.number + against.number < FEWEST_EVENTS:
        return None
    a, n, b, m = after.number + 0.5, after.of + 0.5, against.number + 0.5, against.of + 0.5
    middle, half = math.log(a / n) - math.log(b / m), Z * math.sqrt(1 / a - 1 / n + 1 / b - 1 / m)
    return Times(math.exp(middle), math.exp(middle - half), math.exp(middle + half))


def trend(*, counts: Mapping[tuple[int, int], Count]) -> Trend:
    """Return whether the same shortfall is taken worse as quarters go by. counts: by (quarter, how short, 0 for none).

    A logistic regression with a level of its own for each quarter and each size of shortfall, and one slope: by how
    much the odds after a shortfall, against those where it came as told, change in a year. What changes for everybody
    (a price war, a strike) is in the levels and not in the slope.
    """
    quarters = _enough(counts)
    if len(quarters) < FEWEST_QUARTERS:
        return Trend(Says.CANNOT_SAY, len(quarters))
    cells = [(quarter, short, count) for (quarter, short), count in counts.items() if quarter in quarters and count.of]
    found = _slope(cells)
    if found is None:
        return Trend(Says.CANNOT_SAY, len(quarters))
    slope, spread = found
    a_year = Times(*(math.exp(np.clip(slope + side * Z * spread, -20, 20)) for side in (0, -1, 1)))
    return Trend(_says(a_year), len(quarters), a_year)


def _enough(counts: Mapping[tuple[int, int], Count]) -> list[int]:
    """Return the quarters with enough cases that came as told, and enough that did not."""
    found = []
    for quarter in sorted({quarter for quarter, _ in counts}):
        as_told = counts.get((quarter, 0), Count())
        short = sum((each for (at, how), each in counts.items() if at == quarter and how > 0), Count())
        if min(as_told.of, short.of) >= FEWEST:
            found.append(quarter)
    return found


def _slope(cells: Sequence[tuple[int, int, Count]]) -> tuple[float, float] | None:
    """Return the slope a year with its standard error, by Newton's steps; None where the cases do not tell."""
    quarters, shorts = sorted({cell[0] for cell in cells}), sorted({cell[1] for cell in cells} - {0})
    middle = float(np.mean(quarters))
    columns = np.array(
        [
            [*(float(quarter == one) for one in quarters), *(float(short == one) for one in shorts),
             (quarter - middle) / 4 if short else 0.0]
            for quarter, short, _ in cells
        ]
    )  # fmt: skip
    hits = np.array([float(count.number) for *_, count in cells])
    of = np.array([float(count.of) for *_, count in cells])
    short = columns[:, len(quarters) : -1].any(axis=1)
    if min(hits[short].sum(), hits[~short].sum(), (of - hits).sum()) < FEWEST_EVENTS:
        return None
    return _fitted(columns, hits, of)


def _fitted(columns: Floats, hits: Floats, of: Floats) -> tuple[float, float] | None:
    # Half a case, spread over each level, keeps quarters without any reaction from running off to minus infinity.
    ridge = np.full(columns.shape[1], 0.05)
    ridge[-1] = 1e-6
    slopes = np.zeros(columns.shape[1])
    for _ in range(ROUNDS):
        chance = scipy.special.expit(columns @ slopes)
        bend = (columns * (of * chance * (1 - chance))[:, None]).T @ columns + np.diag(ridge)
        step = np.linalg.solve(bend, columns.T @ (hits - of * chance) - ridge * slopes)
        slopes = slopes + np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-8:
            spread = math.sqrt(float(np.linalg.inv(bend)[-1, -1]))
            return float(slopes[-1]), spread
    return None


def _says(found: Times) -> Says:
    if found.low > 1:
        return Says.MORE
    if found.high < 1:
        return Says.LESS
    return Says.SAME if found.low >= 1 / MUCH and found.high <= MUCH else Says.CANNOT_SAY


def worth(*, pairs: Sequence[tuple[Count, Count]]) -> Times | None:
    """Return how many times as often something follows where nothing was told, against where something was.

    pairs: (not told, told) of quarters and regions, compared each with its own (Mantel and Haenszel; the range by
    Greenland and Robins 1985); None where too few were told nothing, or too little followed.
    """
    both = [(one, other) for one, other in pairs if one.of and other.of]
    if sum(one.of for one, _ in both) < FEWEST_TOLD or sum(other.of for _, other in both) < FEWEST_TOLD:
        return None
    up = down = spread = 0.0
    for one, other in both:
        whole, hits = one.of + other.of, one.number + other.number
        up += one.number * other.of / whole
        down += other.number * one.of / whole
        spread += (one.of * other.of * hits - one.number * other.number * whole) / whole**2
    if min(up, down) <= 0 or sum(one.number + other.number for one, other in both) < FEWEST_EVENTS:
        return None
    half = Z * math.sqrt(spread / (up * down))
    middle = math.log(up / down)
    return Times(math.exp(middle), math.exp(middle - half), math.exp(middle + half))
