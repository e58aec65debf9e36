"""Which questions are asked, and in which words, given what was answered and what is known. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from valence.surveys import registry
from valence.surveys.answer import Answer, Answers, Fault, Given, Wrong
from valence.surveys.survey import Condition, Question, Survey, Variant, said_in

Known = Mapping[str, str]
"""What the record says of this customer and of what happened: `segment`, `plan`, `interaction.kind`, `team_id` ..."""

PLACE = re.compile(r"\{(answer|known):([\w.]+)\}")


def holds(condition: Condition, *, answers: Answers, known: Known) -> bool:
    """Return whether a condition holds. What was not answered or is not known fulfils none but an `unless`."""
    value = answers.get(condition.answer) if condition.answer else known.get(condition.known)
    return _fulfils(value, condition) != condition.unless


def all_hold(conditions: Sequence[Condition], *, answers: Answers, known: Known) -> bool:
    """Return whether all conditions hold; with none of them, True."""
    return all(holds(condition, answers=answers, known=known) for condition in conditions)


def is_known(question: Question, *, known: Known) -> bool:
    """Return whether the record answers this question, so that it must not be asked."""
    return bool(question.known_as and known.get(question.known_as))


def asked(survey: Survey, *, answers: Answers, known: Known) -> tuple[Question, ...]:
    """Return the questions that are asked, in order, as far as the answers given so far decide.

    An answer to a question that is not asked (any more) decides nothing: it is as if it had not been given.
    """
    found: list[Question] = []
    heard: dict[str, Answer] = {}
    for question in survey.questions:
        if is_known(question, known=known) or not all_hold(question.when, answers=heard, known=known):
            continue
        found.append(question)
        if question.id in answers:
            heard[question.id] = answers[question.id]
    return tuple(found)


def counting(survey: Survey, *, answers: Answers, known: Known) -> Answers:
    """Return the answers that count: those to questions that are asked."""
    return {
        question.id: answers[question.id]
        for question in asked(survey, answers=answers, known=known)
        if question.id in answers
    }


def open_questions(survey: Survey, *, answers: Answers, known: Known) -> tuple[Question, ...]:
    """Return the questions that must be answered and were not."""
    return tuple(
        question
        for question in asked(survey, answers=answers, known=known)
        if question.must and question.id not in answers
    )


def words(question: Question, *, survey: Survey, answers: Answers, known: Known, language: str) -> str:
    """Return a question in a language, in the words that fit what was answered, with answers and facts put in."""
    said = first_that_holds(question.variants, answers=answers, known=known)
    text = said_in(said.text if said else question.text, language=language, survey=survey)
    return filled(text, survey=survey, answers=answers, known=known, language=language)


def first_that_holds(variants: Sequence[Variant], *, answers: Answers, known: Known) -> Variant | None:
    """Return the first variant that holds, None where none does."""
    return next((one for one in variants if all_hold(one.when, answers=answers, known=known)), None)


def filled(text: str, *, survey: Survey, answers: Answers, known: Known, language: str) -> str:
    """Put answers and facts into a text: `{answer:recommend}`, `{known:interaction.day}`. Unknown ones become "…".

    What is put in is text, never markup: the page escapes the whole.
    """

    def put_in(place: re.Match[str]) -> str:
        where, name = place.groups()
        if where == "known":
            return known.get(name) or "…"
        return _spoken(name, survey=survey, answers=answers, language=language) or "…"

    return PLACE.sub(put_in, text)


def take(
    survey: Survey, *, given: Mapping[str, Given], answers: Answers, known: Known
) -> tuple[Answers, Mapping[str, Wrong]]:
    """Return all answers after a form came in, and what of it cannot be taken, by question.

    1. Fields of questions that are not in the form keep their earlier answer. 2. A field sent empty takes an answer
    back. 3. What cannot be taken leaves the earlier answer as it was. 4. Answers that count no more are dropped.
    """
    taken, wrong = dict(answers), dict[str, Wrong]()
    for question in survey.questions:
        if question.id not in given:
            continue
        answer = registry.KINDS[question.kind].accept(question, given[question.id])
        if isinstance(answer, Wrong):
            wrong[question.id] = answer
        elif answer is None:
            taken.pop(question.id, None)
        else:
            taken[question.id] = answer
    return counting(survey, answers=taken, known=known), wrong


def needed(survey: Survey, *, answers: Answers, known: Known) -> Mapping[str, Wrong]:
    """Return the questions without which the survey cannot be sent, by their id."""
    return {question.id: Wrong(Fault.NEEDED) for question in open_questions(survey, answers=answers, known=known)}


def _fulfils(value: Answer | None, condition: Condition) -> bool:
    if value is None or value in ("", ()):
        return False
    if condition.among and not set(condition.among) & _words_of(value):
        return False
    if condition.least is None and condition.most is None:
        return True
    number = _number(value)
    if number is None:
        return False
    above = condition.least is None or number >= condition.least
    return above and (condition.most is None or number <= condition.most)


def _words_of(value: Answer) -> set[str]:
    if isinstance(value, Mapping):
        return set(value.values())
    return set(value) if isinstance(value, tuple) else {str(value)}


def _number(value: Answer) -> float | None:
    if isinstance(value, int):
        return float(value)
    try:
        return float(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _spoken(name: str, *, survey: Survey, answers: Answers, language: str) -> str:
    """Return an answer as the person would say it: an option in its words, a number as it is."""
    question = next((one for one in survey.questions if one.id == name), None)
    if question is None or name not in answers:
        return ""
    labels = {
        option.id: said_in(option.text, language=language, survey=survey)
        for option in (*question.options, *question.rows)
    }
    value = answers[name]
    if isinstance(value, Mapping):
        return ", ".join(f"{labels.get(row, row)}: {labels.get(word, word)}" for row, word in value.items())
    if isinstance(value, tuple):
        return ", ".join(labels.get(word, word) for word in value)
    return labels.get(str(value), str(value))
