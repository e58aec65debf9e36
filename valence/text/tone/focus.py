"""What of a text speaks of a theme: its clauses weighed by the theme's words and by likeness to the theme.

A tone head for themes reads pairs of a text and a theme: the clauses that speak of the theme, and the whole beside.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from valence.text import annotation, encoders
from valence.text.heads import material
from valence.text.tone import reading

NAMED, OTHERS_NAMED, ALIKE, SHARPNESS = 1.5, 0.7, 6.0, 2.0
REACH, FAR, BEYOND, NEARER_ANOTHER = 25.0, 60, 200, 0.3
"""Letters over which a feeling fades from a theme's word; how far it lies where the theme is not named; what is left of
one that stands nearer to a word of another theme."""
IN_FOCUS = 0.2
"""A clause of this weight or more is among the words that a theme's tone rests on."""


@dataclass(frozen=True)
class Parts:
    """The clauses of many texts, encoded once: `starts[i]` is where those of text i begin in `vectors`, `signs`.

    `vectors`: one matrix [clauses, d] an encoder; `signs`: [clauses, s] of the lexicon.
    """

    texts: tuple[str, ...]
    clauses: tuple[tuple[annotation.Clause, ...], ...]
    starts: NDArray[np.intp]
    vectors: tuple[material.Matrix, ...]
    signs: material.Matrix

    def of(self, *, text: int) -> slice:
        """Return the rows of a text's clauses."""
        return slice(int(self.starts[text]), int(self.starts[text + 1]))


@dataclass(frozen=True)
class Focus:
    """The weights of a text's clauses for one theme, summing to 1."""

    text: int
    theme: int
    weights: NDArray[np.float64]

    def clauses(self) -> tuple[int, ...]:
        """Return the clauses that speak of the theme, heaviest or not, in order."""
        return tuple(int(at) for at in np.flatnonzero(self.weights >= min(IN_FOCUS, self.weights.max())))


def parts(
    *,
    texts: Sequence[str],
    clauses: Sequence[tuple[annotation.Clause, ...]],
    languages: Sequence[str],
    readers: Sequence[encoders.Encoder],
    whole: Sequence[material.Matrix],
) -> Parts:
    """Return the clauses of texts, encoded. `whole`: the texts' own vectors, used where a text is one clause."""
    flat = [(at, clause.span.of(text)) for at, text in enumerate(texts) for clause in clauses[at]]
    counts = np.array([len(found) for found in clauses], dtype=int)
    single = counts == 1
    vectors = []
    for reader, known in zip(readers, whole, strict=True):
        several = [said for at, said in flat if not single[at]]
        encoded = iter(reader.encode(several))
        rows = [known[at] if single[at] else next(encoded) for at, _ in flat]
        vectors.append(np.array(rows, dtype=np.float32).reshape(len(flat), known.shape[1]))
    felt = [reading.read(text=said, language=languages[at]) for at, said in flat]
    return Parts(
        texts=tuple(texts),
        clauses=tuple(clauses),
        starts=np.concatenate([[0], np.cumsum(counts)]).astype(np.intp),
        vectors=tuple(vectors),
        signs=reading.features(readings=felt),
    )


def feelings_near(
    *, felt: Sequence[reading.Felt], own: Sequence[int], others: Sequence[int]
) -> tuple[float, float, float, float, float, float, float, float]:
    """Return what is felt near the words of a theme: good, bad, balance, best, worst, and which words there are.

    own, others: where words of the theme, and of other themes, begin in the text.
    """
    good = bad = best = worst = 0.0
    for one in felt:
        near = min((abs(one.span.start - at) for at in own), default=FAR)
        another = min((abs(one.span.start - at) for at in others), default=BEYOND)
        strength = one.strength * math.exp(-near / REACH) * (1.0 if near <= another else NEARER_ANOTHER)
        good, bad = good + max(strength, 0.0), bad + max(-strength, 0.0)
        best, worst = max(best, strength), max(worst, -strength)
    total = good - bad
    balance = total / math.sqrt(total * total + 4)
    named = (float(bool(own)), float(bool(others)), float(not felt))
    return (good / (good + 2), bad / (bad + 2), balance, best / 3, worst / 3, *named)


