"""Writes about feeds: a run begins, a piece waits, a piece is safe, a run ends. Each is one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from valence.sources.feeds import contract
from valence.sources.feeds.queries import ASIDE, DONE, FAILED, IN, RUNNING, SAME
from valence.sources.models import Feed, FeedFile, FeedRun

KEPT = timedelta(days=90)
BROKEN_OFF = "Its process ended. What it had read was taken up by the next run."


@dataclass(frozen=True)
class Brought:
    """What became of the records of a piece."""

    created: int = 0
    duplicate: int = 0
    revised: int = 0
    refused: int = 0
    import_number: int | None = None


@transaction.atomic
def begin_run(*, name: str, by: str, next_at: datetime, now: datetime) -> int:
    """Put a run on record and return its number. Only who holds the feed's lease may call this."""
    feed, _ = Feed.objects.get_or_create(name=name)
    FeedRun.objects.filter(feed=feed, state=RUNNING).update(state=FAILED, words=BROKEN_OFF, ended_at=now)
    Feed.objects.filter(pk=feed.pk).update(next_at=next_at)
    return FeedRun.objects.create(feed=feed, state=RUNNING, by=by, started_at=now).pk


def pend(*, name: str, pending: Mapping[str, Any]) -> None:
    """Note that a piece lies on the disk and is to be brought in before anything else."""
    Feed.objects.filter(name=name).update(pending=pending)


@transaction.atomic
def settle(
    *, name: str, run: int, after: contract.Cursor | None, seen: bytes | None, met: contract.FileMet | None,
    brought: Brought, now: datetime,
) -> None:  # fmt: skip
    """Note that all of a piece is safe: only now the feed goes on from behind it."""
    moved = {"cursor": dict(after)} if after is not None else {}
    Feed.objects.filter(name=name).update(pending=None, **moved, **({"seen": seen} if seen is not None else {}))
    if met:
        _meet(name, met, IN, "", brought.import_number, now)
    FeedRun.objects.filter(pk=run).update(
        files=F("files") + 1,
        created=F("created") + brought.created,
        duplicate=F("duplicate") + brought.duplicate,
        revised=F("revised") + brought.revised,
        refused=F("refused") + brought.refused,
    )


@transaction.atomic
def pass_by(*, name: str, met: contract.FileMet, why: str, is_same: bool, now: datetime) -> None:
    """Note that a file is not brought in, and why: until it changes it is not met again."""
    Feed.objects.filter(name=name).update(pending=None)
    _meet(name, met, SAME if is_same else ASIDE, why, None, now)


def drop_pending(*, name: str) -> None:
    """Forget a piece that was read and cannot be brought in; it is read again the next time."""
    Feed.objects.filter(name=name).update(pending=None)


@transaction.atomic
def end_run(*, name: str, run: int, state: str, words: str, next_at: datetime | None, now: datetime) -> None:
    """Note how a run ended, and when the feed is due again."""
    FeedRun.objects.filter(pk=run).update(state=state, words=words[:500], ended_at=now)
    feed = Feed.objects.filter(name=name)
    if state == DONE:
        feed.update(failures=0, succeeded_at=now)
    elif state == FAILED:
        feed.update(failures=F("failures") + 1)
    if next_at is not None:
        feed.update(next_at=next_at)


def know(*, name: str, now: datetime) -> None:
    """Remember a feed that is new: it is due at once."""
    Feed.objects.get_or_create(name=name, defaults={"next_at": now})


def pause(*, name: str, paused: bool, now: datetime) -> None:
    """Let a feed rest, or go on at once."""
    Feed.objects.get_or_create(name=name)
    Feed.objects.filter(name=name).update(paused=paused, **({} if paused else {"next_at": now, "failures": 0}))


def forget_progress(*, name: str) -> None:
    """Let a feed begin anew: everything is read again, and what is in already changes nothing."""
    Feed.objects.filter(name=name).update(cursor={}, seen=b"", pending=None)
    FeedFile.objects.filter(feed__name=name).delete()


def retry_aside(*, name: str) -> int:
    """Let the files that were set aside be tried again, and return how many they are."""
    return FeedFile.objects.filter(feed__name=name, state=ASIDE).delete()[0]


def forget(*, name: str) -> None:
    """Forget a feed that was removed; its imports stay."""
    Feed.objects.filter(name=name).delete()


def forget_old_runs(*, now: datetime) -> int:
    """Delete the runs of more than 90 days ago, and return how many they were."""
    return FeedRun.objects.filter(started_at__lt=now - KEPT).exclude(state=RUNNING).delete()[0]


def _meet(
    name: str, met: contract.FileMet, state: str, why: str, import_number: int | None, now: datetime
) -> None:  # fmt: skip
    FeedFile.objects.update_or_create(
        feed=Feed.objects.get(name=name),
        name=met.name[:1000],
        stamp=met.stamp[:100],
        defaults={
            "content_hash": met.content_hash,
            "state": state,
            "why": why[:500],
            "import_number": import_number,
            "at": now,
        },
    )
