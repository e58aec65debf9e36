"""Promises of harm that saturates and of half-lives that move."""

import numpy as np
import pytest

from valence.bond import bending, fading, sampling
from valence.bond.tests import town as towns
from valence.bond.tests.conftest import trained

HARM = np.array([-1.0, 0.0, 0.2, 1.0, 4.0])


def test_harm_adds_up_where_it_never_saturates():
    assert np.array_equal(bending.bent(harm=HARM, cap=bending.NEVER), HARM)
    assert np.all(bending.kept(harm=HARM, cap=bending.NEVER) == 1.0)


def test_harm_grows_ever_less_and_never_beyond_its_cap():
    bent = bending.bent(harm=HARM, cap=2.0)
    assert np.all(np.diff(bent) > 0)
    assert bent[-1] < 2.0
    assert bent[2] == pytest.approx(0.2, abs=0.02)


@pytest.mark.parametrize("cap", [0.8, 3.0])
def test_slopes_are_the_derivatives(cap):
    small = 1e-6
    by_harm = (bending.bent(harm=HARM + small, cap=cap) - bending.bent(harm=HARM - small, cap=cap)) / (2 * small)
    assert bending.slope(harm=HARM, cap=cap) == pytest.approx(by_harm, abs=1e-5)
    around = [bending.bent(harm=HARM, cap=1 / (1 / cap + step)) for step in (small, -small)]
    assert bending.by_bend(harm=HARM, cap=cap) == pytest.approx((around[0] - around[1]) / (2 * small), abs=1e-5)


def test_any_half_life_is_a_mixture_of_the_fixed_ones():
    age = np.arange(0.0, 400.0)
    lives = np.array([fading.SHORTEST, 12.0, 27.0, 45.0, 90.0, fading.LONGEST])
    shares, moves = fading.mixture(lives=lives)
    mixed = np.exp2(-age[:, None] / np.array(sampling.HALF_LIVES)) @ shares
    assert np.abs(mixed - np.exp2(-age[:, None] / lives)).max() < 0.025
    longer, _ = fading.mixture(lives=lives * np.exp(1e-5))
    assert moves == pytest.approx((longer - shares) / 1e-5, abs=1e-3)


def test_marks_said_in_the_same_words_fade_alike(model):
    lives = dict(zip((mark.name for mark in model.marks), model.layout.half_lives, strict=True))
    assert lives["outage"] == lives["outage_hours"] == lives["outage_long"]
    assert lives["late"] != lives["unresolved"]


def test_saturation_is_found_where_it_is_and_only_there(monkeypatch):
    monkeypatch.setattr(sampling, "BASE_FOR_A_LOSS", 8.0)  # enough to see it, and quick
    saturating = trained(towns.town(customers=3000, seed=11, cap=1.2, harder=2.0))
    adding = trained(towns.town(customers=3000, seed=11))
    assert 0.6 < saturating.cap < 2.4
    assert adding.cap > 4.0
