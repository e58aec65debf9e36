"""Backing up: everything as it was at one moment, in one file, while the product goes on."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psycopg
from django.conf import settings
from django.db import DatabaseError

from valence import home as homes
from valence import organisation
from valence.customers import actions as customers
from valence.customers import erasures
from valence.flows.run import archive, sealed_key, tables
from valence.interactions import StoreUnavailable, copying
from valence.people import audit
from valence.terms import Progress

Report = Callable[[Progress], None]
NOTE = ".backed-up"
HOME_IN_IT = "home"
LEFT_OUT = {"logs", "log"}
SPARE_BYTES = 64 << 20


class CannotBackUp(Exception):  # noqa: N818  named as people say it
    """No backup was made, and an older one of that name is untouched. The text says why."""


@dataclass(frozen=True)
class Made:
    """A backup that was written, read again and found whole."""

    path: Path
    made_at: datetime
    size: int
    rows: int
    files: int
    with_key: bool


@dataclass(frozen=True)
class Note:
    """When the last backup of this home was made, and what it was called."""

    made_at: datetime
    name: str
    size: int


def run(
    *,
    path: Path,
    by: str,
    now: datetime,
    passphrase: str = "",
    old_tables: bool = False,
    progress: Report = lambda _: None,
) -> Made:
    """Write a backup and return what was made. Raises CannotBackUp.

    1. Hold database and log still at one moment (see `interactions.copying`). 2. Copy the database beside the backup,
    then write everything into `.NAME.partial`. 3. Read that again and compare. 4. Give it its name: from here on
    it is there, and an older one of that name is not. Killed at any moment, it leaves a partial file that the next run
    removes. `passphrase` seals the master key into it; without one the key is not in it. `old_tables`: they are of an
    older version, so nothing is asked of them and nothing put on record.
    """
    target = path.expanduser().resolve()
    _refuse_odd(target)
    with _working(target) as (partial, copy), _failures_said():
        if not old_tables:
            customers.enter_tombstones()
        files, rows = _write(partial, copy, now=now, passphrase=passphrase, progress=progress)
        _verify(partial, progress=progress)
        size = partial.stat().st_size
        os.replace(partial, target)
        _sync_folder(target.parent)
    made = Made(path=target, made_at=now, size=size, rows=rows, files=files, with_key=bool(passphrase))
    _note(made)
    if not old_tables:
        key = ", with the sealed key" if passphrase else ""
        audit.record(who=by, what="backup made", about=f"{rows:,} rows of the log{key}", now=now)
    return made


def last() -> Note | None:
    """Return when this home was last backed up, None for never."""
    try:
        told = json.loads((settings.HOME.folder / NOTE).read_text())
        return Note(made_at=datetime.fromisoformat(told["made_at"]), name=told["name"], size=told["size"])
    except (OSError, ValueError, KeyError):
        return None


def _write(partial: Path, copy: Path, *, now: datetime, passphrase: str, progress: Report) -> tuple[int, int]:
    """Write the backup under its partial name; return how many files and rows of the log it holds."""
    home = settings.HOME
    with tables.of_this_home(file=home.database) as held, copying.still(tables=held) as still:
        others = dict(_others(home.folder))
        size = held.size() + sum(file.size for file in still.files) + sum(others.values())
        _refuse_full(partial.parent, needed=held.size() + size)
        held.copy(path=copy, report=_counted(progress, "Copying the database"))
        report = _adding(progress, total=size, words="Writing")
        header = _header(now, log_version=still.log.version, rows=still.log.rows)
        with archive.writing(path=partial, header=header, report=report) as writer:
            if passphrase:
                writer.add_json(name=sealed_key.NAME, value=sealed_key.seal(key=home.master_key, passphrase=passphrase))
            with copy.open("rb") as database:
                size = copy.stat().st_size
                writer.add(name=f"{HOME_IN_IT}/{homes.DATABASE}", source=database, size=size)
            for file in still.files:
                with os.fdopen(os.dup(file.descriptor), "rb") as source:
                    writer.add(name=f"{HOME_IN_IT}/log/{file.path}", source=source, size=file.size)
            _add_others(writer, home.folder, others)
        _sync_file(partial)
    return len(writer.held), still.log.rows


def _header(now: datetime, *, log_version: int, rows: int) -> Mapping[str, object]:
    home = settings.HOME
    return {
        "version": homes.version(),
        "made_at": now.isoformat(),
        "organisation": organisation.of(folder=home.folder).name,
        "key_check": home.secret("backup")[:32],
        "erasures": len(erasures.read(path=home.erasures)),
        "log_version": log_version,
        "log_rows": rows,
    }


def _add_others(writer: archive.Writer, folder: Path, others: Mapping[str, int]) -> None:
    """Add packs, mappings, feeds, files that wait: what is deleted meanwhile was done meanwhile."""
    for name in others:
        with suppress(FileNotFoundError), (folder / name).open("rb") as source:
            writer.add(name=f"{HOME_IN_IT}/{name}", source=source, size=os.fstat(source.fileno()).st_size)


def _others(folder: Path) -> Iterator[tuple[str, int]]:
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        hidden = any(part.startswith(".") for part in parts)
        if hidden or parts[0] in LEFT_OUT or parts[0].startswith(homes.DATABASE) or path.is_symlink():
            continue
        with suppress(FileNotFoundError):
            if path.is_file():
                yield str(path.relative_to(folder)), path.stat().st_size


def _verify(partial: Path, *, progress: Report) -> None:
    report = _adding(progress, total=0, words="Reading it again")
    archive.contents(path=partial, take=archive.drain, report=report)


def _refuse_odd(target: Path) -> None:
    if settings.HOME.folder in target.parents:
        raise CannotBackUp(f"{target} lies in the data folder. Put the backup elsewhere, best on another disk.")
    if not target.parent.is_dir():
        raise CannotBackUp(f"There is no folder {target.parent}.")
    if target.exists():
        try:
            archive.header_of(path=target)
        except (archive.NotABackup, OSError):
            raise CannotBackUp(f"{target} is there already and is no backup of Valence. It is not replaced.") from None


def _refuse_full(folder: Path, *, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed + SPARE_BYTES:
        raise CannotBackUp(f"{folder} has {free >> 20:,} MB free; up to {needed + SPARE_BYTES >> 20:,} MB are needed.")


@contextmanager
def _working(target: Path) -> Iterator[tuple[Path, Path]]:
    """Give the names of the partial file and of the database's copy; one backup of a name at a time."""
    partial, copy = (target.with_name(f".{target.name}.{end}") for end in ("partial", "sqlite3"))
    try:
        descriptor = os.open(partial.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as problem:
        raise CannotBackUp(f"{target.parent} cannot be written: {problem.strerror}.") from None
    leftovers = (partial, copy, *(copy.with_name(copy.name + end) for end in ("-journal", "-wal", "-shm")))
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for path in leftovers:
            path.unlink(missing_ok=True)
        for path in (partial, copy):
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
        yield partial, copy
    except BlockingIOError:
        raise CannotBackUp(f"A backup to {target} is being made already.") from None
    finally:
        for path in leftovers:
            path.unlink(missing_ok=True)
        partial.with_suffix(".lock").unlink(missing_ok=True)
        os.close(descriptor)


@contextmanager
def _failures_said() -> Iterator[None]:
    try:
        yield
    except archive.NotABackup as problem:
        raise CannotBackUp(f"What was written could not be read again: {problem}.") from problem
    except (StoreUnavailable, erasures.Damaged) as problem:
        raise CannotBackUp(f"{problem}.") from problem
    except (OSError, sqlite3.Error, psycopg.Error, DatabaseError) as problem:
        raise CannotBackUp(f"The backup could not be written: {problem}.") from problem


def _note(made: Made) -> None:
    told = {"made_at": made.made_at.isoformat(), "name": made.path.name, "size": made.size}
    partial = settings.HOME.folder / f"{NOTE}.partial"
    partial.write_text(json.dumps(told))
    os.replace(partial, settings.HOME.folder / NOTE)


def _counted(progress: Report, words: str) -> Callable[[int, int], None]:
    return lambda done, total: progress(Progress(done=done, total=total, words=words))


def _adding(progress: Report, *, total: int, words: str) -> Callable[[int], None]:
    done = 0

    def report(size: int) -> None:
        nonlocal done
        done += size
        progress(Progress(done=done, total=total, words=words))

    return report


def _sync_file(path: Path) -> None:
    _sync(path, os.O_RDONLY)


def _sync_folder(path: Path) -> None:
    _sync(path, os.O_RDONLY | os.O_DIRECTORY)


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
