"""Promises of standards, measured: met of how many, by week and place; what they are worth; never switched."""

from __future__ import annotations

from datetime import date

import pytest

from valence.alerts import kept_standards, standard
from valence.flows.act import standards
from valence.flows.run import ticker
from valence.flows.tests.conftest import NOW, Operator
from valence.ledger.actions import jobs as ledger
from valence.ledger.queries import jobs
from valence.terms import EVERYTHING, Role, Scope

pytestmark = pytest.mark.django_db
ALWAYS = {"since": date(2020, 1, 1), "until": date(2030, 1, 1)}


@pytest.fixture(autouse=True)
def installed(operator: Operator) -> None:
    standards.install(now=NOW)


def count(name: str, by: str = "", scope: Scope = EVERYTHING) -> tuple[kept_standards.Count, ...]:
    return kept_standards.counts(scope=scope, pk=kept_standards.one(name=name).pk, by=by, **ALWAYS)


def test_standards_are_counted_worth_something_and_only_proposed() -> None:
    assert standards.measure(now=NOW) > 1000
    [total] = count("visit_in_window")
    assert 0.5 < total.met / total.counted < 1.0
    for by in ("week", "department", "place"):
        assert sum(one.counted for one in count("visit_in_window", by)) == total.counted
    nobody = Scope(role=Role.MANAGER, regions=frozenset({"Nowhere"}))
    assert count("visit_in_window", scope=nobody)[0].counted == 0
    found = kept_standards.one(name="solved_in_one_contact").worked_out["worth"]
    assert found["times"] > 1.0
    assert found["low"] <= found["times"] <= found["high"]
    for one in kept_standards.every(states=("proposed",)):
        assert kept_standards.versions(name=one.standard.name)[0].by == standards.BY_PACK


def test_a_change_is_a_new_version_with_its_reason_and_is_measured_anew() -> None:
    kept = kept_standards.one(name="visit_in_window")
    changed = standard.aimed(standard=kept.standard, target=0.9)
    assert kept_standards.put(said=changed, why="The new fleet", by="mark", now=NOW) == 2
    assert kept_standards.put(said=changed, why="Again", by="mark", now=NOW) == 2
    assert [one.why for one in kept_standards.versions(name="visit_in_window")] == [
        "The new fleet",
        "Comes with the pack",
    ]
    assert standards.is_due(now=NOW)


def test_a_standard_that_was_given_up_stays_in_the_history_and_is_not_measured() -> None:
    kept_standards.change_state(name="short_outage", new="given_up", why="Other things matter", by="mark", now=NOW)
    assert "short_outage" not in {one.standard.name for one in kept_standards.every()}
    assert kept_standards.versions(name="short_outage")[0].why == "Given up: Other things matter"


def test_they_are_asked_for_once_while_they_are_being_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standards, "is_due", lambda *, now: True)
    monkeypatch.setattr(ticker.versions, "scored", lambda: object())
    ticker._standards(NOW)
    [job] = jobs.running()
    assert ledger.begin(number=job.pk, now=NOW)
    ticker._standards(NOW)
    assert [one.name for one in jobs.running()] == ["standards"]
