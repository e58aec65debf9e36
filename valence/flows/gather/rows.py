"""The interactions behind a number: which are meant, how many there are, and the latest as people read them."""

from __future__ import annotations

import datetime as dt
import operator as ops
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ibis
import msgspec
import pandas as pd

from valence import interactions, sums, terms
from valence.customers import queries as customers
from valence.flows.gather import meant as filters
from valence.flows.weigh import minds
from valence.insights import encounters
from valence.interactions import came
from valence.ledger.queries import versions
from valence.sources import queries as sources

BAR = "|"


@dataclass(frozen=True)
class Asked:
    """Which interactions are asked for. Empty means any; they happened on days in [since, until), UTC.

    `says` names a column (meant.SAID) that is not empty, `odd` something that looks wrong (meant.ODD).
    `brought` and `again` are the import that brought them first, or only sent them again (0: what came over HTTP did);
    `came` the day (UTC) on which it did so.
    """

    source: str = ""
    interaction_id: str = ""
    kind: str = ""
    department: str = ""
    fact: str = ""
    reason: str = ""
    touchpoint: str = ""
    says: str = ""
    odd: str = ""
    since: dt.date | None = None
    until: dt.date | None = None
    brought: int | None = None
    again: int | None = None
    came: dt.date | None = None

    @property
    def everybodys(self) -> bool:
        """Whether it is about what came in, whoever it tells of: those of whom no file tells who they are count too."""
        return self.odd == filters.STRANGERS or self.brought is not None or self.again is not None


@dataclass(frozen=True)
class Found:
    """How many interactions were found, of how many customers, and the latest of them with their customers' keys.

    Both are None while they are still being counted, which takes seconds in a very long log. `known_until` is set where
    only what the ledger was worked out from counts.
    """

    total: int | None
    customers: int | None
    rows: tuple[tuple[int, encounters.Encounter], ...]
    known_until: datetime | None


def find(*, scope: terms.Scope, asked: Asked, limit: int, now: datetime) -> Found:
    """Return the interactions of customers whom one may see and whose relationship is known.

    With days in the question it counts what the ledger counted: what was recorded by the time it was worked out.
    """
    scored = versions.scored()
    until = scored.as_of if scored and asked.until else None
    clock = now if asked.odd else None
    rows = _latest(scope=scope, asked=asked, limit=limit, now=clock, until=until)
    if len(rows) < limit:  # these are all
        return Found(len(rows), len({row["customer_key"] for row in rows}), _said(rows, now=now), until)
    total, people = _counted.soon(scope=scope, asked=asked, now=clock, until=until) or (None, None)
    return Found(total, people, _said(rows, now=now), until)


def of_id(*, scope: terms.Scope, interaction_id: str, now: datetime) -> Found:
    """Return the interactions of an id, of any source, at the cost of these alone."""
    found = came.named(interaction_id=interaction_id, sources=sources.sources())
    there = set(customers.known_keys(scope=scope, among=[one.customer_key for one in found]).tolist())
    rows = [msgspec.structs.asdict(one) for one in found if one.customer_key in there]
    return Found(len(rows), len({row["customer_key"] for row in rows}), _said(rows, now=now), None)


@sums.kept
def _counted(*, scope: terms.Scope, asked: Asked, now: datetime | None, until: datetime | None) -> tuple[int, int]:
    """Return how many interactions, of how many customers. `now` only where what looks odd depends on it."""
    keys = customers.known_keys(scope=scope)

    def counted(table: ibis.Table) -> ibis.Table:
        rows = _seen(table, keys, scope=scope, asked=asked, now=now)
        return rows.aggregate(total=rows.count(), customers=rows.customer_key.nunique())

    since, end = _stretch(asked)
    [counts] = interactions.ask(question=counted, as_of=_day(until), since=since, until=end)
    return int(counts["total"]), int(counts["customers"])


