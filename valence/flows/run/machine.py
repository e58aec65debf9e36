"""The machine under the installation: disk, locks, clock, memory, permissions, versions, the port."""

from __future__ import annotations

import fcntl
import os
import platform
import shutil
import socket
import sqlite3
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from valence import home as homes
from valence.home import Home

MEGABYTE = 1 << 20
DISK_BAD, DISK_TIGHT = 200 * MEGABYTE, 2_000 * MEGABYTE
MEMORY_TIGHT = 512 * MEGABYTE
SYNC_SLOW_SECONDS = 0.5
CLOCK_SLACK = timedelta(minutes=10)
BUILT_AT = datetime(2026, 1, 1, tzinfo=UTC)  # no clock that is right can stand before this
OLDEST_PYTHON, OLDEST_SQLITE = (3, 11), (3, 35)
OTHERS_MAY = stat.S_IRWXG | stat.S_IRWXO


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


def examine(*, home: Home, now: datetime) -> tuple[Finding, ...]:
    """Return what every check of the machine found."""
    return (
        _disk(home.folder),
        _sync(home.folder),
        _locks(home.folder),
        _clock(home.log, now),
        _memory(),
        _permissions(home),
        _versions(),
    )


def port(*, host: str, number: int) -> Finding:
    """Say whether pages could be served at an address now."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind((host, number))
        except OSError as problem:
            words = f"{host} port {number}: {problem.strerror}; choose another: valence serve --port"
            return Finding("port", Health.WARNING, words)
    return Finding("port", Health.GOOD, f"{host} port {number} is free")


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


def _locks(folder: Path) -> Finding:
    """Lock a file twice: some network folders let both have it, and then two processes would write at once."""
    path = folder / ".locked"
    try:
        with path.open("w") as one, path.open("w") as other:
            fcntl.flock(one, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with suppress(BlockingIOError):
                fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return Finding("locks", Health.BAD, "two may hold one lock here: put the data folder on a local disk")
    except OSError as error:
        return Finding("locks", Health.BAD, f"files cannot be locked here: {error.strerror}; use a local disk")
    finally:
        path.unlink(missing_ok=True)
    return Finding("locks", Health.GOOD, "only one may hold a lock")


def _clock(log: Path, now: datetime) -> Finding:
    newest = _newest_write(log)
    if now < BUILT_AT:
        return Finding("clock", Health.BAD, f"the clock says {now:%Y-%m-%d}, before Valence was built")
    if newest and newest > now + CLOCK_SLACK:
        return Finding(
            "clock", Health.BAD, f"the clock says {now:%Y-%m-%d %H:%M}, the log was written {newest:%Y-%m-%d %H:%M}"
        )
    return Finding("clock", Health.GOOD, f"{now:%Y-%m-%d %H:%M} UTC")


def _newest_write(log: Path) -> datetime | None:
    written = [path.stat().st_mtime for path in log.glob("_delta_log/*.json")]
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


def _permissions(home: Home) -> Finding:
    """Only its owner may look into the data folder and at what lies beside it."""
    beside = (homes.key_file(folder=home.folder), home.erasures)
    open_to_all = [str(path) for path in (home.folder, *beside) if path and _is_open(path)]
    if open_to_all:
        wrong = " and ".join(open_to_all)
        return Finding("permissions", Health.WARNING, f"others may read {wrong}: chmod go= {' '.join(open_to_all)}")
    return Finding("permissions", Health.GOOD, "only its owner reads the data and the key")


def _is_open(path: Path) -> bool:
    return path.exists() and bool(path.stat().st_mode & OTHERS_MAY)


def _versions() -> Finding:
    words = f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    old = list(_too_old())
    return Finding("versions", Health.BAD if old else Health.GOOD, "; ".join([words, *old]))


def _too_old() -> Iterator[str]:
    if sys.version_info < OLDEST_PYTHON:
        yield "Python 3.11 or newer is needed"
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        yield "SQLite 3.35 or newer is needed"
