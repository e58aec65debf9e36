"""How many interactions a week had, by region, kind, department and fact."""

from __future__ import annotations

import numpy as np

from valence import terms
from valence.journeys import cells, signs

COLUMNS = ("kind", "department", "facts")


def monday(day: terms.Days) -> cells.Whole:
    """Return the Monday (whole days since 1970) of the week in which each moment lies. 1970-01-01 was a Thursday."""
    whole = np.floor(day).astype(np.int64)
    return np.asarray(whole - (whole + 3) % 7)


def count(*, journeys: terms.Journeys, regions: terms.Words) -> cells.Cells:
    """Return `interactions` and different `customers` by week, `region`, `kind`, `department` and `fact`.

    An interaction counts once for each of its facts, and once with an unknown fact: that is the count of all.
    `regions` (c,) belong to `journeys.keys`.
    """
    kind = signs.column(journeys=journeys, name="kind")
    department = signs.column(journeys=journeys, name="department")
    row, fact, names = _facts(journeys)
    owner = journeys.owners()[row]
    week, region = monday(journeys.occurred[row]), regions.codes[owner]
    found, place, times = cells.unique(columns=(week, region, kind.codes[row], department.codes[row], fact))
    (people, _), _, _ = cells.unique(columns=(place, owner))
    vocabularies = {
        "region": regions.vocabulary, "kind": kind.vocabulary, "department": department.vocabulary, "fact": names,
    }  # fmt: skip
    return cells.Cells(
        week=found[0],
        words=cells.worded(codes=found[1:], vocabularies=vocabularies),
        counts={"interactions": times, "customers": np.bincount(people, minlength=len(times))},
    )


def _facts(journeys: terms.Journeys) -> tuple[terms.Keys, terms.Keys, tuple[str, ...]]:
    """Return (row, fact) for each fact of each row, and (row, -1) for each row; the facts' names."""
    facts = signs.column(journeys=journeys, name="facts")
    names = tuple(sorted({fact for told in facts.vocabulary for fact in told.split("|") if fact}))
    bearing = [np.flatnonzero(signs.holds_fact(words=facts, facts={fact})) for fact in names]
    place = np.repeat(np.arange(len(names)), [len(rows) for rows in bearing])
    everyone = np.arange(len(journeys))
    return np.concatenate([*bearing, everyone]), np.concatenate([place, np.full(len(journeys), -1)]), names
