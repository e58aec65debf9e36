"""Opening the data folder: its tables are made or brought up to date before anything acts on it.

An older home is backed up beside itself first; a newer one is left alone.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor

from valence import home as homes
from valence.customers import actions as customers
from valence.flows.run import alone
from valence.home import Home


class CannotOpen(RuntimeError):  # noqa: N818  named as people say it
    """The data folder is not for this version of Valence, or could not be backed up before its upgrade."""


def open_home(*, home: Home) -> bool:
    """Create or migrate the tables where needed and return whether anything was done. Raises CannotOpen.

    One process migrates; others that start at the same moment wait for it. When nothing is to do this costs one query.
    1. Refuse a home whose tables a newer Valence changed. 2. Where tables of an older version are to be changed, write
    a backup beside the folder: `HOME.before-VERSION.backup`, the way back. 3. Migrate.
    """
    executor = _executor()
    _refuse_newer(home, executor)
    if not _behind(executor):
        return False
    with alone.waiting(home=home, name="migrating"):
        executor = _executor()
        if not _behind(executor):
            return False
        _refuse_other_database(home, executor)
        if executor.loader.applied_migrations and _used_by(home) not in ("", homes.version()):
            _back_up(home)
        call_command("migrate", interactive=False, verbosity=0)
        customers.enter_tombstones()
        _keep_to_owner(home.database)
        note_version(home=home)
    return True


def note_version(*, home: Home) -> None:
    """Note which version of Valence the tables are of."""
    (home.folder / homes.VERSION).write_text(homes.version())


def way_back(*, home: Home) -> Path:
    """Return where the backup from before an upgrade to this version lies."""
    return Path(f"{home.folder}.before-{homes.version()}.backup")


def _refuse_newer(home: Home, executor: MigrationExecutor) -> None:
    """Tables that this version does not know are no harm while the same version made them: they were put together."""
    unknown = {name for app, name in executor.loader.applied_migrations if app == "valence"} - {
        name for app, name in executor.loader.disk_migrations if app == "valence"
    }
    theirs = _used_by(home)
    if unknown and theirs and homes.is_newer(theirs, than=homes.version()):
        raise CannotOpen(
            f"{home.folder} was used by Valence {theirs}, this is {homes.version()}, which does not know its tables. "
            "Install that version again, or restore the backup from before the upgrade into a new folder."
        )


def _refuse_other_database(home: Home, executor: MigrationExecutor) -> None:
    """A folder that was used belongs to tables: beside empty ones its log would be nobody's."""
    if _used_by(home) and not executor.loader.applied_migrations:
        raise CannotOpen(
            f"{home.folder} was used before, but the database is empty. Does DATABASE_URL name the right one? "
            "To move to another database, back up and restore into a new folder (docs/deploy.md)."
        )


def _back_up(home: Home) -> None:
    from valence.flows.run import backup  # only before an upgrade: it loads the log and every driver of a database

    path = way_back(home=home)
    try:
        backup.run(path=path, by="upgrade", now=datetime.now(UTC), old_tables=True)
    except backup.CannotBackUp as problem:
        raise CannotOpen(f"Before an upgrade {home.folder} is backed up, and that failed: {problem}") from problem


def _used_by(home: Home) -> str:
    try:
        return (home.folder / homes.VERSION).read_text().strip()
    except FileNotFoundError:
        return ""


def _keep_to_owner(database: Path) -> None:
    if database.exists():
        os.chmod(database, 0o600)


def _executor() -> MigrationExecutor:
    return MigrationExecutor(connections[DEFAULT_DB_ALIAS])


def _behind(executor: MigrationExecutor) -> bool:
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
