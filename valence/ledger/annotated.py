"""What was read in a text as it is kept: the reading, its place by meaning, and what a person put right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import msgspec
import numpy as np
from numpy.typing import NDArray

from valence.terms import Interaction
from valence.text import intents
from valence.text.annotation import Annotation, Feeling, IntentFound, ThemeFound, Tone, Wish

THEMES, TONE, INTENTS = "themes", "tone", "intents"
PARTS = (THEMES, TONE, INTENTS)
BY_A_PERSON = "a person"
HANDED_ON = "handed_on"
VALUES = {Feeling.POSITIVE: 1.0, Feeling.NEGATIVE: -1.0}

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Annotation).decode


@dataclass(frozen=True)
class Annotated:
    """A text that was read. `row_hash`: of source and id; `vector` (d,): int8 by the encoder of this name."""

    row_hash: bytes
    interaction: Interaction
    text: str
    found: Annotation
    encoder: str
    vector: bytes


@dataclass(frozen=True)
class Said:
    """What a person says is right of one part; `said` has labels with `|` between, themes perhaps with their tone."""

    part: str
    said: str


@dataclass(frozen=True)
class Named:
    """A theme, intent, promise or person of a text as it is counted: a row of the table of mentions."""

    part: str
    name: str
    tone: str
    tone_value: float
    confidence: float
    about: str = ""


def packed(found: Annotation) -> bytes:
    """Return a reading as it is kept."""
    return _encode(found)


def unpacked(kept: bytes) -> Annotation:
    """Return a reading from what was kept."""
    return _decode(bytes(kept))


def small(vector: NDArray[np.float32]) -> bytes:
    """Return a vector as whole numbers of one byte each: its direction is what counts."""
    largest = float(np.abs(vector).max()) or 1.0
    return np.round(vector / largest * 127).astype(np.int8).tobytes()


def names_in(found: Annotation) -> Iterator[Named]:
    """Yield what is counted of a reading."""
    for theme in found.themes:
        yield Named("theme", theme.name, theme.tone.feeling.value, theme.tone.value, theme.confidence)
    for intent in found.intents:
        yield Named("intent", intent.wish.value, "", 0.0, intent.confidence, intent.about)
    for emotion in found.emotions:
        yield Named("emotion", emotion.emotion.value, "", 0.0, emotion.confidence)
    for promise in found.promises:
        yield Named("promise", "broken" if promise.said_broken else "made", "", 0.0, promise.confidence)
    for person in found.story.people:
        yield Named("person", person.role, person.feeling.value, 0.0, 1.0, person.department)
    if found.story.handed_on:
        yield Named("person", HANDED_ON, "", 0.0, 1.0)


def said_of(found: Annotation, *, part: str) -> str:
    """Return the labels of one part of a reading, as a correction writes them."""
    if part == TONE:
        return found.tone.feeling.value
    if part == INTENTS:
        return "|".join(sorted({one.wish.value for one in found.intents}))
    return "|".join(sorted(f"{one.name}:{one.tone.feeling.value}" for one in found.themes))


def put_right(found: Annotation, said: Sequence[Said]) -> Annotation:
    """Return a reading in which the parts that a person corrected say what the person said."""
    for one in said:
        if one.part == TONE:
            fitting = intents.fitting(found=found.intents, feeling=Feeling(one.said))
            found = replace(found, tone=_toned(found.tone, one.said), intents=fitting)
            found = replace(found, models=replace(found.models, tone=BY_A_PERSON))
        elif one.part == THEMES:
            themes = tuple(_theme(found, label) for label in _labels(one.said))
            found = replace(found, themes=themes, models=replace(found.models, themes=BY_A_PERSON))
        elif one.part == INTENTS:
            meant = tuple(_intent(found, label) for label in _labels(one.said))
            found = replace(found, intents=meant, models=replace(found.models, intents=BY_A_PERSON))
    return found


def _labels(said: str) -> list[str]:
    return [label for label in said.split("|") if label]


def _toned(tone: Tone, said: str) -> Tone:
    feeling = Feeling(said)
    return Tone(feeling=feeling, value=VALUES.get(feeling, 0.0), confidence=1.0, rests_on=tone.rests_on)


def _theme(found: Annotation, label: str) -> ThemeFound:
    name, _, tone = label.partition(":")
    known = next((one for one in found.themes if one.name == name), None)
    before = known.tone if known else found.tone
    after = _toned(before, tone) if tone and tone != before.feeling.value else before
    if known is not None:
        return replace(known, confidence=1.0, tone=after)
    return ThemeFound(name=name, confidence=1.0, tone=after, clauses=tuple(range(len(found.clauses))), rests_on=())


def _intent(found: Annotation, label: str) -> IntentFound:
    known = next((one for one in found.intents if one.wish == label), None)
    return replace(known, confidence=1.0) if known else IntentFound(wish=Wish(label), confidence=1.0, rests_on=())
