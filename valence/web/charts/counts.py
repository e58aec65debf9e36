"""Counts with their likely ranges, one bar a name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from valence.web.charts import theme
from valence.web.charts.card import Chart, Options

BAR = 14
ROW = 34
WIDEST, NARROWEST = 190, 130


@dataclass(frozen=True)
class Counted:
    """A name with a count and its likely range. `strong` is what the sentence is about; `href` opens the rows."""

    name: str
    count: int
    low: float
    high: float
    strong: bool = False
    href: str = ""


def bars(rows: Sequence[Counted], *, label: str) -> Chart:
    """Return lying bars with whiskers and the count at the end."""
    height = ROW * len(rows) + 24
    names = 18 + theme.CHARACTER * max((len(row.name) for row in rows), default=1)
    wide, narrow = (_bars(rows, names=min(names, most)) for most in (WIDEST, NARROWEST))
    return Chart(label=label, wide=wide, narrow=narrow, height=height, height_narrow=height)


def _bars(rows: Sequence[Counted], *, names: float) -> Options:
    top = max([*(row.high for row in rows), 1.0])
    step = _step(top)
    ticks = {float(step * n): f"{step * n:,}" for n in range(int(top // step) + 1)}
    across = theme.value_axis(low=0, high=max(top, max(ticks)), ticks=ticks)
    return theme.frame(
        grid={"left": names, "right": 36, "top": 2, "bottom": 22, "containLabel": False},
        xAxis={**across, "axisLabel": {**across["axisLabel"], "margin": 8}},
        yAxis=_names([row.name for row in rows], margin=names),
        series=[_series(rows), _whiskers(rows)],
    )


def _series(rows: Sequence[Counted]) -> dict[str, Any]:
    data = [
        {
            "value": row.count,
            "itemStyle": {"color": "--v-harm-mark" if row.strong else "--v-chart-mute", "borderRadius": 2},
            "tip": _said(row),
            "href": row.href,
        }
        for row in rows
    ]
    return {"type": "bar", "data": data, "barWidth": BAR, "z": 2}


def _said(row: Counted) -> str:
    exact = f"{row.name}: {row.count:,}"
    return exact if row.low == row.high else f"{exact}, likely {row.low:,.0f}–{row.high:,.0f}"


def _whiskers(rows: Sequence[Counted]) -> dict[str, Any]:
    data = [
        {"value": [row.low, index, row.high, 0], "words": f"{row.count:,}", "strong": True}
        | ({"none": True} if row.low == row.high else {})  # known exactly: there is no range to draw
        for index, row in enumerate(rows)
    ]
    return theme.whiskers(data)


def _names(names: Sequence[str], *, margin: float) -> dict[str, Any]:
    text = {"color": "--v-text", "fontWeight": 540, "fontSize": 12, "align": "left", "margin": margin, "interval": 0}
    return {
        "type": "category",
        "data": list(names),
        "inverse": True,
        "axisLine": {"show": True, "lineStyle": {"color": "--v-line-strong", "width": 1}},
        "axisTick": {"show": False},
        "axisLabel": {**text, "width": margin - 8, "overflow": "truncate"},
    }


def _step(top: float) -> int:
    """Return a round distance between ticks that gives three to five of them."""
    size = 1
    while True:
        for factor in (1, 2, 5):
            if top / (size * factor) <= 4.5:
                return size * factor
        size *= 10
