"""A small line of weeks with its last figure: how something has been going."""

from __future__ import annotations

from collections.abc import Sequence

from valence.web.charts import theme
from valence.web.charts.card import Chart


def sparkline(values: Sequence[float], *, label: str, last: str) -> Chart:
    """Return weekly values as a line of 44 px without axes; the last one is a dot with its figure in words."""
    top = max([*values, 1.0]) * 1.15
    hidden = {"type": "value", "show": False, "min": 0}
    points = [[index, value] for index, value in enumerate(values)]
    end = {
        "type": "scatter",
        "symbolSize": 7,
        "itemStyle": {"color": "--v-chart-line", "opacity": 1},
        "data": [{"value": points[-1], "label": theme.label(last, colour="--v-text", position="right"), "tip": label}]
        if points
        else [],
        "z": 5,
        "clip": False,
    }
    options = theme.frame(
        grid={"left": 4, "right": 14 + theme.CHARACTER * len(last), "top": 4, "bottom": 4},
        xAxis={**hidden, "max": max(1, len(points) - 1)},
        yAxis={**hidden, "max": top},
        series=[theme.line(points, axis=0, name=label), end],
    )
    return Chart(label=label, wide=options, narrow=options, height=44, height_narrow=44)
