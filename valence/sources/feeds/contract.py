"""What every kind of feed gives: pieces of what is new, as files that can be imported, each with how far it leads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

Cursor = Mapping[str, Any]


class WrongFeed(Exception):  # noqa: N818 - it is said to people as "wrong"
    """A feed is set up wrongly, or what it reads from cannot be reached. The text says why, to who set it up."""


@dataclass(frozen=True)
class Known:
    """What is known of a feed when a run begins.

    `cursor` and `seen` are as the last safe piece left them; `files` are (name, stamp) of files met before, `contents`
    the names of files that are in, by the SHA-256 of their content.
    """

    cursor: Cursor = field(default_factory=dict)
    seen: bytes = b""
    files: frozenset[tuple[str, str]] = frozenset()
    contents: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class FileMet:
    """A file or object that a feed met: its name there, its size and time, and the SHA-256 of its content."""

    name: str
    stamp: str
    content_hash: str


@dataclass(frozen=True)
class Piece:
    """Something new to bring in: a whole file of a kind that can be imported.

    `after` and `seen` are how far the feed is once the piece is safe; both None: as before. `met` is the file it was.
    """

    path: Path
    kind: str
    name: str
    after: Cursor | None = None
    seen: bytes | None = None
    met: FileMet | None = None


@dataclass(frozen=True)
class Passed:
    """A file that is not brought in: its content came before under another name, or it is of no kind that is known."""

    met: FileMet
    why: str
    is_same: bool


@dataclass(frozen=True)
class Waiting:
    """A file that may still grow: it is looked at again in the next run."""

    name: str
    why: str


@dataclass(frozen=True)
class Reading:
    """How a kind reads: its part of the feed's file, with secrets opened, and where it may write.

    `into` is a folder that only its owner can read. `zone` is the time zone of moments that name none. `key` makes
    digests of rows useless to whoever has the database without the master key. `wanted` are the columns that mean
    something to the import: what only says how far a feed is, is left out where it is none of them.
    """

    said: Mapping[str, Any]
    known: Known
    into: Path
    zone: str
    now: datetime
    key: bytes = b""
    wanted: frozenset[str] = frozenset()


Found = Piece | Passed | Waiting
