"""One town and one model of it for all tests of the bond."""

from __future__ import annotations

import pytest

from valence import packs
from valence.bond import answers, context, fit, marks, sampling
from valence.bond.model import Model
from valence.bond.tests import town as towns


@pytest.fixture(scope="session")
def town() -> towns.Town:
    return towns.town()


@pytest.fixture(scope="session")
def model(town: towns.Town) -> Model:
    return trained(town)


def trained(town: towns.Town, *, until: float = towns.END, seed: int = 1) -> Model:
    pack = packs.load()
    found = marks.vocabulary(pack=pack, counts=marks.count_words(journeys=town.journeys))
    pressure = context.pressure(relationships=town.relationships, until=until)
    samples = sampling.sample(
        journeys=town.journeys,
        relationships=town.relationships,
        marks=found,
        pressure=pressure,
        until=until,
        seed=seed,
    )
    heard = answers.sample(
        journeys=town.journeys, relationships=town.relationships, marks=found, pressure=pressure, until=until
    )
    return fit.fit(samples=samples, answers=heard, marks=found, pack=pack, known_until=until, seed=seed)
