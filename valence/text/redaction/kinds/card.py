"""Payment cards: a known beginning, the right length, and a last digit that checks the others (ISO/IEC 7812-1)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from valence.text.annotation import Span
from valence.text.redaction import cues, digits
from valence.text.redaction.found import Found, Kind

_RUN = re.compile(r"(?<![\d.,])\d(?:[ .\u00a0-]{0,2}\d){11,18}(?!\d)")
_CARD = re.compile(r"(?i)card|credit|\bcc\b|visa|amex|karte|carte|tarjeta|بطاقة")
_ISSUERS = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}"
    r"|3(?:0[0-5]|095|[689]\d)\d{11,16}|6(?:011|4[4-9]\d|5\d\d)\d{12,15}|35\d{14}"
    r"|(?:2131|1800)\d{11}|62\d{14,17}|(?:5[0678]\d\d|6\d{3})\d{8,15}|220[0-4]\d{12,15}|8[12]\d{14}|9792\d{12}"
)


def find(*, seen: cues.Seen) -> Iterator[Found]:
    """Find card numbers, in one piece or in groups; beside a word for a card the beginning does not matter."""
    text = seen.text if seen.has_many else ""
    for match in _RUN.finditer(text):
        number = digits.plain(text=match.group())
        named = _CARD.search(text, max(0, match.start() - 30), match.start())
        if is_card(number=number) or (named and digits.passes_luhn(number=number)):
            yield Found(kind=Kind.CARD, span=Span(*match.span()))


def is_card(*, number: str) -> bool:
    """Return whether 12 to 19 digits are those of a payment card."""
    return _ISSUERS.fullmatch(number) is not None and digits.passes_luhn(number=number)
