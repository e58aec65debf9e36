"""Learning which playbook works: shares within their limits, ends that are not there yet count for nothing."""

from __future__ import annotations

import numpy as np
import pytest

from valence.cases import learning, simulated
from valence.cases.learning import Care, Drawn, Known

CARE = Care()


def _known(*pairs: tuple[int, int]) -> Known:
    read = np.array([read for _, read in pairs], dtype=float)
    return Known(given=read, read=read, good=np.array([good for good, _ in pairs], dtype=float))


def _chances(known: Known, *stopped: int) -> list[float]:
    flags = np.isin(np.arange(len(known.read)), stopped)
    return [float(one) for one in learning.chances(known=known, care=CARE, stopped=flags)]


def _drawn(n: int, *, p: tuple[float, float], seed: int = 1, odds: tuple[float, float] = (0.8, 0.2)) -> Drawn:
    dice = np.random.default_rng(seed)
    arm = (dice.random(n) < odds[1]).astype(np.int64)
    at = np.linspace(0, 300, n)
    outcome = (dice.random(n) < np.array(p)[arm]).astype(float)
    return Drawn(arm=arm, chances=np.tile(odds, (n, 1)), at=at, reads_at=at + 45, outcome=outcome)


def test_while_nothing_is_known_most_customers_get_the_playbook_in_force():
    found = _chances(_known((0, 0), (0, 0), (0, 0)))
    assert sum(found) == pytest.approx(1)
    assert found[0] > 0.6
    assert found[1] == pytest.approx(found[2]) == pytest.approx(0.05 + 0.85 * 0.1)


def test_what_is_surely_better_gets_most_and_the_one_in_force_is_still_tried():
    found = _chances(_known((400, 1000), (160, 200)))
    assert found[1] > 0.9
    assert found[0] >= CARE.floor


def test_what_is_hardly_better_rests_and_what_harms_is_stopped():
    assert _chances(_known((600, 1000), (4, 30)))[1] == 0
    assert _chances(_known((5, 10), (5, 10)), 1) == [1.0, 0.0]


def test_a_trial_that_costs_more_than_it_may_rests():
    cheap = Known(given=np.array([10_000.0, 50]), read=np.array([400.0, 40]), good=np.array([200.0, 16]))
    dear = Known(given=np.array([100.0, 50]), read=np.array([100.0, 40]), good=np.array([50.0, 16]))
    assert _chances(cheap)[1] >= CARE.floor
    assert _chances(dear)[1] == 0


def test_an_end_that_is_not_there_yet_is_no_failure():
    drawn = _drawn(600, p=(0.5, 0.5))
    early = Drawn(drawn.arm, drawn.chances, drawn.at, drawn.reads_at, np.where(drawn.outcome == 0, 0.0, np.nan))
    assert learning.known(drawn=drawn, now=44.0).read.sum() == 0
    assert learning.known(drawn=early, now=400.0).good.sum() == 0
    assert learning.known(drawn=early, now=400.0).read.sum() == (drawn.outcome == 0).sum()
    # Bad ends that came quickly wait for their day, as good ones must.
    assert learning.known(drawn=early, now=40.0).read.sum() == 0


def test_an_effect_is_found_and_one_that_is_not_there_is_not_claimed():
    there = learning.effect(drawn=_drawn(2_000, p=(0.4, 0.6)), arm=1, against=0, now=400.0)
    assert there is not None
    assert there.is_better
    assert there.low < 0.2 < there.high
    none = learning.effect(drawn=_drawn(2_000, p=(0.5, 0.5)), arm=1, against=0, now=400.0)
    assert none is not None
    assert none.low < 0 < none.high


def test_with_few_ends_nothing_is_said():
    assert learning.effect(drawn=_drawn(100, p=(0.1, 0.9)), arm=1, against=0, now=400.0) is None


def test_cases_that_only_one_could_have_been_given_say_nothing_of_both():
    drawn = _drawn(1_000, p=(0.5, 0.5))
    sure = drawn.chances.copy()
    sure[500:] = [1.0, 0.0]
    arm = np.where(np.arange(1_000) >= 500, 0, drawn.arm)
    found = learning.effect(
        drawn=Drawn(arm, sure, drawn.at, drawn.reads_at, drawn.outcome), arm=1, against=0, now=400.0
    )
    assert found is not None
    assert found.n == 500


def test_the_smaller_the_difference_the_more_cases_it_takes():
    few, many = (learning.needed(difference=difference, share=0.2) for difference in (0.2, 0.05))
    assert few < many


def test_a_run_is_counted_by_the_truth_and_repeats():
    one, again = (simulated.run(world="one better", seed=7) for _ in range(2))
    assert one == again
    assert one.best_fixed <= one.oracle
    assert one.in_force < one.mean < one.best_fixed + 1e-9


def test_where_both_are_worse_little_is_lost():
    runs = [simulated.run(world="both much worse", seed=seed) for seed in range(3)]
    assert max(one.lost for one in runs) < 2 * simulated.ALLOWED
    assert all(one.proposed == 0 for one in runs)
