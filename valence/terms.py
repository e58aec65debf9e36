"""The words of Valence: what crosses from one folder to another. Imports nothing of ours.

Times are aware datetimes in UTC where they stand alone, and float64 days since 1970-01-01 UTC
(`days`) where they stand in columns: 0.3 microseconds exact until the year 2100.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BUCKETS = 64
ROWS_AT_ONCE = 400_000
"""About so many interactions are worked on at a time: what is worked out may take many times their memory."""
MERGED_A_BUCKET = 10_000
SCALES: Mapping[str, tuple[int, int]] = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7)}
"""The scales of scores, by the data contract: the lowest and the highest point of each."""

Days = NDArray[np.float64]
Keys = NDArray[np.int64]
Floats = NDArray[np.float64]
Codes = NDArray[np.int32]


def days(moment: datetime) -> float:
    """Return the moment as days since 1970-01-01 UTC."""
    return (moment - EPOCH) / timedelta(days=1)


def moment(day: float) -> datetime:
    """Return the aware datetime of a day count since 1970-01-01 UTC."""
    return EPOCH + timedelta(days=float(day))


def bucket_of(customer_key: int) -> int:
    """Return the bucket of the log in which a customer's interactions lie."""
    return customer_key % BUCKETS


class Verdict(StrEnum):
    """What became of one record that was sent."""

    CREATED = "created"
    DUPLICATE = "duplicate"
    REVISED = "revised"
    CONFLICT = "conflict"
    REFUSED = "refused"


class Refusal(StrEnum):
    """Why a record was refused. A closed list: reasons are counted, and translated on screen."""

    NOT_AN_OBJECT = "not_an_object"
    MISSING_FIELD = "missing_field"
    BAD_TEXT = "bad_text"
    TOO_LONG = "too_long"
    BAD_TIME = "bad_time"
    IMPOSSIBLE_TIME = "impossible_time"
    BAD_NUMBER = "bad_number"
    OUT_OF_RANGE = "out_of_range"
    NOT_A_CHOICE = "not_a_choice"
    BAD_ATTRIBUTES = "bad_attributes"
    LEFT_BEFORE_JOINED = "left_before_joined"
    ERASED = "erased"
    CONFLICT = "conflict"


class LossVerdict(StrEnum):
    """Whether a loss was caused by what we did."""

    OURS = "ours"
    NOT_OURS = "not_ours"
    CANNOT_SAY = "cannot_say"


class Role(StrEnum):
    """What a member of staff may do."""

    ADMINISTRATOR = "administrator"
    ANALYST = "analyst"
    MANAGER = "manager"
    CASE_OWNER = "case_owner"
    VIEWER = "viewer"


@dataclass(frozen=True)
class Scope:
    """Whose customers may be seen. No Query is built and no row is read without one.

    `regions` is None for all regions; a customer without a region is seen only by those who see all.
    """

    role: Role
    regions: frozenset[str] | None

    def narrowed(self, regions: frozenset[str]) -> Scope:
        """Return this scope limited to some regions; never wider than it was."""
        allowed = regions if self.regions is None else self.regions & regions
        return Scope(role=self.role, regions=allowed)


EVERYTHING = Scope(role=Role.ADMINISTRATOR, regions=None)


@dataclass(frozen=True)
class RawRecords:
    """Records side by side as a source gave them, before anything was checked.

    numbers (n,): where each stood in its file or batch, from 1. columns: n values each; None or "" is unknown,
    `msgspec.UNSET` was not sent at all. unreadable: by position, those that could not even be split into fields.
    """

    numbers: Sequence[int]
    columns: Mapping[str, Sequence[Any]]
    unreadable: Mapping[int, Refused] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.numbers)


@dataclass(frozen=True)
class Refused:
    """A record that was not let in, and why. `detail` names the field and what is wrong, never personal data."""

    number: int
    reason: Refusal
    detail: str


