"""Promises of the fit: it finds the truth we made, agrees with lifelines, and says something from day one."""

import numpy as np
import pytest

from valence import packs
from valence.bond import context, fit, marks, ranking, ridge, sampling
from valence.bond.calibration import Calibration
from valence.bond.model import Model, ModelError
from valence.bond.tests import town as towns
from valence.bond.tests.conftest import trained


def weight_at(model: Model, name: str, age: float) -> float:
    number = [mark.name for mark in model.marks].index(name)
    return float(model.own[number] * np.exp2(-age / model.layout.half_lives[number]))


def test_it_recovers_the_weights_and_how_they_fade(model):
    names = {"late": "late", "unresolved": "unresolved", "wrong_meter": "facts:wrong_meter", "extra_mile": "extra_mile"}
    for fact, name in names.items():
        for age in (5.0, 40.0):
            true = towns.WEIGHTS[fact] * 0.5 ** (age / towns.HALF_LIFE)
            assert weight_at(model, name, age) == pytest.approx(true, abs=0.3)


def test_it_keeps_to_the_signs(model):
    for number, mark in enumerate(model.marks):
        weights = np.concatenate([model.own[number : number + 1], model.draws[:, 1 + len(model.plan.names) + number]])
        if mark.sign is packs.Sign.HARM and mark.is_cause:
            assert weights.min() >= 0
        if mark.sign is packs.Sign.PRAISE and mark.is_cause:
            assert weights.max() <= 0


def test_its_held_out_figures_have_intervals_and_a_reliability_table(model):
    figures = model.figures["30d"]
    assert figures["low"] < figures["auc"] < figures["high"]
    assert 0.55 < figures["auc"] < 0.9
    said = sum(row["said"] * row["customers"] for row in figures["reliability"])
    happened = sum(row["happened"] * row["customers"] for row in figures["reliability"])
    assert said == pytest.approx(happened, rel=0.25)


def test_a_whole_kind_or_department_is_blamed_only_where_it_clearly_does_something(town, model):
    wholes = [mark for mark in model.marks if mark.is_unknown_whole]
    assert {mark.name for mark in wholes} >= {"kind:meter_reading", "department:metering"}
    first = 1 + len(model.plan.names)
    for number, mark in enumerate(model.marks):
        if mark.is_unknown_whole and mark.is_cause:
            harm = np.mean(model.draws[:, first + number] > 0)
            assert max(harm, 1 - harm) >= fit.CLEARLY
    disputed = trained(towns.with_kind(town, fact="wrong_meter", kind="meter_dispute"))
    by_name = {mark.name: mark for mark in disputed.marks}
    assert by_name["kind:meter_dispute"].is_cause
    assert weight_at(disputed, "kind:meter_dispute", 5.0) > 0.4


def test_the_hazard_agrees_with_lifelines():
    """Days at risk against a time-varying Cox regression of the same covariates, an independent library."""
    import pandas as pd
    from lifelines import CoxTimeVaryingFitter

    random = np.random.default_rng(3)
    people, weeks = 1200, 60
    x = random.binomial(1, 0.15, (people, weeks)).astype(float)
    memory = np.zeros_like(x)
    for week in range(1, weeks):
        memory[:, week] = memory[:, week - 1] * 0.8 + x[:, week - 1]
    leaves = random.random(x.shape) < 0.008 * np.exp(0.6 * memory)
    first = np.where(leaves.any(1), leaves.argmax(1), weeks - 1)
    rows = [(i, w, w + 1, memory[i, w], bool(leaves[i, w])) for i in range(people) for w in range(first[i] + 1)]
    frame = pd.DataFrame(rows, columns=["id", "start", "stop", "memory", "left"])
    cox = CoxTimeVaryingFitter().fit(frame, id_col="id", event_col="left", start_col="start", stop_col="stop")
    ours = _logistic(frame["memory"].to_numpy(), frame["left"].to_numpy())
    assert ours == pytest.approx(float(cox.params_["memory"]), abs=0.06)


def _logistic(memory: np.ndarray, left: np.ndarray) -> float:
    """Case-base sampling of person-weeks, and our own ridge."""
    random = np.random.default_rng(4)
    cases = np.flatnonzero(left)
    base = random.choice(len(left), 15 * len(cases))
    chosen = np.concatenate([cases, base])
    rows = np.stack([np.ones(len(chosen)), memory[chosen]], axis=1).astype(np.float32)
    outcome = np.concatenate([np.ones(len(cases)), np.zeros(len(base))])
    free = np.full(2, np.inf)
    problem = ridge.Problem(rows, outcome, np.zeros(len(chosen)), np.zeros(2), 1e-4 * np.eye(2), -free, free)
    return float(ridge.fit(problem).weights[1])


def test_a_fresh_installation_has_a_bond_on_day_one():
    pack = packs.load()
    found = marks.vocabulary(pack=pack, counts=marks.WordCounts())
    model = Model.from_pack(pack=pack, marks=found, known_until=towns.END)
    assert weight_at(model, "no_show", 0.0) == pytest.approx(0.7)
    assert model.figures["prior_only"]
    assert float(model.scale.bond(np.zeros(1))[0]) == 75.0


