"""Several of several options, at most `most` of them."""

from __future__ import annotations

from valence.surveys.answer import Answer, Fault, Given, Wrong
from valence.surveys.survey import Question

SECONDS_AN_OPTION = 1.5


def faults(question: Question) -> list[str]:
    """Return what is wrong with such a question."""
    if len(question.options) < 2:
        return ["needs at least two options"]
    return [] if question.most <= len(question.options) else ["lets more be chosen than there are"]


def accept(question: Question, given: Given) -> Answer | Wrong | None:
    """Return the options that were chosen, in the question's order; None where none was."""
    chosen = {word for word in given.get("", ()) if word}
    known = [option.id for option in question.options]
    if not chosen:
        return None
    if not chosen <= set(known):
        return Wrong(Fault.NOT_A_CHOICE)
    if question.most and len(chosen) > question.most:
        return Wrong(Fault.TOO_MANY)
    return tuple(word for word in known if word in chosen)


def seconds(question: Question) -> float:
    """Return how long choosing takes, in seconds, once the question is read."""
    return 2 + SECONDS_AN_OPTION * len(question.options)


def texts(question: Question) -> list[str]:
    """Return the names of the question's own texts that have to be translated."""
    return ["options"]
