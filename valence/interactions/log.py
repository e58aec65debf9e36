"""The log: what the inbox acknowledged, in Delta files, moved there exactly once and erased where a person asks."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake import DeltaTable
from django.conf import settings

from valence import terms
from valence.interactions import by_time, columns, delta, hashes, inbox, sql
from valence.interactions.compaction import Compacted as Compacted
from valence.interactions.compaction import compact as compact
from valence.interactions.delta import LogFile, Snapshot
from valence.interactions.repair import Fault as Fault
from valence.interactions.repair import LogError as LogError
from valence.interactions.repair import ensure_whole
from valence.interactions.repair import repair as repair
from valence.interactions.repair import verify as verify
from valence.terms import Progress

ROWS_A_FLUSH = 100_000


@dataclass(frozen=True)
class Flushed:
    """What one flush did: rows that moved, and up to which `seq` of the inbox everything lies in the log."""

    rows: int
    watermark: int


@dataclass(frozen=True)
class Erased:
    """What erasing a customer removed: rows from the inbox and rows from the log."""

    inbox_rows: int
    log_rows: int


@dataclass(frozen=True)
class Tally:
    """How many rows log, inbox and the list of what was seen hold, superseded ones too; files that nothing names."""

    log_rows: int
    waiting_rows: int
    seen_rows: int
    leftover_files: int

    @property
    def whole(self) -> bool:
        """Say whether every row that was admitted and not erased is stored exactly once."""
        return self.log_rows + self.waiting_rows == self.seen_rows


def folder() -> Path:
    """Return the folder of the log."""
    return Path(settings.HOME.log)


def state() -> Snapshot:
    """Return the log as it is now: version, watermark, files."""
    return delta.snapshot(folder=folder())


def rows() -> int:
    """Return how many rows log and inbox hold, superseded ones too: told without reading any."""
    return state().rows + inbox.waiting().rows


def stage(*, part: float = 0.01) -> int:
    """Return a number that is another one once about so large a part of all rows has come in since, or has gone.

    What is worked out from all rows may be kept as long: working it out costs the same for each row that comes.
    """
    return int(math.log1p(rows()) / math.log1p(part))


def tally() -> Tally:
    """Count what log, inbox and the list of what was seen hold. While nothing is written, `whole` must be true."""
    waiting = inbox.waiting_above(seq=state().watermark)
    current = state()
    return Tally(
        log_rows=current.rows,
        waiting_rows=waiting,
        seen_rows=inbox.seen_rows(),
        leftover_files=len(delta.leftovers(current=current)),
    )


def sweep() -> int:
    """Delete files that a stopped process left behind and no reader can need. Returns how many."""
    place = folder()
    with delta.failures_named(), delta.held(folder=place):
        return delta.sweep(current=delta.snapshot(folder=place))


def flush(*, limit: int = ROWS_A_FLUSH, wait: float = 60.0, until: int | None = None) -> Flushed:
    """Move the oldest rows of the inbox to the log, at most `limit` of them, and none above `until` (a `seq`).

    1. Hold the log's lock: one process at a time changes it.
    2. Read the watermark from the table object that will commit.
    3. Delete inbox rows below it, which a crash between the steps 5 and 6 left behind.
    4. Write the next rows as one file, unbucketed, and wait for the disk.
    5. Commit the file together with the new watermark, and wait for the disk.
    6. Delete the rows from the inbox.

    Raises StoreUnavailable where a disk is full or fails: rows then stay in the inbox. Raises LogError where the
    log lost rows that the inbox no longer has; nothing is written before `valence doctor` was asked.
    """
    place = folder()
    with delta.failures_named(), delta.held(folder=place, wait=wait):
        table = delta.made(folder=place)
        watermark = _settled(table)
        rows = inbox.rows_after(seq=watermark, limit=limit)
        if until is not None:
            rows = [row for row in rows if row[0] <= until]
        if not rows:
            return Flushed(rows=0, watermark=watermark)
        file = delta.write(folder=place, table=_arranged(rows), bucket=delta.LOOSE)
        watermark = rows[-1][0]
        delta.commit(table=table, folder=place, adds=[file], removes=[], watermark=watermark, grew=True)
        inbox.drop_moved(watermark=watermark)
    return Flushed(rows=len(rows), watermark=watermark)


def lay_by_time(*, most: int | None = None, progress: Callable[[Progress], None] | None = None) -> int:
    """Copy what the log's sorted files hold into pieces by time, at most about `most` rows; return how many rows.

    Pages that ask for the latest rows, or for some weeks, read those pieces instead of the log. Raises
    StoreUnavailable where the store fails: what has no copy is read from the log itself.
    """
    with delta.failures_named():
        return by_time.lay(folder=folder(), most=most, progress=progress)


@contextmanager
def held(*, wait: float = 60.0) -> Iterator[None]:
    """Be the only one who changes the log, with nothing of it left in the inbox. Raises StoreUnavailable."""
    with changing(wait=wait):
        yield


@dataclass(frozen=True)
class Change:
    """The log in the hands of the one who changes it."""

    folder: Path
    table: DeltaTable
    watermark: int
    current: Snapshot

    def replace(self, *, bucket: int, files: Mapping[LogFile, pa.Table]) -> None:
        """Put tables in the place of a bucket's files, in one version, and delete the old files at once."""
        adds = [delta.write(folder=self.folder, table=rest, bucket=bucket) for rest in files.values() if len(rest)]
        delta.commit(
            table=self.table, folder=self.folder, adds=adds, removes=[*files], watermark=self.watermark, grew=True
        )
        left = delta.read(table=self.table, folder=self.folder)
        delta.sweep(current=left, older_than=0.0, buckets=(bucket,))


