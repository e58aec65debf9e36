"""What mails, text messages, the widget and their pages say themselves, in the reader's language. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

FILE = Path(__file__).with_suffix(".toml")
OTHERWISE = "en"


@lru_cache(maxsize=1)
def all_words() -> Mapping[str, Mapping[str, str]]:
    """Return the words by language and name."""
    words: Mapping[str, Mapping[str, str]] = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return words


def of(*, language: str) -> Mapping[str, str]:
    """Return the words in a language: its own, else its base's, else English."""
    known = all_words()
    return known.get(language) or known.get(language.split("-")[0]) or known[OTHERWISE]
