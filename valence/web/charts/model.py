"""Charts of the Model page: whether chances hold, and how strong each mark is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from valence.web.charts import theme
from valence.web.charts.card import Chart, Options

ROW = 28


@dataclass(frozen=True)
class Tenth:
    """A tenth of the customers by chance: what was said, what happened with its range (0..1), how many people."""

    said: float
    happened: float
    low: float
    high: float
    customers: int


@dataclass(frozen=True)
class Strength:
    """What one mark does to the chance of leaving: times, with its range; below 1 strengthens."""

    name: str
    times: float
    low: float
    high: float
    is_cause: bool


def reliability(tenths: Sequence[Tenth], *, label: str) -> Chart:
    """Return what happened against what was said, with the line on which both are equal. Percent."""
    top = _top(tenths)
    options = _reliability(tenths, top=top)
    return Chart(label=label, wide=options, narrow=options, height=300, height_narrow=280)


def strengths(rows: Sequence[Strength], *, label: str) -> Chart:
    """Return a point with its whisker for each mark on a scale of factors; a signal is a hollow circle."""
    return Chart(
        label=label,
        wide=_strengths(rows, names=250, every=1),
        narrow=_strengths(rows, names=150, every=2),
        height=ROW * len(rows) + 46,
        height_narrow=ROW * len(rows) + 46,
    )


def _reliability(tenths: Sequence[Tenth], *, top: float) -> Options:
    step = top / 4
    ticks = {step * n: f"{step * n:g}\u202f%" for n in range(5)}
    across = theme.value_axis(low=0, high=top, ticks=ticks, lines=False)
    name = {"name": "said", "nameLocation": "end", "nameGap": 6, "nameTextStyle": {"color": "--v-text-2"}}
    equal = {
        "type": "line",
        "data": [[0, 0], [top, top]],
        "symbol": "none",
        "silent": True,
        "lineStyle": {"color": "--v-text-3", "width": 1, "type": [3, 3]},
        "z": 1,
    }
    return theme.frame(
        grid={"left": 48, "right": 40, "top": 24, "bottom": 30, "containLabel": False},
        xAxis={**across, **name, "axisLine": {"show": True, "lineStyle": {"color": "--v-line-strong"}}},
        yAxis={
            **theme.value_axis(low=0, high=top, ticks=ticks),
            "name": "happened",
            "nameTextStyle": {"color": "--v-text-2"},
        },
        series=[equal, _standing(tenths), _points(tenths)],
    )


def _standing(tenths: Sequence[Tenth]) -> dict[str, Any]:
    return {
        "type": "custom",
        "renderItem": "@standing",
        "data": [[100 * one.said, 100 * one.low, 100 * one.high] for one in tenths],
        "encode": {"x": 0, "y": [1, 2]},
        "silent": True,
        "z": 2,
        "clip": True,
    }


def _points(tenths: Sequence[Tenth]) -> dict[str, Any]:
    data = [
        {
            "value": [100 * one.said, 100 * one.happened],
            "tip": f"Said {one.said:.1%}, happened {one.happened:.1%}\n{one.customers:,} customers, "
            f"likely {one.low:.1%}–{one.high:.1%}",
        }
        for one in tenths
    ]
    style = {"color": "--v-chart-line", "borderColor": "--v-surface", "borderWidth": 1.5, "opacity": 1}
    return {"type": "scatter", "symbolSize": 9, "itemStyle": style, "data": data, "z": 3}


def _strengths(rows: Sequence[Strength], *, names: float, every: int) -> Options:
    low = min([*(row.low for row in rows), 0.9])
    high = max([*(row.high for row in rows), 1.1])
    ticks = {round(math.log(factor), 4): words for factor, words in _factors(low, high, every=every)}
    across = theme.value_axis(low=math.log(low) - 0.05, high=math.log(high) + 0.05, ticks=ticks)
    return theme.frame(
        grid={"left": names, "right": 22, "top": 6, "bottom": 30, "containLabel": False},
        xAxis={**across, "axisLabel": {**across["axisLabel"], "margin": 10}},
        yAxis=_names([row.name for row in rows], margin=names),
        series=[_lying(rows), _dots(rows)],
    )


def _factors(low: float, high: float, *, every: int) -> list[tuple[float, str]]:
    """Return round factors within a range, every one or every second of them, ×1 always."""
    rising = ((1.0, "×1"), (1.5, "×1.5"), (2.0, "×2"), (3.0, "×3"), (5.0, "×5"), (10.0, "×10"), (30.0, "×30"))
    falling = ((0.1, "÷10"), (0.2, "÷5"), (1 / 3, "÷3"), (0.5, "÷2"), (1 / 1.5, "÷1.5"))
    kept = (*falling[len(falling) % every :: every], *rising[::every])
    return [(factor, words) for factor, words in kept if low * 0.98 <= factor <= high * 1.02]


def _lying(rows: Sequence[Strength]) -> dict[str, Any]:
    values = [[math.log(row.low), index, math.log(row.high), 0] for index, row in enumerate(rows)]
    return theme.whiskers([{"value": value, "words": "", "strong": False} for value in values], z=2)


def _dots(rows: Sequence[Strength]) -> dict[str, Any]:
    data = []
    for index, row in enumerate(rows):
        sign = theme.SIGNAL if not row.is_cause else theme.HARM if row.times >= 1 else theme.PRAISE
        size = theme.mark(sign, size=11)
        words = _times(row.times)
        span = f"likely {_times(row.low)} to {_times(row.high)}"
        data.append({"value": [math.log(row.times), index], "tip": f"{row.name}: {words}\n{span}", **size})
    return {"type": "scatter", "data": data, "z": 3, "clip": False}


def _times(factor: float) -> str:
    return f"×{factor:.2f}" if factor >= 1 else f"÷{1 / factor:.2f}"


def _names(names: Sequence[str], *, margin: float) -> dict[str, Any]:
    return {
        "type": "category",
        "data": list(names),
        "inverse": True,
        "axisLine": {"show": False},
        "axisTick": {"show": False},
        "axisLabel": {
            "color": "--v-text",
            "fontSize": 12,
            "align": "left",
            "margin": margin,
            "interval": 0,
            "width": margin - 14,
            "overflow": "truncate",
        },
    }


def _top(tenths: Sequence[Tenth]) -> float:
    """Return a round percentage above all that is drawn."""
    reached = 100 * max([*(max(one.said, one.high) for one in tenths), 0.01])
    return next(float(top) for top in (1, 2, 4, 6, 8, 12, 16, 20, 28, 40, 60, 80, 100) if reached <= top or top == 100)
