"""Promises of what standards are worth: from the bond, with ranges, and proposals that say why."""

from __future__ import annotations

import numpy as np
import pytest

from valence.insights import standards
from valence.insights.standards import Advice, Candidate, Measured

OWN = np.array([0.7, 0.0])
DRAWS = np.random.default_rng(1).normal(OWN, 0.05, (100, 2))


def worth(missed: float = 1.0) -> standards.Worth | None:
    return standards.worth(
        missed=np.array([missed, 1.0]) * 100, met=np.array([0.0, 1.0]) * 900, counts=(100, 900), own=OWN, draws=DRAWS
    )


def test_missing_is_worth_what_its_marks_do_to_the_hazard() -> None:
    found = worth()
    assert found is not None
    assert found.times == pytest.approx(np.exp(0.7))
    assert found.low < found.times < found.high


def test_few_interactions_are_worth_no_figure() -> None:
    assert standards.worth(missed=OWN, met=OWN, counts=(10, 50), own=OWN, draws=DRAWS) is None


def test_a_range_that_holds_the_target_is_unsure() -> None:
    assert Measured("", 960, 1000).against(target=0.94) == "met"
    assert Measured("", 95, 100).against(target=0.95) == "unsure"
    assert Measured("", 800, 1000).against(target=0.95) == "missed"


def test_a_standard_that_moves_nobody_is_to_be_given_up_and_one_that_does_is_not() -> None:
    def advised(found: standards.Worth | None) -> list[Advice]:
        made = standards.proposals(name="a", title="A", target=0.9, found=found, weeks=())
        return [one.advice for one in made]

    nothing = standards.worth(missed=np.zeros(2), met=np.zeros(2), counts=(500, 500), own=OWN, draws=DRAWS)
    assert advised(nothing) == [Advice.GIVE_UP]
    assert advised(worth()) == []


def test_what_was_met_for_half_a_year_may_ask_for_more() -> None:
    weeks = [Measured("", 98, 100)] * 26
    [found] = standards.proposals(name="a", title="A", target=0.9, found=worth(), weeks=weeks)
    assert (found.advice, found.target) == (Advice.RAISE, 0.94)
    assert not standards.proposals(name="a", title="A", target=0.9, found=worth(), weeks=weeks[1:])


def test_a_fact_that_hurts_often_and_that_no_standard_counts_is_proposed_with_what_the_best_reach() -> None:
    mess = Candidate("left_mess", "left a mess", "visit", "Visit", 80, 1000, 1.8, 1.3, (0.9, 0.92, 0.94, 0.97))
    rare = Candidate("rude", "was rude", "visit", "Visit", 3, 1000, 2.5, 2.0, ())
    weak = Candidate("slow", "slow", "visit", "Visit", 300, 1000, 1.1, 0.9, ())
    [found] = standards.new_ones(candidates=[mess, rare, weak], covered=frozenset())
    assert found.table is not None
    assert (found.advice, found.table["target"]) == (Advice.NEW, 0.94)
    assert standards.new_ones(candidates=[mess], covered=frozenset({"left_mess"})) == ()
