"""A source against its own habit: is it silent longer than it ever is, does it bring as much, is as little refused.

Pure. Nothing here is a setting: each source is held against its own last eight weeks, by weekday and hour.
"""

from __future__ import annotations

import math
import statistics
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from zoneinfo import ZoneInfo

HOUR = timedelta(hours=1)
REMEMBERED = timedelta(days=56)
LEARNED_AFTER = timedelta(days=14)
LEAST_HOURS, LEAST_DAYS = 6, 5
ONE_ARRIVAL = timedelta(minutes=2)
UNLIKELY, RARE = 0.1, 0.003
AS_LONG_LATE, AS_LONG_QUIET = 4, 1
LONGER_THAN_USUAL = 1.5
LEAST_VOLUME = 20
LEAST_SHARE, LEAST_RECORDS = 0.01, 100


class Level(StrEnum):
    """How a source stands against its habit."""

    UNKNOWN = "unknown"
    GOOD = "good"
    LATE = "late"
    QUIET = "quiet"


@dataclass(frozen=True)
class Silence:
    """How long a source has been silent. `usual` is its usual gap, `chance` how likely so long a silence is."""

    level: Level
    since: datetime | None
    usual: timedelta | None
    chance: float


@dataclass(frozen=True)
class Volume:
    """What a source brought on a day, and what it usually brings on such a day; None where that is not known."""

    day: date
    count: int
    low: int | None = None
    high: int | None = None

    @property
    def is_unusual(self) -> bool:
        """Whether it is out of what is usual."""
        return self.low is not None and self.high is not None and not self.low <= self.count <= self.high


@dataclass(frozen=True)
class Share:
    """The share of a source's records that were refused lately, and before."""

    records: int
    refused: int
    before: float
    is_high: bool

    @property
    def value(self) -> float:
        """The share lately, 0 to 1."""
        return self.refused / self.records if self.records else 0.0


def silence(*, arrivals: Sequence[datetime], now: datetime, zone: ZoneInfo) -> Silence:
    """Return how unusual it is that nothing has come since the last arrival. `arrivals` are in order.

    For every whole hour of the silence it is asked how often something came in such an hour before (same weekday and
    hour, leaning on all working days or weekends). The chance of the silence is that none of them brought anything.
    An hour that has just ended is left out, and a tenth of the usual gap: who is a little late is not silent. And it
    has to be more surprising than all silences before but one (that one may have been a failure).
    """
    if not arrivals:
        return Silence(Level.UNKNOWN, None, None, 1.0)
    known = arrivals[bisect_left(arrivals, arrivals[-1] - REMEMBERED) :]
    usual, last = usual_gap(arrivals=known), known[-1]
    hours = {_hour(at) for at in known}
    is_learned = (
        last - known[0] >= LEARNED_AFTER
        and len(hours) >= LEAST_HOURS
        and len({at.date() for at in known}) >= LEAST_DAYS
    )
    if usual is None or not is_learned:
        return Silence(Level.UNKNOWN, last, usual, 1.0)
    until = min(now - max(HOUR, usual / 10), last + REMEMBERED)
    surprise, before = _surprise(hours, until, zone)
    as_long = sum(one >= surprise for one in before)
    level = Level.GOOD
    if now - last > LONGER_THAN_USUAL * usual and surprise > -math.log(UNLIKELY) and as_long <= AS_LONG_LATE:
        level = Level.QUIET if surprise > -math.log(RARE) and as_long <= AS_LONG_QUIET else Level.LATE
    return Silence(level, last, usual, math.exp(-surprise))


def usual_gap(*, arrivals: Sequence[datetime]) -> timedelta | None:
    """Return the median time between arrivals; what comes within two minutes is one arrival."""
    gaps = [later - earlier for earlier, later in pairwise(arrivals[-2_000:]) if later - earlier > ONE_ARRIVAL]
    if not gaps:
        return None
    return timedelta(seconds=statistics.median(gap.total_seconds() for gap in gaps))


