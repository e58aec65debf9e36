"""Industry packs as data: kinds, departments, facts, marks, pairs and link rules, and how they are said in English."""

from __future__ import annotations

from valence.packs.loading import load, names
from valence.packs.pack import (
    LinkRule,
    Pack,
    PackError,
    PackMark,
    Pair,
    Role,
    Shape,
    Side,
    Sign,
    capital,
    has_token,
    plain_word,
    spaced,
)

__all__ = [
    "LinkRule",
    "Pack",
    "PackError",
    "PackMark",
    "Pair",
    "Role",
    "Shape",
    "Side",
    "Sign",
    "capital",
    "has_token",
    "load",
    "names",
    "plain_word",
    "spaced",
]
