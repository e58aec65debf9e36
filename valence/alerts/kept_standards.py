"""Standards as they are kept: what each says now and said before, how often it was met, what it is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet, Sum

from valence.alerts import standard
from valence.alerts.models import Standard as Row
from valence.alerts.models import StandardCount, StandardVersion
from valence.alerts.standard import Standard
from valence.people import audit
from valence.terms import Scope

KEPT, GIVEN_UP, PROPOSED, REFUSED = "kept", "given_up", "proposed", "refused"
AT_ONCE = 2_000


class NoSuchStandard(LookupError):  # noqa: N818  named as people say it
    """There is no standard of this name."""


@dataclass(frozen=True)
class Kept:
    """A standard, its state, and what was worked out about it (`worth` and `advice`, as plain values)."""

    pk: int
    standard: Standard
    state: str
    worked_out: Mapping[str, Any]
    worked_out_at: datetime | None


@dataclass(frozen=True)
class VersionRow:
    """What a standard said at one time, who changed it and why."""

    standard: Standard
    why: str
    by: str
    made_at: datetime


@dataclass(frozen=True)
class Count:
    """How often a standard was met, by what was asked for: a week, a department or a place."""

    name: str
    week: date | None
    met: int
    counted: int


@dataclass(frozen=True)
class WeekCount:
    """One row of what was counted, as it is stored."""

    standard: int
    version: int
    week: date
    region: str
    department: str
    place: str
    met: int
    counted: int


def every(*, states: Sequence[str] = (KEPT,)) -> tuple[Kept, ...]:
    """Return the standards in some states, by title."""
    found = [_kept(row) for row in Row.objects.filter(state__in=list(states))]
    return tuple(sorted(found, key=lambda one: one.standard.title))


def one(*, name: str) -> Kept:
    """Return one standard. Raises NoSuchStandard."""
    row = Row.objects.filter(name=name).first()
    if row is None:
        raise NoSuchStandard(name)
    return _kept(row)


def versions(*, name: str) -> tuple[VersionRow, ...]:
    """Return what a standard said, the latest first."""
    rows = StandardVersion.objects.filter(standard__name=name).order_by("-number")
    return tuple(VersionRow(_made(row), row.why, row.by, row.made_at) for row in rows)


def counts(*, scope: Scope, pk: int, by: str, since: date, until: date) -> tuple[Count, ...]:
    """Return how often a standard was met in [since, until), by `week`, `department`, `place` or "" (in all).

    Only of customers of the regions one may see; by week in order, else the most counted first.
    """
    found = _seen(scope).filter(standard_id=pk, week__gte=since, week__lt=until).order_by()
    if not by:
        sums = found.aggregate(met=Sum("met"), counted=Sum("counted"))
        return (Count("", None, sums["met"] or 0, sums["counted"] or 0),)
    grouped = found.values_list(by).annotate(met=Sum("met"), counted=Sum("counted"))
    rows = [
        Count("" if by == "week" else name, name if by == "week" else None, met, all_) for name, met, all_ in grouped
    ]
    if by == "week":
        return tuple(sorted(rows, key=lambda row: row.week or date.min))
    return tuple(sorted(rows, key=lambda row: (-row.counted, row.name)))


@transaction.atomic
def put(*, said: Standard, why: str, by: str, now: datetime, state: str = KEPT) -> int:
    """Keep a standard, as a new version where it says something else; return the version in force."""
    table = standard.table_of(standard=said)
    row, is_new = Row.objects.select_for_update().get_or_create(name=said.name, defaults={"state": state})
    before = None if is_new else StandardVersion.objects.get(standard=row, number=row.version).said
    if before != table:
        row.version = 1 if is_new else row.version + 1
        StandardVersion.objects.create(standard=row, number=row.version, said=table, why=why[:300], by=by, made_at=now)
        row.worked_out, row.worked_out_at = {}, None
    row.state = state
    row.save()
    audit.record(who=by, what="standard written", about=f"{said.name}, version {row.version}", now=now)
    return row.version


def install(*, tables: Sequence[Mapping[str, Any]], now: datetime) -> int:
    """Put the standards of a pack beside those there are; return how many were new."""
    there = set(Row.objects.values_list("name", flat=True))
    new = [standard.made(table=table) for table in tables if table.get("name") not in there]
    for one_ in new:
        put(said=one_, why="Comes with the pack", by="pack", now=now)
    return len(new)


@transaction.atomic
def change_state(*, name: str, new: str, why: str, by: str, now: datetime) -> None:
    """Keep a standard, give it up, or refuse one that was proposed; the reason stands in its history."""
    row = Row.objects.select_for_update().filter(name=name).first()
    if row is None:
        raise NoSuchStandard(name)
    if row.state == new:
        return
    said = StandardVersion.objects.get(standard=row, number=row.version).said
    row.state, row.version = new, row.version + 1
    StandardVersion.objects.create(
        standard=row, number=row.version, said=said, why=f"{STATE_WORDS[new]}: {why}"[:300], by=by, made_at=now
    )
    StandardCount.objects.filter(standard=row).update(version=row.version)
    row.save()
    audit.record(who=by, what=f"standard {new.replace('_', ' ')}", about=name, now=now)


STATE_WORDS = {KEPT: "Kept", GIVEN_UP: "Given up", PROPOSED: "Proposed", REFUSED: "Refused"}


@transaction.atomic
def put_counts(*, rows: Sequence[WeekCount]) -> None:
    """Let new counts take the place of all there are."""
    StandardCount.objects.all().delete()
    StandardCount.objects.bulk_create(
        [
            StandardCount(
                standard_id=row.standard,
                version=row.version,
                week=row.week,
                region=row.region,
                department=row.department,
                place=row.place,
                met=row.met,
                counted=row.counted,
            )
            for row in rows
        ],
        batch_size=AT_ONCE,
    )


def note(*, pk: int, worked_out: Mapping[str, Any], now: datetime) -> None:
    """Keep what was worked out about a standard."""
    Row.objects.filter(pk=pk).update(worked_out=dict(worked_out), worked_out_at=now)


def _seen(scope: Scope) -> QuerySet[StandardCount]:
    found = StandardCount.objects.all()
    return found if scope.regions is None else found.filter(Q(region__in=scope.regions) & ~Q(region=""))


def _kept(row: Row) -> Kept:
    said = StandardVersion.objects.get(standard=row, number=row.version)
    return Kept(row.pk, _made(said), row.state, row.worked_out, row.worked_out_at)


def _made(row: StandardVersion) -> Standard:
    return standard.made(table=row.said, version=row.number)
