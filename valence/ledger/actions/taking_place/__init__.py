"""How the rows of a new score, which gather in waiting tables, take the place of the old ones: one way a database."""

from __future__ import annotations

from typing import Protocol

from django.db import connection
from django.db.backends.utils import CursorWrapper

from valence.ledger import rows
from valence.ledger.actions.taking_place import postgresql, sqlite


class Way(Protocol):
    """What a database has to know to do."""

    def make(self, cursor: CursorWrapper, *, kind: type[rows.Rows]) -> None:
        """Make the empty waiting table of a kind."""

    def take_place(self, cursor: CursorWrapper) -> None:
        """Let what waits take the place of what is there, but for what stays; call it in a transaction."""

    def drop(self, cursor: CursorWrapper, *, table: str) -> None:
        """Drop a table that nobody reads any more, outside a transaction."""


def way() -> Way:
    """Return the way of the database in use."""
    return sqlite.WAY if connection.vendor == "sqlite" else postgresql.WAY
