"""Promises of blame: exact shares, the right interaction, no blame for signals, ranges that hold."""

from dataclasses import replace

import numpy as np
import pytest

from valence import terms
from valence.bond import blame, context, effects, marks
from valence.bond.tests import town as towns

NO_LINKS = terms.Links(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.bool_), np.empty(0, np.int32), ())


@pytest.fixture(scope="module")
def found(model, town):
    pressure = context.pressure(relationships=town.relationships, until=towns.END)
    return blame.blame(
        model=model, journeys=town.journeys, relationships=town.relationships, pressure=pressure, links=NO_LINKS
    )


def lost_part(model, journeys, customer, at):
    marked = marks.read(marks=model.marks, journeys=journeys)
    memory = model.layout.memory(
        marked=marked, journeys=journeys, customers=np.array([customer]), at=np.array([at]), before=True
    )
    return float(model.cause_part(memory)[0])


def test_shares_add_up_to_the_whole_part_of_the_log_hazard(model, town, found):
    """Efficiency of Shapley values, pairs included."""
    sums = np.bincount(found.shares.loss, weights=found.shares.effect, minlength=len(found.losses))
    for loss in range(0, len(found.losses), 37):
        part = lost_part(model, town.journeys, found.losses.customer[loss], found.losses.left[loss])
        assert sums[loss] == pytest.approx(part, abs=5e-3)


def test_deletion_is_what_replaying_without_it_gives(model, town, found):
    for place in range(0, len(found.shares), 211):
        row, loss = found.shares.row[place], found.shares.loss[place]
        customer, at = found.losses.customer[loss], found.losses.left[loss]
        rest = town.journeys.taken(np.arange(len(town.journeys)) != row)
        gone = lost_part(model, town.journeys, customer, at) - lost_part(model, rest, customer, at)
        assert found.shares.deletion[place] == pytest.approx(gone, abs=1e-4)


def test_where_harm_saturates_shares_still_add_up_and_deletion_is_still_replay(model, town):
    capped = model.replaced(cap=1.2)
    pressure = context.pressure(relationships=town.relationships, until=towns.END)
    said = blame.blame(
        model=capped, journeys=town.journeys, relationships=town.relationships, pressure=pressure, links=NO_LINKS
    )
    sums = np.bincount(said.shares.loss, weights=said.shares.effect, minlength=len(said.losses))
    for place in range(0, len(said.shares), 401):
        row, loss = said.shares.row[place], said.shares.loss[place]
        customer, at = said.losses.customer[loss], said.losses.left[loss]
        rest = town.journeys.taken(np.arange(len(town.journeys)) != row)
        whole = lost_part(capped, town.journeys, customer, at)
        assert sums[loss] == pytest.approx(whole, abs=5e-3)
        assert said.shares.deletion[place] == pytest.approx(whole - lost_part(capped, rest, customer, at), abs=1e-4)


def test_the_most_harmful_interaction_is_found(town, found):
    right, asked = 0, 0
    for loss in range(len(found.losses)):
        first, last = town.journeys.starts[found.losses.customer[loss] :][:2]
        rows = np.arange(first, last)
        true = [towns.truth(town=town, row=int(row), at=found.losses.left[loss]) for row in rows]
        if rows.size and max(true) > 0.2:
            asked += 1
            right += int(rows[int(np.argmax(true))] == found.losses.top_row[loss])
    assert asked > 200
    assert right / asked > 0.85


def test_ranges_of_would_have_stayed_hold_nine_times_in_ten(town, found):
    shares = found.shares
    left = found.losses.left[shares.loss]
    true = np.array([towns.truth(town=town, row=int(r), at=float(t)) for r, t in zip(shares.row, left, strict=True)])
    stays = effects.stays(true)
    assert np.mean((shares.p_low <= stays + 1e-9) & (stays <= shares.p_high + 1e-9)) >= 0.90


def test_ours_or_not_follows_the_truth(town, found):
    total = np.zeros(len(found.losses))
    for loss in range(len(found.losses)):
        first, last = town.journeys.starts[found.losses.customer[loss] :][:2]
        total[loss] = sum(
            towns.truth(town=town, row=int(row), at=found.losses.left[loss]) for row in range(first, last)
        )
    said = found.losses.verdict
    ours, not_ours = said == terms.LossVerdict.OURS, said == terms.LossVerdict.NOT_OURS
    assert np.mean(effects.stays(total[ours]) > 0.5) > 0.9
    assert np.mean(effects.stays(total[not_ours]) > 0.5) < 0.1
    assert set(said) <= {verdict.value for verdict in terms.LossVerdict}


def test_signals_are_never_blamed(model, found, town):
    marked = marks.read(marks=model.marks, journeys=town.journeys)
    causes = set(marked.row[model.layout.causes[marked.mark] > 0].tolist())
    assert set(found.shares.row.tolist()) <= causes


def test_blame_rolls_up_to_where_it_began(model, town):
    pressure = context.pressure(relationships=town.relationships, until=towns.END)
    alone = blame.blame(
        model=model, journeys=town.journeys, relationships=town.relationships, pressure=pressure, links=NO_LINKS
    )
    loss = int(np.argmax(alone.losses.attributable))
    top = int(alone.losses.top_row[loss])
    first = int(town.journeys.starts[alone.losses.customer[loss]])
    assert top > first
    one = replace(
        NO_LINKS, effect=np.array([top]), cause=np.array([first]), inferred=np.array([True]), rule=np.array([0])
    )
    linked = blame.blame(
        model=model, journeys=town.journeys, relationships=town.relationships, pressure=pressure, links=one
    )
    assert linked.losses.root_row[loss] == first
    assert linked.losses.hurt_row[loss] in (top, first)


def test_what_was_recorded_after_leaving_has_no_share(model, town):
    later = replace(town.journeys, recorded=np.full(len(town.journeys), towns.END + 1))
    pressure = context.pressure(relationships=town.relationships, until=towns.END)
    found = blame.blame(
        model=model, journeys=later, relationships=town.relationships, pressure=pressure, links=NO_LINKS
    )
    assert not len(found.shares)
    assert set(found.losses.verdict) == {terms.LossVerdict.NOT_OURS.value}


def test_a_company_without_leavers_has_no_blame(model, town):
    people = replace(town.relationships, left=np.full(len(town.relationships), np.nan))
    pressure = context.pressure(relationships=people, until=towns.END)
    found = blame.blame(model=model, journeys=town.journeys, relationships=people, pressure=pressure, links=NO_LINKS)
    assert len(found.losses) == len(found.shares) == 0
