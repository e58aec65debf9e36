"""What the editor of a survey shows, as values."""

from __future__ import annotations

from dataclasses import dataclass

from valence.surveys import editing
from valence.surveys.survey import Survey
from valence.web import parts


@dataclass(frozen=True)
class QuestionRow:
    """A question in the list."""

    id: str
    number: int
    kind: str
    text: str
    when: tuple[str, ...]
    marks: str


@dataclass(frozen=True)
class LanguageRow:
    """A language of the survey and how much of it is translated."""

    tag: str
    name: str
    done: int
    of: int

    @property
    def whole(self) -> bool:
        """Whether nothing is missing."""
        return self.done == self.of


@dataclass(frozen=True)
class Check:
    """Something looked at before a launch. `blocks`: with it nothing is launched."""

    words: str
    good: bool
    blocks: bool = False
    href: str = ""


@dataclass(frozen=True)
class EditorPage:
    """What the editor shows. `survey` is as it was typed, where that was not kept; `stored` as it is kept."""

    slug: str
    name: str
    state: tuple[str, str, str]
    version: int
    is_live: bool
    is_changed: bool
    survey: Survey
    stored: Survey
    intro: str
    colour: str
    questions: tuple[QuestionRow, ...]
    languages: tuple[LanguageRow, ...]
    checks: tuple[Check, ...]
    may_change: bool
    may_launch: bool
    kinds: tuple[tuple[str, str], ...]
    channels: tuple[tuple[str, str], ...]
    preview: str
    preview_language: str
    widths: tuple[parts.Choice, ...]
    previews: tuple[parts.Choice, ...]
    width: int
    height: int
    problem: str = ""


@dataclass(frozen=True)
class WordsPage:
    """The texts of a survey in one language beside the first."""

    slug: str
    name: str
    language: str
    language_name: str
    first_name: str
    direction: str
    rows: tuple[tuple[editing.Place, str, str], ...]
    may_change: bool
    mark: str
    problem: str = ""
