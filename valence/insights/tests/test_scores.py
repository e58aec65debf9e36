"""Scores: ranges that hold what they promise, groups drawn together, changes beyond chance."""

from __future__ import annotations

import numpy as np
import pytest

from valence.insights import coverage, scores
from valence.insights.scores import SCALES, Answers, Asked, Measure

NPS = SCALES["nps"]
CSAT = SCALES["csat"]


def answers(*given: float, scale: scores.Scale = NPS) -> Answers:
    return scores.count(scale=scale, scores=given)


@pytest.mark.parametrize("number", coverage.SIZES)
@pytest.mark.parametrize(
    ("scale", "measure"), [(scale, measure) for scale in (NPS, CSAT) for measure in coverage.measures(scale=scale)]
)
def test_the_range_holds_the_truth_in_95_of_100_samples_of_any_size(
    scale: scores.Scale, measure: Measure, number: int
) -> None:
    found = coverage.one(scale=scale, measure=measure, number=number, times=2_000 if number == 5 else 120, seed=1)
    assert found.holds, found
    assert found.worst > 0.75


def test_the_net_score_is_promoters_less_detractors() -> None:
    found = scores.figure(answers=answers(10, 9, 9, 8, 7, 6, 0), measure=Measure.NET)
    assert found.value == pytest.approx(100 * (3 - 2) / 7)
    assert found.number == 7
    assert found.highest == pytest.approx(3 / 7)
    assert found.lowest == pytest.approx(1 / 7)


def test_under_five_answers_there_is_no_figure() -> None:
    with pytest.raises(scores.TooFew):
        scores.figure(answers=answers(10, 10, 10, 10), measure=Measure.NET)


def test_all_alike_is_not_certain() -> None:
    likely = scores.figure(answers=answers(*[10] * 5), measure=Measure.NET).range
    assert likely.low < 70
    assert likely.high == 100


def test_a_net_score_is_refused_for_another_scale() -> None:
    with pytest.raises(ValueError, match="0 to 10"):
        scores.figure(answers=answers(*[5] * 9, scale=CSAT), measure=Measure.NET)


def test_answers_that_the_scale_does_not_have_are_not_counted() -> None:
    assert answers(11, -1, 5).number == 1


def test_no_change_is_called_a_change_in_5_of_100_samples() -> None:
    dice = np.random.default_rng(3)
    called = []
    for truth in coverage.truths(scale=NPS).values():
        for before, after in zip(dice.multinomial(40, truth, 60), dice.multinomial(60, truth, 60), strict=True):
            found = scores.change(
                before=Answers(NPS, before.astype(float)), after=Answers(NPS, after.astype(float)), measure=Measure.NET
            )
            called.append(found.beyond_chance)
    assert 0.02 < np.mean(called) < 0.065


def test_a_real_drop_is_found() -> None:
    found = scores.change(
        before=answers(*[9] * 60, *[5] * 20), after=answers(*[9] * 40, *[5] * 40), measure=Measure.NET
    )
    assert found.beyond_chance
    assert found.value == pytest.approx(-50)
    assert found.range.low < -50 < found.range.high < 0
    assert found.chance < 0.01


def teams(dice: np.random.Generator) -> dict[str, np.ndarray]:
    """Return twenty teams' true distributions, humps about 8."""
    humped = {
        f"team {team}": np.exp(-(((np.array(NPS.points) - middle) / 2.5) ** 2) / 2)
        for team, middle in enumerate(dice.normal(8, 0.6, 20))
    }
    return {name: shape / shape.sum() for name, shape in humped.items()}


def counts_of(dice: np.random.Generator, shape: np.ndarray) -> np.ndarray:
    return dice.multinomial(dice.integers(8, 60), shape).astype(float)


def test_groups_are_drawn_towards_all_and_the_drawn_are_nearer_the_truth() -> None:
    dice = np.random.default_rng(5)
    worth = scores.worths(scale=NPS, measure=Measure.NET)
    own_miss, drawn_miss, inside = [], [], []
    for _ in range(80):
        truths = teams(dice)
        given = {name: Answers(NPS, counts_of(dice, shape)) for name, shape in truths.items()}
        for group in scores.groups(answers=given, measure=Measure.NET):
            assert group.own
            assert group.range
            assert group.shrunk is not None
            truth = float(truths[group.name] @ worth)
            own_miss.append((group.own.value - truth) ** 2)
            drawn_miss.append((group.shrunk - truth) ** 2)
            inside.append(group.range.low <= truth <= group.range.high)
    assert np.mean(drawn_miss) < 0.7 * np.mean(own_miss)
    assert 0.90 < np.mean(inside) < 0.98


def test_a_group_under_five_people_has_no_figure_and_does_not_speak_through_the_others() -> None:
    found = scores.groups(answers={"a": answers(*[9] * 9), "b": answers(0, 0)}, measure=Measure.NET)
    assert [(group.name, group.own is None) for group in found] == [("a", False), ("b", True)]
    assert found[0].shrunk == scores.groups(answers={"a": answers(*[9] * 9)}, measure=Measure.NET)[0].shrunk


def test_only_what_was_asked_alike_is_added_up() -> None:
    mail, text = Asked("recommend", "nps", "email"), Asked("recommend", "nps", "sms")
    refused = scores.combine(parts={mail: answers(9), text: answers(8)})
    assert refused.answers is None
    assert refused.differ_in == ("channel",)
    assert scores.combine(parts={mail: answers(9)}).answers is not None


def test_the_number_of_answers_needed_gives_the_range_that_was_asked_for() -> None:
    sample = answers(*[9] * 50, *[7] * 20, *[3] * 30)
    number = scores.needed(answers=sample, measure=Measure.NET, within=5.0)
    many = Answers(NPS, sample.counts * number / 100)
    likely = scores.figure(answers=many, measure=Measure.NET).range
    assert (likely.high - likely.low) / 2 == pytest.approx(5.0, abs=0.1)
