"""The log as a Delta Lake table: one snapshot to read, one commit to write, both the same for a power cut.

A commit is made in this order: data files and their folders reach the disk, then the commit names them, then
the commit reaches the disk. `deltalake` itself waits for nothing (docs/decisions/003-durable-log.md).
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake import CommitProperties, DeltaTable, Transaction
from deltalake.exceptions import DeltaError
from deltalake.transaction import AddAction, PostCommitHookProperties, RemoveAction

from valence import terms
from valence.interactions import columns
from valence.interactions.sql import StoreUnavailable

APP = "valence-inbox"
LOOSE = -1  # the bucket of files that a flush wrote and no compaction sorted yet
ROWS_A_GROUP = 8_192
BY_TIME = ".by_time"
BEGUN = "begun-"
GRACE_SECONDS = 900.0  # a reader may still hold a file list this old
CONFIGURATION = {
    # Statistics of other columns would stay in Delta's own log after a row was erased.
    "delta.dataSkippingStatsColumns": "customer_key",
    "delta.logRetentionDuration": "interval 1 days",
}
PARQUET_SCHEMA = columns.SCHEMA
TABLE_SCHEMA = pa.schema([pa.field("bucket", pa.int32()), *PARQUET_SCHEMA])
NO_HOOKS = PostCommitHookProperties(create_checkpoint=False, cleanup_expired_logs=False)
DICTIONARIES = [*terms.WORD_COLUMNS, "revision", "scale"]


@dataclass(frozen=True)
class LogFile:
    """One data file of the log. `path` is relative to the log's folder; `low`, `high`: its customer keys' range."""

    path: str
    bucket: int
    rows: int
    size: int
    low: int
    high: int

    @property
    def revised(self) -> bool:
        """Say whether a row in it may supersede another."""
        return Path(self.path).name.startswith("revised-")


@dataclass(frozen=True)
class Snapshot:
    """The log at one version: its files and the inbox's `seq` up to which rows lie in it. Version -1: no log yet."""

    folder: Path
    version: int = -1
    watermark: int = 0
    files: tuple[LogFile, ...] = ()

    @property
    def rows(self) -> int:
        """Return how many rows the log holds, superseded ones too."""
        return sum(file.rows for file in self.files)

    def of_bucket(self, bucket: int) -> tuple[LogFile, ...]:
        """Return the files of one bucket; LOOSE for those that no compaction sorted yet."""
        return tuple(file for file in self.files if file.bucket == bucket)


_latest: dict[Path, Snapshot] = {}


def snapshot(*, folder: Path) -> Snapshot:
    """Return the newest version of the log. Reads Delta's log only where it grew since the last call."""
    known = _latest.get(folder)
    if known and _commit(folder, known.version).exists() and not _commit(folder, known.version + 1).exists():
        return known
    table = opened(folder=folder)
    found = read(table=table, folder=folder) if table else Snapshot(folder=folder)
    if table:
        _latest[folder] = found
    return found


def opened(*, folder: Path) -> DeltaTable | None:
    """Open the log's table, None where there is none yet. Raises StoreUnavailable where it cannot be read."""
    if not _commit(folder, 0).parent.is_dir():
        return None
    try:
        return DeltaTable(str(folder)) if DeltaTable.is_deltatable(str(folder)) else None
    except (OSError, DeltaError) as error:
        raise StoreUnavailable(f"the log cannot be read: {error}") from error


def made(*, folder: Path) -> DeltaTable:
    """Open the log's table, making an empty one where there is none."""
    table = opened(folder=folder)
    if table is None:
        folder.mkdir(parents=True, exist_ok=True)
        table = DeltaTable.create(str(folder), TABLE_SCHEMA, partition_by=["bucket"], configuration=CONFIGURATION)
        _sync_commits(folder)
        sync_folder(path=folder)
    return table


def read(*, table: DeltaTable, folder: Path) -> Snapshot:
    """Return the version that a table object holds."""
    adds = pa.table(table.get_add_actions(flatten=True)).to_pylist()
    files = [
        LogFile(
            path=unquote(add["path"]),
            bucket=add["partition.bucket"],
            rows=add["num_records"],
            size=add["size_bytes"],
            low=add["min.customer_key"],
            high=add["max.customer_key"],
        )
        for add in adds
    ]
    return Snapshot(
        folder=folder,
        version=table.version(),
        watermark=table.transaction_version(APP) or 0,
        files=tuple(sorted(files, key=lambda file: (file.bucket, file.path))),
    )


def write(*, folder: Path, table: pa.Table, bucket: int) -> LogFile:
    """Write a sorted table as one new data file and wait until it is on the disk; no version names it yet."""
    revised = bool(pc.any(pc.greater(table["revision"], 0)).as_py())
    path = f"bucket={bucket}/{'revised' if revised else 'rows'}-{uuid.uuid4().hex}.parquet"
    (folder / path).parent.mkdir(exist_ok=True)
    put(path=folder / path, table=table, statistics=["customer_key", "occurred_at"])
    key = pc.min_max(table["customer_key"]).as_py()
    return LogFile(path, bucket, len(table), (folder / path).stat().st_size, key["min"], key["max"])


def put(*, path: Path, table: pa.Table, statistics: Sequence[str]) -> None:
    """Write rows as a file and wait until it is on the disk. statistics: columns whose ranges are told a row group."""
    pq.write_table(
        table,
        path,
        compression="zstd",
        row_group_size=ROWS_A_GROUP,
        use_dictionary=DICTIONARIES,
        write_statistics=list(statistics),
        column_encoding=dict.fromkeys(("seq", "customer_key", "occurred_at", "recorded_at"), "DELTA_BINARY_PACKED"),
    )
    sync_file(path=path)


