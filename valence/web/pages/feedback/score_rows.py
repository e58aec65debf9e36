"""What the page of scores shows, as values."""

from __future__ import annotations

from dataclasses import dataclass

from valence.insights import responses
from valence.web import parts
from valence.web.charts import card


@dataclass(frozen=True)
class Part:
    """Answers that were asked alike, as a row: which question, scale and channel, and the figure they make."""

    href: str
    question: str
    scale: str
    channel: str
    number: int
    answers_href: str
    figure: str
    range: str
    on: bool


@dataclass(frozen=True)
class GroupRow:
    """A department's, touchpoint's, team's or place's figure; `shrunk` is drawn towards that of all.

    href opens its answers, "" where there are too few to be shown, or they are those of staff.
    """

    name: str
    number: int
    own: str
    shrunk: str
    range: str
    low: float
    middle: float
    high: float
    href: str = ""


@dataclass(frozen=True)
class RateRow:
    """How many of a group answered of those asked."""

    kind: str
    name: str
    asked: int
    answered: str
    share: str
    range: str
    differs: bool


@dataclass(frozen=True)
class ScoresPage:
    """What the page shows; without enough answers only `questions`, the funnel and why."""

    lead: str
    questions: tuple[Part, ...]
    apart: str
    title: str
    tiles: tuple[parts.Tile, ...]
    says: str
    chart: card.Chart | None
    table: card.Table | None
    change: str
    needed: str
    by_choices: tuple[parts.Choices, ...]
    by_name: str
    by_says: str
    groups: tuple[GroupRow, ...]
    reference: float
    funnel: tuple[responses.Step, ...]
    funnel_says: str
    rates: tuple[RateRow, ...]
    speaks: str
    weighed: str
    chips: tuple[parts.Chip, ...]
    state: parts.State | None
    integrity_href: str = ""
