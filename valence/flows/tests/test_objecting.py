"""Promises to who objects to being scored: nothing is worked out of how they stand, by any way; what happened stays."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import transaction

from valence import terms
from valence.customers import actions as customers
from valence.customers import objections
from valence.customers import queries as people
from valence.flows.find import customer, explain
from valence.flows.gather import ingest
from valence.flows.protect import objecting
from valence.flows.tests.conftest import NOW, Operator
from valence.flows.weigh import minds, score, state
from valence.ledger.actions import states
from valence.ledger.models import BondState, Risk
from valence.ledger.queries import levels, risks, versions
from valence.management import command, for_person
from valence.management.commands import object as object_command
from valence.people.models import AuditEntry
from valence.terms import EVERYTHING

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


@pytest.fixture(autouse=True)
def put_back(operator: Operator) -> Iterator[None]:
    """Undo what a test changed: the operator is made once for all of them."""
    mark = transaction.savepoint()
    yield
    transaction.savepoint_rollback(mark)


@pytest.fixture
def key() -> int:
    """Return a customer who is likely to leave, else the one most at risk."""
    return risks.rows(scope=EVERYTHING, asked=risks.Asked(), limit=1)[0].key


def stored(key: int) -> tuple[int, int]:
    return Risk.objects.filter(customer_id=key).count(), BondState.objects.filter(customer_id=key).count()


def test_who_objects_is_out_of_every_figure_at_once_and_it_is_on_record_who_said_so(key: int) -> None:
    before = risks.totals(scope=EVERYTHING, asked=risks.Asked())
    objecting.keep(key=key, objects=True, by="alice", now=LATER)
    after = risks.totals(scope=EVERYTHING, asked=risks.Asked())
    assert stored(key) == (0, 0)
    assert after.customers == before.customers - 1
    assert objections.since(customer_keys=[key]) == {key: objections.Objection(LATER, "by alice")}
    assert AuditEntry.objects.filter(who="alice", about=f"customer {key}").exists()


def test_rules_find_neither_bond_nor_chance_of_who_objects(key: int) -> None:
    objecting.keep(key=key, objects=True, by="alice", now=LATER)
    assert levels.of(keys=[key]).keys.tolist() == []


def test_neither_a_new_score_nor_what_arrives_later_works_anything_out(key: int) -> None:
    objecting.keep(key=key, objects=True, by="alice", now=LATER)
    found = score.score(now=LATER)
    assert stored(key) == (0, 0)
    assert Risk.objects.count() == found.customers
    states.drop(customers=[key], model=versions.version_in_use(), now=LATER)
    assert state.refresh(now=LATER) == 1
    assert stored(key) == (0, 0)
    state.work_out(keys=[key], now=LATER)
    assert stored(key) == (0, 0)


def test_a_state_that_was_folded_beside_the_objection_gives_no_figure(key: int) -> None:
    kept = BondState.objects.get(customer_id=key)
    objecting.keep(key=key, objects=True, by="alice", now=LATER)
    kept.newer = True
    kept.save(force_insert=True)
    state.refresh(now=LATER)
    assert stored(key) == (0, 0)


def test_the_journey_is_told_whole_and_nothing_is_worked_out_from_it(key: int) -> None:
    before = customer.read(scope=EVERYTHING, key=key, now=LATER)
    objecting.keep(key=key, objects=True, by="alice", now=LATER)
    found = customer.read(scope=EVERYTHING, key=key, now=LATER)
    assert before.curve
    assert (found.curve, found.chances, found.moves, found.model) == ((), (), (), "")
    assert len(found.encounters) == len(before.encounters)
    told = explain.explain(customer_id=people.ids_of(keys=[key])[key], now=LATER)
    assert (told.bond, told.chances, told.moves, told.objected) == (None, (), (), LATER)


def test_an_objection_that_is_taken_back_is_scored_again(key: int) -> None:
    objecting.keep(key=key, objects=True, by="alice", now=LATER)
    objecting.keep(key=key, objects=False, by="carl", now=LATER + timedelta(days=1))
    assert objections.since(customer_keys=[key]) == {}
    assert stored(key) == (1, 1)


def test_a_record_that_says_so_is_heeded_as_it_comes(key: int) -> None:
    record = {"customer_id": people.ids_of(keys=[key])[key], "joined_at": "2025-01-01T00:00:00Z", "consent": "-scoring"}
    raw = terms.RawRecords(numbers=[1], columns={name: [value] for name, value in record.items()})
    assert not ingest.take_customers(records=raw, desk=ingest.Desk(), now=LATER).refused
    assert stored(key) == (0, 0)
    assert objections.seen(scope=EVERYTHING)[key].source == "record"


def test_an_objection_goes_with_the_person_who_is_erased(key: int) -> None:
    objecting.keep(key=key, objects=True, by="alice", now=LATER)
    customers.destroy_keys(keys=[key], now=LATER)
    customers.forget(keys=[key])
    assert objections.everyone() == frozenset()


def test_who_asks_is_told_what_is_known_what_moved_it_what_it_serves_and_how_to_object(key: int) -> None:
    customer_id = people.ids_of(keys=[key])[key]
    told = "\n".join(for_person.letter(found=explain.explain(customer_id=customer_id, now=LATER), pack=minds.pack()))
    for words in (
        "On record: customer since",
        "The bond says",
        "within 60 days",
        "What raised the chance of leaving",
        "You may object",
    ):
        assert words in told, words
    objecting.keep(key=key, objects=True, by="alice", now=LATER)
    told = "\n".join(for_person.letter(found=explain.explain(customer_id=customer_id, now=LATER), pack=minds.pack()))
    assert "Figures: none. You objected on 02 Jan 2026" in told
    assert "chance that you leave" not in told


def test_the_command_records_an_objection_once_takes_it_back_and_knows_nobody_else(key: int) -> None:
    said, asking = people.ids_of(keys=[key])[key], object_command.Command()

    def run(**options: object) -> tuple[object, str]:
        at = LATER + timedelta(minutes=1 if options else 0)
        done = asking.act(options={"customer": said, "take_back": False, **options}, now=at)
        return done.answer["changed"], str(done.words)

    assert run()[0] is True
    assert stored(key) == (0, 0)
    assert run() == (False, f"Nothing changed: since {LATER:%Y-%m-%d}, by {getpass.getuser()}.")
    assert run(take_back=True)[0] is True
    assert stored(key) == (1, 1)
    assert run(take_back=True) == (False, "Nothing changed: nothing to take back.")
    with pytest.raises(command.WrongUse, match="There is no customer nobody"):
        run(customer="nobody")
