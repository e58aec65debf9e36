"""Interactions, customers and links of ids arrive in any order, links are made and undone: the end is the same."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django import conf
from django.conf import LazySettings
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from valence import interactions, terms
from valence.customers import actions, queries
from valence.customers import identities as who
from valence.customers.models import Link
from valence.customers.rules_links import Relation, State
from valence.flows.gather import identities, ingest, rows
from valence.flows.protect import erase
from valence.flows.tests.conftest import NOW
from valence.intake import customers as customer_intake
from valence.intake import interactions as interaction_intake
from valence.intake import objects
from valence.interactions import log
from valence.terms import EVERYTHING, RawRecords

pytestmark = pytest.mark.django_db

PEOPLE = ("A", "B", "C", "D")
JOINED = datetime(2024, 1, 1, tzinfo=UTC)


def records(kind: str, *sent: object) -> RawRecords:
    known = customer_intake.KNOWN if kind == "customers" else interaction_intake.KNOWN
    return objects.side_by_side(objects=list(sent), known=known, numbers=range(1, len(sent) + 1))


def customer_comes(name: str) -> Callable[[], None]:
    months = PEOPLE.index(name) * 3
    sent = {
        "customer_id": name, "joined_at": (JOINED + timedelta(days=30 * months)).isoformat(), "plan": f"plan {name}",
        "monthly_value": 10.0 + months, "recorded_at": (JOINED + timedelta(days=500)).isoformat(),
    }  # fmt: skip
    if name == "B":
        sent["left_at"] = (JOINED + timedelta(days=400)).isoformat()
    return lambda: _take(ingest.take_customers, "customers", sent)


def interaction_comes(name: str, number: int) -> Callable[[], None]:
    sent = {
        "interaction_id": f"{name}{number}", "customer_id": name, "kind": "contact",
        "occurred_at": (JOINED + timedelta(days=10 * number + PEOPLE.index(name))).isoformat(),
    }  # fmt: skip
    return lambda: _take(ingest.take_interactions, "interactions", sent)


def link_comes(a: str, b: str, relation: str = "same") -> Callable[[], None]:
    def take() -> None:
        known = frozenset({"customer_id", "other_id", "relation"})
        sent = objects.side_by_side(
            objects=[{"customer_id": a, "other_id": b, "relation": relation}], known=known, numbers=[1]
        )
        taken = identities.take(records=sent, by="file", now=NOW)
        identities.settle(affected=taken.affected, now=NOW)

    return take


def merged_and_undone(a: str, b: str) -> Callable[[], None]:
    def both() -> None:
        link_comes(a, b)()
        keys = {queries.key_of(scope=EVERYTHING, customer_id=one) for one in (a, b)}
        for link in Link.objects.filter(relation=Relation.SAME, state=State.CONFIRMED):
            if {who.canonical(key=link.a_id)} == keys and {link.a_id, link.b_id} == _keys(a, b):
                undo = {"become": State.UNDONE, "relation": None, "by": "test", "why": "wrong", "scope": EVERYTHING}
                identities.decide(number=link.pk, now=NOW, **undo)

    return both


@contextmanager
def nothing_stays() -> Iterator[None]:
    point = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(point)


def _keys(*names: str) -> set[int]:
    return {int(key) for key in actions.identify(customer_ids=list(names), now=NOW)}  # type: ignore[arg-type]


def _take(taking: Callable[..., Any], kind: str, sent: dict[str, object]) -> None:
    taking(records=records(kind, sent), desk=ingest.Desk(), now=NOW)


ARRIVALS = [
    *(customer_comes(name) for name in "ABC"),
    *(interaction_comes(name, number) for name in PEOPLE for number in range(2)),
    link_comes("A", "B"),
    link_comes("C", "D", "same"),
    link_comes("A", "C", "household"),
    merged_and_undone("B", "C"),
]


def seen_in_the_end() -> dict[str, Any]:
    """Return who there is in the end, named by the company's ids: surrogate keys differ from try to try."""
    people = queries.relationships()
    names = queries.names(scope=EVERYTHING, keys=[*people.keys.tolist(), *_keys(*PEOPLE)])
    journeys = interactions.journeys_of(keys=people.keys.tolist()).aligned_to(people.keys)
    ids = journeys.texts["interaction_id"]
    owners = [names[key].customer_id for key in people.keys.tolist()]
    order = np.argsort(owners)
    return {
        "customers": [owners[place] for place in order],
        "joined": people.joined[order].tolist(),
        "left": repr(people.left[order]),
        "value": people.monthly_value[order].tolist(),
        "plan": [people.words["plan"].said()[place] for place in order],
        "journeys": {
            owners[place]: ids[journeys.starts[place] : journeys.starts[place + 1]].tolist() for place in order
        },
        "read as": {name: names[key].customer_id for name in PEOPLE for key in _keys(name)},
        "profiles": {
            owners[place]: queries.profile(scope=EVERYTHING, key=int(people.keys[place])).plan for place in order
        },
    }


