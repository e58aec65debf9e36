"""The rows behind the counts of expectations: found again where they were counted, some hundred customers at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from itertools import islice
from operator import or_

import numpy as np
from numpy.typing import NDArray

from valence import interactions, terms
from valence.flows.act import expecting
from valence.flows.gather import derived
from valence.flows.weigh import minds, slots
from valence.insights import encounters, expectations
from valence.insights.expectations import AS_TOLD, NOT_TOLD
from valence.text import expecting as text_expecting

WORDS = "words"
TOLD, AS_IT_WAS, OTHERWISE, NEVER = "told", "as_told", "otherwise", "never"
CAME = {
    "": frozenset({NOT_TOLD, AS_TOLD, expectations.A_LITTLE, expectations.FAR}),
    TOLD: frozenset({AS_TOLD, expectations.A_LITTLE, expectations.FAR}),
    AS_IT_WAS: frozenset({AS_TOLD}),
    OTHERWISE: frozenset({expectations.A_LITTLE, expectations.FAR}),
    NEVER: frozenset({NOT_TOLD}),
}
_Place = tuple[int, str, str]


@dataclass(frozen=True)
class Asked:
    """Which rows are asked for. about: an expectations.About, or WORDS: what customers wrote. quarters: empty for all.

    came: of CAME; of texts a text_expecting.Said, or "" for all. reaction: a Reaction: only each customer's first of a
    quarter of which it is known how it was taken; took: only where it was taken so.
    """

    about: str
    quarters: tuple[int, ...] = ()
    came: str = ""
    reaction: str = ""
    took: bool = False


@dataclass(frozen=True)
class Row:
    """One of them: whose it is, what it was, how far from what was told (as expectations.Happened; None of a text)."""

    key: int
    encounter: encounters.Encounter
    short: int | None


@dataclass(frozen=True)
class Found:
    """How many there are, and those that are shown, customer by customer."""

    total: int
    rows: tuple[Row, ...]


def find(*, scope: terms.Scope, asked: Asked, limit: int, now: datetime) -> Found:
    """Return the rows behind a count, of customers whom one may see: as many as are shown, and how many there are."""
    measured = expecting.measured()
    if measured is None:
        return Found(0, ())
    counted = _texts(measured.within(scope=scope), asked) if asked.about == WORDS else _cells(measured, scope, asked)
    total = sum(number for _, number, _ in counted)
    marks = reduce(or_, (marks for _, _, marks in counted), 0)
    regions = frozenset(region for region, _, _ in counted)
    until = terms.days(measured.until)
    found = list(islice(_places(regions, marks, asked, until), limit))
    rows = tuple(_said(found, until, now))
    # What was erased or undone since is counted no more: where all was looked through, what is there counts.
    return Found(total if len(found) == limit else len(rows), rows)


_Counted = list[tuple[str, int, int]]


def _cells(measured: expecting.Measured, scope: terms.Scope, asked: Asked) -> _Counted:
    """Return (region, how many, marks) of the counts that are asked for."""
    mine = (one for one in measured.within(scope=scope).cells if one.about == asked.about)
    return [
        (one.region, _number(one, asked), one.marks)
        for one in mine
        if one.short in CAME.get(asked.came, ()) and (not asked.quarters or one.quarter in asked.quarters)
    ]


def _number(one: expecting.Cell, asked: Asked) -> int:
    if not asked.reaction:
        return one.all
    took = one.took[asked.reaction]
    return took.number if asked.took else took.of


def _texts(measured: expecting.Measured, asked: Asked) -> _Counted:
    name = asked.came or expecting.TEXTS
    return [
        (one.region, one.said[asked.came] if asked.came else one.texts, one.marks.get(name, 0))
        for one in measured.spoken
        if not asked.quarters or one.quarter in asked.quarters
    ]


def _places(regions: frozenset[str], marks: int, asked: Asked, until: float) -> Iterator[tuple[_Place, int | None]]:
    """Give where each row is, and how far from what was told it came, customer by customer."""
    pack = minds.pack()

    def mine(people: terms.Relationships) -> NDArray[np.bool_]:
        return people.words["region"].among(regions)

    for journeys, some in slots.customers(marks=marks, mine=mine, columns=expecting.COLUMNS, as_of=until):
        if asked.about == WORDS:
            rows, shorts = _written(journeys, asked, until), None
        else:
            happened = expecting.read(journeys=journeys, people=some, until=until, pack=pack)
            which = _asked_for(happened, asked)
            rows, shorts = happened.row[which], happened.short[which].tolist()
        owners = journeys.keys[journeys.owners()[rows]]
        source, ids = journeys.words["source"], journeys.texts["interaction_id"]
        for place, (row, key) in enumerate(zip(rows.tolist(), owners.tolist(), strict=True)):
            yield (key, source.vocabulary[source.codes[row]], str(ids[row])), shorts[place] if shorts else None


def _asked_for(happened: expectations.Happened, asked: Asked) -> terms.Keys:
    which = happened.about == expectations.ABOUTS.index(expectations.About(asked.about))
    which &= np.isin(happened.short, sorted(CAME.get(asked.came, ())))
    if asked.quarters:
        which &= np.isin(happened.quarter, asked.quarters)
    if asked.reaction:
        took = happened.took[:, expectations.REACTIONS.index(expectations.Reaction(asked.reaction))]
        which &= happened.first & (took > 0 if asked.took else np.isfinite(took))
    return np.flatnonzero(which)


def _written(journeys: terms.Journeys, asked: Asked, until: float) -> terms.Keys:
    rows = expecting.texts_of(journeys=journeys, until=until)
    if asked.quarters:
        rows = rows[np.isin(expectations.quarter_of(day=journeys.occurred[rows]), asked.quarters)]
    if not asked.came:
        return rows
    said = [text_expecting.expected(text=journeys.texts["text"][row]) == asked.came for row in rows.tolist()]
    return rows[np.array(said, np.bool_)]


def _said(found: Sequence[tuple[_Place, int | None]], until: float, now: datetime) -> Iterator[Row]:
    """Give the rows as people read them, in the order in which they were found."""
    keys = sorted({key for (key, _, _), _ in found})
    journeys = derived.completed(journeys=interactions.journeys_of(keys=keys, as_of=until))
    owners = journeys.keys[journeys.owners()]
    source, ids = journeys.words["source"].said(), journeys.texts["interaction_id"].tolist()
    wanted = {place for place, _ in found}
    names = list(zip(owners.tolist(), source, ids, strict=True))
    which = np.array([name in wanted for name in names], np.bool_)
    told = encounters.read(journeys=journeys.taken(which), pack=minds.pack(), effects={}, links=None, now=now)
    by_name = dict(zip((name for name, here in zip(names, which, strict=True) if here), told, strict=True))
    return (Row(place[0], by_name[place], short) for place, short in found if place in by_name)
