"""Pieces of work as people see them: what each is called, how far it is, and what stopping it means."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from valence.ledger.queries import jobs

TICKER = "ticker"
NAMES: Mapping[str, str] = {
    "hear": "Hearing recordings",
    "standards": "Measuring standards, checking bills",
    "plans": "Counting what went as planned",
    "sample": "Working out how many are drawn",
    "rehearse": "Trying a rule on the last 90 days",
    "read_texts": "Reading texts",
    "teach": "Learning from corrections",
    "train": "Training the model",
    "use_model": "Putting another model to use",
    "score": "Working out who may leave",
    "import": "Bringing in a file",
    "feed": "Running a feed",
    "flush": "Moving interactions to the log",
    "undo": "Undoing an import",
    "readiness": "Counting what the data is good for",
    "try_pack": "Trying changes of the pack",
    "identities": "Looking for ids of one person",
    "identity_file": "Bringing in a list of ids",
}
BRINGING = ("import", "feed", "identity_file")
LEARNING = ("train", "use_model", "score")
STOPPED_BRINGING = "What is stored stays; importing the file again goes on from there."
STOPPED_ELSE = "What was there before stays; it can be asked for again."


@dataclass(frozen=True)
class JobShown:
    """One piece of work that waits or runs. `percent` is None while unknown."""

    pk: int
    name: str
    words: str
    percent: int | None
    asked_at: datetime
    when_stopped: str


def running(*, names: Collection[str] = (), of_people: bool = False) -> tuple[JobShown, ...]:
    """Return what waits or runs, the oldest first: of some names only, or only what a person asked for."""
    return tuple(
        _shown(job)
        for job in jobs.running()
        if (not names or job.name in names) and not (of_people and job.by == TICKER)
    )


def _shown(job: jobs.JobRow) -> JobShown:
    return JobShown(
        pk=job.pk,
        name=NAMES.get(job.name, job.name),
        words=job.words or "waiting for its turn",
        percent=job.percent,
        asked_at=job.asked_at,
        when_stopped=STOPPED_BRINGING if job.name in BRINGING else STOPPED_ELSE,
    )
