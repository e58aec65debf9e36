"""Promises of the sample: it stays small however large the company is, and its weights stand for everybody."""

import numpy as np
import pytest

from valence.bond import context, sampling
from valence.bond.tests import town as towns


def looked(town: towns.Town) -> sampling.CaseBase:
    pressure = context.pressure(relationships=town.relationships, until=towns.END)
    samples = sampling.sample(
        journeys=town.journeys, relationships=town.relationships, marks=(), pressure=pressure,
        until=towns.END, seed=1,
    )  # fmt: skip
    return samples.taken(samples.kind == sampling.LANDMARK)


def leavers(looks: sampling.CaseBase) -> sampling.CaseBase:
    return looks.taken(looks.ends <= sampling.LANDMARK_HORIZON)


def test_those_looked_at_stand_for_all_who_were_there(town, monkeypatch):
    whole = looked(town)
    monkeypatch.setattr(sampling, "LANDMARK_LOSSES", 80)
    monkeypatch.setattr(sampling, "LANDMARK_ROWS", 400)
    few = looked(town)
    assert set(np.unique(few.at)) == set(np.unique(whole.at))
    assert len(leavers(few)) < 0.5 * len(leavers(whole))
    for day in np.unique(whole.at):
        there, drawn = leavers(whole.taken(whole.at == day)), leavers(few.taken(few.at == day))
        assert drawn.weight.sum() == pytest.approx(len(there), abs=4.0 * np.sqrt(len(there)) * drawn.weight[0] ** 0.5)
    assert few.weight.sum() == pytest.approx(whole.weight.sum(), rel=0.05)


def test_who_leaves_is_looked_at_about_as_often_however_many_leave(town, monkeypatch):
    monkeypatch.setattr(sampling, "LANDMARK_LOSSES", 80)
    looks = leavers(looked(town))
    days = len(np.unique(looks.at))
    assert 0.6 * 80 < len(looks) / days < 1.6 * 80


def test_a_small_company_is_looked_at_whole(town):
    looks = looked(town)
    assert (looks.weight == 1.0).all()
