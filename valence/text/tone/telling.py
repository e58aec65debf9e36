"""The tone of a text, told by the head that Valence comes with: learned at first use from its own sentences."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from valence.packs import taxonomy
from valence.text import annotation, encoders
from valence.text.annotation import Feeling
from valence.text.heads import head, material
from valence.text.tone import reading

LABELS = (Feeling.NEGATIVE, Feeling.NEUTRAL, Feeling.POSITIVE)
CANNOT_TELL_BELOW = 0.45
MIXED_FROM = 0.35
"""Balance of the lexicon, both ways, in different clauses: then a text is of two minds."""
STRONG = 2.0
"""Strength of a word, both ways: then it need not be in different clauses."""
_KNOWN: dict[tuple[str, ...], head.Head] = {}


def shipped(*, readers: Sequence[encoders.Encoder]) -> head.Head:
    """Return the tone head for these encoders, learned once a process from the sentences of all packs.

    All industries are pooled: a head of one industry does worse on another than the lexicon alone.
    """
    names = tuple(reader.name for reader in readers)
    if names not in _KNOWN:
        _KNOWN[names] = _learned(readers=readers, names=names)
    return _KNOWN[names]


def fingerprint() -> str:
    """Return a short name of what the shipped head learns from; it changes with every sentence."""
    said = "\n".join(f"{seed.text}\t{seed.tone}" for seed in _seeds())
    return hashlib.sha256(said.encode()).hexdigest()[:12]


def name_of(told_by: head.Head) -> str:
    """Return how annotations name a head."""
    version = told_by.card.get("version", "")
    return " ".join(["tone", str(told_by.card.get("name", "trained")), str(version)]).strip() + (
        f" ({', '.join(told_by.encoders)})"
    )


def tone_of(
    *, chances: NDArray[np.float64], told: str, felt: reading.Reading, clauses: Sequence[annotation.Clause] = ()
) -> annotation.Tone:
    """Return the tone of a text from the chances of LABELS (in that order) and what the lexicon saw."""
    confidence = float(chances.max())
    if not felt.felt and not felt.words:
        return annotation.Tone()
    words = tuple(one.span for one in sorted(felt.felt, key=lambda one: -abs(one.strength))[:4])
    value = float(chances[2] - chances[0])
    if _two_minds(felt=felt, clauses=clauses):
        return annotation.Tone(feeling=Feeling.MIXED, value=value, confidence=confidence, rests_on=words)
    if confidence < CANNOT_TELL_BELOW:
        return annotation.Tone(confidence=confidence)
    return annotation.Tone(feeling=Feeling(told), value=value, confidence=confidence, rests_on=words)


def _two_minds(*, felt: reading.Reading, clauses: Sequence[annotation.Clause]) -> bool:
    strengths = [one.strength for one in felt.felt]
    if (
        max(strengths, default=0) >= STRONG
        and min(strengths, default=0) <= -STRONG
        and abs(felt.balance()) < MIXED_FROM
    ):
        return True
    balances = [felt.balance(span=clause.span) for clause in clauses]
    return max(balances, default=0) >= MIXED_FROM and min(balances, default=0) <= -MIXED_FROM


@cache
def _seeds() -> tuple[taxonomy.Seed, ...]:
    return tuple(
        seed for name in taxonomy.industries() for seed in taxonomy.seeds(name=name) if seed.tone in set(LABELS)
    )


def _learned(*, readers: Sequence[encoders.Encoder], names: tuple[str, ...]) -> head.Head:
    seeds = _seeds()
    texts = [seed.text for seed in seeds]
    readings = [reading.read(text=seed.text, language=seed.language) for seed in seeds]
    taught = head.learn(
        stuff=material.of(
            texts=texts,
            vectors=[reader.encode(texts) for reader in readers],
            signs=reading.features(readings=readings),
        ),
        truth=np.array([[seed.tone == label for label in LABELS] for seed in seeds], dtype=int),
        labels=LABELS,
        one=True,
        encoders=names,
    )
    return head.carded(head=taught, name="of Valence", version="1")
