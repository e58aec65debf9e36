"""Promises of the trend: what was put in is found, what was not is not, and too few cases say nothing."""

from __future__ import annotations

import numpy as np
import pytest

from valence.insights import expecting_more
from valence.insights.expecting_more import Count, Says

QUARTERS = range(8100, 8109)


def drawn(*, seed: int, odds_a_year: float, of: int = 400, drift: float = 0.0) -> dict[tuple[int, int], Count]:
    """Return counts of nine quarters: two sizes of shortfall, whose odds against `as told` grow so much in a year."""
    rng, found = np.random.default_rng(seed), {}
    for number, quarter in enumerate(QUARTERS):
        for short, more in ((0, 0.0), (1, 0.6), (2, 1.2)):
            slope = np.log(odds_a_year) * (number - 4) / 4 if short else 0.0
            chance = 1 / (1 + np.exp(-(-2.2 + more + slope + drift * number)))
            found[quarter, short] = Count(int(rng.binomial(of, chance)), of)
    return found


def test_the_same_shortfall_taken_worse_each_year_is_said_with_its_range() -> None:
    found = expecting_more.trend(counts=drawn(seed=1, odds_a_year=1.6))
    assert found.says is Says.MORE
    assert found.a_year is not None
    assert found.a_year.low < 1.6 < found.a_year.high
    assert expecting_more.trend(counts=drawn(seed=2, odds_a_year=0.6)).says is Says.LESS


def test_what_changes_for_everybody_alike_is_no_change_of_expectations() -> None:
    assert expecting_more.trend(counts=drawn(seed=3, odds_a_year=1.0, of=3_000, drift=0.15)).says is Says.SAME


def test_the_range_holds_the_truth_nineteen_times_of_twenty() -> None:
    ranges = [expecting_more.trend(counts=drawn(seed=seed, odds_a_year=1.2, of=120)).a_year for seed in range(200)]
    held = sum(one is not None and one.low <= 1.2 <= one.high for one in ranges)
    assert 180 <= held <= 199


def test_too_few_quarters_or_cases_say_nothing() -> None:
    whole = drawn(seed=5, odds_a_year=3.0)
    short = {key: count for key, count in whole.items() if key[0] < 8103}
    assert expecting_more.trend(counts=short) == expecting_more.Trend(Says.CANNOT_SAY, 3)
    few = {key: Count(0, 10) for key in whole}
    assert expecting_more.trend(counts=few).says is Says.CANNOT_SAY
    calm = {key: Count(0, 500) for key in whole}
    assert expecting_more.trend(counts=calm) == expecting_more.Trend(Says.CANNOT_SAY, 9)


def test_telling_is_compared_within_each_quarter_and_region() -> None:
    # In the region that leaves often few are told; within each region telling halves it.
    pairs = [(Count(80, 400), Count(10, 100)), (Count(4, 100), Count(8, 400))]
    found = expecting_more.worth(pairs=pairs)
    assert found is not None
    assert found.times == pytest.approx(2.0, rel=0.05)
    assert found.low > 1
    assert expecting_more.worth(pairs=[(Count(2, 20), Count(30, 900))]) is None
    assert expecting_more.worth(pairs=[(Count(0, 400), Count(0, 400))]) is None


def test_how_many_times_as_often_needs_enough_of_both() -> None:
    found = expecting_more.times(after=Count(60, 200), against=Count(30, 300))
    assert found is not None
    assert found.low < 3.0 < found.high
    assert expecting_more.times(after=Count(3, 10), against=Count(30, 300)) is None
