"""Who wants to hear by e-mail what waits for them, and when. One question or one verb each."""

from __future__ import annotations

import zoneinfo
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from valence.cases.models import Digest

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MINUTES_A_DAY = 24 * 60
STILL = timedelta(hours=6)
"""A digest that is later than this is not sent any more: what waits will have changed."""


class WrongDigest(ValueError):  # noqa: N818  it is said to people as such
    """A schedule that cannot be kept. The text says why."""


@dataclass(frozen=True)
class Schedule:
    """When somebody wants a digest: days of the week (0 is Monday), minute of the day, in their time zone."""

    person: int
    weekdays: tuple[int, ...]
    minute: int
    zone: str
    sent_for: date | None = None


def of(*, person: int) -> Schedule | None:
    """Return somebody's schedule, None where they want no digest."""
    row = Digest.objects.filter(person_id=person).first()
    return None if row is None else _schedule(row)


def put(*, schedule: Schedule) -> None:
    """Keep somebody's schedule; without days they get none any more. Raises WrongDigest."""
    if not schedule.weekdays:
        Digest.objects.filter(person_id=schedule.person).delete()
        return
    if not set(schedule.weekdays) <= set(range(7)) or not 0 <= schedule.minute < MINUTES_A_DAY:
        raise WrongDigest("Choose days of the week and a time of the day.")
    if schedule.zone not in zoneinfo.available_timezones():
        raise WrongDigest("Choose a time zone, like Europe/Berlin.")
    said = {"weekdays": sorted(set(schedule.weekdays)), "minute": schedule.minute, "zone": schedule.zone}
    Digest.objects.update_or_create(person_id=schedule.person, defaults=said)


def due(*, now: datetime) -> tuple[tuple[Schedule, date], ...]:
    """Return whose digest is due now, with their day."""
    rows = Digest.objects.filter(person__is_active=True).order_by("pk")
    found = ((one, due_for(schedule=one, now=now)) for one in map(_schedule, rows))
    return tuple((one, day) for one, day in found if day is not None)


def due_for(*, schedule: Schedule, now: datetime) -> date | None:
    """Return the day for which a digest is due, in its zone; None where none is.

    A time that the clock leaps over in spring comes after the leap; one that comes twice in autumn counts once.
    """
    zone = zoneinfo.ZoneInfo(schedule.zone)
    day = now.astimezone(zone).date()
    at = datetime.combine(day, time(schedule.minute // 60, schedule.minute % 60), zone)
    if day.weekday() not in schedule.weekdays or schedule.sent_for == day:
        return None
    return day if timedelta() <= now - at <= STILL else None


def note_sent(*, person: int, day: date) -> bool:
    """Note that a digest is queued for a day; once. Call it in the transaction that queues it."""
    return bool(Digest.objects.filter(person_id=person).exclude(sent_for=day).update(sent_for=day))


def _schedule(row: Digest) -> Schedule:
    return Schedule(
        person=row.person_id,
        weekdays=tuple(row.weekdays),
        minute=row.minute,
        zone=row.zone,
        sent_for=row.sent_for,
    )
