"""Several rows rated with the same options."""

from __future__ import annotations

from valence.surveys.answer import Answer, Fault, Given, Wrong
from valence.surveys.survey import Question

SECONDS_A_ROW = 4.0


def faults(question: Question) -> list[str]:
    """Return what is wrong with such a question."""
    return [] if len(question.options) > 1 and question.rows else ["needs rows, and at least two options"]


def accept(question: Question, given: Given) -> Answer | Wrong | None:
    """Return row -> option of the rows that were rated; None where none was."""
    known = {option.id for option in question.options}
    rated = {row.id: given.get(row.id, ("",))[0] for row in question.rows}
    rated = {row: word for row, word in rated.items() if word}
    if not set(rated.values()) <= known:
        return Wrong(Fault.NOT_A_CHOICE)
    return rated or None


def seconds(question: Question) -> float:
    """Return how long rating takes, in seconds, once the question is read."""
    return SECONDS_A_ROW * len(question.rows)


def texts(question: Question) -> list[str]:
    """Return the names of the question's own texts that have to be translated."""
    return ["options", "rows"]
