"""What people feel beside good or bad: anger, disappointment, worry, confusion, helplessness, joy, gratitude, relief.

By words in five languages (emotions.toml). A word that is negated says nothing ("not happy" is no joy).
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from functools import cache
from pathlib import Path

from valence.packs import taxonomy
from valence.text import keywords
from valence.text.annotation import Emotion, EmotionFound, Span

MODEL = "words of emotion 1"
ONE, MORE = 0.65, 0.85
LOOK_BACK = 24

_NOT = re.compile(
    r"(?:\b(?:not|no|never|n't|cannot|without|nicht|kein|keine|nie|ohne|ne|pas|jamais|sans|sin|nunca|jamás)"
    r"|n['’]t|(?<!\w)(?:لا|لم|لن|ما|ليس|غير|مو|مش))\s+(?:\w+\s+){0,1}$",
    re.IGNORECASE,
)


def read(*, text: str, language: str) -> tuple[EmotionFound, ...]:
    """Return the emotions that a text says, surest first, each with its words."""
    spans: dict[Emotion, list[Span]] = defaultdict(list)
    for hit in _matcher().find(text=text, language=language):
        if not _NOT.search(text, max(0, hit.span.start - LOOK_BACK), hit.span.start):
            spans[Emotion(hit.theme)].append(hit.span)
    found = [
        EmotionFound(emotion=emotion, confidence=MORE if len(set(places)) > 1 else ONE, rests_on=tuple(places))
        for emotion, places in spans.items()
    ]
    return tuple(sorted(found, key=lambda one: (-one.confidence, one.emotion)))


@cache
def _matcher() -> keywords.Matcher:
    table = tomllib.loads(Path(__file__).with_name("emotions.toml").read_text(encoding="utf-8"))
    return keywords.of(
        themes=[
            taxonomy.Theme(
                name=Emotion(name),
                label=name,
                description="",
                keywords={language: tuple(words) for language, words in listed.items()},
                hints={},
                examples={},
            )
            for name, listed in table.items()
        ]
    )
