from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import UNSET

from valence.intake import batch, interactions, objects
from valence.terms import Refusal, Refused

NOW = datetime(2025, 3, 1, 12, tzinfo=UTC)
GOOD = {"interaction_id": "i1", "customer_id": "alice", "occurred_at": "2025-01-05T10:00:00+01:00", "kind": "contact"}
KEYS = {"alice": 11, "bob": 12}


def admit(*sent: Any, sources: frozenset[str] = frozenset()) -> interactions.Admitted:
    looked_up = batch.Given(now=NOW, keys_of=lambda ids: KEYS, sources=sources)
    numbers = range(1, len(sent) + 1)
    records = objects.side_by_side(objects=list(sent), known=interactions.KNOWN, numbers=numbers)
    return interactions.admit(records=records, given=looked_up)


def test_a_good_record_becomes_an_interaction_in_utc() -> None:
    admitted = admit({**GOOD, "facts": "late| late |repeat", "transfers": "2", "amount": 49.9})
    [interaction] = admitted.interactions
    assert not admitted.refused
    assert interaction.customer_key == 11
    assert interaction.occurred_at == datetime(2025, 1, 5, 9, tzinfo=UTC) == interaction.recorded_at
    assert (interaction.source, interaction.facts) == ("import", "late|repeat")
    assert (interaction.transfers, interaction.amount, interaction.wait_minutes) == (2.0, 49.9, None)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"interaction_id": ""}, Refusal.MISSING_FIELD),
        ({"customer_id": "  "}, Refusal.MISSING_FIELD),
        ({"kind": None}, Refusal.MISSING_FIELD),
        ({"occurred_at": ""}, Refusal.MISSING_FIELD),
        ({"kind": "con\x00tact"}, Refusal.BAD_TEXT),
        ({"text": "a\x07b"}, Refusal.BAD_TEXT),
        ({"kind": ["contact"]}, Refusal.BAD_TEXT),
        ({"department": {"a": 1}}, Refusal.BAD_TEXT),
        ({"reason": "two\nlines"}, Refusal.BAD_TEXT),
        ({"interaction_id": "x" * 201}, Refusal.TOO_LONG),
        ({"text": "x" * (interactions.LONGEST_TEXT + 1)}, Refusal.TOO_LONG),
        ({"attributes": {"a": "x" * 20_001}}, Refusal.TOO_LONG),
        ({"occurred_at": "yesterday"}, Refusal.BAD_TIME),
        ({"occurred_at": 1735725600}, Refusal.BAD_TIME),
        ({"promised_at": "31/12/2024"}, Refusal.BAD_TIME),
        ({"occurred_at": "0000-01-01T00:00:00Z"}, Refusal.IMPOSSIBLE_TIME),
        ({"occurred_at": "0001-01-01T00:00:00+14:00"}, Refusal.IMPOSSIBLE_TIME),
        ({"occurred_at": "9999-12-31T23:59:59-14:00"}, Refusal.IMPOSSIBLE_TIME),
        ({"recorded_at": "1850-01-01"}, Refusal.IMPOSSIBLE_TIME),
        ({"wait_minutes": "ten"}, Refusal.BAD_NUMBER),
        ({"amount": "1,5"}, Refusal.BAD_NUMBER),
        ({"amount": "nan"}, Refusal.BAD_NUMBER),
        ({"amount": True}, Refusal.BAD_NUMBER),
        ({"wait_minutes": "-1"}, Refusal.OUT_OF_RANGE),
        ({"transfers": "1.5"}, Refusal.OUT_OF_RANGE),
        ({"revision": -1}, Refusal.OUT_OF_RANGE),
        ({"score": 11, "scale": "nps"}, Refusal.OUT_OF_RANGE),
        ({"promise": "perhaps"}, Refusal.NOT_A_CHOICE),
        ({"scale": "stars"}, Refusal.NOT_A_CHOICE),
        ({"attributes": "{"}, Refusal.BAD_ATTRIBUTES),
        ({"attributes": "[1]"}, Refusal.BAD_ATTRIBUTES),
        ({"customer_id": "carla"}, Refusal.ERASED),
    ],
)
def test_each_wrong_value_is_refused_for_its_reason_and_stops_nobody_else(
    change: Mapping[str, Any], reason: Refusal
) -> None:
    admitted = admit(GOOD, {**GOOD, "interaction_id": "i2", **change}, {**GOOD, "interaction_id": "i3"})
    assert {place: why.reason for place, why in admitted.refused.items()} == {1: reason}
    assert admitted.refused[1].number == 2
    assert [one.interaction_id for one in admitted.interactions] == ["i1", "i3"]


