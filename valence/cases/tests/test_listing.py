"""Promises of lists of cases: the most urgent first over all states, page by page, only what one may see."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from valence.cases import queries
from valence.cases.models import Case
from valence.customers.models import Customer
from valence.people.models import Person
from valence.terms import EVERYTHING, Role, Scope

NOW = datetime(2026, 5, 12, 12, tzinfo=UTC)
OPEN = ("new", "active", "waiting")
pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> Person:
    """Somebody who owns sixty cases, half of them of Coast, some of the same priority."""
    dice = random.Random(4)
    owner = Person.objects.create(name="carl", role="case_owner")
    for key in range(1, 61):
        region = "Coast" if key % 2 else "Valley"
        Customer.objects.create(key=key, region=region, wrapped_key=b"k", updated_at=NOW)
        Case.objects.create(
            customer_id=key, owner=owner, title="Late", state=dice.choice([*OPEN, "closed"]),
            severity=dice.randint(1, 3), opened_at=NOW, occurred_at=NOW, due_at=NOW, priority=dice.randint(0, 9),
        )  # fmt: skip
    return owner


def test_the_most_urgent_come_first_over_all_states_and_pages_follow_one_another(owner: Person) -> None:
    seer, asked = queries.Seer(pk=0, scope=EVERYTHING), queries.Asked(states=OPEN)
    found = Case.objects.exclude(state="closed").order_by("-priority", "pk").values_list("pk", flat=True)
    pages = [queries.rows(seer=seer, asked=asked, offset=offset, limit=7) for offset in range(0, 60, 7)]
    assert [row.pk for page in pages for row in page] == list(found)
    assert queries.total(seer=seer, asked=asked) == len(found)


def test_a_manager_sees_those_of_their_regions_alone(owner: Person) -> None:
    seer = queries.Seer(pk=0, scope=Scope(role=Role.MANAGER, regions=frozenset({"Coast"})))
    rows = queries.rows(seer=seer, asked=queries.Asked(states=OPEN, severity=3), limit=60)
    assert rows
    assert all(row.key % 2 and row.severity == 3 for row in rows)


def test_ones_own_cases_elsewhere_are_listed_and_counted_too(owner: Person) -> None:
    scope = Scope(role=Role.MANAGER, regions=frozenset({"Coast"}))
    for number, many in (
        (owner.pk, len(Case.objects.all())),
        (0, Case.objects.filter(customer__region="Coast").count()),
    ):
        seer = queries.Seer(pk=number, scope=scope)
        assert queries.total(seer=seer, asked=queries.Asked()) == many
        assert len(queries.rows(seer=seer, asked=queries.Asked(), limit=100)) == many


def test_how_cases_ended_is_counted_as_they_are_listed(owner: Person) -> None:
    closed = queries.Asked(states=("closed",))
    Case.objects.filter(state="closed").update(recovery="recovered", closed_at=NOW)
    for number in (owner.pk, 0):
        seer = queries.Seer(pk=number, scope=Scope(role=Role.MANAGER, regions=frozenset({"Coast"})))
        listed = queries.rows(seer=seer, asked=closed, limit=60)
        assert queries.recovered(seer=seer) == {"recovered": len(listed)}
        assert queries.total(seer=seer, asked=closed) == len(listed)


def test_late_is_what_nobody_took_up_before_its_moment(owner: Person) -> None:
    seer = queries.Seer(pk=0, scope=EVERYTHING)
    assert not queries.rows(seer=seer, asked=queries.Asked(late_at=NOW))
    late = queries.rows(seer=seer, asked=queries.Asked(late_at=NOW + timedelta(hours=1)), limit=60)
    assert late
    assert {row.state for row in late} == {"new"}
    assert queries.total(seer=seer, asked=queries.Asked(late_at=NOW + timedelta(hours=1))) == len(late)
