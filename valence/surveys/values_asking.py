"""What the rest of the product sees of triggers and candidates: frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from valence.surveys.asking import Trigger


class NoSuchTrigger(LookupError):  # noqa: N818 - named as people say it
    """There is no trigger of this name."""


@dataclass(frozen=True)
class Kept:
    """A trigger as it is kept: whether it is active, and since when."""

    trigger: Trigger
    active: bool
    since: datetime | None
    by: str


@dataclass(frozen=True)
class Moment:
    """An interaction that a trigger matched: `about` its fields, none of which names a person."""

    trigger: str
    ref: str
    customer_key: int
    occurred_at: datetime
    due_at: datetime
    about: Mapping[str, str]
    unhappy: bool = False
    team_id: str = ""


@dataclass(frozen=True)
class Due(Moment):
    """A candidate that waits for its decision, under its number."""

    number: int = 0


@dataclass(frozen=True)
class Settled:
    """What was decided about a candidate, with the invitation that was made, if one was."""

    number: int
    why: str
    detail: str
    channel: str = ""
    at: datetime | None = None
    invitation: str = ""
    segment: str = ""


@dataclass(frozen=True)
class Decided:
    """A decision as it is stored."""

    trigger: str
    ref: str
    customer_key: int
    due_at: datetime
    unhappy: bool
    team_id: str
    segment: str
    why: str
    detail: str
    channel: str
    at: datetime | None
    invitation: str
    decided_at: datetime
    kind: str
    way: str = ""


@dataclass(frozen=True)
class TeamCount:
    """How many candidates of a team were decided about in one way."""

    team_id: str
    why: str
    unhappy: bool
    number: int


@dataclass(frozen=True)
class Tried:
    """One person whom a trial asked: in which way, when, and whether they answered in time."""

    way: str
    asked_at: datetime
    answered: bool


@dataclass(frozen=True)
class WasAsked:
    """One person who was asked: by which channel, about what kind of moment, and how it ended ("" while open)."""

    number: str
    customer_key: int | None
    channel: str
    moment: str
    asked_at: datetime
    end: str
