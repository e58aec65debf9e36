"""Long pieces of work, as people see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from valence.ledger.models import Job

RUNNING = ("waiting", "running")


@dataclass(frozen=True)
class JobRow:
    """One piece of work. `total` is 0 while unknown; `reference` leads to the log where it failed."""

    pk: int
    name: str
    state: str
    done: int
    total: int
    words: str
    by: str
    asked_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    reference: str

    @property
    def is_running(self) -> bool:
        """Whether it has not ended yet."""
        return self.state in RUNNING

    @property
    def percent(self) -> int | None:
        """How far it is, or None while that is unknown."""
        return None if not self.total else min(100, 100 * self.done // self.total)


def latest(*, name: str = "", limit: int = 10) -> tuple[JobRow, ...]:
    """Return the latest pieces of work, of one name or of any, the newest first."""
    found = Job.objects.order_by("-asked_at", "-pk")
    found = found.filter(name=name) if name else found
    names = list(JobRow.__dataclass_fields__)
    return tuple(JobRow(**row) for row in found.values(*names)[:limit])


def waiting(*, name: str, arguments: Mapping[str, Any]) -> int | None:
    """Return the number of a piece of work of this name and these arguments that waits, None where none does."""
    found = Job.objects.filter(name=name, state="waiting").values_list("pk", "arguments")
    wanted = dict(arguments)
    return next((pk for pk, said in found if {key: said.get(key) for key in wanted} == wanted), None)


def running() -> tuple[JobRow, ...]:
    """Return what is waiting or at work, the oldest first."""
    names = list(JobRow.__dataclass_fields__)
    return tuple(JobRow(**row) for row in Job.objects.filter(state__in=RUNNING).order_by("asked_at").values(*names))
