"""What a rule would have done: firings in the past, work they would have been, and who left afterwards. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from valence import terms
from valence.insights import intervals

DAYS_A_YEAR = 365.25
MOST_YEARS = 5
SHOWN = 12
FEWEST = 5


@dataclass(frozen=True)
class Firings:
    """When a rule would have fired for whom, (f,) sorted by (key, at); at in days."""

    keys: terms.Keys
    at: terms.Days


@dataclass(frozen=True)
class Afterwards:
    """How many of the flagged left by choice, with the likely range, and how many would have at the rate of others.

    `expected` is what the rate of customers alike (segment, years with us) who were not flagged makes of the same
    number of customer-days; NaN where there is nobody to compare with.
    """

    customers: int
    left: int
    low: float
    high: float
    expected: float


@dataclass(frozen=True)
class Rehearsal:
    """What a rule would have done in some days. `unknown`: fields that the past does not tell, in words.

    busiest: the most on one day. people: how many take such cases; examples: some of the customers, latest first.
    """

    days: int
    looked_at: int
    firings: int
    customers: int
    a_day: float
    busiest: int
    people: int
    a_person_a_day: float
    afterwards: Afterwards | None
    regions: Mapping[str, int]
    examples: tuple[int, ...]
    unknown: tuple[str, ...]


def joined(*, parts: Sequence[Firings]) -> Firings:
    """Return the firings of several buckets as one."""
    if not parts:
        return Firings(keys=np.empty(0, np.int64), at=np.empty(0))
    keys, at = np.concatenate([one.keys for one in parts]), np.concatenate([one.at for one in parts])
    order = np.lexsort((at, keys))
    return Firings(keys=keys[order], at=at[order])


def quiet(*, firings: Firings, cool_down_days: float) -> Firings:
    """Return the firings that are left where a rule is quiet for some days after each."""
    if not cool_down_days or not len(firings.keys):
        return firings
    keeps = np.zeros(len(firings.keys), np.bool_)
    last_key, last_at = None, -np.inf
    for row, (key, at) in enumerate(zip(firings.keys.tolist(), firings.at.tolist(), strict=True)):
        if key != last_key or at - last_at >= cool_down_days:
            keeps[row] = True
            last_key, last_at = key, at
    return Firings(keys=firings.keys[keeps], at=firings.at[keeps])


def summed(
    *,
    firings: Firings,
    looked_at: int,
    people: int,
    relationships: terms.Relationships,
    since: float,
    until: float,
    unknown: Sequence[str],
) -> Rehearsal:
    """Return what firings between two moments (days) come to; people: how many would have taken the cases."""
    days = max(1, round(until - since))
    by_day = Counter(np.floor(firings.at).astype(int).tolist())
    order = np.argsort(-firings.at)
    return Rehearsal(
        days=days,
        looked_at=looked_at,
        firings=len(firings.keys),
        customers=len(np.unique(firings.keys)),
        a_day=len(firings.keys) / days,
        busiest=max(by_day.values(), default=0),
        people=people,
        a_person_a_day=len(firings.keys) / days / max(1, people),
        afterwards=afterwards(firings=firings, relationships=relationships, since=since, until=until),
        regions=_regions(firings, relationships),
        examples=tuple(dict.fromkeys(firings.keys[order][: 4 * SHOWN].tolist()))[:SHOWN],
        unknown=tuple(unknown),
    )


def afterwards(
    *, firings: Firings, relationships: terms.Relationships, since: float, until: float
) -> Afterwards | None:
    """Return who left after the first firing, against customers alike who were not flagged at all; None: nobody known.

    Customers are alike who are of one segment and were with us for as many years. Leaving is counted per day with us:
    a customer flagged yesterday had little time to leave since.
    """
    known = np.isin(firings.keys, relationships.keys)
    keys, first = np.unique(firings.keys[known], return_index=True)
    if not len(keys):
        return None
    flagged = np.isin(relationships.keys, keys)
    begins = np.maximum(relationships.joined, since)
    begins[flagged] = firings.at[known][first]
    ends = np.where(np.isfinite(relationships.left), np.minimum(relationships.left, until), until)
    days = np.maximum(0.0, ends - begins)
    left = relationships.voluntary & (relationships.left >= begins) & (relationships.left <= until)
    stratum = _strata(relationships, since)
    expected = _expected(days, left, flagged, stratum)
    lost = int((left & flagged).sum())
    likely = intervals.of_count(lost)
    return Afterwards(customers=len(keys), left=lost, low=likely.low, high=likely.high, expected=expected)


def _expected(days: terms.Floats, left: NDArray[np.bool_], flagged: NDArray[np.bool_], stratum: terms.Keys) -> float:
    size = int(stratum.max()) + 1
    others = ~flagged
    exposed = np.bincount(stratum[others], weights=days[others], minlength=size)
    lost = np.bincount(stratum[others], weights=left[others].astype(float), minlength=size)
    if not exposed.sum():
        return float("nan")
    overall = lost.sum() / exposed.sum()
    rate = np.divide(lost, exposed, out=np.full(size, overall), where=exposed > 0)
    return float((rate[stratum[flagged]] * days[flagged]).sum())


def _strata(relationships: terms.Relationships, at: float) -> terms.Keys:
    years = np.clip((at - relationships.joined) // DAYS_A_YEAR, 0, MOST_YEARS).astype(np.int64)
    segment = relationships.words["segment"].codes.astype(np.int64) + 1
    return segment * (MOST_YEARS + 1) + years


def _regions(firings: Firings, relationships: terms.Relationships) -> dict[str, int]:
    """Count flagged customers by region; regions with fewer than five stand together."""
    said = relationships.words["region"].said()
    place = np.flatnonzero(np.isin(relationships.keys, firings.keys))
    counted = Counter(said[at] or "Unknown" for at in place.tolist())
    large = {name: count for name, count in counted.most_common() if count >= FEWEST}
    rest = sum(counted.values()) - sum(large.values())
    return {**large, "Others": rest} if rest >= FEWEST else large