@contextmanager
def changing(*, wait: float = 60.0) -> Iterator[Change]:
    """Hold the log and give it as it is now. Raises StoreUnavailable where another process holds it too long."""
    place = folder()
    with delta.failures_named(), delta.held(folder=place, wait=wait):
        table = delta.made(folder=place)
        watermark = _settled(table)
        yield Change(place, table, watermark, delta.read(table=table, folder=place))


def erase(*, customer_key: int, wait: float = 60.0) -> Erased:
    """Remove every row of a customer from inbox and log, and the old files that held them: nothing is left.

    Raises StoreUnavailable where the store fails: erase again then, what was removed stays removed.
    """
    place = folder()
    with delta.failures_named(), delta.held(folder=place, wait=wait):
        table = delta.made(folder=place)
        watermark = _settled(table)
        files = _near(delta.read(table=table, folder=place), customer_key)
        logged = {file: found for file in files if len(found := _rows_in(place, file, customer_key))}
        waiting = columns.table_of(rows=inbox.rows_of(keys=[customer_key]))
        entries = [entry for found in (waiting, *logged.values()) for entry in _entries(found)]
        inbox.erase(customer_key=customer_key, row_hashes=entries)
        if logged:
            adds = [new for file in logged if (new := _without(place, file, customer_key))]
            delta.commit(table=table, folder=place, adds=adds, removes=[*logged], watermark=watermark, grew=True)
        touched = (delta.LOOSE, terms.bucket_of(customer_key))
        delta.sweep(current=delta.read(table=table, folder=place), older_than=0.0, buckets=touched)
    sql.scrub()
    return Erased(inbox_rows=len(waiting), log_rows=sum(len(found) for found in logged.values()))


def _settled(table: DeltaTable) -> int:
    """Return the watermark, with the rows below it gone from the inbox."""
    watermark = int(table.transaction_version(delta.APP) or 0)
    ensure_whole(watermark=watermark)
    if watermark > inbox.moved_until():
        inbox.drop_moved(watermark=watermark)
    return watermark


def _arranged(rows: Sequence[tuple[int, bytes]]) -> pa.Table:
    return columns.in_order(table=columns.table_of(rows=rows))


def _near(current: Snapshot, key: int) -> list[LogFile]:
    """Return the files in which a customer's rows may lie."""
    files = (*current.of_bucket(terms.bucket_of(key)), *current.of_bucket(delta.LOOSE))
    return [file for file in files if file.low <= key <= file.high]


def _rows_in(place: Path, file: LogFile, key: int) -> pa.Table:
    hers = pc.field("customer_key") == key
    return pq.read_table(place / file.path, schema=delta.PARQUET_SCHEMA, filters=hers, partitioning=None)


def _without(place: Path, file: LogFile, key: int) -> LogFile | None:
    """Write a file again without a customer's rows; None where no row is left."""
    others = pc.field("customer_key") != key
    rest = pq.read_table(place / file.path, schema=delta.PARQUET_SCHEMA, filters=others, partitioning=None)
    return delta.write(folder=place, table=rest, bucket=file.bucket) if len(rest) else None


def _entries(found: pa.Table) -> list[bytes]:
    """Return the hashes under which rows were noted as seen: each row's own is among them."""
    entries = []
    for row in found.select(["source", "interaction_id", "revision", "kind"]).to_pylist():
        name = hashes.of_row(source=row["source"], interaction_id=row["interaction_id"])
        withdrawn = row["kind"] is None
        entries += [name, hashes.of_revision(row_hash=name, revision=row["revision"], withdrawn=withdrawn)]
    return entries
