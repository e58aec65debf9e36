"""Promises of plans: each step is fine, late, missing, early, twice or open, and never that of another customer."""

from __future__ import annotations

import numpy as np
import pytest

from valence.journeys import plans
from valence.journeys.tests.cast import journey

UNTIL = 100.0


def went(
    *people: list[tuple[str, float]], once: bool = True, window: float = 40.0, until: float | None = None
) -> list[list[str]]:
    """Return how runs of order -> visit (within 10 days) -> bill (within 30) went; people: (kind, day) rows."""
    rows = [[{"kind": kind, "day": day} for kind, day in person] for person in people]
    journeys = journey(**{f"p{n}": one for n, one in enumerate(rows)})
    kinds = np.array(journeys.words["kind"].said(), object)
    steps = [plans.Step(kinds == "visit", 10.0, once), plans.Step(kinds == "bill", 30.0, False)]
    until = np.full(len(people), UNTIL if until is None else until)
    found = plans.follow(journeys=journeys, begins=kinds == "order", steps=steps, window_days=window, until=until)
    return [[plans.SLIPS[code] for code in run] for run in found.state]


@pytest.mark.parametrize(
    ("rows", "states"),
    [
        ([("visit", 9.0), ("bill", 30.0)], ["", ""]),
        ([("visit", 12.0), ("bill", 30.0)], ["late", ""]),
        ([("bill", 20.0)], ["missing", ""]),
        ([("bill", 5.0), ("visit", 9.0)], ["", "early"]),
        ([("visit", 5.0), ("visit", 9.0), ("bill", 35.0)], ["twice", "late"]),
        ([("visit", -1.0)], ["missing", "missing"]),  # before it began
        ([("visit", 5.0), ("bill", 41.0)], ["", "missing"]),  # after the window
    ],
)
def test_every_step_says_how_it_went(rows: list[tuple[str, float]], states: list[str]) -> None:
    assert went([("order", 0.0), *rows]) == [states]


def test_what_is_not_due_yet_is_open() -> None:
    assert went([("order", 95.0)]) == [["open", "open"]]
    assert went([("order", 85.0)]) == [["missing", "open"]]


def test_a_step_that_was_not_due_when_the_customer_left_is_not_missing() -> None:
    assert went([("order", 0.0)], until=20.0) == [["missing", "open"]]


def test_a_step_may_come_twice_where_the_plan_does_not_mind() -> None:
    assert went([("order", 0.0), ("visit", 5.0), ("visit", 9.0), ("bill", 20.0)], once=False) == [["", ""]]


def test_what_comes_after_the_next_beginning_belongs_to_that_one() -> None:
    rows = [("order", 0.0), ("order", 6.0), ("visit", 8.0), ("bill", 20.0)]
    assert went(rows) == [["missing", "missing"], ["", ""]]


def test_a_run_never_takes_a_step_of_another_customer() -> None:
    assert went(
        [("order", 0.0)], [("visit", 3.0), ("bill", 9.0)], [("order", 1.0), ("visit", 2.0)], window=4_000.0
    ) == [
        ["missing", "missing"],
        ["", "missing"],
    ]


def test_nothing_is_made_of_nothing() -> None:
    assert went([]) == []
