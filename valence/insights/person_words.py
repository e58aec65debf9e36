"""Words for what a person is, not for what they need or what happened to them: by what they would tell. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

# What a person is: (whole words, how words begin), in English and German.
_SAID: Mapping[str, tuple[str, str]] = {
    "Age": (
        "age|aged|old|teens?|minors?|child|children|young|jung",
        "elder|senior|youth|junior|retire|pension|rentner",
    ),
    "Sex and orientation": ("man|men|male|sex|gay", "wom[ae]n|female|frau(?!d)|männ|gender|lesb"),
    "Origin and nationality": ("race", "ethnic|racial|nationality|foreign|migra|auslän|refugee"),
    "Religion": ("jew", "religi|muslim|christian|jewish"),
    "Health": ("ill", "disab|handicap|behinder|health|sick|pregnan"),
    "Family": ("families", "single|couple|married|divorc|widow|famil"),
    "Work and welfare": ("jobless", "unemploy|welfare"),
}
_PATTERNS = {name: re.compile(rf"(?<![a-z])(?:(?:{whole})(?![a-z])|{stems})") for name, (whole, stems) in _SAID.items()}
PERSON = tuple(_PATTERNS)


def of(*, word: str) -> str:
    """Return which of PERSON a word or name tells, "" for none."""
    said = word.lower().replace("_", " ")
    return next((name for name, pattern in _PATTERNS.items() if pattern.search(said)), "")
