"""Numbers that a state gives to a person, by the shape and the check digits of each country.

A shape that could be any number counts only beside words that name it (`named`), or where its groups are written apart.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from valence.text.annotation import Span
from valence.text.redaction import cues, digits
from valence.text.redaction.found import Found, Kind

_DNI = "TRWAGMYFPDXBNJZSQVHLCKE"
_HETU = "0123456789ABCDEFHJKLMNPRSTUVWXY"
_ODD = dict(
    zip("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16,
         10, 22, 25, 24, 23), strict=True)
)  # fmt: skip


@dataclass(frozen=True)
class Shape:
    """How a country's number is written, and the sum that checks it (given without blanks and dots, upper case)."""

    country: str
    pattern: str
    check: Callable[[str], bool]


def _ssn(number: str) -> bool:
    return number[:3] != "000" and number[3:5] != "00" and number[5:] != "0000"


def _nhs(number: str) -> bool:
    check = 11 - digits.weighted(number=number, weights=range(10, 1, -1)) % 11
    return check != 10 and check % 11 == int(number[9])


def _steuer_id(number: str) -> bool:
    counts = sorted((number[:10].count(digit) for digit in set(number[:10])), reverse=True)
    return number[0] != "0" and counts[0] in (2, 3) and digits.passes_mod_11_10(number=number)


def _dni(number: str) -> bool:
    return _DNI[int(number[:-1].translate(str.maketrans("XYZ", "012"))) % 23] == number[-1]


def _nir(number: str) -> bool:
    body = number[:13].replace("2A", "19", 1) if "2A" in number[5:7] else number[:13].replace("2B", "18", 1)
    return body.isdigit() and 97 - int(body) % 97 == int(number[13:])


def _codice_fiscale(number: str) -> bool:
    even = {mark: int(mark) if mark.isdigit() else ord(mark) - 65 for mark in _ODD}
    total = sum((even if place % 2 else _ODD)[mark] for place, mark in enumerate(number[:15]))
    return chr(65 + total % 26) == number[15]


def _belgian(number: str) -> bool:
    body, check = int(number[:9]), int(number[9:])
    return check in (97 - body % 97, 97 - (2_000_000_000 + body) % 97)


def _pesel(number: str) -> bool:
    return digits.weighted(number=number, weights=(1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)) % 10 == 0


def _cpf(number: str) -> bool:
    first = digits.weighted(number=number, weights=range(10, 1, -1)) * 10 % 11 % 10
    second = digits.weighted(number=number, weights=range(11, 1, -1)) * 10 % 11 % 10
    return len(set(number)) > 1 and number[9:] == f"{first}{second}"


def _chinese(number: str) -> bool:
    total = digits.weighted(number=number[:17], weights=[2**power % 11 for power in range(17, 0, -1)])
    return "10X98765432"[total % 11] == number[17]


def _swiss(number: str) -> bool:
    return digits.weighted(number=number, weights=(1, 3) * 6 + (1,)) % 10 == 0


def _turkish(number: str) -> bool:
    odd, even = sum(map(int, number[0:9:2])), sum(map(int, number[1:8:2]))
    return (7 * odd - even) % 10 == int(number[9]) and sum(map(int, number[:10])) % 10 == int(number[10])


def _norwegian(number: str) -> bool:
    first = digits.weighted(number=number, weights=(3, 7, 6, 1, 8, 9, 4, 5, 2, 1)) % 11
    second = digits.weighted(number=number, weights=(5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)) % 11
    return first == 0 and second == 0


def _hetu(number: str) -> bool:
    return number[-4:-1].isdigit() and _HETU[int(number[:6] + number[-4:-1]) % 31] == number[-1]


def _bsn(number: str) -> bool:
    return digits.weighted(number=number, weights=(9, 8, 7, 6, 5, 4, 3, 2, -1)) % 11 == 0


def _nif(number: str) -> bool:
    check = 11 - digits.weighted(number=number, weights=range(9, 1, -1)) % 11
    return (0 if check > 9 else check) == int(number[8])


def _routing(number: str) -> bool:
    return digits.weighted(number=number, weights=(3, 7, 1) * 3) % 10 == 0


def _luhn(number: str) -> bool:
    return digits.passes_luhn(number=number)


