"""The inbox's side of the database: what an error of the store means, and what differs between databases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from django.db import (
    DatabaseError,
    DataError,
    IntegrityError,
    OperationalError,
    ProgrammingError,
    connection,
    transaction,
)
from django.db.backends.utils import CursorWrapper

ADMITTING = 7_310_525  # the number of PostgreSQL's lock; any would do
OUR_MISTAKES = (IntegrityError, ProgrammingError, DataError)


class StoreUnavailable(Exception):  # noqa: N818 - a state of the store that callers answer with 503, not a bug
    """The disk is full or broken, or the database cannot be reached. Nothing was stored; try again later."""


@contextmanager
def writing() -> Iterator[CursorWrapper]:
    """Open one transaction and give its cursor. Raises StoreUnavailable where the store fails, with all undone."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            yield cursor
    except OUR_MISTAKES:
        raise
    except DatabaseError as error:
        _let_go()
        raise StoreUnavailable(str(error)) from error


@contextmanager
def admitting() -> Iterator[CursorWrapper]:
    """Open one transaction in which interactions are admitted or leave the inbox, one after the other as on SQLite.

    PostgreSQL would give out `seq` in another order than transactions commit: a flush could then pass over a row that
    is not there yet, and nobody could say which rows one import brought.
    """
    with writing() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ADMITTING])
        yield cursor


@contextmanager
def reading() -> Iterator[CursorWrapper]:
    """Give a cursor to read with. Raises StoreUnavailable where the database cannot be read."""
    try:
        with connection.cursor() as cursor:
            yield cursor
    except OUR_MISTAKES:
        raise
    except DatabaseError as error:
        _let_go()
        raise StoreUnavailable(str(error)) from error


def mark() -> str:
    """Return what stands for a parameter in a long statement.

    SQLite knows `?` itself; to put it in place of thousands of `%s` took Django a fifth of the time of an insert.
    """
    return "?" if connection.vendor == "sqlite" else "%s"


def copies() -> bool:
    """Say whether rows go in by COPY: PostgreSQL then reads them without parsing a statement."""
    return connection.vendor == "postgresql"


def copied(*, cursor: CursorWrapper, into: str, rows: Iterable[Sequence[object]]) -> bool:
    """Copy rows into a table; say whether all went in. Where one is there already, the transaction goes on only from
    a savepoint before it.
    """
    import psycopg  # only where it is used: loading it takes half a second

    try:
        with cursor.cursor.copy(f"COPY {into} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    except psycopg.errors.UniqueViolation:
        return False
    except psycopg.Error as error:  # past Django's own naming of errors
        raise OperationalError(str(error)) from error
    return True


def last_seq(*, cursor: CursorWrapper) -> int:
    """Return the highest `seq` that the inbox ever gave out, 0 before the first."""
    if connection.vendor == "sqlite":
        cursor.execute("SELECT max(seq) FROM sqlite_sequence WHERE name = 'valence_inboxrow'")
    else:
        cursor.execute("SELECT last_value FROM valence_inboxrow_seq_seq WHERE is_called")
    row = cursor.fetchone()
    return int(row[0] or 0) if row else 0


def scrub() -> None:
    """Write what was deleted over in the database's own files, its write-ahead log too.

    Inside a transaction there is nothing to do yet: whoever opened it scrubs after it.
    """
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with reading() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def faults() -> list[str]:
    """Return what the database finds wrong with its own files and how it was told to write; empty when sound."""
    if connection.vendor != "sqlite":
        return []
    with reading() as cursor:
        found = [said for (said,) in cursor.execute("PRAGMA quick_check").fetchall() if said != "ok"]
        if cursor.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            found.append("the journal is not a write-ahead log")
        if cursor.execute("PRAGMA synchronous").fetchone()[0] < 2:
            found.append("the database does not wait for the disk (synchronous is not FULL)")
    return found


def _let_go() -> None:
    """Drop the connection after an error of the disk: the next try begins with a fresh one."""
    if not connection.in_atomic_block:
        connection.close()
