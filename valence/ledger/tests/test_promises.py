"""Promises of the list of promises: only whom one may see, what is overdue, the first that matters on top."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from valence.customers.models import Customer
from valence.ledger import rules
from valence.ledger.actions import promises as mark
from valence.ledger.models import OpenPromise
from valence.ledger.queries import promises
from valence.terms import EVERYTHING, Role, Scope

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 5, 12, 9, tzinfo=UTC)
COAST = Scope(role=Role.MANAGER, regions=frozenset({"Coast", ""}))
OVERDUE = promises.Asked(state="overdue", with_us=True)


def promise(key: int, *, state: str, due: float | None, region: str = "Coast", has_left: bool = False) -> None:
    customer = Customer.objects.create(
        key=key, region=region, joined_at=NOW, updated_at=NOW, left_at=NOW if has_left else None
    )
    OpenPromise.objects.create(
        customer=customer,
        source="crm",
        interaction_id=f"p-{key}",
        words="Credit",
        made_at=NOW - timedelta(days=40),
        due_at=None if due is None else NOW + timedelta(days=due),
        state=state,
    )


def keys(asked: promises.Asked, scope: Scope = EVERYTHING) -> list[int]:
    return [row.key for row in promises.rows(scope=scope, asked=asked)]


def test_the_latest_overdue_comes_first_and_an_open_one_that_is_due_soon() -> None:
    promise(1, state="overdue", due=-30)
    promise(2, state="overdue", due=-1)
    promise(3, state="overdue", due=None)
    promise(4, state="open", due=9)
    promise(5, state="open", due=1)
    assert keys(OVERDUE) == [2, 1, 3]
    assert keys(promises.Asked(state="open")) == [5, 4]


def test_of_all_promises_the_overdue_ones_come_first_on_every_page_of_the_list() -> None:
    for key, (state, due) in enumerate(
        (("kept", 300), ("open", 9), ("overdue", -30), ("broken", 20), ("open", 1), ("overdue", -1), ("unsaid", -2)),
        start=1,
    ):
        promise(key, state=state, due=due)
    whole = [6, 3, 5, 2, 4, 7, 1]
    assert keys(promises.Asked()) == whole
    for at in range(7):
        page = promises.rows(scope=EVERYTHING, asked=promises.Asked(), offset=at, limit=2)
        assert [row.key for row in page] == whole[at : at + 2]


def test_nothing_is_owed_any_more_to_somebody_who_left() -> None:
    promise(1, state="overdue", due=-1)
    promise(2, state="overdue", due=-1, has_left=True)
    assert keys(OVERDUE) == [1]
    assert keys(promises.Asked(state="overdue")) == [1, 2]


def test_totals_add_up_and_know_only_customers_of_the_scope() -> None:
    for key, state in enumerate(("open", "overdue", "overdue", "kept", "broken"), start=1):
        promise(key, state=state, due=-1, region="Valley" if key == 2 else "Coast")
    promise(9, state="overdue", due=-1, region="")
    found = promises.totals(scope=COAST, asked=promises.Asked())
    assert (found.everyone, found.open, found.overdue, found.kept, found.broken) == (4, 1, 1, 1, 1)
    assert promises.totals(scope=EVERYTHING, asked=promises.Asked()).everyone == 6


def test_what_no_source_reports_on_is_not_overdue_but_unsaid() -> None:
    for key in range(1, 13):
        promise(key, state="overdue", due=-5)
    mark.mark_unsaid()
    totals = promises.totals(scope=EVERYTHING, asked=promises.Asked())
    assert (totals.overdue, totals.unsaid) == (0, 12)
    assert promises.unsaid(key=1) == {("crm", "p-1")}


def test_one_promise_on_record_as_kept_makes_the_others_overdue_again() -> None:
    for key in range(1, 13):
        promise(key, state="unsaid", due=-5)
    promise(13, state="kept", due=-5)
    mark.mark_unsaid()
    assert promises.totals(scope=EVERYTHING, asked=promises.Asked()).overdue == 12


def test_few_promises_that_nothing_settled_stay_overdue_unless_their_source_never_settles_any() -> None:
    assert rules.unsaid(promises={("crm", "Credit"): {"overdue": 3}}) == frozenset()
    whole = {("crm", "Credit"): {"overdue": 3}, ("crm", "Call"): {"overdue": 9}, ("bills", "Fee"): {"broken": 1}}
    assert rules.unsaid(promises=whole) == {("crm", "Credit"), ("crm", "Call")}
    assert rules.unsaid(promises=whole | {("crm", "Visit"): {"kept": 1}}) == frozenset()
