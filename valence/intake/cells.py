"""How one value is read: text, a word, a choice, a number, a time. Each returns the value or raises Bad."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any

from msgspec import UNSET

from valence.intake.batch import Bad
from valence.terms import Refusal

REMEMBERED = 100_000
LONGEST_REMEMBERED = 2_000
"""Characters: what people write at such length never comes again, and thousands of it would fill the memory."""
EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_NUMERIC = {int, float, type(None), type(UNSET)}
_YEAR_ZERO = re.compile(r"\s*[+-]?0000\D")


class Remembered(dict[Any, Any]):
    """A reader that remembers what it made of each text, because most columns repeat few values."""

    def __init__(self, read: Callable[[Any], Any], *, most: int = REMEMBERED) -> None:
        super().__init__()
        self._read = read
        self._most = most

    def __missing__(self, raw: Any) -> Any:
        value = self._read(raw)
        if type(raw) is str and len(self) < self._most and len(raw) <= LONGEST_REMEMBERED:
            self[raw] = value
        return value


@dataclass(frozen=True)
class Range:
    """The numbers that a field may hold."""

    low: float
    high: float
    whole: bool = False


def text(raw: Any, *, longest: int) -> str:
    """Return a text without spaces around it. Whole numbers are taken as text, because ids often come as numbers."""
    if type(raw) is not str:
        raw = _as_text(raw)
    said: str = raw.strip()
    if len(said) > longest:
        raise Bad(Refusal.TOO_LONG, f"longer than {longest} characters")
    if not said.isprintable() and _FORBIDDEN.search(said):
        raise Bad(Refusal.BAD_TEXT, "holds a NUL or another control character")
    return said


def line(raw: Any, *, longest: int) -> str:
    """Return a text of one line."""
    said = text(raw, longest=longest)
    if "\n" in said or "\r" in said:
        raise Bad(Refusal.BAD_TEXT, "holds a line break")
    return said


def needed(raw: Any, *, longest: int) -> str:
    """Return a text of one line that may not be empty."""
    if type(raw) is str and 0 < len(raw) <= longest and raw.isprintable() and raw[0] != " " and raw[-1] != " ":
        return raw
    said = line(raw, longest=longest)
    if not said:
        raise Bad(Refusal.MISSING_FIELD, "is empty")
    return said


def are_plain(column: Sequence[Any], *, longest: int) -> bool:
    """Return whether every value is a text that `needed` would return as it is: how ids mostly look, seen at once."""
    try:
        together = "".join(column)
    except TypeError:
        return False
    return together.isprintable() and " " not in together and "" not in column and max(map(len, column)) <= longest


def choice(raw: Any, *, choices: frozenset[str]) -> str:
    """Return one of the choices, or "" where nothing was said."""
    said = line(raw, longest=100).lower()
    if said and said not in choices:
        raise Bad(Refusal.NOT_A_CHOICE, "is none of " + ", ".join(sorted(choices)))
    return said


def number(raw: Any, *, within: Range) -> float | None:
    """Return a finite number within a range, or None where nothing was said."""
    if raw is None or raw is UNSET or (type(raw) is str and not raw.strip()):
        return None
    if isinstance(raw, bool) or (type(raw) is str and "_" in raw):
        raise Bad(Refusal.BAD_NUMBER, "is not a number")
    try:
        value = float(raw)
    except (ValueError, TypeError, OverflowError):
        raise Bad(Refusal.BAD_NUMBER, "is not a number (decimals need a point)") from None
    if not math.isfinite(value):
        raise Bad(Refusal.BAD_NUMBER, "is not a finite number")
    if not within.low <= value <= within.high:
        raise Bad(Refusal.OUT_OF_RANGE, f"is not between {within.low:g} and {within.high:g}")
    if within.whole and value != int(value):
        raise Bad(Refusal.OUT_OF_RANGE, "is not a whole number")
    return value


def as_numbers(column: Sequence[Any], *, within: Range) -> list[float | None] | None:
    """Return a column of numbers as `number` would, seen at once; None where a value needs a closer look."""
    if not set(map(type, column)) <= _NUMERIC:
        return None
    said = [raw for raw in column if raw is not None and raw is not UNSET]
    if not said:
        return [None] * len(column)
    # The sum shows what is not a number, which no comparison does.
    if not (within.low <= min(said) and max(said) <= within.high and math.isfinite(sum(said))):
        return None
    if within.whole and any(raw != int(raw) for raw in said):
        return None
    if len(said) == len(column):
        return list(map(float, column))
    return [None if raw is None or raw is UNSET else float(raw) for raw in column]


class Times:
    """Reads times of one column, and counts those without an offset and those that lie ahead."""

    def __init__(self, *, now: datetime, ahead: timedelta, required: bool = False) -> None:
        self._now = now
        self._latest = now + ahead
        self._required = required
        self.restart()

    def restart(self) -> None:
        """Forget what was counted: the column is read again from its start."""
        self.without_offset = 0
        self.in_future = 0

    def at_once(self, column: Sequence[Any]) -> list[datetime] | None:
        """Return a column of times where each is a text in UTC, seen at once; None where one needs a closer look."""
        try:
            moments = list(map(datetime.fromisoformat, column))
        except (ValueError, TypeError):
            return None
        if set(map(attrgetter("tzinfo"), moments)) != {UTC}:
            return None
        latest = max(moments)
        if latest > self._latest or min(moments) < EARLIEST:
            return None
        if latest > self._now:
            self.in_future = sum(moment > self._now for moment in moments)
        return moments

    def __call__(self, raw: Any) -> datetime | None:
        """Return an aware time in UTC, or None where nothing was said."""
        if raw == "" and not self._required:
            return None
        try:
            moment = datetime.fromisoformat(raw)
        except (ValueError, TypeError):
            read = self._unusual(raw)
            if read is None:
                return None
            moment = read
        if moment.tzinfo is not UTC:
            moment = self._in_utc(moment)
        if moment > self._now:
            self.in_future += 1
        if not EARLIEST <= moment <= self._latest:
            raise Bad(Refusal.IMPOSSIBLE_TIME, f"is before 1900 or after {self._latest:%Y-%m-%d}")
        return moment

    def _unusual(self, raw: Any) -> datetime | None:
        if isinstance(raw, datetime):
            return raw
        if raw is None or raw is UNSET or (type(raw) is str and not raw.strip()):
            if self._required:
                raise Bad(Refusal.MISSING_FIELD, "is empty")
            return None
        if type(raw) is not str:
            raise Bad(Refusal.BAD_TIME, "is not an ISO 8601 time")
        if _YEAR_ZERO.match(raw):
            raise Bad(Refusal.IMPOSSIBLE_TIME, "has the year 0")
        try:
            return datetime.fromisoformat(raw.strip())
        except ValueError:
            raise Bad(Refusal.BAD_TIME, "is not an ISO 8601 time such as 2026-03-01T10:00:00+01:00") from None

    def _in_utc(self, moment: datetime) -> datetime:
        if moment.tzinfo is None:
            self.without_offset += 1
            return moment.replace(tzinfo=UTC)
        try:
            return moment.astimezone(UTC)
        except OverflowError:
            raise Bad(Refusal.IMPOSSIBLE_TIME, "is outside the calendar") from None


def _as_text(raw: Any) -> str:
    if raw is None or raw is UNSET:
        return ""
    if isinstance(raw, str):
        return str(raw)
    if isinstance(raw, int) and not isinstance(raw, bool) and abs(raw) < 10**18:
        return str(raw)
    if isinstance(raw, float) and raw.is_integer() and abs(raw) < 1e15:
        return str(int(raw))
    raise Bad(Refusal.BAD_TEXT, "is not a text")