def weights(
    *, named: NDArray[np.float64], others: NDArray[np.float64], alike: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return weights that sum to 1. `named`, `others`: words of this theme and others; `alike`: cosines."""
    pull = NAMED * np.minimum(named, 2) - OTHERS_NAMED * np.minimum(others, 2) + ALIKE * alike
    pulled = np.exp(SHARPNESS * (pull - pull.max()))
    return np.asarray(pulled / pulled.sum())


def stuff_of(
    *,
    focuses: Sequence[Focus],
    parts: Parts,
    whole: material.Material,
    themes: int,
    near: material.Matrix | None = None,
) -> material.Material:
    """Return what a tone head reads of pairs of text and theme: [pairs].

    The words are those of the clauses in focus; vectors and lexicon stand twice, of the focus and of the whole; the
    theme itself stands beside, as one of `themes`. near: [pairs, n] what is felt near the theme's words.
    """
    rows = np.array([focus.text for focus in focuses], dtype=np.intp)
    said, about = [], np.zeros((len(focuses), themes), dtype=np.float32)
    vectors = [np.zeros((len(focuses), one.shape[1]), dtype=np.float32) for one in parts.vectors]
    signs = np.zeros((len(focuses), parts.signs.shape[1]), dtype=np.float32)
    for at, focus in enumerate(focuses):
        there = parts.of(text=focus.text)
        if not len(focus.weights):
            said.append(parts.texts[focus.text])
            continue
        about[at, focus.theme] = 1.0
        for own, known in zip(vectors, parts.vectors, strict=True):
            own[at] = focus.weights @ known[there]
        signs[at] = focus.weights @ parts.signs[there]
        clauses = parts.clauses[focus.text]
        said.append(" ".join(clauses[one].span.of(parts.texts[focus.text]) for one in focus.clauses()))
    return material.Material(
        texts=tuple(said),
        vectors=(*vectors, *(one[rows] for one in whole.vectors)),
        signs=np.hstack([signs, whole.signs[rows], about, *([] if near is None else [near])]),
        given=material.nothing(count=len(focuses)),
    )


@dataclass(frozen=True)
class Pull:
    """Where the themes lie among vectors: what all texts share, and each theme's middle without it (zero: unknown)."""

    shared: NDArray[np.float32]
    middles: NDArray[np.float32]

    def alike(self, *, vectors: material.Matrix) -> NDArray[np.float32]:
        """Return how near each vector is to each theme: [vectors, themes], about -0.3 .. 0.3."""
        return np.asarray((vectors - self.shared) @ self.middles.T)


def likeness(*, vectors: material.Matrix, truth: NDArray[np.int_], known: NDArray[np.intp]) -> Pull:
    """Return where themes lie, from known texts that are about one theme alone (or about it at all, if few are)."""
    rows, given = vectors[known], truth[known].astype(bool)
    shared = rows.mean(axis=0)
    middles = np.zeros((truth.shape[1], vectors.shape[1]), dtype=np.float32)
    alone = given.sum(axis=1) == 1
    for theme in range(truth.shape[1]):
        chosen = given[:, theme] & alone
        chosen = chosen if chosen.sum() >= 3 else given[:, theme]
        if chosen.any():
            middles[theme] = rows[chosen].mean(axis=0) - shared
    return Pull(shared=shared, middles=middles)


def of(*, pairs: Sequence[tuple[int, int]], parts: Parts, named: NDArray[np.float64] | None, pull: Pull) -> list[Focus]:
    """Return the focus of every pair of text and theme. `named`: words of each theme by clause, None: not known."""
    alike = np.zeros((0, len(pull.middles)))
    if len(parts.signs):
        alike = pull.alike(vectors=parts.vectors[0]).astype(float)
    counted = np.zeros(alike.shape) if named is None else named
    found = []
    for text, theme in pairs:
        there = parts.of(text=int(text))
        if there.start == there.stop:
            found.append(Focus(text=int(text), theme=int(theme), weights=np.zeros(0)))
            continue
        own = counted[there, theme]
        held = weights(named=own, others=counted[there].sum(axis=1) - own, alike=alike[there, theme])
        found.append(Focus(text=int(text), theme=int(theme), weights=held))
    return found
