"""Durations: `00:03:25`, or a number of seconds, minutes, hours or days, made into minutes or hours."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import time, timedelta
from typing import Any

from valence.sources.notation import numbers

CLOCK = "hh:mm:ss"
SHORT_CLOCK = "mm:ss"
UNITS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86_400}
MEASURED = {"wait_minutes": 60, "duration_minutes": 60, "outage_hours": 3600}
"""Our fields that are durations, and the seconds of one of their units."""
_CLOCK = re.compile(r"^(?:(\d+) days?,? )?(\d{1,4}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?$")


def is_known(*, notation: str) -> bool:
    """Return whether there is such a notation: `hh:mm:ss`, `mm:ss`, or `1.234,56 seconds`."""
    number, _, unit = notation.rpartition(" ")
    return notation in (CLOCK, SHORT_CLOCK) or (unit in UNITS and number in numbers.NOTATIONS)


def reader(*, notation: str, field: str) -> Callable[[Any], str | None]:
    """Return a function that writes a duration as a number in the field's unit, or returns None."""
    per = MEASURED[field]
    if notation in (CLOCK, SHORT_CLOCK):
        return lambda value: _scaled(_clock(value, short=notation == SHORT_CLOCK), per)
    number, _, unit = notation.rpartition(" ")
    read = numbers.reader(notation=number)

    def measured(value: Any) -> str | None:
        if isinstance(value, timedelta):
            return _scaled(value.total_seconds(), per)
        said = read(str(value))
        return None if said is None else _scaled(float(said) * UNITS[unit], per)

    return measured


def looks_like(*, value: str) -> bool:
    """Return whether a value is written with colons, as a clock shows it."""
    return _CLOCK.match(value) is not None


def _clock(value: Any, *, short: bool) -> float | None:
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, time):
        return value.hour * 3600 + value.minute * 60 + value.second
    found = _CLOCK.match(str(value).strip())
    if not found:
        return None
    days, first, second, third = (int(part or 0) for part in found.groups())
    if found[4] is None and short:
        return first * 60 + second
    return days * 86_400 + first * 3600 + second * 60 + third


def _scaled(seconds: float | None, per: int) -> str | None:
    return None if seconds is None else f"{seconds / per:.6f}".rstrip("0").rstrip(".")
