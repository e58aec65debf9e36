"""Dates of birth: a date beside words that say whose it is. Other dates are facts of the story and stay."""

from __future__ import annotations

import re
from collections.abc import Iterator

from valence.text.annotation import Span
from valence.text.redaction import cues
from valence.text.redaction.found import Found, Kind

_MONTH = r"[^\W\d_]{3,10}\.?"
_DATE = re.compile(
    rf"(?:\d{{4}}[./-]\d{{1,2}}[./-]\d{{1,2}}|\d{{1,2}}[./-] ?\d{{1,2}}[./-] ?\d{{2,4}}"
    rf"|\d{{1,2}}(?:st|nd|rd|th|er)?[. ]{{1,2}}(?:de |of )?{_MONTH},? (?:de )?\d{{4}}"
    rf"|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}|(?:19|20)\d{{2}})(?!\d)",
    re.IGNORECASE,
)


def find(*, seen: cues.Seen) -> Iterator[Found]:
    """Find dates of birth, also where "It's" stands between."""
    for match in seen.after(about="birth", wanted=_DATE):
        yield Found(kind=Kind.BIRTH, span=Span(*match.span()))
