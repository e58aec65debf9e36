"""Times as people write them: which of the numbers is the day is decided per column, from all values at hand.

A reader turns a text into ISO 8601. What has no offset is a local time of the file's zone; an hour that the clock
skipped or went through twice is read after a fixed rule, and counted.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from valence.sources.notation import months

ISO, DMY, MDY, YMD, YMD2 = "iso", "day-month-year", "month-day-year", "year-month-day", "yy-month-day"
COMPACT, SECONDS, MILLIS, EXCEL = "yyyymmdd", "epoch seconds", "epoch milliseconds", "excel days"
BEFORE_EXPORT = ("days before export", "months before export", "years before export")
BEFORE = re.compile(r"(months|days|years) before (\d{4}-\d{2}-\d{2})")
NOTATIONS = (ISO, DMY, MDY, YMD, YMD2, COMPACT, SECONDS, MILLIS, EXCEL)
IN_GAP, IN_FOLD = "times_in_gap", "times_in_fold"
REMEMBERED = 200_000
FEW_TURNS = 10
_EXCEL_BEGAN = datetime(1899, 12, 30)  # noqa: DTZ001 - a local day, the zone comes with the file
_OFFSETS = {
    "z": 0, "utc": 0, "gmt": 0, "wet": 0, "cet": 60, "mez": 60, "cest": 120, "mesz": 120, "bst": 60, "eet": 120,
    "eest": 180,
    "est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420, "mdt": -360, "pst": -480, "pdt": -420,
}  # fmt: skip
_DATE = r"(?P<a>\d{1,4}|[^\W\d_]{3,})\s*[./\-\s,]\s*(?P<b>\d{1,2}|[^\W\d_]{3,})\s*[./\-\s,]+\s*(?P<c>\d{4}|\d{2})\.?"
_CLOCK = r"(?P<h>\d{1,2})(?:[:h.](?P<m>\d{2})(?:[:.](?P<s>\d{2})(?:[.,](?P<f>\d{1,9}))?)?)?\s*(?P<half>[ap]\.?\s?m\.?)?"
_ZONE = r"\s*(?P<zone>[+-]\d{2}:?\d{2}|(?!uhr)[a-z]{1,4})?(?:\s*uhr)?"
_WRITTEN = re.compile(rf"^{_DATE}(?:[t,\s]+(?:um|at|à|a las|alle|om|o)?\s*{_CLOCK}{_ZONE})?$")
_YEAR_FIRST = re.compile(
    rf"^(?P<a>\d{{4}})[./\-\s](?P<b>\d{{1,2}})[./\-\s](?P<c>\d{{1,2}})(?:[t,\s]+{_CLOCK}{_ZONE})?$"
)
_RUN = re.compile(r"^(\d{4})(\d{2})(\d{2})(?:[T\s_-]?(\d{2})(\d{2})(\d{2})?)?$")
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th|er|º|ª|°)\b|\bde[l]?\b|\bthe\b|\bof\b")
_LETTERS = re.compile(r"^([^\W\d_]+(?:-feira)?)\.?,?\s+(?=\d|[^\W\d_])")

Parts = tuple[int, int, int]
Seen = Counter[str]


@dataclass(frozen=True)
class Decided:
    """The notation of a column, why it was taken, and which `others` fit every value too and mean something else."""

    notation: str
    why: str = ""
    others: tuple[str, ...] = ()

    @property
    def sure(self) -> bool:
        """Whether no other notation fits."""
        return not self.others


def is_known(*, notation: str) -> bool:
    """Return whether there is such a notation: one of NOTATIONS, or `months before 2025-12-31`."""
    return notation in NOTATIONS or BEFORE.fullmatch(notation) is not None


def reader(*, notation: str, zone: str, seen: Seen | None = None) -> Callable[[Any], str | None]:
    """Return a function that writes a time as ISO 8601, or returns None where it is not written in the notation.

    zone: of times without an offset, as "Europe/Berlin"; "" leaves them without one. seen: counts what was read after
    a rule: IN_GAP, hours that the clock skipped (taken as an hour later), IN_FOLD, hours that came twice (the first).
    """
    read = partial(_moment, notation=notation)
    place = ZoneInfo(zone) if zone else None
    met: dict[Any, str | None] = {}
    counted: Seen = Counter() if seen is None else seen

    def written(value: Any) -> str | None:
        if value in met:
            return met[value]
        moment = read(value)
        odd = _oddity(moment, place) if moment else ""
        said = _in_words(moment, place)
        if odd:
            counted[odd] += 1
        elif len(met) < REMEMBERED:
            met[value] = said
        return said

    return written


def decide(*, values: Collection[str], in_order: Sequence[str] = ()) -> Decided | None:
    """Return the notation in which all of the values are times; None where there is none.

    values: different values of the column. in_order: the column as it stands in the file: where one notation makes it
    rise (or fall) from first to last and another does not, that settles it.
    """
    sample = list(values)
    fitting = [one for one in NOTATIONS if sample and all(_fits(value, one) for value in sample)]
    if not fitting:
        return None
    first = fitting[0]
    others = [one for one in fitting[1:] if _means_another(sample, first, one)]
    if not others:
        return Decided(first, "no other way of writing fits all values")
    if first == DMY and all("." in value and "/" not in value and "-" not in value[:8] for value in sample):
        return Decided(DMY, "with points the day comes first")
    rising = [one for one in (first, *others) if _in_order(in_order, one)]
    if len(rising) == 1:
        return Decided(rising[0], "read so, the file is in order of time")
    return Decided(first, "", tuple(others))


def looks_like(*, value: str) -> bool:
    """Return whether a value is a time in a notation that plain numbers do not have."""
    return any(_fits(value, one) for one in (ISO, DMY, MDY, YMD))


def _fits(value: str, notation: str) -> bool:
    return _moment(value, notation=notation) is not None


def _means_another(values: list[str], one: str, other: str) -> bool:
    return any(_moment(value, notation=one) != _moment(value, notation=other) for value in values)


def _in_order(column: Sequence[str], notation: str) -> bool:
    """Return whether the column runs from early to late, or late to early, over enough different days to tell."""
    moments = (_moment(one, notation=notation) for one in column)
    days = [moment.date() for moment in moments if moment]
    steps = [later - earlier for earlier, later in itertools.pairwise(days) if later != earlier]
    if len(steps) < FEW_TURNS:
        return False
    return all(step > timedelta(0) for step in steps) or all(step < timedelta(0) for step in steps)


def _moment(value: Any, *, notation: str) -> datetime | None:
    """Return what a value says, naive where it says no offset; None where it is not written so."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - a local day
    text = f"{value:g}" if isinstance(value, float) and notation != EXCEL else str(value).strip()
    try:
        if before := BEFORE.fullmatch(notation):
            return _before(text, before[1], datetime.fromisoformat(before[2]))
        return _READERS[notation](text)
    except (ValueError, OverflowError):
        return None


