"""Whole answers that say nothing ("Nothing to add", "k. A."), or that nothing is wrong ("No complaints").

They are known as they are written (blanks.toml): likeness to complaints, full of "no" and "nothing", misleads.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from valence.text import annotation
from valence.text.annotation import Feeling
from valence.text.tone import lexicon

LONGEST = 60
"""Letters of a text that may be such an answer; none is longer."""
SURE = 0.9
VALUE = {Feeling.NEUTRAL: 0.0, Feeling.POSITIVE: 0.5}

_EDGE = re.compile(r"^\W+|\W+$")
_GAP = re.compile(r"[\s,;]+")


def tone(*, text: str) -> annotation.Tone | None:
    """Return the tone of an answer that is nothing but such words, in whatever language; None of any other text."""
    if len(text) > LONGEST:
        return None
    feeling = _known().get(_plain(text))
    if feeling is None:
        return None
    whole = annotation.Span(0, len(text))
    return annotation.Tone(feeling=feeling, value=VALUE[feeling], confidence=SURE, rests_on=(whole,))


@cache
def _known() -> Mapping[str, Feeling]:
    said = tomllib.loads(Path(__file__).with_name("blanks.toml").read_text(encoding="utf-8"))
    return {
        _plain(answer): Feeling(feeling)
        for feeling, languages in said.items()
        for answers in languages.values()
        for answer in answers
    }


def _plain(text: str) -> str:
    return _GAP.sub(" ", _EDGE.sub("", lexicon.folded(text=text)))
