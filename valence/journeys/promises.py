"""What was promised, and whether it was kept: a promise is settled by what came after it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from valence import packs, terms
from valence.journeys import follow, signs

COLUMNS = ("kind", "department", "reason", "facts", "promise", "promised_at")
STATES = ("open", "kept", "broken", "overdue")
OPEN, KEPT, BROKEN, OVERDUE = range(4)
BROKEN_FACTS = frozenset({"no_show", "late", "missed_callback", "promise_broken"})
# A promise without a date is taken as due after this many days, so that none stays open for ever.
DUE_AFTER_DAYS = 30.0
# A visit or answer this much after the promised moment still keeps the promise.
GRACE_DAYS = 1.0 / 24.0


@dataclass(frozen=True)
class Promises:
    """One row for each promise (p,). row: where it was made; due in days (NaN: no date was given).

    state (p,): index into STATES. settled_row: the row that kept or broke it, -1 where none; settled: when, NaN.
    """

    row: terms.Keys
    due: terms.Days
    state: terms.Codes
    settled_row: terms.Keys
    settled: terms.Days


def settle(*, journeys: terms.Journeys, now: float, pack: packs.Pack) -> Promises:
    """Return every promise and what became of it by `now` (days).

    1. A promise is a row that says `made`, or that names a later moment (`promised_at`) and is no visit itself.
    2. A row that says `kept` or `broken` settles the promise made for the same day, else the latest one before it.
    3. A visit settles the promise made for its day: kept in time, broken when late, missed or not done.
    4. What nothing settled is open until it is due and overdue after; without a date it is due after 30 days.
    """
    read = signs.read(journeys=journeys, pack=pack)
    row = np.flatnonzero(read.promising)
    due = signs.number(journeys=journeys, name="promised_at")[row]
    verdict, made_row = _verdicts(journeys, read, now)
    settled_row = _first_settled(made_row, row, len(journeys))
    settled = np.where(settled_row >= 0, journeys.occurred[settled_row], np.nan) if len(journeys) else due
    deadline = np.where(np.isfinite(due), due, journeys.occurred[row] + DUE_AFTER_DAYS)
    waiting = np.where(now > deadline + GRACE_DAYS, OVERDUE, OPEN)
    state = np.where(settled_row >= 0, verdict[settled_row], waiting) if len(journeys) else waiting
    return Promises(row=row, due=due, state=state.astype(np.int32), settled_row=settled_row, settled=settled)


def _verdicts(journeys: terms.Journeys, read: signs.Signs, now: float) -> tuple[terms.Codes, terms.Keys]:
    """Return for each row (n,) the state it would give a promise, and the row of the promise it settles or -1."""
    told = signs.column(journeys=journeys, name="promise")
    promised = signs.number(journeys=journeys, name="promised_at")
    kept = signs.where(words=told, holds=lambda word: word == "kept")
    settles = (kept | read.broke | read.visit) & (journeys.occurred <= now)
    group = journeys.owners()
    day = np.where(np.isfinite(promised), promised, journeys.occurred)
    by_date = follow.due_at(day=day, promised=promised, cause=read.promising, group=group)
    latest = follow.latest_before(cause=read.promising, group=group)
    made = np.where(by_date >= 0, by_date, np.where(kept | read.broke, latest, -1))
    return np.where(_fell_short(journeys, read, by_date) & ~kept, BROKEN, KEPT), np.where(settles, made, -1)


def _fell_short(journeys: terms.Journeys, read: signs.Signs, made: terms.Keys) -> NDArray[np.bool_]:
    facts = signs.column(journeys=journeys, name="facts")
    missed = signs.holds_fact(words=facts, facts=BROKEN_FACTS)
    promised = signs.number(journeys=journeys, name="promised_at")
    late = (made >= 0) & (journeys.occurred > promised[made] + GRACE_DAYS) if len(journeys) else missed
    return read.broke | (read.visit & (missed | late))


def _first_settled(made_row: terms.Keys, row: terms.Keys, rows: int) -> terms.Keys:
    """Return for each promise the first row that settles it, -1 where none does."""
    first = np.full(rows, -1, np.int64)
    settling = np.flatnonzero(made_row >= 0)[::-1]
    first[made_row[settling]] = settling
    return first[row]
