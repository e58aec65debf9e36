"""Records a day as bars on a time axis: what was taken, and on top of it what was refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from valence import terms
from valence.web.charts import theme
from valence.web.charts.card import Chart, Options

HEIGHT = 190


@dataclass(frozen=True)
class DayCount:
    """A day with what was taken and what was refused; `href` opens the rows."""

    day: dt.date
    taken: int
    refused: int
    href: str = ""


def bars(rows: Sequence[DayCount], *, label: str) -> Chart:
    """Return a bar a day: taken, and refused on top of it."""
    return Chart(
        label=label,
        wide=_bars(rows, months=8),
        narrow=_bars(rows, months=4),
        height=HEIGHT,
        height_narrow=HEIGHT,
    )


def _bars(rows: Sequence[DayCount], *, months: int) -> Options:
    start, end = _at(rows[0].day) - 0.5, _at(rows[-1].day) + 0.5
    top = max(max(row.taken + row.refused for row in rows), 4)
    step = _step(top)
    ticks = {float(step * n): f"{step * n:,}" for n in range(int(top // step) + 2)}
    left = 14 + theme.CHARACTER * max(len(words) for words in ticks.values())
    return theme.frame(
        grid={"left": left, "right": 10, "top": 8, "bottom": 26, "containLabel": False},
        xAxis=theme.time_axis(start=start, end=end, ticks=_ticks(rows, start, end, months)),
        yAxis=theme.value_axis(low=0, high=max(ticks), ticks=ticks),
        series=[
            _series(rows, [row.taken for row in rows], colour="--v-chart-line", width=f"{_width(len(rows))}%"),
            _series(rows, [row.refused for row in rows], colour="--v-harm-mark", width=f"{_width(len(rows))}%"),
        ],
    )


def _series(rows: Sequence[DayCount], counts: Sequence[int], *, colour: str, width: str) -> dict[str, Any]:
    data = [
        {
            "value": [_at(row.day), count],
            "tip": f"{row.day:%-d %b %Y}: {row.taken:,} taken, {row.refused:,} refused",
            "href": row.href,
        }
        for row, count in zip(rows, counts, strict=True)
    ]
    style = {"color": colour}
    return {"type": "bar", "stack": "day", "data": data, "barWidth": width, "itemStyle": style, "z": 2}


def _at(day: dt.date) -> float:
    return terms.days(dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC))


def _ticks(rows: Sequence[DayCount], start: float, end: float, months: int) -> dict[float, str]:
    found = theme.months(start=start, end=end, at_most=months)
    if len(found) > 1:
        return found
    step = max(1, len(rows) // 4)
    return {_at(row.day): f"{row.day:%-d %b}" for row in rows[::step]}


def _width(count: int) -> float:
    return 70 if count > 1 else 10


def _step(top: float) -> int:
    """Return a round distance between ticks that gives three to five of them."""
    size = 1
    while True:
        for factor in (1, 2, 5):
            if top / (size * factor) <= 4.5:
                return size * factor
        size *= 10
