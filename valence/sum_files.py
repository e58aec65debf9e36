"""Sums that a restart does not lose: what took seconds to count is told again by the next process.

One file for each question below `.sums/` in the data folder, named by a hash of the question; it holds the answer, when
it was counted and how long that took. Numbers and words only: rows of persons are never kept.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Generic, TypeVar
from uuid import uuid4

import msgspec

FOLDER = ".sums"  # hidden: no backup takes it along
KEPT_FOR = timedelta(days=1)

T = TypeVar("T")
log = logging.getLogger(__name__)


class Sum(msgspec.Struct, Generic[T]):
    """What was counted, when it began, and how long it took in seconds."""

    value: T
    at: datetime
    took: float


def path(*, folder: Path, question: Sequence[object]) -> Path | None:
    """Return where the answer to a question lies; None for a question that cannot be written down."""
    try:
        said = msgspec.json.encode(question, order="deterministic")
    except (TypeError, NotImplementedError):
        return None
    return folder / FOLDER / f"{hashlib.blake2b(said, digest_size=16).hexdigest()}.json"


def read(*, path: Path, kind: Any) -> Sum[Any] | None:
    """Return what a file tells, None where there is none, or none of this kind that is younger than KEPT_FOR."""
    with suppress(OSError, msgspec.DecodeError):
        found: Sum[Any] = msgspec.json.decode(path.read_bytes(), type=Sum[kind])
        return found if datetime.now(UTC) - found.at < KEPT_FOR else None
    return None


def write(*, path: Path, found: Sum[Any]) -> None:
    """Keep a sum in place of the one before; what cannot be written is not kept."""
    try:
        said = msgspec.json.encode(found)
    except (TypeError, NotImplementedError):
        return
    path.parent.mkdir(exist_ok=True)
    new = path.with_suffix(f".{uuid4().hex}")  # of its own: several processes count the same
    try:
        new.write_bytes(said)
        new.replace(path)
    except OSError as problem:
        log.warning("a sum could not be kept: %s", problem)
    _tidy(path.parent)


def _tidy(folder: Path) -> None:
    """Let go what nobody may be told any more."""
    until = (datetime.now(UTC) - KEPT_FOR).timestamp()
    for one in folder.iterdir():
        with suppress(OSError):
            if one.stat().st_mtime < until:
                one.unlink()
