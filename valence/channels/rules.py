"""What follows from trying to send: sent, tried again later, or given up. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from valence.channels.values import Problem, State, Why

WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60, 120, 240))
"""How long to wait after the first, second ... try that failed; the last one again and again."""

GIVEN_UP_AFTER = timedelta(days=3)
"""How long a message is tried whose own time does not end before."""

REST = timedelta(minutes=1)
"""How long nothing of a kind is tried after its server could not be reached."""

LEASE = timedelta(minutes=10)
"""A message handed over for longer than this was broken off: no server is waited for that long."""

ADDRESS_GONE = frozenset({Why.ADDRESS_REFUSED, Why.BAD_ADDRESS, Why.OPTED_OUT})
"""After these an address is not written to again."""


@dataclass(frozen=True)
class Next:
    """What becomes of a message after a try."""

    state: State
    why: Why | None = None
    next_try_at: datetime | None = None


def after(*, problem: Problem | None, tries: int, queued_at: datetime, until: datetime | None, now: datetime) -> Next:
    """Return what becomes of a message that was tried for the `tries`-th time.

    A server that cannot be reached costs a message nothing but time: it waits, whatever the number of tries.
    """
    if problem is None:
        return Next(State.SENT)
    if problem.why is Why.BROKEN_OFF:
        return Next(State.UNSURE, problem.why)
    if problem.lasting:
        return Next(State.BOUNCED if problem.why in ADDRESS_GONE else State.FAILED, problem.why)
    again_at = now + (REST if problem.about_all else WAITS[min(tries, len(WAITS)) - 1])
    if again_at >= (until or queued_at + GIVEN_UP_AFTER):
        return Next(State.FAILED, problem.why)
    return Next(State.QUEUED, problem.why, again_at)


def is_too_late(*, until: datetime | None, now: datetime) -> bool:
    """Say whether nobody wants the message any more."""
    return until is not None and until <= now


def marks_address(problem: Problem | None) -> bool:
    """Say whether the address should not be written to again."""
    return problem is not None and problem.lasting and problem.why in ADDRESS_GONE
