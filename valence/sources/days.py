"""Reads about what sources brought, day by day: counts, when it came, how it looked. A few rows a day and source."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Max, Sum

from valence.sources import details
from valence.sources.models import SourceDay, SourceDetail


@dataclass(frozen=True)
class Day:
    """What a source brought on a day (UTC) and what became of it. `conflicts` are among `refused`."""

    source: str
    day: date
    records: int
    refused: int
    created: int = 0
    duplicate: int = 0
    revised: int = 0


@dataclass(frozen=True)
class Arrival:
    """What came from a source on a day in one piece: an import by its number, 0 for everything sent over HTTP."""

    batch: int
    records: int
    refused: int
    created: int
    duplicate: int
    revised: int


@dataclass(frozen=True)
class Latest:
    """When a source brought something for the last time, and how recent what it brought is."""

    source: str
    received_at: datetime | None
    occurred_at: datetime | None


def counted(*, since: date, until: date, source: str = "") -> list[Day]:
    """Return what each source brought on each day in [since, until), by source and day."""
    days = SourceDay.objects.filter(day__gte=since, day__lt=until)
    told = SourceDetail.objects.filter(day__gte=since, day__lt=until)
    if source:
        days, told = days.filter(source=source), told.filter(source=source)
    verdicts: dict[tuple[str, date], tuple[int, int, int]] = {
        (name, day): tuple(counts)
        for name, day, *counts in told.values_list("source", "day").annotate(
            Sum("created"), Sum("duplicate"), Sum("revised")
        )
    }
    rows = days.values("source", "day").annotate(records=Sum("records"), refused=Sum("refused"))
    return [
        Day(row["source"], row["day"], row["records"], row["refused"], *verdicts.get((row["source"], row["day"]), ()))
        for row in rows.order_by("source", "day")
    ]


def arrived(*, source: str, day: date) -> list[Arrival]:
    """Return the pieces in which a source's records of a day (UTC) came; their sum is what `counted` says of it."""
    told = SourceDetail.objects.filter(source=source, day=day)
    verdicts = {batch: counts for batch, *counts in told.values_list("batch", "created", "duplicate", "revised")}
    rows = SourceDay.objects.filter(source=source, day=day).order_by("batch").values_list("batch", "records", "refused")
    return [Arrival(*row, *verdicts.get(row[0], (0, 0, 0))) for row in rows]


def latest() -> list[Latest]:
    """Return every source that ever brought something, by name."""
    rows = SourceDay.objects.values("source").annotate(
        received_at=Max("last_received_at"), occurred_at=Max("last_occurred_at")
    )
    return [Latest(**row) for row in rows.order_by("source")]


def arrivals(*, since: date) -> dict[str, list[datetime]]:
    """Return the minutes in which each source brought something, in order."""
    minutes: dict[tuple[str, date], bytes] = {}
    rows = SourceDetail.objects.filter(day__gte=since).values_list("source", "day", "sums")
    for source, day, stored in rows.iterator():
        came = details.minutes_of(bytes(stored))
        minutes[source, day] = details.together(minutes.get((source, day), b""), came)
    found: dict[str, list[datetime]] = {}
    for (source, day), bits in sorted(minutes.items()):
        midnight = datetime.combine(day, time(), UTC)
        found.setdefault(source, []).extend(midnight + timedelta(minutes=one) for one in details.minutes_in(bits))
    return found


def sums(*, since: date, until: date, source: str = "") -> dict[tuple[str, date], details.Sums]:
    """Return how each source's records of each day in [since, until) looked."""
    rows = SourceDetail.objects.filter(day__gte=since, day__lt=until)
    rows = rows.filter(source=source) if source else rows
    found: dict[tuple[str, date], details.Sums] = {}
    for name, day, stored in rows.values_list("source", "day", "sums").iterator():
        came = details.unpacked(bytes(stored))
        found[name, day] = details.added(found[name, day], came) if (name, day) in found else came
    return found


def together(*, several: Iterable[details.Sums]) -> details.Sums:
    """Return the sums of several days."""
    total = details.Sums()
    for one in several:
        total = details.added(total, one)
    return total
