"""SQLite: the waiting tables get the names of the old ones, and no row is moved.

Millions of rows deleted and put in within one transaction took twenty minutes, in which nobody else writes, and
gigabytes of the write-ahead log, in which SQLite then looks for every page that it reads.
"""

from __future__ import annotations

from django.db.backends.utils import CursorWrapper

from valence.ledger import rows
from valence.ledger.actions import columns
from valence.ledger.actions.taking_place import names

ROWS_AWAY_AT_ONCE = 20_000


class SQLite:
    """Tables change their names."""

    def make(self, cursor: CursorWrapper, *, kind: type[rows.Rows]) -> None:
        """Make a waiting table like a kind's own, which tells of the same parents or of those that wait with it.

        Its numbers go on where those of the other end. Its indexes are made when its rows are there: that is quicker.
        """
        table = columns.table_of(kind=kind)
        cursor.execute("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = %s", [table])
        made: str = cursor.fetchone()[0]
        for each in names.ORDER:
            parent = columns.table_of(kind=each)
            made = made.replace(f'"{parent}"', f'"{names.waiting(table=parent)}"')
        cursor.execute(made)
        numbers = "INSERT INTO sqlite_sequence (name, seq) SELECT %s, seq FROM sqlite_sequence WHERE name = %s"
        cursor.execute(numbers, [names.waiting(table=table), table])

    def take_place(self, cursor: CursorWrapper) -> None:
        """Put what stays to what waits, and change the names. SQLite sees to it that a share still means its loss."""
        for kind, which in names.KEPT.items():
            table, put = columns.table_of(kind=kind), ", ".join(columns.columns_of(kind=kind))
            cursor.execute(f"INSERT INTO {names.waiting(table=table)} ({put}) SELECT {put} FROM {table} WHERE {which}")
        for kind in names.ORDER:
            table = columns.table_of(kind=kind)
            made = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = %s AND sql IS NOT NULL"
            indexes = dict(cursor.execute(made, [table]).fetchall())
            for index in indexes:
                cursor.execute(f'DROP INDEX "{index}"')
            cursor.execute(f"ALTER TABLE {table} RENAME TO {names.old(table=table)}")
            cursor.execute(f"ALTER TABLE {names.waiting(table=table)} RENAME TO {table}")
            for statement in indexes.values():
                cursor.execute(statement)

    def drop(self, cursor: CursorWrapper, *, table: str) -> None:
        """Drop a table, its rows some at a time: what goes is overwritten, and held in memory until it is written."""
        some = f"SELECT rowid FROM {table} LIMIT {ROWS_AWAY_AT_ONCE}"
        while cursor.execute(f"DELETE FROM {table} WHERE rowid IN ({some})").rowcount:
            pass
        cursor.execute(f"DROP TABLE {table}")


WAY = SQLite()
