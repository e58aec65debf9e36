"""The bond over the whole relationship, the last 90 days drawn wider, and the chance of leaving under it."""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from valence.web.charts import labels, theme
from valence.web.charts.card import Chart, Options

RECENT_DAYS = 90.0
LEAST_BEFORE = 30.0
ONE_YEAR = 365.25
Rows: TypeAlias = list[list[float]]


@dataclass(frozen=True)
class Sample:
    """A point of a curve: when (days), its level and likely range, in the unit of its axis."""

    at: float
    level: float
    low: float
    high: float


@dataclass(frozen=True)
class Point:
    """One interaction on the curve: the level after it and what it changed. `sign` is harm, praise or signal."""

    at: float
    level: float
    change: float
    sign: str
    short: str
    words: str
    href: str


@dataclass(frozen=True)
class Picture:
    """What the chart shows. `bond` 0..100, `chance` in percent; both end at `now` (or when the customer left)."""

    label: str
    joined: float
    now: float
    bond: tuple[Sample, ...]
    chance: tuple[Sample, ...]
    points: tuple[Point, ...]
    clean_chance: float | None
    end_words: str = ""


@dataclass(frozen=True)
class Layout:
    """Nominal pixels of one layout: it decides which labels find room. Wider containers only give them more."""

    width: float
    left: float
    split: float
    gap: float
    right: float
    top: float = 26.0
    bond_height: float = 232.0
    chance_top: float = 302.0
    chance_height: float = 74.0
    most_labels: int = theme.MOST_LABELS

    @property
    def height(self) -> int:
        """Return the height of the whole chart."""
        return int(self.chance_top + self.chance_height + 26)


WIDE = Layout(width=634.0, left=30.0, split=0.33, gap=18.0, right=46.0)
NARROW = Layout(width=326.0, left=26.0, split=0.34, gap=10.0, right=40.0, most_labels=4)


@dataclass(frozen=True)
class Pane:
    """One stretch of time side by side with another: from x to x + width pixels."""

    start: float
    end: float
    left: float
    width: float
    recent: bool

    def x(self, at: float) -> float:
        """Return where a moment lies, in pixels."""
        return self.left + self.width * (at - self.start) / max(self.end - self.start, 1e-9)


def chart(picture: Picture) -> Chart:
    """Return the chart in both layouts. Their panes show the same stretches of time, so the curves are drawn once."""
    curves = _Curves(picture)
    return Chart(
        label=picture.label,
        wide=_options(picture, layout=WIDE, curves=curves),
        narrow=_options(picture, layout=NARROW, curves=curves),
        height=WIDE.height,
        height_narrow=NARROW.height,
    )


class _Curves:
    """The stretches of a picture's curves, each cut and rounded once."""

    def __init__(self, picture: Picture) -> None:
        self._picture = picture
        self._within: dict[tuple[float, float, bool], list[Sample]] = {}
        self._drawn: dict[tuple[float, float, bool], tuple[Rows, Rows]] = {}

    def within(self, pane: Pane, *, chance: bool) -> list[Sample]:
        """Return the samples of the bond, or of the chance, in a pane."""
        place = (pane.start, pane.end, chance)
        if place not in self._within:
            samples = self._picture.chance if chance else self._picture.bond
            self._within[place] = _within(samples, pane=pane)
        return self._within[place]

    def drawn(self, pane: Pane, *, chance: bool, axis: int) -> list[dict[str, Any]]:
        """Return the likely range and the line in a pane."""
        place = (pane.start, pane.end, chance)
        if place not in self._drawn:
            self._drawn[place] = _rounded(self.within(pane, chance=chance))
        ranges, levels = self._drawn[place]
        return [theme.band(ranges, axis=axis), theme.line(levels, axis=axis, name="")]


def _options(picture: Picture, *, layout: Layout, curves: _Curves) -> Options:
    panes = _panes(picture, layout=layout)
    top = _ceiling(picture)
    grids, x_axes, y_axes, series, titles = [], [], [], [], []
    for index, pane in enumerate(panes):
        for row, low_part in enumerate((False, True)):
            axis = index * 2 + row
            grids.append(_grid(pane, layout=layout, below=low_part))
            x_axes.append(_time_axis(pane, axis=axis, shown=low_part))
            y_axes.append(_level_axis(axis=axis, top=top if low_part else 100.0, words=index == 0))
            series += curves.drawn(pane, chance=low_part, axis=axis)
        titles.append(_heading(pane, picture=picture, layout=layout, alone=len(panes) == 1))
        series.append(_points(picture, pane=pane, layout=layout, axis=index * 2, curves=curves))
    series += _ends(picture, axis=2 * (len(panes) - 1), top=top)
    series += _references(picture, panes=panes, top=top)
    chance_words = "Chance of leaving within 60 days, %"
    if picture.clean_chance is not None and layout is WIDE:
        chance_words += f" · dashed: the same customer with a clean record, {picture.clean_chance:.0f} %"
    titles.append(theme.title(chance_words, left=layout.left, top=layout.chance_top - 24))
    return theme.frame(grid=grids, xAxis=x_axes, yAxis=y_axes, series=series, title=titles)


