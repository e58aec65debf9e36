"""Questions as the survey page shows them: in one language, with what was answered and what is wrong. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from valence.surveys import logic, page_words
from valence.surveys.answer import Answer, Answers, Wrong
from valence.surveys.kinds import scale
from valence.surveys.survey import Option, Question, Survey, said_in
from valence.surveys.values import Invitation


@dataclass(frozen=True)
class Choice:
    """Something that can be chosen, and whether it is."""

    value: str
    label: str
    on: bool


@dataclass(frozen=True)
class Row:
    """A row of a grid, or an option that gets a place."""

    name: str
    label: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class Asked:
    """A question as the page shows it. `problem` says why its answer was not taken."""

    id: str
    kind: str
    text: str
    help: str
    low: str
    high: str
    choices: tuple[Choice, ...]
    rows: tuple[Row, ...]
    columns: tuple[str, ...]
    value: str
    must: bool
    most: int
    problem: str


def shown(
    question: Question, *, invitation: Invitation, answers: Answers, wrong: Mapping[str, Wrong], language: str
) -> Asked:
    """Return a question as the page shows it, with what was answered and what is wrong with it."""
    one, answer = invitation.survey, answers.get(question.id)
    words = page_words.of(language=language)
    labels = {option.id: said_in(option.text, language=language, survey=one) for option in question.options}
    fault = wrong.get(question.id)
    return Asked(
        id=question.id,
        kind=question.kind,
        text=logic.words(question, survey=one, answers=answers, known=invitation.known, language=language),
        help=_help(question, one, words, language),
        low=said_in(question.low, language=language, survey=one),
        high=said_in(question.high, language=language, survey=one),
        choices=_choices(question, labels, answer),
        rows=_rows(question, labels, answer, one, words, language),
        columns=tuple(labels.values()),
        value=answer if isinstance(answer, str) else "",
        must=question.must,
        most=question.most,
        problem=words[fault.fault.value].format(most=question.most) if fault else "",
    )


def _help(question: Question, one: Survey, words: Mapping[str, str], language: str) -> str:
    said = said_in(question.help, language=language, survey=one)
    return said or (words["choose_most"].format(most=question.most) if question.most else "")


def _choices(question: Question, labels: Mapping[str, str], answer: Answer | None) -> tuple[Choice, ...]:
    if question.kind == "scale":
        points = [str(point) for point in scale.POINTS[question.scale]]
        return tuple(Choice(value=point, label=point, on=str(answer) == point) for point in points)
    chosen = answer if isinstance(answer, tuple) else (answer,)
    return tuple(Choice(value=value, label=label, on=value in chosen) for value, label in labels.items())


def _rows(
    question: Question,
    labels: Mapping[str, str],
    answer: Answer | None,
    one: Survey,
    words: Mapping[str, str],
    language: str,
) -> tuple[Row, ...]:
    if question.kind == "ranking":
        ranked = answer if isinstance(answer, tuple) else ()
        return tuple(_placed(option, labels[option.id], ranked, len(labels), words) for option in question.options)
    rated = answer if isinstance(answer, Mapping) else {}
    return tuple(
        Row(
            name=row.id,
            label=said_in(row.text, language=language, survey=one),
            choices=tuple(Choice(value, label, rated.get(row.id) == value) for value, label in labels.items()),
        )
        for row in question.rows
    )


def _placed(option: Option, label: str, ranked: Sequence[str], most: int, words: Mapping[str, str]) -> Row:
    place = ranked.index(option.id) + 1 if option.id in ranked else 0
    none = Choice(value="", label=words["no_place"], on=not place)
    return Row(
        name=option.id,
        label=label,
        choices=(none, *(Choice(str(number), str(number), number == place) for number in range(1, most + 1))),
    )
