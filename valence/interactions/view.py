"""One consistent view of everything that was admitted: a version of the log and the inbox above its watermark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.conf import settings

from valence.customers import identities
from valence.interactions import columns, delta, inbox
from valence.interactions.delta import LogFile, Snapshot
from valence.terms import NONE_MERGED, Merged

ALL_ROWS = 1 << 62


@dataclass(frozen=True)
class View:
    """The log at one version, and the rows of the inbox that are not in it (all columns, not sorted).

    merged: customers whom several keys name. Files and inbox hold their rows under the keys they were written with.
    """

    snapshot: Snapshot
    waiting: pa.Table
    merged: Merged = NONE_MERGED

    @property
    def revised(self) -> bool:
        """Say whether any row may supersede another."""
        return self.revises(files=self.snapshot.files, loose=self.waiting)

    @staticmethod
    def revises(*, files: Sequence[LogFile], loose: pa.Table | None) -> bool:
        """Say whether any row of these files and of these rows may supersede another."""
        return any(file.revised for file in files) or (loose is not None and has_revisions(table=loose))

    def paths(self, *, files: Sequence[LogFile]) -> list[str]:
        """Return where files lie, as an engine opens them."""
        return [str(self.snapshot.folder / file.path) for file in files]

    def unsorted(self, *, names: Sequence[str]) -> pa.Table:
        """Return the rows that no compaction sorted into a bucket yet: loose files and inbox."""
        folder = self.snapshot.folder
        loose = [
            pq.read_table(folder / file.path, columns=list(names), schema=delta.PARQUET_SCHEMA, partitioning=None)
            for file in self.snapshot.of_bucket(delta.LOOSE)
        ]
        return pa.concat_tables([*loose, self.waiting.select(list(names))])


def now(*, keys: Sequence[int] | None = None) -> View:
    """Return everything that was admitted until now; with `keys`, only the rows of the inbox of those customers.

    The inbox is read before the log. A row that moves in between is then seen twice and dropped here by the
    watermark; the other way round it would not be seen at all.
    """
    merged = identities.merged()
    if keys is None:
        rows = inbox.rows_after(seq=0, limit=ALL_ROWS)
    else:
        rows = inbox.rows_of(keys=merged.written_as(np.asarray(keys, np.int64)).tolist())
    snapshot = delta.snapshot(folder=Path(settings.HOME.log))
    above = [row for row in rows if row[0] > snapshot.watermark]
    return View(snapshot=snapshot, waiting=columns.table_of(rows=above), merged=merged)


def has_revisions(*, table: pa.Table) -> bool:
    """Say whether a row is not the first of its interaction."""
    return bool(pc.any(pc.greater(table["revision"], 0)).as_py())
