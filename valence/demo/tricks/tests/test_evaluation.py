"""Gaming is found where it was planted, and nothing is found where there is none."""

import dataclasses

import numpy as np
import pytest

from valence.demo.tricks import evaluation, kinds
from valence.insights.integrity import correcting, judging
from valence.insights.integrity.judging import Judged, Verdict

SMALL = evaluation.Size(ordinary=10, excellent=20, planted=1, stress=0)
SEEDS = (501, 502)


@pytest.fixture(scope="module")
def outcomes() -> list[evaluation.Outcome]:
    return [outcome for seed in SEEDS for outcome in evaluation.one(seed=seed, size=SMALL)]


def test_excellent_teams_are_spared(outcomes: list[evaluation.Outcome]) -> None:
    excellent = [one for one in outcomes if one.trick == "excellent"]
    assert len(excellent) == 40
    assert sum(one.alarmed for one in excellent) <= 1


def test_a_third_touched_is_found_whatever_the_trick(outcomes: list[evaluation.Outcome]) -> None:
    third = [one for one in outcomes if one.share == "third"]
    assert {one.trick for one in third} == set(kinds.PLANNED)
    assert sum(one.alarmed for one in third) >= len(third) - 1


def test_the_corrected_score_is_nearer_to_the_truth_by_half(outcomes: list[evaluation.Outcome]) -> None:
    third = [one for one in outcomes if one.share == "third"]
    assert np.mean([abs(one.corrected) for one in third]) < 0.5 * np.mean([abs(one.raw) for one in third])


def test_honest_teams_keep_their_score(outcomes: list[evaluation.Outcome]) -> None:
    honest = [one for one in outcomes if one.trick in evaluation.HONEST and not one.alarmed]
    assert all(one.corrected == one.raw for one in honest)


def test_the_same_seed_plants_the_same() -> None:
    tiny = evaluation.Size(ordinary=2, excellent=2, planted=1, stress=1)
    one, _ = evaluation.planted(seed=9, size=tiny)
    other, _ = evaluation.planted(seed=9, size=tiny)
    assert np.array_equal(one.moments.score, other.moments.score, equal_nan=True)
    assert np.array_equal(one.touched, other.touched)


def test_nothing_is_said_of_a_team_with_few_answers() -> None:
    made, _ = evaluation.planted(seed=9, size=dataclasses.replace(SMALL, ordinary=1, excellent=8))
    moments = made.moments
    few = (moments.team == 0) & moments.has_answer
    gone = few & (np.cumsum(few) > judging.FEWEST_ANSWERS - 1)
    evidence = judging.gather(moments=moments.taken(~gone))
    said = _of(judging.judge(evidence), moments.teams[0])
    assert said.verdict is Verdict.CANNOT_SAY
    assert said.reasons == ()
    assert correcting.scores(evidence=evidence, judged=said).suspects == 0


def test_the_reasons_rest_on_rows_that_were_touched() -> None:
    made, plan = evaluation.planted(seed=503, size=SMALL)
    team = plan.index(("filling_in", "third"))
    evidence = judging.gather(moments=made.moments)
    said = _of(judging.judge(evidence), made.moments.teams[team])
    assert "devices" in {reason.kind for reason in said.reasons} or "bursts" in {reason.kind for reason in said.reasons}
    suspects = correcting.suspects(evidence, team)
    rows = evidence.expected.rows[evidence.expected.team == team][suspects]
    assert made.touched[rows].mean() > 0.8


def _of(judged: tuple[Judged, ...], team: str) -> Judged:
    return next(one for one in judged if one.team == team)
