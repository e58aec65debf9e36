"""Numbers as people write them: which sign is the decimal one is decided per column, from all values at hand.

A notation is named by an example: `1.234,56`. Reading only moves signs, so no digit is ever lost or rounded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import lru_cache

PLAIN = "1234.56"
NOTATIONS = (PLAIN, "1,234.56", "1.234,56", "1234,56", "1 234,56", "1 234.56", "1'234.56", "1'234,56")
_GROUPS = {" ": r"[ \u00a0\u202f\u2009]", "'": "['\u2019\u02bc]", ",": ",", ".": r"\."}
_MONEY = r"(?:[€$£¥]|zł|Kč|R\$|EUR|USD|GBP|CHF|PLN|SEK|NOK|DKK|BRL|kr\.?|Fr\.)"
_BODY = r"\d[\d.,'\u2019\u02bc \u00a0\u202f\u2009]*|[.,]\d+"
_DRESSED = re.compile(
    rf"^\s*(?P<open>\()?\s*{_MONEY}?\s*(?P<before>[+\-\u2212\u2013])?\s*{_MONEY}?\s*(?P<body>{_BODY})"
    rf"\s*{_MONEY}?\s*(?P<after>[\-\u2212])?(?P<close>\))?\s*{_MONEY}?\s*$"
)
_ALL_GROUPED = re.compile(r"^[1-9]\d{0,2}([.,])\d{3}$")


@dataclass(frozen=True)
class Decided:
    """The notation of a column. `others` would fit every value too and mean something else; then nothing is sure.

    `alike` fit every value too and mean the same.
    """

    notation: str
    others: tuple[str, ...] = ()
    alike: tuple[str, ...] = ()

    @property
    def sure(self) -> bool:
        """Whether no other notation fits."""
        return not self.others


def reader(*, notation: str) -> Callable[[str], str | None]:
    """Return a function that writes a number as `1234.56`, or returns None where it is not written in the notation."""
    return _reader(notation)


def looks_like(*, value: str) -> bool:
    """Return whether a value is a number in any notation."""
    return any(read(value) is not None for read in map(_reader, NOTATIONS))


def decide(*, values: Collection[str]) -> Decided | None:
    """Return the notation in which all of the values are numbers; None where there is none.

    `1.234` alone may be a thousand or little more than one: then both notations are given, and nothing is sure.
    """
    fitting = [notation for notation in NOTATIONS if all(_reader(notation)(value) is not None for value in values)]
    if not fitting or not values:
        return None
    first = [_reader(fitting[0])(value) for value in values]
    others = [one for one in fitting[1:] if [_reader(one)(value) for value in values] != first]
    alike = tuple(one for one in fitting if one not in others)
    return Decided(_widest(alike), tuple(others[:1]), alike)


def grouped_only(*, value: str) -> bool:
    """Return whether a value reads both ways: `1.234`."""
    found = _DRESSED.match(value)
    return bool(found and _ALL_GROUPED.match(found["body"].strip()))


def _widest(alike: tuple[str, ...]) -> str:
    """Of notations that mean the same, take the plain one, else one that fits the next file too: with groups."""
    if PLAIN in alike:
        return PLAIN
    return "1.234,56" if "1.234,56" in alike else alike[0]


@lru_cache(maxsize=32)
def _reader(notation: str) -> Callable[[str], str | None]:
    group, decimal = ("", notation[4]) if notation in (PLAIN, "1234,56") else (notation[1], notation[5])
    signs = _GROUPS.get(group, "")
    whole = rf"\d+|[0-9]{{1,3}}(?:{signs}\d{{3}})+" if group else r"\d+"
    shape = re.compile(rf"^(?P<whole>{whole})?(?:{re.escape(decimal)}(?P<part>\d+)|{re.escape(decimal)}(?=$))?$")

    def read(value: str) -> str | None:
        dressed = _DRESSED.match(value)
        if not dressed or bool(dressed["open"]) != bool(dressed["close"]):
            return None
        found = shape.match(dressed["body"].strip())
        if not found or (found["whole"] is None and found["part"] is None):
            return None
        digits = re.sub(r"\D", "", found["whole"] or "0")
        below = found["part"]
        sign = "-" if dressed["open"] or dressed["after"] or dressed["before"] not in (None, "+") else ""
        return f"{sign}{digits}.{below}" if below else f"{sign}{digits}"

    return read
