"""When a feed runs, and how its file is read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from valence.sources.feeds import schedule, setup
from valence.sources.feeds.contract import WrongFeed

NOW = datetime(2026, 3, 27, 12, 0, tzinfo=UTC)  # a Friday; two days before clocks go forward in Vienna


def of(**said: Any) -> schedule.Schedule:
    return schedule.read(**{"every": "", "at": (), "days": (), "zone": "UTC", **said})


def test_every_so_often_counts_from_the_beginning_of_a_run() -> None:
    every = of(every="15 min")
    assert schedule.next_at(schedule=every, begun_at=NOW, now=NOW + timedelta(minutes=4)) == NOW + timedelta(minutes=15)
    assert schedule.next_at(schedule=every, begun_at=NOW, now=NOW + timedelta(hours=1)) == NOW + timedelta(hours=1)
    assert (every.words, of(every="2 h").words, of(every="1 day").words) == (
        "every 15 minutes", "every 2 hours", "every day",
    )  # fmt: skip


def test_a_time_of_the_day_is_local_also_over_a_change_of_clocks() -> None:
    daily = of(at=("06:00",), days=("fri", "mon"), zone="Europe/Vienna")
    monday = schedule.next_at(schedule=daily, begun_at=NOW, now=NOW)
    assert monday == datetime(2026, 3, 30, 4, 0, tzinfo=UTC)
    assert daily.words == "at 06:00 on mon, fri (Europe/Vienna)"


def test_after_failures_it_is_tried_again_ever_later_and_never_oftener_than_its_turn() -> None:
    every, daily = of(every="5 min"), of(at=("06:00",))
    waits = [
        (schedule.next_at(schedule=every, begun_at=NOW, now=NOW, failures=n) - NOW).seconds // 60 for n in (1, 3, 5, 9)
    ]
    assert waits == [5, 8, 32, 60]
    assert schedule.next_at(schedule=daily, begun_at=NOW, now=NOW, failures=2) == NOW + timedelta(minutes=4)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"every": "soon"}, "every"),
        ({"every": "10 s"}, "every"),
        ({"every": "5 min", "at": ("06:00",)}, "do not go together"),
        ({"at": ("6 am",)}, "times of the day"),
        ({"at": ("06:00",), "days": ("someday",)}, "someday"),
    ],
)
def test_what_cannot_be_is_said(said: dict[str, Any], why: str) -> None:
    with pytest.raises(WrongFeed, match=why):
        of(**said)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"kind": "ftp"}, "folder, sql, bucket"),
        ({"kind": "folder"}, r"part \[folder\]"),
        ({"kind": "folder", "folder": {"path": "drop"}}, "whole path"),
        ({"kind": "folder", "folder": {"path": "/drop", "colour": 1}}, "colour"),
        ({"kind": "folder", "folder": {"path": "/drop"}, "zone": "Mars/North"}, "time zone"),
        ({"kind": "folder", "folder": {"path": "/drop"}, "records": "orders"}, "records"),
        ({"kind": "sql", "sql": {"url": "nonsense", "query": "SELECT 1"}}, "url"),
        ({"kind": "sql", "sql": {"url": "sqlite://", "query": "SELECT 1", "overlap": "2 h"}}, "needs a cursor"),
        ({"kind": "bucket", "bucket": {"bucket": "a/b"}}, "prefix"),
        ({"kind": "bucket", "bucket": {"bucket": "a", "access_key": "x"}}, "come together"),
    ],
)
def test_a_wrong_file_is_said_before_anything_is_asked(said: dict[str, Any], why: str) -> None:
    with pytest.raises(WrongFeed, match=why):
        setup.checked(name="crm", said=said)
