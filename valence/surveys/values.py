"""What the rest of the product sees of the surveys' tables: frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from valence.surveys.answer import Answers
from valence.surveys.survey import Survey


class State(StrEnum):
    """Where a survey stands."""

    DRAFT = "draft"
    LIVE = "live"
    CLOSED = "closed"


class End(StrEnum):
    """How an invitation ended: answered, answered in part and left, declined, or its time passed."""

    ANSWERED = "answered"
    PARTLY = "partly"
    DECLINED = "declined"
    EXPIRED = "expired"


class NoSuchSurvey(LookupError):  # noqa: N818 - named as people say it
    """There is no survey of this name, or it was never asked."""


class NotOpen(Exception):  # noqa: N818 - named as people say it
    """Nothing can be answered here any more. `end` says how it ended."""

    def __init__(self, end: End) -> None:
        super().__init__(end.value)
        self.end = end


class TooOften(Exception):  # noqa: N818 - named as people say it
    """One invitation was saved more often than a person would."""


@dataclass(frozen=True)
class Named:
    """A survey in a list: its name, state, the number of its last version (0: never asked), what it asks now."""

    slug: str
    state: State
    version: int
    survey: Survey
    made_at: datetime
    by: str


@dataclass(frozen=True)
class Invitee:
    """Somebody to be asked: about what (`about`: fields of that interaction), with what is known, in which language.

    asked_at: when they are written to, where that is not now. ended: how and when it ended, where that is past.
    """

    customer_key: int | None
    channel: str
    language: str
    about: Mapping[str, str]
    known: Mapping[str, str]
    ends_at: datetime
    asked_at: datetime | None = None
    ended: tuple[End, datetime] | None = None


@dataclass(frozen=True)
class Invited:
    """An invitation that was made. `token` opens it and is told only now."""

    number: str
    token: str


@dataclass(frozen=True)
class Invitation:
    """An invitation as it stands. `end` is None while it is open."""

    number: str
    slug: str
    version: int
    survey: Survey
    customer_key: int | None
    channel: str
    language: str
    about: Mapping[str, str]
    known: Mapping[str, str]
    asked_at: datetime
    ends_at: datetime
    end: End | None


@dataclass(frozen=True)
class Kept:
    """What an invitation was answered in all. `end` None: it is in the making; else the invitation ends so."""

    invitation: Invitation
    answers: Answers
    end: End | None
