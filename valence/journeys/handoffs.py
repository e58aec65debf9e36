"""Hand-offs: how often one department's interaction led to another's, week by week."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from valence import terms
from valence.journeys import cells, signs, weeks

COLUMNS = ("department",)


@dataclass(frozen=True)
class Handoff:
    """From which department to which, in the week (Monday, days since 1970) of what it led to, by region."""

    week: int
    region: str
    cause: str
    effect: str


def count(
    *, journeys: terms.Journeys, links: terms.Links, regions: terms.Words
) -> tuple[Counter[Handoff], Counter[Handoff]]:
    """Return how many links each hand-off has, and how many of them were inferred. Counts of parts may be added.

    `regions` (c,) belong to `journeys.keys`. Links within one department count too; without a department none does.
    """
    department = signs.column(journeys=journeys, name="department")
    cause, effect = department.codes[links.cause], department.codes[links.effect]
    known = (cause >= 0) & (effect >= 0)
    week = weeks.monday(journeys.occurred[links.effect])
    region = regions.codes[journeys.owners()[links.effect]]
    columns = (week, region, cause, effect)
    words = ((*regions.vocabulary, ""), department.vocabulary)
    return _counted(columns, known, words), _counted(columns, known & links.inferred, words)


def _counted(
    columns: tuple[NDArray[np.integer], ...], which: NDArray[np.bool_], words: tuple[tuple[str, ...], tuple[str, ...]]
) -> Counter[Handoff]:
    regions, departments = words
    rows, _, times = cells.unique(columns=[column[which] for column in columns])
    return Counter(
        {
            Handoff(week=week, region=regions[region], cause=departments[cause], effect=departments[effect]): count
            for week, region, cause, effect, count in zip(*(column.tolist() for column in (*rows, times)), strict=True)
        }
    )
