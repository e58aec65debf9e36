"""What a team's answers would have been: a heap at the top is told from a team that merely scatters more."""

import numpy as np
import pytest
from scipy.special import expit

from valence.insights.integrity import heaping
from valence.insights.integrity.ordinal import Fitted
from valence.terms import Codes

CUTS = np.array([-3.0, -2.0, -1.0, 0.3])
WORTH = np.arange(1.0, 6.0)
MODEL = Fitted(cuts=CUTS, effects=np.zeros(1), shifts=np.array([-0.3, 0.0, 0.3]))


def answers(*, number: int, seed: int, spread: float = 1.0) -> Codes:
    dice = np.random.default_rng(seed)
    return np.searchsorted(CUTS, spread * dice.logistic(0, 1, number)).astype(np.int32)


def explained(level: Codes, *, pleas: float = 0.0) -> heaping.Heaped:
    whole = np.ones(len(level))
    team = heaping.Team(level, np.zeros(len(level)), whole, whole > 0, pleas=pleas, comments=len(level) / 2)
    return heaping.explain(team=team, model=MODEL, worth=WORTH, spread=0.3)


def test_a_third_talked_up_is_seen_and_taken_back() -> None:
    errors = []
    for seed in range(8):
        honest = answers(number=600, seed=seed)
        begged = honest.copy()
        begged[:200] = 4
        found = explained(begged, pleas=20.0)
        assert found.share > 0.15
        errors.append(abs(found.scores.mean() - WORTH[honest].mean()) / (WORTH[begged] - WORTH[honest]).mean())
    assert np.mean(errors) < 0.5


def test_a_team_whose_customers_merely_scatter_more_is_talked_down_less_than_if_all_scattered_alike(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wide = [answers(number=600, seed=seed, spread=1.15) for seed in range(6)]
    with_spread = np.mean([explained(one).share for one in wide])
    monkeypatch.setattr(heaping, "SPREADS", np.ones(1))
    assert with_spread < 0.8 * np.mean([explained(one).share for one in wide])


def test_the_chances_of_a_wider_spread_are_those_of_wider_feelings() -> None:
    line = np.array([0.4])
    expected = np.diff(np.concatenate([[0.0], expit((CUTS - 0.4) / 1.5), [1.0]]))
    assert np.allclose(MODEL.chances(line, spread=1.5)[0], expected)
