"""Who is drawn, and which of two ways of asking a moment gets: by keyed hashes, the same whenever it is asked. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

LIKE = 30
"""A segment's own share of answers counts as much as everybody's once so many of it were asked."""


class Way(StrEnum):
    """Which of two ways a moment is asked in while two are tried."""

    USUAL = "usual"
    OTHER = "other"


@dataclass(frozen=True)
class Held:
    """Shares of happy moments that were drawn by until they were worked out anew."""

    until: datetime
    shares: Mapping[str, float]


@dataclass(frozen=True)
class Sampling:
    """A trigger's shares over time: those that held before, the first first, and when the present ones were made."""

    before: tuple[Held, ...] = field(default=())
    since: datetime | None = None


def number(*words: str, key: bytes) -> float:
    """Return a number from 0 to below 1 that nobody without the key can foretell."""
    digest = hashlib.blake2b("\0".join(words).encode(), key=key, digest_size=8).digest()
    return int.from_bytes(digest) / 2**64


def share(*, segment: str, now: Mapping[str, float], sampling: Sampling, at: datetime) -> float:
    """Return the share of a segment's happy moments that is drawn at a moment; "" is every other segment."""
    held = next((one.shares for one in sampling.before if at < one.until), now)
    return held.get(segment, held.get("", 1.0))


def shares(
    *, happy: Mapping[str, int], unhappy: Mapping[str, int], needed: int, response: Mapping[str, float]
) -> Mapping[str, float]:
    """Return by segment the share of happy moments to draw so that `needed` answers come of it; "" stands for the rest.

    happy, unhappy: how many moments there are of each, by segment, in the time the answers are needed in. All the
    unhappy are asked, and count. response: the share that answers, by segment, "" the rest. Too few moments: all are
    asked, and the precision is not reached.
    """
    drawn_of = {
        segment: min(1.0, max(0.0, needed / _answering(response, segment) - unhappy.get(segment, 0)) / many)
        if many
        else 1.0
        for segment, many in happy.items()
    }
    return {**{segment: round(one, 4) for segment, one in drawn_of.items()}, "": 1.0}


def responses(*, of: Mapping[str, tuple[int, int]], usual: float) -> Mapping[str, float]:
    """Return the share that answers by segment, of (asked, answered): the fewer were asked, the nearer to `usual`."""
    return {
        **{segment: (answered + LIKE * usual) / (asked + LIKE) for segment, (asked, answered) in of.items()},
        "": usual,
    }


def _answering(response: Mapping[str, float], segment: str) -> float:
    return max(response.get(segment, response.get("", 0.0)), 0.01)
