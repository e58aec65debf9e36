from __future__ import annotations

import pytest

from valence.text import vowels
from valence.text.annotation import Clause, Span, Tone

WRITTEN = "الخدمة سيّئة جدًا"


def test_places_are_those_of_the_text_as_it_was_written() -> None:
    plain = vowels.without(text=WRITTEN)
    assert plain == "الخدمة سيئة جدا"
    at = plain.index("سيئة")
    tone = vowels.put_back(found=Tone(rests_on=(Span(at, at + 4),)), text=WRITTEN)
    assert [span.of(WRITTEN).strip() for span in tone.rests_on] == ["سيّئة"]


@pytest.mark.parametrize("text", [WRITTEN, "ًّ", "ـ", "جمـــيل", "شكراً", "ّشكرا", ""])
def test_the_whole_stays_the_whole(text: str) -> None:
    whole = Clause(Span(0, len(vowels.without(text=text))), sentence=0)
    moved = vowels.put_back(found=whole, text=text).span
    assert moved.end == len(text)
    assert moved.start in (0, len(text))


def test_what_has_no_signs_is_left_as_it_is() -> None:
    tone = Tone(rests_on=(Span(0, 4),))
    assert vowels.put_back(found=tone, text="good") is tone
    assert vowels.put_back(found=tone, text="جيد جدا") is tone
