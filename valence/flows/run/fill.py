"""Fill an empty PostgreSQL from an unpacked backup, in a process of its own: `python -m valence.flows.run.fill`."""

from __future__ import annotations

import sys


def main() -> None:
    """Copy the tables of the home's SQLite file into the database that the environment names; say in words why not."""
    import django

    django.setup()
    import psycopg
    from django.conf import settings
    from django.db import DatabaseError

    from valence.flows.run.tables import postgresql

    try:
        postgresql.fill(path=settings.HOME.database, report=lambda _done, _total: None)
    except postgresql.NotEmpty as problem:
        sys.exit(str(problem))
    except (psycopg.Error, DatabaseError) as problem:
        sys.exit(f"The database that DATABASE_URL names could not be filled: {problem}")


if __name__ == "__main__":
    main()
