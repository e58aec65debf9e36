"""Times: which number is the day is decided from the column; what the clock skipped or repeated is said."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from valence.sources.notation import durations, times

MOMENTS = st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2035, 1, 1)).map(  # noqa: DTZ001
    lambda moment: moment.replace(microsecond=0)
)
WRITERS = {
    times.DMY: "%d.%m.%Y %H:%M:%S", times.MDY: "%m/%d/%Y %I:%M:%S %p", times.YMD: "%Y/%m/%d %H:%M:%S",
    times.COMPACT: "%Y%m%d%H%M%S", times.ISO: "%Y-%m-%dT%H:%M:%S",
}  # fmt: skip


@pytest.mark.parametrize("notation", list(WRITERS))
@settings(max_examples=40, deadline=None)
@given(moments=st.lists(MOMENTS, min_size=1, max_size=20))
def test_what_is_written_in_a_notation_is_read_as_it_was(notation: str, moments: list[datetime]) -> None:
    read = times.reader(notation=notation, zone="")
    assert [read(moment.strftime(WRITERS[notation])) for moment in moments] == [one.isoformat() for one in moments]


@pytest.mark.parametrize("form", [*WRITERS.values(), "%d/%m/%Y %H:%M:%S", "%m-%d-%Y %H:%M:%S", "%d.%m.%y %H:%M:%S"])
@settings(max_examples=40, deadline=None)
@given(moments=st.lists(MOMENTS, min_size=1, max_size=20))
def test_a_guess_that_is_sure_never_changes_a_time(form: str, moments: list[datetime]) -> None:
    values = [moment.strftime(form) for moment in moments]
    decided = times.decide(values=set(values), in_order=values)
    assert decided is not None
    if decided.sure:
        read = times.reader(notation=decided.notation, zone="")
        assert [read(value) for value in values] == [moment.isoformat() for moment in moments]


@pytest.mark.parametrize(
    ("value", "iso"),
    [
        ("31.12.2025 14:05", "2025-12-31T14:05:00"), ("12/31/2025 2:05 PM", "2025-12-31T14:05:00"),
        ("31. Dezember 2025", "2025-12-31T00:00:00"), ("1er janvier 2025 14h05", "2025-01-01T14:05:00"),
        ("31 de diciembre de 2025", "2025-12-31T00:00:00"), ("2 paź 2025", "2025-10-02T00:00:00"),
        ("Mi, 31.12.2025 14:05 Uhr", "2025-12-31T14:05:00"), ("Dec 31, 2025", "2025-12-31T00:00:00"),
        ("1767189900", "2025-12-31T14:05:00+00:00"), ("1767189900000", "2025-12-31T14:05:00+00:00"),
        ("45000.5", "2023-03-15T12:00:00"), ("20251231", "2025-12-31T00:00:00"),
        ("31.12.2025 14:05 +01:00", "2025-12-31T14:05:00+01:00"),
    ],
)  # fmt: skip
def test_ways_of_many_countries_are_read(value: str, iso: str) -> None:
    decided = times.decide(values=[value])
    assert decided is not None
    assert decided.sure
    assert times.reader(notation=decided.notation, zone="")(value) == iso


def test_one_value_settles_the_whole_column_and_none_leaves_a_question() -> None:
    assert times.decide(values=["05/06/2025", "25/06/2025"]) == times.Decided(
        times.DMY, "no other way of writing fits all values"
    )
    open_still = times.decide(values=["05/06/2025", "04/06/2025"])
    assert open_still is not None
    assert {open_still.notation, *open_still.others} == {times.DMY, times.MDY}


def test_a_file_in_order_of_time_tells_which_number_is_the_day() -> None:
    column = [f"{day:02d}/{month:02d}/2025" for month in (1, 2, 3) for day in range(1, 13)]
    decided = times.decide(values=set(column), in_order=column)
    assert decided == times.Decided(times.DMY, "read so, the file is in order of time")


def test_hours_that_the_clock_skipped_or_had_twice_are_read_after_a_rule_and_counted() -> None:
    seen: Counter[str] = Counter()
    read = times.reader(notation=times.DMY, zone="Europe/Berlin", seen=seen)
    assert read("30.03.2025 02:30") == "2025-03-30T01:30:00+00:00"
    assert [read("26.10.2025 02:30") for _ in range(2)] == ["2025-10-26T00:30:00+00:00"] * 2
    assert read("01.07.2025 12:00") == "2025-07-01T10:00:00+00:00"
    assert seen == {times.IN_GAP: 1, times.IN_FOLD: 2}


def test_what_is_not_written_so_is_not_read() -> None:
    read = times.reader(notation=times.DMY, zone="")
    assert [read(value) for value in ("12/31/2025", "soon", "31.02.2025", "2025-12-31", "")] == [None] * 5


def test_times_of_a_workbook_are_local_times_of_the_file() -> None:
    read = times.reader(notation=times.ISO, zone="America/New_York")
    assert read(datetime(2025, 7, 1, 8)) == "2025-07-01T12:00:00+00:00"  # noqa: DTZ001
    assert read(datetime(2025, 7, 1, 8, tzinfo=UTC)) == "2025-07-01T08:00:00+00:00"


@pytest.mark.parametrize(
    ("value", "notation", "field", "said"),
    [
        ("00:03:30", "hh:mm:ss", "wait_minutes", "3.5"), ("03:30", "mm:ss", "wait_minutes", "3.5"),
        ("90", "1234.56 seconds", "wait_minutes", "1.5"), ("1,5", "1.234,56 hours", "duration_minutes", "90"),
        ("36:00", "hh:mm:ss", "outage_hours", "36"),
    ],
)  # fmt: skip
def test_durations_come_in_our_unit(value: str, notation: str, field: str, said: str) -> None:
    assert durations.is_known(notation=notation)
    assert durations.reader(notation=notation, field=field)(value) == said