@settings(
    max_examples=int(os.environ.get("VALENCE_ORDERS", "15")),
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(order=some.permutations(range(len(ARRIVALS))), moves=some.sets(some.integers(0, len(ARRIVALS) - 1)))
def test_in_any_order_of_arrival_the_end_is_the_same(order: list[int], moves: set[int], tmp_path_factory: Any) -> None:
    home = replace(conf.settings.HOME, folder=tmp_path_factory.mktemp("order"))
    with pytest.MonkeyPatch.context() as patch, nothing_stays():
        patch.setattr(conf.settings, "HOME", home)
        for step, arrival in enumerate(order):
            ARRIVALS[arrival]()
            if step in moves:
                log.flush()
        found = seen_in_the_end()
    assert found["customers"] == ["A", "C"]
    assert found["read as"] == {"A": "A", "B": "A", "C": "C", "D": "C"}
    assert found["journeys"] == {"A": ["A0", "B0", "A1", "B1"], "C": ["C0", "D0", "C1", "D1"]}
    assert found["left"] == repr(np.array([np.nan, np.nan]))
    assert found["value"] == [10.0, 16.0]
    assert found["plan"] == ["plan A", "plan C"]
    assert found["profiles"] == {"A": "plan A", "C": "plan C"}


def test_an_interaction_before_its_customer_waits_and_joins(settings: LazySettings, tmp_path: Path) -> None:
    settings.HOME = replace(settings.HOME, folder=tmp_path)
    interaction_comes("A", 0)()
    assert len(queries.relationships()) == 0
    assert rows.find(scope=EVERYTHING, asked=rows.Asked(), limit=5, now=NOW).total == 0
    customer_comes("A")()
    found = interactions.journeys_of(keys=queries.relationships().keys.tolist())
    assert found.texts["interaction_id"].tolist() == ["A0"]


@pytest.mark.django_db(transaction=True)
def test_who_is_erased_is_erased_by_every_id(settings: LazySettings, tmp_path: Path) -> None:
    settings.HOME = replace(settings.HOME, folder=tmp_path / "home")
    (tmp_path / "home" / "logs").mkdir(parents=True)
    arrivals = (customer_comes("A"), interaction_comes("A", 0), interaction_comes("B", 0), link_comes("A", "B"))
    for arrive in arrivals:
        arrive()
    erase.run(customer_id="B", why="asked", who="ann", scope=EVERYTHING, now=NOW)
    assert interactions.journeys_of(keys=list(_found())).keys.tolist() == []
    assert all(queries.is_erased(customer_id=name) for name in "AB")
    assert len(who.merged()) == 0
    sent = objects.side_by_side(
        objects=[{"customer_id": "C", "other_id": "A"}], known=frozenset({"customer_id", "other_id"}), numbers=[1]
    )
    taken = identities.take(records=sent, by="file", now=NOW)
    assert taken.refused[0].reason is terms.Refusal.ERASED


def _found() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT key FROM valence_customer")
        return [row[0] for row in cursor.fetchall()]
