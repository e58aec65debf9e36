"""Promises of what changed: chance is not told, a real change is, and quiet weeks stay quiet."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from valence.insights import changes
from valence.insights.changes import Counted


def test_a_jump_far_above_its_past_is_told_with_where_it_was_expected() -> None:
    past = (22, 25, 19, 23, 24, 21, 26, 20)
    found = changes.larger_than_chance(counted=[Counted("fee", (*past, 60))])
    assert [change.label for change in found] == ["fee"]
    assert found[0].is_more
    assert found[0].low < 22.5 < found[0].high < 60


def test_weeks_that_only_scatter_are_hardly_ever_told() -> None:
    dice = np.random.default_rng(3)
    told = 0
    for _ in range(40):
        series = [Counted(n, tuple(int(x) for x in dice.poisson(20, 13))) for n in range(100)]
        told += len(changes.larger_than_chance(counted=series, limit=100))
    assert told <= 12  # of 4,000 series


def test_a_series_that_always_jumps_is_not_told_when_it_jumps_again() -> None:
    wild = (5, 40, 8, 52, 3, 47, 6, 39, 10, 55)
    assert changes.larger_than_chance(counted=[Counted("wild", (*wild, 50))]) == ()


def test_twice_as_many_late_visits_of_twice_as_many_visits_are_no_change() -> None:
    late, visits = (20,) * 10 + (40,), (100,) * 10 + (200,)
    assert changes.larger_than_chance(counted=[Counted("late", late, visits)]) == ()
    assert len(changes.larger_than_chance(counted=[Counted("late", late, (100,) * 11)])) == 1


def test_a_fall_is_told_as_fewer() -> None:
    [fall] = changes.larger_than_chance(counted=[Counted("late", (60, 55, 62, 58, 61, 59, 57, 20))])
    assert not fall.is_more
    assert fall.last < fall.low


def test_few_people_and_short_pasts_are_never_told() -> None:
    few = Counted("few", (0, 0, 0, 0, 0, 0, 0, 0, 4))
    short = Counted("short", (10, 11, 90))
    assert changes.larger_than_chance(counted=[few, short]) == ()


def test_the_yearly_season_is_expected_not_told() -> None:
    week = np.arange(2 * 52 + 13)
    season = (40 + 30 * (week % 52 < 4)).astype(int)
    upto = 2 * 52 + 2  # the second week of the third season
    found = changes.larger_than_chance(counted=[Counted("season", tuple(int(x) for x in season[:upto]))])
    assert found == ()


def test_the_largest_change_comes_first() -> None:
    small = Counted("small", (*(20,) * 10, 45))
    large = Counted("large", (*(200,) * 10, 320))
    found = changes.larger_than_chance(counted=[small, large])
    assert [change.label for change in found] == ["large", "small"]


def test_a_hand_off_grew_only_when_chance_does_not_explain_it() -> None:
    assert changes.grew(now=46, before=19, looked_at=10)
    assert not changes.grew(now=22, before=19)
    assert not changes.grew(now=4, before=0)
    assert not changes.grew(now=12, before=4, looked_at=30)


@pytest.mark.parametrize(
    ("last", "mean", "factor"), [(0, 3.0, 1.4), (41, 23.0, 1.2), (500, 420.0, 6.0), (3, 12.0, 1.001)]
)
def test_the_chance_is_that_of_the_law_it_names(last: int, mean: float, factor: float) -> None:
    law = stats.nbinom(mean / (factor - 1), 1 / factor)
    half = law.pmf(last) / 2
    expected = 2 * min(law.cdf(last - 1) + half, law.sf(last) + half)
    assert changes._chance(last=last, mean=mean, factor=factor) == pytest.approx(expected, rel=1e-6)
