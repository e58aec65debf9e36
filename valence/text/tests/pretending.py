"""An encoder for tests: words as random directions that are always the same, so that like texts are near each other.

And a reader that reads with it, quick to make.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np

from valence.packs import taxonomy
from valence.text import encoders, pipeline
from valence.text.encoders import Vectors
from valence.text.heads import head, material
from valence.text.tone import reading, telling

DIMENSIONS = 24


class Pretended:
    """Sums a direction per word; counts what it encoded."""

    name = "pretended"
    dimensions = DIMENSIONS

    def __init__(self) -> None:
        self.seen: list[str] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.seen.extend(texts)
        rows = np.array([sum(map(_direction, text.lower().split()), np.zeros(DIMENSIONS)) for text in texts])
        rows = rows.reshape(-1, DIMENSIONS) + 1e-3
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def _direction(word: str) -> np.ndarray:
    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "big")
    return np.random.default_rng(seed).normal(size=DIMENSIONS)


def reader(*, pack: str, said: Mapping[str, Sequence[str]]) -> pipeline.Reader:
    """Return a reader of a pack with an encoder of words and a tone head that learned `said`: a tone's sentences."""
    encoder = encoders.Remembering(Pretended())
    texts = [text for each in said.values() for text in each]
    truth = np.array(
        [[tone == label for label in telling.LABELS] for tone, each in said.items() for _ in each], dtype=int
    )
    signs = reading.features(readings=[reading.read(text=text, language="en") for text in texts])
    tone = head.learn(
        stuff=material.of(texts=texts, vectors=[encoder.encode(texts)], signs=signs),
        truth=truth,
        labels=telling.LABELS,
        one=True,
        encoders=(encoder.name,),
    )
    return pipeline.reader(pack=taxonomy.load(name=pack), readers=(encoder,), tone=tone)
