"""Words and pieces of words, weighed by how rare they are (TF-IDF)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from valence.text.heads import pieces
from valence.text.tone import lexicon

if TYPE_CHECKING:
    from sklearn.feature_extraction.text import TfidfVectorizer

LONGEST = 3_000
MOST = 60_000
_KINDS: dict[str, dict[str, Any]] = {
    "word": {"analyzer": "word", "ngram_range": (1, 2), "token_pattern": r"(?u)\b\w+\b|[!?]"},
    "piece": {"analyzer": "char_wb", "ngram_range": (2, 5)},
}
_RAREST = {"word": 2, "piece": 3}
FEW = 600
"""With fewer texts than this a word counts that was seen once."""


@dataclass(frozen=True)
class Words:
    """Two fitted vectorisers: of words and pairs of words, and of pieces of 2 to 5 letters."""

    kinds: Mapping[str, TfidfVectorizer]

    def of(self, texts: Sequence[str]) -> sparse.csr_matrix:
        """Return the weights of words and pieces: [texts, words + pieces], each half of length 1."""
        shown = [_shown(text) for text in texts]
        return sparse.hstack([self.kinds["word"].transform(shown), self._pieces.of(shown)]).tocsr()

    @cached_property
    def _pieces(self) -> pieces.Pieces:
        one = self.kinds["piece"]
        return pieces.Pieces(known=one.vocabulary_, rarity=one.idf_)

    def parts(self) -> dict[str, np.ndarray]:
        """Return what is needed to build these again, as plain arrays."""
        held: dict[str, np.ndarray] = {}
        for name, one in self.kinds.items():
            known = sorted(one.vocabulary_, key=one.vocabulary_.__getitem__)
            held[f"words.{name}"] = np.array("\n".join(known))
            held[f"rarity.{name}"] = np.asarray(one.idf_, dtype=np.float32)
        return held


def learn(*, texts: Sequence[str]) -> Words:
    """Return the vectorisers that these texts ask for."""
    from sklearn.feature_extraction.text import TfidfVectorizer  # loading it takes a second

    shown = [_shown(text) for text in texts]
    fitted = {}
    for name, options in _KINDS.items():
        rarest = 1 if len(texts) < FEW else _RAREST[name]
        one = TfidfVectorizer(
            **options, lowercase=False, sublinear_tf=True, min_df=rarest, max_features=MOST, dtype=np.float32
        )
        fitted[name] = one.fit([*shown, "a word that is always there"] if rarest == 1 else shown)
    return Words(kinds=fitted)


def rebuilt(*, parts: Mapping[str, np.ndarray]) -> Words:
    """Return the vectorisers that `parts` were taken from."""
    from sklearn.feature_extraction.text import TfidfVectorizer  # loading it takes a second

    kinds = {}
    for name, options in _KINDS.items():
        known = str(parts[f"words.{name}"]).split("\n")
        one = TfidfVectorizer(
            **options, lowercase=False, sublinear_tf=True, dtype=np.float32,
            vocabulary={word: at for at, word in enumerate(known)},
        )  # fmt: skip
        one.idf_ = parts[f"rarity.{name}"].astype(np.float32)
        kinds[name] = one
    return Words(kinds=kinds)


def _shown(text: str) -> str:
    return " ".join(lexicon.folded(text=text[:LONGEST]).split())
