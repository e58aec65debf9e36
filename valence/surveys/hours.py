"""The hour at which somebody usually answers, in their own day. Pure."""

from __future__ import annotations

import math
import zoneinfo
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache

FEWEST_HEARD = 2
ALIKE = 0.75
"""How closely the hours must lie together (1: the same minute, 0: all round the clock); .79: two, five hours apart."""
DAY_HOURS = 24.0


def usual(*, heard: Sequence[datetime], zone: str) -> float | None:
    """Return the hour of their day (0..24) around which somebody answers; None where too few or too scattered.

    Hours lie on a circle: half past eleven at night and half past midnight are an hour apart.
    """
    if len(heard) < FEWEST_HEARD:
        return None
    angles = [_hour(at.astimezone(place(zone))) / DAY_HOURS * math.tau for at in heard]
    east, north = sum(map(math.cos, angles)), sum(map(math.sin, angles))
    if math.hypot(east, north) / len(angles) < ALIKE:
        return None
    return math.atan2(north, east) % math.tau / math.tau * DAY_HOURS


def following(at: datetime, *, hour: float, zone: str) -> datetime:
    """Return the first moment from `at` on, to the minute, at an hour of the day of a time zone."""
    local = at.astimezone(place(zone))
    whole, part = divmod(round(hour * 60) % (24 * 60), 60)
    then = local.replace(hour=whole, minute=part, second=0, microsecond=0)
    if then < local:
        then = (then.replace(tzinfo=None) + timedelta(days=1)).replace(tzinfo=local.tzinfo)
    return then.astimezone(UTC)


@lru_cache(maxsize=600)
def place(zone: str) -> zoneinfo.ZoneInfo:
    """Return a time zone; UTC where there is none of this name, which only makes asking a little early or late."""
    try:
        return zoneinfo.ZoneInfo(zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo("UTC")


def _hour(local: datetime) -> float:
    return local.hour + local.minute / 60 + local.second / 3_600
