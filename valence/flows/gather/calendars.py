"""When people are there: opening hours as set, holidays of the country, the organisation's zone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays
from django.conf import settings

from valence import organisation
from valence.alerts.rules import Calendar

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SPAN = re.compile(r"(\w{3})(?:-(\w{3}))? +(\d{1,2}):?(\d{2})?-(\d{1,2}):?(\d{2})?")


class WrongHours(ValueError):  # noqa: N818  named as people say it
    """Opening hours that cannot be read."""


def calendar(*, now: datetime) -> Calendar:
    """Return the organisation's calendar, with the holidays of this year and the next."""
    zone = organisation.of(folder=settings.HOME.folder).zone
    return _calendar(str(settings.HOURS), str(settings.COUNTRY), zone, now.year)


def faults() -> tuple[str, ...]:
    """Return what of the settings cannot be followed, in words for whoever set them; nothing where all is well."""
    found = []
    try:
        hours_of(words=str(settings.HOURS))
    except WrongHours as wrong:
        found.append(f"VALENCE_HOURS: {wrong}")
    if settings.COUNTRY and not is_known(country=str(settings.COUNTRY)):
        found.append(
            f"VALENCE_COUNTRY: no holidays are known of “{settings.COUNTRY}” (write a code such as DE or US); until "
            "then deadlines of cases run on holidays too"
        )
    return tuple(found)


def is_known(*, country: str) -> bool:
    """Say whether the holidays of a country are known."""
    return country.upper() in holidays.list_supported_countries()


def hours_of(*, words: str) -> Mapping[int, tuple[time, time]]:
    """Return opening hours by weekday: `mon-fri 09:00-18:00, sat 10-14`. Raises WrongHours."""
    found: dict[int, tuple[time, time]] = {}
    for part in filter(None, (part.strip().lower() for part in words.split(","))):
        match = SPAN.fullmatch(part)
        if match is None or match[1] not in DAYS or (match[2] or match[1]) not in DAYS:
            raise WrongHours(f"“{part}” is no span of hours; write for example: mon-fri 09:00-18:00")
        first, last = DAYS.index(match[1]), DAYS.index(match[2] or match[1])
        opens, closes = _time(match[3], match[4]), _time(match[5], match[6])
        if last < first or closes <= opens:
            raise WrongHours(f"“{part}” ends before it begins")
        found |= dict.fromkeys(range(first, last + 1), (opens, closes))
    return found


@lru_cache(maxsize=16)
def _calendar(hours: str, country: str, zone: ZoneInfo, year: int) -> Calendar:
    return Calendar(zone=zone, hours=hours_of(words=hours), holidays=_holidays(country, year))


def _holidays(country: str, year: int) -> frozenset[date]:
    """Return the holidays of a country; none where it has no calendar, which `faults` and `valence doctor` say."""
    if not country or not is_known(country=country):
        return frozenset()
    return frozenset(holidays.country_holidays(country.upper(), years=[year, year + 1]))


def _time(hour: str, minute: str | None) -> time:
    try:
        return time(int(hour) % 24, int(minute or 0)) if int(hour) < 24 else time(23, 59)
    except ValueError:
        raise WrongHours(f"“{hour}:{minute}” is no time of day") from None
