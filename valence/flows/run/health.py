"""Whether the installation can answer, and what is not as it should be. Quick reads only."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError

from valence import interactions
from valence.flows.run import freshness
from valence.ledger.queries import jobs, versions

LEAST_FREE_BYTES = 200 << 20
SLOW_FLUSH = timedelta(minutes=30)
STALE = timedelta(hours=3)
HEARTBEAT = ".ticking"
SILENT = timedelta(minutes=5)


@dataclass(frozen=True)
class Health:
    """Whether requests can be answered, and what is degraded, in words for whoever runs the installation."""

    ready: bool
    degraded: tuple[str, ...]


def check(*, now: datetime) -> Health:
    """Look at the store, the disk, the log's inbox, the background work and the age of the results."""
    try:
        found = [
            *_disk(settings.HOME.folder),
            *_inbox(now),
            *_results(now),
            *_work(),
            *_ticker(settings.HOME.folder, now),
            *freshness.recent_alarms(now=now),
        ]
    except (DatabaseError, interactions.StoreUnavailable):
        return Health(ready=False, degraded=("the database cannot be read",))
    return Health(ready=True, degraded=tuple(found))


def _disk(folder: Path) -> list[str]:
    if shutil.disk_usage(folder).free < LEAST_FREE_BYTES:
        return ["the disk is nearly full: new interactions may be refused until there is room"]
    return [] if os.access(folder, os.W_OK) else ["the data folder cannot be written"]


def _inbox(now: datetime) -> list[str]:
    waiting = interactions.inbox.waiting()
    if waiting.since is not None and now - waiting.since > SLOW_FLUSH:
        return [f"{waiting.rows:,} interactions wait for the log since {waiting.since:%H:%M} UTC"]
    return []


def _results(now: datetime) -> list[str]:
    scored = versions.scored()
    if scored is not None and scored.stale_since is not None and now - scored.stale_since > STALE:
        return [f"results do not show what came in since {scored.stale_since:%Y-%m-%d %H:%M} UTC"]
    return []


def _work() -> list[str]:
    last = jobs.latest(limit=1)
    return [f"the last job ({last[0].name}) failed, reference {last[0].reference}"] if last and _failed(last[0]) else []


def _failed(job: jobs.JobRow) -> bool:
    return job.state == "failed"


def _ticker(folder: Path, now: datetime) -> list[str]:
    """The ticker touches a file; where none ever ran there is nothing to complain about."""
    path = folder / HEARTBEAT
    if path.exists() and now.timestamp() - path.stat().st_mtime > SILENT.total_seconds():
        return ["the ticker is silent: nothing is flushed or scored by itself"]
    return []
