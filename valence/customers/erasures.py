"""The register of erasures: a file outside the data folder, so that no backup of the folder revives anybody.

A line for each id of somebody who was erased: the keyed hash of the id, when, and the certificate's number. Without the
master key nobody can tell from it who that was. It only grows; each line is on the disk before the erasure begins.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

HEADING = (
    "# Valence: who was erased, as keyed hashes. Keep a copy beside that of the key; restoring a backup needs it.\n"
)
_LINE = re.compile(r"([0-9a-f]{32}) (\S+) ([0-9a-f]{64})")


class Damaged(ValueError):  # noqa: N818  named as people say it
    """The register holds a line that is none, other than a last one that was broken off."""


@dataclass(frozen=True)
class Entry:
    """One id of somebody who was erased."""

    id_hash: bytes
    erased_at: datetime
    certificate: str


def exists(*, path: Path) -> bool:
    """Say whether there is a register."""
    return path.exists()


def begin(*, path: Path) -> None:
    """Make an empty register where there is none, so that its absence is told from nobody having been erased."""
    if not path.exists():
        enter(path=path, entries=())


def enter(*, path: Path, entries: Iterable[Entry]) -> None:
    """Add entries and wait until they are on the disk."""
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "rb+", buffering=0) as file:
        length = file.seek(0, os.SEEK_END)
        before = HEADING if not length else "" if _ends_whole(file.fileno(), length) else "\n"
        file.write((before + "".join(map(_line, entries))).encode())
        os.fsync(file.fileno())
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def read(*, path: Path) -> tuple[Entry, ...]:
    """Return every entry once, oldest first; none where there is no register. Raises Damaged."""
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except FileNotFoundError:
        return ()
    except UnicodeDecodeError:
        raise Damaged(f"{path} is not a register of erasures") from None
    found: dict[bytes, Entry] = {}
    for number, line in enumerate(lines, start=1):
        entry = _entry(line)
        if entry is not None:
            found.setdefault(entry.id_hash, entry)
        elif line and not line.startswith("#") and number < len(lines) and not _is_torn(line):
            raise Damaged(f"line {number} of {path} is not one of a register of erasures")
    return tuple(found.values())


def _line(entry: Entry) -> str:
    return f"{entry.id_hash.hex()} {entry.erased_at.isoformat()} {entry.certificate}\n"


def _entry(line: str) -> Entry | None:
    match = _LINE.fullmatch(line)
    if match is None:
        return None
    return Entry(bytes.fromhex(match[1]), datetime.fromisoformat(match[2]), match[3])


def _is_torn(line: str) -> bool:
    """Say whether a line may be the beginning of an entry: a power cut broke it off, and it was entered again."""
    return len(line) < 140 and re.fullmatch(r"[0-9a-f]{1,32}( \S*( [0-9a-f]*)?)?", line) is not None


def _ends_whole(descriptor: int, length: int) -> bool:
    return os.pread(descriptor, 1, length - 1) == b"\n"