def _iso(text: str) -> datetime | None:
    if text.isdigit():
        return None  # 20251231 is ISO 8601 too, and read as `yyyymmdd`, where what the digits are is asked
    return datetime.fromisoformat(text)


def _written(text: str, *, order: str) -> datetime | None:
    lowered = " ".join(_ORDINAL.sub(" ", _without_weekday(text.lower().replace("\u202f", " "))).split())
    found = _WRITTEN.match(lowered)
    if not found:
        return None
    parts = _parts(found["a"], found["b"], found["c"], order)
    return None if parts is None else _with_clock(parts, found)


def _year_first(text: str) -> datetime | None:
    found = _YEAR_FIRST.match(text.lower())
    return None if not found else _with_clock((int(found["a"]), int(found["b"]), int(found["c"])), found)


def _without_weekday(text: str) -> str:
    found = _LETTERS.match(text)
    return text[found.end() :] if found and found[1] in months.WEEKDAYS and found[1] not in months.NUMBERS else text


def _parts(a: str, b: str, c: str, order: str) -> Parts | None:
    """Return year, month and day. A month that is named stands where it stands, whatever the order."""
    if len(a) > 2 and a.isdigit():
        return None
    if a in months.NUMBERS and b.isdigit():
        return (_year(c), months.NUMBERS[a], int(b)) if order == MDY else None
    if b in months.NUMBERS and a.isdigit():
        return (_year(c), months.NUMBERS[b], int(a)) if order == DMY else None
    if not (a.isdigit() and b.isdigit()):
        return None
    if order == YMD2:
        return (_year(a), int(b), int(c)) if len(a) == len(c) == 2 else None
    return (_year(c), int(b), int(a)) if order == DMY else (_year(c), int(a), int(b))


