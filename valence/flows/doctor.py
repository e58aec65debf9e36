"""Look the installation over: disk, clock, memory, database, log, and whether all that was admitted is there once."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from valence import interactions
from valence.home import Home
from valence.interactions import sql

MEGABYTE = 1 << 20
DISK_BAD, DISK_TIGHT = 200 * MEGABYTE, 2_000 * MEGABYTE
MEMORY_TIGHT = 512 * MEGABYTE
SYNC_SLOW_SECONDS = 0.5
CLOCK_SLACK = timedelta(minutes=10)
BUILT_AT = datetime(2026, 1, 1, tzinfo=UTC)  # no clock that is right can stand before this


class Health(StrEnum):
    """How a check went."""

    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True)
class Finding:
    """What one check found, in words for whoever runs the machine."""

    check: str
    health: Health
    words: str


def examine(*, home: Home, now: datetime, mend: bool = False) -> tuple[Finding, ...]:
    """Return what every check found; with `mend`, first mend what can be mended without losing anything."""
    return (
        *(_mended() if mend else ()),
        _disk(home.folder),
        _sync(home.folder),
        _clock(now),
        _memory(),
        *_database(),
        *_log(),
    )


def _mended() -> Iterator[Finding]:
    try:
        for words in interactions.log.repair():
            yield Finding("mended", Health.GOOD, words)
        if swept := interactions.log.sweep():
            yield Finding("mended", Health.GOOD, f"deleted {swept} leftover files")
    except interactions.log.LogError as error:
        yield Finding("mended", Health.BAD, f"mending would lose rows: {error}")


def _disk(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    health = Health.BAD if free < DISK_BAD else Health.WARNING if free < DISK_TIGHT else Health.GOOD
    return Finding("disk", health, f"{free // MEGABYTE:,} MB free in {folder}")


def _sync(folder: Path) -> Finding:
    """Write a file and wait for the disk, as every acknowledgement does."""
    path = folder / ".doctor"
    begin = time.perf_counter()
    try:
        with path.open("wb") as file:
            file.write(b"x" * 4_096)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        return Finding("fsync", Health.BAD, f"the disk does not take writes: {error.strerror}")
    finally:
        path.unlink(missing_ok=True)
    took = time.perf_counter() - begin
    health = Health.WARNING if took > SYNC_SLOW_SECONDS else Health.GOOD
    return Finding("fsync", health, f"a write reaches the disk in {took * 1000:.1f} ms")


def _clock(now: datetime) -> Finding:
    newest = _newest_write()
    if now < BUILT_AT:
        return Finding("clock", Health.BAD, f"the clock says {now:%Y-%m-%d}, before Valence was built")
    if newest and newest > now + CLOCK_SLACK:
        return Finding(
            "clock", Health.BAD, f"the clock says {now:%Y-%m-%d %H:%M}, the log was written {newest:%Y-%m-%d %H:%M}"
        )
    return Finding("clock", Health.GOOD, f"{now:%Y-%m-%d %H:%M} UTC")


def _newest_write() -> datetime | None:
    written = [path.stat().st_mtime for path in interactions.log.folder().glob("_delta_log/*.json")]
    return datetime.fromtimestamp(max(written), tz=UTC) if written else None


def _memory() -> Finding:
    free = _free_memory()
    if free is None:
        return Finding("memory", Health.GOOD, "not known on this system")
    health = Health.WARNING if free < MEMORY_TIGHT else Health.GOOD
    return Finding("memory", health, f"{free // MEGABYTE:,} MB available")


def _free_memory() -> int | None:
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")), None)


def _database() -> Iterator[Finding]:
    try:
        faults = sql.faults()
    except interactions.StoreUnavailable as error:
        faults = [f"the database cannot be read: {error}"]
    for words in faults:
        yield Finding("database", Health.BAD, words)
    if not faults:
        yield Finding("database", Health.GOOD, "sound, and waits for the disk")


def _log() -> Iterator[Finding]:
    try:
        faults = interactions.log.verify()
        for fault in faults:
            hint = " (mend it with: valence doctor --repair)" if fault.mendable else ""
            yield Finding("log", Health.BAD, fault.words + hint)
        if not faults:
            yield from _counts()
    except interactions.StoreUnavailable as error:
        yield Finding("log", Health.BAD, f"the log cannot be read: {error}")


def _counts() -> Iterator[Finding]:
    tally = interactions.log.tally()
    yield Finding("log", Health.GOOD, f"whole: {tally.log_rows:,} rows, {tally.waiting_rows:,} more in the inbox")
    stored = tally.log_rows + tally.waiting_rows
    words = f"{tally.seen_rows:,} rows were admitted, {stored:,} are stored"
    yield Finding("nothing lost", Health.GOOD if tally.whole else Health.BAD, words)
    if tally.leftover_files:
        words = f"{tally.leftover_files} files of the log are no longer needed; they are deleted by themselves"
        yield Finding("leftover files", Health.GOOD, words)
