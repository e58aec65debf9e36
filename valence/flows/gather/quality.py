"""What is known about the quality of a source's records over some days: counts, delays, refusals, days without."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from valence.flows.run import freshness
from valence.sources import days, details

ONE = timedelta(days=1)
FEWEST_TO_REST = 3


@dataclass(frozen=True)
class Quality:
    """One source over days in [since, until). `days` has a row for each from its first on, also for empty ones.

    `delays` are shares of sampled records by how long after they happened they came, in the order of
    `details.DELAY_WORDS`. `gaps` are runs of days without a record between days with one, first and last (inclusive):
    of the weekdays on which it usually brings something.
    """

    source: str
    days: tuple[days.Day, ...]
    reasons: Mapping[str, int]
    delays: tuple[float, ...]
    looked: int
    gaps: tuple[tuple[date, date], ...]

    @property
    def records(self) -> int:
        """Records that came."""
        return sum(day.records for day in self.days)

    @property
    def refused(self) -> int:
        """Records that were refused, conflicts among them."""
        return sum(day.refused for day in self.days)

    @property
    def duplicate(self) -> int:
        """Records that were in already."""
        return sum(day.duplicate for day in self.days)

    @property
    def revised(self) -> int:
        """Records that took the place of an earlier one."""
        return sum(day.revised for day in self.days)

    @property
    def median_delay(self) -> str:
        """By when half of the records have come: `1 hour`; "" where nothing was sampled."""
        running = 0.0
        for share, words in zip(self.delays, details.DELAY_WORDS, strict=False):
            running += share
            if running >= 0.5:
                return words
        return ""


def read(*, since: date, until: date, source: str = "") -> tuple[Quality, ...]:
    """Return the quality of every source that brought something in these days, or of one."""
    counted = days.counted(since=since, until=until, source=source)
    looks = days.sums(since=since, until=until, source=source)
    names = sorted({day.source for day in counted} | ({source} if source else set()))
    return tuple(_of(name, counted, looks, since, until) for name in names)


def state(*, source: str, now: datetime) -> freshness.SourceState | None:
    """Return how a source stands against its habit."""
    return next((one for one in freshness.read(now=now) if one.source == source), None)


def _of(
    source: str,
    counted: Sequence[days.Day],
    looks: Mapping[tuple[str, date], details.Sums],
    since: date,
    until: date,
) -> Quality:
    mine = {day.day: day for day in counted if day.source == source}
    first = min(mine, default=until - ONE)
    every = [first + ONE * step for step in range((until - first).days)]
    came = days.together(several=[sums for (name, _), sums in looks.items() if name == source])
    reasons = Counter(came.reasons)
    total = sum(came.delays)
    return Quality(
        source=source,
        days=tuple(mine.get(day, days.Day(source=source, day=day, records=0, refused=0)) for day in every),
        reasons=dict(reasons.most_common()),
        delays=tuple(count / total for count in came.delays) if total else (),
        looked=came.looked,
        gaps=_gaps(sorted(day for day, row in mine.items() if row.records)),
    )


def _gaps(active: Sequence[date]) -> tuple[tuple[date, date], ...]:
    """Return runs of missing days; a weekday of which more than half brought nothing is not missed."""
    if not active:
        return ()
    there = set(active)
    every = [active[0] + ONE * step for step in range((active[-1] - active[0]).days + 1)]
    days_of, active_of = Counter(day.weekday() for day in every), Counter(day.weekday() for day in active)
    rests = {day for day, times in days_of.items() if times >= FEWEST_TO_REST and 2 * active_of[day] < times}
    expected = [day for day in every if day.weekday() not in rests]
    runs: list[tuple[date, date]] = []
    is_open = False
    for day in expected:
        if day in there:
            is_open = False
        else:
            runs[-1:] = [(runs[-1][0], day)] if is_open else [*runs[-1:], (day, day)]
            is_open = True
    return tuple(runs)
