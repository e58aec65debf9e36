"""Pieces counted word by word are those that scikit-learn counts."""

from __future__ import annotations

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from valence.text.heads import pieces, words

TEXTS = [
    "the bill is the bill",
    "a",
    "",
    "  ",
    "ab abc abcd abcde abcdef",
    "الفاتورة عالية جدا",
    "bill\tbill\nis 12 !?",
]


def test_pieces_are_weighed_as_by_scikit_learn_and_again_from_memory() -> None:
    plain = TfidfVectorizer(**words._KINDS["piece"], lowercase=False, sublinear_tf=True, dtype=np.float32)
    wanted = plain.fit(TEXTS).transform([*TEXTS, "never seen billing"]).toarray()
    quick = pieces.Pieces(known=plain.vocabulary_, rarity=plain.idf_)
    for _ in range(2):
        assert np.allclose(quick.of([*TEXTS, "never seen billing"]).toarray(), wanted, atol=1e-5)