def volume(*, counts: Mapping[date, int], day: date) -> Volume:
    """Return whether a day brought what such days bring: the same weekday of eight weeks, or any day where few are.

    The range is the median times and divided by what the days differ among themselves, at least by a half.
    """
    first = min(counts, default=day)
    before = [day - timedelta(days=back) for back in range(1, REMEMBERED.days + 1)]
    same = [counts.get(one, 0) for one in before if one >= first and one.weekday() == day.weekday()]
    usual = same if len(same) >= 4 else [counts.get(one, 0) for one in before if one >= first]
    middle = statistics.median(usual) if len(usual) >= 7 or len(same) >= 4 else 0
    if middle < LEAST_VOLUME:
        return Volume(day=day, count=counts.get(day, 0))
    logs = [math.log1p(one) for one in usual]
    centre = statistics.median(logs)
    spread = 1.4826 * statistics.median(abs(one - centre) for one in logs)
    width = max(math.log(1.5), 3.5 * spread)
    low, high = math.expm1(centre - width), math.expm1(centre + width)
    return Volume(day=day, count=counts.get(day, 0), low=max(0, math.floor(low)), high=math.ceil(high))


def share(*, records: int, refused: int, records_before: int, refused_before: int) -> Share:
    """Return the share that is refused, and whether it is surely more than twice what it was before."""
    before = refused_before / records_before if records_before else 0.0
    high = records >= LEAST_RECORDS and refused >= 5 and _wilson_low(refused, records) > max(2 * before, LEAST_SHARE)
    return Share(records=records, refused=refused, before=before, is_high=high)


def length(gap: timedelta) -> str:
    """Return a length of time as people say it: `20 min`, `3 h`, `2 days`."""
    minutes = gap.total_seconds() / 60
    if minutes < 90:
        return f"{max(1, round(minutes))} min"
    if minutes < 48 * 60:
        return f"{round(minutes / 60)} h"
    return f"{round(minutes / 1440)} days"


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def _surprise(hours: set[datetime], until: datetime, zone: ZoneInfo) -> tuple[float, list[float]]:
    """Return how surprising the silence since the last hour is, and how surprising every silence before was.

    The surprise of a silence is minus the logarithm of the chance that none of its whole hours brought anything.
    """
    first, last = min(hours), max(hours)
    slots = [_slot(first + HOUR * step, zone) for step in range(int((last - first) / HOUR) + 1)]
    places = {int((hour - first) / HOUR) for hour in hours}
    known, active = Counter(slots), Counter(slots[place] for place in places)
    kinds, kinds_active = _by_kind(known), _by_kind(active)

    def of(slot: tuple[int, int]) -> float:
        lean = (kinds_active[_kind(slot)] + 0.25) / (kinds[_kind(slot)] + 0.5)
        return -math.log1p(-min((active[slot] + lean) / (known[slot] + 1), 0.9999))

    surprise = {slot: of(slot) for slot in known}
    before, running = [], 0.0
    for place in range(1, len(slots)):
        if place in places:
            before.append(running)
            running = 0.0
        else:
            running += surprise[slots[place]]
    silent = [_slot(last + HOUR * step, zone) for step in range(1, int((_hour(until) - last) / HOUR))]
    return sum(surprise[slot] if slot in surprise else of(slot) for slot in silent), before


def _slot(hour: datetime, zone: ZoneInfo) -> tuple[int, int]:
    local = hour.astimezone(zone)
    return local.weekday(), local.hour


def _kind(slot: tuple[int, int]) -> tuple[bool, int]:
    return slot[0] >= 5, slot[1]


def _by_kind(counts: Counter[tuple[int, int]]) -> Counter[tuple[bool, int]]:
    found: Counter[tuple[bool, int]] = Counter()
    for slot, count in counts.items():
        found[_kind(slot)] += count
    return found


def _wilson_low(hits: int, tries: int) -> float:
    """Return the lower end of the 95 % range of a share."""
    z, share = 1.96, hits / tries
    middle = share + z * z / (2 * tries)
    half = z * math.sqrt(share * (1 - share) / tries + z * z / (4 * tries * tries))
    return (middle - half) / (1 + z * z / tries)
