from __future__ import annotations

import pytest

from valence.packs import taxonomy
from valence.text import clauses, intents
from valence.text.annotation import Feeling, IntentFound, Span, Tone, Wish

TELCO = taxonomy.load(name="telco")


def _read(text: str, language: str = "en", tone: Tone | None = None) -> tuple[IntentFound, ...]:
    cut = clauses.split(text, language=language)
    return intents.read(text=text, language=language, clauses=cut, themes=TELCO, tone=tone)


@pytest.mark.parametrize(
    ("language", "text", "wish"),
    [
        ("en", "Could you send me the last invoice?", Wish.REQUEST),
        ("de", "Bitte schicken Sie mir die Rechnung", Wish.REQUEST),
        ("fr", "Merci de m'envoyer la facture", Wish.REQUEST),
        ("es", "Me gustaría cambiar de tarifa", Wish.REQUEST),
        ("ar", "أرجو إرسال الفاتورة", Wish.REQUEST),
        ("en", "This is unacceptable", Wish.COMPLAINT),
        ("de", "Eine Frechheit ist das", Wish.COMPLAINT),
        ("fr", "C'est inadmissible", Wish.COMPLAINT),
        ("es", "Un servicio pésimo", Wish.COMPLAINT),
        ("ar", "خدمة فاشلة", Wish.COMPLAINT),
        ("en", "Excellent work, well done", Wish.PRAISE),
        ("ar", "خدمة ممتازة", Wish.PRAISE),
        ("en", "When will fibre come to my street?", Wish.QUESTION),
        ("ar", "متى تصل الألياف؟", Wish.QUESTION),
        ("en", "I will be leaving next month", Wish.LEAVING),
        ("de", "Dann gehe ich zur Konkurrenz", Wish.LEAVING),
        ("fr", "Je résilie demain", Wish.LEAVING),
        ("es", "Me doy de baja", Wish.LEAVING),
        ("ar", "راح أترك الشركة", Wish.LEAVING),
        ("en", "The modem smells burnt, is that dangerous", Wish.URGENT),
        ("de", "Hier riecht es nach Gas: Gasgeruch im Keller", Wish.URGENT),
        ("en", "They promised to call me back by Friday", Wish.PROMISE),
    ],
)
def test_a_wish_is_heard_in_five_languages(language: str, text: str, wish: Wish) -> None:
    found = {each.wish: each for each in _read(text, language)}
    assert wish in found
    assert found[wish].rests_on
    assert 0.5 <= found[wish].confidence <= 1


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("I am not going to cancel", Wish.LEAVING),
        ("It is not urgent", Wish.URGENT),
        ("The line is fine", Wish.COMPLAINT),
        ("I was free all day, three times", Wish.COMPETITOR),
        ("I pay ten euros", Wish.SCORE_PLEA),
    ],
)
def test_what_is_denied_or_only_looks_alike_is_not_heard(text: str, wish: Wish) -> None:
    assert wish not in {each.wish for each in _read(text)}


@pytest.mark.parametrize(
    ("text", "by"),
    [
        ("The technician asked me to give him a ten", "customer"),
        ("Please give us a 10 in the survey", "staff"),
        ("Der Monteur bat um zehn Punkte", "customer"),
    ],
)
def test_a_plea_for_a_score_says_who_pleads(text: str, by: str) -> None:
    (plea,) = [each for each in _read(text, "de" if "Monteur" in text else "en") if each.wish is Wish.SCORE_PLEA]
    assert plea.by == by


def test_a_competitor_is_named_as_the_pack_writes_it() -> None:
    (named,) = [each for each in _read("my neighbour has verizon") if each.wish is Wish.COMPETITOR]
    assert named.about == "Verizon"
    assert named.rests_on == (Span(17, 24),)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Three weeks and nothing. Free installation, they said", "en"),
        ("Warst du schon da?", "de"),
        ("Le prix du forfait", "fr"),
    ],
)
def test_a_word_that_is_also_a_name_names_no_competitor(text: str, language: str) -> None:
    assert Wish.COMPETITOR not in {each.wish for each in _read(text, language)}


def test_a_name_that_is_also_a_word_counts_inside_a_sentence() -> None:
    assert [each.about for each in _read("I had Three before") if each.wish is Wish.COMPETITOR] == ["Three"]


def test_the_tone_tells_complaint_from_praise() -> None:
    bad = Tone(feeling=Feeling.NEGATIVE, value=-0.8, confidence=0.9)
    assert [each.wish for each in _read("Two hours for a sim card", tone=bad)] == [Wish.COMPLAINT]
    assert Wish.PRAISE not in {each.wish for each in _read("Thanks to you I lost a day, brilliant", tone=bad)}


def test_a_question_and_nothing_is_no_intent() -> None:
    assert _read("") == ()
    assert _read("We have a line with you.") == ()


def test_what_only_the_tone_implied_goes_with_a_tone_that_is_corrected_and_words_stay() -> None:
    bad = Tone(feeling=Feeling.NEGATIVE, value=-0.8, confidence=0.9)
    implied = _read("Two hours for a sim card", tone=bad)
    assert intents.fitting(found=implied, feeling=Feeling.POSITIVE) == ()
    assert intents.fitting(found=implied, feeling=Feeling.MIXED) == implied
    worded = _read("This is unacceptable, call me", tone=bad)
    assert intents.fitting(found=worded, feeling=Feeling.POSITIVE) == worded
