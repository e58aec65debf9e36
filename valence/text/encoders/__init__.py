"""Encoders: sentences become vectors. A kind is a module; whatever stores a vector stores the encoder's name with it.

A kind has NAME (told to people and kept with vectors), DIMENSIONS, and `load()`, which returns an Encoder and raises
EncoderMissing where its package is not installed. No encoder downloads anything.
"""

from __future__ import annotations

from types import ModuleType

from valence.text.encoders import e5, usem3
from valence.text.encoders.encoding import Encoder, EncoderMissing, Remembering, Vectors

KINDS: dict[str, ModuleType] = {"usem3": usem3, "e5": e5}
OF_PATH = {"fast": ("usem3",), "precise": ("usem3", "e5")}
"""The encoders that a path reads with, the first one for clauses."""


def load(*, kind: str) -> Encoder:
    """Return an encoder of a kind that remembers what it encoded in this run. Raises EncoderMissing."""
    return Remembering(KINDS[kind].load())


def of_path(*, path: str) -> tuple[Encoder, ...]:
    """Return the encoders of a path ("fast", "precise"). Raises EncoderMissing."""
    return tuple(load(kind=kind) for kind in OF_PATH[path])


__all__ = ["KINDS", "OF_PATH", "Encoder", "EncoderMissing", "Remembering", "Vectors", "load", "of_path"]
