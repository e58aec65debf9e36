"""Records a day as bars: stacked, with round ticks, each with its words."""

from __future__ import annotations

import datetime as dt

from valence.web.charts import days

START = dt.date(2026, 3, 1)


def rows(count: int) -> list[days.DayCount]:
    return [days.DayCount(day=START + dt.timedelta(days=n), taken=90 + n, refused=n % 3) for n in range(count)]


def test_what_was_refused_stands_on_what_was_taken() -> None:
    chart = days.bars(rows(30), label="30 days")
    taken, refused = chart.wide["series"]
    assert taken["stack"] == refused["stack"]
    assert [point["value"][1] for point in refused["data"][:4]] == [0, 1, 2, 0]
    assert taken["data"][1]["tip"] == "2 Mar 2026: 91 taken, 1 refused"
    assert taken["itemStyle"]["color"] != refused["itemStyle"]["color"]


def test_the_axis_reaches_above_the_highest_day_in_round_steps() -> None:
    chart = days.bars(rows(30), label="30 days")
    ticks = chart.wide["yAxis"]["axisLabel"]["customValues"]
    assert ticks == [0, 50, 100, 150]
    assert chart.wide["yAxis"]["max"] >= 119


def test_one_day_alone_can_be_drawn_and_says_its_date() -> None:
    chart = days.bars(rows(1), label="a day")
    assert list(chart.narrow["xAxis"]["axisLabel"]["formatter"]["@map"].values()) == ["1 Mar"]