def commit(
    *, table: DeltaTable, folder: Path, adds: Sequence[LogFile], removes: Sequence[LogFile], watermark: int, grew: bool
) -> None:
    """Make one new version of the log and wait until it is on the disk. `grew`: rows came in, not only moved about.

    The watermark goes into every commit: two writers who began from the same version cannot both commit.
    """
    for path in sorted({(folder / file.path).parent for file in adds}):
        sync_folder(path=path)
    sync_folder(path=folder)
    now = int(time.time() * 1000)
    table.create_write_transaction(
        [_add(file, now, grew) for file in adds] + [_remove(file, now, grew) for file in removes],
        "append",
        TABLE_SCHEMA,
        ["bucket"],
        commit_properties=CommitProperties(max_commit_retries=1, app_transactions=[Transaction(APP, watermark)]),
        post_commithook_properties=NO_HOOKS,
    )
    _sync_commits(folder)
    for file in removes:
        os.utime(folder / file.path)  # from now on nobody new reads it: `sweep` counts from here
    table.update_incremental()


def checkpoint(*, table: DeltaTable, folder: Path) -> None:
    """Sum up Delta's own log in one file, so that opening it stays quick, and drop its commits of days ago."""
    table.create_checkpoint()
    _sync_commits(folder)
    table.cleanup_metadata()


def sweep(*, current: Snapshot, older_than: float = GRACE_SECONDS, buckets: Sequence[int] | None = None) -> int:
    """Delete data files that the current version does not name, once no reader can need them. Returns how many."""
    named = {file.path for file in current.files}
    gone = [path for path in leftovers(current=current, named=named) if _age(path) >= older_than]
    if buckets is not None:
        gone = [path for path in gone if int(path.parent.name.removeprefix("bucket=")) in buckets]
    for path in gone:
        path.unlink(missing_ok=True)
    for parent in {path.parent for path in gone}:
        sync_folder(path=parent)
    _sweep_copies(current.folder, older_than)
    return len(gone)


def copy_of(*, folder: Path, path: str) -> Path:
    """Return the folder in which the copy of a data file lies that is cut by time (by_time.py)."""
    return folder / BY_TIME / Path(path).stem


def _sweep_copies(folder: Path, older_than: float) -> None:
    """Delete copies of data files that are deleted, and what somebody began and left who was broken off."""
    copies = list((folder / BY_TIME).glob("*"))  # before the files: a copy comes after its file
    there = {path.stem for path in folder.glob("bucket=*/*.parquet")}
    for place in copies:
        is_gone = _age(place) >= older_than if place.name.startswith(BEGUN) else place.name not in there
        if is_gone:
            shutil.rmtree(place, ignore_errors=True)


def leftovers(*, current: Snapshot, named: set[str] | None = None) -> list[Path]:
    """Return the data files that the current version does not name."""
    named = {file.path for file in current.files} if named is None else named
    found = current.folder.glob("bucket=*/*.parquet")
    return [path for path in found if str(path.relative_to(current.folder)) not in named]


@contextmanager
def held(*, folder: Path, wait: float = 60.0) -> Iterator[None]:
    """Be the only one who changes the log, in any process. The lock goes with the process, however it ends.

    Raises StoreUnavailable after `wait` seconds.
    """
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(descriptor, time.monotonic() + wait)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def failures_named() -> Iterator[None]:
    """Turn what a full or broken disk raises into StoreUnavailable."""
    try:
        yield
    except (OSError, DeltaError) as error:
        raise StoreUnavailable(str(error)) from error


def sync_file(*, path: Path) -> None:
    """Wait until a file's bytes are on the disk."""
    _sync(path, os.O_RDONLY)


def sync_folder(*, path: Path) -> None:
    """Wait until a folder's list of names is on the disk."""
    _sync(path, os.O_RDONLY | os.O_DIRECTORY)


def commits(*, folder: Path) -> list[Path]:
    """Return Delta's commit files, oldest first."""
    return sorted(path for path in (folder / "_delta_log").glob("*.json") if path.stem.isdigit())


def _lock(descriptor: int, until: float) -> None:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError as error:
            if time.monotonic() > until:
                raise StoreUnavailable("the log is being written by another process") from error
            time.sleep(0.02)


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_commits(folder: Path) -> None:
    """Wait until the newest files of Delta's own log are on the disk, then its list of names."""
    log = folder / "_delta_log"
    newest = [*commits(folder=folder)[-1:], *sorted(log.glob("*.checkpoint*.parquet"))[-1:], log / "_last_checkpoint"]
    for path in newest:
        if path.exists():
            sync_file(path=path)
    sync_folder(path=log)


def _commit(folder: Path, version: int) -> Path:
    return folder / "_delta_log" / f"{version:020d}.json"


def _age(path: Path) -> float:
    try:
        return time.time() - path.stat().st_mtime
    except FileNotFoundError:
        return -1.0


def _add(file: LogFile, now: int, grew: bool) -> AddAction:
    stats = {
        "numRecords": file.rows,
        "minValues": {"customer_key": file.low},
        "maxValues": {"customer_key": file.high},
        "nullCount": {"customer_key": 0},
    }
    return AddAction(file.path, file.size, {"bucket": str(file.bucket)}, now, grew, json.dumps(stats))


def _remove(file: LogFile, now: int, grew: bool) -> RemoveAction:
    return RemoveAction(
        path=file.path,
        deletion_timestamp=now,
        data_change=grew,
        partition_values={"bucket": str(file.bucket)},
        size=file.size,
    )
