"""Digits in any script, and the sums that check them."""

from __future__ import annotations

import re
from collections.abc import Sequence

_OTHER = re.compile(r"\D")
_VERHOEFF_D = (
    "0123456789", "1234067895", "2340178956", "3401289567", "4012395678",
    "5987604321", "6598710432", "7659821043", "8765932104", "9876543210",
)  # fmt: skip
_VERHOEFF_P = (
    "0123456789", "1576283094", "5803796142", "8916043527",
    "9453126870", "4286573901", "2793806415", "7046913258",
)  # fmt: skip


def plain(*, text: str) -> str:
    """Return the digits of a text as 0 to 9, whatever script they are written in."""
    found = _OTHER.sub("", text)
    return found if found.isascii() else "".join(str(int(digit)) for digit in found)


def passes_luhn(*, number: str) -> bool:
    """Return whether the last digit checks the others, as on payment cards (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def weighted(*, number: str, weights: Sequence[int]) -> int:
    """Return the sum of digits times weights."""
    return sum(int(digit) * weight for digit, weight in zip(number, weights, strict=False))


def passes_mod_11_10(*, number: str) -> bool:
    """Return whether the check digit of ISO 7064 MOD 11,10 holds."""
    product = 10
    for digit in number[:-1]:
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    return (11 - product) % 10 == int(number[-1])


def passes_verhoeff(*, number: str) -> bool:
    """Return whether Verhoeff's check digit holds."""
    check = 0
    for place, digit in enumerate(reversed(number)):
        check = int(_VERHOEFF_D[check][int(_VERHOEFF_P[place % 8][int(digit)])])
    return check == 0
