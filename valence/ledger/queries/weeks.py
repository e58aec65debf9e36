"""Counts by week, and the regions there are. Read only through a scope."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection
from django.db.models import Max, QuerySet, Sum

from valence.ledger.models import WeekCount
from valence.terms import Scope

MOST_REGIONS = 300
NEXT_REGIONS = """
    WITH RECURSIVE step (region) AS (
        SELECT min(region) FROM valence_customer WHERE region > ''
        UNION ALL
        SELECT (SELECT min(later.region) FROM valence_customer AS later WHERE later.region > step.region)
        FROM step WHERE step.region IS NOT NULL
    )
    SELECT region FROM step WHERE region IS NOT NULL LIMIT %s
"""


@dataclass(frozen=True)
class Series:
    """Weekly counts of one thing in one place, the oldest first; `weeks` are Mondays without gaps.

    `fact` is "" for all interactions of the kind and department; `whole` counts those, fact or not.
    """

    kind: str
    department: str
    fact: str
    region: str
    weeks: tuple[dt.date, ...]
    customers: tuple[int, ...]
    interactions: tuple[int, ...]
    whole: tuple[int, ...]


def regions(*, scope: Scope) -> tuple[str, ...]:
    """Return the regions that customers of this scope live in, by name.

    Steps from one region to the next along the index: no table is read through.
    """
    if scope.regions is not None:
        return tuple(sorted(scope.regions))
    with connection.cursor() as cursor:
        cursor.execute(NEXT_REGIONS, [MOST_REGIONS])
        return tuple(region for (region,) in cursor.fetchall())


def last_week(*, scope: Scope) -> dt.date | None:
    """Return the Monday of the latest week that has counts, or None."""
    latest: dt.date | None = _rows(scope).aggregate(latest=Max("week"))["latest"]
    return latest


def series(*, scope: Scope, until: dt.date, weeks: int) -> list[Series]:
    """Return the weekly counts of every fact, kind and department for the weeks before `until` (a Monday)."""
    since = until - dt.timedelta(weeks=weeks)
    rows = _rows(scope).filter(week__gte=since, week__lt=until)
    grouped = rows.values("kind", "department", "fact", "week").annotate(c=Sum("customers"), i=Sum("interactions"))
    mondays = tuple(since + dt.timedelta(weeks=number) for number in range(weeks))
    return _as_series(grouped.values_list("kind", "department", "fact", "week", "c", "i"), mondays)


def _rows(scope: Scope) -> QuerySet[WeekCount]:
    rows = WeekCount.objects.all()
    return rows if scope.regions is None else rows.filter(region__in=scope.regions)


def _as_series(rows: Iterable[tuple[str, str, str, dt.date, int, int]], mondays: tuple[dt.date, ...]) -> list[Series]:
    counts: dict[tuple[str, str, str], dict[dt.date, tuple[int, int]]] = {}
    for kind, department, fact, week, customers, interactions in rows:
        counts.setdefault((kind, department, fact), {})[week] = (customers, interactions)
    found = []
    for (kind, department, fact), by_week in sorted(counts.items()):
        whole = counts.get((kind, department, ""), {})
        found.append(
            Series(
                kind=kind,
                department=department,
                fact=fact,
                region="",
                weeks=mondays,
                customers=tuple(by_week.get(week, (0, 0))[0] for week in mondays),
                interactions=tuple(by_week.get(week, (0, 0))[1] for week in mondays),
                whole=tuple(whole.get(week, (0, 0))[1] for week in mondays),
            )
        )
    return found
