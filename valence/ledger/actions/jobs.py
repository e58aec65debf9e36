"""Writes about long pieces of work: asked for, begun, how far, ended. A state changes only from the one expected."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from valence.ledger.models import Job

WAITING, RUNNING, DONE, FAILED, STOPPED = "waiting", "running", "done", "failed", "stopped"
KEPT = timedelta(days=90)
AGAIN = "begun_before"


def ask(*, name: str, by: str, arguments: Mapping[str, Any], now: datetime) -> int:
    """Note that a piece of work is wanted and return its number."""
    return Job.objects.create(name=name, by=by, arguments=dict(arguments), asked_at=now).pk


def begin(*, number: int, now: datetime) -> tuple[str, dict[str, Any]] | None:
    """Begin a waiting piece of work and return its name and arguments, None where it is not waiting any more."""
    begun = Job.objects.filter(pk=number, state=WAITING, stop_asked=False)
    if not begun.update(state=RUNNING, started_at=now):
        Job.objects.filter(pk=number, state=WAITING, stop_asked=True).update(state=STOPPED, ended_at=now)
        return None
    job = Job.objects.get(pk=number)
    return job.name, {name: value for name, value in job.arguments.items() if name != AGAIN}


def report(*, number: int, done: int, total: int, words: str) -> bool:
    """Note how far a running piece of work is and return whether it was asked to stop."""
    Job.objects.filter(pk=number, state=RUNNING).update(done=done, total=total, words=words)
    return Job.objects.filter(pk=number, stop_asked=True).exists()


def end(*, number: int, state: str, words: str, now: datetime, reference: str = "") -> None:
    """Note how a running piece of work ended: done, failed or stopped."""
    Job.objects.filter(pk=number, state=RUNNING).update(
        state=state, words=words[:300], ended_at=now, reference=reference
    )


def ask_to_stop(*, number: int, now: datetime) -> bool:
    """Ask a piece of work to stop at its next safe point; one that only waits is stopped at once."""
    Job.objects.filter(pk=number, state=WAITING).update(state=STOPPED, ended_at=now, stop_asked=True)
    return bool(Job.objects.filter(pk=number, state=RUNNING).update(stop_asked=True))


def put_back(*, number: int) -> None:
    """Let a running piece of work wait again, because the process that did it is ending."""
    Job.objects.filter(pk=number, state=RUNNING).update(state=WAITING, started_at=None)


@transaction.atomic
def take_up(*, now: datetime, names: Collection[str]) -> list[int]:
    """Return the numbers of all work of these names that waits, after a process ended in the middle of something.

    What was running then is begun once more; what breaks off a second time has failed: it would break off for ever.
    """
    for job in Job.objects.filter(state=RUNNING, name__in=names):
        again = AGAIN in job.arguments
        words = "Broke off twice." if again else job.words
        job.arguments = {**job.arguments, AGAIN: True}
        job.state, job.words, job.ended_at = (FAILED, words, now) if again else (WAITING, words, None)
        job.save()
    return list(Job.objects.filter(state=WAITING, name__in=names).order_by("asked_at").values_list("pk", flat=True))


def forget_old(*, now: datetime) -> int:
    """Delete what ended more than 90 days ago."""
    return Job.objects.filter(ended_at__lt=now - KEPT).delete()[0]
