"""What was counted of the data, and what can be said of it: the words of readiness. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Sureness(StrEnum):
    """How well a question can be answered."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"


class Weight(StrEnum):
    """How bad what looks wrong is."""

    WRONG = "wrong"
    LOOK = "look"


@dataclass(frozen=True)
class Rows:
    """Where the rows behind a figure are: a page by name, and its query. No page: there is nothing to open."""

    page: str = ""
    query: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Lean:
    """A word that is written above all just before customers leave.

    `before` of its `total` interactions lie in the month before a loss; `beyond` after one.
    """

    column: str
    word: str
    total: int
    before: int
    beyond: int


@dataclass(frozen=True)
class Group:
    """Customers who share a value of a column: how many, and how many of them left."""

    column: str
    value: str
    customers: int
    left: int


@dataclass(frozen=True)
class Typical:
    """What is usual for a source: the median of a column, and of how many values."""

    source: str
    column: str
    kind: str
    median: float
    values: int


@dataclass(frozen=True)
class Pair:
    """Interactions of one customer, time and kind that two sources sent."""

    one: str
    other: str
    count: int


@dataclass(frozen=True)
class Holdings:
    """Everything that was counted. `filled`: interactions that say a column; `said`: customers that say one.

    `of_kind`: interactions by kind, `sources` by source; `scales` scores by scale. `leans`, `groups`, `typical`,
    `pairs`: what the checks look at. `beyond`: interactions after their customer left; `future`, `ancient`,
    `known_before`: times that cannot be;
    `dangling`: interactions that name a cause which is not here; `strangers`: by source, those of customers who are
    known by an id only.
    """

    at: datetime
    customers: int
    prospects: int
    losses: int
    involuntary: int
    interactions: int
    first: datetime | None
    last: datetime | None
    filled: Mapping[str, int]
    said: Mapping[str, int]
    of_kind: Mapping[str, int]
    sources: Mapping[str, int]
    scales: Mapping[str, int]
    bills: int
    bills_expected: int
    beyond: int
    future: int
    ancient: int
    known_before: int
    dangling: int = 0
    strangers: Mapping[str, int] = field(default_factory=dict)
    leans: tuple[Lean, ...] = ()
    groups: tuple[Group, ...] = ()
    typical: tuple[Typical, ...] = ()
    pairs: tuple[Pair, ...] = ()
    undone_since_model: tuple[int, ...] = ()
    model: str = ""

    @property
    def months(self) -> float:
        """How many months of interactions there are."""
        return (self.last - self.first).days / 30.4 if self.first and self.last else 0.0

    def share(self, column: str) -> float:
        """Return the share of interactions that say a column."""
        return self.filled.get(column, 0) / self.interactions if self.interactions else 0.0

    def of_customers(self, column: str) -> float:
        """Return the share of customers that say a column."""
        return self.said.get(column, 0) / self.customers if self.customers else 0.0


@dataclass(frozen=True)
class Held:
    """One thing the data holds, with its rows."""

    name: str
    number: int
    words: str
    rows: Rows


@dataclass(frozen=True)
class Answered:
    """A question of a retention manager, and how surely the data answers it."""

    question: str
    sureness: Sureness
    words: str
    rows: Rows


@dataclass(frozen=True)
class Buys:
    """A column that is missing, and what it would open."""

    column: str
    of: str
    words: str


@dataclass(frozen=True)
class Oddity:
    """Something that looks wrong: what, how much of it, what Valence did about it and what you can do."""

    name: str
    weight: Weight
    count: int
    words: str
    done: str
    rows: Rows
