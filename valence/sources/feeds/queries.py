"""Reads about feeds, returned as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from valence.sources.feeds import contract
from valence.sources.models import Feed, FeedFile, FeedRun, Import

RUNNING, DONE, FAILED, STOPPED = "running", "done", "failed", "stopped"
IN, SAME, ASIDE = "in", "same", "aside"


@dataclass(frozen=True)
class FeedRow:
    """What is remembered of a feed. `pending` is a piece that was read and is not yet all in."""

    name: str
    paused: bool
    cursor: Mapping[str, Any]
    pending: Mapping[str, Any] | None
    failures: int
    next_at: datetime | None
    succeeded_at: datetime | None


@dataclass(frozen=True)
class RunRow:
    """One run of a feed and what it brought."""

    pk: int
    feed_name: str
    state: str
    words: str
    by: str
    started_at: datetime
    ended_at: datetime | None
    files: int
    created: int
    duplicate: int
    revised: int
    refused: int


@dataclass(frozen=True)
class AsideRow:
    """A file that was set aside, and why."""

    name: str
    why: str
    at: datetime


def one(*, name: str) -> FeedRow | None:
    """Return what is remembered of a feed."""
    return next(iter(_rows(name=name)), None)


def rows() -> dict[str, FeedRow]:
    """Return what is remembered of every feed, by name."""
    return {row.name: row for row in _rows()}


def known(*, name: str) -> contract.Known:
    """Return what a run of a feed begins from."""
    feed = Feed.objects.filter(name=name).first()
    if feed is None:
        return contract.Known()
    files = list(FeedFile.objects.filter(feed=feed).values_list("name", "stamp", "content_hash", "state"))
    return contract.Known(
        cursor=feed.cursor,
        seen=bytes(feed.seen),
        files=frozenset((file, stamp) for file, stamp, _, _ in files),
        contents={content: file for file, _, content, state in files if state == IN},
    )


def runs(*, name: str = "", limit: int = 10) -> list[RunRow]:
    """Return the latest runs, of one feed or of all, newest first."""
    found = FeedRun.objects.order_by("-pk")
    found = found.filter(feed__name=name) if name else found
    names = [field for field in RunRow.__dataclass_fields__ if field != "feed_name"]
    rows = found[:limit].values("feed__name", *names)
    return [RunRow(feed_name=row.pop("feed__name"), **row) for row in rows]


def last_runs() -> dict[str, RunRow]:
    """Return the last run of every feed, by name."""
    newest = [
        FeedRun.objects.filter(feed_id=pk).order_by("-pk").values_list("pk", flat=True).first()
        for pk in Feed.objects.values_list("pk", flat=True)
    ]
    names = [field for field in RunRow.__dataclass_fields__ if field != "feed_name"]
    rows = FeedRun.objects.filter(pk__in=[pk for pk in newest if pk]).values("feed__name", *names)
    return {row["feed__name"]: RunRow(feed_name=row.pop("feed__name"), **row) for row in rows}


def set_aside(*, name: str, limit: int = 50) -> list[AsideRow]:
    """Return the files of a feed that were set aside, newest first."""
    rows = FeedFile.objects.filter(feed__name=name, state=ASIDE).order_by("-at")[:limit]
    return [AsideRow(name=row.name, why=row.why, at=row.at) for row in rows]


def files_in(*, name: str) -> int:
    """Return how many files of a feed are in."""
    return FeedFile.objects.filter(feed__name=name, state=IN).count()


def import_done(*, path: str) -> int | None:
    """Return the number of the import that brought all of this file in, None where it is not all in."""
    return Import.objects.filter(path=path, state="done").values_list("pk", flat=True).first()


def _rows(**filters: Any) -> list[FeedRow]:
    names = list(FeedRow.__dataclass_fields__)
    return [FeedRow(**row) for row in Feed.objects.filter(**filters).order_by("name").values(*names)]
