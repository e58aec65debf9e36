"""What a body holds: one object, an array, or a line per object; checked before memory grows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from valence.api.replies import Error, Refusal
from valence.intake import objects

LARGEST = 5 << 20
MOST = 500
JSON = frozenset({"application/json", "text/json", ""})
LINES = frozenset({"application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines"})
_decode = msgspec.json.Decoder().decode
_UNREADABLE = (msgspec.DecodeError, RecursionError, UnicodeDecodeError)


@dataclass(frozen=True)
class Items:
    """The items of a body; `alone` where it held one object that was no array."""

    items: Sequence[Any]
    alone: bool


def media_type(*, content_type: str, encoding: str) -> str:
    """Return the media type. Raises Refusal where it is none that is understood."""
    media, _, parameters = content_type.partition(";")
    media = media.strip().lower()
    charset = parameters.lower().replace('"', "").replace(" ", "")
    wrong_charset = "charset=" in charset and "charset=utf-8" not in charset and "charset=utf8" not in charset
    if media not in JSON | LINES or wrong_charset or encoding.strip().lower() not in ("", "identity"):
        raise Refusal(Error.BAD_TYPE)
    return media


def check_length(*, content_length: str) -> None:
    """Raise Refusal where a body says that it is too large, before any of it is read."""
    if content_length.isdigit() and int(content_length[:20]) > LARGEST:
        raise Refusal(Error.TOO_LARGE)


def read(*, body: bytes, media: str, shape: objects.Shape) -> Items:
    """Return the items of a body. Raises Refusal. A line that is not JSON is an item that is no object.

    Where all have the shape, they are read at once; else one by one, whatever they hold.
    """
    if len(body) > LARGEST:
        raise Refusal(Error.TOO_LARGE)
    if not body.strip():
        raise Refusal(Error.EMPTY)
    lines = media in LINES
    found = _plain(body, lines, shape) or (_lines(body) if lines else _json(body))
    if not found.items:
        raise Refusal(Error.EMPTY)
    if len(found.items) > MOST:
        raise Refusal(Error.TOO_MANY)
    return found


def _plain(body: bytes, lines: bool, shape: objects.Shape) -> Items | None:
    """Read what has the shape at once. Where there are too many objects it is not tried: each takes its memory."""
    items = shape.read(body=body, lines=lines) if body.count(b"{") <= 2 * MOST else None
    return Items(items=items, alone=False) if items else None


def _json(body: bytes) -> Items:
    try:
        said = _decode(body)
    except _UNREADABLE as problem:
        raise Refusal(Error.BAD_JSON, detail=str(problem)[:200]) from None
    if isinstance(said, list):
        return Items(items=said, alone=False)
    if not isinstance(said, dict):
        raise Refusal(Error.NOT_AN_OBJECT)
    return Items(items=[said], alone=True)


def _lines(body: bytes) -> Items:
    lines = [line for line in body.split(b"\n", MOST * 4) if line.strip()]
    if len(lines) > MOST:
        raise Refusal(Error.TOO_MANY)
    return Items(items=[_line(line) for line in lines], alone=False)


def _line(line: bytes) -> Any:
    try:
        return _decode(line)
    except _UNREADABLE:
        return None
