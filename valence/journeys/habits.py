"""What usually follows what in this company: learned from when things happen, so that no rule has to know it.

For each kind of interaction c and each kind e: how often e came so many days after the last c, against how often it
would come anyway. The surplus a day, as in a self-exciting (Hawkes) process, is how strongly c leads to e. What comes
anyway is read far after c of the same customers, so that busy customers do not look like causes. No link is learned
from a kind that comes no more often after c than otherwise, however soon.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from valence import packs, terms
from valence.journeys import follow, signs

# Days after the cause, from one edge to the next; then the stretch that shows what comes anyway.
EDGES = (0.0, 1 / 24, 0.25, 1.0, 2.0, 3.0, 5.0, 7.0, 10.0, 14.0, 21.0, 30.0, 45.0, 60.0)
FAR = (60.0, 150.0)
BINS = len(EDGES)
MOST_TYPES = 150
# So many effects that would have come anyway are believed before any were seen far away.
BELIEVED = 5.0
SURE = 2.0
COLUMNS = tuple(name for name in signs.COLUMNS if name not in ("interaction_id", "caused_by"))
HID_A_COST = frozenset({"fee_not_mentioned", "misquote", "promo_missing", "misinformed"})


@dataclass(frozen=True)
class Habits:
    """Counts by type of interaction, mergeable with `+`. The last of BINS columns is the far stretch.

    types (t,): names; seen (t, t, BINS): effects [cause, effect] after the last cause; days (t, BINS): customer-days
    after a cause; often (t,): interactions; total: customer-days in all.
    """

    types: tuple[str, ...]
    seen: terms.Floats
    days: terms.Floats
    often: terms.Floats
    total: float

    def __add__(self, other: Habits) -> Habits:
        """Add what other customers showed."""
        types = tuple(dict.fromkeys(self.types + other.types))
        mine, theirs = (_placed(each, types) for each in (self, other))
        return Habits(types, mine.seen + theirs.seen, mine.days + theirs.days, mine.often + theirs.often,
                      mine.total + theirs.total)  # fmt: skip

    def frequent(self) -> Habits:
        """Return only the most frequent types, by name: what is rare teaches nothing and costs time."""
        order = sorted(range(len(self.types)), key=lambda place: (-self.often[place], self.types[place]))
        kept = np.array(sorted(order[:MOST_TYPES], key=lambda place: self.types[place]), np.int64)
        return Habits(
            types=tuple(self.types[place] for place in kept),
            seen=self.seen[np.ix_(kept, kept)],
            days=self.days[kept],
            often=self.often[kept],
            total=self.total,
        )

    @cached_property
    def anyway(self) -> terms.Floats:
        """How often each type comes a day without any cause, (t,)."""
        return self.often / max(self.total, 1.0)

    @cached_property
    def surplus(self) -> terms.Floats:
        """How much more often a day effects come so long after a cause than anyway, (t, t, BINS - 1).

        Only what is more than two standard deviations above chance counts, and only the part above.
        """
        anyway = np.maximum(self.anyway, 1e-9)
        far = (self.seen[:, :, -1] + BELIEVED) / (self.days[:, -1:] + BELIEVED / anyway[None, :])
        expected = far[:, :, None] * self.days[:, None, :-1]
        above = self.seen[:, :, :-1] - expected - SURE * np.sqrt(expected + 1.0)
        return np.asarray(np.maximum(above, 0.0) / np.maximum(self.days[:, None, :-1], 1e-9))

    def to_bytes(self) -> bytes:
        """Write the habits; from_bytes gives equal ones up to single precision."""
        buffer = io.BytesIO()
        np.savez_compressed(
            buffer,
            types=np.array(self.types),
            seen=self.seen.astype(np.float32),
            days=self.days,
            often=self.often,
            total=np.array(self.total),
        )
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, written: bytes) -> Habits:
        """Read habits that to_bytes wrote."""
        with np.load(io.BytesIO(written), allow_pickle=False) as arrays:
            return cls(
                types=tuple(arrays["types"].tolist()),
                seen=arrays["seen"].astype(np.float64),
                days=arrays["days"],
                often=arrays["often"],
                total=float(arrays["total"]),
            )


def learn(*, journeys: terms.Journeys, pack: packs.Pack, until: float) -> Habits:
    """Return what these customers show of what follows what, up to a moment (days)."""
    words, codes = types(journeys=journeys, pack=pack, found=signs.read(journeys=journeys, pack=pack))
    size, owners = len(words), journeys.owners()
    seen = np.zeros((size, size, BINS))
    days = np.zeros((size, BINS))
    for cause in range(size):
        is_cause = codes == cause
        earlier = follow.latest_before(cause=is_cause, group=owners)
        place = bins(gap=follow.gap(occurred=journeys.occurred, earlier=earlier), far=True)
        counted = place >= 0
        np.add.at(seen[cause], (codes[counted], place[counted]), 1.0)
        days[cause] = _days_after(journeys, np.flatnonzero(is_cause), owners, until)
    often = np.bincount(codes, minlength=size).astype(float)
    first = journeys.occurred[journeys.starts[:-1][np.diff(journeys.starts) > 0]]
    return Habits(words, seen, days, often, float(np.maximum(until - first, 0.0).sum()))


def types(
    *, journeys: terms.Journeys, pack: packs.Pack, found: signs.Signs
) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Return the types that occur and each row's place among them (n,).

    A type is the kind, the reason, and whether it failed, surprised, promised, broke a promise or hid a cost.
    """
    kind = signs.column(journeys=journeys, name="kind")
    reason = signs.column(journeys=journeys, name="reason")
    facts = signs.column(journeys=journeys, name="facts")
    hid = signs.where(
        words=facts, holds=lambda told: any(pack.known_as("facts", f) in HID_A_COST for f in told.split("|"))
    )
    flags = sum(
        flag.astype(np.int64) << place
        for place, flag in enumerate((found.failed, found.surprise, found.promising, found.broke, hid))
    )
    kinds, kind_codes = _plain(kind, pack)
    reasons, reason_codes = _plain(reason, None)
    packed = (kind_codes * len(reasons) + reason_codes) * 32 + flags
    distinct, codes = np.unique(packed, return_inverse=True)
    names = [
        f"{kinds[code // 32 // len(reasons)]}|{reasons[code // 32 % len(reasons)]}|{code % 32}"
        for code in distinct.tolist()
    ]
    return tuple(names), codes.reshape(-1).astype(np.int64)


