"""Whether a survey leads those who answer: pictures of moods, praise and pressure in what is asked. Pure.

It warns and refuses nothing: a list of words cannot tell what is meant. Scales themselves have no stars, faces or
colours at all. Words are looked for in English, German, French, Spanish and Arabic.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from valence.surveys.survey import Question, Said, Survey

PICTURES = re.compile("[\u2605\u2606\u2639-\u263b\u2665\u2b50\U0001f300-\U0001faff]")
SHOUTS = re.compile(r"!{2,}|\b[A-ZÄÖÜÀ-Þ]{6,}\b")
PRAISE = {
    "en": r"\b(?:great|excellent|outstanding|amazing|wonderful|award[- ]winning|world[- ]class|best[- ]in[- ]class)\b",
    "de": r"\b(?:großartig|ausgezeichnet|hervorragend|exzellent|toll|wunderbar|preisgekrönt|erstklassig)\w*",
    "fr": r"\b(?:excellent|formidable|exceptionnel|merveilleux|remarquable|primé)\w*",
    "es": r"\b(?:excelente|estupend|maravillos|excepcional|galardonad|magnífic)\w*",
    "ar": r"(?:ممتاز|رائع|متميز|مذهل)",
}
PRESSES = {
    "en": r"\b(?:don'?t you (?:agree|think)|would(?:n'?t| not) you agree|surely|of course you|how happy were you|"
    r"how much did you (?:enjoy|love|like)|please give us)\b",
    "de": r"\b(?:nicht wahr|finden sie nicht auch|sicherlich|wie glücklich|wie sehr (?:gefiel|hat ihnen)|"
    r"bitte geben sie uns)\b",
    "fr": r"\b(?:n'est-ce pas|ne pensez-vous pas|à quel point avez-vous (?:aimé|apprécié)|donnez-nous)\b",
    "es": r"\b(?:no cree que|no le parece|verdad que|cuánto (?:disfrutó|le gustó)|por favor,? denos)\b",
    "ar": r"(?:ألا توافق|أليس كذلك|ما مدى سعادتك|نرجو أن تمنحنا)",
}
AND = {"en": r"\band\b", "de": r"\bund\b", "fr": r"\bet\b", "es": r"\by\b"}
"""Arabic writes its "and" onto the next word: no pattern tells it from the beginning of one."""


@dataclass(frozen=True)
class Leads:
    """A text that may lead: where it stands, in which language, what it says, why."""

    place: str
    language: str
    said: str
    why: str


def leads(survey: Survey) -> tuple[Leads, ...]:
    """Return every text of a survey that may lead those who answer, in the order in which it is asked."""
    found = [*_of("intro", survey.intro)]
    for question in survey.questions:
        found += _of_question(question)
    return tuple(found)


def _of_question(question: Question) -> Iterator[Leads]:
    for said in (question.text, question.low, question.high, *(one.text for one in question.variants)):
        yield from _of(question.id, said)
    if question.role == "score":
        yield from _two_at_once(question)


def _of(place: str, said: Said) -> Iterator[Leads]:
    for language, text in said.items():
        why = _why(text, language.split("-")[0])
        if why:
            yield Leads(place, language, text, why)


def _why(text: str, language: str) -> str:
    """Return why a text may lead, "" where nothing is found."""
    if PICTURES.search(text):
        return "a picture says which answer is meant"
    if SHOUTS.search(text):
        return "it shouts"
    if _has(PRAISE, text, language):
        return "it praises before anybody answers"
    return "it presses for one answer" if _has(PRESSES, text, language) else ""


def _has(lists: dict[str, str], text: str, language: str) -> bool:
    return language in lists and re.search(lists[language], text, re.IGNORECASE) is not None


def _two_at_once(question: Question) -> Iterator[Leads]:
    """Yield a score that asks for two things at once: "satisfied with the price and the service"."""
    for language, text in question.text.items():
        if _has(AND, text.split("?")[0], language.split("-")[0]):
            yield Leads(question.id, language, text, "the score may ask for two things at once")
