"""Writing a whole new score: rows gather beside the tables and take the place of the old ones in one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from valence.ledger import rows
from valence.ledger.actions import columns, promises
from valence.ledger.models import BondState, Scoring

# Parents first, so that a share finds its loss.
ORDER: Final = (
    rows.Risks,
    rows.Losses,
    rows.Shares,
    rows.Handoffs,
    rows.Weeks,
    rows.Promises,
    rows.UnknownWords,
    rows.States,
)
AT_ONCE = 5_000
ROWS_AWAY_AT_ONCE = 20_000
ROWS_MOVED_AT_ONCE = 100_000
ALIVE: Final = "scored_alive"
STAYS: Final = "scored_stays"
# A score does not read texts: what was heard in them as they arrived stays.
KEPT: Final[dict[type[rows.Rows], str]] = {rows.Promises: "how = 'text'"}


def begin() -> None:
    """Make empty waiting tables; what an interrupted score left in them goes."""
    tidy()
    with connection.cursor() as cursor:
        for kind in ORDER:
            table = columns.table_of(kind=kind)
            names = ", ".join(columns.names_of(kind=kind))
            cursor.execute(f"CREATE TABLE {table}_next AS SELECT {names} FROM {table} WHERE 1 = 0")


@transaction.atomic
def add(*, written: Sequence[rows.Rows]) -> None:
    """Put rows into the waiting tables, in one transaction: give it a bounded number. Nobody reads them yet."""
    with connection.cursor() as cursor:
        for part in written:
            names = columns.names_of(kind=type(part))
            marks = ", ".join(["%s"] * len(names))
            table = columns.table_of(kind=type(part))
            insert = f"INSERT INTO {table}_next ({', '.join(names)}) VALUES ({marks})"
            cursor.executemany(insert, list(columns.tuples(written=part)))


@transaction.atomic(savepoint=False)
def finish(*, as_of: datetime, model: str, now: datetime, customers: int) -> None:
    """Let the waiting rows take the place of the old ones: readers see the old score or the new one, never both.

    Rows of customers who were erased meanwhile are left out. Of customers for whom something arrived while the score
    was worked out, it is noted that their states have to be worked out from their journeys. `tidy` afterwards, and no
    savepoint within a caller's transaction: for whatever could be taken back to one SQLite holds every page that it
    changes, gigabytes where there are millions of rows.
    """
    newer = list(BondState.objects.filter(newer=True).values_list("customer_id", flat=True))
    with connection.cursor() as cursor:
        for kind in reversed(ORDER):
            _clear(cursor, columns.table_of(kind=kind), KEPT.get(kind, ""))
        with _alive(cursor):
            for kind in ORDER:
                _move(cursor, kind)
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
        for kind in reversed(ORDER):
            cursor.execute(f"DELETE FROM {columns.table_of(kind=kind)}")
    Scoring.objects.all().delete()


def tidy() -> None:
    """Drop the waiting tables, whether their rows took the place of the old ones or not.

    SQLite overwrites what goes and holds that in memory until it is written: there, rows go some at a time first.
    """
    with connection.cursor() as cursor:
        there = set(connection.introspection.table_names(cursor))
        for table in (f"{columns.table_of(kind=kind)}_next" for kind in ORDER):
            if table not in there:
                continue
            if connection.vendor == "sqlite":
                some = f"SELECT rowid FROM {table} LIMIT {ROWS_AWAY_AT_ONCE}"
                while cursor.execute(f"DELETE FROM {table} WHERE rowid IN ({some})").rowcount:
                    pass
            cursor.execute(f"DROP TABLE {table}")


def forget(*, customer: int) -> None:
    """Delete a customer from waiting tables too, if a score is being written just now."""
    with connection.cursor() as cursor:
        there = set(connection.introspection.table_names(cursor))
        for kind in ORDER:
            table = f"{columns.table_of(kind=kind)}_next"
            owner = next((name for name in columns.names_of(kind=kind) if name in ("customer_id", "loss_id")), None)
            if owner and table in there:
                cursor.execute(f"DELETE FROM {table} WHERE {owner} = %s", [customer])


def _clear(cursor: CursorWrapper, table: str, kept: str) -> None:
    """Delete all but what is kept; SQLite empties a whole table without a look at each of its rows and indexes."""
    if kept and connection.vendor == "sqlite":
        cursor.execute(f"CREATE TEMPORARY TABLE {STAYS} AS SELECT * FROM {table} WHERE {kept}")
        cursor.execute(f"DELETE FROM {table}")
        cursor.execute(f"INSERT INTO {table} SELECT * FROM {STAYS}")
        cursor.execute(f"DROP TABLE {STAYS}")
    else:
        cursor.execute(f"DELETE FROM {table}" + (f" WHERE NOT ({kept})" if kept else ""))


def _move(cursor: CursorWrapper, kind: type[rows.Rows]) -> None:
    """Put what waits into its table; in SQLite some rows at a time: it holds in memory what one statement changes."""
    table = columns.table_of(kind=kind)
    names = columns.names_of(kind=kind)
    owner = next((name for name in names if name in ("customer_id", "loss_id")), None)
    alive = f"{owner} IN (SELECT key FROM {ALIVE})" if owner else "1 = 1"
    insert = f"INSERT INTO {table} ({', '.join(names)}) SELECT {', '.join(names)} FROM {table}_next WHERE {alive}"
    if connection.vendor != "sqlite":
        cursor.execute(insert)
        return
    cursor.execute(f"SELECT MAX(rowid) FROM {table}_next")
    for first in range(0, cursor.fetchone()[0] or 0, ROWS_MOVED_AT_ONCE):
        cursor.execute(f"{insert} AND rowid > %s AND rowid <= %s", [first, first + ROWS_MOVED_AT_ONCE])


@contextmanager
def _alive(cursor: CursorWrapper) -> Iterator[None]:
    """Know within this who is there: listed once, because every statement would list millions of customers anew."""
    kind = "integer" if connection.vendor == "sqlite" else "bigint"  # the row's own number there: no second index
    cursor.execute(f"CREATE TEMPORARY TABLE {ALIVE} (key {kind} PRIMARY KEY)")
    cursor.execute(f"INSERT INTO {ALIVE} SELECT key FROM valence_customer WHERE wrapped_key IS NOT NULL")
    yield
    cursor.execute(f"DROP TABLE {ALIVE}")
