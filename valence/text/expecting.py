"""What customers say themselves about what they had expected: that it fell short, came as expected, or went beyond."""

from __future__ import annotations

import re
import tomllib
from enum import StrEnum
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_suffix(".toml")
LONGEST = 4_000


class Said(StrEnum):
    """How it was against what was expected, in the customer's own words."""

    BEYOND = "beyond"
    SHORT = "short"
    AS_EXPECTED = "as_expected"


def expected(*, text: str) -> Said | None:
    """Return how it was against what the writer says they expected, None where the text does not speak of it.

    Only set phrases count (en, de, fr, es, it, ar): who merely hopes or waits says nothing.
    """
    low = text[:LONGEST].lower().replace("’", "'")
    return next((said for said, pattern in _patterns() if pattern.search(low)), None)


@cache
def _patterns() -> tuple[tuple[Said, re.Pattern[str]], ...]:
    phrases = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return tuple((said, re.compile(r"\b(?:" + "|".join(phrases[said]) + ")")) for said in Said)
