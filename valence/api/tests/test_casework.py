"""Alerts and cases over HTTP: in order, once; a reply only where the customer may be written to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from valence.alerts import actions, queries
from valence.cases import queries as cases
from valence.customers import actions as customers
from valence.customers.rules import CustomerRecord
from valence.flows.act import casework
from valence.people import actions as people
from valence.people import keys
from valence.terms import EVERYTHING, Role

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)


@pytest.fixture
def case() -> int:
    """A case about a customer with an e-mail address and no phone."""
    people.create_person(name="alice", password="correct horse battery", role=Role.ADMINISTRATOR, by="test", now=NOW)
    record = CustomerRecord(
        customer_id="K-1",
        joined_at=NOW - timedelta(days=400),
        values={"region": "Coast", "language": "en"},
        personal={"name": "Ines Caldera", "email": "ines@example.org"},
    )
    customers.put(records=[record], now=NOW)
    [key] = customers.identify(customer_ids=["K-1"], now=NOW)
    casework.install(now=NOW, on=True)
    rule = queries.one(name="promise_broken").rule
    raised = actions.Raise(rule, int(str(key)), "", "", "billing", NOW, ("promise: broken",))
    actions.raise_alerts(found=[raised], now=NOW)
    casework.open_cases(now=NOW)
    [row] = cases.rows(seer=cases.Seer(0, EVERYTHING), asked=cases.Asked())
    return row.pk


def _key(*scopes: str) -> dict[str, Any]:
    token = keys.create(name="-".join(scopes), scopes=scopes, by="test", now=NOW)
    return {"headers": {"authorization": f"Bearer {token}"}}


def test_alerts_and_cases_are_told_in_order_and_once(client: Client, case: int):
    told = client.get("/api/v1/alerts", **_key("read")).json()
    assert [(one["rule"], one["customer_id"]) for one in told] == [("promise_broken", "K-1")]
    after = told[0]["id"]
    assert client.get(f"/api/v1/alerts?after={after}", **_key("read", "write")).json() == []
    [one] = client.get("/api/v1/cases?state=new", **_key("read", "erase")).json()
    assert (one["id"], one["owner"], one["playbook"]) == (case, "alice", "broken_promise")


def test_without_the_scope_nothing_is_told(client: Client, case: int):
    assert client.get("/api/v1/cases").status_code == 401
    assert client.get("/api/v1/cases", **_key("write")).status_code == 403
    assert client.post(f"/api/v1/cases/{case}/reply", **_key("read")).status_code == 403


def test_a_reply_leaves_only_where_the_customer_can_be_written_to(client: Client, case: int):
    may = _key("write")

    def reply(pk: int, **body: str) -> Any:
        return client.post(f"/api/v1/cases/{pk}/reply", body, content_type="application/json", **may)

    assert reply(case, text="Done.", channel="sms").status_code == 422
    assert reply(case, text="Done.", channel="pigeon").status_code == 422
    assert reply(case, text="", channel="email", subject="x").status_code == 422
    assert reply(case, text="Done.", channel="email", subject="x", more="y").status_code == 422
    assert reply(case + 999, text="Done.", channel="email", subject="x").status_code == 404
    sent = reply(case, text="It is done.", channel="email", subject="What we owed you")
    assert sent.status_code == 202
    assert sent.json()["message_id"]
    [one] = cases.rows(seer=cases.Seer(0, EVERYTHING), asked=cases.Asked())
    assert one.state == "active"
