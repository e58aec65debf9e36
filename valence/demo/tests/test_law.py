"""The truth agrees with itself: hazards with losses, effects with hazards, names with effects."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest

from valence.demo import leaving, memory, reckoning, recording, responsibility, simulator, truth, world
from valence.demo.tests import conftest


@lru_cache
def chunk_of(law: str, count: int = 1500) -> reckoning.Chunk:
    operator = world.draw(seed=3, law=world.Law(law), start=conftest.END - 730, end=conftest.END)
    days = simulator.landmarks(operator=operator)
    base = simulator._base(operator=operator, days=days, count=1024)
    rng = np.random.default_rng(8)
    return simulator._chunk(operator=operator, base=base, days=days, count=count, rng=rng, until=conftest.END)


@pytest.fixture(scope="module", params=["additive", "saturating"])
def chunk(request: pytest.FixtureRequest) -> reckoning.Chunk:
    return chunk_of(request.param)


def true_effects(chunk: reckoning.Chunk) -> responsibility.Effects:
    return responsibility.effects(
        operator=chunk.operator, columns=chunk.columns, pushes=chunk.pushes, decided=chunk.decided(),
        rng=np.random.default_rng(1),
    )  # fmt: skip


def test_losses_match_the_summed_hazards_month_by_month(chunk: reckoning.Chunk) -> None:
    hazards = -np.expm1(-np.exp(chunk.courses.log_hazard.astype(float) + chunk.base.intercept))
    day = np.arange(len(hazards))[:, None] + chunk.operator.start
    hazards[day >= chunk.leaving.at[None, :]] = 0
    left = chunk.leaving.at[np.isfinite(chunk.leaving.at) & chunk.leaving.voluntary]
    for first in range(0, 720, 90):
        expected = hazards[first : first + 90].sum()
        seen = ((left >= chunk.operator.start + first) & (left < chunk.operator.start + first + 90)).sum()
        assert abs(seen - expected) < 4.5 * expected**0.5 + 1


def test_the_share_lost_is_the_one_drawn(chunk: reckoning.Chunk) -> None:
    lost = np.isfinite(chunk.decided()).mean()
    assert lost == pytest.approx(chunk.operator.lost_share, abs=0.035)


def test_effects_add_up_to_the_mood_at_the_decision(chunk: reckoning.Chunk) -> None:
    found = true_effects(chunk)
    summed = np.zeros(len(chunk.who))
    np.add.at(summed, chunk.columns["customer"][found.row], found.effect)
    lost = np.flatnonzero(np.isfinite(chunk.decided()))
    day = (chunk.decided()[lost] - chunk.operator.start).astype(int)
    moods = chunk.courses.mood[day, lost]
    assert np.mean(np.abs(summed[lost] - moods)) < 0.02
    assert np.quantile(np.abs(summed[lost] - moods), 0.95) < 0.1


def test_without_pairs_an_additive_effect_is_its_faded_push() -> None:
    chunk = chunk_of("additive")
    effects = chunk.operator.effects
    bare = world.World(**{**vars(chunk.operator), "effects": world.Effects(**{**vars(effects), "pairs": ()})})
    found = responsibility.effects(
        operator=bare, columns=chunk.columns, pushes=chunk.pushes, decided=chunk.decided(), rng=np.random.default_rng(1)
    )
    np.testing.assert_allclose(found.effect, found.deletion, atol=1e-9)


def test_pairs_give_half_to_each() -> None:
    chunk = chunk_of("additive")
    twice = [
        responsibility.effects(operator=chunk.operator, columns=chunk.columns, pushes=chunk.pushes,
                               decided=chunk.decided(), rng=np.random.default_rng(seed)).effect
        for seed in (1, 2)
    ]  # fmt: skip
    np.testing.assert_allclose(twice[0], twice[1], atol=1e-9)


def test_calls_of_people_leaving_anyway_do_nothing(chunk: reckoning.Chunk) -> None:
    assert (~chunk.columns["acts"][chunk.columns["kind"] == 0]).any()
    assert chunk.columns["acts"][chunk.pushes.row].all()


def test_intent_precedes_the_call(chunk: reckoning.Chunk) -> None:
    enquiry = chunk.columns["reason"] == recording._ENQUIRY
    begun = chunk.who.intent_at[chunk.columns["customer"][enquiry]]
    assert enquiry.any()
    assert (chunk.columns["at"][enquiry] >= begun).all()


def test_roots_climb_to_the_first_fault(chunk: reckoning.Chunk) -> None:
    root = responsibility.roots(columns=chunk.columns)
    assert (chunk.columns["customer"][root] == chunk.columns["customer"]).all()
    assert (chunk.columns["at"][root] <= chunk.columns["at"]).all()
    moved = root != np.arange(len(root))
    assert moved.any()
    np.testing.assert_array_equal(root[root[moved]], root[moved])


def test_true_chances_are_those_of_the_hazards_to_come_in_every_tenth(chunk: reckoning.Chunk) -> None:
    hazards = np.exp(chunk.courses.log_hazard.astype(float) + chunk.base.intercept)
    summed = np.vstack([np.zeros(len(chunk.who)), np.cumsum(hazards, axis=0)])
    days = simulator.landmarks(operator=chunk.operator)
    table = reckoning.landmarks(chunk=chunk, days=days)
    row, who = (table["landmark"] - chunk.operator.start).astype(int), table["customer"]
    came = -np.expm1(summed[row, who] - summed[row + 30, who])
    said = table["p_30d"]
    for tenth in np.array_split(np.argsort(said), 10):
        assert said[tenth].mean() == pytest.approx(came[tenth].mean(), rel=0.25)
    assert said.mean() == pytest.approx(came.mean(), rel=0.1)


def test_a_saturating_law_never_passes_its_cap() -> None:
    chunk = chunk_of("saturating")
    assert chunk.courses.mood.max() <= chunk.operator.effects.cap + 1e-5


def test_the_law_is_written_down(saturating: Path) -> None:
    law = json.loads((saturating / "truth" / "law.json").read_text())
    assert law["law"] == "saturating"
    assert "log h" in law["formula"]
    assert {mark["mark"] for mark in law["marks"]} == set(world.MARK_NAMES)
    assert law["intercept"] < 0


def test_what_the_law_names_is_often_but_not_always_true(tmp_path: Path) -> None:
    losses = truth.read(folder=conftest.simulated(tmp_path, law="additive", customers=1200)).losses
    asked = losses["top_interaction_id"] != ""
    right = (losses["top_interaction_id"] == losses["named_top_interaction_id"])[asked].mean()
    assert 0.6 < right < 0.95


def test_the_intercept_loses_the_share_wanted() -> None:
    chunk = chunk_of("additive")
    assert isinstance(chunk.base, leaving.Base)
    assert (chunk.base.ahead > 0.5).all()


def test_memory_holds_sorted_journeys_aligned_to_customers(additive: Path) -> None:
    operator = memory.read(folder=additive)
    owners = operator.journeys.owners()
    np.testing.assert_array_equal(operator.journeys.keys, operator.relationships.keys)
    same = owners[1:] == owners[:-1]
    assert (np.diff(operator.journeys.occurred)[same] >= 0).all()
    assert operator.journeys.starts[-1] == len(operator.journeys)
