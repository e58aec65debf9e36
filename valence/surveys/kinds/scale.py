"""A scale of whole numbers with two named ends: 0 to 10, 1 to 5, 1 to 7. Neutral: no stars, no faces, no colours."""

from __future__ import annotations

from valence.surveys.answer import Answer, Fault, Given, Wrong
from valence.surveys.survey import Question
from valence.terms import SCALES

POINTS = {name: range(least, most + 1) for name, (least, most) in SCALES.items()}
SECONDS = 4.0


def faults(question: Question) -> list[str]:
    """Return what is wrong with such a question."""
    if question.scale not in POINTS:
        return [f"has the scale {question.scale!r}; there are {', '.join(POINTS)}"]
    return [] if question.low and question.high else ["does not say what the ends of its scale mean"]


def accept(question: Question, given: Given) -> Answer | Wrong | None:
    """Return the point that was chosen, None where none was."""
    chosen = given.get("", ("",))[0].strip()
    if not chosen:
        return None
    points = {str(point): point for point in POINTS[question.scale]}
    return points.get(chosen, Wrong(Fault.NOT_A_CHOICE))


def seconds(question: Question) -> float:
    """Return how long choosing takes, in seconds, once the question is read."""
    return SECONDS


def texts(question: Question) -> list[str]:
    """Return the names of the question's own texts that have to be translated."""
    return ["low", "high"]
