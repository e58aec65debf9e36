"""Whether the log is whole, and what can be mended: a torn last commit, names without files, lost rows."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake.exceptions import DeltaError
from django.conf import settings

from valence.interactions import delta, inbox, sql
from valence.interactions.delta import LogFile

DAMAGED = ".damaged"


class LogError(Exception):
    """The log lost rows that the inbox no longer has, or has rows that the inbox never gave out.

    Nothing is written to it before someone looked: `valence doctor` says what is wrong.
    """


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with the log. `mendable`: repair can mend it without losing an acknowledged row."""

    words: str
    mendable: bool


def ensure_whole(*, watermark: int) -> None:
    """Raise LogError where log and inbox contradict each other."""
    for fault in _contradictions(watermark):
        raise LogError(fault.words)


def verify() -> list[Fault]:
    """Return what is wrong with the log: its commits, its files, its watermark against the inbox. Empty: whole.

    Looks at names, sizes and the end of every file; reads no rows.
    """
    place = Path(settings.HOME.log)
    broken = [*_torn_commits(place), *_torn_checkpoints(place)]
    if broken:
        return broken
    try:
        current = delta.snapshot(folder=place)
    except sql.StoreUnavailable as error:
        return [Fault(str(error), mendable=False)]
    faults = [*_bad_files(place, current.files)]
    return faults or [*_contradictions(current.watermark)]


def repair() -> list[str]:
    """Mend what can be mended and return in words what was done. Raises LogError where rows would be lost.

    1. Put aside checkpoints that cannot be read: Delta reads its commits instead.
    2. Put aside the last commit while it is torn or names files that are missing: its rows are still in the
       inbox, because they leave it only when commit and files are on the disk.
    3. Compare with the inbox; refuse where the inbox has already let go of rows that the log now lacks.
    """
    place = Path(settings.HOME.log)
    said: list[str] = []
    with delta.held(folder=place):
        said += [_put_aside(place, path) for path in _unreadable_checkpoints(place)]
        while (last := _bad_last_commit(place)) is not None:
            said.append(_put_aside(place, last))
        faults = [fault for fault in verify() if not fault.mendable]
    if faults:
        raise LogError("; ".join(fault.words for fault in faults))
    return said


def _contradictions(watermark: int) -> Iterator[Fault]:
    moved = inbox.moved_until()
    if watermark < moved:
        yield Fault(
            f"the log ends at row {watermark} of the inbox, but rows up to {moved} were moved to it: "
            "restore the log from a backup",
            mendable=False,
        )
    with sql.reading() as cursor:
        given = sql.last_seq(cursor=cursor)
    if watermark > given:
        yield Fault(
            f"the log holds row {watermark} of the inbox, which only ever gave out {given}: the database is "
            "older than the log; restore both from the same backup",
            mendable=False,
        )


def _torn_commits(place: Path) -> Iterator[Fault]:
    paths = delta.commits(folder=place)
    for path in paths:
        if not _whole_commit(path):
            last = path == paths[-1]
            yield Fault(f"the {'last ' if last else ''}commit {path.name} of the log is torn", mendable=last)
    versions = [int(path.stem) for path in paths]
    if versions and versions != list(range(versions[0], versions[0] + len(versions))):
        yield Fault("a commit of the log is missing", mendable=False)


def _torn_checkpoints(place: Path) -> Iterator[Fault]:
    for path in _unreadable_checkpoints(place):
        yield Fault(f"{path.name} of the log is torn", mendable=True)


def _unreadable_checkpoints(place: Path) -> list[Path]:
    log = place / "_delta_log"
    checkpoints = sorted(log.glob("*.checkpoint*.parquet"))
    broken = [path for path in checkpoints if not _readable(path)]
    hint = log / "_last_checkpoint"
    if hint.exists() and (broken or not _complete(hint)):
        broken.append(hint)
    return broken


def _bad_last_commit(place: Path) -> Path | None:
    """Return the last commit where it is torn or what it names is missing; the first version is never put aside."""
    paths = delta.commits(folder=place)
    if not paths or int(paths[-1].stem) == 0:
        return None
    if not _whole_commit(paths[-1]):
        return paths[-1]
    try:
        table = delta.opened(folder=place)
    except sql.StoreUnavailable:
        return None
    named = {line["add"]["path"] for line in _lines(paths[-1]) if "add" in line}
    files = delta.read(table=table, folder=place).files if table else ()
    bad = any(True for _ in _bad_files(place, [file for file in files if file.path in named]))
    return paths[-1] if bad else None


def _bad_files(place: Path, files: tuple[LogFile, ...] | list[LogFile]) -> Iterator[Fault]:
    for file in files:
        path = place / file.path
        if not path.exists():
            yield Fault(f"the log names {file.path}, which is missing", mendable=False)
        elif path.stat().st_size != file.size or not _readable(path):
            yield Fault(f"{file.path} of the log is torn", mendable=False)


def _whole_commit(path: Path) -> bool:
    """Say whether a commit is all there: ours end with the watermark, and the first one makes the table."""
    last_word = "metaData" if int(path.stem) == 0 else "txn"
    return _complete(path) and any(last_word in line for line in _lines(path))


def _complete(path: Path) -> bool:
    """Say whether a file holds whole JSON lines, at least one."""
    try:
        return bool(_lines(path))
    except ValueError:
        return False


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(errors="strict").splitlines() if line.strip()]


def _readable(path: Path) -> bool:
    try:
        pq.read_metadata(path)
    except (OSError, pa.ArrowInvalid, DeltaError):
        return False
    return True


def _put_aside(place: Path, path: Path) -> str:
    (place / DAMAGED).mkdir(exist_ok=True)
    os.replace(path, place / DAMAGED / path.name)
    delta.sync_folder(path=place / DAMAGED)
    delta.sync_folder(path=path.parent)
    return f"put aside {path.name}"