@pytest.mark.parametrize("sent", [5, "text", None, [GOOD]])
def test_what_is_no_object_is_refused(sent: Any) -> None:
    assert admit(sent, GOOD).refused[0].reason is Refusal.NOT_AN_OBJECT


def test_the_detail_names_the_field_and_never_repeats_the_value() -> None:
    refused: Refused = admit({**GOOD, "wait_minutes": "ann@mail.example.org"}).refused[0]
    assert refused.detail.startswith("wait_minutes: ")
    assert "ann" not in refused.detail


def test_a_time_without_an_offset_is_utc_and_is_counted() -> None:
    admitted = admit({**GOOD, "occurred_at": "2025-01-05T10:00:00"}, GOOD, {**GOOD, "recorded_at": "wrong"})
    assert admitted.interactions[0].occurred_at == datetime(2025, 1, 5, 10, tzinfo=UTC)
    assert admitted.notices["time_without_offset"] == 1


def test_text_is_redacted_and_what_was_written_is_handed_on() -> None:
    admitted = admit({**GOOD, "text": "I am ann@mail.example.org", "language": "en"})
    assert admitted.interactions[0].text == "I am [email]"
    assert admitted.written == {0: "I am ann@mail.example.org"}
    assert admitted.interactions[0].language == "en"


def test_attributes_that_look_personal_never_reach_the_interaction() -> None:
    admitted = admit({**GOOD, "colour": "red", "attributes": {"reach": {"at": "ann@mail.example.org"}, "n": 3}})
    assert admitted.interactions[0].attributes == '{"colour":"red","n":3}'
    assert admitted.personal == {0: {"attributes.reach": '{"at":"ann@mail.example.org"}'}}


@pytest.mark.parametrize(
    ("cause", "own_id", "said"),
    [
        ("i0", "i1", "crm:i0"),
        ("billing:b7", "i1", "billing:b7"),
        ("A:12", "A:13", "crm:A:12"),
        ("crm:i0", "i1", "crm:i0"),
        ("", "i1", ""),
    ],
)
def test_a_cause_is_written_with_its_source(cause: str, own_id: str, said: str) -> None:
    sent = {**GOOD, "source": "crm", "interaction_id": own_id, "caused_by": cause}
    assert admit(sent, sources=frozenset({"billing"})).interactions[0].caused_by == said


def test_the_order_of_attributes_does_not_make_another_content() -> None:
    first = admit({**GOOD, "attributes": {"a": 1, "b": 2}}).interactions
    assert first == admit({**GOOD, "attributes": '{"b": 2, "a": 1}'}).interactions


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.dictionaries(
            st.sampled_from([*interactions.COLUMNS, "stranger", "e\x00"]),
            st.recursive(
                st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
                lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
                max_leaves=6,
            ),
        )
        | st.none(),
        min_size=1,
        max_size=5,
    )
)
def test_whatever_is_sent_each_record_is_either_admitted_or_refused(sent: list[Any]) -> None:
    admitted = admit(*sent)
    assert sorted([*admitted.positions, *admitted.refused]) == list(range(len(sent)))


def test_what_a_system_sends_again_and_again_is_read_by_its_own_fields_and_nothing_else_is_lost() -> None:
    shape = objects.Shape(known=interactions.KNOWN)
    few, more = b'[{"kind": "visit", "source": "crm"}]', b'[{"kind": "bill", "amount": 7}]'
    read = [shape.read(body=body, lines=False) for body in (few, few, more, few, more)]
    assert all(read)
    sent = [one for found in read if found for one in found]
    assert sent[1].__struct_fields__ == ("kind", "source")
    records = objects.side_by_side(objects=sent, known=shape.known, numbers=range(1, 6))
    assert records.columns["kind"] == ("visit", "visit", "bill", "visit", "bill")
    assert records.columns["amount"] == (UNSET, UNSET, 7, UNSET, 7)
    assert set(records.columns) == {"kind", "source", "amount"}


def test_a_sender_of_ever_other_fields_makes_nothing_grow() -> None:
    shape = objects.Shape(known=interactions.KNOWN)
    for name in sorted(interactions.KNOWN):
        assert shape.read(body=b'[{"%s": 1}]' % name.encode(), lines=False)
    assert len(shape._met) == objects.MOST_MET
