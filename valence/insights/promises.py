"""One customer's promises, said: what was promised, by whom, for when, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime

from valence.insights import say
from valence.insights.encounters import Encounter


@dataclass(frozen=True)
class Settled:
    """A promise as the journey tells it: rows of the journey, -1 where nothing settled it."""

    row: int
    due_at: datetime | None
    state: str
    settled_row: int
    settled_at: datetime | None
    told_at: datetime | None = None


@dataclass(frozen=True)
class Promise:
    """A promise as a page shows it. `state` is open, overdue, kept, broken or unsaid (due, and no source
    says what became of such promises); `still_owed`: nothing made it good."""

    words: str
    department: str
    state: str
    made_at: datetime
    due_at: datetime | None
    settled_at: datetime | None
    source: str
    interaction_id: str
    still_owed: bool
    told_at: datetime | None = None


ORDER = {"overdue": 0, "broken": 1, "open": 2, "unsaid": 3, "kept": 4}
SAID = {"unsaid": "cannot say"}


def tell(
    *,
    settled: Sequence[Settled],
    encounters: Sequence[Encounter],
    unsaid: Set[tuple[str, str]] = frozenset(),
    has_left: bool = False,
) -> tuple[Promise, ...]:
    """Return the promises in the order in which they need attention, the latest first within each state.

    `unsaid`: interactions (source, id) whose promises nobody notes as kept or broken. has_left: to who left, nothing
    can be kept any more.
    """
    told = [_one(_as_said(promise, encounters, unsaid), encounters, has_left) for promise in settled]
    return tuple(sorted(told, key=lambda promise: (ORDER[promise.state], -promise.made_at.timestamp())))


def _as_said(promise: Settled, encounters: Sequence[Encounter], unsaid: Set[tuple[str, str]]) -> Settled:
    made = encounters[promise.row]
    if promise.state == "overdue" and (made.source, made.interaction_id) in unsaid:
        return replace(promise, state="unsaid")
    return promise


def _one(promise: Settled, encounters: Sequence[Encounter], has_left: bool) -> Promise:
    made = encounters[promise.row]
    later_kept = any(one.promise == "kept" or "credited" in one.facts for one in encounters[promise.settled_row + 1 :])
    broken = promise.state == "broken"
    return Promise(
        words=_words(made),
        department=made.said_department,
        state=promise.state,
        made_at=made.at,
        due_at=promise.due_at,
        settled_at=promise.settled_at,
        source=made.source,
        interaction_id=made.interaction_id,
        still_owed=not has_left and (promise.state in {"open", "overdue"} or (broken and not later_kept)),
        told_at=promise.told_at,
    )


def _words(made: Encounter) -> str:
    """Return what was promised, as far as the record tells."""
    if made.kind == "promise":
        return made.noun.partition(" for ")[2] or made.noun
    return f"what the {made.noun[:1].lower()}{made.noun[1:]} promised"


def counted(promises: Sequence[Promise]) -> str:
    """Return how the promises stand: `1 broken · 2 kept`."""
    states = [promise.state for promise in promises]
    said = [f"{states.count(state)} {SAID.get(state, state)}" for state in ORDER if state in states]
    return " · ".join(said) or say.sentence("none on record")
