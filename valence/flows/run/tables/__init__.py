"""All tables as one file, and back: a backup holds them as SQLite, whichever database they lie in.

So a backup of one kind of database is restored into the other, which is also how a company moves.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from django.db import connection

from valence.flows.run.tables import postgresql, sqlite

Report = Callable[[int, int], None]


class Held(Protocol):
    """The tables of this home, to be held at one moment and then copied while others write."""

    def hold(self) -> None:
        """See from here on the tables as they are at this moment."""

    def size(self) -> int:
        """Return about how many bytes the copy will have."""

    def copy(self, *, path: Path, report: Report) -> None:
        """Write the tables to a new SQLite file; `report` gets parts done and parts in all."""


def of_this_home(*, file: Path) -> AbstractContextManager[Held]:
    """Return the tables of this home: those of PostgreSQL where `DATABASE_URL` names one, else those in `file`."""
    return postgresql.reading() if connection.vendor == "postgresql" else sqlite.reading(path=file)
