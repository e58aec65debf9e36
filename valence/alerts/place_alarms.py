"""Alarms about places: several similar cases close together, as one alarm with its cases, somebody's from the start."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Count, Q, QuerySet

from valence import sums
from valence.alerts.models import PlaceAlarm, PlaceCase
from valence.customers import identities
from valence.people import audit
from valence.terms import Scope

NEW, TAKEN, PUT_RIGHT, DISMISSED, OVER = "new", "taken", "put_right", "dismissed", "over"
OPEN = (NEW, TAKEN)
# An alarm goes on while the same shows at one of its places again within so many days.
GOES_ON = timedelta(days=14)
MOST_CASES = 500
# Elsewhere too, and so many times as much: that is news.
GREW = 3.0


class NoSuchAlarm(LookupError):  # noqa: N818  named as people say it
    """There is no such alarm, or it is about places one may not see."""


@dataclass(frozen=True)
class Case:
    """One case of an alarm: whose it is and the interaction in which it showed."""

    key: int
    source: str
    interaction_id: str
    place: str
    occurred_at: datetime


@dataclass(frozen=True)
class Found:
    """What a watch found. `owner`: whose it is, where it is new; `chance`: how often calm days show as much."""

    about: str
    word: str
    zone: str
    places: tuple[str, ...]
    region: str
    department: str
    since: date
    observed: int
    expected: float
    chance: float
    cases: tuple[Case, ...]
    owner: int | None = None


@dataclass(frozen=True)
class AlarmRow:
    """An alarm as a list shows it. `cases`: how many of them one may see."""

    pk: int
    about: str
    word: str
    zone: str
    places: tuple[str, ...]
    region: str
    department: str
    since: date
    observed: int
    expected: float
    chance: float
    raised_at: datetime
    seen_at: datetime
    state: str
    owner: int | None
    owner_name: str
    steps: tuple[int, ...]
    ended_at: datetime | None
    cases: int


def goes_on(*, found: Found, now: datetime) -> int | None:
    """Return the alarm that says this already, None where it is news: nothing there of late, or far less of it."""
    late = PlaceAlarm.objects.filter(about=found.about, word=found.word, seen_at__gt=now - GOES_ON)
    more = found.observed - found.expected
    return next(
        (
            row.pk
            for row in late.order_by("-seen_at", "-pk")
            if not set(found.places).isdisjoint(row.places)
            and (row.zone == found.zone or more <= GREW * (row.observed - row.expected))
        ),
        None,
    )


@transaction.atomic
def put(*, found: Found, now: datetime) -> tuple[int, bool]:
    """Keep what was found, in the alarm that says it already or in a new one; return its number and whether it is new.

    An alarm that somebody dismissed or put right stays so while the same goes on.
    """
    number = goes_on(found=found, now=now)
    if number is None:
        row = PlaceAlarm.objects.create(
            about=found.about, word=found.word, raised_at=now, owner_id=found.owner, **_figures(found, now)
        )
        number, is_new = row.pk, True
    else:
        PlaceAlarm.objects.filter(pk=number).update(**_figures(found, now))
        is_new = False
    PlaceCase.objects.bulk_create(
        [
            PlaceCase(
                alarm_id=number,
                customer_id=case.key,
                source=case.source,
                interaction_id=case.interaction_id,
                place=case.place,
                occurred_at=case.occurred_at,
            )
            for case in found.cases[:MOST_CASES]
        ],
        ignore_conflicts=True,
    )
    return number, is_new


def end_quiet(*, now: datetime) -> int:
    """Call over what did not show any more for two weeks and nobody put right; return how many alarms."""
    quiet = PlaceAlarm.objects.filter(state__in=OPEN, seen_at__lte=now - GOES_ON)
    return quiet.update(state=OVER, ended_at=now)


def rows(*, scope: Scope, state: str = "", limit: int = 50) -> tuple[AlarmRow, ...]:
    """Return alarms, those that are open first, the latest on top. `state` "open": new or taken."""
    found = _seen(scope)
    if state:
        found = found.filter(state__in=OPEN if state == "open" else (state,))
    listed = list(found.select_related("owner").order_by("-raised_at", "-pk")[:limit])
    return _rows(scope, sorted(listed, key=lambda row: row.state not in OPEN))


def one(*, scope: Scope, pk: int) -> AlarmRow:
    """Return one alarm. Raises NoSuchAlarm."""
    row = _seen(scope).filter(pk=pk).select_related("owner").first()
    if row is None:
        raise NoSuchAlarm(pk)
    return _rows(scope, [row])[0]


def counted(*, scope: Scope, since: datetime) -> dict[str, int]:
    """Return how many alarms there are by state, among those raised since."""
    found = _seen(scope).filter(raised_at__gte=since).order_by().values_list("state").annotate(n=Count("pk"))
    return dict(found)


def cases(*, scope: Scope, pk: int, limit: int = 50) -> tuple[Case, ...]:
    """Return the cases of an alarm, the latest first: only of customers one may see."""
    found = _cases(scope).filter(alarm_id=pk).order_by("-occurred_at", "pk")
    names = ("customer_id", "source", "interaction_id", "place", "occurred_at")
    return tuple(Case(*row) for row in found.values_list(*names)[:limit])


@transaction.atomic
def settle(*, pk: int, old: str, new: str, by: str, person: int, now: datetime) -> bool:
    """Move an alarm from one state to another; return whether it was still in the old one. Who takes it, owns it."""
    ended = None if new in OPEN else now
    changes = {"state": new, "ended_at": ended} | ({"owner_id": person} if new == TAKEN else {})
    moved = PlaceAlarm.objects.filter(pk=pk, state=old).update(**changes)
    if moved:
        audit.record(who=by, what=f"place alarm {new.replace('_', ' ')}", about=f"alarm {pk}", now=now)
    return bool(moved)


@transaction.atomic
def tick(*, pk: int, step: int, done: bool) -> None:
    """Note that a step of what is to be done is done, or is not."""
    row = PlaceAlarm.objects.select_for_update().get(pk=pk)
    steps = set(row.steps)
    row.steps = sorted(steps | {step} if done else steps - {step})
    row.save(update_fields=["steps"])


@transaction.atomic
def withdraw(*, ids: Sequence[tuple[str, str]]) -> None:
    """Take cases back whose interactions are gone; an alarm without any goes too."""
    gone = set(ids)
    sources = {source for source, _ in gone}
    rows = PlaceCase.objects.filter(source__in=sources).values_list("pk", "alarm_id", "source", "interaction_id")
    mine = [(pk, alarm) for pk, alarm, source, name in rows if (source, name) in gone]
    PlaceCase.objects.filter(pk__in=[pk for pk, _ in mine]).delete()
    for alarm in {alarm for _, alarm in mine}:
        left = PlaceCase.objects.filter(alarm_id=alarm).count()
        if left:
            PlaceAlarm.objects.filter(pk=alarm).update(observed=left)
        else:
            PlaceAlarm.objects.filter(pk=alarm).delete()


def _figures(found: Found, now: datetime) -> dict[str, object]:
    return {
        "zone": found.zone,
        "places": list(found.places),
        "region": found.region,
        "department": found.department,
        "since_date": found.since,
        "observed": found.observed,
        "expected": found.expected,
        "chance": found.chance,
        "seen_at": now,
    }


def _seen(scope: Scope) -> QuerySet[PlaceAlarm]:
    """Return the alarms one may see: those of one's regions, and all of them for whoever sees all regions."""
    found = PlaceAlarm.objects.all()
    return found if scope.regions is None else found.filter(Q(region__in=scope.regions) & ~Q(region=""))


