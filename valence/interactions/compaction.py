"""Compaction: loose files of many flushes become few sorted files in each customer's bucket."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable
from django.conf import settings

from valence.interactions import columns, delta
from valence.interactions.delta import LogFile
from valence.terms import Progress

ROWS_AT_ONCE = 500_000
SEVERAL = 2
CHECKPOINT_EVERY = 50


@dataclass(frozen=True)
class Compacted:
    """What a compaction did: how many loose files it sorted into buckets, how many rows it wrote for that."""

    files: int
    rows_written: int


def compact(*, wait: float = 60.0, progress: Callable[[Progress], None] | None = None) -> Compacted:
    """Sort all loose files into the customers' buckets; memory is bounded by 500,000 rows and one bucket.

    1. Hold the log's lock.
    2. Take the oldest loose files that fit into memory and sort their rows by bucket and customer.
    3. For each bucket, merge them with those of its files that are not far larger: a row is rewritten
       about as often as the log doubles, and a bucket keeps few files.
    4. Commit the new files for the old ones in one version, and wait for the disk. Go on with 2.
    5. Sum up Delta's own log now and then; delete old files that no reader can need.

    Raises StoreUnavailable where the store fails; the log is then as it was.
    """
    place = Path(settings.HOME.log)
    done = Compacted(files=0, rows_written=0)
    with delta.failures_named(), delta.held(folder=place, wait=wait):
        table = delta.made(folder=place)
        loose = delta.read(table=table, folder=place).of_bucket(delta.LOOSE)
        for batch in _batches(loose):
            done = _sort_in(table, place, batch, done)
            if progress:
                progress(Progress(done=done.files, total=len(loose), words="Sorting the log"))
        if loose and table.version() // CHECKPOINT_EVERY > _checkpointed(place) // CHECKPOINT_EVERY:
            delta.checkpoint(table=table, folder=place)
        delta.sweep(current=delta.read(table=table, folder=place))
    return done


def _batches(files: Sequence[LogFile]) -> Iterator[list[LogFile]]:
    """Give files in groups of at most ROWS_AT_ONCE rows, and at least one file."""
    totals = itertools.accumulate(file.rows for file in files)
    for _, group in itertools.groupby(zip(files, totals, strict=True), key=lambda pair: pair[1] // ROWS_AT_ONCE):
        yield [file for file, _ in group]


def _sort_in(table: DeltaTable, place: Path, batch: Sequence[LogFile], done: Compacted) -> Compacted:
    current = delta.read(table=table, folder=place)
    adds: list[LogFile] = []
    removes: list[LogFile] = [*batch]
    for bucket, rows in columns.by_bucket(table=_read(place, batch)).items():
        old = to_merge(files=current.of_bucket(bucket), rows=len(rows))
        merged = columns.in_order(table=pa.concat_tables([rows, _read(place, old)]) if old else rows)
        adds.append(delta.write(folder=place, table=merged, bucket=bucket))
        removes += old
    delta.commit(table=table, folder=place, adds=adds, removes=removes, watermark=current.watermark, grew=False)
    return Compacted(done.files + len(batch), done.rows_written + sum(file.rows for file in adds))


def to_merge(*, files: Sequence[LogFile], rows: int) -> list[LogFile]:
    """Return which of a bucket's files to merge with new rows: from the smallest on, while none is far larger."""
    chosen = []
    for file in sorted(files, key=lambda file: file.rows):
        if file.rows > SEVERAL * rows:
            break
        chosen.append(file)
        rows += file.rows
    return chosen


def _read(place: Path, files: Sequence[LogFile]) -> pa.Table:
    tables = [pq.read_table(place / file.path, schema=delta.PARQUET_SCHEMA, partitioning=None) for file in files]
    return pa.concat_tables(tables)


def _checkpointed(place: Path) -> int:
    """Return the version of the newest checkpoint, 0 where there is none."""
    found = sorted((place / "_delta_log").glob("*.checkpoint*.parquet"))
    return int(found[-1].name.split(".")[0]) if found else 0
