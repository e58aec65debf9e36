"""Move what the inbox holds to the log when it is time, and sort the log when it is time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from valence import interactions
from valence.flows.gather import following
from valence.flows.run import failures
from valence.terms import Progress

ROWS_DUE = 50_000
AGE_DUE = timedelta(seconds=60)
LOOSE_FILES_DUE = 16
LOOSE_ROWS_DUE = 500_000
LOOSE = -1
MOST_HELD_BACK = 500_000


@dataclass(frozen=True)
class Moved:
    """What one run did: rows that moved from the inbox to the log, and loose files that were sorted in."""

    rows: int
    files_sorted: int


def run(*, now: datetime, everything: bool = False, progress: Callable[[Progress], None] | None = None) -> Moved:
    """Flush and compact where it is due; with `everything`, until inbox and loose files are empty.

    Safe to call at any time from any process. Raises interactions.StoreUnavailable where a disk is full or fails
    (what was acknowledged stays in the inbox: call again later) and interactions.log.LogError where the log is
    damaged.
    """
    rows = _flush(now, everything, progress)
    files = 0
    if everything or _compaction_due():
        files = interactions.log.compact(progress=progress).files
    return Moved(rows=rows, files_sorted=files)


def is_due(*, now: datetime) -> bool:
    """Say whether many rows wait in the inbox, or one has waited long."""
    waiting = interactions.inbox.waiting()
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

    A follower that fails holds rows back, so that nothing is passed over, until so many wait that the inbox matters
    more.
    """
    read = [_read_by(one, now) for one in following.EVERY]
    return min((seq for seq in read if seq is not None), default=None)


def _read_by(follower: following.Follower, now: datetime) -> int | None:
    try:
        return follower.catch_up(now=now)
    except interactions.StoreUnavailable:
        raise
    except Exception as problem:
        failures.record(home=settings.HOME, name=follower.name, problem=problem, now=now)
        waiting = interactions.inbox.waiting().rows
        return None if waiting > MOST_HELD_BACK else interactions.followers.position(name=follower.name)


def _compaction_due() -> bool:
    loose = interactions.log.state().of_bucket(LOOSE)
    return len(loose) >= LOOSE_FILES_DUE or sum(file.rows for file in loose) >= LOOSE_ROWS_DUE
