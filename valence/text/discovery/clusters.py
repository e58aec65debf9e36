"""Comments that say the same in other words, gathered by meaning: proposals for themes, each with quotes and words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from valence.text import keywords, language

LEAST_SIZE = 5
LEAST_COHESION = 0.25
MOST = 40
QUOTES = 3
WORDS = 5
_WORD = re.compile(r"[^\W\d_]{3,}")

Vectors = NDArray[np.float32]


@dataclass(frozen=True)
class Cluster:
    """Comments of one meaning. Numbers are positions in the texts that were given.

    quotes: the one in the middle first, then others unlike it and each other. words: what is said here more than
    elsewhere. cohesion: mean likeness to the middle, 0..1.
    """

    members: tuple[int, ...]
    quotes: tuple[int, ...]
    words: tuple[str, ...]
    cohesion: float


def clusters(*, texts: Sequence[str], vectors: Vectors, seed: int, most: int = MOST) -> tuple[Cluster, ...]:
    """Return clusters of comments, largest first; what is like nothing else is in none.

    vectors: one row a text, from any encoder. Fewer than twice LEAST_SIZE texts give none.
    """
    if len(texts) < 2 * LEAST_SIZE:
        return ()
    from sklearn.cluster import KMeans  # loading it takes a second

    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    count = int(min(most, max(2, round((len(texts) / 4) ** 0.5))))
    labels = KMeans(n_clusters=count, n_init=3, random_state=seed).fit_predict(unit)
    spoken = [{word for word in _WORD.findall(keywords.folded(text)) if not language.is_small(word)} for text in texts]
    elsewhere = Counter(word for words in spoken for word in words)
    found = [_cluster(np.flatnonzero(labels == label), unit, spoken, elsewhere) for label in range(count)]
    kept = [one for one in found if len(one.members) >= LEAST_SIZE and one.cohesion >= LEAST_COHESION]
    return tuple(sorted(kept, key=lambda one: -len(one.members)))


def quotes_of(*, vectors: Vectors, count: int = QUOTES) -> tuple[int, ...]:
    """Return rows that stand for all: the one nearest to the middle, then those most unlike the ones chosen before.

    Of the outer half none is chosen: a stray comment stands for nobody.
    """
    if not len(vectors):
        return ()
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    near = unit @ (unit.mean(axis=0) / max(float(np.linalg.norm(unit.mean(axis=0))), 1e-9))
    usable = near >= np.sort(near)[-min(len(near), max(count, len(near) // 2))]
    chosen = [int(near.argmax())]
    while len(chosen) < min(count, int(usable.sum())):
        likeness = (unit @ unit[chosen].T).max(axis=1)
        likeness[~usable] = np.inf
        likeness[chosen] = np.inf
        if not np.isfinite(likeness.min()):
            break
        chosen.append(int(likeness.argmin()))
    return tuple(chosen)


def _cluster(rows: NDArray[np.intp], unit: Vectors, spoken: Sequence[set[str]], elsewhere: Counter[str]) -> Cluster:
    members = tuple(int(row) for row in rows)
    if not members:
        return Cluster(members=(), quotes=(), words=(), cohesion=0.0)
    middle = unit[rows].mean(axis=0)
    cohesion = float((unit[rows] @ middle).mean() / max(float(np.linalg.norm(middle)), 1e-9))
    quotes = tuple(members[place] for place in quotes_of(vectors=unit[rows]))
    return Cluster(members=members, quotes=quotes, words=_words(members, spoken, elsewhere), cohesion=cohesion)


def _words(members: Sequence[int], spoken: Sequence[set[str]], elsewhere: Counter[str]) -> tuple[str, ...]:
    """Return the words said here more than elsewhere: by the log-odds of a comment of the cluster to hold them."""
    here = Counter(word for member in members for word in spoken[member])
    inside, outside = len(members), max(1, len(spoken) - len(members))
    scores = {
        word: np.log((count + 0.5) / (inside + 1)) - np.log((elsewhere[word] - count + 0.5) / (outside + 1))
        for word, count in here.items()
        if count >= max(2, inside // 10)
    }
    weighted = sorted(scores, key=lambda word: (-scores[word] * here[word] ** 0.5, word))
    return tuple(word for word in weighted if scores[word] > 0)[:WORDS]
