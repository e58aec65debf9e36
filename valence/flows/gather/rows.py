"""The interactions behind a number: which are meant, how many there are, and the latest as people read them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ibis
import numpy as np
import pandas as pd

from valence import interactions, sums, terms
from valence.customers import queries as customers
from valence.flows.gather import meant as filters
from valence.flows.weigh import minds
from valence.insights import encounters
from valence.interactions import came
from valence.ledger.queries import versions

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

    `known_until` is set where only what the ledger was worked out from counts.
    """

    total: int
    customers: int
    rows: tuple[tuple[int, encounters.Encounter], ...]
    known_until: datetime | None


def find(*, scope: terms.Scope, asked: Asked, limit: int, now: datetime) -> Found:
    """Return the interactions of customers whom one may see and whose relationship is known.

    With days in the question it counts what the ledger counted: what was recorded by the time it was worked out.
    """
    scored = versions.scored()
    until = scored.as_of if scored and asked.until else None
    total, customers_of, rows = _read(
        scope=scope, asked=asked, limit=limit, now=now if asked.odd else None, until=until
    )
    return Found(total, customers_of, _said(rows, now=now), until)


@sums.kept
def _read(
    *, scope: terms.Scope, asked: Asked, limit: int, now: datetime | None, until: datetime | None
) -> tuple[int, int, list[dict[str, Any]]]:
    """Return how many interactions, of how many customers, and the latest: one pass over the log for each.

    `now` only where what looks odd depends on it.
    """
    as_of = terms.days(until) if until else None
    keys = pd.DataFrame({"customer_key": _keys(scope)})

    def meant(table: ibis.Table) -> ibis.Table:
        rows = _meant(table, asked=asked, now=now)
        # Of whom no file tells who it is has no region: only those who see everybody see these.
        return (
            rows if asked.everybodys and scope.regions is None else rows.semi_join(ibis.memtable(keys), "customer_key")
        )

    def counted(table: ibis.Table) -> ibis.Table:
        rows = meant(table)
        return rows.aggregate(total=rows.count(), customers=rows.customer_key.nunique())

    def latest(table: ibis.Table) -> ibis.Table:
        rows = meant(table)
        return rows.order_by(rows.occurred_at.desc(), rows.source, rows.interaction_id).limit(limit)

    counts = interactions.ask(question=counted, as_of=as_of)[0]
    rows = interactions.ask(question=latest, as_of=as_of) if limit else []
    return int(counts["total"]), int(counts["customers"]), rows


def total(*, scope: terms.Scope, asked: Asked, now: datetime) -> int:
    """Return how many interactions are found."""
    return find(scope=scope, asked=asked, limit=0, now=now).total


def _keys(scope: terms.Scope) -> terms.Keys:
    """Return the keys of the customers in scope: by their region as it is now."""
    people = customers.relationships()
    if scope.regions is None:
        return people.keys
    region = people.words["region"]
    seen = np.array([word in scope.regions for word in region.vocabulary] + [False], dtype=bool)
    kept: terms.Keys = people.keys[seen[region.codes]]
    return kept


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
    if asked.since:
        table = table.filter(table.occurred_at >= _midnight(asked.since))
    if asked.until:
        table = table.filter(table.occurred_at < _midnight(asked.until))
    return table


def _midnight(day: dt.date) -> ibis.Value:
    return ibis.timestamp(datetime(day.year, day.month, day.day, tzinfo=dt.UTC))


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
