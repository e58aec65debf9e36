"""Everything that is stored, held still at one moment while the product goes on: for a backup.

The log's lock is held only while database and log are pinned: the database by a transaction that reads, the log's files
by opening them. From then on rows come in, move to the log and are erased, and the copy sees nothing of it.
"""

from __future__ import annotations

import os
import resource
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from valence.interactions import delta
from valence.interactions.delta import Snapshot
from valence.interactions.sql import StoreUnavailable

PAGES_A_STEP = 4_096


@dataclass(frozen=True)
class OpenFile:
    """A file of the log, readable even where it is deleted meanwhile. `path`: relative to the log's folder."""

    path: str
    descriptor: int
    size: int


@dataclass(frozen=True)
class Still:
    """Database and log at one moment. `log.version` is -1 where there is no log yet."""

    log: Snapshot
    files: tuple[OpenFile, ...]
    database: sqlite3.Connection

    @property
    def database_bytes(self) -> int:
        """How large the copy of the database will be."""
        pages, size = (self.database.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
        return int(pages * size)

    def copy_database(self, *, path: Path, report: Callable[[int, int], None]) -> None:
        """Write the database as it was at that moment to a new file; `report` gets pages done and pages in all."""
        with closing(sqlite3.connect(path)) as copy:
            copy.execute("PRAGMA synchronous=OFF")
            self.database.backup(
                copy, pages=PAGES_A_STEP, progress=lambda _, left, total: report(total - left, total), sleep=0.01
            )


@contextmanager
def still(*, database: Path, wait: float = 60.0) -> Iterator[Still]:
    """Hold everything still. Raises StoreUnavailable where the log is being written for too long or cannot be read."""
    place = Path(settings.HOME.log)
    with ExitStack() as held, delta.failures_named():
        source = held.enter_context(
            closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, isolation_level=None))
        )
        with delta.held(folder=place, wait=wait):
            source.execute("BEGIN")
            source.execute("SELECT count(*) FROM sqlite_master").fetchone()  # from here the transaction sees one moment
            current = delta.snapshot(folder=place)
            files = _opened(held, current)
        yield Still(log=current, files=files, database=source)


def _opened(held: ExitStack, current: Snapshot) -> tuple[OpenFile, ...]:
    names = [*(file.path for file in current.files), *_of_delta(current.folder)]
    _allow(len(names))
    files = []
    for name in names:
        descriptor = os.open(current.folder / name, os.O_RDONLY)
        held.callback(os.close, descriptor)
        files.append(OpenFile(path=name, descriptor=descriptor, size=os.fstat(descriptor).st_size))
    return tuple(files)


def _of_delta(folder: Path) -> list[str]:
    """Return Delta's own log: while its lock is held, all of it belongs to the current version."""
    found = sorted((folder / "_delta_log").glob("*"))
    return [str(path.relative_to(folder)) for path in found if path.is_file() and not path.name.startswith(".")]


def _allow(count: int) -> None:
    """Let this process open that many files more than it usually has. Raises StoreUnavailable."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count + 256
    if soft < wanted:
        if hard != resource.RLIM_INFINITY and hard < wanted:
            raise StoreUnavailable(
                f"{count:,} files have to be open at once, and only {hard:,} may be: raise `ulimit -n`"
            )
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
