"""What may become of a case, how urgent it is, what may be granted. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    """Where a case stands. Closed is not recovered: that is shown later, by what the customer does."""

    NEW = "new"
    ACTIVE = "active"
    WAITING = "waiting"
    CLOSED = "closed"


OPEN = (State.NEW, State.ACTIVE, State.WAITING)
NEXT: Mapping[State, frozenset[State]] = {
    State.NEW: frozenset({State.ACTIVE, State.WAITING, State.CLOSED}),
    State.ACTIVE: frozenset({State.WAITING, State.CLOSED}),
    State.WAITING: frozenset({State.ACTIVE, State.CLOSED}),
    State.CLOSED: frozenset({State.ACTIVE}),
}
CLOSING = {
    "done": "Put right with the customer",
    "not_reached": "Customer could not be reached",
    "nothing_to_do": "There was nothing to put right",
}
POINTS_A_SEVERITY = 24.0
MOST_VALUE_POINTS = 48.0
HOURS_A_POINT = 2.0


@dataclass(frozen=True)
class Stakes:
    """What is at stake: severity 1 to 3, money a month, chance of leaving 0..1, days that a promise is overdue."""

    severity: int
    monthly_value: float | None = None
    p_leave_60d: float | None = None
    promise_overdue_days: int = 0


@dataclass(frozen=True)
class Grant:
    """Whether something may be given: at once, after somebody else approved, or not in this playbook."""

    at_once: bool
    asks: bool
    why: str = ""


def may_become(*, old: State, new: State) -> bool:
    """Say whether a case may change from one state to another."""
    return new in NEXT[old]


def priority(*, stakes: Stakes, due_at: datetime) -> float:
    """Return the points by which cases are ordered, the highest first.

    Two hours nearer to being due weigh as much as one point: the order of two cases never changes by time alone, so
    that nothing has to be worked out again while they wait.
    """
    value = (stakes.monthly_value or 0.0) * (stakes.p_leave_60d if stakes.p_leave_60d is not None else 0.1)
    points = POINTS_A_SEVERITY * stakes.severity + min(MOST_VALUE_POINTS, 2.0 * value)
    return points + min(10, stakes.promise_overdue_days) - due_at.timestamp() / 3600 / HOURS_A_POINT


def may_grant(*, amount: float, granted: float, most_own: float, most_playbook: float) -> Grant:
    """Say whether an amount may be given on top of what was given: within what the playbook allows, one's own limit."""
    if amount <= 0:
        return Grant(at_once=False, asks=False, why="Give an amount above 0.")
    total = amount + granted
    if total > most_playbook:
        return Grant(at_once=False, asks=False, why=f"This playbook allows {most_playbook:g} in all.")
    if total > most_own:
        return Grant(at_once=False, asks=True, why=f"You may grant {most_own:g}; somebody else has to approve more.")
    return Grant(at_once=True, asks=False)