def _panes(picture: Picture, *, layout: Layout) -> list[Pane]:
    """Return the overview and the last 90 days, or one pane for a relationship not much older than that."""
    start = min([picture.joined, *(point.at for point in picture.points)])
    room = layout.width - layout.left - layout.right
    recent = picture.now - RECENT_DAYS
    if recent - start < LEAST_BEFORE:
        start = min(start, picture.now - 1)
        return [Pane(start=start, end=picture.now, left=layout.left, width=room, recent=True)]
    before = room * layout.split
    return [
        Pane(start=start, end=recent, left=layout.left, width=before, recent=False),
        Pane(
            start=recent,
            end=picture.now,
            left=layout.left + before + layout.gap,
            width=room - before - layout.gap,
            recent=True,
        ),
    ]


def _grid(pane: Pane, *, layout: Layout, below: bool) -> dict[str, Any]:
    """Return a grid in shares of the width, so that a wider container stretches both panes alike."""
    return {
        "left": f"{100 * pane.left / layout.width:.2f}%",
        "width": f"{100 * pane.width / layout.width:.2f}%",
        "top": layout.chance_top if below else layout.top,
        "height": layout.chance_height if below else layout.bond_height,
        "containLabel": False,
        "show": pane.recent,
        "borderWidth": 0,
        "backgroundColor": "--v-surface-2",
    }


