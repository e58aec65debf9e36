"""Bytes into the feed's own folder: readable by its owner only, whole or not there, with the SHA-256 of what came."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path
from typing import BinaryIO

CHUNK = 1 << 20
PART = ".part"
SPARE = 64 << 20


class NoRoom(Exception):  # noqa: N818 - it is said to people as "no room"
    """The disk has no room for a copy; nothing was changed."""


def take(*, source: BinaryIO, path: Path, size: int = 0) -> tuple[str, int]:
    """Copy a stream to a file and return the SHA-256 and the number of bytes. Raises NoRoom.

    The file has its name only once all of it is on the disk: after a crash there is a `.part`, or all of it.
    """
    if shutil.disk_usage(path.parent).free < size + SPARE:
        raise NoRoom(f"There is no room for {path.name}.")
    digest, done, part = hashlib.sha256(), 0, path.with_name(path.name + PART)
    with open_private(path=part) as file:
        while chunk := source.read(CHUNK):
            digest.update(chunk)
            done += len(chunk)
            file.write(chunk)
        sync(file)
    settle(part=part, path=path)
    return digest.hexdigest(), done


def open_private(*, path: Path) -> BinaryIO:
    """Open a new file that only its owner can read, from its first moment on."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    return os.fdopen(descriptor, "wb")


def sync(file: BinaryIO) -> None:
    """Wait until what was written is on the disk."""
    file.flush()
    os.fsync(file.fileno())


def settle(*, part: Path, path: Path) -> None:
    """Give a file that is on the disk its name, so that a power cut keeps either none or all of it."""
    part.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
