"""Promises of bills against what was told: found over everybody, told on the page, and raised as they come."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from valence import home, interactions, terms
from valence.alerts import actions as alert_actions
from valence.alerts.models import Alert
from valence.customers import actions as customer_actions
from valence.customers.rules import CustomerRecord
from valence.flows.act import alerting, billing, casework
from valence.flows.gather import ingest
from valence.ledger.models import BillFinding
from valence.ledger.queries import bills
from valence.people import actions as people
from valence.terms import EVERYTHING, Role, Scope

NOON = datetime(2026, 5, 12, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forty customers of Coast with ten honest bills each, a little above what was told now and then."""
    monkeypatch.setattr(settings, "HOME", replace(settings.HOME, folder=tmp_path))
    for name in home.FOLDERS:
        (tmp_path / name).mkdir(exist_ok=True)
    monkeypatch.setattr(settings, "PASSWORD_HASHERS", ["django.contrib.auth.hashers.MD5PasswordHasher"])
    people.create_person(name="alice", password="correct horse battery", role=Role.ADMINISTRATOR, by="test", now=NOON)
    known = [CustomerRecord(customer_id=f"C-{n}", joined_at=NOON, values={"region": "Coast"}) for n in range(40)]
    customer_actions.put(records=known, now=NOON)
    interactions.followers.position(name=alerting.NAME)
    arrives(
        *(
            bill(f"b{n}-{month}", f"C-{n}", 300 - 30 * month, 40 + (n * month % 4) * 0.7, 40.0)
            for n in range(40)
            for month in range(10)
        )
    )


def bill(name: str, customer: str, days: float, amount: float, told: float | None) -> dict[str, Any]:
    at = (NOON - timedelta(days=days)).isoformat()
    plain = {"interaction_id": name, "customer_id": customer, "occurred_at": at, "kind": "bill", "amount": amount}
    return plain if told is None else {**plain, "expected_amount": told}


def arrives(*records: dict[str, Any]) -> None:
    names = list(dict.fromkeys(name for record in records for name in record))
    columns = {name: [record.get(name) for record in records] for name in names}
    raw = terms.RawRecords(numbers=list(range(1, len(records) + 1)), columns=columns)
    assert not ingest.take_interactions(records=raw, desk=ingest.Desk(), now=NOON).refused


def test_a_bill_beyond_what_honest_ones_differ_is_found_also_where_nothing_says_what_was_told() -> None:
    assert billing.check(now=NOON) == 0
    arrives(bill("wrong", "C-1", 1, 59.0, 40.0), bill("unsaid", "C-2", 1, 59.0, None))
    assert billing.check(now=NOON) == 2
    found = {row.interaction_id: row for row in BillFinding.objects.all()}
    assert (found["wrong"].about, found["unsaid"].about) == ("told", "usual")
    assert billing.limit().bills >= 400
    key = found["wrong"].customer_id
    assert [round(one.over) for one in bills.of_customer(scope=EVERYTHING, key=key)] == [19]
    assert bills.of_customer(scope=Scope(role=Role.MANAGER, regions=frozenset({"Valley"})), key=key) == ()


def test_it_raises_an_alert_as_it_arrives_and_an_honest_one_does_not() -> None:
    billing.check(now=NOON)
    alerting.follow(now=NOON)
    casework.install(now=NOON)
    alert_actions.switch(name="bill_contradicts", on=True, by="test", now=NOON)
    arrives(
        bill("wrong", "C-1", 0.1, 59.0, 40.0),
        bill("unsaid", "C-2", 0.1, 59.0, None),
        bill("fair", "C-3", 0.1, 41.0, 40.0),
    )
    assert alerting.follow(now=NOON).raised == 2
    assert set(Alert.objects.values_list("interaction_id", flat=True)) == {"wrong", "unsaid"}
