"""Everybody at once, a bucket at a time: journeys and relationships side by side in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np
from django.conf import settings

from valence import interactions, terms
from valence.bond import context
from valence.customers import identities
from valence.customers import queries as customers
from valence.flows.gather import derived
from valence.flows.weigh import kept_pressure
from valence.ledger.queries import versions

FEW_CUSTOMERS = 8_000
FEW_ROWS = 400_000

T = TypeVar("T")


class ReadAs(Protocol):
    """How journeys are read before work is done on them."""

    def __call__(self, *, journeys: terms.Journeys) -> terms.Journeys:
        """Return them with what is derived from them."""


Report = Callable[[terms.Progress], None]
Work = Callable[[terms.Journeys, terms.Relationships], T]


def silent(progress: terms.Progress) -> None:
    """Report to nobody."""


def latest_known(*, now: datetime) -> datetime:
    """Return the last moment that the data tells of, never later than the clock.

    Figures end there: nobody knows who left after the last file came in.
    """
    people, today = customers.relationships(), terms.days(now)
    told = np.concatenate([people.joined, people.left])
    told = told[told <= today]  # leaves out what is not known (NaN) too
    known = [float(told.max())] if len(told) else []
    found = interactions.ask(question=lambda rows: rows.aggregate(latest=rows.recorded_at.max()))
    if found and found[0]["latest"] is not None:
        known.append(terms.days(found[0]["latest"]))
    known = [moment for moment in known if moment <= today]
    return terms.moment(max(known)) if known else now


def pressure(*, until: float) -> context.Pressure:
    """Return the pressure of regions and time as known at a moment (days), worked out once for each moment.

    It counts lines: who left where and when. Whether two ids name one person changes nothing in it, so that what is
    worked out for few customers goes with what was worked out for all.
    """
    return _pressure(customers.counter(name="customers"), until)


def pressure_when_scored(*, scored: versions.Scored) -> context.Pressure:
    """Return the pressure as the last score knew it; what customers change since then waits for the next one.

    Pages and what is refreshed in between go with the score then, and nobody waits for everybody to be read again: who
    works it out first keeps it for all processes.
    """
    return _pressure_when_scored(settings.HOME.folder, replace(scored, customers=0, stale_since=None))


@lru_cache(maxsize=2)
def _pressure_when_scored(home: Path, scored: versions.Scored) -> context.Pressure:
    kept = kept_pressure.read(scored=scored)
    if kept is None:
        kept = pressure(until=terms.days(scored.as_of))
        kept_pressure.keep(scored=scored, pressure=kept)
    return kept


@lru_cache(maxsize=4)
def _pressure(changes: int, until: float) -> context.Pressure:
    known = customers.lines(as_of=terms.moment(until))
    return context.pressure(relationships=known, until=until)


def each(
    *,
    work: Work[T],
    relationships: terms.Relationships,
    columns: Sequence[str],
    as_of: float,
    progress: Report,
    words: str,
    weighed: bool = True,
) -> Iterator[T]:
    """Give what `work` makes of every bucket: the journeys of its customers, and who they are, with equal keys.

    weighed: as the bond reads them, with which contacts our own faults explain; who does not ask saves a quarter.

    A bucket of more than terms.ROWS_AT_ONCE interactions is worked on in portions of its customers. Customers without
    interactions are there too, with empty journeys. Interactions of people whose relationship is not known (`joined_at`
    never came) are left out. A small company is one bucket: reading 64 would take longer.
    """
    progress(terms.Progress(done=0, total=terms.BUCKETS, words=words))
    if len(relationships) <= FEW_CUSTOMERS and interactions.log.rows() <= FEW_ROWS:
        needed = derived.columns(asked=columns)
        journeys = interactions.journeys_of(keys=relationships.keys.tolist(), columns=needed, as_of=as_of)
        yield work(_read_as(weighed)(journeys=journeys).aligned_to(relationships.keys), relationships)
    else:
        yield from _by_bucket(work, relationships, columns, as_of, _renamed(progress, words), _read_as(weighed))
    progress(terms.Progress(done=terms.BUCKETS, total=terms.BUCKETS, words=words))


def _read_as(weighed: bool) -> ReadAs:
    return derived.completed if weighed else derived.put


def _by_bucket(
    work: Work[T],
    relationships: terms.Relationships,
    columns: Sequence[str],
    as_of: float,
    progress: Report,
    read_as: ReadAs,
) -> Iterator[T]:
    bucket_of = identities.merged().buckets_of(relationships.keys)
    left = set(np.unique(bucket_of).tolist())

    def one(bucket: int, journeys: terms.Journeys, people: terms.Relationships) -> tuple[int, list[T]]:
        portions = _portions(journeys, people)
        return bucket, [work(read_as(journeys=some).aligned_to(theirs.keys), theirs) for some, theirs in portions]

    function = interactions.Given(one, lambda bucket: relationships.taken(bucket_of == bucket))
    needed = derived.columns(asked=columns)
    for bucket, made in interactions.per_customer(function=function, columns=needed, as_of=as_of, progress=progress):
        left.discard(bucket)
        yield from made
    if left:
        people = relationships.taken(np.isin(bucket_of, sorted(left)))
        yield work(nothing(keys=people.keys, columns=columns), people)


def _portions(
    journeys: terms.Journeys, people: terms.Relationships
) -> Iterator[tuple[terms.Journeys, terms.Relationships]]:
    """Give the customers of a bucket some at a time, with their journeys."""
    parts = journeys.portions(most=terms.ROWS_AT_ONCE)
    if len(parts) <= 1:
        yield journeys, people
        return
    number = np.searchsorted([part.keys[-1] for part in parts[:-1]], people.keys)
    for place, some in enumerate(parts):
        yield some, people.taken(number == place)


def _renamed(progress: Report, words: str) -> Report:
    return lambda read: progress(terms.Progress(done=read.done, total=read.total, words=words))


def nothing(*, keys: terms.Keys, columns: Sequence[str]) -> terms.Journeys:
    """Return the journeys of customers with whom nothing happened yet."""
    empty = np.empty(0)
    return terms.Journeys(
        keys=keys,
        starts=np.zeros(len(keys) + 1, np.int64),
        occurred=empty,
        recorded=empty,
        words={name: terms.Words(np.empty(0, np.int32), ()) for name in terms.WORD_COLUMNS if name in columns},
        numbers={name: empty for name in terms.NUMBER_COLUMNS if name in columns},
        texts={name: np.empty(0, object) for name in terms.TEXT_COLUMNS if name in columns},
    )
