from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from valence.text import annotation, pipeline, scoring
from valence.text.heads import head, material
from valence.text.tests import pretending
from valence.text.tone import reading

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
SAID = {
    "negative": ["terrible and rude", "awful food", "I hate waiting", "dirty and slow", "never again", "bad wine"],
    "neutral": ["we sat there", "on Monday at two", "the table by the door", "a menu", "it was noon", "two of us"],
    "positive": ["lovely and kind", "great food", "I love it", "clean and quick", "perfect", "good wine"],
}


@pytest.fixture(scope="module")
def reader() -> pipeline.Reader:
    """A reader of the restaurant's pack with an encoder of words and a tone head of eighteen sentences."""
    return pretending.reader(pack="restaurant", said=SAID)


def _read(reader: pipeline.Reader, *texts: str, hints: Sequence[str] = ()) -> list[pipeline.Read]:
    return list(pipeline.annotate(texts=texts, using=reader, now=NOW, hints=hints))


def test_each_theme_has_the_tone_of_its_own_clauses(reader: pipeline.Reader) -> None:
    (read,) = _read(reader, "The food was wonderful but the waiter was rude.")
    tones = {one.name: one.tone.feeling for one in read.annotation.themes}
    assert tones["food"] == annotation.Feeling.POSITIVE
    assert tones["staff"] == annotation.Feeling.NEGATIVE
    assert read.annotation.tone.feeling == annotation.Feeling.MIXED


def test_a_theme_rests_on_words_of_the_text(reader: pipeline.Reader) -> None:
    (read,) = _read(reader, "Lovely evening. The waiter was rude!")
    staff = next(one for one in read.annotation.themes if one.name == "staff")
    assert [span.of(read.text) for span in staff.rests_on] == ["waiter", "rude"]
    assert read.annotation.clauses[staff.clauses[0]].span.of(read.text).startswith("The waiter")
    assert [span.of(read.text) for span in staff.tone.rests_on] == ["rude"]


@pytest.mark.parametrize(
    ("text", "tone"),
    [
        ("Your coverage is better than Verizon", annotation.Feeling.POSITIVE),
        ("Verizon has the better coverage", annotation.Feeling.NEGATIVE),
        ("You are slower than Verizon", annotation.Feeling.NEGATIVE),
    ],
)
def test_what_compares_us_with_a_competitor_is_good_where_we_are_better(
    reader: pipeline.Reader, text: str, tone: annotation.Feeling
) -> None:
    using = replace(reader, taxonomy=replace(reader.taxonomy, competitors=("Verizon",)))
    (read,) = _read(using, text)
    assert read.annotation.tone.feeling == tone
    assert {one.tone.feeling for one in read.annotation.themes} <= {tone}
    assert "Verizon" in {span.of(text) for span in read.annotation.tone.rests_on}
    (mixed,) = _read(using, f"{text}. But the waiter was rude and the food awful, and lovely wine!")
    assert mixed.annotation.tone.confidence != read.annotation.tone.confidence


def test_personal_data_is_gone_before_anything_else_is_read(reader: pipeline.Reader) -> None:
    (read,) = _read(reader, "Write to ann.miller@example.com, the food was great")
    assert "ann.miller" not in read.text
    assert "[email]" in read.text
    for theme in read.annotation.themes:
        assert all(span.end <= len(read.text) for span in theme.rests_on)


@pytest.mark.parametrize("text", ["", "   ", "12345", "...", "=1+1"])
def test_what_says_nothing_cannot_be_told(reader: pipeline.Reader, text: str) -> None:
    (read,) = _read(reader, text)
    assert read.annotation.tone.feeling == annotation.Feeling.CANNOT_TELL
    assert not read.annotation.themes
    assert read.annotation.untold == {annotation.Part.LANGUAGE, annotation.Part.THEMES, annotation.Part.TONE}


@pytest.mark.parametrize(
    "text",
    [
        "x" * 1_000_000,
        "😀" * 100_000,
        "<script>alert(1)</script>",
        "=HYPERLINK(1)",
        "食べ物 food еда طعام",
        "a\x00b\ud800",
    ],
)
def test_whatever_is_written_is_read_and_shown_literally(reader: pipeline.Reader, text: str) -> None:
    (read,) = _read(reader, text)
    assert text.startswith(read.text[:8])
    assert len(read.text) <= pipeline.LONGEST


