"""Promises of asking back: who left by choice of late becomes a case once, and coming back is what counts."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from valence.alerts import queries as alerts
from valence.alerts.models import Alert
from valence.cases.recovery import Recovery
from valence.customers import actions as customers
from valence.customers.rules import CustomerRecord
from valence.flows.act import casework, recovering, rehearsing, watching
from valence.flows.tests import acting
from valence.flows.tests.acting import NOON

pytestmark = pytest.mark.django_db
RULE = "left_worth_asking_back"
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Five customers: one left ten days ago, one long ago, one yesterday, one because they moved; one stayed."""
    acting.company(folder=tmp_path, patch=monkeypatch, customer_ids=[])
    monkeypatch.setattr(watching._Seen, "lost_at", None)
    put("lately", left=10)
    put("long", left=200)
    put("yesterday", left=1)
    put("moved", left=10, kind="involuntary")
    put("here", left=None)


def put(name: str, *, left: float | None, kind: str = "voluntary") -> None:
    gone = None if left is None else NOON - left * DAY
    values = {"region": "Coast", "language": "en", "monthly_value": 80.0, "left_kind": kind if gone else ""}
    record = CustomerRecord(
        customer_id=name, joined_at=NOON - 900 * DAY, left_at=gone, left_said=True, values=values,
        personal={"email": f"{name}@example.org"},
    )  # fmt: skip
    customers.put(records=[record], now=NOON)


def test_who_left_of_late_by_choice_becomes_a_case_once() -> None:
    assert watching.look(now=NOON) == 1
    assert watching.look(now=NOON + 2 * DAY) == 0
    [alert] = Alert.objects.filter(rule__name=RULE)
    assert alert.occurred_at == NOON - 10 * DAY
    [case] = acting.every_case()
    assert case.playbook is not None
    assert case.playbook.name == "win_back"
    assert case.row.owner_name == "carl"


def test_a_dry_run_says_for_how_many_it_holds_now() -> None:
    found = rehearsing.rehearse(rule=alerts.one(name=RULE).rule, now=NOON)
    assert (found.looked_at, found.firings) == (2, 1)


def test_only_coming_back_counts_as_won_back() -> None:
    watching.look(now=NOON)
    casework.open_cases(now=NOON)
    [case] = acting.every_case()
    assert recovering.evidence(case=case, now=NOON).evidence[0].words == "Comes back"
    put("lately", left=None)
    verdict = recovering.evidence(case=case, now=NOON + DAY)
    assert verdict.evidence[0].words == "Is a customer again"
    assert verdict.recovery is Recovery.WAITING
