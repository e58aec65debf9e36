"""The phrases of a file of words by language, looked up as themes are (text/keywords.py)."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from valence.packs import taxonomy
from valence.text import keywords

FOLDER = Path(__file__).parent


@cache
def wishes() -> keywords.Matcher:
    """Return the matcher of wishes.toml; a hit's `theme` is the wish."""
    table = tomllib.loads((FOLDER / "wishes.toml").read_text(encoding="utf-8"))
    return keywords.of(themes=[_theme(wish, parts["sure"]) for wish, parts in table.items()])


@cache
def listed(*, file: str) -> keywords.Matcher:
    """Return the matcher of a file of tables by language; a hit's `theme` is the table's name."""
    table = tomllib.loads((FOLDER / file).read_text(encoding="utf-8"))
    return keywords.of(themes=[_theme(name, words) for name, words in table.items()])


def _theme(name: str, words: dict[str, list[str]]) -> taxonomy.Theme:
    sure = {language: tuple(listed) for language, listed in words.items()}
    return taxonomy.Theme(name=name, label=name, description="", keywords=sure, hints={}, examples={})
