"""How far an installation has come: from an empty folder to a risk list that keeps itself up to date."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from django.conf import settings

from valence import interactions, organisation
from valence.customers import queries as customers
from valence.flows.run import backup
from valence.ledger.queries import unknown, versions
from valence.people import queries as people
from valence.sources import queries as sources
from valence.sources.feeds import queries as feeds

HIDDEN, SHOWN = "hidden", "shown"


class Step(StrEnum):
    """A step on the way, in order."""

    COMPANY = "company"
    CUSTOMERS = "customers"
    INTERACTIONS = "interactions"
    LOSSES = "losses"
    MODEL = "model"
    RISKS = "risks"
    WORDS = "words"
    COLLEAGUES = "colleagues"
    FLOWING = "flowing"
    BACKUP = "backup"


@dataclass(frozen=True)
class Way:
    """What is done and what is known about it: counts, so that a step can say what it found."""

    done: frozenset[Step]
    customers: int
    interactions: int
    losses: int
    words: int
    feeds: int
    colleagues: int
    model: str
    backup: backup.Note | None

    @property
    def is_done(self) -> bool:
        """Say whether every step is done."""
        return len(self.done) == len(Step)


def look() -> Way:
    """Return how far it has come. Quick reads only."""
    one = organisation.of(folder=settings.HOME.folder)
    known, lost = customers.standing()
    stored = interactions.log.rows()
    model, scored = versions.version_in_use(), versions.scored()
    words, colleagues = unknown.total(), len(people.staff()) - 1
    way = Way(
        done=frozenset(),
        customers=known,
        interactions=stored,
        losses=lost,
        words=words,
        feeds=_flowing(),
        colleagues=colleagues,
        model=model,
        backup=backup.last(),
    )
    is_done = {
        Step.COMPANY: bool(one.name),
        Step.CUSTOMERS: bool(known),
        Step.INTERACTIONS: bool(stored),
        Step.LOSSES: bool(lost),
        Step.WORDS: scored is not None and not words,
        Step.MODEL: bool(model),
        Step.RISKS: scored is not None,
        Step.COLLEAGUES: colleagues > 0,
        Step.FLOWING: bool(way.feeds),
        Step.BACKUP: way.backup is not None,
    }
    return replace(way, done=frozenset(step for step, done in is_done.items() if done))


def is_hidden() -> bool:
    """Say whether somebody put it away on Today."""
    return organisation.stored(folder=settings.HOME.folder).getting_started == HIDDEN


def put_away(*, hidden: bool) -> None:
    """Put it away on Today, or show it again."""
    kept = organisation.stored(folder=settings.HOME.folder)
    wanted = replace(kept, getting_started=HIDDEN if hidden else SHOWN)
    organisation.write(folder=settings.HOME.folder, organisation=wanted)


def _flowing() -> int:
    """Count what brings data in by itself: feeds that brought something, and systems that send over the API."""
    working = sum(row.succeeded_at is not None for row in feeds.rows().values())
    machines = people.keys()
    keys = sum(key.revoked_at is None and "write" in key.scopes for key in machines)
    return working + (keys if sources.sources() else 0)
