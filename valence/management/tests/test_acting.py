"""Promises of `valence evaluate act`: what it measures is what was planted, the same for the same seed."""

from __future__ import annotations

import numpy as np
import pytest

from valence.management.acting import billed, load, made, placed, promised


@pytest.fixture(scope="module")
def operator() -> made.Made:
    return made.operator(seed=2, customers=200, months=15)


def test_promises_are_judged_by_what_truly_led_to_what(operator: made.Made) -> None:
    total = promised.counts(operator=operator)
    found = promised.figures(total=total)
    assert total["promises"] > 50
    assert min(found[name] or 0 for name in ("kept_precision", "kept_recall", "broken_recall")) > 0.8


def test_contradicting_bills_are_found_at_few_false_alarms(operator: made.Made) -> None:
    found = billed.figures(total=billed.counts(operator=operator, seed=2))
    assert (found["found"] or 0) > 0.5
    assert found == billed.figures(total=billed.counts(operator=operator, seed=2))


def test_an_outbreak_that_was_planted_is_what_an_alarm_has_to_be_about(operator: made.Made) -> None:
    calm = np.ones((placed.DAYS, 8))
    (place, first, last), extra = placed._planted(calm, np.random.default_rng(1))
    assert extra[:, place].sum() == extra.sum() > 0
    assert set(np.flatnonzero(extra[:, place])) <= set(range(first, last + 1))
    streams = dict(placed._streams(operator))
    assert placed._counts(operator, streams["late"], sorted(set(operator.region))).sum() > 5


def test_workload_counts_cases_and_who_was_seen_before_leaving(operator: made.Made) -> None:
    total = load.counts(operator=operator)
    assert total["cases"] > 0
    assert 0 <= total["seen"] <= total["left"]
    assert load.figures(total=total, operators=1)["cases_a_day_per_owner"] == pytest.approx(total["cases"] / 90 / 0.2)
