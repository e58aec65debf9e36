"""The values all charts share: type, lines and marks. See docs/pages.md for what each mark means."""

from __future__ import annotations

import datetime as dt
from typing import Any

from valence import terms

Part = dict[str, Any]

HARM, PRAISE, SIGNAL = "harm", "praise", "signal"
MARK_COLOUR = {HARM: "--v-harm-mark", PRAISE: "--v-praise-mark", SIGNAL: "--v-surface"}
WORD_COLOUR = {HARM: "--v-harm", PRAISE: "--v-praise", SIGNAL: "--v-text-2"}
CHARACTER = 6.7
MOST_LABELS = 6


def frame(**parts: Any) -> Part:
    """Return options that every chart starts from."""
    return {
        "animation": False,
        "textStyle": {"fontFamily": "--v-font", "fontSize": 12, "color": "--v-chart-axis"},
        **parts,
    }


def title(text: str, *, left: float | str, top: float, strong: bool = False) -> Part:
    """Return a small heading inside a chart."""
    style = {"fontSize": 12, "fontWeight": 540 if strong else 420, "fontFamily": "--v-font"}
    colour = "--v-text" if strong else "--v-text-2"
    return {"text": text, "left": left, "top": top, "padding": 0, "textStyle": {**style, "color": colour}}


def label(text: str, *, colour: str, position: str, strong: bool = True, offset: tuple[float, float] = (0, 0)) -> Part:
    """Return a direct label with a halo of the surface."""
    return {
        "show": True,
        "formatter": text,
        "position": position,
        "offset": list(offset),
        "distance": 6,
        "color": colour,
        "fontSize": 12,
        "fontWeight": 540 if strong else 420,
        "textBorderColor": "--v-surface",
        "textBorderWidth": 4,
    }


def value_axis(*, low: float, high: float, ticks: dict[float, str], grid: int = 0, lines: bool = True) -> Part:
    """Return an axis with exactly these ticks and words, and hairlines at them."""
    marks = list(ticks)
    return {
        "type": "value",
        "min": low,
        "max": high,
        "gridIndex": grid,
        "axisLine": {"show": False},
        "axisTick": {"show": False, "customValues": marks},
        "splitLine": {"show": lines, "lineStyle": {"color": "--v-chart-grid", "width": 1}},
        "axisLabel": {
            "customValues": marks,
            "formatter": {"@map": {f"{tick:g}": words for tick, words in ticks.items()}},
            "color": "--v-chart-axis",
            "fontSize": 12,
            "hideOverlap": False,
        },
    }


def time_axis(*, start: float, end: float, ticks: dict[float, str], grid: int = 0, shown: bool = True) -> Part:
    """Return a time axis in days, with ticks of 4 px and no grid lines."""
    axis = value_axis(low=start, high=end, ticks=ticks, grid=grid, lines=False)
    strong = {"color": "--v-line-strong", "width": 1}
    axis["axisTick"] = {"show": shown, "length": 4, "customValues": list(ticks), "lineStyle": strong}
    axis["axisLabel"] = {**axis["axisLabel"], "show": shown, "hideOverlap": True}
    axis["axisLine"] = {"show": True, "onZero": False, "lineStyle": strong}
    return axis


def months(*, start: float, end: float, at_most: int) -> dict[float, str]:
    """Return the firsts of months in a range of days as ticks; January, and a first tick alone, say the year."""
    firsts = _firsts(start=start, end=end)
    step = next(step for step in (1, 2, 3, 6, 12, 24, 60, 120) if len(firsts) / step <= at_most)
    kept = [first for first in firsts if (first.year * 12 + first.month - 1) % step == 0]
    return {terms.days(first): _month_words(first, step=step) for first in kept}


def _firsts(*, start: float, end: float) -> list[dt.datetime]:
    at = terms.moment(start).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    firsts = []
    while terms.days(at) <= end:
        if terms.days(at) >= start:
            firsts.append(at)
        at = (at + dt.timedelta(days=32)).replace(day=1)
    return firsts


def _month_words(first: dt.datetime, *, step: int) -> str:
    if step >= 12 or first.month == 1:
        return str(first.year)
    return f"{first:%b}"


def line(points: list[list[float]], *, axis: int, name: str) -> Part:
    """Return the main line of a chart."""
    return {
        "type": "line",
        "name": name,
        "xAxisIndex": axis,
        "yAxisIndex": axis,
        "data": points,
        "symbol": "none",
        "smooth": False,
        "silent": True,
        "z": 3,
        "lineStyle": {"color": "--v-chart-line", "width": 1.75, "join": "round"},
    }


def band(points: list[list[float]], *, axis: int) -> Part:
    """Return the likely range around a line; points are [time, low, high]."""
    return {
        "type": "custom",
        "renderItem": "@band",
        "xAxisIndex": axis,
        "yAxisIndex": axis,
        "data": points,
        "encode": {"x": 0, "y": [1, 2]},
        "silent": True,
        "clip": True,
        "z": 1,
        "itemStyle": {"color": "--v-chart-band"},
    }


def whiskers(data: list[Part], *, z: int = 4) -> Part:
    """Return lying ranges with caps; a datum is `value` [low, row, high, shift in px], `words`, `strong`."""
    return {
        "type": "custom",
        "renderItem": "@whisker",
        "data": data,
        "encode": {"x": [0, 2], "y": 1},
        "silent": True,
        "z": z,
        "clip": False,
    }


def mark(sign: str, *, size: float) -> Part:
    """Return how a point looks: triangle down, triangle up, or a hollow circle. Cause and signal never look alike."""
    if sign == SIGNAL:
        border = {"color": "--v-surface", "borderColor": "--v-text-3", "borderWidth": 1.5, "opacity": 1}
        return {"symbol": "circle", "symbolSize": 7, "itemStyle": border}
    style = {"color": MARK_COLOUR[sign], "borderColor": "--v-surface", "borderWidth": 1.5, "opacity": 1}
    turned = 180 if sign == HARM else 0
    return {"symbol": "triangle", "symbolSize": [size, size * 0.86], "symbolRotate": turned, "itemStyle": style}


def size_of(effect: float, *, largest: float) -> float:
    """Return the size of a mark in pixels, 8 to 15 by its effect."""
    return 8 + 7 * min(1.0, abs(effect) / largest) if largest > 0 else 8.0
