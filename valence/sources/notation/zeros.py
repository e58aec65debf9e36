"""Zeros that one system writes in front of a number and another leaves out: 00100847 and 100847 are one customer."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from typing import Any

WITHOUT = "without leading zeros"
LONGEST = 16
TRIED = 200
MOST = 0.5
_DIGITS = re.compile(r"(\d{1,2}) digits")


def is_known(*, notation: str) -> bool:
    """Return whether a notation says how many digits a number has: `8 digits`, or that no zeros stand in front."""
    return notation == WITHOUT or _DIGITS.fullmatch(notation) is not None


def reader(*, notation: str) -> Callable[[Any], str]:
    """Return what writes a number with the digits that a notation asks for; what is no number stays as it is."""
    found = _DIGITS.fullmatch(notation)
    digits = int(found[1]) if found else 0
    return lambda value: _written(str(value).strip(), digits)


def found(*, values: Sequence[str], known: Callable[[Collection[str]], Collection[str]]) -> str:
    """Return the notation under which most values are known and few are as they stand; "" where there is none."""
    some = [value for value in values[:TRIED] if value.isdigit()]
    if len(some) < MOST * len(values[:TRIED]) or len(known(some)) > MOST * len(some):
        return ""
    widths = range(min(map(len, some)) + 1, LONGEST + 1)
    ways = (WITHOUT, *(f"{digits} digits" for digits in widths))
    return next((way for way in ways if len(known({reader(notation=way)(one) for one in some})) > MOST * len(some)), "")


def _written(value: str, digits: int) -> str:
    if not value.isdigit():
        return value
    return (value.lstrip("0") or "0").zfill(digits)
