"""The customers behind the counts of Fit: found again where they were counted, some hundred at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from itertools import islice
from operator import or_

import numpy as np
from numpy.typing import NDArray

from valence import terms
from valence.flows.act import fitting
from valence.flows.weigh import minds, slots
from valence.insights import fit


@dataclass(frozen=True)
class Asked:
    """Which group is asked for: a name of fit.FIELDS and a word; left: only who left by choice on a calm day."""

    field: str
    word: str
    left: bool = False


@dataclass(frozen=True)
class Row:
    """One customer, when they began, and when they left in their first half-year, if they did.

    on_calm: by choice, on a calm day: that counts. calm: so many calm days of it; contacts: how often they got in
    touch on such days.
    """

    key: int
    joined_at: datetime
    left_at: datetime | None
    on_calm: bool
    calm: int
    contacts: int


@dataclass(frozen=True)
class Found:
    """How many there are, and those that are shown."""

    total: int
    rows: tuple[Row, ...]


def find(*, scope: terms.Scope, asked: Asked, limit: int) -> Found:
    """Return the customers of a group whom one may see: as many as are shown, and how many there are.

    A group that is called by what people are has none.
    """
    measured = fitting.measured()
    if measured is None or fit.is_personal(word=asked.word):
        return Found(0, ())
    keys = [key for key in measured.tallies if key[:2] == (asked.field, asked.word) and _sees(scope, key[2])]
    tallies = [measured.tallies[key] for key in keys]
    marks = reduce(or_, (measured.marks[key] for key in keys), 0)
    rows = tuple(islice(_rows(measured.until, frozenset(key[2] for key in keys), marks, asked), limit))
    total = sum(one.left if asked.left else one.joined for one in tallies)
    return Found(total if len(rows) == limit else len(rows), rows)


def _sees(scope: terms.Scope, region: str) -> bool:
    return scope.regions is None or region in scope.regions


def _rows(until: datetime, regions: frozenset[str], marks: int, asked: Asked) -> Iterator[Row]:
    day, pack = terms.days(until), minds.pack()

    def counted(people: terms.Relationships) -> NDArray[np.bool_]:
        mine = fitting.began_lately(people=people, until=until) & people.words["region"].among(regions)
        return mine & _left_soon(people, day) if asked.left else mine

    for journeys, some in slots.customers(marks=marks, mine=counted, columns=fit.COLUMNS, as_of=day):
        began = fit.read(journeys=journeys, people=some, now=day, pack=pack)
        mine = fit.of(began=began, field=asked.field, word=asked.word)
        soon = _left_soon(some, day)
        for place in np.flatnonzero(mine & began.left if asked.left else mine).tolist():
            yield Row(
                key=int(some.keys[place]),
                joined_at=terms.moment(float(some.joined[place])),
                left_at=terms.moment(float(some.left[place])) if soon[place] else None,
                on_calm=bool(began.left[place]),
                calm=round(float(began.calm[place])),
                contacts=round(float(began.contacts[place])),
            )


def _left_soon(people: terms.Relationships, day: float) -> NDArray[np.bool_]:
    """Say which customers (c,) left in their first half-year, and by a day."""
    soon: NDArray[np.bool_] = people.left <= np.minimum(people.joined + fit.SOON_DAYS, day)
    return soon
