"""Two shares side by side: ranges that hold what they promise, and numbers that suffice."""

import numpy as np
import pytest
from statsmodels.stats import power, proportion

from valence.insights import two_shares
from valence.insights.two_shares import Share


def test_the_range_is_that_of_an_independent_library() -> None:
    ours = two_shares.difference(first=Share(30, 200), second=Share(52, 210))
    low, high = proportion.confint_proportions_2indep(52, 210, 30, 200, compare="diff", method="newcomb")
    assert (ours.low, ours.high) == pytest.approx((low, high), abs=1e-9)


def test_it_holds_the_true_difference_in_about_95_of_100_cases() -> None:
    dice = np.random.default_rng(4)
    drawn = zip(dice.binomial(80, 0.2, 1000).tolist(), dice.binomial(90, 0.3, 1000).tolist(), strict=True)
    several = [two_shares.difference(first=Share(one, 80), second=Share(other, 90)) for one, other in drawn]
    assert 0.93 <= np.mean([one.low <= 0.1 <= one.high for one in several]) <= 0.97


def test_so_many_cases_show_the_difference_four_times_of_five() -> None:
    number = two_shares.needed(usual=0.2, by=0.05)
    effect = proportion.proportion_effectsize(0.25, 0.2)
    assert number == pytest.approx(power.NormalIndPower().solve_power(effect, power=0.8, alpha=0.05), rel=0.02)
    dice = np.random.default_rng(5)
    drawn = zip(dice.binomial(number, 0.2, 800).tolist(), dice.binomial(number, 0.25, 800).tolist(), strict=True)
    seen = [
        two_shares.difference(first=Share(one, number), second=Share(other, number)).low > 0 for one, other in drawn
    ]
    assert 0.75 <= np.mean(seen) <= 0.85


def test_nothing_known_says_nothing() -> None:
    nothing = two_shares.difference(first=Share(0, 0), second=Share(0, 0))
    assert (nothing.low, nothing.high) == (-1.0, 1.0)
    assert two_shares.needed(usual=0.99, by=0.05) > 0
