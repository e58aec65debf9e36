"""A proposal while steps add to it: the mapping so far, what was decided, and what is left to decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import msgspec

from valence.sources.files import RecordKind
from valence.sources.guessing import Guess
from valence.sources.mapping import Mapped
from valence.sources.profiles import Profile


@dataclass(frozen=True)
class Question:
    """What a person has to decide: where in the mapping (`formats.occurred_at`), the question, and the answers."""

    place: str
    words: str
    answers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Draft:
    """A proposal while steps add to it."""

    kind: RecordKind
    profiles: Mapping[str, Profile]
    guesses: Mapping[str, Guess]
    mapped: Mapped
    questions: tuple[Question, ...] = field(default=())
    said: tuple[str, ...] = field(default=())

    def saying(self, *words: str) -> Draft:
        """Return the draft with sentences about what was decided."""
        return replace(self, said=(*self.said, *words))

    def asking(self, place: str, words: str, answers: Sequence[str] = ()) -> Draft:
        """Return the draft with one more question; what is asked already is not asked twice."""
        if any(one.place == place for one in self.questions):
            return self
        return replace(self, questions=(*self.questions, Question(place, words, tuple(answers))))

    def having(self, **changes: object) -> Draft:
        """Return the draft with parts of its mapping replaced."""
        return replace(self, mapped=msgspec.structs.replace(self.mapped, **changes))

    def of(self, ours: str) -> Profile | None:
        """Return the column that is one of ours."""
        theirs = self.mapped.columns.get(ours)
        return self.profiles[theirs] if theirs else None

    def free(self) -> list[Profile]:
        """Return the columns that are none of ours and say something."""
        used = self.mapped.used()
        return [one for name, one in self.profiles.items() if name not in used and one.filled]
