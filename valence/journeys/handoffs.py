"""Hand-offs: how often one department's interaction led to another's, week by week."""

from __future__ import annotations

from valence import terms
from valence.journeys import cells, signs, weeks

COLUMNS = ("department",)


def count(*, journeys: terms.Journeys, links: terms.Links, regions: terms.Words) -> cells.Cells:
    """Return how many links each hand-off has (`links`) and how many of them are guesses (`inferred`).

    By the week of what it led to, `region`, and the departments `cause` and `effect`. `regions` (c,) belong to
    `journeys.keys`. Links within one department count too; without both departments none does.
    """
    department = signs.column(journeys=journeys, name="department")
    cause, effect = department.codes[links.cause], department.codes[links.effect]
    known = (cause >= 0) & (effect >= 0)
    week = weeks.monday(journeys.occurred[links.effect[known]])
    region = regions.codes[journeys.owners()[links.effect[known]]]
    found, place, times = cells.unique(columns=(week, region, cause[known], effect[known]))
    vocabularies = {"region": regions.vocabulary, "cause": department.vocabulary, "effect": department.vocabulary}
    return cells.Cells(
        week=found[0],
        words=cells.worded(codes=found[1:], vocabularies=vocabularies),
        counts={"links": times, "inferred": cells.summed(place=place, counts=links.inferred[known], size=len(times))},
    )
