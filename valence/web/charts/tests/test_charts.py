"""Promises of the charts: their options are snapshots, labels never overlap, and every point opens its record.

After a wanted change: REFRESH_SNAPSHOTS=1 pytest valence/web/charts
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valence.web.charts import bond, flows, labels, lanes, rows, weeks
from valence.web.charts.card import Chart
from valence.web.templatetags import charts

SNAPSHOTS = Path(__file__).parent / "snapshots"
NOW = 20_585.0


def bond_chart() -> Chart:
    joined = NOW - 700
    days = [joined + 7 * step for step in range(101)]
    levels = [75.0 - (40.0 if day > NOW - 40 else 0.0) for day in days]
    curve = tuple(bond.Sample(day, level, level - 6, level + 6) for day, level in zip(days, levels, strict=True))
    chance = tuple(
        bond.Sample(day, 100 - level, 95 - level, 105 - level) for day, level in zip(days, levels, strict=True)
    )
    points = (
        bond.Point(joined + 100, 80.0, 8.0, "praise", "Extra mile", "Visit: went the extra mile", "/1"),
        bond.Point(NOW - 40, 35.0, -40.0, "harm", "Promise broken", "Promise broken\nBilling", "/2"),
        bond.Point(NOW - 3, 35.0, 0.0, "signal", "Answered 3 of 10", "Answered 3 of 10", "/3"),
    )
    return bond.chart(bond.Picture("Bond of Ines", joined, NOW, curve, chance, points, 2.0))


def lanes_chart() -> Chart:
    events = (
        lanes.Event(NOW - 90, "Sales", "harm", 0.2, "Fee not mentioned", "Order", "/1", root=True),
        lanes.Event(NOW - 50, "Billing", "harm", 1.1, "€79 too high", "Bill", "/2"),
        lanes.Event(NOW - 20, "Signals", "signal", 0.0, "Answered 2 of 10", "Answer", "/3"),
    )
    arrows = (lanes.Arrow(0, 1, inferred=True, root=True),)
    return lanes.chart(
        lanes.Picture("Story", ("Sales", "Billing", "Signals"), events, arrows, NOW - 95, NOW, "Left 2 May")
    )


def shares_chart() -> Chart:
    part = rows.Estimate
    return rows.responsibility(
        [
            rows.Shared("Sales", part(46, 33, 58), None),
            rows.Shared("Billing", part(34, 20, 40), part(80, 68, 88)),
            rows.Shared("Not ours", part(20, 12, 32), part(20, 12, 32), ours=False),
        ],
        label="Share of responsibility",
    )


def stayed_chart() -> Chart:
    made = [
        rows.Row("None of our failures", rows.Estimate(80, 68, 88), True),
        rows.Row("€79 too high", rows.Estimate(41, 28, 54)),
    ]
    return rows.stayed(made, label="Would have stayed")


def flow_chart() -> Chart:
    made = [
        ("Sales", "Billing", 46, True),
        ("Sales", "Field", 12, False),
        ("Field", "Care", 31, False),
        ("Care", "Care", 9, False),
    ]
    return flows.chart([flows.Flow(*one, href="/", words="") for one in made], label="Hand-offs")


CHARTS = {
    "bond": bond_chart,
    "lanes": lanes_chart,
    "shares": shares_chart,
    "stayed": stayed_chart,
    "flows": flow_chart,
    "weeks": lambda: weeks.sparkline([3, 4, 2, 8], label="Late visits", last="8"),
}


@pytest.mark.parametrize("name", list(CHARTS))
def test_options_are_as_they_were(name: str) -> None:
    told = json.dumps(CHARTS[name]().data, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    path = SNAPSHOTS / f"{name}.json"
    if os.environ.get("REFRESH_SNAPSHOTS"):
        path.write_text(told, encoding="utf-8")
    assert told == path.read_text(encoding="utf-8"), "if this is wanted: REFRESH_SNAPSHOTS=1"


@pytest.mark.parametrize("name", list(CHARTS))
def test_a_chart_says_its_finding_and_moves_nothing(name: str) -> None:
    chart = CHARTS[name]()
    assert chart.label
    assert chart.wide["animation"] is False
    assert chart.narrow["animation"] is False


def test_the_curve_is_whole_across_both_panes() -> None:
    lines = [series["data"] for series in bond_chart().wide["series"] if series["type"] == "line" and series["data"]]
    early, late = lines[0], lines[2]
    assert early[-1][0] == late[0][0] == NOW - bond.RECENT_DAYS
    assert early[-1][1] == late[0][1]


def test_every_interaction_is_a_point_that_opens() -> None:
    drawn = [item for series in bond_chart().wide["series"] if series["type"] == "scatter" for item in series["data"]]
    assert sorted(item["href"] for item in drawn if "href" in item) == ["/1", "/2", "/3"]


def test_a_young_relationship_is_one_pane() -> None:
    samples = (bond.Sample(NOW - 20, 75, 70, 80), bond.Sample(NOW, 75, 70, 80))
    chart = bond.chart(bond.Picture("New", NOW - 20, NOW, samples, samples, (), None))
    assert len(chart.wide["grid"]) == 2


def test_what_weakened_points_down_and_what_strengthened_up() -> None:
    drawn = [item for series in bond_chart().wide["series"] if series["type"] == "scatter" for item in series["data"]]
    by_href = {item["href"]: item for item in drawn if "href" in item}
    assert (by_href["/1"]["symbolRotate"], by_href["/2"]["symbolRotate"]) == (0, 180)
    assert by_href["/3"]["symbol"] == "circle"


def test_words_of_customers_never_end_the_script_that_holds_a_chart() -> None:
    label = "</script><script>alert('&')"
    written = charts.options(Chart(label=label, wide={}, narrow={}, height=1, height_narrow=1), "bond")
    inside = written.partition(">")[2].rpartition("</script>")[0]
    assert not set("<>&") & set(inside)
    assert json.loads(inside)["label"] == label


def test_widths_of_a_sankey_add_up_on_both_sides() -> None:
    ribbons = flow_chart().wide["series"][0]["data"]
    nodes = flow_chart().wide["series"][1]["data"]
    sales = next(node for node in nodes if node["name"] == "Sales")
    from_sales = [one for one in ribbons if sales["value"][1] <= one["value"][1] < sales["value"][2]]
    assert sum(one["value"][3] for one in from_sales) == pytest.approx(sales["value"][2] - sales["value"][1], abs=0.1)


@given(st.lists(st.tuples(st.floats(0, 600), st.floats(0, 200), st.integers(1, 20)), max_size=25))
def test_labels_that_are_placed_never_overlap(spots: list[tuple[float, float, int]]) -> None:
    wanted = [labels.Wanted(at=(x, y), text="w" * size, weight=size) for x, y, size in spots]
    within = labels.Box(0, 0, 600, 200)
    placed = labels.place(wanted, within=within, around=[], at_most=8)
    boxes = [labels._sides(wanted[index], character=6.7)[side] for index, side in placed.items()]
    assert len(placed) <= 8
    assert not any(one.meets(other) for n, one in enumerate(boxes) for other in boxes[n + 1 :])
