"""Card check numbers, expiry dates, PINs and passwords, known by the words beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from valence.text.annotation import Span
from valence.text.redaction import cues
from valence.text.redaction.found import Found, Kind

_WANTED = re.compile(r"(?:\d{1,2} ?[/-] ?(?:20)?\d{2}(?!\d)|\d{3,8}(?!\w)|(?=[^\s]{0,40}\d)[^\s,;]{4,40})")
_SPELT = re.compile(r"(?:\d{1,2}[./-]\d{1,2}[./-]\d{2,4})")


def find(*, seen: cues.Seen) -> Iterator[Found]:
    """Find what opens an account, beside a word that says so."""
    for match in seen.after(about="secret", wanted=_WANTED):
        if not _SPELT.match(match.group()):
            yield Found(kind=Kind.SECRET, span=Span(*match.span()))
