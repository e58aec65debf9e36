"""What follows where several keys name one customer: who belongs together, under which key, with which values. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from valence.customers.rules import Value

WORDS = ("segment", "plan", "region", "location_id", "language")
_END_OF_TIME = datetime.max.replace(tzinfo=UTC)


class Relation(StrEnum):
    """What two keys are to each other. Only `same` is read as one customer; the others stay or leave each by itself."""

    SAME = "same"
    ACCOUNT = "account"
    HOUSEHOLD = "household"


class State(StrEnum):
    """Where a link stands."""

    SUGGESTED = "suggested"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    UNDONE = "undone"


STEPS: Mapping[State, frozenset[State]] = {
    State.SUGGESTED: frozenset({State.CONFIRMED, State.REFUSED, State.UNDONE}),
    State.CONFIRMED: frozenset({State.UNDONE, State.REFUSED}),
    State.REFUSED: frozenset({State.CONFIRMED, State.UNDONE}),
    State.UNDONE: frozenset({State.CONFIRMED, State.REFUSED, State.SUGGESTED}),
}
"""Which state may follow which. What was undone may be suggested again only by a source, not by evidence."""


@dataclass(frozen=True)
class Line:
    """What is known under one key: when they joined and left, and the values of WORDS and their monthly value."""

    key: int
    joined_at: datetime | None = None
    left_at: datetime | None = None
    left_kind: str = ""
    left_reason: str = ""
    switched_from: str = ""
    monthly_value: float | None = None
    words: Mapping[str, Value] = field(default_factory=dict)


def components(*, pairs: Iterable[tuple[int, int]], alone: Iterable[int] = ()) -> list[frozenset[int]]:
    """Return who belongs together by pairs of keys, everybody of `alone` included: sets without a common member."""
    parent: dict[int, int] = {key: key for key in alone}
    for a, b in pairs:
        top, other = _top(parent, a), _top(parent, b)
        parent[max(top, other)] = min(top, other)
    found: dict[int, set[int]] = {}
    for key in parent:
        found.setdefault(_top(parent, key), set()).add(key)
    return [frozenset(members) for _, members in sorted(found.items())]


def _top(parent: dict[int, int], key: int) -> int:
    top = key
    while parent.setdefault(top, top) != top:
        top = parent[top]
    while parent[key] != top:
        parent[key], key = top, parent[key]
    return top


def parted(*, members: Collection[int], refused: Iterable[tuple[int, int]]) -> tuple[int, int] | None:
    """Return a pair of members of whom somebody said that they are not the same, None where there is none."""
    return next((pair for pair in refused if pair[0] in members and pair[1] in members), None)


def together(*, lines: Sequence[Line]) -> Line:
    """Return what is known of a customer by all their lines, under the key of the line that joined first.

    1. The first line gives the key: the one under which the journey begins, and which no later id changes. Lines of
       which nothing is known come last, the smaller key decides a tie.
    2. They joined with the first line, and left only when every line has left: with the last of them.
    3. Words are those of the line they joined last among those they still have (the last to leave where none is
       left); what it does not say, the next one says. Whom they came from, the first line says that says it.
    4. The values of the lines they still have add up; two that cost the same to the cent count once: they are taken
       for one contract that two systems know.
    """
    known = sorted(lines, key=lambda line: (line.joined_at or _END_OF_TIME, line.key))
    said = [line for line in known if line.joined_at] or known
    still = open_ones(lines=said)
    latest = sorted(still, key=lambda line: (line.joined_at or _END_OF_TIME, line.key), reverse=True)
    last = latest[0]
    return Line(
        key=known[0].key,
        joined_at=said[0].joined_at,
        left_at=last.left_at,
        left_kind=last.left_kind,
        left_reason=last.left_reason,
        switched_from=next((line.switched_from for line in said if line.switched_from), ""),
        monthly_value=added([line.monthly_value for line in still]),
        words={name: next((line.words[name] for line in latest if line.words.get(name)), "") for name in WORDS},
    )


def open_ones(*, lines: Sequence[Line]) -> list[Line]:
    """Return the lines a customer still has; where none is left, those that left last."""
    still = [line for line in lines if line.left_at is None]
    if still:
        return still
    end = max(line.left_at for line in lines if line.left_at)
    return [line for line in lines if line.left_at == end]


def added(values: Iterable[float | None]) -> float | None:
    """Return what lines cost together, equal ones counted once; None where nothing is known of any."""
    known = {round(value, 2): value for value in values if value is not None}
    return sum(known[name] for name in sorted(known)) if known else None
