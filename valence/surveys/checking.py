"""What is wrong with a survey, what is not translated yet, and how long answering takes. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from valence.surveys import contrast, logic, registry
from valence.surveys.answer import Answers
from valence.surveys.survey import Condition, Question, Said, Survey, SurveyError, Variant

WORDS_A_SECOND = 238 / 60
"""Silent reading of plain prose (Brysbaert 2019: 238 words a minute in English, alike in other languages)."""

ROLES = ("", "score", "words")
ADDRESS = re.compile(r"https://[^\s\"'<>\\]+")


@dataclass(frozen=True)
class Missing:
    """A text that a language lacks: where it stands, and what it is in the survey's first language."""

    language: str
    place: str
    original: str


@dataclass(frozen=True)
class Effort:
    """How long answering takes, in seconds, for somebody who answers all that is asked, at least and at most."""

    least: float
    most: float
    budget: float

    @property
    def over(self) -> bool:
        """Whether the longest way takes more than the budget."""
        return self.most > self.budget


def check(survey: Survey) -> Survey:
    """Return the survey. Raises SurveyError with every fault, a line each."""
    found = list(faults(survey))
    if found:
        raise SurveyError("\n".join(found))
    return survey


def faults(survey: Survey) -> Iterator[str]:
    """Yield what is wrong with a survey, in words."""
    if not survey.questions:
        yield "the survey asks nothing"
    if not survey.languages or len(set(survey.languages)) < len(survey.languages):
        yield "the survey names no language, or one twice"
        return
    for word, times in Counter(question.id for question in survey.questions).items():
        if times > 1 or not word.isidentifier():
            yield f"question {word!r}: its id is used twice, or is not a plain word"
    yield from _faults_of_roles(survey)
    earlier: set[str] = set()
    for question in survey.questions:
        yield from (f"question {question.id!r}: {fault}" for fault in _faults_of(question, earlier, survey))
        earlier.add(question.id)
    for variant in survey.thanks:
        yield from (f"thanks: {fault}" for fault in _faults_of_conditions(variant.when, earlier))
    yield from _faults_of_ways_on(survey)
    yield from contrast.faults(survey.brand)


def _faults_of_ways_on(survey: Survey) -> Iterator[str]:
    """Yield what is wrong with the addresses that promoters are led to: they stand as links on a page of ours."""
    for name, address in (("review", survey.review), ("refer", survey.refer)):
        if address and not ADDRESS.fullmatch(address):
            yield f"{name}: {address!r} is not an address that begins with https://"


def missing(survey: Survey) -> tuple[Missing, ...]:
    """Return every text that a language of the survey lacks. Before a launch there must be none."""
    first, *others = survey.languages
    texts = list(_texts(survey))
    return tuple(
        Missing(language=language, place=place, original=said.get(first, ""))
        for language in (first, *others)
        for place, said in texts
        if not said.get(language, "").strip()
    )


def effort(survey: Survey) -> Effort:
    """Return how long answering takes: along the shortest way through the logic and along the longest.

    A question that is always asked counts for both. One that depends on something counts for the longest only.
    """
    took = [(question, _seconds(question, survey)) for question in survey.questions]
    always = sum(seconds for question, seconds in took if not question.when and not question.known_as)
    return Effort(least=always, most=sum(seconds for _, seconds in took), budget=survey.budget_seconds)


def seconds_of(survey: Survey, *, answers: Answers, known: logic.Known) -> float:
    """Return how long the questions take that are asked of one person."""
    return sum(_seconds(question, survey) for question in logic.asked(survey, answers=answers, known=known))


def _seconds(question: Question, survey: Survey) -> float:
    read = [question.text, question.help, *(option.text for option in (*question.options, *question.rows))]
    number = sum(len(said.get(survey.languages[0], "").split()) for said in read)
    return number / WORDS_A_SECOND + registry.KINDS[question.kind].seconds(question)


def _faults_of_roles(survey: Survey) -> Iterator[str]:
    for role in ("score", "words"):
        if sum(question.role == role for question in survey.questions) > 1:
            yield f"more than one question has the role {role!r}"
    for question in survey.questions:
        if question.role == "score" and question.kind != "scale":
            yield f"question {question.id!r}: only a scale can be the score"
        if question.role == "words" and question.kind not in ("short", "long"):
            yield f"question {question.id!r}: only a text can be the words"


def _faults_of(question: Question, earlier: set[str], survey: Survey) -> Iterator[str]:
    if question.kind not in registry.KINDS:
        yield f"is of kind {question.kind!r}; there are {', '.join(registry.KINDS)}"
        return
    if question.role not in ROLES:
        yield f"has the role {question.role!r}; there are score and words"
    if not question.text.get(survey.languages[0]):
        yield f"has no words in {survey.languages[0]}"
    yield from registry.KINDS[question.kind].faults(question)
    for named, options in (("option", question.options), ("row", question.rows)):
        for word, times in Counter(option.id for option in options).items():
            if times > 1 or not word:
                yield f"has the {named} {word!r} twice, or one without an id"
    for conditions in (question.when, *(variant.when for variant in question.variants)):
        yield from _faults_of_conditions(conditions, earlier)
    for said in (question.text, *(variant.text for variant in question.variants)):
        yield from _faults_of_places(said, earlier)


def _faults_of_conditions(conditions: tuple[Condition, ...], earlier: set[str]) -> Iterator[str]:
    for condition in conditions:
        if bool(condition.answer) == bool(condition.known):
            yield "has a condition that names neither or both of an answer and something known"
        elif condition.answer and condition.answer not in earlier:
            yield f"depends on {condition.answer!r}, which is not asked before it"


def _faults_of_places(said: Said, earlier: set[str]) -> Iterator[str]:
    for text in said.values():
        for where, name in logic.PLACE.findall(text):
            if where == "answer" and name not in earlier:
                yield f"repeats the answer to {name!r}, which is not asked before it"


def _texts(survey: Survey) -> Iterator[tuple[str, Said]]:
    yield "intro", survey.intro
    for question in survey.questions:
        yield question.id, question.text
        if question.help:
            yield f"{question.id}, help", question.help
        yield from _variants(question.id, question.variants)
        for name in registry.KINDS[question.kind].texts(question):
            yield from _named(question, name)
    yield from _variants("thanks", survey.thanks)


def _variants(place: str, variants: tuple[Variant, ...]) -> Iterator[tuple[str, Said]]:
    for number, variant in enumerate(variants, start=1):
        yield f"{place}, variant {number}", variant.text


def _named(question: Question, name: str) -> Iterator[tuple[str, Said]]:
    value = getattr(question, name)
    if isinstance(value, tuple):
        for option in value:
            yield f"{question.id}, {option.id}", option.text
    else:
        yield f"{question.id}, {name}", value
