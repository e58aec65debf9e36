"""Promises of the pressure of region and time: one process works it out for a score, all others find it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from datetime import timedelta

import numpy as np
import pytest

from valence.bond import context
from valence.flows.tests.conftest import Operator
from valence.flows.weigh import kept_pressure, population
from valence.ledger.queries import versions

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("operator")]
Told = Callable[[], context.Pressure]


@pytest.fixture
def scored(operator: Operator) -> versions.Scored:
    found = versions.scored()
    assert found is not None
    return found


@pytest.fixture
def another_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """Forget what this process knows; return the moments for which everybody had to be read."""
    asked: list[float] = []
    worked_out = population.pressure

    def pressure(*, until: float) -> context.Pressure:
        asked.append(until)
        return worked_out(until=until)

    monkeypatch.setattr(population, "pressure", pressure)
    population._pressure_when_scored.cache_clear()
    yield asked
    population._pressure_when_scored.cache_clear()


def test_another_process_finds_what_the_score_knew(scored: versions.Scored, another_process: list[float]) -> None:
    told = population.pressure_when_scored(scored=scored)
    assert another_process == []
    again = population.pressure(until=told.until)
    for one in fields(told):
        assert np.array_equal(getattr(told, one.name), getattr(again, one.name)), one.name


def test_what_arrives_after_a_score_makes_nobody_read_everybody(
    scored: versions.Scored, another_process: list[float]
) -> None:
    population.pressure_when_scored(scored=replace(scored, stale_since=scored.scored_at))
    assert another_process == []


def test_another_score_has_its_own(scored: versions.Scored, another_process: list[float]) -> None:
    later = replace(scored, as_of=scored.as_of - timedelta(days=30))
    population.pressure_when_scored(scored=later)
    assert len(another_process) == 1
    population._pressure_when_scored.cache_clear()
    population.pressure_when_scored(scored=later)
    assert len(another_process) == 1
    assert kept_pressure.read(scored=scored) is None


@pytest.mark.parametrize("inside", [b"", b"PK\x03\x04 half a file"])
def test_a_broken_file_is_worked_out_anew(scored: versions.Scored, another_process: list[float], inside: bytes) -> None:
    kept_pressure._path().write_bytes(inside)
    population.pressure_when_scored(scored=scored)
    assert len(another_process) == 1
    assert kept_pressure.read(scored=scored) is not None
