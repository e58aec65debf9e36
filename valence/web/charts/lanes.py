"""A customer's story in lanes by department: what happened where, and what led to what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from valence.web.charts import labels, theme
from valence.web.charts.card import Chart, Options

LANE = 52.0
TOP = 26.0
BELOW = 28.0
NAMES = 104.0
CLOSE = 15.0
NOMINAL_WIDTH = 960.0
RIGHT = 48.0
COVERED = 4


@dataclass(frozen=True)
class Event:
    """One interaction in its lane. `effect` sizes the mark; `root` is where the story began."""

    at: float
    lane: str
    sign: str
    effect: float
    short: str
    words: str
    href: str
    root: bool = False


@dataclass(frozen=True)
class Arrow:
    """What led to what, by position in the events. The path from the root is drawn in orange."""

    cause: int
    effect: int
    inferred: bool
    root: bool = False


@dataclass(frozen=True)
class Picture:
    """What the chart shows: lanes in order, events, arrows and the end (when the customer left, in words)."""

    label: str
    lanes: tuple[str, ...]
    events: tuple[Event, ...]
    arrows: tuple[Arrow, ...]
    start: float
    end: float
    end_words: str


def chart(picture: Picture) -> Chart:
    """Return the lanes. Narrow screens tell the story as a list instead, so both layouts are the same."""
    options = _options(picture)
    height = int(TOP + LANE * len(picture.lanes) + BELOW)
    return Chart(label=picture.label, wide=options, narrow=options, height=height, height_narrow=height)


def _options(picture: Picture) -> Options:
    end = picture.end + (picture.end - picture.start) * 0.04
    ticks = theme.months(start=picture.start, end=end, at_most=10)
    across = theme.value_axis(low=picture.start, high=end, ticks=ticks)
    return theme.frame(
        grid={"left": NAMES, "right": RIGHT, "top": TOP, "height": LANE * len(picture.lanes), "containLabel": False},
        xAxis=across,
        yAxis=_lane_axis(picture.lanes),
        series=[_arrows(picture), _rings(picture), _events(picture, end=end), _left(picture)],
    )


def _lane_axis(lanes: Sequence[str]) -> dict[str, Any]:
    return {
        "type": "category",
        "data": list(lanes),
        "inverse": True,
        "axisLine": {"show": False},
        "axisTick": {"show": False},
        "splitLine": {"show": False},
        "splitArea": {"show": True, "areaStyle": {"color": ["--v-surface-2", "--v-surface"]}},
        "axisLabel": {
            "color": "--v-text",
            "fontWeight": 540,
            "fontSize": 12,
            "align": "left",
            "margin": NAMES - 4,
            "interval": 0,
            "width": NAMES - 12,
            "overflow": "truncate",
        },
    }


def _arrows(picture: Picture) -> dict[str, Any]:
    shifts = _shifts(picture)
    data = []
    for arrow in picture.arrows:
        cause, effect = picture.events[arrow.cause], picture.events[arrow.effect]
        places = [_day(cause.at), picture.lanes.index(cause.lane), _day(effect.at), picture.lanes.index(effect.lane)]
        offsets = [shifts[arrow.cause], shifts[arrow.effect]]
        data.append([*places, *offsets, int(arrow.inferred), int(arrow.root), 13 if cause.root else 8])
    return {
        "type": "custom",
        "renderItem": "@arrow",
        "data": data,
        "encode": {"x": [0, 2], "y": [1, 3]},
        "silent": True,
        "z": 3,
        "clip": False,
    }


def _rings(picture: Picture) -> dict[str, Any]:
    shifts = _shifts(picture)
    ring = {"color": "transparent", "borderColor": "--v-harm-mark", "borderWidth": 2, "opacity": 1}
    data = [
        {"value": [_day(event.at), picture.lanes.index(event.lane)], "symbolOffset": [0, shifts[index]]}
        for index, event in enumerate(picture.events)
        if event.root
    ]
    return {
        "type": "scatter",
        "symbol": "circle",
        "symbolSize": 20,
        "itemStyle": ring,
        "data": data,
        "silent": True,
        "z": 4,
    }


def _events(picture: Picture, *, end: float) -> dict[str, Any]:
    largest = max((abs(event.effect) for event in picture.events), default=0.0)
    shifts, sides = _shifts(picture), _sides(picture, end=end)
    data = []
    for index, event in enumerate(picture.events):
        item = {
            "value": [_day(event.at), picture.lanes.index(event.lane)],
            "tip": event.words,
            "href": event.href,
            "symbolOffset": [0, shifts[index]],
            **theme.mark(event.sign, size=theme.size_of(event.effect, largest=largest) * 1.1),
        }
        if index in sides and event.short:
            item["label"] = _label(event, side=sides[index])
        data.append(item)
    return {"type": "scatter", "data": data, "z": 5, "clip": False, "labelLayout": {"hideOverlap": False}}


def _label(event: Event, *, side: str) -> dict[str, Any]:
    made = theme.label(
        event.short, colour=theme.WORD_COLOUR[event.sign], position=side, strong=event.sign != theme.SIGNAL
    )
    return {**made, "distance": 10 if event.root else 6}


def _sides(picture: Picture, *, end: float) -> dict[int, str]:
    """Return on which side each label finds room, roots first, then the largest effects."""
    room = NOMINAL_WIDTH - NAMES - RIGHT
    shifts = _shifts(picture)

    def pixel(index: int) -> tuple[float, float]:
        event = picture.events[index]
        x = NAMES + room * (event.at - picture.start) / max(end - picture.start, 1e-9)
        return x, TOP + LANE * (picture.lanes.index(event.lane) + 0.5) + shifts[index]

    spots = [pixel(index) for index in range(len(picture.events))]
    wanted = [
        labels.Wanted(at=spot, text=event.short, weight=abs(event.effect) + (1000 if event.root else 0))
        for spot, event in zip(spots, picture.events, strict=True)
    ]
    ending = NAMES + room * (picture.end - picture.start) / max(end - picture.start, 1e-9)
    border = [(ending, TOP + 2.0 * step) for step in range(int(LANE * len(picture.lanes) / 2))]
    around = [*spots, *_paths(picture, spots=spots), *border]
    within = labels.Box(left=NAMES - 6, top=TOP, right=NOMINAL_WIDTH - 4, bottom=TOP + LANE * len(picture.lanes) + 4)
    return labels.place(wanted, within=within, around=around, at_most=14, most_covered=COVERED)


def _paths(picture: Picture, *, spots: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return points along the arrows: along in the cause's lane, then over to the effect."""
    points: list[tuple[float, float]] = []
    for arrow in picture.arrows:
        (x1, y1), (x2, y2) = spots[arrow.cause], spots[arrow.effect]
        points += [(x1 + (x2 - x1) * part / 12, y1) for part in range(13)]
        points += [(x2, y1 + (y2 - y1) * part / 8) for part in range(9)]
    return points


