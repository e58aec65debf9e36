"""Finding texts by what they mean, in whatever language they are written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from valence.flows.read import reading
from valence.ledger.queries import readings
from valence.ledger.queries.readings import Asked, Comment
from valence.terms import Scope
from valence.text import encoders

MOST_COMPARED = 100_000
AT_ONCE = 10_000
ALIKE_FROM = 0.35


@dataclass(frozen=True)
class Alike:
    """A text and how near its meaning is: 1 is the same, ALIKE_FROM the farthest that is shown."""

    comment: Comment
    likeness: float


@dataclass(frozen=True)
class Found:
    """Texts of like meaning, the nearest first. `compared` of `total` were compared: the latest."""

    rows: tuple[Alike, ...]
    compared: int
    total: int


def search(*, words: str, scope: Scope, asked: Asked, limit: int) -> Found:
    """Return the texts whose meaning is nearest to some words. Raises encoders.EncoderMissing."""
    encoder = _encoder(reading.path())
    return _nearest(encoder.encode([words])[0], encoder.name, scope, replace(asked, words=()), limit)


def like(*, comment: Comment, scope: Scope, asked: Asked, limit: int) -> Found:
    """Return other texts that mean what one means. Raises encoders.EncoderMissing."""
    encoder = _encoder(reading.path())
    near = _nearest(encoder.encode([comment.text])[0], encoder.name, scope, asked, limit * 4)
    seen, others = {comment.text.casefold()}, []
    for one in near.rows:
        if one.comment.text.casefold() not in seen:
            seen.add(one.comment.text.casefold())
            others.append(one)
    return replace(near, rows=tuple(others[:limit]))


@lru_cache(maxsize=2)
def _encoder(path: str) -> encoders.Encoder:
    return encoders.load(kind=encoders.OF_PATH[path][0])


def _nearest(vector: encoders.Vectors, encoder: str, scope: Scope, asked: Asked, limit: int) -> Found:
    numbers, vectors, total = readings.meanings(scope=scope, asked=asked, encoder=encoder, limit=MOST_COMPARED)
    likeness = np.empty(len(numbers))
    for start in range(0, len(numbers), AT_ONCE):
        some = vectors[start : start + AT_ONCE].astype(np.float32)
        lengths = np.linalg.norm(some, axis=1)
        likeness[start : start + AT_ONCE] = some @ vector / np.where(lengths, lengths, 1.0)
    best = [place for place in np.argsort(-likeness)[:limit].tolist() if likeness[place] >= ALIKE_FROM]
    shown = readings.of_numbers(scope=scope, numbers=numbers[best].tolist())
    rows = [(int(numbers[place]), float(likeness[place])) for place in best]
    alike = tuple(Alike(shown[number], near) for number, near in rows if number in shown)
    return Found(rows=alike, compared=len(numbers), total=total)
