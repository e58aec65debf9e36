"""Tables that lie in PostgreSQL: held by a transaction that reads one moment, copied row by row into SQLite and back.

The types of columns decide what is converted, not our models: so tables of an older version are copied as they are.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.db.migrations.recorder import MigrationRecorder
from psycopg import sql

from valence import database

ROWS_A_STEP = 5_000
MIGRATIONS = "django_migrations"
COPY = "copy"
Report = Callable[[int, int], None]
Convert = Callable[[Any], Any]


class NotEmpty(RuntimeError):  # noqa: N818  named as people say it
    """The database that a backup should go into holds tables already."""


@dataclass(frozen=True)
class Column:
    """One column: its name, PostgreSQL's name of its type, and the sequence that numbers it ("" for none)."""

    name: str
    type: str
    sequence: str


@dataclass(frozen=True)
class Held:
    """The tables of one PostgreSQL database, read through a connection of their own."""

    source: psycopg.Connection[Any]

    def hold(self) -> None:
        """See from here on the tables as they are at this moment."""
        self.source.execute("SELECT 1")  # the first statement of the transaction pins the moment

    def size(self) -> int:
        """Return about how many bytes the copy will have: as many as the tables take here."""
        return int(_one(self.source, "SELECT pg_database_size(current_database())"))

    def copy(self, *, path: Path, report: Report) -> None:
        """Write the tables to a SQLite file with the same columns; `report` gets tables done and tables in all."""
        _make_tables(path, self.source)
        found = _tables(self.source)
        with closing(sqlite3.connect(path, isolation_level=None)) as copy:
            copy.execute("PRAGMA synchronous=OFF")
            copy.execute("BEGIN")
            for done, (table, columns) in enumerate(found.items()):
                report(done, len(found))
                _copy_out(self.source, copy, table, columns)
            copy.execute("COMMIT")
        report(len(found), len(found))


@contextmanager
def reading() -> Iterator[Held]:
    """Open the database to copy it, in a transaction that reads and sees one moment."""
    with closing(_another()) as source:
        source.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        source.read_only = True
        yield Held(source=source)


def fill(*, path: Path, report: Report) -> None:
    """Fill this home's empty PostgreSQL from a SQLite file of the same version, whole or not at all.

    `report` gets tables done and tables in all. Raises NotEmpty.
    """
    if connection.introspection.table_names():
        raise NotEmpty("The database that DATABASE_URL names holds tables already. Make an empty one for the restore.")
    with transaction.atomic(), closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as source:
        call_command("migrate", interactive=False, verbosity=0)
        connection.ensure_connection()
        target = connection.connection
        found = _tables(target)
        target.execute("SET CONSTRAINTS ALL DEFERRED")  # making tables had left them immediate; tables come by name
        target.execute(sql.SQL("TRUNCATE {} CASCADE").format(sql.SQL(", ").join(map(sql.Identifier, found))))
        for done, (table, columns) in enumerate(found.items()):
            report(done, len(found))
            _copy_in(source, target, table, columns)
        report(len(found), len(found))


def _another() -> psycopg.Connection[Any]:
    """Return a second connection to the database that Django speaks to."""
    parameters = connection.get_connection_params()
    kept = {key: value for key, value in parameters.items() if key not in ("cursor_factory", "context")}
    other = psycopg.connect(**kept)
    other.execute("SET TIME ZONE 'UTC'")
    other.commit()
    return other


def _tables(source: psycopg.Connection[Any]) -> Mapping[str, tuple[Column, ...]]:
    """Return the columns of each table, but for the list of migrations, which making the tables fills."""
    rows = source.execute(
        "SELECT table_name, column_name, udt_name,"
        " coalesce(pg_get_serial_sequence(quote_ident(table_name), column_name), '')"
        " FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)"
        " WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' AND table_name <> %s"
        " ORDER BY table_name, ordinal_position",
        [MIGRATIONS],
    ).fetchall()
    found: dict[str, tuple[Column, ...]] = {}
    for table, name, kind, sequence in rows:
        found[table] = (*found.get(table, ()), Column(name=name, type=kind, sequence=sequence))
    return found


