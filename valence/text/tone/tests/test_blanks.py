from __future__ import annotations

import pytest

from valence.text.annotation import Feeling
from valence.text.tone import blanks


@pytest.mark.parametrize("text", ["Nothing to add.", " n/a ", "Rien à signaler !", "k.A.", "Nada más...", "لا شيء"])
def test_an_answer_that_says_nothing_has_no_mood(text: str) -> None:
    tone = blanks.tone(text=text)
    assert tone is not None
    assert tone.feeling == Feeling.NEUTRAL
    assert tone.value == 0.0


@pytest.mark.parametrize(
    "text", ["No complaints!", "Nichts auszusetzen", "Rien à redire.", "Ninguna queja", "لا شكاوى"]
)
def test_an_answer_that_nothing_is_wrong_is_good(text: str) -> None:
    tone = blanks.tone(text=text)
    assert tone is not None
    assert tone.feeling == Feeling.POSITIVE
    assert tone.value > 0


@pytest.mark.parametrize(
    "text", ["Nothing works", "No answer for days", "Thanks for nothing", "", "...", "nothing " * 9]
)
def test_whatever_else_is_said_is_left_to_the_head(text: str) -> None:
    assert blanks.tone(text=text) is None