def _latest(
    *, scope: terms.Scope, asked: Asked, limit: int, now: datetime | None, until: datetime | None
) -> list[dict[str, Any]]:
    """Return the latest as they are now: rows are never kept, for who is erased is gone at once.

    First twice as many as are wanted are read, whoever they tell of, and their customers alone are looked up: mostly
    those of enough of them may be seen, and nobody has to list all customers.
    """
    since, end = _stretch(asked)

    def latest(keys: terms.Keys | None, number: int) -> list[dict[str, Any]]:
        def told(table: ibis.Table) -> ibis.Table:
            rows = _seen(table, keys, scope=scope, asked=asked, now=now)
            return rows.order_by(rows.occurred_at.desc(), rows.source, rows.interaction_id).limit(number)

        if asked.odd == filters.DANGLING:
            return interactions.ask(question=told, as_of=_day(until))
        return interactions.latest(question=told, limit=number, as_of=_day(until), since=since, until=end)

    if not asked.everybodys:
        rows = latest(None, 2 * limit)
        there = set(customers.known_keys(scope=scope, among=[row["customer_key"] for row in rows]).tolist())
        seen = [row for row in rows if row["customer_key"] in there]
        if len(seen) >= limit or len(rows) < 2 * limit:
            return seen[:limit]
    return latest(customers.known_keys(scope=scope), limit)


def _seen(
    table: ibis.Table, keys: terms.Keys | None, *, scope: terms.Scope, asked: Asked, now: datetime | None
) -> ibis.Table:
    """Return what is meant, of those one may see: who is in no file has no region, and is seen by who sees all.

    keys: of the customers one may see, None for whoever it tells of.
    """
    rows = _meant(table, asked=asked, now=now)
    if keys is None or (asked.everybodys and scope.regions is None):
        return rows
    return rows.semi_join(ibis.memtable(pd.DataFrame({"customer_key": keys})), "customer_key")


def total(*, scope: terms.Scope, asked: Asked, now: datetime) -> int | None:
    """Return how many interactions are found, None while they are being counted."""
    scored = versions.scored()
    until = scored.as_of if scored and asked.until else None
    counts = _counted.soon(scope=scope, asked=asked, now=now if asked.odd else None, until=until)
    return counts[0] if counts else None


def _meant(table: ibis.Table, *, asked: Asked, now: datetime | None) -> ibis.Table:
    if asked.odd in filters.ODD and now:
        table = filters.ODD[asked.odd][1](table, now)
    if asked.says in filters.SAID:
        table = table.filter(table[asked.says].notnull())
    for name in ("source", "interaction_id", "kind", "department", "reason", "touchpoint"):
        value = getattr(asked, name)
        table = table.filter(table[name] == value) if value else table
    if asked.fact:
        table = table.filter((ibis.literal(BAR) + table.facts + BAR).contains(f"{BAR}{asked.fact}{BAR}"))
    if asked.brought is not None:
        places = ibis.memtable(came.brought(batch=asked.brought, day=asked.came))
        table = table.join(places, [table.seq >= places.first, table.seq <= places.last]).drop("first", "last")
    if asked.again is not None:
        sent = ibis.memtable(came.again(batch=asked.again, day=asked.came))
        table = table.semi_join(sent, ["source", "interaction_id"])
    for at, holds in zip(_days(asked), (ops.ge, ops.lt), strict=True):
        table = table if at is None else table.filter(holds(table.occurred_at, ibis.literal(at)))
    return table


def _stretch(asked: Asked) -> tuple[datetime | None, datetime | None]:
    """Return the stretch of time to which a question may be kept: none where it asks what else there ever was."""
    return (None, None) if asked.odd == filters.DANGLING else _days(asked)


def _days(asked: Asked) -> tuple[datetime | None, datetime | None]:
    return _midnight(asked.since), _midnight(asked.until)


def _midnight(day: dt.date | None) -> datetime | None:
    return datetime(day.year, day.month, day.day, tzinfo=dt.UTC) if day else None


def _day(at: datetime | None) -> float | None:
    return terms.days(at) if at else None


def _said(rows: list[dict[str, Any]], *, now: datetime) -> tuple[tuple[int, encounters.Encounter], ...]:
    """Return the rows as encounters, in the order in which they were found."""
    found = [_interaction(row) for row in rows]
    journeys = interactions.as_journeys(interactions=found)
    told = encounters.read(journeys=journeys, pack=minds.pack(), effects={}, links=None, now=now)
    owners = journeys.keys[journeys.owners()] if len(journeys) else ()
    by_id = {(int(key), one.source, one.interaction_id): one for key, one in zip(owners, told, strict=True)}
    return tuple((one.customer_key, by_id[one.customer_key, one.source, one.interaction_id]) for one in found)


def _interaction(row: dict[str, Any]) -> terms.Interaction:
    fields = terms.Interaction.__struct_fields__
    return terms.Interaction(**{name: row[name] for name in fields if row.get(name) is not None})
