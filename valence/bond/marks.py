"""Reading marks off interactions, column by column: words through their vocabularies, numbers as they stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from valence import packs, terms
from valence.bond.mark import (
    COLUMNS,
    COUNTED,
    FORETELLING,
    KNOWN_SCALES,
    WORDS_COUNTED,
    Count,
    Mark,
    WordCounts,
    intends,
    vocabulary,
)

__all__ = ["COLUMNS", "COUNTED", "Count", "Mark", "Marked", "WordCounts", "count_words", "read", "vocabulary"]

Mask = NDArray[np.bool_]
Looked = dict[tuple[str, frozenset[str]], Mask]
SMALLEST_SURPRISE = 0.05
LONGEST_FACTS = 64


@dataclass(frozen=True)
class Marked:
    """Which rows bear which marks, as coordinates sorted by row. row, mark, value: (e,)."""

    row: terms.Keys
    mark: NDArray[np.int32]
    value: terms.Floats

    def __len__(self) -> int:
        return len(self.row)


def read(*, marks: Sequence[Mark], journeys: terms.Journeys) -> Marked:
    """Return the marks that these interactions bear. Columns that are not there bear none."""
    rows, numbers, values = [], [], []
    looked: Looked = {}
    for number, mark in enumerate(marks):
        row, value = _bearing(mark, journeys, looked)
        rows.append(row)
        numbers.append(np.full(len(row), number, np.int32))
        values.append(value)
    row = np.concatenate([np.empty(0, np.int64), *rows])
    order = np.argsort(row, kind="stable")
    mark_numbers = np.concatenate([np.empty(0, np.int32), *numbers])
    return Marked(row=row[order], mark=mark_numbers[order], value=np.concatenate([np.empty(0), *values])[order])


def facts_of(told: str) -> list[str]:
    """Return the facts of one cell, as they are compared; `|` stands between them."""
    return [packs.plain_word(fact) for fact in told.split("|")[:LONGEST_FACTS] if fact.strip()]


def _bearing(mark: Mark, journeys: terms.Journeys, looked: Looked) -> tuple[terms.Keys, terms.Floats]:
    """Return rows and values of one mark: first the rows its words allow, then the number it reads there."""
    rows = _rows_where(mark, journeys, looked)
    if not mark.value:
        return rows, np.ones(len(rows))
    raw = VALUES[mark.value](mark, journeys, rows)
    borne = np.isfinite(raw) & (raw > mark.over)
    raw = (raw[borne] - mark.over) / mark.per
    shaped = np.log1p(raw) if mark.shape is packs.Shape.LOG else raw
    return rows[borne], np.minimum(shaped, mark.cap)


def _rows_where(mark: Mark, journeys: terms.Journeys, looked: Looked) -> terms.Keys:
    allowed: Mask | None = None
    for column, wanted in mark.when.items():
        bears = _bears(journeys, column, frozenset(wanted), looked)
        allowed = bears if allowed is None else allowed & bears
    for column, refused in mark.unless.items():
        spared = ~_bears(journeys, column, frozenset(refused), looked)
        allowed = spared if allowed is None else allowed & spared
    return np.arange(len(journeys)) if allowed is None else np.flatnonzero(allowed)


def _bears(journeys: terms.Journeys, column: str, wanted: frozenset[str], looked: Looked) -> Mask:
    """Return for each row whether it says one of these words; many marks ask for the same."""
    words = journeys.words.get(column)
    if words is None:
        return np.zeros(len(journeys), np.bool_)
    if (column, wanted) not in looked:
        looked[column, wanted] = _looked_up(words, [_matches(column, word, wanted) for word in words.vocabulary])
    return looked[column, wanted]


@lru_cache(maxsize=1 << 17)  # the same few words are asked for by every mark, bucket and page
def _matches(column: str, word: str, wanted: frozenset[str]) -> bool:
    if column == "facts":
        return not wanted.isdisjoint(facts_of(word))
    return packs.plain_word(word) in wanted


def _looked_up(words: terms.Words, holds: Sequence[bool]) -> Mask:
    """Return for each row whether its word holds; the last entry serves the code -1, unknown."""
    return np.array([*holds, False], np.bool_)[words.codes]


def _number(journeys: terms.Journeys, column: str, rows: terms.Keys) -> terms.Floats:
    values = journeys.numbers.get(column)
    return np.full(len(rows), np.nan) if values is None else values[rows]


def _plain(column: str) -> Callable[[Mark, terms.Journeys, terms.Keys], terms.Floats]:
    return lambda mark, journeys, rows: _number(journeys, column, rows)


def _excess(mark: Mark, journeys: terms.Journeys, rows: terms.Keys) -> terms.Floats:
    """What was billed above what the customer was told, in money; NaN where it is hardly more."""
    amount, expected = _number(journeys, "amount", rows), _number(journeys, "expected_amount", rows)
    excess = amount - expected
    return np.where(excess > SMALLEST_SURPRISE * np.abs(expected), excess, np.nan)


def _excess_share(mark: Mark, journeys: terms.Journeys, rows: terms.Keys) -> terms.Floats:
    expected = _number(journeys, "expected_amount", rows)
    return _excess(mark, journeys, rows) / np.where(expected > 0, expected, np.nan)


def _is_above(mark: Mark, journeys: terms.Journeys, rows: terms.Keys) -> terms.Floats:
    return np.where(_excess(mark, journeys, rows) > 0, 1.0, np.nan)


def _overrun_hours(mark: Mark, journeys: terms.Journeys, rows: terms.Keys) -> terms.Floats:
    return (journeys.occurred[rows] - _number(journeys, "promised_at", rows)) * 24.0


def _score(mark: Mark, journeys: terms.Journeys, rows: terms.Keys) -> terms.Floats:
    """Scores on 0..1 of their scale; of an unknown scale, of what was ever seen of it."""
    score = _number(journeys, "score", rows)
    scale = journeys.words.get("scale")
    names = scale.vocabulary if scale is not None else ()
    codes = scale.codes[rows] if scale is not None else np.full(len(rows), -1, np.int32)
    ends = np.array([mark.ranges.get(packs.plain_word(name), (np.nan, np.nan)) for name in (*names, "")])
    low, high = ends[codes, 0], ends[codes, 1]
    return np.where(high > low, np.clip((score - low) / np.where(high > low, high - low, 1.0), 0.0, 1.0), np.nan)


def _score_low(mark: Mark, journeys: terms.Journeys, rows: terms.Keys) -> terms.Floats:
    return np.maximum(0.0, 0.6 - _score(mark, journeys, rows)) / 0.6


def _score_high(mark: Mark, journeys: terms.Journeys, rows: terms.Keys) -> terms.Floats:
    return np.maximum(0.0, _score(mark, journeys, rows) - 0.6) / 0.4


def _leaving_words(mark: Mark, journeys: terms.Journeys, rows: terms.Keys) -> terms.Floats:
    tells = np.zeros(len(journeys), np.bool_)
    for column in ("kind", "touchpoint", "reason", "facts"):
        words = journeys.words.get(column)
        if words is not None:
            told = _intended if column == "facts" else _speaks_of
            tells |= _looked_up(words, [told(word, mark.tokens) for word in words.vocabulary])
    return tells[rows].astype(np.float64)


def _speaks_of(word: str, tokens: tuple[str, ...]) -> bool:
    return packs.has_token(word=word, tokens=tokens)


def _intended(told: str, tokens: tuple[str, ...]) -> bool:
    return any(intends(fact=fact, leaving=tokens) for fact in facts_of(told))


def _nothing_said(mark: Mark, journeys: terms.Journeys, rows: terms.Keys) -> terms.Floats:
    """1 where no fact was recorded: who merely calls differs from those of whom something is told."""
    facts = journeys.words.get("facts")
    return np.ones(len(rows)) if facts is None else (facts.codes[rows] < 0).astype(np.float64)


VALUES: Mapping[str, Callable[[Mark, terms.Journeys, terms.Keys], terms.Floats]] = {
    "wait_minutes": _plain("wait_minutes"),
    "duration_minutes": _plain("duration_minutes"),
    "outage_hours": _plain("outage_hours"),
    "transfers": _plain("transfers"),
    "amount": _plain("amount"),
    "expected_amount": _plain("expected_amount"),
    "score": _plain("score"),
    "bill_above": _is_above,
    "bill_above_share": _excess_share,
    "bill_above_amount": _excess,
    "overrun_hours": _overrun_hours,
    "score_low": _score_low,
    "score_high": _score_high,
    "leaving_words": _leaving_words,
    "nothing_said": _nothing_said,
}


def count_words(*, journeys: terms.Journeys) -> WordCounts:
    """Count the words of some customers' interactions; counts of several buckets are added with `+`."""
    owners = journeys.owners()
    counts: dict[tuple[str, str], Count] = {}
    for column in (*WORDS_COUNTED, *FORETELLING):
        words = journeys.words.get(column)
        if words is not None:
            counts.update(_counted(column, words, owners))
    return WordCounts(words=counts, ranges=_ranges(journeys), interactions=len(journeys))


