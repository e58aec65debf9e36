"""Promises of how figures, dates and lists are written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from valence.insights import intervals, say

NOW = datetime(2026, 5, 12, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (say.count(41206), "41,206"),
        (say.percent(0.26), "26\u202f%"),
        (say.percent(0.9142, of=2318), "91.4\u202f%"),
        (say.percent(0.001), "under 1\u202f%"),
        (say.percents(0.19, 0.35), "19–35"),
        (say.money(2130.4), "€2,130"),
        (say.money(None), "–"),
        (say.signed(-19.2), "−19"),
        (say.signed(8), "+8"),
        (say.times(2.13), "×2.1"),
        (say.times(0.9), "÷1.1"),
        (say.minutes(160), "2\u00a0h\u00a040"),
        (say.listed(["Sales", "Care", "Billing"]), "Sales, Care and Billing"),
        (say.many(1, "loss", "losses"), "1 loss"),
        (say.one_in(0.26), "about one in 4"),
        (say.one_in(0.7), "about 7 in 10"),
        (say.one_in(0.5), "about 5 in 10"),
        (say.one_in(0.999), "almost certain"),
        (say.lasting(103), "103 days"),
        (say.told("Outage: outage, long outage"), "long outage"),
        (say.told("Order: fee not mentioned"), "fee not mentioned"),
    ],
)
def test_figures_are_written_like_this(said: str, expected: str) -> None:
    assert said == expected


def test_a_date_of_another_year_says_its_year() -> None:
    assert say.date(datetime(2026, 5, 2, tzinfo=UTC), now=NOW) == "2 May"
    assert say.date(datetime(2025, 5, 2, tzinfo=UTC), now=NOW) == "2 May 2025"


@pytest.mark.parametrize(
    ("days", "words"), [(0, "today"), (4, "4\u00a0d ago"), (38, "5\u00a0wk ago"), (-3, "in 3\u00a0d")]
)
def test_how_long_ago_is_said_in_the_largest_unit(days: int, words: str) -> None:
    assert say.ago(NOW - timedelta(days=days), now=NOW) == words


def test_ranges_of_counts_are_exact_poisson() -> None:
    likely = intervals.of_count(46)
    assert (round(likely.low, 1), round(likely.high, 1)) == (33.7, 61.4)
    assert intervals.of_count(0).low == 0.0


def test_ranges_of_shares_are_wilson_and_know_nothing_of_nothing() -> None:
    likely = intervals.of_share(5, of=50)
    assert (round(likely.low, 3), round(likely.high, 3)) == (0.043, 0.214)
    assert intervals.of_share(0, of=0) == intervals.Range(0.0, 1.0)
