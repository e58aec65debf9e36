"""Promises of what is counted after a score: expectations and fit, each region its own; what the seller is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings

from valence import home, interactions, terms
from valence.alerts import condition, fields
from valence.alerts.condition import Table
from valence.cases import queries
from valence.customers import actions as customer_actions
from valence.customers.rules import CustomerRecord
from valence.flows.act import alerting, casework, expected, expecting, fitted, fitting
from valence.flows.gather import ingest
from valence.insights.expectations import AS_TOLD, NOT_TOLD
from valence.people import actions as people
from valence.terms import EVERYTHING, Role, Scope

NOON = datetime(2026, 5, 12, 12, tzinfo=UTC)
COAST = Scope(role=Role.MANAGER, regions=frozenset({"Coast"}))
CAME = NOON - timedelta(days=400)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Customers who began together: of those who took Flex a third left soon, with nothing gone wrong."""
    monkeypatch.setattr(settings, "HOME", replace(settings.HOME, folder=tmp_path))
    for name in home.FOLDERS:
        (tmp_path / name).mkdir(exist_ok=True)
    records, rows = [], []
    for number in range(150):
        plan, region = ("Flex", "Basic")[number % 3 > 0], ("Coast", "Valley")[number % 2]
        left = CAME + timedelta(days=90) if number % 9 == 0 else None
        values = {"region": region, "plan": plan}
        values |= {"left_kind": "voluntary"} if left else {}
        records.append(
            CustomerRecord(customer_id=f"c-{number}", joined_at=CAME, left_at=left, left_said=bool(left), values=values)
        )
        told = (CAME + timedelta(days=3)).isoformat() if number % 2 else None
        rows.append((f"order-{number}", f"c-{number}", CAME, "order", None, ""))
        rows.append(
            (f"visit-{number}", f"c-{number}", CAME + timedelta(days=3), "visit", told, "Faster than I expected")
        )
    rows.append(("news", "c-1", NOON - timedelta(hours=1), "message", None, ""))  # data still come in
    customer_actions.put(records=records, now=NOON)
    columns = {
        name: [row[place] if name != "occurred_at" else row[2].isoformat() for row in rows]
        for place, name in enumerate(("interaction_id", "customer_id", "occurred_at", "kind", "promised_at", "text"))
    }
    raw = terms.RawRecords(numbers=list(range(1, len(rows) + 1)), columns=columns)
    assert not ingest.take_interactions(records=raw, desk=ingest.Desk(), now=NOON).refused


def test_what_was_told_and_what_came_is_counted_by_region_and_seen_only_there() -> None:
    assert expecting.measured() is None
    assert expecting.measure(now=NOON) == 150
    found = expecting.measured()
    assert found is not None
    visits = {(one.region, one.short): one.all for one in found.cells}
    assert visits == {("Coast", NOT_TOLD): 75, ("Valley", AS_TOLD): 75}
    assert {one.region for one in found.within(scope=COAST).cells} == {"Coast"}
    assert [(one.region, one.texts, one.said["beyond"]) for one in found.within(scope=COAST).spoken] == [
        ("Coast", 75, 75)
    ]
    left = sum(one.took["left"].of for one in found.cells)
    assert left == 150  # the first visit of each, and two months have passed for all


def test_every_count_is_found_again_row_by_row() -> None:
    expecting.measure(now=NOON)
    found = expecting.measured()
    assert found is not None
    quarter = (found.cells[0].quarter,)
    for asked, number in (
        (expected.Asked(about="visit"), 150),
        (expected.Asked(about="visit", quarters=quarter, came=expected.TOLD), 75),
        (expected.Asked(about="visit", came=expected.OTHERWISE), 0),
        (expected.Asked(about="visit", came=expected.NEVER, reaction="left"), 75),
        (expected.Asked(about="words", quarters=quarter), 150),
        (expected.Asked(about="words", came="beyond"), 150),
        (expected.Asked(about="words", came="short"), 0),
    ):
        listed = expected.find(scope=EVERYTHING, asked=asked, limit=500, now=NOON)
        assert (listed.total, len(listed.rows), len({row.key for row in listed.rows})) == (number,) * 3, asked
        first = expected.find(scope=EVERYTHING, asked=asked, limit=20, now=NOON)
        assert (first.total, first.rows) == (number, listed.rows[:20])
    mine = expected.find(scope=COAST, asked=expected.Asked(about="visit"), limit=500, now=NOON)
    assert (mine.total, len(mine.rows)) == (75, 75)


