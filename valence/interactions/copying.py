"""Everything that is stored, held still at one moment while the product goes on: for a backup.

The log's lock is held only while tables and log are pinned: the tables by a transaction that reads, the log's files
by opening them. From then on rows come in, move to the log and are erased, and the copy sees nothing of it.
"""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from django.conf import settings

from valence.interactions import delta
from valence.interactions.delta import Snapshot
from valence.interactions.sql import StoreUnavailable


@dataclass(frozen=True)
class OpenFile:
    """A file of the log, readable even where it is deleted meanwhile. `path`: relative to the log's folder."""

    path: str
    descriptor: int
    size: int


class Tables(Protocol):
    """The tables that the log belongs to."""

    def hold(self) -> None:
        """See from here on the tables as they are at this moment."""


@dataclass(frozen=True)
class Still:
    """The log at the moment at which the tables are held. `log.version` is -1 where there is no log yet."""

    log: Snapshot
    files: tuple[OpenFile, ...]


@contextmanager
def still(*, tables: Tables, wait: float = 60.0) -> Iterator[Still]:
    """Hold tables and log still. Raises StoreUnavailable where the log is written for too long or cannot be read."""
    place = Path(settings.HOME.log)
    with ExitStack() as held, delta.failures_named():
        with delta.held(folder=place, wait=wait):
            tables.hold()
            current = delta.snapshot(folder=place)
            files = _opened(held, current)
        yield Still(log=current, files=files)


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
