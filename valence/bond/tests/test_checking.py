"""Promises of the check: chances that hold are said to hold, those that do not are not, and what is unknown is said."""

import numpy as np
import pytest

from valence import terms
from valence.bond import checking
from valence.bond.context import Context
from valence.bond.sampling import LANDMARK, CaseBase

UNTIL = 20_000.0
LAGS = (120.0, 90.0, 60.0, 30.0)


def looked(
    people: int, *, newest: float = 1.0, lags: tuple[float, ...] = LAGS, seed: int = 1
) -> tuple[terms.Floats, CaseBase]:
    """Looks at so many people on several days; on the last one they leave `newest` times as fast as before."""
    random = np.random.default_rng(seed)
    at = UNTIL - np.repeat(lags, people)
    rate = np.exp(random.normal(-6.5, 0.7, len(at)))
    ends = random.exponential(1.0, len(at)) / np.where(at == UNTIL - min(lags), rate * newest, rate)
    count = len(at)
    empty = Context(np.zeros(count), np.zeros(count), np.zeros((count, 4)), {})
    later = CaseBase(
        lot=np.arange(count).astype(np.uint64),
        at=at,
        kind=np.full(count, LANDMARK, np.int8),
        offset=np.zeros(count),
        weight=np.ones(count),
        ends=np.where(at + ends <= UNTIL, ends, np.inf),
        voluntary=np.ones(count, np.bool_),
        sums=np.zeros((count, 5, 0), np.float32),
        context=empty,
    )
    return np.log(rate[:, None] * np.array([30.0, 30.0, 30.0])), later


def test_chances_that_hold_are_said_to_hold():
    log_summed, later = looked(6000)
    month, two_months, three = checking.checks(log_summed=log_summed, later=later, known_until=UNTIL)
    assert month.state is checking.State.HOLDS
    assert month.said == pytest.approx(month.happened, rel=0.1)
    assert month.left > 100
    assert two_months.state in (checking.State.HOLDS, checking.State.UNSURE)
    assert three.state is checking.State.UNCHECKED


def test_where_customers_leave_faster_than_was_said_it_is_off_and_by_how_much():
    log_summed, later = looked(6000, newest=1.6)
    month = checking.checks(log_summed=log_summed, later=later, known_until=UNTIL)[0]
    assert month.state is checking.State.OFF
    words = checking.words(figures={"30d": {"check": month.told()}}, days=30)
    assert words.startswith("Chances were 3")
    assert "too low" in words


def test_few_losses_leave_it_open():
    log_summed, later = looked(200)
    month = checking.checks(log_summed=log_summed, later=later, known_until=UNTIL)[0]
    assert month.state is checking.State.UNSURE
    assert "Too few left" in checking.words(figures={"30d": {"check": month.told()}}, days=30)


def test_without_an_earlier_day_nothing_is_checked_and_that_is_said():
    log_summed, later = looked(500, lags=(30.0,))
    assert all(
        check.state is checking.State.UNCHECKED
        for check in checking.checks(log_summed=log_summed, later=later, known_until=UNTIL)
    )
    assert "could not be checked" in checking.words(figures={}, days=30)


def test_a_trained_model_carries_its_checks(model):
    states = [checking.state(figures=model.figures, days=days) for days in (30, 60, 90)]
    assert states[0] is not checking.State.UNCHECKED
    assert states[2] is checking.State.UNCHECKED
