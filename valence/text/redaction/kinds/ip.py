"""Addresses of machines on the internet, of both generations; version numbers are left alone."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from valence.text.annotation import Span
from valence.text.redaction import cues
from valence.text.redaction.found import Found, Kind

_FOUR = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w])(?!\.\d)")
_SIX = re.compile(r"(?<![\w:])(?:[0-9a-f]{1,4}:|:){2,8}(?:[0-9a-f]{1,4})?(?![\w:])", re.IGNORECASE)
_VERSION = re.compile(r"(?:\bv|version|firmware|release|update|build)\s{0,2}$", re.IGNORECASE)


def find(*, seen: cues.Seen) -> Iterator[Found]:
    """Find addresses whose numbers can be those of a machine."""
    text = seen.text
    for pattern, mark in ((_FOUR, "."), (_SIX, ":")):
        if mark not in text:
            continue
        for match in pattern.finditer(text):
            before = text[max(0, match.start() - 12) : match.start()]
            if _is_address(match.group()) and not _VERSION.search(before):
                yield Found(kind=Kind.IP, span=Span(*match.span()))


def _is_address(written: str) -> bool:
    if ":" in written and sum(character != ":" for character in written) < 4:
        return False
    try:
        ipaddress.ip_address(written)
    except ValueError:
        return False
    return True
