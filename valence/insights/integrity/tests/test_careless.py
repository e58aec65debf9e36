"""One answer alone: what speaks against its having been given with care."""

from __future__ import annotations

import pytest

from valence.insights.integrity.careless import Doubt, doubts


@pytest.mark.parametrize(
    ("seconds", "is_straight", "words", "found"),
    [
        (None, False, "x" * 500, ()),
        (1.2, False, "", (Doubt.UNREAD,)),
        (20.0, False, "It took a while, then it was fine.", ()),
        (5.0, False, "x" * 100, (Doubt.FASTER_THAN_TYPED,)),
        (30.0, True, "", (Doubt.STRAIGHT,)),
        (1.0, True, "", (Doubt.UNREAD, Doubt.STRAIGHT)),
    ],
)
def test_what_speaks_against_an_answer_is_said(
    seconds: float | None, is_straight: bool, words: str, found: tuple[Doubt, ...]
) -> None:
    assert doubts(seconds=seconds, is_straight=is_straight, words=words) == found
