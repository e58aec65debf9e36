"""Reads about sources, returned as frozen values."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
from django.db.models import Count, Max, Q, QuerySet, Sum

from valence.sources import sealed
from valence.sources.models import Import, RefusedRecord, SourceDay


@dataclass(frozen=True)
class ImportRow:
    """One file that was brought in. `state` is running, done or failed; `words` says why it failed."""

    number: int
    kind: str
    record_kind: str
    filename: str
    state: str
    words: str
    by: str
    started_at: datetime
    ended_at: datetime | None
    resume_at: int
    records_total: int
    created: int
    duplicate: int
    revised: int
    refused: int
    made_up: bool = False
    undone_at: datetime | None = None
    undone_by: str = ""
    undone: Mapping[str, int] = field(default_factory=dict)
    noted: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class RefusedRow:
    """A refused record as it was sent, and why it was refused."""

    number: int
    record_kind: str
    source: str
    reason: str
    detail: str
    refused_at: datetime
    fields: Mapping[str, Any]


@dataclass(frozen=True)
class SourceFreshness:
    """How fresh a source is: records today and in seven days, refused in seven days, and the latest times."""

    source: str
    today: int
    week: int
    refused_week: int
    last_occurred_at: datetime | None
    last_received_at: datetime | None


def imports(*, limit: int = 50) -> list[ImportRow]:
    """Return the latest imports, newest first."""
    return [_import_row(row) for row in Import.objects.order_by("-pk")[:limit]]


def one(*, number: int) -> ImportRow | None:
    """Return one import."""
    row = Import.objects.filter(pk=number).first()
    return None if row is None else _import_row(row)


def undone_after(*, trained_at: datetime) -> tuple[int, ...]:
    """Return the imports that were in at a moment and have been undone since."""
    rows = Import.objects.filter(started_at__lte=trained_at, undone_at__gt=trained_at)
    return tuple(rows.order_by("pk").values_list("pk", flat=True))


def reasons(*, number: int | None = None, source: str = "", day: date | None = None) -> dict[str, int]:
    """Return how many records were refused for each reason: of one import, or of everything still kept."""
    rows = _refused(number, "", source, day)
    counted = rows.values_list("reason").annotate(n=Count("pk")).order_by("-n", "reason")
    return dict(counted.values_list("reason", "n"))


def refused_total(*, number: int | None = None, reason: str = "", source: str = "", day: date | None = None) -> int:
    """Return how many refused records are kept: of an import, for a reason, of a source, of a day (UTC)."""
    return _refused(number, reason, source, day).count()


def refused(
    *,
    number: int | None = None,
    reason: str = "",
    source: str = "",
    day: date | None = None,
    start: int = 0,
    limit: int = 50,
) -> list[RefusedRow]:
    """Return refused records: of one import, or of all, of a source, of a day; newest first."""
    rows = _refused(number, reason, source, day).order_by("-pk")[start : start + limit]
    return [_refused_row(row) for row in rows]


def refused_csv(*, number: int) -> Iterator[str]:
    """Yield the lines of a CSV file of what an import refused, with reasons. It can be mended and brought in again."""
    rows = RefusedRecord.objects.filter(batch_id=number).order_by("pk")
    columns: dict[str, None] = {}
    for row in rows.iterator():
        columns.update(dict.fromkeys(sealed.unseal(kept=bytes(row.sealed))))
    yield _line([*columns, "refused_record", "refused_reason", "refused_detail"])
    for row in rows.iterator():
        fields = sealed.unseal(kept=bytes(row.sealed))
        if fields:
            yield _line([*(_cell(fields.get(name)) for name in columns), str(row.number), row.reason, row.detail])


def freshness(*, now: datetime) -> list[SourceFreshness]:
    """Return how fresh each source is, by name."""
    today, week = Q(day=now.date()), Q(day__gt=(now - timedelta(days=7)).date())
    rows = SourceDay.objects.values("source").annotate(
        today=Sum("records", filter=today, default=0),
        week=Sum("records", filter=week, default=0),
        refused_week=Sum("refused", filter=week, default=0),
        last_occurred_at=Max("last_occurred_at"),
        last_received_at=Max("last_received_at"),
    )
    return [SourceFreshness(**row) for row in rows.order_by("source")]


def sources() -> frozenset[str]:
    """Return the names of the sources ever met."""
    return frozenset(SourceDay.objects.values_list("source", flat=True).distinct())


def _refused(number: int | None, reason: str, source: str = "", day: date | None = None) -> QuerySet[RefusedRecord]:
    rows = RefusedRecord.objects.all() if number is None else RefusedRecord.objects.filter(batch_id=number)
    rows = rows.filter(reason=reason) if reason else rows
    rows = rows.filter(source=source) if source else rows
    return rows.filter(refused_at__date=day) if day else rows


def _refused_row(row: RefusedRecord) -> RefusedRow:
    return RefusedRow(
        number=row.number,
        record_kind=row.record_kind,
        source=row.source,
        reason=row.reason,
        detail=row.detail,
        refused_at=row.refused_at,
        fields=sealed.unseal(kept=bytes(row.sealed)),
    )


def _import_row(row: Import) -> ImportRow:
    names = [name for name in ImportRow.__dataclass_fields__ if name != "number"]
    return ImportRow(number=row.pk, **{name: getattr(row, name) for name in names})


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _line(cells: list[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue()
