"""Phone numbers: written for the world (+44 ...), for the country (0 ...), the American way, beside words for them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from valence.text.annotation import Span
from valence.text.redaction import cues, digits
from valence.text.redaction.found import Found, Kind

_RUN = re.compile(
    r"(?<![\w./])(?<!\d,)(?:\+\s?|00\s?|\()?\d[\d ()/.\u00a0\u2010-\u2013-]{4,30}\d(?!\d)"
    r"(?:\s?(?:x|ext\.?|#)\s?\d{1,6}(?!\w))?(?![^\W\dxX_])",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"(?:\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2}))(?:[T ]\d{1,2}(?!\d))?(?!\d|[./-]\d)"
)
_AMERICAN = re.compile(
    r"(?:(?:\+|00)?1[-. ]?)?(?:\(\d{3}\) ?|\d{3}[-. ])\d{3}[-. ]\d{4}(?:\s?(?:x|ext\.?)\s?\d{1,6})?", re.IGNORECASE
)
_AREA = re.compile(r"\(\+?\d{1,5}\)[ /-]?\d")
_DECIMAL = re.compile(r"\d{1,3}(?:[., ]\d{3}){0,4}[.,]\d{1,2}|0[.,]\d+")
_YEARS = re.compile(r"(?:19|20)\d\d ?[-/–] ?(?:19|20)\d\d")
_EXTENSION = re.compile(r"\s?(?:x|ext\.?|#)\s?\d{1,6}$", re.IGNORECASE)
_NUMBER = r"(?:\+\s?|\()?\d[\d ()/.\u00a0\u2010-\u2013-]{4,24}\d"
_SAID = re.compile(_NUMBER)
_BEFORE = re.compile(rf"(?<![\w./])(?<!\d,)(?P<it>{_NUMBER})\s?-?\s?$")
_LONGEST = 15


def find(*, seen: cues.Seen) -> Iterator[Found]:
    """Find phone numbers; dates, prices and spans of years are left alone."""
    for start, end in _runs(seen.text) if seen.has_many else ():
        if is_phone(written=seen.text[start:end]):
            yield Found(kind=Kind.PHONE, span=Span(start, end))
    for match in seen.after(about="phone", wanted=_SAID):
        if _is_said(match.group(), least=6):
            yield Found(kind=Kind.PHONE, span=Span(*match.span()))
    for cue in seen.cues.get("phone_after", ()):
        before = _BEFORE.search(seen.text, max(0, cue.start - 40), cue.start)
        if before and _is_said(before["it"], least=7):
            yield Found(kind=Kind.PHONE, span=Span(*before.span("it")))


def is_phone(*, written: str) -> bool:
    """Return whether a run of digits and separators, on its own, is written as phone numbers are."""
    body = _EXTENSION.sub("", written)
    number = digits.plain(text=body)
    if not 7 <= len(number) <= _LONGEST or _DECIMAL.fullmatch(body) or _YEARS.fullmatch(body):
        return False
    if _AMERICAN.fullmatch(written) or _AREA.match(body):
        return True
    return body[0] == "+" or number.startswith("0")


def is_whole(*, text: str) -> bool:
    """Return whether the text is a phone number and nothing else."""
    return _RUN.fullmatch(text) is not None and not _DATE.match(text) and is_phone(written=text)


def _runs(text: str) -> Iterator[tuple[int, int]]:
    """Give the runs of digits, without a date that they begin with."""
    for match in _RUN.finditer(text):
        start, end = match.span()
        date = _DATE.match(text, start, end)
        if date is None:
            yield start, end
        elif inner := _RUN.search(text, date.end(), end):
            yield inner.span()


def _is_said(written: str, *, least: int) -> bool:
    return least <= len(digits.plain(text=written)) <= _LONGEST and not _DATE.match(written)
