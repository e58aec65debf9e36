"""Days without a record: only of weekdays on which a source usually brings something."""

from __future__ import annotations

from datetime import date, timedelta

from valence.flows.gather import quality

MONDAY = date(2026, 3, 2)


def days(*numbers: int) -> list[date]:
    return [MONDAY + timedelta(days=number) for number in numbers]


def test_weekends_of_a_source_that_works_on_weekdays_are_no_gaps() -> None:
    working = [n for n in range(28) if n % 7 < 5]
    assert quality._gaps(days(*working)) == ()


def test_missing_days_are_runs_also_across_a_weekend() -> None:
    working = [n for n in range(28) if n % 7 < 5 and n not in (11, 14, 22)]
    assert quality._gaps(days(*working)) == ((*days(11, 14),), (*days(22, 22),))


def test_a_source_of_every_day_misses_every_day() -> None:
    assert quality._gaps(days(0, 1, 2, 5, 6, 7, 8)) == ((*days(3, 4),),)
    assert quality._gaps([]) == ()
