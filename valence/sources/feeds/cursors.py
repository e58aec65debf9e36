"""How far a feed is in the rows of a database: the cursor, the window read again, rows that came before. Pure."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from valence.sources.feeds.contract import WrongFeed

DIGEST = 12
MOST_SEEN = 200_000
JUST_NOW = dt.timedelta(seconds=2)
BEGIN = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
UNITS = {"s": 1, "min": 60, "h": 3_600, "d": 86_400}
_LENGTH = re.compile(r"(\d+(?:\.\d+)?)\s*(s|min|h|d)?")

Overlap = float
"""Seconds for times, units for numbers."""


def window(*, overlap: str) -> Overlap:
    """Return how much is read again: `2 h` in seconds, `500` as it is. Raises WrongFeed."""
    if not overlap:
        return 0.0
    found = _LENGTH.fullmatch(overlap.strip())
    if not found:
        raise WrongFeed("overlap: write it like 30 min, 2 h, 1 d, or a number for a cursor that counts.")
    return float(found[1]) * UNITS.get(found[2] or "s", 1)


def since(*, cursor: Mapping[str, Any], overlap: Overlap) -> Any:
    """Return from which value on rows are asked for, None for all of them."""
    if not cursor:
        return None
    value = typed(cursor["at"], cursor.get("type", ""))
    return _before(value, overlap)


def typed(text: str, kind: str = "") -> Any:
    """Return a value of the cursor from its text; without a kind, what it looks like."""
    readers: dict[str, Callable[[str], Any]] = {
        "time": dt.datetime.fromisoformat,
        "date": dt.date.fromisoformat,
        "number": int,
        "decimal": Decimal,
    }
    if kind:
        return readers.get(kind, str)(text)
    for reader in (int, dt.datetime.fromisoformat):
        try:
            return reader(text)
        except ValueError:
            continue
    return text


class Window:
    """The rows that were read last, as digests, as far back as rows are read again.

    Rows come in the order of the cursor. `take` says whether a row is new. What leaves the window is forgotten; of more
    than 200,000 rows the oldest are, and come again as duplicates that change nothing.
    """

    def __init__(self, *, cursor: str, overlap: Overlap, seen: bytes, zone: str, key: bytes) -> None:
        self.overlap, self.zone, self._has_cursor, self._key = overlap, zone, bool(cursor), key
        self._known = {seen[at : at + DIGEST] for at in range(0, len(seen), DIGEST)}
        self._kept: deque[tuple[Any, bytes]] = deque(maxlen=MOST_SEEN)
        self._timeless: deque[bytes] = deque(maxlen=MOST_SEEN)
        self._latest: Any = None

    def take(self, row: tuple[Any, ...], *, at: Any) -> bool:
        """Note a row and say whether it did not come before."""
        digest = hashlib.blake2b(repr(row).encode(), key=self._key, digest_size=DIGEST).digest()
        if at is None:
            self._timeless.append(digest)
        else:
            self._kept.append((at, digest))
            self._forget(at)
        return digest not in self._known

    def after(self) -> dict[str, Any]:
        """Return the cursor once all rows that were taken are safe."""
        if not self._has_cursor or self._latest is None:
            return {}
        return {"at": _plain(self._latest), "type": _kind(self._latest)}

    def packed(self) -> bytes:
        """Return the digests of the window."""
        return b"".join((*self._timeless, *(digest for _, digest in self._kept)))

    def latest_words(self) -> str:
        """Return how far the window leads, for people."""
        return said(self._latest, zone=self.zone) or "the end"

    def _forget(self, latest: Any) -> None:
        """Forget what lies before the window; it moves with the latest row."""
        if latest == self._latest:
            return
        self._latest = latest
        first = _before(latest, self.overlap)
        while self._kept[0][0] < first:
            self._kept.popleft()


def said(value: Any, *, zone: str) -> str | None:
    """Return a value of a database as the text that intake reads; a time without a zone is one of `zone`."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, dt.datetime):
        return _aware(value, zone).isoformat()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).hex()
    if isinstance(value, dt.timedelta):
        return f"{value.total_seconds():g}"
    if isinstance(value, (dict, list, tuple)):
        return msgspec.json.encode(value, enc_hook=str).decode()
    return str(value)


def revision(value: Any, *, zone: str) -> str | None:
    """Return the revision that a column says: a number as it is, of a time the seconds since the year 2000."""
    if isinstance(value, dt.datetime):
        return str(max(0, int((_aware(value, zone) - BEGIN).total_seconds())))
    if isinstance(value, dt.date):
        return str(max(0, (value - BEGIN.date()).days))
    if isinstance(value, str) and not value.isdigit():
        with suppress(ValueError):
            return revision(dt.datetime.fromisoformat(value), zone=zone)
    return None if value is None else str(value)


def is_just_now(value: Any, *, zone: str, now: dt.datetime) -> bool:
    """Say whether a row was changed within two seconds of now: it might change again with the same revision."""
    return isinstance(value, dt.datetime) and abs(now - _aware(value, zone)) < JUST_NOW


def _aware(value: dt.datetime, zone: str) -> dt.datetime:
    return (value.replace(tzinfo=ZoneInfo(zone)) if value.tzinfo is None else value).astimezone(dt.UTC)


def _before(value: Any, overlap: Overlap) -> Any:
    if not overlap:
        return value
    if isinstance(value, dt.datetime):
        return value - dt.timedelta(seconds=overlap)
    if isinstance(value, dt.date):
        return value - dt.timedelta(days=-(-overlap // UNITS["d"]))
    if isinstance(value, (int, Decimal)):
        return value - int(overlap)
    if isinstance(value, float):
        return value - overlap
    raise WrongFeed("overlap: works with a cursor that is a time, a date or a number; this one is text.")


def _kind(value: Any) -> str:
    if isinstance(value, dt.datetime):
        return "time"
    kinds = ((dt.date, "date"), (int, "number"), (Decimal, "decimal"))
    return next((name for kind, name in kinds if isinstance(value, kind)), "text")


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, (dt.datetime, dt.date)) else str(value)
