"""Options put in order, the most important first. Without script each option is given its place by a number."""

from __future__ import annotations

from valence.surveys.answer import Answer, Fault, Given, Wrong
from valence.surveys.survey import Question

SECONDS_AN_OPTION = 4.0


def faults(question: Question) -> list[str]:
    """Return what is wrong with such a question."""
    return [] if 2 <= len(question.options) <= 10 else ["needs two to ten options"]


def accept(question: Question, given: Given) -> Answer | Wrong | None:
    """Return the ranked options, best first; those without a place are left out. None where nothing was ranked."""
    places = {option.id: given.get(option.id, ("",))[0].strip() for option in question.options}
    ranked = {word: place for word, place in places.items() if place}
    if not ranked:
        return None
    if not set(ranked.values()) <= {str(place) for place in range(1, len(question.options) + 1)}:
        return Wrong(Fault.NOT_A_CHOICE)
    if len(set(ranked.values())) < len(ranked):
        return Wrong(Fault.TWICE)
    return tuple(sorted(ranked, key=lambda word: int(ranked[word])))


def seconds(question: Question) -> float:
    """Return how long ranking takes, in seconds, once the question is read."""
    return SECONDS_AN_OPTION * len(question.options)


def texts(question: Question) -> list[str]:
    """Return the names of the question's own texts that have to be translated."""
    return ["options"]
