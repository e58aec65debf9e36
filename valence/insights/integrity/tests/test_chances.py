"""Several tests as one, and what a p-value does to a probability."""

import numpy as np

from valence.insights.integrity import chances


def test_one_strong_test_among_many_silent_ones_is_heard() -> None:
    p = np.array([1e-6, 1.0, 0.99, 0.7, np.nan])
    assert chances.together(p) < 1e-4


def test_independent_tests_without_anything_alarm_as_rarely_as_they_say() -> None:
    rng = np.random.default_rng(3)
    together = np.array([chances.together(row) for row in rng.random((4000, 8))])
    assert 0.004 < (together < 0.01).mean() < 0.018


def test_nothing_to_look_at_is_no_p_value() -> None:
    assert np.isnan(chances.together(np.array([np.nan, np.nan])))


def test_a_clean_team_becomes_less_likely_and_a_striking_one_more() -> None:
    prior = 0.1
    assert chances.probability(p=0.6, prior=prior) < prior < chances.probability(p=0.01, prior=prior)
    assert chances.probability(p=1e-8, prior=prior) > 0.99
