"""Writing a whole new score: rows gather beside the tables and take the place of the old ones in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

import numpy as np
from django.db import connection, transaction

from valence import terms
from valence.ledger import rows
from valence.ledger.actions import columns, promises
from valence.ledger.actions.taking_place import names, way
from valence.ledger.models import BondState, Scoring

AT_ONCE = 5_000
KEYS_AT_ONCE = 500


def begin() -> None:
    """Make empty waiting tables; what an interrupted score left in them goes."""
    tidy()
    with connection.cursor() as cursor:
        for kind in names.ORDER:
            way().make(cursor, kind=kind)


@transaction.atomic
def add(*, written: Sequence[rows.Rows]) -> None:
    """Put rows into the waiting tables, in one transaction: give it a bounded number. Nobody reads them yet.

    Rows of customers who were erased meanwhile are left out; whoever is erased after it, `forget` takes out.
    """
    with connection.cursor() as cursor:
        for part in _of_the_living(written):
            put = columns.names_of(kind=type(part))
            marks = ", ".join(["%s"] * len(put))
            table = names.waiting(table=columns.table_of(kind=type(part)))
            insert = f"INSERT INTO {table} ({', '.join(put)}) VALUES ({marks})"
            cursor.executemany(insert, list(columns.tuples(written=part)))


@transaction.atomic(savepoint=False)
def finish(*, as_of: datetime, model: str, now: datetime, customers: int) -> None:
    """Let the waiting rows take the place of the old ones: readers see the old score or the new one, never both.

    Of customers for whom something arrived while the score was worked out, it is noted that their states have to be
    worked out from their journeys. `tidy` afterwards, and no savepoint within a caller's transaction: for whatever
    could be taken back to one SQLite holds every page that it changes, gigabytes where there are millions of rows.
    """
    newer = list(BondState.objects.filter(newer=True).values_list("customer_id", flat=True))
    with connection.cursor() as cursor:
        way().take_place(cursor)
    promises.after_score(began=now)
    promises.mark_unsaid()
    Scoring.objects.update_or_create(
        pk=1,
        defaults={
            "as_of": as_of,
            "model": model,
            "scored_at": now,
            "customers": customers,
            "stale_since": None,
        },
    )
    for start in range(0, len(newer), AT_ONCE):
        part = newer[start : start + AT_ONCE]
        BondState.objects.filter(customer_id__in=part).update(newer=True, sums=b"")


@transaction.atomic
def clear() -> None:
    """Delete every result: there is nobody left of whom they tell."""
    with connection.cursor() as cursor:
        for kind in reversed(names.ORDER):
            cursor.execute(f"DELETE FROM {columns.table_of(kind=kind)}")
    Scoring.objects.all().delete()


def tidy() -> None:
    """Drop the tables beside: those that wait, and those whose place was taken."""
    with connection.cursor() as cursor:
        for _, table in list(_beside()):
            way().drop(cursor, table=table)


def forget(*, customers: Sequence[int]) -> None:
    """Delete customers from the tables beside too, if a score is being written just now."""
    if not customers:
        return
    with connection.cursor() as cursor:
        for kind, table in list(_beside()):
            owner = names.owner_of(kind=kind)
            for start in range(0, len(customers) if owner else 0, KEYS_AT_ONCE):
                part = list(customers[start : start + KEYS_AT_ONCE])
                marks = ", ".join(["%s"] * len(part))
                cursor.execute(f"DELETE FROM {table} WHERE {owner}_id IN ({marks})", part)


def _beside() -> Iterator[tuple[type[rows.Rows], str]]:
    """Give the tables beside that there are, with their kinds: children first, so that a loss goes after its shares."""
    there = set(connection.introspection.table_names())
    for kind in reversed(names.ORDER):
        table = columns.table_of(kind=kind)
        for one in (names.waiting(table=table), names.old(table=table)):
            if one in there:
                yield kind, one


def _of_the_living(written: Sequence[rows.Rows]) -> Iterable[rows.Rows]:
    owned = [(part, names.owner_of(kind=type(part))) for part in written]
    keys = [_keys(part, owner) for part, owner in owned if owner]
    alive = np.array(sorted(columns.alive(keys=np.unique(np.concatenate(keys)).tolist() if keys else [])), np.int64)
    return [part.taken(np.isin(_keys(part, owner), alive)) if owner else part for part, owner in owned]


def _keys(part: rows.Rows, owner: str) -> terms.Keys:
    return np.asarray(getattr(part, owner), np.int64)
