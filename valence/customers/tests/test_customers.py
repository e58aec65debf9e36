from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from valence.customers import actions, queries
from valence.customers.models import Customer, Identity, NameToken, PersonalRecord
from valence.customers.rules import ERASED, CustomerRecord
from valence.terms import EVERYTHING, Role, Scope, Verdict, days

pytestmark = pytest.mark.django_db
JOINED = datetime(2024, 1, 1, tzinfo=UTC)
NOW = datetime(2025, 3, 1, tzinfo=UTC)
NORTH = Scope(role=Role.MANAGER, regions=frozenset({"North"}))


def alice(**more: Any) -> CustomerRecord:
    values = {"region": "North", "plan": "A", "monthly_value": 20.0}
    personal = {"name": "Alíce Berg", "email": "alice@mail.example.org", "phone": "+44 7700 900123"}
    return CustomerRecord(**{"customer_id": "C-1", "joined_at": JOINED, "values": values, "personal": personal, **more})


def bob(**more: Any) -> CustomerRecord:
    return CustomerRecord(**{"customer_id": "C-2", "joined_at": JOINED, "values": {"region": "South"}, **more})


def test_an_id_gets_a_random_key_once() -> None:
    first = actions.identify(customer_ids=["C-1", "C-2", "C-1"], now=NOW)
    assert first[0] == first[2] != first[1]
    assert actions.identify(customer_ids=["C-2"], now=NOW) == [first[1]]
    assert all(isinstance(key, int) and 0 <= key < 2**62 for key in first)


def test_a_stub_is_filled_when_the_customer_comes() -> None:
    [key] = actions.identify(customer_ids=["C-1"], now=NOW)
    assert len(queries.relationships()) == 0
    assert actions.put(records=[alice()], now=NOW) == [Verdict.CREATED]
    assert queries.key_of(scope=EVERYTHING, customer_id="C-1") == key
    assert list(queries.relationships().keys) == [key]
    assert queries.profile(scope=EVERYTHING, key=int(str(key))).name.said == "Alíce Berg"


def test_nothing_in_the_tables_names_a_person() -> None:
    actions.put(records=[alice()], now=NOW)
    rows = [
        *Customer.objects.values(),
        *Identity.objects.values(),
        *PersonalRecord.objects.values(),
        *NameToken.objects.values(),
    ]
    said = repr(rows).lower()
    assert not any(word in said for word in ("c-1", "berg", "alice", "900123"))


@pytest.mark.parametrize(
    "words", ["berg", "Alice", "alice berg", "ALICE@mail.example.org", "+44 7700 900123", "447700900123", "C-1"]
)
def test_a_customer_is_found_by_any_word_of_hers(words: str) -> None:
    actions.put(records=[alice(), bob()], now=NOW)
    assert [found.name.customer_id for found in queries.search(scope=EVERYTHING, words=words)] == ["C-1"]


@pytest.mark.parametrize("words", ["", "  ", "nobody", "berg nobody"])
def test_a_search_for_another_word_finds_nobody(words: str) -> None:
    actions.put(records=[alice()], now=NOW)
    assert queries.search(scope=EVERYTHING, words=words) == []


def test_who_is_out_of_scope_is_as_if_not_there() -> None:
    actions.put(records=[alice(), bob()], now=NOW)
    key = queries.key_of(scope=EVERYTHING, customer_id="C-2")
    assert set(queries.names(scope=NORTH, keys=[key])) == set()
    assert queries.search(scope=NORTH, words="C-2") == []
    with pytest.raises(queries.UnknownCustomer):
        queries.key_of(scope=NORTH, customer_id="C-2")
    with pytest.raises(queries.UnknownCustomer):
        queries.profile(scope=NORTH, key=key)
    assert queries.profile(scope=EVERYTHING, key=key).region == "South"


def test_what_looks_back_sees_only_what_was_known_then() -> None:
    changed = JOINED + timedelta(days=100)
    left = JOINED + timedelta(days=200)
    later = alice(values={"region": "East", "plan": "B", "monthly_value": 30.0}, recorded_at=changed)
    actions.put(records=[alice(), bob(joined_at=left, values={})], now=NOW)
    actions.put(records=[later, alice(values={}, left_at=left, left_said=True)], now=NOW)
    before = queries.relationships(as_of=changed - timedelta(days=1))
    after = queries.relationships(as_of=left)
    assert (len(before), len(after)) == (1, 2)
    assert before.words["region"].said() == ["North"]
    assert np.isnan(before.left).all()
    assert before.monthly_value.tolist() == [20.0]
    row = int(np.flatnonzero(after.joined == days(JOINED))[0])
    assert after.words["region"].said()[row] == "East"
    assert after.left[row] == days(left)
    whole = queries.relationships().history["plan"]
    hers = whole.row == np.flatnonzero(queries.relationships().joined == days(JOINED))[0]
    assert whole.since[hers].tolist() == [days(JOINED), days(changed)]
    assert [whole.vocabulary[code] for code in whole.values[hers]] == ["A", "B"]


def test_the_population_is_read_again_only_after_a_change() -> None:
    actions.put(records=[alice()], now=NOW)
    first = queries.relationships()
    assert queries.relationships() is first
    actions.put(records=[bob()], now=NOW)
    assert len(queries.relationships()) == 2


def test_who_was_erased_stays_away() -> None:
    actions.put(records=[alice()], now=NOW)
    key = queries.key_of(scope=EVERYTHING, customer_id="C-1")
    certificate = actions.destroy_keys(keys=[key], now=NOW)
    assert queries.names(scope=EVERYTHING, keys=[key]) == {}
    actions.forget(keys=[key])
    assert len(certificate.number) == 64
    assert actions.identify(customer_ids=["C-1"], now=NOW) == [ERASED]
    assert actions.put(records=[alice(), bob()], now=NOW) == [ERASED, Verdict.CREATED]
    assert queries.is_erased(customer_id="C-1")


def test_a_text_as_written_opens_only_for_who_may_see_its_writer() -> None:
    actions.put(records=[alice(), bob()], now=NOW)
    key = queries.key_of(scope=EVERYTHING, customer_id="C-2")
    actions.keep_texts(
        texts=[actions.WrittenText(source="crm", interaction_id="i1", revision=0, customer_key=key, text="I am Bob")]
    )
    assert queries.written_text(scope=EVERYTHING, key=key, source="crm", interaction_id="i1", revision=0) == "I am Bob"
    assert queries.written_text(scope=NORTH, key=key, source="crm", interaction_id="i1", revision=0) is None
