"""Bank accounts by IBAN, known by their country's length and their check digits (ISO 13616, remainder of 97)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from valence.text.annotation import Span
from valence.text.redaction import cues
from valence.text.redaction.found import Found, Kind

_LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BI": 27, "BR": 29,
    "BY": 28, "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DJ": 27, "DK": 18, "DO": 28, "EE": 20, "EG": 29,
    "ES": 24, "FI": 18, "FK": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28,
    "HN": 28, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20,
    "LB": 28, "LC": 32, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19,
    "MN": 20, "MR": 27, "MT": 31, "MU": 30, "NI": 28, "NL": 18, "NO": 15, "OM": 23, "PK": 24, "PL": 28, "PS": 29,
    "PT": 25, "QA": 29, "RO": 24, "RS": 22, "RU": 33, "SA": 24, "SC": 31, "SD": 18, "SE": 24, "SI": 19, "SK": 24,
    "SM": 27, "SO": 23, "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20,
    "YE": 30,
}  # fmt: skip
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]){11,30}(?![A-Za-z0-9])")
_TORN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2} ?\d{2}(?:[ .\u00a0-]{0,2}[A-Za-z0-9]){11,30}")


def find(*, seen: cues.Seen) -> Iterator[Found]:
    """Find IBANs; a word that follows may have been caught too, so the longest beginning that checks counts."""
    text = seen.text if seen.has_many else ""
    for match in _TORN.finditer(text):
        end = _longest(match.group())
        if end:
            yield Found(kind=Kind.IBAN, span=Span(match.start(), match.start() + end))


def checks(*, text: str) -> bool:
    """Return whether the check digits of an IBAN hold."""
    compact = re.sub(r"[ .\u00a0-]", "", text).upper()
    if len(compact) != _LENGTHS.get(compact[:2]) or not compact.isascii() or not compact.isalnum():
        return False
    return int("".join(str(int(character, 36)) for character in compact[4:] + compact[:4])) % 97 == 1


def is_whole(*, text: str) -> bool:
    """Return whether the text is an IBAN and nothing else."""
    return _IBAN.fullmatch(text) is not None and checks(text=text)


def _longest(found: str) -> int:
    if found[:2].upper() not in _LENGTHS:
        return 0
    for end in range(len(found), 14, -1):
        if found[end - 1].isalnum() and checks(text=found[:end]):
            return end
    return 0
