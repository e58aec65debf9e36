"""An encoder for tests: words as random directions that are always the same, so that like texts are near each other."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from valence.text.encoders import Vectors

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
