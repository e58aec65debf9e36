"""Move what the inbox holds to the log when it is time, and sort the log when it is time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from valence import interactions
from valence.flows.gather import following
from valence.flows.run import failures
from valence.interactions import followers
from valence.terms import Progress

ROWS_DUE = 50_000
AGE_DUE = timedelta(seconds=60)
LOOSE_FILES_DUE = 16
LOOSE_ROWS_DUE = 500_000
LOOSE = -1
LAID_AT_ONCE = 1_000_000
MOST_HELD_BACK = 500_000
ROWS_AT_ONCE = 5_000


@dataclass(frozen=True)
class Moved:
    """What one run did: rows that moved from the inbox to the log, and loose files that were sorted in."""

    rows: int
    files_sorted: int


def run(*, now: datetime, everything: bool = False, progress: Callable[[Progress], None] | None = None) -> Moved:
    """Flush and compact where it is due; with `everything`, until inbox and loose files are empty and laid by time.

    Safe to call at any time from any process. Raises interactions.StoreUnavailable where a disk is full or fails
    (what was acknowledged stays in the inbox: call again later) and interactions.log.LogError where the log is
    damaged.
    """
    rows = _flush(now, everything, progress)
    files = 0
    if everything or _compaction_due():
        files = interactions.log.compact(progress=progress).files
    if everything:
        interactions.log.lay_by_time(progress=progress)
    return Moved(rows=rows, files_sorted=files)


def lay_by_time() -> int:
    """Lay some of what was sorted by time, so that pages find the latest rows; return how many rows.

    Called again and again it comes to an end, however long the log is. Raises interactions.StoreUnavailable.
    """
    return interactions.log.lay_by_time(most=LAID_AT_ONCE)


def is_due(*, now: datetime) -> bool:
    """Say whether many rows wait in the inbox, or one has waited long."""
    waiting = interactions.inbox.waiting_at_most()
    old = waiting.since is not None and now - waiting.since >= AGE_DUE
    return old or waiting.rows >= ROWS_DUE


def _flush(now: datetime, everything: bool, progress: Callable[[Progress], None] | None) -> int:
    total = interactions.inbox.waiting().rows
    moved = 0
    while (everything and moved < total) or is_due(now=now):
        step = interactions.log.flush(until=_read_by_all(now)).rows
        if not step:
            break
        moved += step
        if progress:
            progress(Progress(done=moved, total=max(total, moved), words="Moving to the log"))
    return moved


def _read_by_all(now: datetime) -> int | None:
    """Let whoever follows the inbox read first; return up to which `seq` all have, None where nothing is held back.

    Each row is read and decoded once for all. A follower that fails holds rows back, so that nothing is passed over,
    until so many wait that the inbox matters more.
    """
    waiting = interactions.inbox.waiting_at_most()
    read = {one: followers.position(name=one.name) for one in following.EVERY}
    failed: set[following.Follower] = set()
    while behind := [one for one in following.EVERY if one not in failed and read[one] < waiting.last]:
        first = min(read[one] for one in behind)
        further = [read[one] for one in behind if read[one] > first]
        arrived = followers.read(after=first, limit=ROWS_AT_ONCE, until=min(further, default=None))
        if not arrived.rows:
            break
        for one in behind:
            if read[one] == first and not _follow(one, arrived, now):
                failed.add(one)
            read[one] = followers.position(name=one.name)
    passed = failed if waiting.rows > MOST_HELD_BACK else set()
    return min((seq for one, seq in read.items() if one not in passed), default=None)


def _follow(follower: following.Follower, arrived: followers.Arrived, now: datetime) -> bool:
    """Let a follower read rows; say whether it could."""
    try:
        follower.follow(now=now, shared=arrived)
    except interactions.StoreUnavailable:
        raise
    except Exception as problem:
        failures.record(home=settings.HOME, name=follower.name, problem=problem, now=now)
        return False
    return True


def _compaction_due() -> bool:
    loose = interactions.log.state().of_bucket(LOOSE)
    return len(loose) >= LOOSE_FILES_DUE or sum(file.rows for file in loose) >= LOOSE_ROWS_DUE
