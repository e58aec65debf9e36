"""What customers were told to expect, what happened, and how they took it: read off journeys. Pure.

Three kinds of thing are told beforehand: when somebody comes (visits), how much it will cost (bills), and by when
something else is done (promises). Where nothing was told, no expectation was set by us.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from valence import packs, terms
from valence.insights import billing
from valence.journeys import promises, signs

COLUMNS = tuple(dict.fromkeys((*promises.COLUMNS, *signs.COLUMNS, *billing.COLUMNS, "score", "scale")))
# More than this above what was told is no longer as told, and far from it.
OVER, FAR_OVER = 0.05, 0.2
FAR_LATE_DAYS = 1.0
LEFT_DAYS, SOON_DAYS = 60.0, 14.0
LOW = 0.5
AS_TOLD, A_LITTLE, FAR = range(3)
NOT_TOLD = -1


class About(StrEnum):
    """What an expectation is about."""

    VISIT = "visit"
    BILL = "bill"
    PROMISE = "promise"


class Reaction(StrEnum):
    """How a customer can take it: leaves by choice in 60 days, scores low or gets in touch again within two weeks."""

    LEFT = "left"
    LOW_SCORE = "low_score"
    AGAIN = "again"


ABOUTS, REACTIONS = tuple(About), tuple(Reaction)


@dataclass(frozen=True)
class Happened:
    """What came (h,), in order of `at`. owner: position of the customer; at: days; about: index into ABOUTS.

    row (h,): the visit or bill, or what made the promise.
    short (h,): AS_TOLD, A_LITTLE or FAR from what was told, NOT_TOLD where nothing was. first (h,): the customer's
    first of its kind in that quarter, so that each stands there once. took (h, 3): whether each of REACTIONS
    followed, NaN where it is too early to say, or nobody asked.
    """

    row: terms.Keys
    owner: terms.Keys
    at: terms.Days
    about: terms.Codes
    short: terms.Codes
    quarter: terms.Keys
    first: NDArray[np.bool_]
    took: terms.Floats


def read(*, journeys: terms.Journeys, left: terms.Days, now: float, since: float, pack: packs.Pack) -> Happened:
    """Return what came to customers in (since, now], days, and how they took it.

    left (c,): when each customer left by choice, NaN for who did not.
    """
    found = signs.read(journeys=journeys, pack=pack)
    made = promises.settle(journeys=journeys, now=now, pack=pack, telling=False)
    parts = [_visits(journeys, found, made), _bills(journeys, pack), _promises(journeys, found, made)]
    row, at, short = (np.concatenate([part[place] for part in parts]) for place in range(3))
    owner = journeys.owners()[row]
    about = np.repeat(np.arange(3, dtype=np.int32), [len(part[0]) for part in parts])
    there = (at > since) & (at <= now)
    order = np.flatnonzero(there)[np.lexsort((at[there], about[there], owner[there]))]
    row, owner, at, about, short = row[order], owner[order], at[order], about[order], short[order].astype(np.int32)
    quarter = quarter_of(day=at)
    first = np.ones(len(order), np.bool_)
    first[1:] = (np.diff(owner) != 0) | (np.diff(about) != 0) | (np.diff(quarter) != 0)
    took = np.stack(
        [
            _left(left[owner], at, now),
            _low(journeys, owner, at),
            _again(journeys, found, owner, at, now),
        ],
        axis=1,
    )
    return Happened(row, owner, at, about, short, quarter, first, took)


def quarter_of(*, day: terms.Days) -> terms.Keys:
    """Return the quarter (n,) of days: 4 times the year plus 0 to 3."""
    month = np.floor(day).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return month // 3 + 4 * 1970


_Part = tuple[terms.Keys, terms.Days, terms.Keys]


def _visits(journeys: terms.Journeys, found: signs.Signs, made: promises.Promises) -> _Part:
    """Return visits with how late they came after the moment that was told; missed ones are far from it."""
    row = np.flatnonzero(found.visit)
    due = signs.number(journeys=journeys, name="promised_at").copy()
    settled = (made.settled_row >= 0) & np.isfinite(made.due)
    place = made.settled_row[settled]
    due[place] = np.where(np.isfinite(due[place]), due[place], made.due[settled])
    facts = signs.column(journeys=journeys, name="facts")
    missed = signs.holds_fact(words=facts, facts=frozenset({"no_show", "missed_callback", "promise_broken"}))[row]
    said_late = signs.holds_fact(words=facts, facts=frozenset({"late"}))[row]
    late = journeys.occurred[row] - due[row]
    short = np.where(late > promises.GRACE_DAYS, A_LITTLE, AS_TOLD)
    short = np.where(said_late, np.maximum(short, A_LITTLE), short)
    short = np.where(missed | (late > FAR_LATE_DAYS), FAR, short)
    return row, journeys.occurred[row], np.where(np.isfinite(due[row]), short, NOT_TOLD)


def _bills(journeys: terms.Journeys, pack: packs.Pack) -> _Part:
    """Return bills with how far they are above what was told or quoted; what is only usual was told by nobody."""
    found = billing.read(journeys=journeys, pack=pack)
    share = found.over / np.maximum(np.abs(found.told), 1.0)
    short = np.where(share > FAR_OVER, FAR, np.where(share > OVER, A_LITTLE, AS_TOLD))
    told = np.isfinite(found.told) & (found.about != billing.USUAL)
    return found.row, journeys.occurred[found.row], np.where(told, short, NOT_TOLD)


def _promises(journeys: terms.Journeys, found: signs.Signs, made: promises.Promises) -> _Part:
    """Return promises that no visit settles, when they were settled or due; told is one that named a moment."""
    visit = np.append(found.visit, False)
    kept = (made.state != promises.OPEN) & ~visit[np.where(made.settled_row >= 0, made.settled_row, -1)]
    due = np.where(np.isfinite(made.due), made.due, journeys.occurred[made.row] + promises.DUE_AFTER_DAYS)
    at = np.where(np.isfinite(made.settled), made.settled, due)
    short = np.where(made.state == promises.KEPT, AS_TOLD, np.where(at - due > FAR_LATE_DAYS, FAR, A_LITTLE))
    short = np.where(made.state == promises.OVERDUE, FAR, short)
    told = np.where(np.isfinite(made.due), short, NOT_TOLD)
    return made.row[kept], at[kept], told[kept]


def _left(left: terms.Days, at: terms.Days, now: float) -> terms.Floats:
    """Return whether customers left by choice in time; NaN until it is over for all, else only who left would count."""
    gone = (left > at) & (left <= at + LEFT_DAYS)
    return np.where(at + LEFT_DAYS <= now, gone.astype(float), np.nan)


def _low(journeys: terms.Journeys, owner: terms.Keys, at: terms.Days) -> terms.Floats:
    """Return whether the first score within two weeks lies in the lower half of its scale; NaN without one."""
    score = signs.number(journeys=journeys, name="score")
    scale = signs.column(journeys=journeys, name="scale")
    ends = np.array([terms.SCALES.get(packs.plain_word(word), (np.nan, np.nan)) for word in (*scale.vocabulary, "")])
    share = (score - ends[scale.codes, 0]) / (ends[scale.codes, 1] - ends[scale.codes, 0])
    row, when = _next(journeys, np.isfinite(share), owner, at)
    low = np.append(share, np.nan)[row] <= LOW
    return np.where(when - at <= SOON_DAYS, low.astype(float), np.nan)


def _again(journeys: terms.Journeys, found: signs.Signs, owner: terms.Keys, at: terms.Days, now: float) -> terms.Floats:
    _, when = _next(journeys, found.contact, owner, at)
    soon = when - at <= SOON_DAYS
    return np.where(at + SOON_DAYS <= now, soon.astype(float), np.nan)


def _next(
    journeys: terms.Journeys, which: NDArray[np.bool_], owner: terms.Keys, at: terms.Days
) -> tuple[terms.Keys, terms.Days]:
    """Return the next row of each owner after a moment where `which` holds, and when it was; -1 and NaN for none."""
    rows = np.flatnonzero(which)
    if not len(rows):
        return np.full(len(at), -1), np.full(len(at), np.nan)
    whose, when = journeys.owners()[rows], journeys.occurred[rows]
    begin = min(float(when.min()), float(at.min()) if len(at) else 0.0)
    span = max(float(when.max()), float(at.max()) if len(at) else 0.0) - begin + 1.0
    place = np.searchsorted(whose * span + (when - begin), owner * span + (at - begin), side="right")
    there = np.minimum(place, len(rows) - 1)
    mine = (place < len(rows)) & (whose[there] == owner)
    return np.where(mine, rows[there], -1), np.where(mine, when[there], np.nan)
