"""E-mail addresses, also with international letters."""

from __future__ import annotations

import re
from collections.abc import Iterator

from valence.text.annotation import Span
from valence.text.redaction import cues
from valence.text.redaction.found import Found, Kind

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_SPOKEN = re.compile(
    r"(?<![\w.+-])[\w.+-]{2,64}\s?[\[(]\s?(?:at|ät)\s?[\])]\s?[\w-]{2,63}(?:\s?(?:\.|[\[(]\s?(?:dot|punkt)\s?[\])])\s?[\w-]{2,20}){1,4}",
    re.IGNORECASE,
)


def find(*, seen: cues.Seen) -> Iterator[Found]:
    """Find addresses as people write them: ann@example.org, ann (at) example (dot) org."""
    text = seen.text
    if "@" in text:
        for match in _EMAIL.finditer(text):
            yield Found(kind=Kind.EMAIL, span=Span(*match.span()))
    if "(" in text or "[" in text:
        for match in _SPOKEN.finditer(text):
            yield Found(kind=Kind.EMAIL, span=Span(*match.span()))


def is_whole(*, text: str) -> bool:
    """Return whether the text is an address and nothing else."""
    return _EMAIL.fullmatch(text) is not None
