"""Words of other systems and languages: what parts of columns' names mean, and what stands in their cells."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

ABOUT = {"kind": "kinds", "reason": "reasons", "department": "departments", "channel": "channels", "facts": "facts"}
"""Which table of the lexicon speaks of what stands in which of our columns."""
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NUMBER_SIGNS = re.compile(r"(?i)\bn\s?[°º]|№|#")


def plain(*, said: str) -> str:
    """Return words as they are compared: lower case, without accents, one space between them."""
    spread = _CAMEL.sub(" ", _NUMBER_SIGNS.sub(" id ", said.strip()))
    apart = unicodedata.normalize("NFKD", spread.casefold().replace("ł", "l").replace("ø", "o"))
    return " ".join(re.findall(r"[a-z0-9]+", "".join(one for one in apart if not unicodedata.combining(one))))


def concepts(*, name: str) -> tuple[frozenset[str], ...]:
    """Return what each word of a column's name may mean; nothing for a word that is not known."""
    words = plain(said=name).split()
    telling = [word for word in words if word not in _glue() and not word.isdigit()] or words
    return tuple(meaning for word in telling for meaning in _meanings(word))


def word_for(*, column: str, said: str) -> str:
    """Return our word for what stands in a cell of one of our columns; "" where the lexicon does not know it."""
    return _by_word(ABOUT[column]).get(plain(said=said), "") if column in ABOUT else ""


def one_of(*, table: str, said: str) -> str:
    """Return which entry of a table (`yes`, `left`, `promises`) a word stands for, else ""."""
    return _by_word(table).get(plain(said=said), "")


def left(*, said: str) -> str:
    """Return how somebody left, `voluntary` or `involuntary`, whatever else the cell says; "" where it does not.

    What nobody chooses goes before: "cancelled because of non payment" is no choice.
    """
    whole = one_of(table="left", said=said)
    return whole or next((kind for kind in ("involuntary", "voluntary") if _names_one(said, "left", kind)), "")


def fact_in(*, said: str) -> str:
    """Return the fact that a cell names, also where it says who did it: "technician did not appear"."""
    named = word_for(column="facts", said=said)
    if named:
        return named
    agents = {word for word, meanings in _names().items() if "agent" in meanings} | _glue()
    return word_for(column="facts", said=" ".join(word for word in plain(said=said).split() if word not in agents))


def _names_one(said: str, table: str, our: str) -> bool:
    """Return whether one of the words for one of ours stands in a cell, as whole words."""
    spaced = f" {plain(said=said)} "
    return any(f" {word} " in spaced for word, meant in _by_word(table).items() if meant == our and word)


@lru_cache(maxsize=2)
def fields(*, record_kind: str) -> Mapping[str, tuple[tuple[frozenset[str], float], ...]]:
    """Return for each of our fields what the words of a name must mean, and how surely the column is then ours."""
    said: Mapping[str, Mapping[str, float]] = _tables()["fields"][record_kind]
    return {
        name: tuple((frozenset(words.split()), sure) for words, sure in ways.items()) for name, ways in said.items()
    }


def _meanings(word: str) -> list[frozenset[str]]:
    known = _names().get(word)
    if known:
        return [known]
    for end in _ends():
        if word.endswith(end) and len(word) > len(end) + 1:
            first = _start(word.removesuffix(end))
            if first:
                return [first, _names().get(end, frozenset())]
    return [_start(word)]


def _start(word: str) -> frozenset[str]:
    """Return what the beginning of a compound means, without the letters that glue it to its end."""
    for end in ("", "s", "en", "n", "e", "er"):
        known = _names().get(word.removesuffix(end)) if word.endswith(end) else None
        if known:
            return known
    return frozenset()


@lru_cache(maxsize=1)
def _tables() -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads((Path(__file__).parent / "lexicon.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def _names() -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for concept, words in _tables()["names"].items():
        for word in words:
            found.setdefault(word, set()).add(concept)
    return {word: frozenset(meanings) for word, meanings in found.items()}


@lru_cache(maxsize=1)
def _glue() -> frozenset[str]:
    return frozenset(_tables()["ends"]["glue"])


@lru_cache(maxsize=1)
def _ends() -> list[str]:
    return sorted(_tables()["ends"]["words"], key=len, reverse=True)


@lru_cache(maxsize=8)
def _by_word(table: str) -> Mapping[str, str]:
    return {plain(said=word): our for our, words in _tables()[table].items() for word in (our, *words)}
