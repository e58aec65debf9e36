"""Promises of rules that count what happens at a place or with a team: live and over the past, read once."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from valence.alerts import actions, rule
from valence.alerts.models import Alert
from valence.flows.act import alerting, nearby, rehearsing
from valence.flows.tests import acting
from valence.flows.tests.acting import NOON

pytestmark = pytest.mark.django_db
RULE = {
    "name": "place_today",
    "title": "Several at one place today",
    "cool_down_days": 0,
    "when": {"all": [{"field": "facts", "has": ["late"]}, {"field": "place_failures_1d", "at_least": 3}]},
}


@pytest.fixture(autouse=True)
def place_rule(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> rule.Rule:
    """Six customers, and a rule about three at a place."""
    acting.company(folder=tmp_path, patch=monkeypatch, customer_ids=[f"P-{number}" for number in range(6)])
    made = rule.made(table=RULE)
    actions.put_rule(rule=made, by="test", now=NOON)
    actions.switch(name=made.name, on=True, by="test", now=NOON)
    return made


def late(number: int, customer: str, place: str = "Quay") -> dict[str, Any]:
    return {**acting.late_visit(number, customer), "location_id": place}


def raised() -> list[Alert]:
    return list(Alert.objects.filter(rule__name=RULE["name"]))


def test_it_fires_at_the_third_customer_of_a_place_and_reads_the_log_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[object] = []
    past = nearby.past
    monkeypatch.setattr(nearby, "past", lambda **asked: read.append(asked) or past(**asked))
    acting.arrives(late(1, "P-1"), late(2, "P-1"), late(3, "P-2"), late(4, "P-3", place="Mill"))
    alerting.follow(now=NOON)
    assert raised() == []
    acting.arrives(late(5, "P-4"))
    alerting.follow(now=NOON)
    [alert] = raised()
    assert alert.interaction_id == "v5"
    assert any("at the place in a day 3" in reason for reason in alert.reasons)
    assert len(read) == 1


def test_a_customer_without_a_place_is_counted_in_their_region() -> None:
    acting.arrives(*(acting.late_visit(number, f"P-{number}") for number in range(3)))
    alerting.follow(now=NOON)
    assert len(raised()) == 3


def test_a_dry_run_counts_places_as_the_rule_would_have(place_rule: rule.Rule) -> None:
    acting.arrives(late(1, "P-1"), late(3, "P-2"), late(4, "P-3", place="Mill"), late(5, "P-4"))
    found = rehearsing.rehearse(rule=place_rule, now=NOON + timedelta(minutes=1))
    assert (found.firings, found.customers) == (3, 3)


def test_nothing_is_kept_while_no_rule_asks(place_rule: rule.Rule) -> None:
    acting.arrives(late(1, "P-1"))
    alerting.follow(now=NOON)
    assert nearby._Kept.read is not None
    actions.switch(name=place_rule.name, on=False, by="test", now=NOON)
    acting.arrives(late(2, "P-2"))
    alerting.follow(now=NOON)
    assert nearby._Kept.read is None
