"""What to know before talking to a customer: what happened, what is owed, what not to ask, what they value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from valence.insights import say
from valence.insights.encounters import Encounter, Sign

if TYPE_CHECKING:
    from valence.insights.promises import Promise

RECENT_DAYS = 120
ASKED_DAYS = 90
MOST = 3


@dataclass(frozen=True)
class Brief:
    """Four short answers. Text between ** is the part that matters most."""

    happened: str
    owed: str
    do_not_ask: str
    valued: str


def brief(
    *, encounters: Sequence[Encounter], promises: Sequence[Promise], known_until: datetime, now: datetime
) -> Brief:
    """Return what to know before the next contact. What is recent ends where knowledge does; what is due, now."""
    return Brief(
        happened=_happened(encounters, now=known_until),
        owed=_owed(promises, now=now),
        do_not_ask=_do_not_ask(encounters, now=known_until),
        valued=_valued(encounters, now=known_until),
    )


def _recent(encounters: Sequence[Encounter], *, now: datetime, days: int) -> list[Encounter]:
    return [encounter for encounter in encounters if 0 <= (now - encounter.at).days <= days]


def _happened(encounters: Sequence[Encounter], *, now: datetime) -> str:
    if not _weighed(encounters):
        return "Not known: no model has weighed what happened."
    harmful = [one for one in _recent(encounters, now=now, days=RECENT_DAYS) if one.sign is Sign.HARM]
    if not harmful:
        return f"Nothing weakened the bond in the last {RECENT_DAYS} days."
    worst = sorted(sorted(harmful, key=lambda one: one.change)[:MOST], key=lambda one: one.at)
    told = [f"{_in_short(one)} ({one.said_department}, {say.date(one.at, now=now)})" for one in worst]
    rest = len(harmful) - len(worst)
    more = f" And {say.small(rest)} more that weakened the bond." if rest else ""
    return f"{say.sentence(', then '.join(told))}.{more}"


def _weighed(encounters: Sequence[Encounter]) -> bool:
    """Say whether what happened was weighed: without a model nobody knows what anything did."""
    return not encounters or any(one.after is not None for one in encounters)


def _in_short(one: Encounter) -> str:
    return one.went.partition(", ")[0] or one.noun.lower()


def _owed(promises: Sequence[Promise], *, now: datetime) -> str:
    owed = [promise for promise in promises if promise.state in {"broken", "overdue", "open"} and promise.still_owed]
    if not owed:
        return "Nothing that is on record."
    first = owed[0]
    due = f", promised for {say.date(first.due_at, now=now)}" if first.due_at else ""
    late = ""
    if first.due_at and say.days_between(first.due_at, now) > 0:
        late = f", {say.many(say.days_between(first.due_at, now), 'day')} overdue"
    rest = f" And {say.small(len(owed) - 1)} more." if len(owed) > 1 else ""
    return f"**{say.sentence(first.words)}**{due}{late}.{rest}"


def _do_not_ask(encounters: Sequence[Encounter], *, now: datetime) -> str:
    """Return what was already asked: matters that came up more than once, or were left unresolved."""
    counts: dict[str, int] = {}
    for one in _recent(encounters, now=now, days=ASKED_DAYS):
        about = one.noun.partition(" about ")[2]
        if about:
            again = {"repeat", "unresolved"} & set(one.facts)
            counts[about] = counts.get(about, 0) + (2 if again else 1)
    told = [about for about, times in sorted(counts.items(), key=lambda item: -item[1]) if times > 1][:MOST]
    scored = any(one.score is not None for one in _recent(encounters, now=now, days=ASKED_DAYS))
    if not told and not scored:
        return f"Nothing came up twice in the last {ASKED_DAYS} days."
    score = "nor how satisfied they are" if told else "how satisfied they are"
    parts = [say.listed(told), *([score] if scored else [])]
    return f"{say.sentence(', '.join(part for part in parts if part))}. It is all below."


def _valued(encounters: Sequence[Encounter], *, now: datetime) -> str:
    if not _weighed(encounters):
        return "Not known: no model has weighed what happened."
    praised = sorted((one for one in encounters if one.sign is Sign.PRAISE), key=lambda one: -one.change)
    if not praised:
        return "Not known: nothing on record has strengthened the bond."
    told = [f"{_in_short(one)} ({one.said_department}, {say.date(one.at, now=now)})" for one in praised[:2]]
    return f"{say.sentence(say.listed(told))}."