def test_with_few_losses_the_experts_weights_carry():
    few = towns.town(customers=60, seed=5)
    model = trained(few)
    assert 0 < model.figures["losses"] < fit.FEW_LOSSES
    assert 0.1 < weight_at(model, "no_show", 0.0) < 1.0


def test_without_any_loss_it_still_trains():
    calm = towns.town(customers=20, seed=6)
    left = np.full(20, np.nan)
    people = calm.relationships
    nobody = type(people)(people.keys, people.joined, left, np.zeros(20, bool), people.monthly_value, people.words)
    model = trained(towns.Town(calm.journeys, nobody, calm.weight))
    assert model.figures["losses"] == 0


def test_a_model_survives_being_written(model):
    again = Model.from_bytes(model.to_bytes())
    assert again.version == model.version
    assert np.array_equal(again.weights, model.weights)
    assert again.marks == model.marks
    assert again.figures == model.figures


@pytest.mark.parametrize("damaged", [b"", b"PK", b"x" * 500])
def test_what_is_no_model_is_refused(damaged):
    with pytest.raises(ModelError):
        Model.from_bytes(damaged)


def test_the_same_data_and_seed_give_the_same_model():
    small = towns.town(customers=400, seed=8)
    assert trained(small).version == trained(small).version


def test_nothing_learned_later_enters_a_fit(town):
    early = towns.END - 100.0
    journeys = town.journeys
    late = journeys.occurred > early
    facts = journeys.words["facts"]
    changed = {
        **journeys.words,
        "facts": type(facts)(np.where(late, 0, facts.codes).astype(np.int32), facts.vocabulary),
    }
    other = type(journeys)(journeys.keys, journeys.starts, journeys.occurred, journeys.recorded, changed)
    pack = packs.load()
    found = marks.vocabulary(pack=pack, counts=marks.WordCounts())
    samples = [
        sampling.sample(
            journeys=each,
            relationships=town.relationships,
            marks=found,
            pressure=context.pressure(relationships=town.relationships, until=early),
            until=early,
            seed=2,
        )
        for each in (journeys, other)
    ]
    assert np.array_equal(samples[0].sums, samples[1].sums)


def test_buckets_sampled_apart_are_one_sample(town):
    pack = packs.load()
    found = marks.vocabulary(pack=pack, counts=marks.WordCounts())
    pressure = context.pressure(relationships=town.relationships, until=towns.END)
    whole = sampling.sample(
        journeys=town.journeys, relationships=town.relationships, marks=found,
        pressure=pressure, until=towns.END, seed=1,
    )  # fmt: skip
    both = sampling.CaseBase.joined([whole, whole])
    assert len(both) == 2 * len(whole)
    assert int(np.sum(whole.kind == sampling.CASE)) == int(np.sum(town.relationships.voluntary))
    base = int(np.sum(whole.kind == sampling.BASE))
    assert base == pytest.approx(max(sampling.FEWEST_BASE, sampling.BASE_FOR_A_LOSS * pressure.losses), rel=0.02)


def test_the_area_is_exact_on_a_small_case():
    score, event = np.array([0.1, 0.4, 0.35, 0.8]), np.array([False, False, True, True])
    found = ranking.area(score=score, event=event, weight=np.ones(4))
    assert found.value == 0.75


def test_figures_say_how_many_sampled_moments_bear_a_mark(model):
    seen = {row["name"]: row["seen"] for row in model.figures["coefficients"]}
    sampled = model.figures["losses"] + model.figures["base_moments"]
    assert 0 < seen["late"] < sampled
    assert seen["pushy"] == 0
    assert 0 < seen["failure x effort"] <= min(sampled, seen["unresolved"])


def test_who_leaves_within_thirty_days_also_leaves_within_ninety() -> None:
    crossing = Calibration(table=np.array([[0.5, 1.0, 0.3], [0.0, 1.0, 0.3], [-0.5, 0.8, 0.3]]))
    chances = crossing.chance(np.log([[0.01, 0.02, 0.03], [0.5, 0.6, 0.61]]))
    assert (np.diff(chances, axis=1) >= 0).all()


def test_where_everything_lasts_long_what_nobody_met_is_expected_to_last_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(towns, "HALF_LIFE", 120.0)
    lasting = trained(towns.town(customers=1200, seed=3))
    lives = {row["name"]: row.get("half_life") for row in lasting.figures["coefficients"]}
    assert lives["late"] > 60
    assert lives["pushy"] > 50


def test_a_call_that_our_fault_explains_takes_nothing_from_the_fault() -> None:
    learned = trained(towns.calling())
    true = towns.WEIGHTS["late"] * 0.5 ** (10.0 / towns.HALF_LIFE)
    assert weight_at(learned, "late", 10.0) == pytest.approx(true, abs=0.25)
    assert weight_at(learned, "contacted", 10.0) + weight_at(learned, "contacted_plainly", 10.0) > 0.6
