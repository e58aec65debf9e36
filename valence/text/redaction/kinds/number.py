"""Numbers of customers, accounts, orders and papers, by the words beside them; runs too long to be a quantity."""

from __future__ import annotations

import re
from collections.abc import Iterator

from valence.text.annotation import Span
from valence.text.redaction import cues
from valence.text.redaction.found import Found, Kind

_RUN = re.compile(r"(?<![\w.,])\d[\d ()/.\u00a0-]{4,30}\d(?!\w)")
_LONG = re.compile(r"(?<![\w.,])\d{8,}(?!\w)|(?<!\d)\d{12,}")
_MIXED = re.compile(r"(?<![\w-])(?=[A-Z\d-]{0,12}\d{5})[A-Z]{1,5}-?\d[A-Z\d-]{6,30}(?![\w-])")
_MONEY = re.compile(r"\d{1,3}(?:[ .\u00a0]\d{3}){1,5}|\d+\.\d{1,2}")
_DATES = re.compile(
    r"[ (]{0,2}(?:(?:\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|(?:19|20)\d\d|\d{1,2})"
    r"(?:[ ()/-]{1,3}|$)){1,6}\d{0,2}"
)
_BESIDE = re.compile(
    r"(?=[A-Za-z]{0,5}[ /-]?\d)[A-Za-z]{0,5}[ /-]?[\dA-Za-z](?:[ ./-]?\d|[A-Za-z-](?=[\dA-Za-z-])|[A-Za-z]){3,29}(?!\w)"
)
_ENOUGH = 10


def find(*, seen: cues.Seen) -> Iterator[Found]:
    """Find numbers that point to a person's dealings. Prices, dates and small counts stay."""
    text = seen.text if seen.has_many else ""
    for pattern in (_LONG, _MIXED):
        for match in pattern.finditer(text):
            yield Found(kind=Kind.NUMBER, span=Span(*match.span()))
    for match in _RUN.finditer(text):
        written = match.group()
        if sum(map(str.isdecimal, written)) >= _ENOUGH and not _is_quantity(written):
            yield Found(kind=Kind.NUMBER, span=Span(*match.span()))
    for match in seen.after(about="account", wanted=_BESIDE):
        if sum(map(str.isdecimal, match.group())) >= 4 and not _is_quantity(match.group().strip()):
            yield Found(kind=Kind.NUMBER, span=Span(*match.span()))


def _is_quantity(written: str) -> bool:
    return _MONEY.fullmatch(written) is not None or _DATES.fullmatch(written) is not None
