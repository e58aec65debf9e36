"""What a lexicon sees in a text: where feeling is said, how strong, turned round by "not", shifted by "but"."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from valence.text import annotation
from valence.text.tone import lexicon

NEGATION_REACH = 3
TURNED = -0.75
STRONGER, WEAKER = 1.4, 0.6
LONGEST = 5_000
"""Characters that are looked at; feeling is said long before."""

_TOKEN = re.compile(
    r"[^\W\d_]+(?:'[^\W\d_]+)*|[:;=]['-]?[()\[\]dDpP/\\|]+|[()]+[:;=]|<3|\^\^|[!?]|[\u2600-\u27bf\U0001f300-\U0001faff]"
)
_LONG_DRAWN = re.compile(r"(\w)\1{2,}")

NAMES = (
    "good", "bad", "best", "worst", "good words", "bad words", "balance", "balance after turn", "balance at end",
    "turned round", "wished", "turns", "nothing found", "exclamations", "questions", "capitals", "drawn out",
    "good signs", "bad signs", "length",
)  # fmt: skip


@dataclass(frozen=True)
class Felt:
    """A word that carries feeling: where, and how strong after what stands before it."""

    span: annotation.Span
    strength: float
    is_sign: bool
    turned_round: bool


@dataclass(frozen=True)
class Reading:
    """All that the lexicon saw in one text. `turns_at`: where "but" and its like begin; `words`: how many there are."""

    felt: tuple[Felt, ...]
    turns_at: tuple[int, ...]
    words: int
    wishes: int
    exclamations: int
    questions: int
    shape: tuple[float, float, float]
    """Share of capitals, letters drawn out, length (log of words)."""

    def balance(self, *, span: annotation.Span | None = None) -> float:
        """Return -1 .. 1: good against bad, in the whole text or a part of it; 0 where nothing was felt."""
        total = sum(one.strength for one in self.felt if span is None or span.start <= one.span.start < span.end)
        return total / math.sqrt(total * total + 15) if total else 0.0


def read(*, text: str, language: str) -> Reading:
    """Return what the lexicon of a language sees in a text."""
    text = text[:LONGEST]
    held = lexicon.load(language=language)
    small = lexicon.folded(text=text)
    tokens = [(match.start(), match.group()) for match in _TOKEN.finditer(small)]
    phrases = _phrases(held=held, text=small)
    words = [word for _, word in tokens]
    felt = [*phrases, *_felt(held=held, tokens=tokens, taken=[one.span for one in phrases])]
    letters = list(filter(str.isalpha, text[:400]))
    return Reading(
        felt=tuple(sorted(felt, key=lambda one: one.span)),
        turns_at=tuple(at for at, word in tokens if word in held.turns),
        words=sum([word[0].isalpha() for word in words]),
        wishes=sum(map(held.wishes.__contains__, words)),
        exclamations=words.count("!"),
        questions=words.count("?"),
        shape=(
            sum(map(str.isupper, letters)) / max(len(letters), 1),
            float(bool(_LONG_DRAWN.search(small))),
            math.log1p(len(words)),
        ),
    )


def _phrases(*, held: lexicon.Lexicon, text: str) -> list[Felt]:
    if held.phrases is None:
        return []
    return [
        Felt(
            span=annotation.Span(match.start(), match.end()),
            strength=held.phrase_strengths[match.group()],
            is_sign=False,
            turned_round=False,
        )
        for match in held.phrases.finditer(text)
    ]


def _felt(*, held: lexicon.Lexicon, tokens: Sequence[tuple[int, str]], taken: Sequence[annotation.Span]) -> list[Felt]:
    found = []
    for place, (at, word) in enumerate(tokens):
        if word in held.negations and word not in held.words:
            continue
        strength = held.strength(word=word)
        if not strength or any(span.start <= at < span.end for span in taken):
            continue
        before = [earlier for _, earlier in tokens[max(0, place - NEGATION_REACH) : place]]
        turned = any(earlier in held.negations or earlier.endswith("n't") for earlier in before)
        found.append(
            Felt(
                span=annotation.Span(at, at + len(word)),
                strength=strength * _shift(held=held, before=before[-2:]) * (TURNED if turned else 1.0),
                is_sign=not word[0].isalpha(),
                turned_round=turned,
            )
        )
    return found


def _shift(*, held: lexicon.Lexicon, before: Sequence[str]) -> float:
    stronger = any(word in held.stronger for word in before)
    weaker = any(word in held.weaker for word in before)
    return (STRONGER if stronger else 1.0) * (WEAKER if weaker else 1.0)


def features(*, readings: Sequence[Reading]) -> NDArray[np.float32]:
    """Return one row of numbers a reading, in the order of NAMES: [readings, len(NAMES)], each about 0 .. 1."""
    return np.array([_row(reading) for reading in readings], dtype=np.float32).reshape(-1, len(NAMES))


def _row(reading: Reading) -> list[float]:
    strengths = [one.strength for one in reading.felt]
    good = [strength for strength in strengths if strength > 0]
    bad = [-strength for strength in strengths if strength < 0]
    turn = reading.turns_at[-1] if reading.turns_at else -1
    after = [one.strength for one in reading.felt if one.span.start > turn] if turn >= 0 else []
    last = strengths[-2:]
    return [
        _squashed(sum(good)), _squashed(sum(bad)), max(good, default=0) / 4, max(bad, default=0) / 4,
        min(len(good), 5) / 5, min(len(bad), 5) / 5, _signed(sum(strengths)), _signed(sum(after)), _signed(sum(last)),
        float(any(one.turned_round for one in reading.felt)), min(reading.wishes, 2) / 2,
        min(len(reading.turns_at), 2) / 2,
        float(not strengths), min(reading.exclamations, 3) / 3, min(reading.questions, 2) / 2,
        reading.shape[0], reading.shape[1],
        float(any(one.is_sign and one.strength > 0 for one in reading.felt)),
        float(any(one.is_sign and one.strength < 0 for one in reading.felt)),
        reading.shape[2] / 5,
    ]  # fmt: skip


def _squashed(total: float) -> float:
    return total / (total + 4)


def _signed(total: float) -> float:
    return total / math.sqrt(total * total + 15)
