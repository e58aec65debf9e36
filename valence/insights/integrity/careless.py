"""Whether one answer was given with care: what speaks against it, said of it alone. It is never left out for that.

A team's answers are judged together by `kinds/speeders` and `kinds/straight`; here nothing is known but the answer.
"""

from __future__ import annotations

from enum import StrEnum

READING = 2.0
LETTERS_A_SECOND = 12.0
"""Faster than this nobody types for long: the fastest of 168,000 typists wrote about ten letters a second."""


class Doubt(StrEnum):
    """What speaks against an answer, in words."""

    UNREAD = "given within two seconds: too fast to have read the question"
    FASTER_THAN_TYPED = "more words than anybody types in that time"
    STRAIGHT = "the same answer in every row"


def doubts(*, seconds: float | None, is_straight: bool, words: str) -> tuple[Doubt, ...]:
    """Return what speaks against an answer that took so many seconds (None: not known) and says so many words."""
    found = []
    if seconds is not None and seconds < READING:
        found.append(Doubt.UNREAD)
    elif seconds is not None and len(words) > LETTERS_A_SECOND * seconds:
        found.append(Doubt.FASTER_THAN_TYPED)
    if is_straight:
        found.append(Doubt.STRAIGHT)
    return tuple(found)
