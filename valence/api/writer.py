"""One thread stores what all waiting requests hold, in one transaction, and answers each after the commit.

1. A request joins a bounded queue, or is told to come back. 2. The thread takes all that wait and makes them ready:
checks, redacts, identifies, packs. 3. It stores them in one transaction. 4. Only then each request learns what became
of its items. A second thread that makes ready meanwhile was tried: both then wait for Python's lock, and lose.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby, islice
from typing import Any

from django.conf import settings

from valence import interactions
from valence.api.replies import Error, Refusal
from valence.flows.gather import ingest
from valence.flows.run import failures
from valence.flows.weigh import state
from valence.intake import customers as customer_intake
from valence.intake import interactions as interaction_intake
from valence.intake import objects
from valence.terms import RawRecords, Refused, Verdict

log = logging.getLogger("valence.intake")
MOST_WAITING_BYTES = 64 << 20
MOST_AT_ONCE = 5_000
SHAPES = {
    "customers": objects.Shape(known=customer_intake.KNOWN),
    "interactions": objects.Shape(known=interaction_intake.KNOWN),
}

Result = tuple[Verdict, Refused | None]
Stored = list[Result]


@dataclass(frozen=True)
class Waiting:
    """A request that waits to be stored."""

    kind: str
    items: Sequence[Any]
    size: int
    answer: Future[Stored] = field(default_factory=Future)


@dataclass(frozen=True)
class Group:
    """Requests of one kind, one after the other: their records side by side, and what was made ready of them."""

    kind: str
    requests: Sequence[Waiting]
    records: RawRecords
    ready: ingest.Ready | None
    now: datetime


class Writer:
    """Stores requests, many at once. `clock` tells the time at which they were received."""

    def __init__(
        self, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC), folded: ingest.Folded | None = None
    ) -> None:
        self._clock = clock
        self._folded = folded
        self._queue: deque[Waiting] = deque()
        self._bytes = 0
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._desk = ingest.Desk()

    def submit(self, *, kind: str, items: Sequence[Any], size: int) -> Future[Stored]:
        """Let a request wait and return where its answer will be. Raises Refusal where too much waits already."""
        waiting = Waiting(kind=kind, items=items, size=size)
        with self._changed:
            if self._bytes + size > MOST_WAITING_BYTES and self._queue:
                raise Refusal(Error.BUSY, retry_after=1)
            self._queue.append(waiting)
            self._bytes += size
            self._start()
            self._changed.notify()
        return waiting.answer

    def store(self, *, requests: Sequence[Waiting]) -> None:
        """Store requests in one transaction and answer them; where that fails unexpectedly, one by one."""
        try:
            self._answer(requests, self._stored(self._grouped(requests)))
        except interactions.StoreUnavailable as problem:
            log.warning("nothing can be stored: %s", problem)
            self._desk = ingest.Desk()
            for request in requests:
                request.answer.set_exception(Refusal(Error.CANNOT_STORE, retry_after=5))
        except Exception as problem:
            self._desk = ingest.Desk()
            if len(requests) > 1:
                for request in requests:
                    self.store(requests=[request])
                return
            reference = failures.record(home=settings.HOME, name="intake", problem=problem, now=self._clock())
            requests[0].answer.set_exception(Refusal(Error.FAILED, detail=f"reference {reference}"))

    def _start(self) -> None:
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._run, name="intake-writer", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while True:
            self.store(requests=self._take())

    def _take(self) -> list[Waiting]:
        """Wait for requests and take what waits, up to about 5,000 items."""
        taken: list[Waiting] = []
        count = 0
        with self._changed:
            while not self._queue:
                self._changed.wait()
            while self._queue and count < MOST_AT_ONCE:
                taken.append(self._queue.popleft())
                count += len(taken[-1].items)
            self._bytes -= sum(request.size for request in taken)
        return taken

    def _grouped(self, requests: Sequence[Waiting]) -> list[Group]:
        now = self._clock()
        alike = groupby(requests, key=lambda request: request.kind)
        return [self._made_ready(kind, list(group), now) for kind, group in alike]

    def _made_ready(self, kind: str, requests: Sequence[Waiting], now: datetime) -> Group:
        items = [item for request in requests for item in request.items]
        numbers = [number for request in requests for number in range(1, len(request.items) + 1)]
        records = objects.side_by_side(objects=items, known=SHAPES[kind].known, numbers=numbers)
        ready = None
        if kind == "interactions":
            with interactions.sql.reading():
                ready = ingest.ready_interactions(records=records, desk=self._desk, now=now)
        return Group(kind=kind, requests=requests, records=records, ready=ready, now=now)

    def _stored(self, groups: Sequence[Group]) -> list[Stored]:
        with ingest.together():
            return [result for group in groups for result in self._stored_alike(group)]

    def _stored_alike(self, group: Group) -> list[Stored]:
        if group.kind == "customers":
            brought = ingest.take_customers(records=group.records, desk=self._desk, now=group.now)
        else:
            brought = ingest.take_interactions(
                records=group.records, desk=self._desk, now=group.now, folded=self._folded, ready=group.ready
            )
        why = brought.refused
        reasons = [why.get(place) for place in range(len(group.records))] if why else [None] * len(group.records)
        results = zip(brought.verdicts, reasons, strict=True)
        return [list(islice(results, len(request.items))) for request in group.requests]

    def _answer(self, requests: Sequence[Waiting], results: Sequence[Stored]) -> None:
        for request, result in zip(requests, results, strict=True):
            if not request.answer.cancelled():
                request.answer.set_result(result)


WRITER = Writer(folded=state.folded)
