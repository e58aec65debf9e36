"""What the pages of triggers and decisions show, as values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from valence.surveys.asking import Trigger
from valence.web import parts


@dataclass(frozen=True)
class TriggerRow:
    """A trigger as a row, with what it decided in the days chosen."""

    slug: str
    name: str
    survey: str
    when: str
    active: bool
    asked: int
    of: int


@dataclass(frozen=True)
class Reason:
    """A way in which it was decided, and how often."""

    words: str
    number: int
    share: float
    asks: bool
    href: str = ""


@dataclass(frozen=True)
class TeamRow:
    """How many of a team's moments were left out, for reasons other than the draw, beside what others have."""

    name: str
    number: int
    left_out: str
    range: str
    differs: bool


@dataclass(frozen=True)
class PolicyForm:
    """What holds for all surveys together, in days and hours."""

    most: int
    window: int
    rest_after_asking: int
    rest_after_answering: int
    rest_after_declining: int
    quiet_from: str
    quiet_until: str


@dataclass(frozen=True)
class DecisionRow:
    """One decision as a row."""

    at: datetime
    name: str
    href: str
    what: str
    words: str
    asks: bool
    channel: str


@dataclass(frozen=True)
class TriggersPage:
    """What the overview shows."""

    lead: str
    rows: tuple[TriggerRow, ...]
    reasons: tuple[Reason, ...]
    teams: tuple[TeamRow, ...]
    teams_says: str
    by_hand: str
    silent: str
    policy: PolicyForm
    waiting: int
    may_change: bool
    can_make: bool


@dataclass(frozen=True)
class DecisionsPage:
    """The decisions that the address means."""

    total: int
    rows: tuple[DecisionRow, ...]
    chips: tuple[parts.Chip, ...]
    choices: tuple[parts.Choices, ...]
    more: parts.More
    lead: str


@dataclass(frozen=True)
class TryRow:
    """What answers of a segment would tell."""

    segment: str
    asked: int
    answers: str
    within: str


@dataclass(frozen=True)
class Tried:
    """What a dry run found."""

    lead: str
    tiles: tuple[parts.Tile, ...]
    reasons: tuple[Reason, ...]
    precision: tuple[TryRow, ...]
    teams: tuple[TeamRow, ...]
    assumed: str


@dataclass(frozen=True)
class WayRow:
    """One way of asking: of those asked a week ago or more, which share answered within a week."""

    words: str
    asked: int
    answered: str
    range: str
    href: str


@dataclass(frozen=True)
class Trial:
    """Two ways of asking side by side, and what that says; without rows: what a form that begins one holds."""

    says: str
    rows: tuple[WayRow, ...]
    after: str
    channels: tuple[tuple[str, str, bool], ...]
    decided: bool = False


@dataclass(frozen=True)
class TriggerPage:
    """A trigger's form, what it tries, and what a dry run found where one was asked for."""

    slug: str
    title: str
    active: bool
    surveys: tuple[tuple[str, str], ...]
    survey: str
    name: str
    fields: tuple[tuple[str, str, str, str], ...]
    after: str
    lasts: str
    share: str
    within: str
    channels: tuple[tuple[str, str, bool], ...]
    first: tuple[tuple[str, str, bool], ...]
    drawn: str
    may_change: bool
    tried: Tried | None
    stored: Trigger | None
    trial: Trial | None = None
    problem: str = ""