def test_everybody_of_a_group_is_found_again() -> None:
    fitting.measure(now=NOON)
    found = fitting.measured()
    assert found is not None
    [flex] = [one for one in found.groups() if one.word == "Flex"]
    for left, number in ((False, flex.tally.joined), (True, flex.tally.left)):
        asked = fitted.Asked(field="plan", word="Flex", left=left)
        listed = fitted.find(scope=EVERYTHING, asked=asked, limit=500)
        assert (listed.total, len(listed.rows)) == (number, number)
        assert len(fitted.find(scope=EVERYTHING, asked=asked, limit=5).rows) == 5
    assert fitted.find(scope=COAST, asked=fitted.Asked(field="plan", word="Flex"), limit=500).total == 25


def test_a_group_that_does_not_fit_is_said_of_its_orders_with_the_reason_and_of_nothing_else() -> None:
    assert fitting.told(table=orders()).words[fitting.FIELD].codes.tolist() == [-1, -1, -1]
    assert fitting.measure(now=NOON) == 150
    found = fitting.measured()
    assert found is not None
    assert [one.word for one in found.groups() if one.may_not_fit] == ["Flex"]
    assert all(one.tally.joined == 25 for one in found.groups(scope=COAST) if one.word == "Flex")
    table = fitting.told(table=orders())
    said = table.words[fitting.FIELD]
    assert (said.codes >= 0).tolist() == [True, False, False]
    assert said.vocabulary[0].startswith("Plan Flex: of 50, ")
    asked = condition.parse(written={"field": fitting.FIELD, "known": True}, about=fields.About.INTERACTION)
    assert condition.evaluate(condition=asked, table=table).tolist() == [1, 0, 0]


def orders() -> Table:
    """Return an order of Flex, one of Basic, and a visit of somebody with Flex."""
    words = {
        "kind": terms.Words(np.array([0, 0, 1], np.int32), ("order", "visit")),
        "plan": terms.Words(np.array([0, 1, 0], np.int32), ("Flex", "Basic")),
    }
    return Table(size=3, words=words, numbers={}, texts={})


def test_with_the_rule_on_whoever_sells_hears_of_such_an_order_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "PASSWORD_HASHERS", ["django.contrib.auth.hashers.MD5PasswordHasher"])
    people.create_person(
        name="alice", password="correct horse battery", role=Role.ADMINISTRATOR, by="test", now=NOON, regions=None
    )
    fitting.measure(now=NOON)
    casework.install(now=NOON, on=True)
    interactions.followers.position(name=alerting.NAME)
    ordered = NOON - timedelta(hours=1)
    columns = {
        "interaction_id": ["o-flex", "o-basic"],
        "customer_id": ["c-3", "c-4"],  # of Flex, and of Basic
        "occurred_at": [ordered.isoformat()] * 2,
        "kind": ["order"] * 2,
        "department": ["sales"] * 2,
    }
    raw = terms.RawRecords(numbers=[1, 2], columns=columns)
    assert not ingest.take_interactions(records=raw, desk=ingest.Desk(), now=NOON).refused
    assert alerting.follow(now=NOON).raised == 1
    assert casework.open_cases(now=NOON) == 1
    [case] = queries.rows(seer=queries.Seer(pk=0, scope=EVERYTHING), asked=queries.Asked())
    assert case.title == "An order that may not fit the customer"
    assert case.department == "sales"
    assert any(reason.startswith("Plan Flex: of 50, ") for reason in case.why)


def test_nothing_is_left_out_of_everybody() -> None:
    fitting.measure(now=NOON)
    found = fitting.measured()
    assert found is not None
    assert sum(one.tally.joined for one in found.groups(scope=EVERYTHING)) == 150
