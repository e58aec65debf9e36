"""Customers of several ids: one journey, undone as if nothing had happened, the same end in any order of arrival."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.db import transaction

from valence import interactions, terms
from valence.customers import identities as who
from valence.customers import link_queries, links, queries
from valence.customers.models import Link
from valence.customers.rules_links import Relation, State
from valence.flows.find import customer, export
from valence.flows.gather import identities, rows
from valence.flows.tests.conftest import NOW, Operator
from valence.flows.weigh import population, score, state
from valence.interactions import inbox
from valence.ledger.models import BondState, Loss, OpenPromise, Risk, Share, WeekCount
from valence.terms import EVERYTHING

pytestmark = pytest.mark.django_db
STEPS = int(os.environ.get("VALENCE_MERGES", "60"))
STORED = (Risk, BondState, Loss, Share, OpenPromise)


def merge(a: int, b: int, *, why: str = "test") -> frozenset[int]:
    said = links.Said(a=a, b=b, relation=Relation.SAME, evidence="recorded", reason=why, confidence=1.0, decided=True)
    before = Link.objects.filter(a_id=min(a, b), b_id=max(a, b), state=State.UNDONE).first()
    if before:  # what a person undid stays undone whatever a source says: only a person joins them again
        again = {"become": State.CONFIRMED, "relation": None, "by": "test", "why": why, "scope": EVERYTHING}
        identities.decide(number=before.pk, now=NOW, **again)
        return frozenset()
    told = links.tell(said=[said], by="test", now=NOW)
    identities.settle(affected=told.affected, now=NOW)
    return told.affected


def part(a: int, b: int) -> None:
    link = Link.objects.get(a_id=min(a, b), b_id=max(a, b))
    identities.decide(
        number=link.pk, become=State.UNDONE, relation=None, by="test", why="wrong", scope=EVERYTHING, now=NOW
    )


def everything() -> dict[str, Any]:
    """Return all that is stored and read of everybody, comparable."""
    people = queries.relationships()
    journeys = interactions.journeys_of(keys=people.keys.tolist())
    buckets = list(interactions.per_customer(function=lambda bucket, found: (bucket, found.keys.tolist(), len(found))))
    counted = interactions.ask(
        question=lambda table: table.aggregate(n=table.count(), customers=table.customer_key.nunique())
    )
    return {
        "people": [people.keys.tolist(), people.joined.tolist(), repr(people.left), repr(people.monthly_value)],
        "words": {name: words.said() for name, words in people.words.items()},
        "history": {name: [past.row.tolist(), past.since.tolist()] for name, past in people.history.items()},
        "journeys": [journeys.keys.tolist(), journeys.starts.tolist(), journeys.texts["interaction_id"].tolist()],
        "buckets": buckets,
        "counted": counted,
        **{table.__name__: stored(table) for table in STORED},
        "weeks": sorted(
            map(repr, WeekCount.objects.values_list("week", "region", "fact", "interactions", "customers"))
        ),
    }


def stored(table: Any) -> list[str]:
    """Return the rows of a table without their numbers, figures to nine digits."""
    names = [field.attname for field in table._meta.concrete_fields if field.name != "id"]
    return sorted(repr([_plain(value) for value in row]) for row in table.objects.values_list(*names))


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return f"{value:.9g}"
    if isinstance(value, bytes | memoryview):
        return [f"{each:.5g}" for each in np.frombuffer(bytes(value), np.float32)]
    return value


def test_random_merges_and_undos_leave_everything_as_if_nothing_had_happened(operator: Operator) -> None:
    before = everything()
    keys = queries.relationships().keys.tolist()
    chance = random.Random(STEPS)
    joined: list[tuple[int, int]] = []
    for _ in range(STEPS):
        if joined and chance.random() < 0.45:
            part(*joined.pop(chance.randrange(len(joined))))
        else:
            a, b = chance.sample(keys, 2)
            if not Link.objects.filter(a_id=min(a, b), b_id=max(a, b), state=State.CONFIRMED).exists():
                merge(a, b)
                joined.append((a, b))
        people = queries.relationships()
        assert len(people) == len(keys) - sum(len(group) - 1 for group in groups(joined))
        assert Risk.objects.filter(customer_id__in=who.other_keys()).count() == 0
    together = interactions.journeys_of(keys=keys)
    assert len(together) == len(before["journeys"][2]), "no interaction is lost or doubled while they are merged"
    for pair in joined:
        part(*pair)
    assert everything() == before
    score.score(now=NOW)
    assert everything() == before


def groups(pairs: list[tuple[int, int]]) -> list[frozenset[int]]:
    from valence.customers import rules_links

    return rules_links.components(pairs=pairs)


def test_what_is_worked_out_at_once_is_what_a_score_of_everybody_says(operator: Operator) -> None:
    with undone():
        keys = queries.relationships().keys.tolist()
        gone = Loss.objects.values_list("customer_id", flat=True)[0]
        for a, b in [(keys[0], keys[1]), (keys[1], keys[2]), (keys[10], gone)]:
            merge(a, b)
        at_once = {table.__name__: stored(table) for table in (Loss, Share, OpenPromise)}
        risks = dict(Risk.objects.values_list("customer_id", "bond"))
        score.score(now=NOW)
        assert {table.__name__: stored(table) for table in (Loss, Share, OpenPromise)} == at_once
        assert dict(Risk.objects.values_list("customer_id", "bond")) == pytest.approx(risks, abs=0.5)


def test_every_reading_gives_one_customer_under_one_key(operator: Operator) -> None:
    with undone():
        people = queries.relationships()
        order = np.argsort(people.joined)
        first, second = int(people.keys[order[0]]), int(people.keys[order[-1]])
        alone = {key: interactions.journeys_of(keys=[key]) for key in (first, second)}
        names = queries.names(scope=EVERYTHING, keys=[first, second])
        merge(first, second)
        for key in (first, second):
            journey = interactions.journeys_of(keys=[key])
            assert journey.keys.tolist() == [first], "the line that joined first gives the key"
            assert len(journey) == sum(map(len, alone.values()))
            assert np.all(np.diff(journey.occurred) >= 0)
            assert customer.read(scope=EVERYTHING, key=key, now=NOW).profile.key == first
            assert queries.key_of(scope=EVERYTHING, customer_id=names[key].customer_id) == first
            found = queries.search(scope=EVERYTHING, words=names[key].customer_id)
            assert [one.key for one in found] == [first]
        found_keys = np.concatenate(list(interactions.per_customer(function=lambda bucket, found: found.keys)))
        assert second not in found_keys.tolist()
        assert np.count_nonzero(found_keys == first) == 1
        exported = [row[0] for row in export.table(name="risk", now=NOW)[1]]
        assert len(exported) == len(set(exported))
        assert names[second].customer_id not in exported
        listed = rows.find(scope=EVERYTHING, asked=rows.Asked(), limit=5, now=NOW)
        assert listed.customers == len(interactions.journeys_of(keys=queries.relationships().keys.tolist()).keys)


def test_the_keys_of_those_whom_one_may_see_are_those_of_the_population(operator: Operator) -> None:
    with undone():
        first = queries.relationships().keys.tolist()
        for place in range(0, 40, 2):
            merge(first[place], first[place + 1])
        people = queries.relationships()
        regions = people.words["region"].said()
        assert len(people) == len(first) - 20
        assert queries.known_keys(scope=EVERYTHING).tolist() == people.keys.tolist()
        for region in set(regions) - {""}:
            mine = [key for key, said in zip(people.keys.tolist(), regions, strict=True) if said == region]
            scope = terms.Scope(role="manager", regions=frozenset({region}))
            assert queries.known_keys(scope=scope).tolist() == mine


def test_buckets_of_their_own_hold_what_reading_by_key_finds(operator: Operator) -> None:
    with undone():
        keys = queries.relationships().keys.tolist()
        for a, b in zip(keys[:40:2], keys[1:40:2], strict=True):
            merge(a, b)
        people = queries.relationships()
        whole = interactions.journeys_of(keys=people.keys.tolist()).aligned_to(people.keys)

        def work(journeys: terms.Journeys, found: terms.Relationships) -> dict[int, int]:
            return dict(zip(found.keys.tolist(), np.diff(journeys.starts).tolist(), strict=True))

        counted: dict[int, int] = {}
        read_as = population._read_as(weighed=True)
        for found in population._by_bucket(work, people, ("kind",), terms.days(NOW), population.silent, read_as):
            assert not counted.keys() & found.keys(), "nobody is worked on twice"
            counted |= found
        assert counted == dict(zip(people.keys.tolist(), np.diff(whole.starts).tolist(), strict=True))


def test_what_arrives_under_either_id_folds_into_the_one_state(operator: Operator) -> None:
    with undone():
        keys = Risk.objects.order_by("customer_id").values_list("customer_id", flat=True)[:2]
        merge(*keys)
        read = who.canonical(key=keys[0])
        before = Risk.objects.get(customer_id=read).bond
        for number, key in enumerate(keys):
            at = NOW - timedelta(hours=1)
            made = terms.Interaction(
                source="crm", interaction_id=f"late-{number}", customer_key=key, occurred_at=at, recorded_at=at,
                kind="visit", department="field", facts="no_show",
            )  # fmt: skip
            inbox.admit(interactions=[made], now=NOW, folded=state.folded)
        assert list(BondState.objects.filter(newer=True).values_list("customer_id", flat=True)) == [read]
        state.refresh(now=NOW)
        assert Risk.objects.get(customer_id=read).bond < before


def test_two_of_whom_it_was_said_that_they_are_not_the_same_are_never_joined(operator: Operator) -> None:
    with undone():
        a, b, c = queries.relationships().keys.tolist()[:3]
        merge(a, b)
        link = Link.objects.get(a_id=min(a, b), b_id=max(a, b))
        identities.decide(
            number=link.pk, become=State.REFUSED, relation=None, by="ann", why="", scope=EVERYTHING, now=NOW
        )
        merge(a, c)
        merge(b, c)
        assert who.canonical(key=a) != who.canonical(key=b)
        waiting = Link.objects.get(a_id=min(b, c), b_id=max(b, c))
        assert waiting.state == State.SUGGESTED
        with pytest.raises(links.NotPossible):
            identities.decide(
                number=waiting.pk, become=State.CONFIRMED, relation=None, by="ann", why="", scope=EVERYTHING, now=NOW
            )
        steps = [(step.state, step.who) for step in link_queries.steps(scope=EVERYTHING, number=link.pk)]
        assert steps == [(State.CONFIRMED, "test"), (State.REFUSED, "ann")]


@contextmanager
def undone() -> Iterator[None]:
    """Take back what a test does to the operator that all tests of the file share."""
    point = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(point)


def test_a_page_shows_one_state_of_who_is_who_and_the_next_page_the_change(operator: Operator) -> None:
    a, b = sorted(queries.relationships().keys.tolist()[:2])
    with who.held():
        merge(a, b)
        assert who.keys_of(key=a) == (a,)
    assert who.keys_of(key=a) == (a, b)