def _year(text: str) -> int:
    return int(text) if len(text) > 2 else int(text) + (2000 if int(text) < 70 else 1900)


def _with_clock(parts: Parts, found: re.Match[str]) -> datetime | None:
    hour, half = int(found["h"] or 0), (found["half"] or "")[:1]
    if found["h"] and not found["m"] and not half:
        return None
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    fraction = int((found["f"] or "0")[:6].ljust(6, "0"))
    at = datetime(*parts, hour, int(found["m"] or 0), int(found["s"] or 0), fraction)  # noqa: DTZ001 - the zone follows
    zone = found["zone"]
    if not zone:
        return at
    offset = _offset(zone)
    return None if offset is None else at.replace(tzinfo=timezone(timedelta(minutes=offset)))


def _offset(zone: str) -> int | None:
    if zone[0] not in "+-":
        return _OFFSETS.get(zone)
    minutes = int(zone[1:3]) * 60 + int(zone[-2:])
    return -minutes if zone[0] == "-" else minutes


def _compact(text: str) -> datetime | None:
    found = _RUN.match(text)
    return datetime(*(int(part or 0) for part in found.groups())) if found else None  # type: ignore[arg-type]  # noqa: DTZ001


def _epoch(text: str, *, digits: range, per_second: int) -> datetime | None:
    whole = text.partition(".")[0]
    if not whole.isdigit() or len(whole) not in digits:
        return None
    return datetime.fromtimestamp(float(text) / per_second, UTC)


def _excel(text: str) -> datetime | None:
    if not re.fullmatch(r"\d{5}([.,]\d+)?", text):
        return None
    days = float(text.replace(",", "."))
    if not 20_000 <= days < 60_000:
        return None
    return _EXCEL_BEGAN + timedelta(seconds=round(days * 86_400))


def _before(text: str, unit: str, end: datetime) -> datetime | None:
    amount = float(text.replace(",", "."))
    if not 0 <= amount < 2_000 * 12:
        return None
    return end - timedelta(days=round(amount * {"days": 1.0, "months": 30.436875, "years": 365.2425}[unit]))


def _oddity(moment: datetime, place: ZoneInfo | None) -> str:
    """Say whether a local time was skipped by the clock, or came twice."""
    if place is None or moment.tzinfo is not None:
        return ""
    first, second = (moment.replace(tzinfo=place, fold=fold).utcoffset() for fold in (0, 1))
    if first == second or first is None or second is None:
        return ""
    return IN_GAP if first < second else IN_FOLD


def _in_words(moment: datetime | None, place: ZoneInfo | None) -> str | None:
    if moment is None:
        return None
    if moment.tzinfo is not None or place is None:
        return moment.isoformat()
    return moment.replace(tzinfo=place).astimezone(UTC).isoformat()


def zones() -> Iterable[str]:
    """Return the names of the time zones that people live in."""
    from zoneinfo import available_timezones

    areas = ("Africa/", "America/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/")
    return [*sorted(name for name in available_timezones() if name.startswith(areas)), "UTC"]


_READERS: dict[str, Callable[[str], datetime | None]] = {
    ISO: _iso,
    DMY: partial(_written, order=DMY),
    MDY: partial(_written, order=MDY),
    YMD: _year_first,
    YMD2: partial(_written, order=YMD2),
    COMPACT: _compact,
    SECONDS: partial(_epoch, digits=range(9, 11), per_second=1),
    MILLIS: partial(_epoch, digits=range(12, 14), per_second=1000),
    EXCEL: _excel,
}
