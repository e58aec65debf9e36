"""What was read in one text: language, clauses, themes, tone, intents, promises. Frozen values; places are offsets.

An offset counts characters of the text that was read (the redacted one), from 0; ends are exclusive. "Cannot tell" is
an answer of its own: a Language or a Tone says it as `CANNOT_TELL`, and `Annotation.untold` names the parts of which
nothing can be said (which is not the same as: looked, and found none).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

CANNOT_TELL = "cannot_tell"


class Feeling(StrEnum):
    """The tone of a text, a clause or a theme."""

    POSITIVE = "positive"
    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    MIXED = "mixed"
    CANNOT_TELL = CANNOT_TELL


class Wish(StrEnum):
    """What the writer is after. The closed list of intents."""

    REQUEST = "request"
    COMPLAINT = "complaint"
    PRAISE = "praise"
    QUESTION = "question"
    LEAVING = "leaving"
    URGENT = "urgent"
    PROMISE = "promise"
    SCORE_PLEA = "score_plea"
    COMPETITOR = "competitor"


class Emotion(StrEnum):
    """What a writer feels, beside good or bad. The closed list."""

    ANGER = "anger"
    DISAPPOINTMENT = "disappointment"
    WORRY = "worry"
    CONFUSION = "confusion"
    HELPLESSNESS = "helplessness"
    JOY = "joy"
    GRATITUDE = "gratitude"
    RELIEF = "relief"


class Part(StrEnum):
    """What can be told of a text, or not."""

    LANGUAGE = "language"
    THEMES = "themes"
    TONE = "tone"
    INTENTS = "intents"


@dataclass(frozen=True, order=True)
class Span:
    """Characters `start` to `end` (exclusive) of the text that was read."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """Return the words themselves."""
        return text[self.start : self.end]


@dataclass(frozen=True)
class Language:
    """The language of a text: ISO 639-1 ("zh" for all Chinese) or CANNOT_TELL; confidence 0..1."""

    code: str = CANNOT_TELL
    confidence: float = 0.0

    @property
    def is_told(self) -> bool:
        """Return whether a language was recognised."""
        return self.code != CANNOT_TELL


@dataclass(frozen=True)
class Clause:
    """A part of a sentence that makes one point. `sentence` counts from 0; `turns`: it opens with a word like "but"."""

    span: Span
    sentence: int
    turns: bool = False


@dataclass(frozen=True)
class Tone:
    """How something is spoken of. `value` -1 (bad) .. 1 (good), 0 where it cannot be told; confidence 0..1."""

    feeling: Feeling = Feeling.CANNOT_TELL
    value: float = 0.0
    confidence: float = 0.0
    rests_on: tuple[Span, ...] = ()


@dataclass(frozen=True)
class ThemeFound:
    """A theme of the pack in this text.

    `clauses`: positions in Annotation.clauses; `rests_on`: the words, or clauses.
    """

    name: str
    confidence: float
    tone: Tone
    clauses: tuple[int, ...]
    rests_on: tuple[Span, ...]


@dataclass(frozen=True)
class IntentFound:
    """Something the writer is after. `about`: whom or what it names (a competitor), "" where it names nothing.

    `by`: "customer" or "staff", who does it where that matters (a plea for a score reported, or written by staff).
    """

    wish: Wish
    confidence: float
    rests_on: tuple[Span, ...]
    about: str = ""
    by: str = ""


@dataclass(frozen=True)
class EmotionFound:
    """Something the writer feels, and the words that say it."""

    emotion: Emotion
    confidence: float
    rests_on: tuple[Span, ...]


@dataclass(frozen=True)
class PromiseHeard:
    """A promise in the words: what was said to be done, and until when (UTC; the end of the day, None: not said).

    `by`: "staff" where the company promises, as told by the customer or written by an agent. `said_broken`: the writer
    says that it was not kept.
    """

    span: Span
    due_at: datetime | None
    confidence: float
    by: str = "staff"
    said_broken: bool = False


@dataclass(frozen=True)
class PersonHeard:
    """Somebody of the company who appears in the words, by role; `feeling`: how they are spoken of.

    `department`: the one that the role stands for. `promised`: they are named in a promise.
    """

    role: str
    department: str
    feeling: Feeling
    rests_on: tuple[Span, ...]
    promised: bool = False


@dataclass(frozen=True)
class Story:
    """Who appears in the words, in order, and the words that say that the writer was sent from one to the next."""

    people: tuple[PersonHeard, ...] = ()
    handed_on: tuple[Span, ...] = ()

    @property
    def departments(self) -> tuple[str, ...]:
        """Return the departments that the story touches, in order."""
        return tuple(dict.fromkeys(one.department for one in self.people))

    @property
    def is_between(self) -> bool:
        """Return whether it tells of a seam: several departments, or being sent on."""
        return len(self.departments) > 1 or bool(self.handed_on)


@dataclass(frozen=True)
class ModelNames:
    """What told each part, with its version, as in "rules telco 1" or "head restaurant 3 (USE multilingual v3)"."""

    language: str = ""
    themes: str = ""
    tone: str = ""
    intents: str = ""


@dataclass(frozen=True)
class Annotation:
    """All that was read in one text. Themes and intents: most confident first."""

    language: Language
    clauses: tuple[Clause, ...]
    themes: tuple[ThemeFound, ...]
    tone: Tone
    intents: tuple[IntentFound, ...]
    promises: tuple[PromiseHeard, ...]
    models: ModelNames
    untold: frozenset[Part] = frozenset()
    emotions: tuple[EmotionFound, ...] = ()
    story: Story = Story()
