"""What was promised, and whether it was kept: a promise is settled by what came after it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from valence import packs, terms
from valence.journeys import follow, recorded, signs

COLUMNS = (
    "source", "kind", "department", "reason", "facts", "promise", "promised_at", "interaction_id", "caused_by",
)  # fmt: skip
STATES = ("open", "kept", "broken", "overdue")
OPEN, KEPT, BROKEN, OVERDUE = range(4)
HOWS = ("recorded", "appointment", "text", "case")
RECORDED, APPOINTMENT, TEXT, CASE = range(4)
# What a reply of a case promised comes back under this source.
OURS = "valence"
BROKEN_FACTS = frozenset({"no_show", "late", "missed_callback", "promise_broken"})
# A promise without a date is taken as due after this many days, so that none stays open for ever.
DUE_AFTER_DAYS = 30.0
# A visit or answer this much after the promised moment still keeps the promise.
GRACE_DAYS = 1.0 / 24.0
# How long after a promise was due what we say about it still tells how it stands.
TOLD_WITHIN_DAYS = 14.0
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Heard:
    """Promises that texts tell of. row (h,): which row tells; due (h,): until when, in days, NaN where not said.

    broken (h,): the writer says that it was not kept.
    """

    row: terms.Keys
    due: terms.Days
    broken: Flags


NOTHING_HEARD = Heard(row=np.empty(0, np.int64), due=np.empty(0), broken=np.empty(0, np.bool_))


@dataclass(frozen=True)
class Promises:
    """One row for each promise (p,). row: where it was made; due in days (NaN: no date was given).

    state (p,): index into STATES. settled_row: the row that kept or broke it, -1 where none; settled: when, NaN.
    how (p,): index into HOWS: recorded as such, implied by an appointment, heard in a text, made in a case's reply.
    told_row (p,): the first row that told the customer how it stands, -1 where none did.
    """

    row: terms.Keys
    due: terms.Days
    state: terms.Codes
    settled_row: terms.Keys
    settled: terms.Days
    how: terms.Codes
    told_row: terms.Keys


def settle(
    *, journeys: terms.Journeys, now: float, pack: packs.Pack, heard: Heard = NOTHING_HEARD, telling: bool = True
) -> Promises:
    """Return every promise and what became of it by `now` (days). telling: also who told the customer how it stands.

    1. A promise is a row that says `made`, or that names a later moment (`promised_at`) and is no visit itself, or
       whose text tells of one.
    2. A row that says `kept` or `broken` settles the promise made for the same day, else the latest one before it.
    3. A visit settles the promise made for its day: kept in time, broken when late, missed or not done.
    4. A later promise for the very same moment, of which nobody says what it is, is the same one followed up: kept
       where that came in time, broken where it came after.
    5. What nothing settled is open until it is due and overdue after; without a date it is due after 30 days.
    """
    read = signs.read(journeys=journeys, pack=pack)
    how = _how(journeys, read)
    if len(heard.row):
        journeys, read, how = _with_heard(journeys, read, how, heard)
    again = _followed_up(journeys, read, pack)
    read = replace(read, promising=read.promising & ~again)
    row = np.flatnonzero(read.promising)
    due = signs.number(journeys=journeys, name="promised_at")[row]
    verdict, made_row = _verdicts(journeys, read, again, now)
    settled_row = _first_settled(made_row, row, len(journeys))
    settled = np.where(settled_row >= 0, journeys.occurred[settled_row], np.nan) if len(journeys) else due
    deadline = np.where(np.isfinite(due), due, journeys.occurred[row] + DUE_AFTER_DAYS)
    waiting = np.where(now > deadline + GRACE_DAYS, OVERDUE, OPEN)
    state = np.where(settled_row >= 0, verdict[settled_row], waiting) if len(journeys) else waiting
    until = np.where(settled_row >= 0, settled, deadline)
    failed = np.where(state == KEPT, -np.inf, until)
    told_row = _told(journeys, read, row, settled_row, failed, now, pack) if telling else np.full(len(row), -1)
    return Promises(
        row=row,
        due=due,
        state=state.astype(np.int32),
        settled_row=settled_row,
        settled=settled,
        how=how[row],
        told_row=told_row,
    )


def _how(journeys: terms.Journeys, read: signs.Signs) -> terms.Codes:
    """Return for each row (n,) how it would promise, an index into HOWS."""
    ours = signs.where(words=signs.column(journeys=journeys, name="source"), holds=lambda word: word == OURS)
    made = signs.where(words=signs.column(journeys=journeys, name="promise"), holds=lambda word: word == "made")
    return np.where(made, np.where(ours, CASE, RECORDED), APPOINTMENT).astype(np.int32)


def _with_heard(
    journeys: terms.Journeys, read: signs.Signs, how: terms.Codes, heard: Heard
) -> tuple[terms.Journeys, signs.Signs, terms.Codes]:
    """Return journeys, signs and how, as if what texts tell were recorded; what is recorded goes before it.

    Where a customer says that a promise was not kept, it breaks the last one before; without one, it is only said.
    """
    promising, broke, how = read.promising.copy(), read.broke.copy(), how.copy()
    due = signs.number(journeys=journeys, name="promised_at").copy()
    new = ~promising[heard.row] & ~heard.broken & np.isfinite(heard.due)
    rows = heard.row[new]
    promising[rows], due[rows], how[rows] = True, heard.due[new], TEXT
    broke[heard.row[heard.broken]] = True
    said = replace(journeys, numbers={**journeys.numbers, "promised_at": due})
    return said, replace(read, promising=promising, broke=broke), how


def _told(
    journeys: terms.Journeys,
    read: signs.Signs,
    row: terms.Keys,
    settled_row: terms.Keys,
    until: terms.Days,
    now: float,
    pack: packs.Pack,
) -> terms.Keys:
    """Return for each promise (p,) the first row that told the customer how it stands, -1 where none did.

    A message that the promise or what settled it led to; or a new promise: about the same matter before it was due,
    about anything after it failed. until (p,): when it was due or failed, minus infinity where it was kept.
    """
    first = np.full(len(row), len(journeys), np.int64)
    if not len(row):
        return first
    place = np.full(len(journeys) + 1, -1, np.int64)
    place[settled_row] = np.arange(len(row))
    place[row] = np.arange(len(row))
    place[-1] = -1
    causes = recorded.causes(journeys=journeys)
    known = np.flatnonzero((causes >= 0) & _outreach(journeys, pack) & (journeys.occurred <= now))
    _take(first, place[causes[known]], known)
    again = np.flatnonzero(read.promising & (journeys.occurred <= now))
    same = follow.groups(journeys=journeys, same=("reason",))
    for group, before in ((same, True), (journeys.owners(), False)):
        earlier = place[follow.latest_before(cause=read.promising, group=group)[again]]
        late = journeys.occurred[again] >= until[earlier]
        near = journeys.occurred[again] <= until[earlier] + TOLD_WITHIN_DAYS
        _take(first, np.where(near & (late != before), earlier, -1), again)
    return np.where(first < len(journeys), first, -1)


def _take(first: terms.Keys, promise: terms.Keys, row: terms.Keys) -> None:
    """Put a row where it is the first that tells of its promise; -1: of none."""
    of_one = promise >= 0
    np.minimum.at(first, promise[of_one], row[of_one])


def _outreach(journeys: terms.Journeys, pack: packs.Pack) -> Flags:
    kind = signs.column(journeys=journeys, name="kind")
    return signs.where(words=kind, holds=lambda word: pack.known_as("kinds", word) == "message")


def _followed_up(journeys: terms.Journeys, read: signs.Signs, pack: packs.Pack) -> NDArray[np.bool_]:
    """Return which rows (n,) are promises of which an earlier row of the customer told, for the same moment."""
    promised = signs.number(journeys=journeys, name="promised_at")
    told = signs.column(journeys=journeys, name="promise")
    kind = signs.column(journeys=journeys, name="kind")
    dated = np.isfinite(promised) & ~read.visit & ~signs.where(words=told, holds=lambda word: word != "")
    rows = np.flatnonzero(dated)
    _, first = np.unique(np.stack([journeys.owners()[rows], promised[rows]], axis=1), axis=0, return_index=True)
    dated[rows[first]] = False
    return dated & signs.where(words=kind, holds=lambda word: pack.known_as("kinds", word) == "promise")


def _verdicts(
    journeys: terms.Journeys, read: signs.Signs, again: NDArray[np.bool_], now: float
) -> tuple[terms.Codes, terms.Keys]:
    """Return for each row (n,) the state it would give a promise, and the row of the promise it settles or -1."""
    told = signs.column(journeys=journeys, name="promise")
    promised = signs.number(journeys=journeys, name="promised_at")
    kept = signs.where(words=told, holds=lambda word: word == "kept")
    settles = (kept | read.broke | read.visit | again) & (journeys.occurred <= now)
    group = journeys.owners()
    day = np.where(np.isfinite(promised), promised, journeys.occurred)
    by_date = follow.due_at(day=day, promised=promised, cause=read.promising, group=group)
    latest = follow.latest_before(cause=read.promising, group=group)
    made = np.where(by_date >= 0, by_date, np.where(kept | read.broke, latest, -1))
    fell_short = _fell_short(journeys, read, read.visit | again, by_date)
    return np.where(fell_short & ~kept, BROKEN, KEPT), np.where(settles, made, -1)


def _fell_short(
    journeys: terms.Journeys, read: signs.Signs, dated: NDArray[np.bool_], made: terms.Keys
) -> NDArray[np.bool_]:
    """Return which rows (n,) break a promise: they say so, or of those that its date settles came late or missed."""
    facts = signs.column(journeys=journeys, name="facts")
    missed = signs.holds_fact(words=facts, facts=BROKEN_FACTS)
    promised = signs.number(journeys=journeys, name="promised_at")
    late = (made >= 0) & (journeys.occurred > promised[made] + GRACE_DAYS) if len(journeys) else missed
    return read.broke | (dated & (missed | late))


def _first_settled(made_row: terms.Keys, row: terms.Keys, rows: int) -> terms.Keys:
    """Return for each promise the first row that settles it, -1 where none does."""
    first = np.full(rows, -1, np.int64)
    settling = np.flatnonzero(made_row >= 0)[::-1]
    first[made_row[settling]] = settling
    return first[row]