def _time_axis(pane: Pane, *, axis: int, shown: bool) -> dict[str, Any]:
    ticks = theme.months(start=pane.start, end=pane.end, at_most=max(2, int(pane.width // 70)))
    return theme.time_axis(start=pane.start, end=pane.end, ticks=ticks, grid=axis, shown=shown)


def _level_axis(*, axis: int, top: float, words: bool) -> dict[str, Any]:
    step = top / 4 if top > 60 else top / 2
    ticks = {step * n: f"{step * n:g}" for n in range(int(top / step) + 1)}
    made = theme.value_axis(low=0.0, high=top, ticks=ticks, grid=axis)
    made["axisLabel"] = {**made["axisLabel"], "show": words, "margin": 7}
    return made


def _ceiling(picture: Picture) -> float:
    """Return the top of the chance axis in percent: a whole step above the highest likely value."""
    highest = max((sample.high for sample in picture.chance), default=0.0)
    return next((top for top in (10.0, 20.0, 50.0) if highest <= top), 100.0)


def _within(samples: Sequence[Sample], *, pane: Pane) -> list[Sample]:
    """Return a curve cut to a pane: the last sample before it is carried to its left edge."""
    times = [sample.at for sample in samples]
    first, last = bisect.bisect_left(times, pane.start), bisect.bisect_right(times, pane.end)
    inside = list(samples[first:last])
    if first > 0:
        inside.insert(0, replace(samples[first - 1], at=pane.start))
    if inside and last < len(samples):
        inside.append(replace(inside[-1], at=pane.end))
    return inside


def _rounded(samples: Sequence[Sample]) -> tuple[Rows, Rows]:
    days = [_day(sample.at) for sample in samples]
    ranges = [[at, round(one.low, 2), round(one.high, 2)] for at, one in zip(days, samples, strict=True)]
    return ranges, [[at, round(one.level, 2)] for at, one in zip(days, samples, strict=True)]


def _points(picture: Picture, *, pane: Pane, layout: Layout, axis: int, curves: _Curves) -> dict[str, Any]:
    points = [point for point in picture.points if _belongs(point, pane=pane, picture=picture)]
    largest = max((abs(point.change) for point in picture.points), default=0.0)
    sides = _sides(points, curves=curves, pane=pane, layout=layout)
    data = [_item(point, largest=largest, side=sides.get(index, "")) for index, point in enumerate(points)]
    return {
        "type": "scatter",
        "xAxisIndex": axis,
        "yAxisIndex": axis,
        "data": data,
        "z": 5,
        "labelLayout": {"hideOverlap": False},
    }


def _belongs(point: Point, *, pane: Pane, picture: Picture) -> bool:
    return pane.start <= point.at < pane.end or (pane.recent and point.at == picture.now)


def _item(point: Point, *, largest: float, side: str) -> dict[str, Any]:
    item = {
        "value": [_day(point.at), round(point.level, 2)],
        "tip": point.words,
        "href": point.href,
        **theme.mark(point.sign, size=theme.size_of(point.change, largest=largest)),
    }
    if side:
        item["label"] = theme.label(
            point.short, colour=theme.WORD_COLOUR[point.sign], position=side, strong=point.sign != theme.SIGNAL
        )
    return item


def _sides(points: Sequence[Point], *, curves: _Curves, pane: Pane, layout: Layout) -> dict[int, str]:
    def pixel(at: float, level: float) -> tuple[float, float]:
        return pane.x(at), layout.top + layout.bond_height * (1 - level / 100)

    wanted = [
        labels.Wanted(
            at=pixel(point.at, point.level),
            text=point.short,
            weight=abs(point.change) - (1000 if point.sign == theme.SIGNAL else 0),
        )
        for point in points
    ]
    line = _thinned([pixel(sample.at, sample.level) for sample in curves.within(pane, chance=False)])
    crowd = [label.at for label in wanted] * 4
    within = labels.Box(
        left=pane.left - (20 if pane.recent and pane.left > layout.left + 50 else 0),
        top=layout.top,
        right=pane.left + pane.width + (0 if pane.recent else 8),
        bottom=layout.top + layout.bond_height,
    )
    most = layout.most_labels if pane.recent else max(1, layout.most_labels // 3)
    return labels.place(wanted, within=within, around=[*line, *crowd], at_most=most)


def _thinned(line: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return points along a line about 8 pixels apart, on steps as well: enough to keep labels off it."""
    kept = list(line[:1])
    for (_, y1), (x2, y2) in itertools.pairwise(line):
        parts = int(abs(y2 - y1) // 8)
        kept += [(x2, y1 + (y2 - y1) * part / (parts + 1)) for part in range(1, parts + 1)]
        if x2 - kept[-1][0] >= 8 or abs(y2 - kept[-1][1]) >= 8:
            kept.append((x2, y2))
    return kept


def _ends(picture: Picture, *, axis: int, top: float) -> list[dict[str, Any]]:
    """Return the last point of each curve with its figure: a curve without its last figure says little."""
    ends = []
    for offset, samples, words in ((0, picture.bond, "{:.0f}"), (1, picture.chance, "{:.0f} %")):
        if samples:
            last = samples[-1]
            ends.append(_end(last, axis=axis + offset, words=words.format(last.level)))
    return ends


def _end(last: Sample, *, axis: int, words: str) -> dict[str, Any]:
    item = {
        "value": [_day(last.at), round(last.level, 2)],
        "label": theme.label(words, colour="--v-text", position="right"),
        "tip": f"Now: {words}",
    }
    return {
        "type": "scatter",
        "xAxisIndex": axis,
        "yAxisIndex": axis,
        "symbol": "circle",
        "symbolSize": 7,
        "itemStyle": {"color": "--v-chart-line", "opacity": 1},
        "data": [item],
        "clip": False,
        "z": 6,
    }


def _references(picture: Picture, *, panes: Sequence[Pane], top: float) -> list[dict[str, Any]]:
    """Return what to compare with: the first year's end, and customers like this one with a clean record."""
    marks = []
    first_year = picture.joined + ONE_YEAR
    for index, pane in enumerate(panes):
        if pane.start < first_year < pane.end and pane.x(first_year) - pane.left > 8:
            at = {"xAxis": _day(first_year), "label": {"show": False}}
            marks += [_reference(at, axis=index * 2), _note("1 year", at=first_year, axis=index * 2)]
        if picture.clean_chance is not None and picture.clean_chance < top:
            at = {"yAxis": round(picture.clean_chance, 2), "label": {"show": False}}
            marks.append(_reference(at, axis=index * 2 + 1))
    return marks


def _reference(at: dict[str, Any], *, axis: int) -> dict[str, Any]:
    style = {"color": "--v-text-3", "type": [3, 3], "width": 1}
    return {
        "type": "line",
        "xAxisIndex": axis,
        "yAxisIndex": axis,
        "data": [],
        "silent": True,
        "markLine": {"silent": True, "symbol": "none", "animation": False, "lineStyle": style, "data": [at]},
    }


def _note(words: str, *, at: float, axis: int) -> dict[str, Any]:
    """Return words at the foot of an upright line."""
    label = theme.label(words, colour="--v-text-3", position="right", strong=False, offset=(-2, -10))
    item = {"value": [_day(at), 0], "label": label}
    return {
        "type": "scatter",
        "xAxisIndex": axis,
        "yAxisIndex": axis,
        "symbolSize": 0.1,
        "data": [item],
        "silent": True,
        "z": 2,
    }


def _heading(pane: Pane, *, picture: Picture, layout: Layout, alone: bool) -> dict[str, Any]:
    left = f"{100 * pane.left / layout.width:.2f}%"
    if alone:
        return theme.title("Since the start", left=left, top=2, strong=True)
    if pane.recent:
        return theme.title(picture.end_words or "Last 90 days", left=left, top=2, strong=True)
    months = max(1, round((pane.end - pane.start) / 30.44))
    return theme.title(f"{months} months" if months > 1 else "Before", left=left, top=2)


def _day(at: float) -> float:
    return round(at, 3)
