"""Tables that lie in a SQLite file: held by a transaction that reads, copied page by page."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

PAGES_A_STEP = 4_096


@dataclass(frozen=True)
class Held:
    """The tables of one file."""

    source: sqlite3.Connection

    def hold(self) -> None:
        """See from here on the tables as they are at this moment."""
        self.source.execute("BEGIN")
        self.source.execute("SELECT count(*) FROM sqlite_master").fetchone()  # only a read pins the moment

    def size(self) -> int:
        """Return how many bytes the copy will have."""
        pages, size = (self.source.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
        return int(pages * size)

    def copy(self, *, path: Path, report: Callable[[int, int], None]) -> None:
        """Write the tables to a new file; `report` gets pages done and pages in all."""
        with closing(sqlite3.connect(path)) as copy:
            copy.execute("PRAGMA synchronous=OFF")
            self.source.backup(
                copy, pages=PAGES_A_STEP, progress=lambda _, left, total: report(total - left, total), sleep=0.01
            )


@contextmanager
def reading(*, path: Path) -> Iterator[Held]:
    """Open a database to copy it. Raises sqlite3.Error where there is none."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)) as source:
        yield Held(source=source)
