"""The kinds of questions that there are. A new kind is a module in kinds/, a template of the same name, a line here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from valence.surveys.answer import Answer, Given, Wrong
from valence.surveys.kinds import choice, choices, grid, long, ranking, scale, short
from valence.surveys.survey import Question


class Kind(Protocol):
    """What a kind can do. All of it is pure."""

    def faults(self, question: Question) -> list[str]:
        """Return what is wrong with a question of this kind, in words that follow its id."""

    def accept(self, question: Question, given: Given) -> Answer | Wrong | None:
        """Return what was answered, why it cannot be taken, or None where nothing was answered."""

    def seconds(self, question: Question) -> float:
        """Return how long answering takes, in seconds, once the question is read."""

    def texts(self, question: Question) -> list[str]:
        """Return the names of the question's texts that this kind needs in every language."""


KINDS: Mapping[str, Kind] = {
    "scale": scale,
    "choice": choice,
    "choices": choices,
    "ranking": ranking,
    "grid": grid,
    "short": short,
    "long": long,
}