def bins(*, gap: terms.Days, far: bool) -> NDArray[np.int64]:
    """Return the bin (n,) of each gap in days, -1 where it lies in none; with `far` also the far stretch."""
    place = np.searchsorted(EDGES, gap, side="right") - 1
    near = (gap >= 0) & (gap < EDGES[-1])
    distant = far & (gap >= FAR[0]) & (gap < FAR[1])
    return np.where(near, place, np.where(distant, BINS - 1, -1))


def _days_after(journeys: terms.Journeys, rows: terms.Keys, owners: terms.Keys, until: float) -> terms.Floats:
    """Return the customer-days in each bin after these rows, until the next of them or the end."""
    follows = np.append(owners[rows[1:]], -1) == owners[rows]
    end = np.where(follows, np.append(journeys.occurred[rows[1:]], 0.0), until)
    span = np.maximum(end - journeys.occurred[rows], 0.0)
    near = [np.clip(span - low, 0.0, high - low).sum() for low, high in itertools.pairwise(EDGES)]
    return np.array([*near, np.clip(span - FAR[0], 0.0, FAR[1] - FAR[0]).sum()])


def _plain(words: terms.Words, pack: packs.Pack | None) -> tuple[Sequence[str], NDArray[np.int64]]:
    """Return the words as they are compared ("" last), and each row's place among them."""
    plain = [pack.known_as("kinds", word) if pack else packs.plain_word(word) for word in words.vocabulary]
    names = [*sorted(set(plain)), ""]
    places = np.array([*(names.index(word) for word in plain), len(names) - 1], np.int64)
    return names, places[words.codes]


def _placed(habits: Habits, types: tuple[str, ...]) -> Habits:
    number = {name: place for place, name in enumerate(types)}
    where = np.array([number[name] for name in habits.types], np.int64)
    seen = np.zeros((len(types), len(types), BINS))
    seen[np.ix_(where, where)] = habits.seen
    days, often = np.zeros((len(types), BINS)), np.zeros(len(types))
    days[where], often[where] = habits.days, habits.often
    return Habits(types, seen, days, often, habits.total)


NONE = Habits((), np.zeros((0, 0, BINS)), np.zeros((0, BINS)), np.zeros(0), 0.0)
