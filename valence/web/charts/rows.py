"""Charts of one row a name: share of responsibility, chances of having stayed, counts with their likely range."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from valence.web.charts import theme
from valence.web.charts.card import Chart, Options

BAR = 11.0
PAIR_GAP = 5.0


@dataclass(frozen=True)
class Estimate:
    """A figure with its likely range, in percent or counts."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Shared:
    """A department's share: of what began there, and of what hurt there. None: nothing did. `ours` colours the bars."""

    name: str
    began: Estimate | None
    hurt: Estimate | None
    ours: bool = True


@dataclass(frozen=True)
class Row:
    """A name with one figure; `strong` is what the sentence is about."""

    name: str
    estimate: Estimate
    strong: bool = False


def responsibility(rows: Sequence[Shared], *, label: str) -> Chart:
    """Return bars with whiskers, two a department: began here, hurt here. Shares in percent."""
    height = 50 * len(rows) + 30
    return Chart(
        label=label,
        wide=_responsibility(rows, names=84),
        narrow=_responsibility(rows, names=78),
        height=height,
        height_narrow=height,
    )


def _responsibility(rows: Sequence[Shared], *, names: float) -> Options:
    estimates = [part for row in rows for part in (row.began, row.hurt) if part]
    top = _round_up(max((part.high for part in estimates), default=10.0))
    ticks = _percent_ticks(top, step=10 if top <= 40 else 20)
    return theme.frame(
        grid={"left": names, "right": 36, "top": 4, "bottom": 26, "containLabel": False},
        xAxis=_across(theme.value_axis(low=0, high=top, ticks=ticks)),
        yAxis=_names([row.name for row in rows], margin=names, bold=True),
        series=[
            _bars(rows, hurt=False),
            _bars(rows, hurt=True),
            _whiskers(rows, hurt=False),
            _whiskers(rows, hurt=True),
        ],
    )


def _bars(rows: Sequence[Shared], *, hurt: bool) -> dict[str, Any]:
    data = []
    for row in rows:
        part = row.hurt if hurt else row.began
        colour = "--v-harm-mark" if row.ours else "--v-chart-mute"
        style = {"color": colour, "borderRadius": 2, "opacity": 0.34 if hurt and row.ours else 1}
        said = "hurt here" if hurt else "began here"
        tip = f"{row.name}, {said}: {_said(part)}" if row.ours and part else f"{row.name}: {_said(part)}"
        data.append({"value": round(part.value, 1) if part else None, "itemStyle": style, "tip": tip})
    return {"type": "bar", "data": data, "barWidth": BAR, "barGap": f"{100 * PAIR_GAP / BAR:.0f}%", "z": 2}


def _whiskers(rows: Sequence[Shared], *, hurt: bool) -> dict[str, Any]:
    shift = (BAR + PAIR_GAP) / 2 * (1 if hurt else -1)
    data = []
    for index, row in enumerate(rows):
        part = row.hurt if hurt else row.began
        if part:
            words = f"{part.value:.0f}"
            data.append({"value": [part.low, index, part.high, shift], "words": words, "strong": not hurt})
        else:
            data.append({"value": [0, index, 0, shift], "words": "–", "strong": False, "none": True})
    return theme.whiskers(data)


def stayed(rows: Sequence[Row], *, label: str) -> Chart:
    """Return dots on pale bars: the chance, in percent, of having stayed without each."""
    return Chart(
        label=label,
        wide=_dots(rows, names=212),
        narrow=_dots(rows, names=0),
        height=34 * len(rows) + 30,
        height_narrow=46 * len(rows) + 30,
    )


def _dots(rows: Sequence[Row], *, names: float) -> Options:
    """Return the options; without room for names (0) each name stands above its bar."""
    above = not names
    grid = {"left": names or 14, "right": 38, "top": 4, "bottom": 26, "containLabel": False}
    down = _names([row.name for row in rows], margin=names or 14, bold=False)
    strong = {row.name: "strong" for row in rows if row.strong}
    down["axisLabel"] = {**down["axisLabel"], "show": not above, "formatter": {"@strong": strong}}
    series = [_pills(rows, above=above), _points(rows, above=above)]
    return theme.frame(
        grid=grid,
        xAxis=_across(theme.value_axis(low=0, high=100, ticks=_percent_ticks(100, step=25))),
        yAxis=down,
        series=[*series, _headings(rows)] if above else series,
    )


def _pills(rows: Sequence[Row], *, above: bool) -> dict[str, Any]:
    data = [
        {
            "value": [round(row.estimate.low, 1), index, round(row.estimate.high, 1), 8 if above else 0],
            "colour": _tone(row),
            "words": f"{row.estimate.value:.0f}",
        }
        for index, row in enumerate(rows)
    ]
    return {
        "type": "custom",
        "renderItem": "@pill",
        "data": data,
        "encode": {"x": [0, 2], "y": 1},
        "silent": True,
        "z": 2,
    }


def _points(rows: Sequence[Row], *, above: bool) -> dict[str, Any]:
    data = []
    for index, row in enumerate(rows):
        data.append(
            {
                "value": [round(row.estimate.value, 1), index],
                "tip": f"{row.name}: {_said(row.estimate)}",
                "itemStyle": {"color": _tone(row), "borderColor": "--v-surface", "borderWidth": 1.5, "opacity": 1},
                "symbolOffset": [0, 8 if above else 0],
            }
        )
    return {"type": "scatter", "symbol": "circle", "symbolSize": 11, "data": data, "z": 4, "clip": False}


def _headings(rows: Sequence[Row]) -> dict[str, Any]:
    data = [
        {
            "value": [0, index],
            "symbolOffset": [0, -11],
            "label": theme.label(
                row.name,
                colour="--v-text" if row.strong else "--v-text-2",
                position="right",
                strong=row.strong,
                offset=(-2, 0),
            ),
        }
        for index, row in enumerate(rows)
    ]
    return {"type": "scatter", "symbolSize": 0.1, "data": data, "silent": True, "z": 5, "clip": False}


def _tone(row: Row) -> str:
    return "--v-praise-mark" if row.strong else "--v-text-2"


def _names(names: Sequence[str], *, margin: float, bold: bool) -> dict[str, Any]:
    return {
        "type": "category",
        "data": list(names),
        "inverse": True,
        "axisLine": {"show": True, "lineStyle": {"color": "--v-line-strong", "width": 1}},
        "axisTick": {"show": False},
        "axisLabel": {
            "color": "--v-text",
            "fontWeight": 540 if bold else 420,
            "fontSize": 12,
            "align": "left",
            "margin": margin,
            "interval": 0,
            "width": margin - 8,
            "overflow": "truncate",
            "rich": {"strong": {"fontWeight": 540, "color": "--v-text", "fontSize": 12}},
        },
    }


def _across(axis: dict[str, Any]) -> dict[str, Any]:
    """Return a value axis lying at the bottom, its lines vertical."""
    return {**axis, "axisLabel": {**axis["axisLabel"], "margin": 10}}


def _percent_ticks(top: float, *, step: float) -> dict[float, str]:
    ticks = {step * n: f"{step * n:g}" for n in range(int(top / step) + 1)}
    return {
        tick: f"{words}\u202f%" if tick in (0, max(ticks)) or step == 20 else words for tick, words in ticks.items()
    }


def _round_up(top: float) -> float:
    return min(100.0, -(-(top + 4) // 10) * 10)


def _said(part: Estimate | None) -> str:
    return f"{part.value:.0f} %, likely {part.low:.0f}–{part.high:.0f} %" if part else "nothing"