def _make_tables(path: Path, source: psycopg.Connection[Any]) -> None:
    """Make the tables in a SQLite file as they are here: each app at the migration that it is at here."""
    applied = source.execute(f"SELECT app, name FROM {MIGRATIONS} ORDER BY id").fetchall()
    known = connections.settings["default"]
    connections.settings[COPY] = known | database.setting(url="", file=path) | {"OPTIONS": {}}
    try:
        for app, name in dict(applied).items():  # the last one of each app
            call_command("migrate", app, name, database=COPY, interactive=False, verbosity=0)
        there = set(MigrationRecorder(connections[COPY]).applied_migrations())
        connections[COPY].close()
    finally:
        del connections.settings[COPY]
        del connections[COPY]
    if missing := {(app, name) for app, name in applied} - there:
        raise psycopg.DataError(f"tables are of another version: {sorted(missing)}")


def _copy_out(source: psycopg.Connection[Any], copy: sqlite3.Connection, table: str, columns: Sequence[Column]) -> None:
    names = [column.name for column in columns]
    converts = [_TO_SQLITE.get(column.type, _same) for column in columns]
    chosen = sql.SQL("SELECT {} FROM {}").format(sql.SQL(", ").join(map(sql.Identifier, names)), sql.Identifier(table))
    listed, marks = ", ".join(f'"{name}"' for name in names), ", ".join("?" * len(names))
    copy.execute(f'DELETE FROM "{table}"')
    with source.cursor(name="rows") as cursor:
        cursor.itersize = ROWS_A_STEP
        cursor.execute(chosen)
        while rows := cursor.fetchmany(ROWS_A_STEP):
            changed = [[convert(value) for convert, value in zip(converts, row, strict=True)] for row in rows]
            copy.executemany(f'INSERT INTO "{table}" ({listed}) VALUES ({marks})', changed)
    for column in columns:
        if column.sequence:
            _note_number(source, copy, table, column)


def _note_number(source: psycopg.Connection[Any], copy: sqlite3.Connection, table: str, column: Column) -> None:
    """Keep the highest number ever given: rows may be gone, and their numbers never come again."""
    last = source.execute(f"SELECT last_value FROM {column.sequence} WHERE is_called").fetchone()
    copy.execute("DELETE FROM sqlite_sequence WHERE name = ?", [table])
    if last:
        copy.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", [table, last[0]])


def _copy_in(
    source: sqlite3.Connection, target: psycopg.Connection[Any], table: str, columns: Sequence[Column]
) -> None:
    names = [column.name for column in columns]
    converts = [_TO_POSTGRESQL.get(column.type, _same) for column in columns]
    into = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    rows = source.execute(f'SELECT {", ".join(f"{chr(34)}{name}{chr(34)}" for name in names)} FROM "{table}"')
    with target.cursor() as cursor, cursor.copy(into) as copying:
        for row in rows:
            copying.write_row([convert(value) for convert, value in zip(converts, row, strict=True)])
    for column in columns:
        if column.sequence:
            last = source.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", [table]).fetchone()
            if last and last[0]:
                target.execute("SELECT setval(%s, %s)", [column.sequence, last[0]])


def _one(source: psycopg.Connection[Any], words: str) -> Any:
    row = source.execute(words).fetchone()
    return row[0] if row else None


def _same(value: Any) -> Any:
    return value


def _known(convert: Convert) -> Convert:
    """Return a conversion that leaves what is unknown as it is."""
    return lambda value: None if value is None else convert(value)


def _moment(value: datetime) -> str:
    return str(value.astimezone(UTC).replace(tzinfo=None))


def _micros(value: timedelta) -> int:
    return value // timedelta(microseconds=1)


# How Django writes a type of PostgreSQL's into SQLite, and what of SQLite's PostgreSQL would not read by itself.
_TO_SQLITE: Mapping[str, Convert] = {
    "timestamptz": _known(_moment),
    "date": _known(date.isoformat),
    "time": _known(time.isoformat),
    "interval": _known(_micros),
    "uuid": _known(lambda value: UUID(str(value)).hex),
    "bool": _known(int),
    "numeric": _known(lambda value: str(Decimal(value))),
    "jsonb": _known(lambda value: json.dumps(value, ensure_ascii=False)),
    "json": _known(lambda value: json.dumps(value, ensure_ascii=False)),
}
_TO_POSTGRESQL: Mapping[str, Convert] = {
    "interval": _known(lambda value: f"{value} microseconds"),
    "bool": _known(bool),
}
