"""The ledger of promises, followed: what arrives marks whose promises may have changed, and those are worked out again.

Reading the inbox only marks customers, in the transaction that moves the position: nothing is forgotten, and no import
waits for journeys to be read. What is marked is worked out beside it, a bounded number at a time.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from django.conf import settings

from valence import interactions, terms
from valence.customers import identities
from valence.flows.act import promised
from valence.flows.gather import derived
from valence.flows.run import alone, repeating
from valence.flows.weigh import minds, score
from valence.interactions import followers
from valence.journeys import promises, signs
from valence.ledger.actions import promises as ledger
from valence.ledger.queries import promises as known
from valence.sources import days as arrivals
from valence.text import promises as texts

NAME = "promises"
ROWS_AT_ONCE = 2_000
CUSTOMERS_AT_ONCE = 250
BEAT = 0.5
DUE_EVERY = timedelta(seconds=30)
# Working out rests so many times as long as it took: rules and pages go before it.
RESTS = 2.0
# While nothing arrives for so long, nobody knows what became of what came due since.
SILENT = timedelta(days=3)
# Texts this far back are read again with a journey.
TEXTS_DAYS = 120.0
COLUMNS = (*promised.COLUMNS, "text", "language")


@dataclass(frozen=True)
class Followed:
    """What one step did: rows that were read, customers that were marked, whether more waits."""

    rows: int
    marked: int
    more: bool


def run(*, stop: threading.Event) -> None:
    """Follow the inbox until `stop` is set, and work out what it marks. One at a time in a data folder."""
    while not stop.is_set():
        with alone.trying(home=settings.HOME, name=NAME) as is_alone:
            if is_alone:
                worker = threading.Thread(target=_repeat, args=(_work, stop), name=f"{NAME} worked out")
                worker.start()
                _repeat(_follow, stop)
                worker.join()
        stop.wait(1.0)


def _repeat(step: Callable[[], float], stop: threading.Event) -> None:
    repeating.again_and_again(step=step, stop=stop, name=NAME)


def _follow() -> float:
    return 0.0 if follow(now=datetime.now(UTC)).more else BEAT


def _work() -> float:
    began = datetime.now(UTC)
    worked = work(now=began)
    took = (datetime.now(UTC) - began).total_seconds()
    return max(BEAT, RESTS * took) if worked else BEAT


def follow(*, now: datetime, shared: followers.Arrived | None = None) -> Followed:
    """Read what arrived, and mark the customers whose promises it may change.

    `shared`: the next rows, where somebody read them already.
    """
    arrived = followers.next_of(name=NAME, limit=ROWS_AT_ONCE, shared=shared)
    if not arrived.rows:
        return Followed(rows=0, marked=0, more=False)
    keys = touched(arrived=arrived)
    with followers.moving(name=NAME, before=arrived.before, after=arrived.after) as is_mine:
        if is_mine and keys:
            ledger.mark(customers=keys, now=now)
    return Followed(rows=len(arrived.rows), marked=len(keys), more=len(arrived.rows) >= ROWS_AT_ONCE // 2)


def touched(*, arrived: followers.Arrived) -> list[int]:
    """Return the customers whose promises may change by what arrived.

    Those to whom something was promised, in a field or in words, or a record was changed; and of those with something
    open, whoever was visited or told, or of whom a source says that a promise was kept or broken.
    """
    if not arrived.interactions:
        return []
    journeys = arrived.journeys
    read = signs.read(journeys=journeys, pack=minds.pack())
    owners = journeys.keys[journeys.owners()]
    heard = _heard(journeys, since=-np.inf)
    makes = read.promising.copy()
    makes[heard.row] = True
    making = set(owners[makes].tolist()) | {one.customer_key for one in arrived.interactions if one.revision > 0}
    kind = signs.column(journeys=journeys, name="kind")
    told = signs.where(words=kind, holds=lambda word: word in signs.OUTREACH_KINDS)
    maybe = set(owners[read.settles | read.visit | told].tolist()) - making
    keys = identities.merged().canonical_of(np.array(sorted(making | maybe), np.int64)).tolist()
    read_as = dict(zip(sorted(making | maybe), keys, strict=True))
    unsettled = known.unsettled_among(keys=sorted({read_as[key] for key in maybe}))
    return sorted({read_as[key] for key in making} | unsettled)


def work(*, now: datetime, limit: int = CUSTOMERS_AT_ONCE) -> int:
    """Work out the promises of customers who are marked; return how many. What came due meanwhile is called overdue."""
    at = clock(now=now)
    if _Due.last is None or not timedelta() <= now - _Due.last < DUE_EVERY:
        ledger.pass_due(now=at)
        _Due.last = now
    keys = known.marked(limit=limit)
    if keys:
        _work_out(keys, now, at)
    return len(keys)


def mark(*, customers: Sequence[int], now: datetime) -> None:
    """Have the promises of some customers worked out again: something was taken back or put together."""
    if customers:
        ledger.mark(customers=customers, now=now)


def clock(*, now: datetime) -> datetime:
    """Return until when it can be known whether promises were kept: now, or the last that came where all is silent."""
    came = [one.occurred_at for one in arrivals.latest() if one.occurred_at is not None]
    latest = max((at for at in came if at <= now), default=now)
    return latest if now - latest > SILENT else now


class _Due:
    """When this process last looked what came due."""

    last: datetime | None = None


def _work_out(keys: Sequence[int], now: datetime, at: datetime) -> None:
    again = alone.is_held(home=settings.HOME, name=score.LOCK)
    journeys = derived.put(journeys=interactions.journeys_of(keys=keys, columns=derived.columns(asked=COLUMNS)))
    heard = _heard(journeys, since=terms.days(at) - TEXTS_DAYS)
    written = promised.rows_of(journeys=journeys, now=terms.days(at), pack=minds.pack(), heard=heard)
    ledger.replace(written=written, customers=keys, began=now, now=now, again=again)


def _heard(journeys: terms.Journeys, *, since: float) -> promises.Heard:
    """Return what texts of these journeys promise, or say was not kept."""
    told = list(_told(journeys, since))
    return promises.Heard(
        row=np.array([row for row, _, _ in told], np.int64),
        due=np.array([due for _, due, _ in told], float),
        broken=np.array([broken for _, _, broken in told], np.bool_),
    )


def _told(journeys: terms.Journeys, since: float) -> Iterator[tuple[int, float, bool]]:
    """Give for each row whose text tells of a promise: the row, until when (days, NaN: not said), whether it broke."""
    written = journeys.texts["text"]
    languages = signs.column(journeys=journeys, name="language").said()
    for row in np.flatnonzero(written.astype(bool) & (journeys.occurred >= since)).tolist():
        at = terms.moment(float(journeys.occurred[row]))
        found = texts.read(text=str(written[row]), language=languages[row] or "en", now=at)
        ahead = [one for one in found if one.due_at is not None and one.due_at > at and not one.said_broken]
        if any(one.said_broken for one in found):
            yield row, np.nan, True
        elif ahead and ahead[0].due_at is not None:
            yield row, terms.days(ahead[0].due_at), False
