from __future__ import annotations

import pytest

from valence.packs import taxonomy
from valence.text import keywords

THEMES = (
    taxonomy.Theme(
        name="speed",
        label="Speed",
        description="",
        keywords={
            "en": ("wait*", "half an hour"),
            "de": ("*wartezeit", "spät"),
            "es": ("rápido",),
            "ar": ("انتظار",),
            "zh": ("慢",),
        },
        hints={"en": ("late",)},
        examples={},
    ),
)


@pytest.mark.parametrize(
    ("language", "text", "words"),
    [
        ("en", "We waited half  an hour, WAITING", ["waited", "WAITING"]),
        ("en", "We waited half an hour", ["waited", "half an hour"]),
        ("en", "await", []),
        ("de", "Lange Rekordwartezeit, zu spat", ["Rekordwartezeit", "spat"]),
        ("es", "Muy rapido", ["rapido"]),
        ("ar", "وبالانتظار والإنتظار", ["انتظار", "إنتظار"]),
        ("zh", "服务很慢", ["慢"]),
        ("cannot_tell", "rápido wait", ["rápido", "wait"]),
        ("sw", "wait", ["wait"]),
    ],
)
def test_words_are_found_where_they_stand(language: str, text: str, words: list[str]) -> None:
    hits = keywords.of(themes=THEMES).find(text=text, language=language)
    assert [hit.span.of(text) for hit in hits] == words


def test_a_hint_is_not_sure() -> None:
    (hit,) = keywords.of(themes=THEMES).find(text="too late", language="en")
    assert (hit.theme, hit.sure) == ("speed", False)