def _shifts(picture: Picture) -> list[float]:
    """Return how far each mark moves off its lane's middle, so that marks close in time do not hide each other."""
    room = NOMINAL_WIDTH - NAMES - RIGHT
    days_close = CLOSE / room * max(picture.end - picture.start, 1e-9)
    shifts = [0.0] * len(picture.events)
    last: dict[str, tuple[float, int]] = {}
    for index in sorted(range(len(picture.events)), key=lambda index: picture.events[index].at):
        event = picture.events[index]
        before, turn = last.get(event.lane, (-1e9, 0))
        turn = (turn + 1) % 3 if event.at - before < days_close else 0
        shifts[index] = (0.0, 12.0, -12.0)[turn]
        last[event.lane] = (event.at, turn)
    return shifts


def _left(picture: Picture) -> dict[str, Any]:
    """Return the line at which the customer left."""
    words = theme.label(picture.end_words, colour="--v-text", position="start")
    style = {"color": "--v-text", "width": 1.5, "type": "solid"}
    marks = {"symbol": "none", "silent": True, "animation": False, "lineStyle": style}
    at = {"xAxis": _day(picture.end), "label": {**words, "distance": 4, "rotate": 0}}
    return {"type": "line", "data": [], "markLine": {**marks, "data": [at]} if picture.end_words else {}}


def _day(at: float) -> float:
    return round(at, 3)
