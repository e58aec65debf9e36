"""PostgreSQL: old rows are deleted and waiting ones put in. Readers and other writers go on meanwhile."""

from __future__ import annotations

from django.db.backends.utils import CursorWrapper

from valence.ledger import rows
from valence.ledger.actions import columns
from valence.ledger.actions.taking_place import names

ALIVE = "(SELECT key FROM valence_customer WHERE wrapped_key IS NOT NULL)"


class PostgreSQL:
    """Rows move."""

    def make(self, cursor: CursorWrapper, *, kind: type[rows.Rows]) -> None:
        """Make the empty waiting table of a kind, with its columns and nothing to slow it down."""
        table = columns.table_of(kind=kind)
        asked = ", ".join(columns.names_of(kind=kind))
        cursor.execute(f"CREATE TABLE {names.waiting(table=table)} AS SELECT {asked} FROM {table} WHERE 1 = 0")

    def take_place(self, cursor: CursorWrapper) -> None:
        """Delete all but what stays, and put in what waits of customers who are there still."""
        for kind in reversed(names.ORDER):
            kept = names.KEPT.get(kind)
            cursor.execute(f"DELETE FROM {columns.table_of(kind=kind)}" + (f" WHERE NOT ({kept})" if kept else ""))
        for kind in names.ORDER:
            table, owner = columns.table_of(kind=kind), names.owner_of(kind=kind)
            put = ", ".join(columns.names_of(kind=kind))
            alive = f" WHERE {owner}_id IN {ALIVE}" if owner else ""
            cursor.execute(f"INSERT INTO {table} ({put}) SELECT {put} FROM {names.waiting(table=table)}{alive}")

    def drop(self, cursor: CursorWrapper, *, table: str) -> None:
        """Drop a table."""
        cursor.execute(f"DROP TABLE {table}")


WAY = PostgreSQL()
