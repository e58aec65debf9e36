"""How each source stands against its own habit, and which alarms follow from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from valence.sources import days, details, drift, rules
from valence.sources.feeds import queries as feed_queries
from valence.sources.feeds import setup
from valence.sources.rules import Level

WEEK = timedelta(days=7)
SECONDS_KEPT = 60.0
FAILED_OFTEN = 3


@dataclass(frozen=True)
class SourceState:
    """A source: when it last brought something, whether its silence is unusual, what it brought, what was refused.

    `volume` is of the last whole day (UTC). `habit` and `warnings` are words for people.
    """

    source: str
    level: Level
    received_at: datetime | None
    occurred_at: datetime | None
    today: int
    week: int
    refused_week: int
    habit: str
    warnings: tuple[str, ...]
    drift: drift.Found

    @property
    def is_alarm(self) -> bool:
        """Whether somebody should look."""
        return self.level in (Level.LATE, Level.QUIET)


def read(*, now: datetime) -> tuple[SourceState, ...]:
    """Return every source, the alarming ones first. Reads at most eight weeks of a few rows a day and source."""
    since = (now - rules.REMEMBERED).date()
    came, counts = days.arrivals(since=since), days.counted(since=since, until=now.date() + timedelta(days=1))
    looks = days.sums(since=(now - 5 * WEEK).date(), until=now.date() + timedelta(days=1))
    found = [_state(one, came, counts, looks, now) for one in days.latest()]
    order = {Level.QUIET: 0, Level.LATE: 1}
    return tuple(sorted(found, key=lambda one: (order.get(one.level, 2), one.source)))


def silences(*, now: datetime) -> dict[str, rules.Silence]:
    """Return how unusual the silence of each source is; a quick read."""
    came = days.arrivals(since=(now - rules.REMEMBERED).date())
    return {source: rules.silence(arrivals=times, now=now, zone=_zone()) for source, times in came.items()}


def alarms(*, now: datetime) -> list[str]:
    """Return which sources are quiet and which feeds fail, in words for whoever runs the installation."""
    quiet = [
        f"the source {source} is quiet: {words_of(found, now)}"
        for source, found in silences(now=now).items()
        if found.level is Level.QUIET
    ]
    return [*quiet, *_failing(now)]


def recent_alarms(*, now: datetime) -> list[str]:
    """Return the alarms as of at most a minute ago: health is asked for often."""
    if not _Remembered.at or not 0 <= (now - _Remembered.at).total_seconds() < SECONDS_KEPT:
        _Remembered.alarms, _Remembered.at = alarms(now=now), now
    return _Remembered.alarms


def words_of(found: rules.Silence, now: datetime) -> str:
    """Say a source's habit and its silence: `usually every 20 min, silent for 3 h`."""
    if found.since is None:
        return "nothing yet"
    silent = f"silent for {rules.length(now - found.since)}"
    if found.usual is None or found.level is Level.UNKNOWN:
        return silent if found.level in (Level.LATE, Level.QUIET) else "its habit is not known yet"
    usual = f"usually every {rules.length(found.usual)}"
    return f"{usual}, {silent}" if found.level in (Level.LATE, Level.QUIET) else usual


class _Remembered:
    """The last alarms of this process."""

    at: datetime | None = None
    alarms: list[str] = []  # noqa: RUF012 - it is replaced, never changed


def _state(
    one: days.Latest,
    came: dict[str, list[datetime]],
    counts: list[days.Day],
    looks: dict[tuple[str, date], details.Sums],
    now: datetime,
) -> SourceState:
    mine = {day.day: day for day in counts if day.source == one.source}
    silence = rules.silence(arrivals=came.get(one.source, []), now=now, zone=_zone())
    today, week = now.date(), [day for at, day in mine.items() if at > (now - WEEK).date()]
    earlier = [day for at, day in mine.items() if (now - 5 * WEEK).date() < at <= (now - WEEK).date()]
    volume = rules.volume(counts={at: day.records for at, day in mine.items()}, day=today - timedelta(days=1))
    share = rules.share(
        records=sum(day.records for day in week),
        refused=sum(day.refused for day in week),
        records_before=sum(day.records for day in earlier),
        refused_before=sum(day.refused for day in earlier),
    )
    found = drift.find(
        now=_looks(looks, one.source, today, 0), weeks=[_looks(looks, one.source, today, n) for n in range(1, 5)]
    )
    return SourceState(
        source=one.source,
        level=silence.level,
        received_at=one.received_at,
        occurred_at=one.occurred_at,
        today=mine[today].records if today in mine else 0,
        week=share.records,
        refused_week=share.refused,
        habit=words_of(silence, now),
        warnings=tuple(_warnings(volume, share)),
        drift=found,
    )


def _warnings(volume: rules.Volume, share: rules.Share) -> list[str]:
    words = []
    if volume.is_unusual:
        words.append(f"brought {volume.count:,} yesterday, usually {volume.low:,} to {volume.high:,} on such a day")
    if share.is_high:
        words.append(f"{share.value:.0%} refused in seven days, before {share.before:.1%}")
    return words


def _looks(
    looks: dict[tuple[str, date], details.Sums], source: str, today: date, back: int
) -> details.Sums:  # fmt: skip
    """Return how a source's records of the seven days looked that end `back` weeks before today."""
    last = today - back * WEEK
    week = [last - timedelta(days=step) for step in range(7)]
    return days.together(several=[looks[source, day] for day in week if (source, day) in looks])


def _failing(now: datetime) -> list[str]:
    rows = feed_queries.rows()
    last = feed_queries.last_runs()
    words = []
    for one in setup.found():
        row = rows.get(one.name)
        if isinstance(one, setup.Broken):
            words.append(f"the feed {one.name} cannot run: {one.why}")
        elif row and not row.paused and row.failures >= FAILED_OFTEN:
            words.append(f"the feed {one.name} failed {row.failures} times: {last[one.name].words}")
    return words


def _zone() -> ZoneInfo:
    zone: ZoneInfo = settings.ORGANISATION.zone
    return zone
