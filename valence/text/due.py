"""When something falls due, as said in words: "by Friday", "innerhalb von 3 Tagen", "avant fin du mois", "خلال يومين".

Relative to the moment it was said. A day means its end (UTC midnight after it). What could be two dates is none.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_name("due.toml")
_ISO = re.compile(r"(?<!\d)(20\d\d)-(\d{1,2})-(\d{1,2})(?!\d)")
_DOTS = re.compile(r"(?<![\d.])(\d{1,2})\.\s?(\d{1,2})\.(20\d\d|\d\d)?(?!\d)")
_SLASH = re.compile(r"(?<![\d/])(\d{1,2})/(\d{1,2})(?:/(20\d\d|\d\d))?(?![\d/])")


def read(*, text: str, now: datetime, overdue: bool = False) -> datetime | None:
    """Return when what the text says falls due, or None where it says no time or could mean two.

    overdue: the writer says that it has passed, so a weekday is the last one, not the next.
    """
    plain = text.lower().replace("’", "'")
    readers: tuple[Callable[[str, datetime, bool], datetime | None], ...] = (_dated, _span, _named_day, _weekday)
    for reader in readers:
        found = reader(plain, now, overdue)
        if found:
            return found
    return None


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=UTC)


def _dated(plain: str, now: datetime, overdue: bool) -> datetime | None:
    for day in _dates(plain, now.date()):
        return _end_of(day)
    return None


def _dates(plain: str, today: date) -> Iterator[date]:
    if match := _ISO.search(plain):
        yield from _real(int(match[1]), int(match[2]), int(match[3]))
    if match := _DOTS.search(plain):
        yield from _near(int(match[1]), int(match[2]), match[3], today)
    if match := _SLASH.search(plain):
        first, second = int(match[1]), int(match[2])
        if first == second or first > 12:
            yield from _near(first, second, match[3], today)
        elif second > 12:
            yield from _near(second, first, match[3], today)
    for pattern in _with_months():
        if match := pattern.search(plain):
            yield from _near(int(match["day"]), _words()["months"][match["month"].rstrip(".")], None, today)


def _real(year: int, month: int, day: int) -> Iterator[date]:
    try:
        yield date(year, month, day)
    except ValueError:
        return


def _near(day: int, month: int, year: str | None, today: date) -> Iterator[date]:
    """Give the date; without a year the one nearest to today."""
    if year:
        yield from _real(int(year) + (2000 if len(year) == 2 else 0), month, day)
        return
    dates = [one for offset in (-1, 0, 1) for one in _real(today.year + offset, month, day)]
    yield from sorted(dates, key=lambda one: abs(one - today))[:1]


def _span(plain: str, now: datetime, overdue: bool) -> datetime | None:
    """Read "within 3 days"; how long ago the words were said is not known where it is overdue."""
    match = _spans().search(plain)
    if match is None or overdue:
        return None
    count = _count(match["count"])
    unit = _words()["units"][match["unit"]]
    if count is None or count > 400:
        return None
    if unit < 1:
        return now + timedelta(minutes=round(count * unit * 1440))
    days = count * unit
    if match["work"] or match["after"]:
        return _end_of(_workdays(now.date(), int(days)))
    return now + timedelta(days=days)


def _count(written: str | None) -> int | None:
    if not written:
        return None
    if written.isdecimal():
        return int(written)
    return _words()["numbers"].get(written)


def _workdays(start: date, count: int) -> date:
    day = start
    while count > 0:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day


def _named_day(plain: str, now: datetime, overdue: bool) -> datetime | None:
    """Read "tomorrow", "end of the month", "next week"."""
    today = now.date()
    month_after = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    ends = {
        "today": today,
        "tomorrow": today + timedelta(days=1),
        "day_after": today + timedelta(days=2),
        "end_of_week": today + timedelta(days=6 - today.weekday()),
        "next_week": today + timedelta(days=13 - today.weekday()),
        "end_of_month": month_after - timedelta(days=1),
        "next_month": (month_after + timedelta(days=32)).replace(day=1) - timedelta(days=1),
    }
    if overdue:
        return None
    for name, pattern in _named_days():
        if pattern.search(plain):
            return _end_of(ends[name])
    return None


def _weekday(plain: str, now: datetime, overdue: bool) -> datetime | None:
    match = _weekdays().search(plain)
    if match is None:
        return None
    ahead = (_words()["weekdays"][match["day"]] - now.weekday()) % 7
    days = ahead - 7 if overdue else ahead or 7
    return _end_of(now.date() + timedelta(days=days))


@cache
def _words() -> dict[str, dict[str, Any]]:
    """Return the words of all languages by what they stand for."""
    table = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    found: dict[str, dict[str, Any]] = {}
    for part in ("weekdays", "months", "numbers", "units"):
        found[part] = {word: value for words in table[part].values() for word, value in words.items()}
    return found


def _either(words: dict[str, Any]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


@cache
def _weekdays() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:ال)?(?P<day>{_either(_words()['weekdays'])})(?!\w)")


@cache
def _with_months() -> tuple[re.Pattern[str], ...]:
    month = rf"(?P<month>{_either(_words()['months'])})\.?"
    return (
        re.compile(rf"(?<!\d)(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|\.)?\s(?:of\s|de\s|d')?{month}(?!\w)"),
        re.compile(rf"(?<!\w){month}\s(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?!\d)"),
    )


@cache
def _spans() -> re.Pattern[str]:
    table = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    opens = "|".join(re.escape(word).replace(r"\ ", r"\s") for words in table["opens"].values() for word in words)
    work = "|".join(re.escape(word) for words in table["work"].values() for word in words)
    after = "|".join(re.escape(word) for words in table["work_after"].values() for word in words)
    count = rf"(?P<count>\d{{1,3}}|{_either(_words()['numbers'])})"
    return re.compile(
        rf"(?<!\w)(?:{opens})\s+(?:the\s+next\s+|den\s+nächsten\s+|los\s+próximos\s+)?(?:{count}\s*[-–]?\s*)?"
        rf"(?:to\s+\d+\s+|\d+\s+)?(?P<work>(?:{work})[\s-]+)?(?P<unit>{_either(_words()['units'])})(?!\w)(?P<after>\s(?:{after}))?"
    )


@cache
def _named_days() -> tuple[tuple[str, re.Pattern[str]], ...]:
    table = tomllib.loads(_FILE.read_text(encoding="utf-8"))["named"]
    return tuple(
        (name, re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})(?!\w)")) for name, words in table.items()
    )
