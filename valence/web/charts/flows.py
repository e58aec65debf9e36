"""From where losses began to where they hurt: a Sankey whose widths are counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from valence.web.charts import theme
from valence.web.charts.card import Chart, Options

TOP = 24.0
GAP = 18.0
GAP_NARROW = 26.0
NODE = 10.0
ROOM = 330.0
LEAST = 5.0
LAST = "Smaller ones"  # what is counted together stands below, however large it is


@dataclass(frozen=True)
class Flow:
    """How many losses began in one department and hurt in another; `meant` is the one the sentence is about."""

    began: str
    hurt: str
    losses: int
    meant: bool
    href: str
    words: str


@dataclass(frozen=True)
class Node:
    """A department on one side, from `top` to `bottom` pixels."""

    name: str
    losses: int
    top: float
    bottom: float


def chart(flows: Sequence[Flow], *, label: str) -> Chart:
    """Return the Sankey. Left: where it began; right: where it hurt; widths are numbers of losses."""
    wide, height = _options(flows, gap=GAP, narrow=False)
    narrow, height_narrow = _options(flows, gap=GAP_NARROW, narrow=True)
    return Chart(label=label, wide=wide, narrow=narrow, height=height, height_narrow=height_narrow)


def _options(flows: Sequence[Flow], *, gap: float, narrow: bool) -> tuple[Options, int]:
    scale = ROOM / max(1, sum(flow.losses for flow in flows))
    began, hurt = _sums(flows, began=True), _sums(flows, began=False)
    names = _largest_first(began)
    left = _nodes(names, sums=began, gap=gap, scale=scale)
    right = _nodes(_facing(flows, left=names), sums=hurt, gap=gap, scale=scale)
    height = TOP + max(_end(left), _end(right)) + 12
    side = 4 if narrow else 118
    axis = {"type": "value", "show": False, "min": 0}
    options = theme.frame(
        grid={"left": side, "right": side, "top": 0, "height": height, "containLabel": False},
        xAxis={**axis, "max": 1},
        yAxis={**axis, "max": height, "inverse": True},
        title=[
            theme.title("Where it began", left=side, top=3),
            {**theme.title("Where it hurt", left="auto", top=3), "right": side},
        ],
        series=[_ribbons(flows, left=left, right=right, scale=scale), *_bars(left, right, narrow=narrow)],
    )
    return options, int(height)


def _nodes(names: Sequence[str], *, sums: dict[str, int], gap: float, scale: float) -> list[Node]:
    """Return the departments of one side, stacked in the given order with gaps."""
    nodes, at = [], TOP + (gap if gap == GAP_NARROW else 4)
    for name in names:
        high = max(LEAST, sums[name] * scale)
        nodes.append(Node(name=name, losses=sums[name], top=at, bottom=at + high))
        at += high + gap
    return nodes


def _sums(flows: Sequence[Flow], *, began: bool) -> dict[str, int]:
    sums: dict[str, int] = {}
    for flow in flows:
        name = flow.began if began else flow.hurt
        sums[name] = sums.get(name, 0) + flow.losses
    return sums


def _largest_first(sums: dict[str, int]) -> list[str]:
    return sorted(sums, key=lambda name: (name == LAST, -sums[name], name))


def _facing(flows: Sequence[Flow], *, left: Sequence[str]) -> list[str]:
    """Return the departments of the right side, each near where its losses come from, so that few bands cross."""
    order = {name: index for index, name in enumerate(left)}
    sums, pulls = _sums(flows, began=False), dict.fromkeys((flow.hurt for flow in flows), 0.0)
    for flow in flows:
        pulls[flow.hurt] += order[flow.began] * flow.losses / sums[flow.hurt]
    return sorted(pulls, key=lambda name: (name == LAST, pulls[name], name))


def _end(nodes: Sequence[Node]) -> float:
    return nodes[-1].bottom - TOP if nodes else 0.0


def _ribbons(flows: Sequence[Flow], *, left: Sequence[Node], right: Sequence[Node], scale: float) -> dict[str, Any]:
    used_left = {node.name: node.top for node in left}
    used_right = {node.name: node.top for node in right}
    order = {node.name: index for index, node in enumerate(left)}
    order_right = {node.name: index for index, node in enumerate(right)}
    data: list[dict[str, Any]] = []
    for flow in sorted(flows, key=lambda flow: (order[flow.began], order_right[flow.hurt])):
        wide = flow.losses * scale
        start, used_left[flow.began] = used_left[flow.began], used_left[flow.began] + wide
        data.append({"flow": flow, "left": start, "wide": wide})
    for item in sorted(data, key=lambda item: (order_right[item["flow"].hurt], order[item["flow"].began])):
        name = item["flow"].hurt
        item["right"], used_right[name] = used_right[name], used_right[name] + item["wide"]
    return {
        "type": "custom",
        "renderItem": "@ribbon",
        "data": [_ribbon(item) for item in data],
        "encode": {"x": 0, "y": [1, 2]},
        "z": 1,
        "clip": False,
    }


def _ribbon(item: dict[str, Any]) -> dict[str, Any]:
    flow: Flow = item["flow"]
    return {
        "value": [0, round(item["left"], 2), round(item["right"], 2), round(item["wide"], 2), int(flow.meant)],
        "words": str(flow.losses) if item["wide"] >= 11 else "",
        "tip": flow.words,
        "href": flow.href,
    }


def _bars(left: Sequence[Node], right: Sequence[Node], *, narrow: bool) -> list[dict[str, Any]]:
    data = [
        {
            "value": [side, round(node.top, 2), round(node.bottom, 2)],
            "name": node.name,
            "losses": node.losses,
            "narrow": narrow,
        }
        for side, nodes in ((0, left), (1, right))
        for node in nodes
    ]
    return [
        {
            "type": "custom",
            "renderItem": "@node",
            "data": data,
            "encode": {"x": 0, "y": [1, 2]},
            "silent": True,
            "z": 3,
            "clip": False,
        }
    ]
