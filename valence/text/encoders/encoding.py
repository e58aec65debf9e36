"""The contract of an encoder, and a memory in front of one."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]

BATCH = 64
LONGEST = 1_600
"""Characters of a text that are read: a longer one is read at its beginning and its end."""
REMEMBERED = 20_000


class EncoderMissing(RuntimeError):  # noqa: N818  said to people as it is
    """The package with the encoder's weights is not installed. Says what to install."""


class Encoder(Protocol):
    """Turns texts into vectors of length 1: float32 [texts, dimensions]. `name` is stored with every vector."""

    name: str
    dimensions: int

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return a vector a text, in order."""
        ...


class Remembering:
    """An encoder that encodes each text once while it is remembered (the last REMEMBERED texts, by hash)."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._known: OrderedDict[bytes, NDArray[np.float32]] = OrderedDict()
        self._lock = threading.Lock()
        self.name = encoder.name
        self.dimensions = encoder.dimensions

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return a vector a text, in order; texts that were just seen cost nothing."""
        shown = [readable(text=text) for text in texts]
        keys = [hashlib.blake2b(text.encode(), digest_size=16).digest() for text in shown]
        with self._lock:
            new = {key: text for key, text in zip(keys, shown, strict=True) if key not in self._known}
            fresh = dict(zip(new, in_batches(encoder=self._encoder, texts=list(new.values())), strict=True))
            found = [fresh[key] if key in fresh else self._known[key] for key in keys]
            self._known.update(fresh)
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return np.array(found, dtype=np.float32).reshape(len(texts), self.dimensions)


def readable(*, text: str) -> str:
    """Return what an encoder is shown: no control characters, never empty, long texts by beginning and end."""
    if len(text) > LONGEST:
        text = f"{text[: LONGEST * 3 // 4]} {text[-LONGEST // 4 :]}"
    if text.isprintable():
        return text.strip() or "."
    clean = "".join(letter if letter >= " " else " " for letter in text)
    return clean.encode("utf-8", "replace").decode().strip() or "."


def in_batches(*, encoder: Encoder, texts: Sequence[str]) -> Vectors:
    """Encode texts of like length together: a batch costs as much as its longest text."""
    order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
    found = np.zeros((len(texts), encoder.dimensions), dtype=np.float32)
    for start in range(0, len(order), BATCH):
        places = order[start : start + BATCH]
        found[places] = encoder.encode([texts[at] for at in places])
    return found
