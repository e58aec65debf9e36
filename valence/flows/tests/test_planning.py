"""Promises of plans: put to the journeys of all, by region; a file of the data folder counts; a wrong one is named."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from valence.alerts import kept_plans, plan
from valence.alerts.condition import WrongCondition
from valence.customers import actions as customers
from valence.flows.act import planning
from valence.flows.tests import acting
from valence.flows.tests.acting import NOON
from valence.packs import acting as packs
from valence.packs import names
from valence.terms import EVERYTHING, Role, Scope

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
ORDERS = kept_plans.Asked(plan="order_to_service")


def sent(number: int, customer: str, kind: str, days_ago: float, **more: object) -> dict[str, Any]:
    at = NOON - days_ago * DAY
    return {
        "interaction_id": f"p{number}",
        "customer_id": customer,
        "occurred_at": at.isoformat(),
        "kind": kind,
        **more,
    }


@pytest.fixture(autouse=True)
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four orders: one connected in time, one late, one never, one yesterday."""
    acting.company(folder=tmp_path, patch=monkeypatch, customer_ids=[f"T-{n}" for n in range(1, 5)])
    due = {"promised_at": (NOON - 80 * DAY).isoformat(), "department": "sales", "location_id": "shop-1"}
    acting.arrives(
        *(sent(n, f"T-{n}", "order", 90, **due) for n in (1, 2, 3)),
        sent(4, "T-4", "order", 1, **due),
        sent(5, "T-1", "install", 80),
        sent(6, "T-2", "install", 70),
    )


def totals(scope: Scope = EVERYTHING, asked: kept_plans.Asked = ORDERS) -> kept_plans.Totals:
    return kept_plans.together(parts=kept_plans.parts(scope=scope, asked=asked, by="department"))


def test_runs_are_counted_once_and_only_for_who_may_see_them() -> None:
    assert planning.measure(now=NOON) == planning.measure(now=NOON)
    found = totals()
    assert (found.settled, found.fine, found.open) == (3, 1, 1)
    assert found.slips == {"connected:late": 1, "connected:missing": 1}
    assert (found.left_slipped, found.left_fine) == ((0, 2), (0, 1))
    assert totals(Scope(role=Role.MANAGER, regions=frozenset({"Hills"}))).settled == 0
    for by, name in (("department", "sales"), ("place", "shop-1"), ("region", "Coast")):
        assert [(one.name, one.settled) for one in kept_plans.parts(scope=EVERYTHING, asked=ORDERS, by=by)] == [
            (name, 3)
        ]
    late = kept_plans.Asked(plan="order_to_service", slip="connected:late")
    assert [run.interaction_id for run in kept_plans.rows(scope=EVERYTHING, asked=late)] == ["p2"]


def test_who_is_erased_takes_their_runs_along() -> None:
    planning.measure(now=NOON)
    late = kept_plans.rows(scope=EVERYTHING, asked=kept_plans.Asked(plan="order_to_service", slip="connected:late"))
    customers.forget(keys=[run.key for run in late])
    assert (totals().settled, totals().slips) == (2, {"connected:missing": 1})


def test_a_file_of_the_data_folder_takes_the_place_of_a_plan_and_a_wrong_one_is_named() -> None:
    folder = settings.HOME.folder / "plans"
    folder.mkdir()
    begins, ends = (f'{{ field = "kind", is = "{kind}" }}' for kind in ("order", "install"))
    (folder / "ours.toml").write_text(
        f'[[plan]]\nname = "order_to_service"\ntitle = "Ours"\nwindow_days = 30\nbegins = {begins}\n'
        f'[[plan.step]]\nname = "connected"\ntitle = "Connected"\nwithin_days = 30\nof = {ends}\n'
    )
    (folder / "broken.toml").write_text("[[plan")
    found, wrong = planning.in_force()
    assert [one.title for one in found if one.name == "order_to_service"] == ["Ours"]
    assert [name for name, _ in wrong] == ["broken"]
    planning.measure(now=NOON)
    assert totals().fine == 2


@pytest.mark.parametrize("name", names())
def test_every_plan_of_every_pack_can_be_taken(name: str) -> None:
    found, wrong = plan.sorted_out(tables=packs.plans(name=name))
    assert wrong == ()
    assert found


@pytest.mark.parametrize(
    "change",
    [
        {"step": []},
        {"window_days": 0},
        {"window_days": 5},
        {"colour": "red"},
        {"name": "No"},
        {"begins": {"field": "p_leave_60d", "above": 0.1}},
        {"begins": {"field": "kind", "like": "order"}},
    ],
)
def test_a_wrong_plan_says_why(change: dict[str, object]) -> None:
    step = {"name": "done", "title": "Done", "of": {"field": "kind", "is": "bill"}, "within_days": 10}
    right = {
        "name": "own",
        "title": "Own",
        "begins": {"field": "kind", "is": "order"},
        "window_days": 20,
        "step": [step],
    }
    plan.made(table=right)
    with pytest.raises((plan.WrongPlan, WrongCondition)):
        plan.made(table={**right, **change})