def _cases(scope: Scope) -> QuerySet[PlaceCase]:
    return PlaceCase.objects.filter(
        Q(customer__wrapped_key__isnull=False), identities.seen(scope=scope, path="customer")
    )


@sums.kept
def _counts(*, scope: Scope, alarms: tuple[int, ...]) -> Mapping[int, int]:
    """Return how many cases each of some alarms has, of those whose customers one may see."""
    counts = _cases(scope).filter(alarm__in=alarms).order_by().values_list("alarm")
    return dict(counts.annotate(n=Count("pk")))


def _rows(scope: Scope, rows: Sequence[PlaceAlarm]) -> tuple[AlarmRow, ...]:
    cases = _counts(scope=scope, alarms=tuple(row.pk for row in rows))
    return tuple(
        AlarmRow(
            pk=row.pk,
            about=row.about,
            word=row.word,
            zone=row.zone,
            places=tuple(row.places),
            region=row.region,
            department=row.department,
            since=row.since_date,
            observed=row.observed,
            expected=row.expected,
            chance=row.chance,
            raised_at=row.raised_at,
            seen_at=row.seen_at,
            state=row.state,
            owner=row.owner_id,
            owner_name=(row.owner.full_name or row.owner.name) if row.owner else "",
            steps=tuple(row.steps),
            ended_at=row.ended_at,
            cases=cases.get(row.pk, 0),
        )
        for row in rows
    )
