from __future__ import annotations

import pytest

from valence.text.annotation import Emotion
from valence.text.tone import emotions


@pytest.mark.parametrize(
    ("language", "text", "emotion"),
    [
        ("en", "I am furious about this bill", Emotion.ANGER),
        ("de", "Ich bin echt enttäuscht von euch", Emotion.DISAPPOINTMENT),
        ("fr", "Je suis inquiète pour ma fille", Emotion.WORRY),
        ("es", "No entiendo la factura", Emotion.CONFUSION),
        ("en", "I was passed around for an hour, nobody helps", Emotion.HELPLESSNESS),
        ("ar", "سعيد جدا بالخدمة", Emotion.JOY),
        ("de", "Vielen Dank an Ihr Team", Emotion.GRATITUDE),
        ("en", "Finally fixed, what a relief", Emotion.RELIEF),
    ],
)
def test_an_emotion_is_told_with_its_words(language: str, text: str, emotion: Emotion) -> None:
    (found, *_) = [one for one in emotions.read(text=text, language=language) if one.emotion is emotion]
    assert all(span.of(text).strip() for span in found.rests_on)


@pytest.mark.parametrize(("language", "text"), [("en", "I am not happy"), ("de", "Keine Freude"), ("en", "It works.")])
def test_what_is_negated_or_not_said_is_no_emotion(language: str, text: str) -> None:
    assert emotions.read(text=text, language=language) == ()
