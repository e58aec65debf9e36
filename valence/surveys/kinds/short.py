"""A few words on one line."""

from __future__ import annotations

from valence.surveys.answer import Answer, Given, Wrong, written
from valence.surveys.survey import Question

LONGEST = 200
SECONDS = 8.0


def faults(question: Question) -> list[str]:
    """Return what is wrong with such a question: nothing can be."""
    return []


def accept(question: Question, given: Given) -> Answer | Wrong | None:
    """Return what was written, None where nothing was."""
    return written(given, longest=LONGEST)


def seconds(question: Question) -> float:
    """Return how long writing takes, in seconds, once the question is read."""
    return SECONDS


def texts(question: Question) -> list[str]:
    """Return the names of the question's own texts that have to be translated: none."""
    return []
