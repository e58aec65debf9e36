"""Comments that tell of a score asked for, in sentences that the patterns were not written from."""

import pytest

from valence.text.intents import pleas

TELLING = [
    "The installer asked me to give a 10 before he left",
    "They wanted me to leave five stars.",
    "He said his commission depends on the survey.",
    "Anything less than a nine counts against them, I was told.",
    "Le técnico me dijo que pusiera un 10",
    "La chica insistió en que le diera un diez en la encuesta.",
    "Su sueldo depende de la puntuación.",
    "Der Monteur wollte unbedingt eine Zehn von mir.",
    "Man hat mich gebeten, 10 anzuklicken.",
    "Seine Prämie hängt von der Umfrage ab.",
    "Le monsieur m'a demandé de mettre la meilleure note.",
    "Son salaire dépend de l'évaluation.",
    "A senhora pediu-me para dar nota máxima.",
    "O bónus dele depende da avaliação.",
]
INNOCENT = [
    "A ten from me!",
    "I asked for a new router and got it in nine days.",
    "He told me it takes five minutes.",
    "They told me to come at ten.",
    "They asked me how satisfied I was.",
    "Pedí cita y tardaron diez días.",
    "Ich habe um Rückruf gebeten.",
    "Er sagte, es dauert zehn Minuten.",
    "On m'a demandé mon avis.",
    "Pedi ajuda e resolveram tudo em cinco minutos.",
    "Alles bestens, danke.",
    "The bonus data volume was missing.",
    "",
]


def test_most_pleas_are_recognised_in_sentences_never_seen() -> None:
    found = [text for text in TELLING if pleas.is_plea(text)]
    assert len(found) >= 0.8 * len(TELLING), sorted(set(TELLING) - set(found))


@pytest.mark.parametrize("text", INNOCENT)
def test_tens_days_and_being_asked_to_answer_are_no_pleas(text: str) -> None:
    assert not pleas.is_plea(text)


@pytest.mark.parametrize(
    ("text", "language", "words", "by"),
    [
        ("Well... the technician ASKED me, twice: a ten!", "en", "ASKED me, twice: a ten", "customer"),
        ("Oui. Il a demandé la note maximale, hélas", "fr", "demandé la note maximale", "customer"),
        ("Please give us a 10 in the survey", "en", "give us a 10", "staff"),
        ("They asked me to fill in the survey", "en", "", ""),
    ],
)  # fmt: skip
def test_a_plea_is_shown_in_the_words_as_they_were_written(text: str, language: str, words: str, by: str) -> None:
    found = pleas.find(text=text, language=language)
    assert (found.span.of(text) if found else "", found.by if found else "") == (words, by)
