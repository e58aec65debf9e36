"""When a feed runs: every so many minutes, or at times of the day. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from valence.sources.feeds.contract import WrongFeed

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SHORTEST = timedelta(minutes=1)
LONGEST = timedelta(days=31)
LONGEST_RETRY = timedelta(hours=1)
UNITS = {"min": 60, "minute": 60, "minutes": 60, "h": 3_600, "hour": 3_600, "hours": 3_600, "d": 86_400, "day": 86_400,
         "days": 86_400}  # fmt: skip
_EVERY = re.compile(r"(\d+)\s*([a-z]+)?")
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True)
class Schedule:
    """Every `every`, or at these minutes of the day on these weekdays (0 is Monday) in `zone`."""

    every: timedelta | None
    minutes: tuple[int, ...] = ()
    weekdays: frozenset[int] = frozenset(range(7))
    zone: str = "UTC"

    @property
    def words(self) -> str:
        """When it runs, for people."""
        if self.every is not None:
            return f"every {_length(self.every)}"
        times = ", ".join(f"{minute // 60:02}:{minute % 60:02}" for minute in self.minutes)
        days = "" if len(self.weekdays) == 7 else " on " + ", ".join(DAYS[day] for day in sorted(self.weekdays))
        return f"at {times}{days}" + ("" if self.zone == "UTC" else f" ({self.zone})")


def read(*, every: str | int, at: tuple[str, ...], days: tuple[str, ...], zone: str) -> Schedule:
    """Return the schedule that a feed's file says: `every = "15 min"` or `at = ["06:00"]`. Raises WrongFeed."""
    if at and every:
        raise WrongFeed("every and at do not go together: write one of them.")
    if not at:
        return Schedule(every=_every(str(every or "15 min")), zone=zone)
    found = [_TIME.fullmatch(one) for one in at]
    if not all(found):
        raise WrongFeed("at: write times of the day like 06:00 or 18:30.")
    unknown = sorted(set(days) - set(DAYS))
    if unknown:
        raise WrongFeed(f"days: are {', '.join(DAYS)}; {', '.join(unknown)} is none of them.")
    minutes = tuple(sorted({int(one[1]) * 60 + int(one[2]) for one in found if one}))
    weekdays = frozenset(DAYS.index(day) for day in days) or frozenset(range(7))
    return Schedule(every=None, minutes=minutes, weekdays=weekdays, zone=zone)


def next_at(*, schedule: Schedule, begun_at: datetime, now: datetime, failures: int = 0) -> datetime:
    """Return when a feed is due after a run that began at `begun_at` and ended now.

    After a failure it is tried again sooner than its turn at a time of day, and later than its turn where that comes
    often: 2, 4, 8 ... minutes, at most an hour, so that a wrong password does not lock an account.
    """
    regular = _regular(schedule, begun_at, now)
    if not failures:
        return regular
    retry = now + min(timedelta(minutes=2.0 ** min(failures, 6)), LONGEST_RETRY)
    return max(regular, retry) if schedule.every is not None else min(regular, retry)


def _regular(schedule: Schedule, begun_at: datetime, now: datetime) -> datetime:
    if schedule.every is not None:
        return max(begun_at + schedule.every, now)
    local = now.astimezone(ZoneInfo(schedule.zone))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    for ahead in range(9):
        day = midnight + timedelta(days=ahead)
        for minute in schedule.minutes if day.weekday() in schedule.weekdays else ():
            moment = (day + timedelta(minutes=minute)).replace(tzinfo=local.tzinfo).astimezone(now.tzinfo)
            if moment > now:
                return moment
    return now + timedelta(days=1)


def _every(text: str) -> timedelta:
    found = _EVERY.fullmatch(text.strip().lower())
    if not found or (found[2] or "min") not in UNITS:
        raise WrongFeed("every: write it like 15 min, 2 h or 1 day.")
    length = timedelta(seconds=int(found[1]) * UNITS[found[2] or "min"])
    if not SHORTEST <= length <= LONGEST:
        raise WrongFeed("every: is between a minute and 31 days.")
    return length


def _length(length: timedelta) -> str:
    minutes = int(length.total_seconds() // 60)
    for size, words in ((1440, "day"), (60, "hour")):
        if minutes % size == 0:
            count = minutes // size
            return words if count == 1 else f"{count} {words}s"
    return "minute" if minutes == 1 else f"{minutes} minutes"
