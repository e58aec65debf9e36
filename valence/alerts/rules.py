"""Whose an alert is, and by when. Pure: staff, calendars and counts in, decisions out."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from valence.terms import Role

TAKES = (Role.CASE_OWNER, Role.MANAGER, Role.ADMINISTRATOR)
URGENT = 3
LONGEST_SEARCH_DAYS = 400
LONGEST_SLOT = 100


@dataclass(frozen=True)
class Clerk:
    """A member of staff who may take cases. regions None: all. taken: new cases of today; load: all that are open."""

    pk: int
    name: str
    role: Role
    regions: frozenset[str] | None
    departments: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    skills: frozenset[str] = frozenset()
    daily_cases: int = 20
    is_away: bool = False
    stands_in: int | None = None
    taken: int = 0
    load: int = 0

    def may_see(self, *, region: str) -> bool:
        """Say whether a customer of this region is theirs to see."""
        return self.regions is None or (region != "" and region in self.regions)


@dataclass(frozen=True)
class Need:
    """What somebody has to take care of. Empty: it does not matter."""

    region: str = ""
    department: str = ""
    language: str = ""
    skill: str = ""
    severity: int = 2


@dataclass(frozen=True)
class Routed:
    """Whose it is and why. `held`: everybody who could take it has enough for today; `pk` is then whose turn is next.

    None: nobody at all may see the customer.
    """

    pk: int
    why: str
    held: bool = False


@dataclass(frozen=True)
class Calendar:
    """When people are there: hours (from, until) by weekday (Monday 0), days that are free, the zone they live in."""

    zone: ZoneInfo
    hours: Mapping[int, tuple[time, time]]
    holidays: frozenset[date] = frozenset()

    def span(self, *, day: date) -> tuple[datetime, datetime] | None:
        """Return the opening hours of a day; None where nobody is there."""
        hours = None if day in self.holidays else self.hours.get(day.weekday())
        if hours is None:
            return None
        return datetime.combine(day, hours[0], self.zone), datetime.combine(day, hours[1], self.zone)


def route(*, need: Need, staff: Sequence[Clerk]) -> Routed | None:
    """Return whose an alert is.

    1. Of those who may see the customer and are there: who fits best by department, skill and language.
    2. Of those who fit alike, who has least to do against what they take in a day.
    3. Who has enough for today gets only what is urgent; else it is held for tomorrow.
    4. Where nobody of the region fits, a manager of it; else an administrator: nothing is ever without an owner.
    """
    may = [clerk for clerk in staff if clerk.role in TAKES and clerk.may_see(region=need.region)]
    there = [_who_stands_in(clerk, may) for clerk in may]
    choice = list({clerk.pk: clerk for clerk in there if clerk is not None}.values()) or may
    if not choice:
        return None
    best = max(_fit(clerk, need) for clerk in choice)
    fitting = [clerk for clerk in choice if _fit(clerk, need) == best]
    free = [clerk for clerk in fitting if clerk.taken < clerk.daily_cases]
    pool = free or fitting
    one = min(pool, key=lambda clerk: ((clerk.load + clerk.taken) / max(1, clerk.daily_cases), clerk.name))
    return Routed(pk=one.pk, why=_why(one, need), held=not free and need.severity < URGENT)


def _who_stands_in(clerk: Clerk, may: Sequence[Clerk]) -> Clerk | None:
    """Return who is there for somebody: themselves, else who stands in for them, else nobody."""
    if not clerk.is_away:
        return clerk
    return next((other for other in may if other.pk == clerk.stands_in and not other.is_away), None)


def _fit(clerk: Clerk, need: Need) -> tuple[int, int, int, int]:
    """Order who fits: a skill that is needed first, then the department, the language, then who is nearest to cases."""
    nearest = {Role.CASE_OWNER: 2, Role.MANAGER: 1, Role.ADMINISTRATOR: 0}[clerk.role]
    department = 1 if need.department in clerk.departments else 0 if not clerk.departments else -1
    return (
        int(need.skill in clerk.skills) if need.skill else 0,
        department if need.department else 0,
        int(need.language in clerk.languages) if need.language else 0,
        nearest,
    )


def _why(clerk: Clerk, need: Need) -> str:
    reasons = [
        need.skill if need.skill and need.skill in clerk.skills else "",
        need.department if need.department and need.department in clerk.departments else "",
        need.region,
        f"speaks {need.language}" if need.language and need.language in clerk.languages else "",
    ]
    said = ", ".join(filter(None, reasons))
    if clerk.role is Role.ADMINISTRATOR and not said:
        return "nobody else could take it"
    return said or "had least to do"


def above(*, level: int, region: str, staff: Sequence[Clerk]) -> Clerk | None:
    """Return who hears of a case that nobody acted on: first a manager of the region, then an administrator."""
    ladder = (Role.MANAGER, Role.ADMINISTRATOR)
    for role in ladder[min(level, len(ladder) - 1) :]:
        there = [each for each in staff if each.role is role and not each.is_away and each.may_see(region=region)]
        if there:
            return min(there, key=lambda clerk: (clerk.load, clerk.name))
    return None


def due_at(*, start: datetime, hours: float, calendar: Calendar) -> datetime:
    """Return the moment that many business hours after a start. Days of another length of time count as they are.

    Where a calendar has no open day within a year, the hours count by the clock.
    """
    left = timedelta(hours=hours)
    local = start.astimezone(calendar.zone)
    for days in range(LONGEST_SEARCH_DAYS):
        span = calendar.span(day=local.date() + timedelta(days=days))
        if span is None:
            continue
        opens, closes = max(start, span[0].astimezone(start.tzinfo)), span[1].astimezone(start.tzinfo)
        if opens >= closes:
            continue
        if left <= closes - opens:
            return opens + left
        left -= closes - opens
    return start + timedelta(hours=hours)


def slot(*, customer: int, source: str, interaction_id: str, at: datetime, cool_down_days: int) -> str:
    """Return what an alert is raised for, once: the customer in a window of days, or the interaction, or the day."""
    if cool_down_days:
        return f"c{customer}:{int(at.timestamp() // (cool_down_days * 86_400))}"
    if not interaction_id:
        return f"c{customer}:{at:%Y%m%d}"
    told = f"{source}:{interaction_id}"
    return told if len(told) <= LONGEST_SLOT else hashlib.blake2b(told.encode(), digest_size=16).hexdigest()
