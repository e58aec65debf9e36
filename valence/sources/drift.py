"""Whether a source's values changed: the last seven days against the four weeks before. Pure.

A change counts when it is larger than chance makes it (from the numbers of records), larger than this source's weeks
differ among themselves by half as much again, and large enough to matter. Shares are of sampled records.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from valence.sources import details
from valence.sources.details import OTHER, Sums

T = TypeVar("T")
LEAST_NOW, LEAST_BEFORE = 200, 400
LEAST_WEEK = 100
MATTERS, MATTERS_EMPTY, MATTERS_AMOUNT = 0.05, 0.10, 0.10
MORE_THAN_USUAL = 1.5
TIMES_CHANCE = 2.0
NEW_SHARE, GONE_SHARE = 0.01, 0.03


@dataclass(frozen=True)
class Change:
    """A share that was one thing and is another. `word` is the value it is of; "" for an empty column."""

    column: str
    word: str
    before: float
    now: float


@dataclass(frozen=True)
class Drift:
    """What changed in a source. `measure` is 0 (nothing) to 1 (everything), `usual` what it differs by in any week.

    `column` is `kind`, `department`, ..., `empty NAME` or `amount`; `changes` are the largest ones first. For amounts
    `before` and `now` of the only change are medians.
    """

    column: str
    measure: float
    usual: float
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Found:
    """What is known about drift. `is_known` is False while there are too few records to say."""

    is_known: bool
    looked: int
    drifts: tuple[Drift, ...] = ()
    new_words: tuple[Change, ...] = ()
    gone_words: tuple[Change, ...] = ()


def find(*, now: Sums, weeks: Sequence[Sums]) -> Found:
    """Compare the last seven days with the weeks before, of which one with many records counts no more than others."""
    full = [week for week in weeks if week.looked >= LEAST_WEEK]
    before = sum(week.looked for week in full)
    if now.looked < LEAST_NOW or before < LEAST_BEFORE:
        return Found(is_known=False, looked=now.looked)
    drifts = [
        *(_words(column, now, full) for column in details.WORDS),
        *(_empty(column, now, full) for column in details.EMPTY),
        _amounts(now, full),
    ]
    return Found(
        is_known=True,
        looked=now.looked,
        drifts=tuple(sorted((one for one in drifts if one), key=lambda one: -one.measure)),
        new_words=tuple(change for column in details.WORDS for change in _new(column, now, full)),
        gone_words=tuple(change for column in details.WORDS for change in _gone(column, now, full)),
    )


def distance(first: Mapping[T, float], second: Mapping[T, float]) -> float:
    """Return how much of the records would have to be another word: half the sum of the differences of shares."""
    return sum(abs(first.get(key, 0) - second.get(key, 0)) for key in {**first, **second}) / 2


def largest_step(first: Mapping[int, float], second: Mapping[int, float]) -> float:
    """Return the largest difference between two running shares (Kolmogorov-Smirnov), over bins in order."""
    gap, largest = 0.0, 0.0
    for at in sorted({**first, **second}):
        gap += first.get(at, 0) - second.get(at, 0)
        largest = max(largest, abs(gap))
    return largest


def _words(column: str, now: Sums, weeks: Sequence[Sums]) -> Drift | None:
    mine, others = _shares(now.words.get(column, {})), [_shares(week.words.get(column, {})) for week in weeks]
    before = _mean(others)
    if not mine or not before:
        return None
    found = distance(mine, before)
    usual = _usual([distance(one, _mean(rest)) for one, rest in _each(others)])
    chance = sum(_noise(before.get(key, 0), now.looked, weeks) for key in {**mine, **before}) / 2
    if found <= max(MATTERS, MORE_THAN_USUAL * usual, TIMES_CHANCE * chance):
        return None
    moved = sorted({**mine, **before}, key=lambda key: -abs(mine.get(key, 0) - before.get(key, 0)))
    changes = tuple(Change(column, key, before.get(key, 0), mine.get(key, 0)) for key in moved[:3] if key != OTHER)
    return Drift(column=column, measure=found, usual=usual, changes=changes)


def _empty(column: str, now: Sums, weeks: Sequence[Sums]) -> Drift | None:
    mine = now.empty.get(column, 0) / now.looked
    others = [week.empty.get(column, 0) / week.looked for week in weeks]
    before = sum(others) / len(others)
    usual = max(abs(one - before) for one in others)
    noise = 3 * math.sqrt(before * (1 - before) * (1 / now.looked + 1 / sum(week.looked for week in weeks)))
    if abs(mine - before) <= max(MATTERS_EMPTY, MORE_THAN_USUAL * usual, noise):
        return None
    return Drift(f"empty {column}", abs(mine - before), usual, (Change(column, "", before, mine),))


def _amounts(now: Sums, weeks: Sequence[Sums]) -> Drift | None:
    count, counts = sum(now.amounts.values()), [sum(week.amounts.values()) for week in weeks]
    weeks = [week for week, known in zip(weeks, counts, strict=True) if known >= LEAST_WEEK / 2]
    if count < LEAST_NOW / 2 or sum(counts) < LEAST_BEFORE / 2 or not weeks:
        return None
    mine, others = _shares(now.amounts), [_shares(week.amounts) for week in weeks]
    before = _mean(others)
    found = largest_step(mine, before)
    usual = _usual([largest_step(one, _mean(rest)) for one, rest in _each(others)])
    if found <= max(MATTERS_AMOUNT, MORE_THAN_USUAL * usual, 1.95 * math.sqrt(1 / count + 1 / sum(counts))):
        return None
    return Drift("amount", found, usual, (Change("amount", "", _median(before), _median(mine)),))


def _new(column: str, now: Sums, weeks: Sequence[Sums]) -> list[Change]:
    known = {word for week in weeks for word in week.words.get(column, {})}
    least = max(5.0, NEW_SHARE * now.looked)
    counts = now.words.get(column, {})
    return [
        Change(column, word, 0.0, count / now.looked)
        for word, count in counts.items()
        if count >= least and word not in known and word != OTHER
    ]


def _gone(column: str, now: Sums, weeks: Sequence[Sums]) -> list[Change]:
    before, mine = _mean([_shares(week.words.get(column, {})) for week in weeks]), now.words.get(column, {})
    return [
        Change(column, word, share, 0.0)
        for word, share in before.items()
        if word not in mine and word != OTHER and share >= GONE_SHARE and share * now.looked >= 10
    ]


def _shares(counts: Mapping[T, int]) -> dict[T, float]:
    total = sum(counts.values())
    return {key: count / total for key, count in counts.items()} if total else {}


def _mean(shares: Sequence[Mapping[T, float]]) -> dict[T, float]:
    """Return the mean of the weeks' shares: each week counts once, however much it brought."""
    told = [one for one in shares if one]
    keys = {key for one in told for key in one}
    return {key: sum(one.get(key, 0) for one in told) / len(told) for key in keys} if told else {}


def _each(weeks: Sequence[Mapping[T, float]]) -> list[tuple[Mapping[T, float], list[Mapping[T, float]]]]:
    told = [one for one in weeks if one]
    return [(one, [*told[:at], *told[at + 1 :]]) for at, one in enumerate(told)] if len(told) > 1 else []


def _usual(distances: Sequence[float]) -> float:
    return max(distances, default=0.0)


def _noise(share: float, count: int, weeks: Sequence[Sums]) -> float:
    """Return by how much a share differs by chance, on average."""
    spread = 1 / count + sum(1 / week.looked for week in weeks) / len(weeks) ** 2
    return math.sqrt(2 / math.pi * share * (1 - share) * spread)


def _median(shares: Mapping[int, float]) -> float:
    running = 0.0
    for at in sorted(shares):
        running += shares[at]
        if running >= 0.5:
            return details.amount_of(at)
    return 0.0
