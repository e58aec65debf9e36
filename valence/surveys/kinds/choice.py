"""One of several options."""

from __future__ import annotations

from valence.surveys.answer import Answer, Fault, Given, Wrong
from valence.surveys.survey import Question

SECONDS_AN_OPTION = 1.0


def faults(question: Question) -> list[str]:
    """Return what is wrong with such a question."""
    return [] if len(question.options) > 1 else ["needs at least two options"]


def accept(question: Question, given: Given) -> Answer | Wrong | None:
    """Return the option that was chosen, None where none was."""
    chosen = given.get("", ("",))[0]
    if not chosen:
        return None
    return chosen if chosen in {option.id for option in question.options} else Wrong(Fault.NOT_A_CHOICE)


def seconds(question: Question) -> float:
    """Return how long choosing takes, in seconds, once the question is read."""
    return 2 + SECONDS_AN_OPTION * len(question.options)


def texts(question: Question) -> list[str]:
    """Return the names of the question's own texts that have to be translated."""
    return ["options"]