def _nino(number: str) -> bool:
    return number[:2] not in {"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"}


_ALONE = (
    Shape("us", r"\d{3}-\d{2}-\d{4}", _ssn),
    Shape("gb", r"(?:[A-CEGHJ-PR-TW-Za-ceghj-pr-tw-z]){2} ?\d{2} ?\d{2} ?\d{2} ?[A-Da-d]", _nino),
    Shape("gb", r"\d{3}[ -]\d{3}[ -]\d{4}", _nhs),
    Shape("de", r"\d{2} ?\d{3} ?\d{3} ?\d{3}", _steuer_id),
    Shape("es", r"(?:\d{8}|\d{2}\.\d{3}\.\d{3}|[XYZxyz][ -]?\d{7})[ -]?[A-HJ-NP-TV-Za-hj-np-tv-z]", _dni),
    Shape("fr", r"[12] ?\d{2} ?\d{2} ?(?:\d{2}|2[ABab]) ?\d{3} ?\d{3} ?\d{2}", _nir),
    Shape("it", r"[A-Za-z]{6}\d{2}[A-Za-z]\d{2}[A-Za-z]\d{3}[A-Za-z]", _codice_fiscale),
    Shape("be", r"\d{2}\.?\d{2}\.?\d{2}[- ]?\d{3}[. -]?\d{2}", _belgian),
    Shape("pl", r"\d{11}", _pesel),
    Shape("br", r"\d{3}\.\d{3}\.\d{3}-\d{2}", _cpf),
    Shape("in", r"[2-9]\d{3} \d{4} \d{4}", lambda number: digits.passes_verhoeff(number=number)),
    Shape("cn", r"\d{17}[\dXx]", _chinese),
    Shape("ch", r"756[. ]?\d{4}[. ]?\d{4}[. ]?\d{2}", _swiss),
    Shape("ae", r"784-?\d{4}-?\d{7}-?\d", _luhn),
    Shape("se", r"\d{6}[-+]\d{4}", _luhn),
    Shape("fi", r"\d{6}[-+A-Fa-f]\d{3}[\dA-Ya-y]", _hetu),
    Shape("no", r"\d{6} ?\d{5}", _norwegian),
    Shape("tr", r"[1-9]\d{10}", _turkish),
    Shape("ca", r"\d{3}-\d{3}-\d{3}", _luhn),
)
_NAMED = (
    Shape("nl", r"\d{4}[. ]?\d{2}[. ]?\d{3}|\d{9}", _bsn),
    Shape("pt", r"\d{9}|\d{3} \d{3} \d{3}", _nif),
    Shape("us", r"\d{9}", _routing),
)
_BESIDE = re.compile(r"[A-Za-z]{0,3}[ -]?\d(?:[ ./-]?[\dA-Za-z]){4,19}(?!\w)")
_ANY = re.compile(rf"(?<![\w.,])(?:{'|'.join(shape.pattern for shape in _ALONE)})(?!\w)")
_ENOUGH = re.compile(r"\d(?:[ ./-]?\w){7}")
_EACH = tuple((re.compile(rf"(?<![\w.,])(?:{shape.pattern})(?![\w])"), shape) for shape in _ALONE)


def find(*, seen: cues.Seen) -> Iterator[Found]:
    """Find numbers whose check digits hold, and those that words beside them call one."""
    for near in _ENOUGH.finditer(seen.text) if seen.has_many else ():
        start, end = max(0, near.start() - 12), near.end() + 16
        for pattern, shape in _EACH if _ANY.search(seen.text, start, end) else ():
            for match in pattern.finditer(seen.text, start, end):
                if shape.check(_bare(match.group())):
                    yield Found(kind=Kind.NATIONAL, span=Span(*match.span()))
    for match in seen.after(about="national", wanted=_BESIDE):
        if sum(map(str.isdigit, match.group())) >= 5:
            yield Found(kind=Kind.NATIONAL, span=Span(*match.span()))


def countries(*, number: str) -> list[str]:
    """Return the countries whose check digits hold for a number that is written alone."""
    shapes = (*_ALONE, *_NAMED)
    return [shape.country for shape in shapes if re.fullmatch(shape.pattern, number) and shape.check(_bare(number))]


def _bare(written: str) -> str:
    return re.sub(r"[ ./+-]", "", written).upper()
