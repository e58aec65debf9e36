"""Promises of the chances: what happens is recovered span by span, and a longer time is never a smaller chance."""

import numpy as np

from valence import terms
from valence.bond import calibration

TRUE = np.array([[0.4, 0.9], [-0.2, 1.1], [-0.7, 1.0]])


def outcomes(people: int, *, seed: int = 3) -> tuple[terms.Floats, terms.Floats]:
    """Log summed hazards (n, 3) and days until leaving under TRUE (inf: still there after 90 days)."""
    random = np.random.default_rng(seed)
    log_summed = random.normal(-3.0, 1.0, (people, 1)) + random.normal(0.0, 0.3, (people, 3))
    went = random.random((people, 3)) < -np.expm1(-np.exp(TRUE[:, 0] + TRUE[:, 1] * log_summed))
    first = np.argmax(went, axis=1)
    ends = np.where(went.any(axis=1), 30.0 * first + random.uniform(0.1, 29.9, people), np.inf)
    return log_summed, ends


def learned(log_summed: terms.Floats, ends: terms.Floats, *, voluntary: bool = True) -> calibration.Calibration:
    count = len(ends)
    return calibration.calibrated(
        log_summed=log_summed, ends=ends, voluntary=np.full(count, voluntary), weight=np.ones(count),
        followed=np.full(count, 90.0),
    )  # fmt: skip


def test_each_span_is_learned_from_those_still_there():
    found = learned(*outcomes(60_000))
    assert np.allclose(found.table[:, 0], TRUE[:, 0], atol=0.25)
    assert np.allclose(found.table[:, 1], TRUE[:, 1], atol=0.08)


def test_as_many_leave_within_each_horizon_as_was_said():
    found, (log_summed, ends) = learned(*outcomes(60_000)), outcomes(60_000, seed=4)
    said = found.chance(log_summed)
    for number, horizon in enumerate(calibration.HORIZONS):
        high = log_summed[:, 0] > -2.0
        assert abs(said[:, number].mean() - np.mean(ends <= horizon)) < 0.006
        assert abs(said[high, number].mean() - np.mean(ends[high] <= horizon)) < 0.02


def test_the_chance_rises_with_the_time_however_high_it_is():
    said = calibration.Calibration(table=np.array([[2.0, 1.0, 0.1], [-3.0, 0.8, 0.1], [-4.0, 0.7, 0.1]])).chance(
        np.linspace(-9.0, 1.0, 50)[:, None] + np.zeros(3)
    )
    assert (np.diff(said[said[:, 0] < 0.999], axis=1) > 0.0).all()
    assert ((said > 0.0) & (said <= 1.0)).all()


def test_who_left_without_choosing_to_teaches_nothing():
    log_summed, ends = outcomes(20_000)
    forced = learned(log_summed, ends, voluntary=False)
    assert forced.chance(log_summed).mean() < 0.05 * learned(log_summed, ends).chance(log_summed).mean()


def test_nobody_known_changes_nothing():
    nobody = learned(np.empty((0, 3)), np.empty(0))
    assert np.array_equal(nobody.table, calibration.uncalibrated().table)
