"""A source against its own habit, on made-up habits of many sorts."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from valence.sources import rules
from valence.sources.rules import Level

END = datetime(2026, 3, 20, 15, 30, tzinfo=UTC)  # a Friday
UTC_ZONE = ZoneInfo("UTC")
VIENNA = ZoneInfo("Europe/Vienna")


def every(minutes: float, *, weeks: int = 8, hours: range = range(24), days: range = range(7)) -> list[datetime]:
    """Return arrivals every so many minutes until END, only in some hours of some weekdays."""
    at = END - timedelta(weeks=weeks)
    found = []
    while at <= END:
        if at.hour in hours and at.weekday() in days:
            found.append(at)
        at += timedelta(minutes=minutes)
    return found


def judged(arrivals: list[datetime], later: timedelta, zone: ZoneInfo = UTC_ZONE) -> Level:
    return rules.silence(arrivals=arrivals, now=arrivals[-1] + later, zone=zone).level


def test_every_twenty_minutes_and_silent_for_three_hours_is_quiet() -> None:
    arrivals = every(20)
    assert judged(arrivals, timedelta(minutes=50)) is Level.GOOD
    assert judged(arrivals, timedelta(hours=4)) is Level.QUIET
    found = rules.silence(arrivals=arrivals, now=END + timedelta(hours=4), zone=ZoneInfo("UTC"))
    assert found.usual == timedelta(minutes=20)


def test_a_source_of_office_hours_may_rest_over_night_and_over_the_weekend() -> None:
    arrivals = every(20, hours=range(8, 18), days=range(5))
    friday_evening = arrivals[-1].replace(hour=17, minute=50)
    arrivals += [at for at in (arrivals[-1] + timedelta(minutes=20 * n) for n in range(1, 9)) if at <= friday_evening]
    assert judged(arrivals, timedelta(hours=10)) is Level.GOOD
    assert judged(arrivals, timedelta(hours=60)) is Level.GOOD
    assert judged(arrivals, timedelta(hours=68)) is Level.QUIET, "Monday until noon brought nothing"


def test_a_daily_file_is_missed_after_its_hour_and_some_grace() -> None:
    arrivals = every(24 * 60)
    assert judged(arrivals, timedelta(hours=24)) is Level.GOOD
    assert judged(arrivals, timedelta(hours=26)) is Level.GOOD, "a tenth of its gap is grace"
    assert judged(arrivals, timedelta(hours=40)) is Level.QUIET


def test_a_weekly_file_is_late_after_one_missing_week_and_quiet_after_three() -> None:
    arrivals = every(7 * 24 * 60)
    assert judged(arrivals, timedelta(days=6)) is Level.GOOD
    assert judged(arrivals, timedelta(days=11)) is Level.LATE
    assert judged(arrivals, timedelta(days=25)) is Level.QUIET


def test_a_source_at_any_hour_of_the_day_has_wide_patience() -> None:
    dice = random.Random(4)
    start = END - timedelta(days=56)
    arrivals = sorted(start + timedelta(days=day, minutes=dice.randrange(1440)) for day in range(56))
    assert judged(arrivals, timedelta(hours=30)) is Level.GOOD
    assert judged(arrivals, timedelta(days=9)) is Level.QUIET


@pytest.mark.parametrize(
    "arrivals",
    [every(20, weeks=1), every(20)[:5], [END], [END - timedelta(days=40), END]],
    ids=["a week", "five", "one file", "two files"],
)
def test_without_a_habit_there_is_no_alarm(arrivals: list[datetime]) -> None:
    assert judged(arrivals, timedelta(days=30)) is Level.UNKNOWN


def test_a_source_that_keeps_its_habit_raises_hardly_one_false_alarm_in_ten_weeks() -> None:
    """Four sources with random gaps around half an hour in long working days, looked at every sixth hour."""
    dice = random.Random(11)
    alarms = set()
    for source in range(4):
        at, arrivals = END - timedelta(weeks=9), []
        while at < END:
            at += timedelta(minutes=dice.expovariate(1 / 30))
            if 7 <= at.hour < 20:
                arrivals.append(at)
        for hour in range(0, 21 * 24, 6):
            before = [one for one in arrivals if one <= END - timedelta(hours=hour)]
            found = rules.silence(arrivals=before, now=END - timedelta(hours=hour), zone=UTC_ZONE)
            if found.level is Level.QUIET:
                alarms.add((source, found.since))
    assert len(alarms) <= 1, "silences of 12 weeks of sources that are taken for more than they are"


def test_habits_are_local_so_that_a_change_of_clocks_is_no_alarm() -> None:
    end = datetime(2026, 4, 3, tzinfo=UTC)
    arrivals = [
        at for n in range(8 * 7 * 72) if (at := end - timedelta(minutes=20 * n)).astimezone(VIENNA).hour in range(8, 18)
    ][::-1]
    levels = {rules.silence(arrivals=[a for a in arrivals if a <= now], now=now, zone=VIENNA).level
              for now in (datetime(2026, 3, 29, tzinfo=UTC) + timedelta(hours=h) for h in range(0, 96, 3))}  # fmt: skip
    assert levels == {Level.GOOD}


def test_volume_is_held_against_the_same_weekday() -> None:
    counts = {
        END.date() - timedelta(days=n): 1_000 if (END - timedelta(days=n)).weekday() < 5 else 100 for n in range(1, 57)
    }
    assert not rules.volume(counts=counts | {END.date(): 1_100}, day=END.date()).is_unusual
    assert rules.volume(counts=counts | {END.date(): 120}, day=END.date()).is_unusual
    assert not rules.volume(counts=counts, day=END.date() - timedelta(days=6)).is_unusual
    assert not rules.volume(counts={date(2026, 3, 1): 5}, day=END.date()).is_unusual


def test_a_rise_of_refusals_is_told_from_chance_and_from_what_was_always_so() -> None:
    assert rules.share(records=1_000, refused=60, records_before=9_000, refused_before=45).is_high
    assert not rules.share(records=1_000, refused=60, records_before=9_000, refused_before=500).is_high
    assert not rules.share(records=30, refused=3, records_before=9_000, refused_before=0).is_high


@pytest.mark.parametrize(
    ("gap", "words"),
    [(timedelta(minutes=20), "20 min"), (timedelta(hours=3), "3 h"), (timedelta(days=6), "6 days")],
)
def test_lengths_are_said_in_words(gap: timedelta, words: str) -> None:
    assert rules.length(gap) == words
