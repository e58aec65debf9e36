"""Themes without learning: the words of a taxonomy, and likeness to its examples, as scores a label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from valence.packs import taxonomy
from valence.text import encoders, keywords, vowels
from valence.text.annotation import CANNOT_TELL
from valence.text.heads import material

TELL_FROM = 0.5
SURE_MISS, HINT_MISS = 0.3, 0.75
"""A keyword is beside the point three times in ten, a hint three times in four."""
LIKE_FROM, LIKE_FULL, LIKE_MOST = 0.35, 0.75, 0.6
"""Likeness to an example: nothing below the first cosine, all of LIKE_MOST from the second."""
REST = 0.55


@dataclass(frozen=True)
class Ruled:
    """What a taxonomy says of each label. `themes`: per label the themes it stands for; `rest`: labels of what is left.

    `examples`: vectors of all themes' examples by the encoder, with the theme of each.
    """

    labels: tuple[str, ...]
    themes: tuple[frozenset[str], ...]
    rest: tuple[bool, ...]
    matcher: keywords.Matcher
    encoder: encoders.Encoder
    examples: NDArray[np.float32]
    example_themes: tuple[str, ...]
    name: str

    def scores(
        self,
        *,
        texts: Sequence[str],
        languages: Sequence[str] = (),
        vectors: NDArray[np.float32] | None = None,
        hits: Sequence[Sequence[keywords.Hit]] = (),
    ) -> material.Matrix:
        """Return, for every text, by words for each label and then by likeness for each label: [n, 2 * labels]."""
        spoken = languages or [CANNOT_TELL] * len(texts)
        texts = [vowels.without(text=text) for text in texts]
        found = hits or [self.matcher.find(text=text, language=code) for text, code in zip(texts, spoken, strict=True)]
        by_words = np.array([self._by_words(one) for one in found], dtype=np.float32)
        near = self.encoder.encode(texts) if vectors is None else vectors
        alike = near @ self.examples.T if len(self.examples) else np.zeros((len(texts), 0), dtype=np.float32)
        by_likeness = np.column_stack([self._by_likeness(alike, themes) for themes in self.themes])
        return np.hstack([by_words.reshape(len(texts), -1), by_likeness]).astype(np.float32)

    def chances(self, *, given: material.Matrix) -> NDArray[np.float64]:
        """Return the chance of each label from scores alone: [n, labels]. What is left goes to the rest."""
        count = len(self.labels)
        by_words, by_likeness = given[:, :count], given[:, count:]
        chances: NDArray[np.float64] = 1 - (1 - by_words.astype(float)) * (1 - by_likeness.astype(float))
        for at, is_rest in enumerate(self.rest):
            if is_rest:
                others = [other for other in range(count) if not self.rest[other]]
                nothing = chances[:, others].max(axis=1, initial=0) < TELL_FROM
                chances[:, at] = np.where(nothing, REST, np.minimum(chances[:, at], REST / 2))
        return chances

    def _by_words(self, hits: Sequence[keywords.Hit]) -> list[float]:
        """Return 1 - the chance that every word found for a label is beside the point; the same word counts once."""
        row = []
        for themes in self.themes:
            found = {(hit.span, hit.sure) for hit in hits if hit.theme in themes}
            missed = 1.0
            for _, sure in found:
                missed *= SURE_MISS if sure else HINT_MISS
            row.append(1 - missed)
        return row

    def _by_likeness(self, alike: NDArray[np.float32], themes: frozenset[str]) -> NDArray[np.float64]:
        own = [at for at, theme in enumerate(self.example_themes) if theme in themes]
        if not own:
            return np.zeros(len(alike))
        best = alike[:, own].max(axis=1)
        return np.asarray(LIKE_MOST * np.clip((best - LIKE_FROM) / (LIKE_FULL - LIKE_FROM), 0, 1))


def of(*, themes: taxonomy.Taxonomy, encoder: encoders.Encoder) -> Ruled:
    """Return the scores of a taxonomy, a label a theme."""
    names = {theme.name: frozenset({theme.name}) for theme in themes.themes}
    return _ruled(themes=themes, names=names, encoder=encoder)


def for_labels(*, labels: Sequence[str], pack: str, encoder: encoders.Encoder) -> Ruled | None:
    """Return the scores of other people's labels by the pack that knows them, None where none does.

    Without a pack's name, the one is taken that knows most of the labels, if it knows more than half.
    """
    for name in [pack] if pack else sorted(taxonomy.industries(), key=lambda one: -_known(one, labels)):
        if pack or _known(name, labels) * 2 > len(labels):
            held = taxonomy.load(name=name)
            return _ruled(themes=held, names={label: _meant(held, label) for label in labels}, encoder=encoder)
        break
    return None


def full(*, ruled: Ruled) -> Ruled:
    """Return the scores of every theme of the pack: what else a text speaks of also tells which labels it carries."""
    names = tuple(dict.fromkeys(ruled.example_themes))
    themes = tuple(frozenset({name}) for name in names)
    return replace(ruled, labels=names, themes=themes, rest=(False,) * len(names))


def _known(pack: str, labels: Sequence[str]) -> int:
    held = taxonomy.load(name=pack)
    return sum(bool(_meant(held, label)) for label in labels)


def _meant(held: taxonomy.Taxonomy, label: str) -> frozenset[str]:
    plain = label.strip().lower()
    return frozenset(theme.name for theme in held.themes if plain == theme.name or plain in theme.also)


def _ruled(*, themes: taxonomy.Taxonomy, names: Mapping[str, frozenset[str]], encoder: encoders.Encoder) -> Ruled:
    examples = [(text, theme.name) for theme in themes.themes for said in theme.examples.values() for text in said]
    rest = {theme.name for theme in themes.themes if theme.rest}
    return Ruled(
        labels=tuple(names),
        themes=tuple(names.values()),
        rest=tuple(bool(meant & rest) for meant in names.values()),
        matcher=keywords.of(themes=themes.themes),
        encoder=encoder,
        examples=encoder.encode([text for text, _ in examples]),
        example_themes=tuple(theme for _, theme in examples),
        name=f"words and examples, {themes.name} {themes.version}",
    )
