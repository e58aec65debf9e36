"""Arabic vowel signs and drawn-out letters: "سيّئة", "جمـــيل". Few write them, so words are compared without them.

A text is read without the signs; the places of what was found are then those of the text as it was written.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import fields, is_dataclass, replace
from typing import TypeVar

from valence.text.annotation import Span

_SIGNS = re.compile("[\u064b-\u0652\u0670\u0640]")
Found = TypeVar("Found")


def without(*, text: str) -> str:
    """Return the text without the signs."""
    return text if text.isascii() else _SIGNS.sub("", text)


def put_back(*, found: Found, text: str) -> Found:
    """Return what was found in `without(text)`, a frozen dataclass, with its places in the text as it was written."""
    if text.isascii() or not _SIGNS.search(text):
        return found
    places = [at for at, letter in enumerate(text) if not _SIGNS.match(letter)]
    moved: Found = _moved(found, [0, *places[1:], len(text)] if places else [len(text)])
    return moved


def _moved(found: Found, places: Sequence[int]) -> Found:
    """Return the value with every Span in it moved: one begins at its letter, and ends where the next letter begins."""
    if isinstance(found, Span):
        return Span(places[found.start], places[found.end])  # type: ignore[return-value]
    if isinstance(found, tuple):
        return tuple(_moved(one, places) for one in found)  # type: ignore[return-value]
    if is_dataclass(found) and not isinstance(found, type):
        return replace(found, **{one.name: _moved(getattr(found, one.name), places) for one in fields(found)})
    return found
