"""Promises of scores and states: folding in any order equals the batch; curves and moves agree with scores."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from valence import terms
from valence.bond import context, curve, moves, scoring, states
from valence.bond.tests import town as towns


@pytest.fixture(scope="module")
def pressure(town):
    return context.pressure(relationships=town.relationships, until=towns.END)


def one_of(town, customer):
    first, last = town.journeys.starts[customer : customer + 2]
    rows = np.zeros(len(town.journeys), bool)
    rows[first:last] = True
    cut = town.journeys.taken(rows)
    people = town.relationships
    journeys = terms.Journeys(
        cut.keys[[customer]], np.array([0, last - first]), cut.occurred, cut.recorded, cut.words, cut.numbers
    )
    words = {name: terms.Words(w.codes[[customer]], w.vocabulary) for name, w in people.words.items()}
    alone = [values[[customer]] for values in (people.keys, people.joined, people.left)]
    return journeys, terms.Relationships(*alone, people.voluntary[[customer]], people.monthly_value[[customer]], words)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_folding_in_any_order_and_any_batches_equals_the_batch(model, town, data):
    customers = 12
    rows = int(town.journeys.starts[customers])
    order = data.draw(st.permutations(range(rows)))
    delay = np.array(data.draw(st.lists(st.floats(0, 90), min_size=rows, max_size=rows)))
    cuts = sorted(data.draw(st.lists(st.integers(0, rows), max_size=4)))
    journeys = towns_cut(town, customers, delay)
    folded = states.empty(model=model, keys=journeys.keys, at=0.0)
    for part in np.split(np.array(order), cuts):
        taken = np.zeros(rows, bool)
        taken[part] = True
        folded = states.fold(states=folded, model=model, journeys=journeys.taken(taken))
    as_of = float(folded.at.max()) + 1.0
    batch = states.from_journeys(model=model, journeys=journeys, as_of=as_of)
    assert np.allclose(folded.memory_at(model=model, as_of=as_of), batch.memory, rtol=1e-4, atol=1e-5)


def towns_cut(town, customers, delay):
    rows = int(town.journeys.starts[customers])
    taken = np.arange(len(town.journeys)) < rows
    cut = town.journeys.taken(taken)
    return terms.Journeys(
        cut.keys[:customers], cut.starts[: customers + 1], cut.occurred, cut.occurred + delay, cut.words
    )


def test_scores_from_states_equal_scores_from_journeys(model, town, pressure):
    as_of = towns.END
    batch = scoring.score(
        model=model, journeys=town.journeys, relationships=town.relationships, pressure=pressure, as_of=as_of
    )
    held = states.from_journeys(model=model, journeys=town.journeys, as_of=as_of)
    online = scoring.score_states(
        model=model,
        states=states.States.from_bytes(held.to_bytes()),
        relationships=town.relationships,
        pressure=pressure,
        as_of=as_of,
    )
    assert np.array_equal(batch.keys, online.keys)
    assert np.allclose(batch.p_leave, online.p_leave, rtol=1e-4)
    assert np.allclose(batch.bond, online.bond, atol=0.05)


def test_states_of_another_model_are_refused(model, town):
    held = states.from_journeys(model=model, journeys=town.journeys, as_of=towns.END)
    stranger = states.States(held.keys, held.at, held.memory, "2020-01-01-00000000")
    with pytest.raises(states.StateError):
        stranger.memory_at(model=model, as_of=towns.END)


def test_scores_are_for_those_who_are_there_and_lie_in_their_ranges(model, town, pressure):
    found = scoring.score(
        model=model, journeys=town.journeys, relationships=town.relationships, pressure=pressure, as_of=towns.END
    )
    assert len(found) == int(np.sum(np.isnan(town.relationships.left)))
    assert np.all((found.p_low <= found.p_leave) & (found.p_leave <= found.p_high))
    assert np.all(np.diff(found.p_leave, axis=1) > -1e-3)
    assert np.all((found.bond_low <= found.bond) & (found.bond <= found.bond_high))
    harmed = found.why_row >= 0
    assert harmed.any()
    assert all(found.why_words[harmed])


def test_a_clean_record_lies_at_75_and_every_harm_below(model):
    assert float(model.scale.bond(np.zeros(1))[0]) == pytest.approx(75.0)
    parts = np.linspace(-4, 8, 200)
    assert np.all(np.diff(model.scale.bond(parts)) < 0)
    assert np.all((model.scale.bond(parts) > 0) & (model.scale.bond(parts) < 100))


def test_the_curve_has_a_point_for_every_interaction_and_ends_at_the_score(model, town, pressure):
    customer = int(np.flatnonzero(np.isnan(town.relationships.left))[3])
    journeys, person = one_of(town, customer)
    drawn = curve.curve(model=model, journeys=journeys, relationships=person, pressure=pressure, until=towns.END)
    assert sorted(drawn.row[drawn.row >= 0]) == list(range(len(journeys)))
    assert np.all(np.diff(drawn.at) >= 0)
    assert np.all(drawn.change[drawn.signal] == 0)
    now = scoring.score(model=model, journeys=journeys, relationships=person, pressure=pressure, as_of=towns.END)
    assert drawn.bond[-1] == pytest.approx(now.bond[0], abs=0.05)
    assert drawn.p_leave_60d[-1] == pytest.approx(now.p_leave[0, 1], rel=1e-3)


def test_harm_lowers_the_curve_and_praise_raises_it(model, town, pressure):
    for customer in range(40):
        journeys, person = one_of(town, customer)
        drawn = curve.curve(model=model, journeys=journeys, relationships=person, pressure=pressure, until=towns.END)
        facts = journeys.words["facts"].said()
        for row, change in zip(drawn.row, drawn.change, strict=True):
            if row >= 0 and facts[row] == "extra_mile" and journeys.words["kind"].said()[row] == "visit":
                assert change >= -0.5
            if row >= 0 and facts[row] == "late|unresolved" and journeys.words["kind"].said()[row] == "visit":
                assert change < 0.5


def test_a_customer_without_interactions_has_a_curve(model, town, pressure):
    journeys, person = one_of(town, 0)
    bare = journeys.taken(np.zeros(len(journeys), bool))
    drawn = curve.curve(model=model, journeys=bare, relationships=person, pressure=pressure, until=towns.END)
    assert np.all(drawn.row == -1)
    assert drawn.bond == pytest.approx(75.0)


def test_moves_multiply_to_the_interactions_part(model, town):
    customer = int(np.flatnonzero(np.isnan(town.relationships.left))[5])
    journeys, person = one_of(town, customer)
    found = moves.moves(model=model, journeys=journeys, relationships=person, pressure=None, as_of=towns.END)
    assert np.all((found.low <= found.times) & (found.times <= found.high))
    assert np.all(np.diff(np.abs(np.log(found.times))) <= 1e-12)
