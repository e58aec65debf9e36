"""Working everything out as of one moment: risks, losses and their causes, counts, promises, unknown words, states."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from valence import packs, terms
from valence.bond.mark import WordCounts
from valence.customers import objections
from valence.customers import queries as people
from valence.flows.run import alone
from valence.flows.weigh import minds, population, scored
from valence.journeys import cells
from valence.ledger import rows
from valence.ledger.actions import scores as writing
from valence.ledger.actions import states
from valence.ledger.queries import versions

# Rows are written a few buckets at a time: short transactions, and little waits in memory.
ROWS_AT_ONCE = 20_000
LOCK = "scoring"


@dataclass(frozen=True)
class Score:
    """What a score found. `warning` is "" where the model knew nothing from after `as_of`."""

    as_of: datetime
    model: str
    customers: int
    likely_to_leave: int
    losses: int
    ours: int
    not_ours: int
    cannot_say: int
    warning: str


@dataclass
class _Sums:
    """What is added up over the buckets."""

    weeks: list[cells.Cells]
    handoffs: list[cells.Cells]
    words: WordCounts
    customers: int = 0
    likely: int = 0
    verdicts: tuple[int, int, int] = (0, 0, 0)


def score(*, now: datetime, as_of: datetime | None = None, progress: population.Report = population.silent) -> Score:
    """Work everything out as of a moment (default: the last that is known) and replace the stored results.

    1. Choose the model: the one in use, or for a look back the newest that knew nothing later.
    2. Bucket by bucket: links, scores, blame, promises, counts; put them beside the stored results.
    3. Swap: readers see the old results or the new ones, never a half.

    Nothing recorded or learned after `as_of` is used. Raises minds.NoModel before the first training.
    """
    with alone.waiting(home=settings.HOME, name=LOCK):
        return _scored(now, as_of, progress)


def _scored(now: datetime, as_of: datetime | None, progress: population.Report) -> Score:
    mind = minds.known_by(moment=as_of) if as_of else minds.in_use()
    moment = as_of or population.latest_known(now=now)
    writing.begin()
    try:
        sums = _worked_out(mind=mind, moment=moment, progress=progress)
        writing.add(written=list(_totals(sums, minds.pack())))
        with transaction.atomic():
            writing.finish(as_of=moment, model=mind.card.version, now=now, customers=sums.customers)
            states.forget_scores(customers=sorted(objections.everyone()))  # who objected while it was worked out
    finally:
        writing.tidy()
    if (last := versions.scored()) is not None:
        population.pressure_when_scored(scored=last)  # known here already, and kept for every other process
    return _told(sums, mind, moment)


def _worked_out(*, mind: minds.Mind, moment: datetime, progress: population.Report) -> _Sums:
    relationships = people.relationships(as_of=moment)
    day = terms.days(moment)
    asked = scored.Asked(
        mind=mind,
        pack=minds.pack(),
        pressure=population.pressure(until=day),
        as_of=day,
        likely_since={one.customer: one.became_likely_at for one in versions.likely_ones(model=mind.card.version)},
        objecting=objections.everyone(),
    )

    def work(journeys: terms.Journeys, relationships: terms.Relationships) -> scored.Bucket:
        return scored.bucket(asked=asked, journeys=journeys, relationships=relationships)

    sums = _Sums(weeks=[], handoffs=[], words=WordCounts())
    buckets = population.each(
        work=work,
        relationships=relationships,
        columns=scored.COLUMNS,
        as_of=day,
        progress=progress,
        words="Scoring",
    )
    waiting: list[rows.Rows] = []
    for found in buckets:
        waiting += found.written
        _add(sums, found)
        if sum(len(part) for part in waiting) >= ROWS_AT_ONCE:
            writing.add(written=waiting)
            waiting = []
    writing.add(written=waiting)
    return sums


def _add(sums: _Sums, found: scored.Bucket) -> None:
    sums.weeks.append(found.weeks)
    sums.handoffs.append(found.handoffs)
    sums.words = sums.words + found.words
    sums.customers += found.customers
    sums.likely += found.likely
    before = sums.verdicts
    sums.verdicts = tuple(a + b for a, b in zip(before, found.verdicts, strict=True))  # type: ignore[assignment]


def _totals(sums: _Sums, pack: packs.Pack) -> Iterator[rows.Rows]:
    if sums.weeks:
        yield scored.weeks(counted=cells.joined(parts=sums.weeks))
        yield scored.handoffs(counted=cells.joined(parts=sums.handoffs))
    yield scored.unknown_words(counts=sums.words, pack=pack)


def _told(sums: _Sums, mind: minds.Mind, moment: datetime) -> Score:
    ours, not_ours, cannot_say = sums.verdicts
    return Score(
        as_of=moment,
        model=mind.card.version,
        customers=sums.customers,
        likely_to_leave=sums.likely,
        losses=sum(sums.verdicts),
        ours=ours,
        not_ours=not_ours,
        cannot_say=cannot_say,
        warning=mind.warning,
    )
