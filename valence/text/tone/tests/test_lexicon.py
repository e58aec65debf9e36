from __future__ import annotations

import pytest

from valence.text import annotation
from valence.text.tone import lexicon, reading


def _balance(text: str, language: str = "en") -> float:
    return reading.read(text=text, language=language).balance()


@pytest.mark.parametrize(
    ("language", "good", "bad"),
    [
        ("en", "Wonderful service, very friendly", "Terrible service, so rude"),
        ("de", "Sehr freundlich und hilfsbereit", "Furchtbar, der Techniker war unfreundlich"),
        ("fr", "Un accueil chaleureux, c'était délicieux", "Service désagréable et sale"),
        ("es", "Excelente trato, muy amable", "Pésimo servicio, una estafa"),
        ("ar", "الخدمة ممتازة والطعام لذيذ", "خدمة سيئة جدا"),
        ("fi", "👍 😍", "😡 :("),
    ],
)
def test_good_and_bad_are_told_apart(language: str, good: str, bad: str) -> None:
    assert _balance(good, language) > 0.3
    assert _balance(bad, language) < -0.3


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The food was not good"),
        ("en", "I don't recommend it"),
        ("de", "Das war nicht gut"),
        ("fr", "Ce n'était pas bon"),
        ("es", "no es bueno"),
    ],
)
def test_a_negation_turns_what_follows_round(language: str, text: str) -> None:
    assert _balance(text, language) < 0


def test_stronger_and_weaker_words_shift_what_follows() -> None:
    assert _balance("very good") > _balance("good") > _balance("somewhat good") > 0


def test_phrases_count_as_one() -> None:
    assert _balance("not bad at all") > 0
    assert _balance("not worth it") < 0


def test_what_comes_after_but_is_seen_apart() -> None:
    row = dict(zip(reading.NAMES, _features("The food was great but the waiter was rude"), strict=True))
    assert row["balance after turn"] < 0 < row["good"]
    assert row["turns"] > 0


def _features(text: str) -> list[float]:
    found = reading.features(readings=[reading.read(text=text, language="en")])
    assert found.shape == (1, len(reading.NAMES))
    return [float(one) for one in found[0]]


def test_places_are_those_of_the_text() -> None:
    text = "İyi DEĞİL but GREAT food 😍"
    felt = reading.read(text=text, language="en").felt
    assert [one.span.of(text) for one in felt] == ["GREAT", "😍"]


def test_a_part_of_the_text_has_a_balance_of_its_own() -> None:
    text = "great food, rude waiter"
    found = reading.read(text=text, language="en")
    assert found.balance(span=annotation.Span(0, 10)) > 0 > found.balance(span=annotation.Span(11, 23))


@pytest.mark.parametrize("text", ["", "   ", "=SUM(A1)", "<b>", "😀" * 100_000, "x" * 1_000_000, "a\x00b"])
def test_any_text_can_be_read(text: str) -> None:
    row = _features(text)
    assert all(-2 <= one <= 2 for one in row)


@pytest.mark.parametrize("language", lexicon.languages())
def test_no_word_is_both_good_and_bad(language: str) -> None:
    held = lexicon.load(language=language)
    assert len(held.words) + len(held.stems) > 200
    assert held.negations
    assert held.turns
    assert not held.negations & {word for word, strength in held.words.items() if strength > 0}


@pytest.mark.parametrize("text", ["Straße", "ΑΣ", "İstanbul", "أهلاً", "ﬁne"])
def test_folding_keeps_the_length(text: str) -> None:
    assert len(lexicon.folded(text=text)) == len(text)
