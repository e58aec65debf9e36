"""What is said about the product is right: the truth itself scores full marks, nonsense does not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from valence.demo import scoring, truth
from valence.demo.truth import Found, Truth


def knowing(told: Truth) -> Found:
    """What would be said by one who knows the truth."""
    marked, lost, effects = told.landmarks, told.losses, told.effects
    names = ("top_department", "top_interaction_id", "root_department", "root_interaction_id", "attributable")
    return Found(
        risks={"customer_id": marked["customer_id"], "landmark": marked["landmark"], "p_leave_30d": marked["hazard"],
               "p_low_30d": marked["p_30d"], "p_high_30d": marked["p_30d"]},
        blame={**{name: effects[name] for name in ("customer_id", "interaction_id", "p_would_have_stayed")},
               "p_low": effects["p_would_have_stayed"], "p_high": effects["p_would_have_stayed"],
               "effect_low": effects["effect"], "effect_high": effects["effect"]},
        losses={"customer_id": lost["customer_id"], "verdict": np.where(lost["attributable"] > 0.5, "ours", "not_ours"),
                **{name: lost[name] for name in names}},
    )  # fmt: skip


@pytest.fixture(scope="module")
def told(additive: Path) -> Truth:
    return truth.read(folder=additive)


def test_the_truth_itself_is_perfect(told: Truth) -> None:
    figures = truth.figures(truth=told, found=knowing(told))
    assert figures["ranking"]["skill"]["value"] == pytest.approx(1)
    assert figures["ranking"]["scored"] == 1
    for what in ("department", "interaction", "root_department", "root_interaction"):
        assert figures["named_first"][what]["valence"]["value"] == 1
    assert figures["ours"]["auc"] == 1
    assert figures["stayed"]["worst"] == pytest.approx(0, abs=1e-12)
    assert all(figure["value"] == 1 for figure in figures["coverage"].values())


def test_naive_answers_stand_beside_and_are_worse(told: Truth) -> None:
    named = truth.figures(truth=told, found=knowing(told))["named_first"]
    for what in ("department", "root_department", "interaction"):
        for naive in ("commonest", "last_touch", "worst_score"):
            assert named[what][naive]["value"] < named[what]["ceiling"]["value"] - 0.1
    assert named["department"]["last_touch"]["value"] > 0.1


def test_saying_nothing_is_counted_as_wrong(told: Truth) -> None:
    silent = {name: column[:0] for name, column in knowing(told).losses.items()}
    figures = truth.figures(truth=told, found=replace(knowing(told), losses=silent))
    assert figures["named_first"]["department"]["valence"]["value"] == 0
    assert figures["ours"]["auc"] == 0.5


def test_wrong_chances_show_in_the_worst_tenth_and_the_coverage(told: Truth) -> None:
    found = knowing(told)
    blame = {**found.blame, "p_would_have_stayed": found.blame["p_would_have_stayed"] + 0.3,
             "p_low": found.blame["p_low"] + 0.2, "p_high": found.blame["p_high"] + 0.4}  # fmt: skip
    figures = truth.figures(truth=told, found=replace(found, blame=blame))
    assert figures["stayed"]["worst"] == pytest.approx(0.3)
    assert figures["coverage"]["p_would_have_stayed"]["value"] == 0


def test_a_folder_without_truth_is_refused(tmp_path: Path) -> None:
    with pytest.raises(truth.NoTruthError, match="holds no truth"):
        truth.read(folder=tmp_path)


def test_area_counts_ties_as_half() -> None:
    assert scoring.area(guess=np.array([1.0, 1.0, 0.0]), came=np.array([True, False, False])) == 0.75
    assert np.isnan(scoring.area(guess=np.array([1.0]), came=np.array([True])))


def test_shares_have_wilsons_range() -> None:
    found = scoring.share(hits=np.array([True] * 8 + [False] * 2))
    assert (found.value, found.count) == (0.8, 10)
    assert found.low == pytest.approx(0.490, abs=0.001)
    assert found.high == pytest.approx(0.943, abs=0.001)