def _counted(column: str, words: terms.Words, owners: terms.Keys) -> dict[tuple[str, str], Count]:
    known = words.codes >= 0
    pairs = owners[known] * max(1, len(words.vocabulary)) + words.codes[known]
    distinct, sizes = np.unique(pairs, return_counts=True)
    codes = distinct % max(1, len(words.vocabulary))
    if column == "facts":
        return _counted_facts(words, owner=distinct // max(1, len(words.vocabulary)), code=codes, sizes=sizes)
    rows = np.bincount(codes, weights=sizes, minlength=len(words.vocabulary))
    people = np.bincount(codes, minlength=len(words.vocabulary))
    return {(column, word): Count(int(rows[i]), int(people[i])) for i, word in enumerate(words.vocabulary) if rows[i]}


def _counted_facts(
    words: terms.Words, *, owner: terms.Keys, code: terms.Keys, sizes: terms.Keys
) -> dict[tuple[str, str], Count]:
    """Count single facts; a customer who met one in several combinations is one customer."""
    combinations: dict[str, list[int]] = {}
    for number, told in enumerate(words.vocabulary):
        for fact in set(facts_of(told)):
            combinations.setdefault(fact, []).append(number)
    found: dict[tuple[str, str], Count] = {}
    for fact, numbers in combinations.items():
        bears = np.isin(code, numbers)
        found["facts", fact] = Count(int(sizes[bears].sum()), len(np.unique(owner[bears])))
    return {word: count for word, count in found.items() if count.interactions}


def _ranges(journeys: terms.Journeys) -> dict[str, tuple[float, float]]:
    scores = journeys.numbers.get("score")
    if scores is None or not np.isfinite(scores).any():
        return {}
    scale = journeys.words.get("scale")
    said = np.full(len(scores), -1) if scale is None else scale.codes
    names = () if scale is None else scale.vocabulary
    ranges: dict[str, tuple[float, float]] = {}
    for code in Counter(said[np.isfinite(scores)].tolist()):
        values = scores[(said == code) & np.isfinite(scores)]
        name = packs.plain_word(names[code]) if code >= 0 else ""
        ranges[name] = (float(values.min()), float(values.max()))
    return {**ranges, **{name: KNOWN_SCALES[name] for name in ranges if name in KNOWN_SCALES}}
