"""How many interactions a week had, by region, kind, department and fact."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from valence import terms
from valence.journeys import cells, signs

COLUMNS = ("kind", "department", "facts")


@dataclass(frozen=True)
class Week:
    """One cell of the count: a week (its Monday in days since 1970), and words; `fact` "" counts any interaction."""

    week: int
    region: str
    kind: str
    department: str
    fact: str


def monday(day: terms.Days) -> terms.Keys:
    """Return the Monday (whole days since 1970) of the week in which each moment lies. 1970-01-01 was a Thursday."""
    whole = np.floor(day).astype(np.int64)
    return whole - (whole + 3) % 7


def count(*, journeys: terms.Journeys, regions: terms.Words) -> tuple[Counter[Week], Counter[Week]]:
    """Return interactions and different customers of each cell. Counts of different customers' journeys may be added.

    `regions` (c,) belong to `journeys.keys`.
    """
    facts = signs.column(journeys=journeys, name="facts")
    rows = [np.arange(len(journeys))]
    code = [np.full(len(journeys), -1)]
    names = sorted({fact for told in facts.vocabulary for fact in told.split("|") if fact})
    for place, fact in enumerate(names):
        bearing = np.flatnonzero(signs.holds_fact(words=facts, facts={fact}))
        rows.append(bearing)
        code.append(np.full(len(bearing), place))
    return _counted(journeys, regions, np.concatenate(rows), np.concatenate(code), (*names, ""))


def _counted(
    journeys: terms.Journeys, regions: terms.Words, row: terms.Keys, fact: terms.Keys, names: tuple[str, ...]
) -> tuple[Counter[Week], Counter[Week]]:
    kind = signs.column(journeys=journeys, name="kind")
    department = signs.column(journeys=journeys, name="department")
    owner = journeys.owners()[row]
    week, region = monday(journeys.occurred[row]), regions.codes[owner]
    found, place, times = cells.unique(columns=(week, region, kind.codes[row], department.codes[row], fact))
    (people, _), _, _ = cells.unique(columns=(place, owner))
    customers = np.bincount(people, minlength=len(times))
    words = ((*regions.vocabulary, ""), (*kind.vocabulary, ""), (*department.vocabulary, ""), names)
    said = [
        Week(week, *(vocabulary[code] for vocabulary, code in zip(words, codes, strict=True)))
        for week, *codes in zip(*(column.tolist() for column in found), strict=True)
    ]
    return _counter(said, times), _counter(said, customers)


def _counter(said: list[Week], times: cells.Whole) -> Counter[Week]:
    return Counter(dict(zip(said, times.tolist(), strict=True)))
