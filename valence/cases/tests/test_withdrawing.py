"""Promises of taking back: what was raised goes with what it rested on; a case stays, and says so."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from valence.alerts.models import Alert, Rule
from valence.cases import withdrawing
from valence.cases.models import Case, CaseAlert, Happening
from valence.customers.models import Customer
from valence.people.models import Person

NOW = datetime(2026, 5, 12, 9, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def raised(name: str, *, source: str = "crm") -> Alert:
    customer, _ = Customer.objects.get_or_create(key=1, defaults={"joined_at": NOW, "updated_at": NOW})
    rule, _ = Rule.objects.get_or_create(name="rule")
    return Alert.objects.create(
        rule=rule, version=1, customer=customer, once=f"{source}:{name}", title="Late", severity=2, source=source,
        interaction_id=name, occurred_at=NOW, raised_at=NOW,
    )  # fmt: skip


def test_an_alert_without_a_case_goes_and_that_of_another_interaction_stays() -> None:
    raised("a")
    other, same_id = raised("b"), raised("a", source="billing")
    assert withdrawing.withdraw(ids=[("crm", "a")], now=NOW) == 1
    assert set(Alert.objects.values_list("pk", flat=True)) == {other.pk, same_id.pk}


def test_a_case_stays_and_says_that_what_raised_it_was_taken_back() -> None:
    alert = raised("a")
    owner = Person.objects.create(name="carl", role="case_owner")
    case = Case.objects.create(
        customer_id=1, owner=owner, title="Late", severity=2, opened_at=NOW, occurred_at=NOW, due_at=NOW
    )
    CaseAlert.objects.create(case=case, alert=alert)
    withdrawing.withdraw(ids=[("crm", "a")], now=NOW)
    alert.refresh_from_db()
    assert alert.state == "dismissed"
    assert Happening.objects.get(case=case).words == withdrawing.WORDS
