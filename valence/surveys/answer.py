"""What somebody answered: plain values that can be stored, compared and said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

Answer = int | str | tuple[str, ...] | Mapping[str, str]
"""A point of a scale, a word or text, chosen or ranked words in order, or a grid's row -> word."""

Answers = Mapping[str, Answer]
"""By the question's id. What was not answered is not there."""

Given = Mapping[str, tuple[str, ...]]
"""One question's fields of a form as they came: "" for its own field, a grid's row by its id."""


class Fault(StrEnum):
    """Why an answer cannot be taken. A closed list: it is translated on the page."""

    NEEDED = "needed"
    NOT_A_CHOICE = "not_a_choice"
    TOO_MANY = "too_many"
    TWICE = "twice"
    TOO_LONG = "too_long"


@dataclass(frozen=True)
class Wrong:
    """An answer that cannot be taken, and why."""

    fault: Fault


def written(given: Given, *, longest: int) -> str | Wrong | None:
    """Return what was written into one field, None where nothing was."""
    text = given.get("", ("",))[0].replace("\x00", "").strip()
    return Wrong(Fault.TOO_LONG) if len(text) > longest else text or None
