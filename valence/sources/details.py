"""What a source's records of a day look like, as sums that add up: small, whatever the day's volume. Pure."""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

import msgspec

from valence.terms import Interaction

LEAST, MOST = 40, 250
MOST_WORDS = 60
OTHER = "…"
MINUTES = 1_440
T = TypeVar("T")
WORDS = ("kind", "department", "channel", "facts")
EMPTY = (
    "department", "channel", "touchpoint", "reason", "facts", "agent_id", "text", "amount", "score",
    "duration_minutes", "promised_at", "caused_by",
)  # fmt: skip
DELAYS = (
    timedelta(minutes=5), timedelta(hours=1), timedelta(hours=6), timedelta(days=1), timedelta(days=7),
    timedelta(days=30),
)  # fmt: skip
DELAY_WORDS = ("5 minutes", "1 hour", "6 hours", "1 day", "7 days", "30 days", "more than 30 days")
_NOT_A_WORD = re.compile(r"@|\d{5,}|.{61,}")
_SMALLEST = 61
"""Amounts are counted in bins, ten to a power of ten; the first bin begins at a millionth."""


class Sums(msgspec.Struct):
    """Sums of a day. `minutes` has a bit a minute in which something came; the rest is of `looked` sampled records.

    `delays` counts by how long after they happened records came (bounds: DELAYS, the last one is more), `reasons` all
    refusals, `words` values by column, `empty` how often a column was empty, `amounts` by bin.
    """

    minutes: bytes = b""
    reasons: dict[str, int] = {}
    looked: int = 0
    delays: list[int] = []
    words: dict[str, dict[str, int]] = {}
    empty: dict[str, int] = {}
    amounts: dict[int, int] = {}


class Arrivals(msgspec.Struct):
    """The part of Sums that says when something came; reading only it is quick."""

    minutes: bytes = b""


_decoder, _arrivals = msgspec.msgpack.Decoder(Sums), msgspec.msgpack.Decoder(Arrivals)
_encoder = msgspec.msgpack.Encoder()


def packed(sums: Sums) -> bytes:
    """Return sums as they are stored."""
    return _encoder.encode(sums)


def unpacked(stored: bytes) -> Sums:
    """Return stored sums."""
    return _decoder.decode(stored) if stored else Sums()


def minutes_of(stored: bytes) -> bytes:
    """Return only the minutes of stored sums."""
    return _arrivals.decode(stored).minutes if stored else b""


def looked_at(*, fresh: Sequence[Interaction], reasons: Mapping[str, int], now: datetime) -> Sums:
    """Return the sums of one batch of one source: of a fifth of its new records, evenly spread; 40 to 250 of them."""
    wanted = min(MOST, max(LEAST, len(fresh) // 5))
    sample = fresh[:: max(1, len(fresh) // wanted)][:wanted]
    return Sums(
        minutes=_minute(now),
        reasons=dict(reasons),
        looked=len(sample),
        delays=_delays([now - one.occurred_at for one in sample]),
        words={column: _words([getattr(one, column) for one in sample], column) for column in WORDS} if sample else {},
        empty={column: _empty([getattr(one, column) for one in sample]) for column in EMPTY} if sample else {},
        amounts=dict(Counter(_bin(one.amount) for one in sample if one.amount is not None)),
    )


def added(first: Sums, second: Sums) -> Sums:
    """Return the sums of both."""
    return Sums(
        minutes=together(first.minutes, second.minutes),
        reasons=_plus(first.reasons, second.reasons),
        looked=first.looked + second.looked,
        delays=[a + b for a, b in zip(_padded(first.delays), _padded(second.delays), strict=True)],
        words={
            column: _capped(_plus(first.words.get(column, {}), second.words.get(column, {})))
            for column in first.words | second.words
        },
        empty=_plus(first.empty, second.empty),
        amounts=_plus(first.amounts, second.amounts),
    )


def together(first: bytes, second: bytes) -> bytes:
    """Return the minutes of both."""
    if not first or not second:
        return first or second
    both = int.from_bytes(first, "little") | int.from_bytes(second, "little")
    return both.to_bytes(MINUTES // 8, "little")


def minutes_in(minutes: bytes) -> list[int]:
    """Return the minutes of the day in which something came, in order."""
    bits = int.from_bytes(minutes, "little")
    found = []
    while bits:
        low = bits & -bits
        found.append(low.bit_length() - 1)
        bits ^= low
    return found


def amount_of(at: int) -> float:
    """Return the amount at which a bin begins."""
    return 0.0 if at == 0 else math.copysign(10 ** ((abs(at) - _SMALLEST) / 10), at)


def _minute(now: datetime) -> bytes:
    return (1 << (now.hour * 60 + now.minute)).to_bytes(MINUTES // 8, "little")


def _delays(delays: Sequence[timedelta]) -> list[int]:
    counts = [0] * (len(DELAYS) + 1)
    for delay in delays:
        counts[bisect_left(DELAYS, delay)] += 1
    return counts


def _words(values: Sequence[str], column: str) -> dict[str, int]:
    raw, counts = Counter(values), Counter[str]()
    del raw[""]
    for value, count in raw.items():
        for word in value.split("|") if column == "facts" else (value,):
            counts[OTHER if _NOT_A_WORD.search(word) else word] += count
    return _capped(counts)


def _empty(values: list[object]) -> int:
    return values.count("") + values.count(None)


def _bin(amount: float) -> int:
    if abs(amount) < 1e-6:
        return 0
    size = max(1, math.floor(10 * math.log10(abs(amount)) + 1e-9) + _SMALLEST)
    return size if amount > 0 else -size


def _plus(first: Mapping[T, int], second: Mapping[T, int]) -> dict[T, int]:
    return {key: first.get(key, 0) + second.get(key, 0) for key in {**first, **second}}


def _padded(delays: list[int]) -> list[int]:
    return delays or [0] * (len(DELAYS) + 1)


def _capped(counts: Mapping[str, int]) -> dict[str, int]:
    """Keep the 60 most frequent words; the rest are one word together."""
    if len(counts) <= MOST_WORDS:
        return dict(counts)
    ordered = sorted(counts.items(), key=lambda item: (item[0] == OTHER, -item[1], item[0]))
    kept = dict(ordered[: MOST_WORDS - 1])
    kept[OTHER] = kept.get(OTHER, 0) + sum(count for _, count in ordered[MOST_WORDS - 1 :])
    return kept