class Interaction(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One encounter between the company and a customer, admitted. Field meanings: the data contract.

    `customer_key` is the surrogate key; text is redacted; `caused_by` is written `source:id`.
    New fields go to the end: rows that wait in the inbox are read by position.
    """

    source: str
    interaction_id: str
    customer_key: int
    occurred_at: datetime
    recorded_at: datetime
    kind: str
    revision: int = 0
    department: str = ""
    touchpoint: str = ""
    channel: str = ""
    reason: str = ""
    facts: str = ""
    wait_minutes: float | None = None
    duration_minutes: float | None = None
    outage_hours: float | None = None
    transfers: float | None = None
    amount: float | None = None
    expected_amount: float | None = None
    promised_at: datetime | None = None
    promise: str = ""
    score: float | None = None
    scale: str = ""
    text: str = ""
    language: str = ""
    team_id: str = ""
    agent_id: str = ""
    location_id: str = ""
    caused_by: str = ""
    attributes: str = ""


WORD_COLUMNS = (
    "source", "kind", "department", "touchpoint", "channel", "reason", "facts", "promise", "scale",
    "language", "team_id", "agent_id", "location_id",
)  # fmt: skip
NUMBER_COLUMNS = (
    "wait_minutes", "duration_minutes", "outage_hours", "transfers", "amount", "expected_amount",
    "promised_at", "score",
)  # fmt: skip
TEXT_COLUMNS = ("interaction_id", "caused_by", "text", "attributes")
# Worked out, never stored: YES where an earlier fault of ours explains a contact, and where it speaks of leaving.
EXPLAINED, LEAVING, YES = "explained", "leaving", "yes"


@dataclass(frozen=True)
class Words:
    """A text column with few different values. `codes` (n,) index `vocabulary`; -1 is unknown or empty."""

    codes: Codes
    vocabulary: tuple[str, ...]

    def said(self) -> list[str]:
        """Return the column as plain strings, "" where unknown."""
        return [self.vocabulary[code] if code >= 0 else "" for code in self.codes]

    def among(self, words: Collection[str]) -> NDArray[np.bool_]:
        """Say which rows (n,) hold one of some words; "" stands for what is unknown."""
        held: NDArray[np.bool_] = np.array([word in words for word in (*self.vocabulary, "")])[self.codes]
        return held


@dataclass(frozen=True)
class Journeys:
    """Many customers' interactions side by side, sorted by (customer_key, occurred, source, interaction_id).

    keys (c,) ascending; starts (c+1,): customer i owns rows starts[i]:starts[i+1]. occurred, recorded (n,)
    in days. words: columns of WORD_COLUMNS. numbers (n,): columns of NUMBER_COLUMNS, NaN unknown
    (`promised_at` in days). texts (n,): object arrays of str for columns of TEXT_COLUMNS ("" unknown).
    Only the columns that were asked for are there. Superseded revisions are already left out.
    """

    keys: Keys
    starts: Keys
    occurred: Days
    recorded: Days
    words: Mapping[str, Words] = field(default_factory=dict)
    numbers: Mapping[str, Floats] = field(default_factory=dict)
    texts: Mapping[str, NDArray[np.object_]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.occurred)

    def owners(self) -> Keys:
        """Return for each row the position of its customer in `keys`, shape (n,)."""
        return np.repeat(np.arange(len(self.keys)), np.diff(self.starts))

    def aligned_to(self, keys: Keys) -> Journeys:
        """Return the same interactions with `keys` (ascending) as the customers.

        Customers without interactions get empty ranges; rows of customers that are not in `keys` are left out.
        Nothing is copied where no row has to go.
        """
        if np.array_equal(keys, self.keys):
            return self
        stays = np.isin(self.keys, keys)
        kept = self if stays.all() else self.taken(np.repeat(stays, np.diff(self.starts)))
        sizes = np.zeros(len(keys), np.int64)
        sizes[np.searchsorted(keys, self.keys[stays])] = np.diff(self.starts)[stays]
        return replace(kept, keys=keys, starts=np.concatenate([[0], np.cumsum(sizes)]))

    def portions(self, *, most: int) -> list[Journeys]:
        """Return the customers in runs, in order, of about `most` interactions each. Nothing is copied."""
        cuts = np.searchsorted(self.starts, np.arange(most, len(self), most)).clip(max=len(self.keys))
        edges = np.unique([0, *cuts, len(self.keys)])
        return [self._run(first, end) for first, end in itertools.pairwise(edges.tolist())]

    def _run(self, first: int, end: int) -> Journeys:
        rows = slice(self.starts[first], self.starts[end])
        return replace(
            self,
            keys=self.keys[first:end],
            starts=self.starts[first : end + 1] - self.starts[first],
            occurred=self.occurred[rows],
            recorded=self.recorded[rows],
            words={name: replace(words, codes=words.codes[rows]) for name, words in self.words.items()},
            numbers={name: values[rows] for name, values in self.numbers.items()},
            texts={name: values[rows] for name, values in self.texts.items()},
        )

    def taken(self, which: NDArray[np.bool_]) -> Journeys:
        """Return only the rows where `which` (n,) holds, for the same customers."""
        before = np.concatenate([[0], np.cumsum(which)])
        return replace(
            self,
            starts=before[self.starts],
            occurred=self.occurred[which],
            recorded=self.recorded[which],
            words={name: replace(words, codes=words.codes[which]) for name, words in self.words.items()},
            numbers={name: values[which] for name, values in self.numbers.items()},
            texts={name: values[which] for name, values in self.texts.items()},
        )


@dataclass(frozen=True)
class History:
    """The values one field of the customers has had. Sorted by (row, since); `row` indexes Relationships.keys.

    `values` are floats (NaN unknown) or int32 codes of `vocabulary` (-1 unknown).
    """

    row: Keys
    since: Days
    values: Floats | Codes
    vocabulary: tuple[str, ...] = ()

    def taken(self, which: NDArray[np.bool_]) -> History:
        """Return the values of only the customers where `which` holds; `row` counts those that are left."""
        stays = which[self.row]
        place = np.cumsum(which) - 1
        return replace(self, row=place[self.row[stays]], since=self.since[stays], values=self.values[stays])


@dataclass(frozen=True)
class Relationships:
    """Who the customers are, one row each, sorted by key (c,). Only those whose `joined_at` is known.

    joined, left (days; left NaN while active); voluntary (bool; True also where left but kind unknown).
    monthly_value: the latest known (NaN unknown). words: region, segment, plan, language, switched_from, the same.
    history: `monthly_value`, `region`, `segment`, `plan` by when each value was known.
    """

    keys: Keys
    joined: Days
    left: Days
    voluntary: NDArray[np.bool_]
    monthly_value: Floats
    words: Mapping[str, Words]
    history: Mapping[str, History] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.keys)

    def taken(self, which: NDArray[np.bool_]) -> Relationships:
        """Return only the customers (c,) where `which` holds, with their history."""
        return replace(
            self,
            keys=self.keys[which],
            joined=self.joined[which],
            left=self.left[which],
            voluntary=self.voluntary[which],
            monthly_value=self.monthly_value[which],
            words={name: replace(words, codes=words.codes[which]) for name, words in self.words.items()},
            history={name: history.taken(which) for name, history in self.history.items()},
        )


@dataclass(frozen=True)
class Merged:
    """Customers whom several keys name. Nothing in the log says so: this is laid over it when it is read.

    keys (m,) ascending: every key of theirs; canonical (m,): for each, the key under which the customer is read,
    itself among `keys`.
    """

    keys: Keys
    canonical: Keys

    def __len__(self) -> int:
        return len(self.keys)

    def canonical_of(self, keys: Keys) -> Keys:
        """Return for each key the one under which its customer is read: itself for whom one key names."""
        if not len(self):
            return keys
        place = np.searchsorted(self.keys, keys).clip(max=len(self) - 1)
        return np.where(self.keys[place] == keys, self.canonical[place], keys)

    def written_as(self, keys: Keys) -> Keys:
        """Return every key under which interactions of these customers were written, ascending."""
        read = np.unique(self.canonical_of(keys))
        return np.union1d(read, self.keys[np.isin(self.canonical, read)]) if len(self) else read

    def buckets_of(self, keys: Keys) -> Keys:
        """Return the buckets in which customers are worked on, by the keys under which they are read.

        Those of one key: where the log holds them. The others may lie in several buckets of the log: they are worked
        on in buckets of their own, from BUCKETS on, MERGED_A_BUCKET in each.
        """
        buckets = keys % BUCKETS
        if not len(self):
            return buckets
        ones = np.unique(self.canonical)
        place = np.searchsorted(ones, keys).clip(max=len(ones) - 1)
        return np.where(ones[place] == keys, BUCKETS + place // MERGED_A_BUCKET, buckets)


NONE_MERGED = Merged(keys=np.empty(0, np.int64), canonical=np.empty(0, np.int64))


@dataclass(frozen=True)
class Links:
    """What led to what inside journeys: row indices into one Journeys. At most one cause for each effect.

    effect, cause (m,): rows; inferred (m,): False where the source recorded it; rule (m,): index into `rules`,
    the words that say why a link was inferred.
    """

    effect: Keys
    cause: Keys
    inferred: NDArray[np.bool_]
    rule: Codes
    rules: tuple[str, ...]


@dataclass(frozen=True)
class Progress:
    """How far a long piece of work is. `total` is 0 while unknown."""

    done: int
    total: int
    words: str
