"""Opening the data folder: its tables are made or brought up to date before anything acts on it."""

from __future__ import annotations

from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor

from valence.flows import alone
from valence.home import Home


def open_home(*, home: Home) -> bool:
    """Create or migrate the tables where needed and return whether anything was done.

    One process migrates; others that start at the same moment wait for it. When nothing is to do this costs one query.
    """
    if not _behind():
        return False
    with alone.waiting(home=home, name="migrating"):
        if not _behind():
            return False
        call_command("migrate", interactive=False, verbosity=0)
    return True


def _behind() -> bool:
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