def test_an_answer_that_says_nothing_is_neither_good_nor_bad(reader: pipeline.Reader) -> None:
    """A head may hear a complaint in any "no"."""
    nothing, fine = (read.annotation for read in _read(reader, "Nothing to add.", "No complaints"))
    assert nothing.tone.feeling == annotation.Feeling.NEUTRAL
    assert annotation.Wish.COMPLAINT not in {found.wish for read in (nothing, fine) for found in read.intents}
    assert fine.tone.feeling == annotation.Feeling.POSITIVE
    assert {theme.tone.feeling for theme in fine.themes} <= {annotation.Feeling.POSITIVE}


def test_arabic_is_read_alike_with_vowel_signs_and_without(reader: pipeline.Reader) -> None:
    """What is shown is as it was written, and what was found is marked there."""
    bare, signed = _read(reader, "الطعام لذيذ والخدمة سيئة", "الطّعام لذيـــذ والخدمة سيّئة", hints=["ar", "ar"])
    assert signed.text == "الطّعام لذيـــذ والخدمة سيّئة"
    assert [found.name for found in signed.annotation.themes] == [found.name for found in bare.annotation.themes]
    assert signed.annotation.tone.feeling == bare.annotation.tone.feeling
    words = {span.of(signed.text).strip() for span in signed.annotation.tone.rests_on}
    assert words == {"لذيـــذ", "سيّئة"}


def test_texts_come_in_order_across_batches(reader: pipeline.Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"The food was great for {number} of us" for number in range(11)]
    whole = _read(reader, *texts)
    monkeypatch.setattr(pipeline, "BATCH", 3)
    parts = _read(reader, *texts)
    assert [one.text for one in parts] == texts
    assert [one.annotation.tone.feeling for one in parts] == [one.annotation.tone.feeling for one in whole]


def test_models_are_named_with_every_reading(reader: pipeline.Reader) -> None:
    models = _read(reader, "good")[0].annotation.models
    assert "restaurant" in models.themes
    assert pretending.Pretended.name in models.themes
    assert pretending.Pretended.name in models.tone


def test_a_taught_head_tells_themes_in_place_of_the_pack(reader: pipeline.Reader) -> None:
    texts = [f"the parking is {word}" for word in ("bad", "full", "far", "new", "big", "old", "odd", "dear")]
    texts += [f"the soup is {word}" for word in ("bad", "hot", "cold", "new", "big", "old", "odd", "dear")]
    truth = np.repeat(np.eye(2, dtype=int), 8, axis=0)
    signs = reading.features(readings=[reading.read(text=text, language="en") for text in texts])
    given = reader.ruled.scores(texts=texts)
    taught = head.learn(
        stuff=material.of(texts=texts, vectors=[reader.encoders[0].encode(texts)], signs=signs, given=given),
        truth=truth, labels=("place", "food"), one=False, encoders=("pretended",),
    )  # fmt: skip
    using = pipeline.reader(pack=reader.taxonomy, readers=reader.encoders, tone=reader.tone, themes=taught)
    (read,) = _read(using, "the parking is small")
    assert [one.name for one in read.annotation.themes] == ["place"]


def test_labels_of_others_are_known_by_the_pack_that_lists_them(reader: pipeline.Reader) -> None:
    encoder = reader.encoders[0]
    ruled = scoring.for_labels(labels=["food", "service", "price", "ambience"], pack="", encoder=encoder)
    assert ruled is not None
    assert "restaurant" in ruled.name
    chances = ruled.chances(
        given=ruled.scores(texts=["The waiter was rude", "Far too expensive"], languages=["en", "en"])
    )
    assert chances[0].argmax() == 1
    assert chances[1].argmax() == 2
    assert scoring.for_labels(labels=["card_arrival", "top_up"], pack="", encoder=encoder) is None


def test_the_rest_is_told_of_what_touches_no_theme(reader: pipeline.Reader) -> None:
    chances = reader.ruled.chances(given=reader.ruled.scores(texts=["zzz yyy", "rude waiter"]))
    rest = reader.ruled.rest.index(True)
    assert chances[0].argmax() == rest
    assert chances[1, rest] < scoring.TELL_FROM
