"""What mails to members of staff say, in their language. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

FILE = Path(__file__).with_suffix(".toml")
OTHERWISE = "en"
# What each language calls itself, for those who choose one.
NAMES: Mapping[str, str] = {"en": "English", "de": "Deutsch", "fr": "Français", "es": "Español", "ar": "العربية"}


@lru_cache(maxsize=1)
def all_words() -> Mapping[str, Mapping[str, str]]:
    """Return the words by language and name."""
    words: Mapping[str, Mapping[str, str]] = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return words


def spoken(*, language: str) -> str:
    """Return the language in which somebody is written to: theirs, else its base, else English."""
    known = all_words()
    return next((tag for tag in (language, language.split("-")[0]) if tag in known), OTHERWISE)


def of(*, language: str) -> Mapping[str, str]:
    """Return the words in a language: its own, else its base's, else English."""
    return all_words()[spoken(language=language)]
