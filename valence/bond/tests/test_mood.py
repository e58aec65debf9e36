"""Answers to surveys are a second witness of what weighs on customers, where they tell of the same."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from valence import packs
from valence.bond import answers, context, fit, learning, marks, mood, ridge, sampling
from valence.bond import design as designs
from valence.bond.answers import Answers
from valence.bond.design import Design
from valence.bond.tests import town as towns

FACTS = ("late", "unresolved", "facts:wrong_meter", "extra_mile")


@pytest.fixture(scope="module")
def asked() -> towns.Town:
    return towns.asked()


def looked(town: towns.Town) -> tuple[sampling.CaseBase, Answers, Design]:
    """Losses and random days, answers, and the design in which everything fades as usual."""
    found = marks.vocabulary(pack=packs.load(), counts=marks.count_words(journeys=town.journeys))
    pressure = context.pressure(relationships=town.relationships, until=towns.END)
    samples = sampling.sample(
        journeys=town.journeys, relationships=town.relationships, marks=found,
        pressure=pressure, until=towns.END, seed=1,
    )  # fmt: skip
    given = answers.sample(
        journeys=town.journeys, relationships=town.relationships, marks=found, pressure=pressure, until=towns.END
    )
    train = samples.taken(samples.kind != sampling.LANDMARK)
    plan = context.plan(context=train.context)
    return train, given, designs.drafted(marks=found, pack=packs.load(), plan=plan, shape=designs.Shape())


def test_with_answers_as_many_losses_tell_better_how_strong_things_are(asked: towns.Town) -> None:
    train, given, draft = looked(asked)
    heard = mood.heard(answers=given, design=draft)
    true = np.array([towns.WEIGHTS[name.removeprefix("facts:")] for name in FACTS])
    first = draft.first
    causes = [first + [mark.name for mark in draft.layout.marks].index(name) for name in FACTS]
    spread = {}
    for name, witness in (("with", heard), ("without", heard.taken(np.zeros(len(heard), np.bool_)))):
        found = learning.settled(design=draft, train=train, rows=draft.rows(train), heard=witness)
        spread[name] = np.sqrt(np.diag(np.linalg.inv(found.hessian)))[causes]
        assert found.weights[causes] == pytest.approx(true, abs=0.15)
    assert (spread["with"] < 0.8 * spread["without"]).all()


def test_answers_that_tell_of_the_same_are_believed(asked: towns.Town) -> None:
    train, given, draft = looked(asked)
    kept, gained = fit.believed(heard=mood.heard(answers=given, design=draft), design=draft, train=train)
    assert len(kept) == len(given) > 1000
    assert gained > 0


def test_answers_that_tell_of_something_else_are_not_believed() -> None:
    told = {"late": 0.0, "unresolved": 2.0, "wrong_meter": -1.5, "extra_mile": 0.0}
    train, given, draft = looked(towns.asked(told=told))
    kept, gained = fit.believed(heard=mood.heard(answers=given, design=draft), design=draft, train=train)
    assert len(kept) == 0
    assert gained < -fit.MARGIN


def test_an_answer_counts_once_it_is_known_and_the_latest_of_each_customer_do(asked: towns.Town) -> None:
    journeys, early = asked.journeys, towns.END - 100.0
    found = marks.vocabulary(pack=packs.load(), counts=marks.WordCounts())
    pressure = context.pressure(relationships=asked.relationships, until=early)
    given = answers.sample(
        journeys=journeys, relationships=asked.relationships, marks=found, pressure=pressure, until=early
    )
    known = np.isfinite(journeys.numbers["score"]) & (journeys.recorded <= early)
    each = np.bincount(journeys.owners()[known], minlength=len(journeys.keys))
    assert len(given) == np.minimum(each, answers.MOST_EACH).sum()
    assert given.moments.at.max() <= early


def test_what_just_happened_stands_apart_from_what_is_remembered(asked: towns.Town) -> None:
    _, given, draft = looked(asked)
    late = [mark.name for mark in draft.layout.marks].index("late")
    met = np.flatnonzero(given.recent[:, late] > 0.5)
    assert 0 < len(met) < len(given) / 10
    alone = met[given.moments.sums[met, -1, late] < 1e-3]
    assert len(alone) > 0  # two days before, nobody of these remembered a late visit


def test_answers_of_buckets_taken_apart_are_the_same_answers(asked: towns.Town) -> None:
    _, given, _ = looked(asked)
    odd = np.arange(len(given)) % 2 == 1
    again = Answers.joined([given.taken(odd), given.taken(~odd)])
    assert np.array_equal(again.score, given.score)
    assert np.array_equal(again.moments.sums, given.moments.sums)


def test_a_survey_that_everybody_answers_alike_tells_nothing(asked: towns.Town) -> None:
    _, given, draft = looked(asked)
    assert len(mood.heard(answers=replace(given, score=np.full(len(given), 9.0)), design=draft)) == 0


def test_rows_beside_count_like_rows_of_the_problem() -> None:
    random = np.random.default_rng(1)
    rows = random.normal(size=(400, 4)).astype(np.float32)
    outcome = (random.random(400) < 0.4).astype(np.float64)
    none, free = np.zeros(400), np.full(4, np.inf)
    whole = ridge.Problem(rows, outcome, none, np.zeros(4), np.eye(4), -free, free)
    beside = ridge.Beside(rows[250:], outcome[250:], none[250:])
    parted = replace(whole, rows=rows[:250], outcome=outcome[:250], offset=none[:250], beside=beside)
    assert ridge.fit(parted).weights == pytest.approx(ridge.fit(whole).weights, abs=1e-4)
    some = ridge.fit(whole).first(2)
    assert np.linalg.inv(some.hessian) == pytest.approx(np.linalg.inv(ridge.fit(whole).hessian)[:2, :2], rel=1e-6)
