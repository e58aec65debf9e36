"""Opening the data folder: its tables are made or brought up to date before anything acts on it."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor

from valence.home import Home


def open_home(*, home: Home) -> bool:
    """Create or migrate the tables where needed and return whether anything was done.

    One process migrates; others that start at the same moment wait for it. When nothing is to do this costs one query.
    """
    if not _behind():
        return False
    with _alone(home):
        if not _behind():
            return False
        call_command("migrate", interactive=False, verbosity=0)
    return True


def _behind() -> bool:
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


@contextmanager
def _alone(home: Home) -> Iterator[None]:
    with (home.folder / ".migrating").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
