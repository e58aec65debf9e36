"""Links: a path or a question mark's part often names a person, an order or a session. A bare shop.com is a company."""

from __future__ import annotations

import re
from collections.abc import Iterator

from valence.text.annotation import Span
from valence.text.redaction import cues
from valence.text.redaction.found import Found, Kind

_END = r"[^\s<>\"'\])},;.!?:]"
_LINK = re.compile(rf"(?<!\w)(?:https?://|ftp://|www\.)[^\s<>\"]{{0,2000}}{_END}", re.IGNORECASE)
_BARE = re.compile(
    rf"(?<![\w@./-])[\w-]{{1,63}}(?:\.[\w-]{{1,63}}){{0,4}}\.[a-z]{{2,12}}/[^\s<>\"]{{0,2000}}{_END}", re.IGNORECASE
)
_PERSONAL = re.compile(r"[\d@?=~]|/(?:u|user|users|profile|in|p)/", re.IGNORECASE)


def find(*, seen: cues.Seen) -> Iterator[Found]:
    """Find links with a scheme or www, and bare domains whose path holds a number, a name or a question."""
    text = seen.text
    if "://" in text or "ww." in text.lower():
        for match in _LINK.finditer(text):
            yield Found(kind=Kind.URL, span=Span(*match.span()))
    if "/" in text:
        for match in _BARE.finditer(text):
            path = match.group().partition("/")[2]
            if _PERSONAL.search("/" + path):
                yield Found(kind=Kind.URL, span=Span(*match.span()))
