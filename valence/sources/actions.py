"""Writes about sources: what was brought in, what was refused, how fresh each source is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import reduce
from pathlib import Path
from typing import Any

import msgspec
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, F, Q

from valence.customers import bulk, hashes
from valence.sources import details, sealed
from valence.sources.models import Import, RefusedRecord, SourceDay, SourceDetail
from valence.terms import Verdict

KEPT = timedelta(days=30)
KEPT_APART, COUNTED_APART = timedelta(days=2), timedelta(days=60)
MOST_PARTS, MOST_JOINED = 8, 200
LARGEST = 200_000
COUNT_IN = """
    INSERT INTO {table} AS before (source, day, batch, records, refused, last_occurred_at, last_received_at)
    VALUES (%s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (source, day, batch) DO UPDATE SET
        records = before.records + excluded.records,
        refused = before.refused + excluded.refused,
        last_received_at = excluded.last_received_at,
        last_occurred_at = CASE
            WHEN before.last_occurred_at IS NULL OR excluded.last_occurred_at > before.last_occurred_at
            THEN excluded.last_occurred_at ELSE before.last_occurred_at END
"""
DETAIL_IN = """
    INSERT INTO {table} AS before (source, day, batch, created, duplicate, revised, sums)
    VALUES (%s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (source, day, batch) DO UPDATE SET
        created = before.created + excluded.created,
        duplicate = before.duplicate + excluded.duplicate,
        revised = before.revised + excluded.revised
    RETURNING id, sums
"""
COUNTED = (Verdict.CREATED, Verdict.DUPLICATE, Verdict.REVISED)
RUNNING, DONE, FAILED = "running", "done", "failed"
UNDOING, UNDONE = "undoing", "undone"
REFUSED_COLUMNS = (
    "batch_id", "source", "record_kind", "number", "reason", "detail", "sealed", "id_hash", "refused_at", "after",
)  # fmt: skip


class BeingUndone(Exception):  # noqa: N818 - a state of the import, not a bug
    """Somebody undoes the import while it is being brought in: nothing more of it is stored."""


@dataclass(frozen=True)
class Begun:
    """An import that may go on, and after how many records."""

    number: int
    resume_at: int


@dataclass(frozen=True)
class Tally:
    """What became of records."""

    created: int = 0
    duplicate: int = 0
    revised: int = 0
    refused: int = 0


@dataclass(frozen=True)
class RefusedEntry:
    """A record that was refused, as it was sent. `fields` is None where nothing of it may be kept.

    `after`: the `seq` of the inbox's last row before it came, for one that contradicts what came first.
    """

    source: str
    record_kind: str
    number: int
    reason: str
    detail: str
    fields: Mapping[str, Any] | None
    after: int = 0


@dataclass(frozen=True)
class Received:
    """What a source gave in one batch."""

    records: int
    refused: int
    last_occurred_at: datetime | None


@dataclass(frozen=True)
class Came:
    """What became of the records of a source in one batch, and how they look."""

    verdicts: Mapping[Verdict, int]
    sums: details.Sums


@transaction.atomic
def begin(
    *, kind: str, record_kind: str, path: Path, filename: str, file_hash: str, mapping: Any, total: int, by: str,
    now: datetime, made_up: bool = False,
) -> Begun:  # fmt: skip
    """Put an import on record; one of the same file that was broken off goes on where it was safe."""
    same = {"kind": kind, "record_kind": record_kind, "file_hash": file_hash, "mapping": mapping}
    again = Q(resume_at__gt=0) | Q(path=str(path), state=RUNNING)
    broken_off = Import.objects.filter(again, **same, state__in=[RUNNING, FAILED]).order_by("-pk").first()
    if broken_off:
        Import.objects.filter(pk=broken_off.pk).update(state=RUNNING, ended_at=None, words="", path=str(path), by=by)
        return Begun(number=broken_off.pk, resume_at=broken_off.resume_at)
    row = Import.objects.create(
        **same, filename=filename[:255], path=str(path), state=RUNNING, started_at=now, by=by, records_total=total,
        made_up=made_up,
    )  # fmt: skip
    return Begun(number=row.pk, resume_at=0)


def note_columns(*, number: int, columns: Sequence[tuple[str, str, bool]]) -> None:
    """Keep which column of an import's file became what: theirs, ours ("" is an attribute), whether only part of it."""
    _note(number, columns=[list(one) for one in columns])


def _note(number: int, **said: Any) -> None:
    noted = Import.objects.filter(pk=number).values_list("noted", flat=True).first()
    Import.objects.filter(pk=number).update(noted={**(noted or {}), **said})


def note_counts(*, number: int, counts: Mapping[str, int]) -> None:
    """Add to the counts of what an import left out or took otherwise, in the transaction that stored the records."""
    if counts:
        noted = Import.objects.filter(pk=number).values_list("noted", flat=True).first() or {}
        _note(number, counts=dict(Counter(noted.get("counts", {})) + Counter(counts)))


def advance(*, number: int, resume_at: int, tally: Tally) -> None:
    """Note how far an import is, in the transaction that made the records safe. Raises BeingUndone."""
    going_on = Import.objects.filter(pk=number).exclude(state__in=[UNDOING, UNDONE])
    changed = going_on.update(
        resume_at=resume_at,
        created=F("created") + tally.created,
        duplicate=F("duplicate") + tally.duplicate,
        revised=F("revised") + tally.revised,
        refused=F("refused") + tally.refused,
    )
    if not changed:
        raise BeingUndone(f"import {number} is being undone")


def finish(*, number: int, now: datetime, words: str = "", failed: bool = False) -> None:
    """Note that an import ended."""
    row = Import.objects.filter(pk=number).exclude(state__in=[UNDOING, UNDONE])
    row.update(state=FAILED if failed else DONE, words=words[:500], ended_at=now)


def keep_refused(*, entries: Sequence[RefusedEntry], batch: int | None, now: datetime) -> None:
    """Keep refused records, encrypted, for 30 days."""
    if not entries:
        return
    rows = [_refused_row(entry, batch, now) for entry in entries]
    bulk.insert(table=RefusedRecord, columns=REFUSED_COLUMNS, rows=rows)


def forget_refused(*, now: datetime) -> int:
    """Delete the refused records that are older than 30 days, and return how many went."""
    return RefusedRecord.objects.filter(refused_at__lt=now - KEPT).delete()[0]


def forget_person(*, customer_id: str) -> int:
    """Delete the refused records that speak of a customer, and return how many went."""
    return forget_hashed(id_hashes=hashes.of_ids(home=settings.HOME, ids=[customer_id]))


def forget_hashed(*, id_hashes: Sequence[bytes]) -> int:
    """Delete the refused records that speak of these keyed hashes of ids, and return how many went."""
    return RefusedRecord.objects.filter(id_hash__in=id_hashes).delete()[0]


def count_received(*, received: Mapping[str, Received], now: datetime, batch: int = 0) -> None:
    """Add what sources gave to the day they gave it. `batch`: the import that brought it, 0 for none."""
    table = connection.ops.quote_name(SourceDay._meta.db_table)
    received_at = bulk.moment(now)
    rows = [
        (source[:100], now.date().isoformat(), batch, given.records, given.refused,
         bulk.moment(given.last_occurred_at), received_at)
        for source, given in received.items()
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.executemany(COUNT_IN.format(table=table), rows)


def note_details(*, came: Mapping[str, Came], now: datetime, batch: int = 0) -> None:
    """Add to each source's day what became of its records and how they look. Within the caller's transaction.

    The row is written first: whoever writes it waits for nobody else's sums, and adds to what is there then.
    """
    table = connection.ops.quote_name(SourceDetail._meta.db_table)
    with connection.cursor() as cursor:
        for source, one in came.items():
            counts = [one.verdicts.get(verdict, 0) for verdict in COUNTED]
            cursor.execute(DETAIL_IN.format(table=table), [source[:100], now.date().isoformat(), batch, *counts, b""])
            pk, before = cursor.fetchone()
            sums = details.added(details.unpacked(bytes(before)), one.sums) if before else one.sums
            cursor.execute(f"UPDATE {table} SET sums = %s WHERE id = %s", [details.packed(sums), pk])


def join_days(*, now: datetime) -> int:
    """Put the rows of a source's day together that came with many imports, and return how many fewer there are.

    A feed that runs every quarter of an hour leaves a hundred a day. After two days the looks of a day become one row,
    after 60 days its counts too; an import that is undone later than that leaves them as they are.
    """
    looks = sum(_join_looks(*day) for day in _in_parts(SourceDetail, now - KEPT_APART))
    return looks + sum(_join_counts(*day) for day in _in_parts(SourceDay, now - COUNTED_APART))


def _in_parts(table: type[SourceDetail] | type[SourceDay], before: datetime) -> list[tuple[str, date]]:
    """Return the sources and days that are in many rows."""
    days = table.objects.filter(day__lt=before.date()).values_list("source", "day").annotate(parts=Count("pk"))
    return [(source, day) for source, day, _ in days.filter(parts__gt=MOST_PARTS)[:MOST_JOINED]]


@transaction.atomic
def _join_looks(source: str, day: date) -> int:
    rows = SourceDetail.objects.filter(source=source, day=day)
    parts = list(rows.select_for_update())
    rows.delete()
    SourceDetail.objects.create(
        source=source,
        day=day,
        created=sum(part.created for part in parts),
        duplicate=sum(part.duplicate for part in parts),
        revised=sum(part.revised for part in parts),
        sums=details.packed(reduce(details.added, (details.unpacked(bytes(part.sums)) for part in parts))),
    )
    return len(parts) - 1


@transaction.atomic
def _join_counts(source: str, day: date) -> int:
    rows = SourceDay.objects.filter(source=source, day=day)
    parts = list(rows.select_for_update())
    rows.delete()
    SourceDay.objects.create(
        source=source,
        day=day,
        records=sum(part.records for part in parts),
        refused=sum(part.refused for part in parts),
        last_occurred_at=max((part.last_occurred_at for part in parts if part.last_occurred_at), default=None),
        last_received_at=max(part.last_received_at for part in parts),
    )
    return len(parts) - 1


def _refused_row(entry: RefusedEntry, batch: int | None, now: datetime) -> tuple[Any, ...]:
    customer_id = (entry.fields or {}).get("customer_id")
    id_hash = None
    if customer_id not in (None, "", msgspec.UNSET) and isinstance(customer_id, (str, int)):
        [id_hash] = hashes.of_ids(home=settings.HOME, ids=[str(customer_id).strip()])
    return (
        batch, entry.source[:100], entry.record_kind, entry.number, entry.reason, entry.detail[:300],
        sealed.seal(fields=entry.fields, largest=LARGEST), id_hash, bulk.moment(now),
        entry.after,
    )  # fmt: skip
