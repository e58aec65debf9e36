from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from valence.intake import batch, customers, objects
from valence.terms import Refusal

NOW = datetime(2025, 3, 1, 12, tzinfo=UTC)
ALICE = {"customer_id": "alice", "joined_at": "2020-01-01T00:00:00Z"}


def admit(*sent: Any) -> customers.Admitted:
    given = batch.Given(now=NOW, keys_of=lambda ids: {})
    records = objects.side_by_side(objects=list(sent), known=customers.KNOWN, numbers=range(1, len(sent) + 1))
    return customers.admit(records=records, given=given)


def test_a_customer_keeps_what_is_personal_apart() -> None:
    sent = {**ALICE, "name": "Alice Berg", "region": "North", "monthly_value": "49.90", "hobby": "chess", "tel": "1"}
    [record] = admit(sent).customers
    assert record.personal == {"name": "Alice Berg", "attributes.tel": "1"}
    assert record.values == {"region": "North", "monthly_value": 49.9}
    assert record.attributes == {"hobby": "chess"}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"customer_id": ""}, Refusal.MISSING_FIELD),
        ({"joined_at": None}, Refusal.MISSING_FIELD),
        ({"joined_at": "0000-01-01"}, Refusal.IMPOSSIBLE_TIME),
        ({"left_at": "2019-01-01"}, Refusal.LEFT_BEFORE_JOINED),
        ({"left_kind": "bored"}, Refusal.NOT_A_CHOICE),
        ({"monthly_value": "much"}, Refusal.BAD_NUMBER),
        ({"name": "A\x00"}, Refusal.BAD_TEXT),
    ],
)
def test_each_wrong_value_is_refused_for_its_reason(change: dict[str, Any], reason: Refusal) -> None:
    admitted = admit({**ALICE, **change}, ALICE)
    assert [why.reason for why in admitted.refused.values()] == [reason]
    assert len(admitted.customers) == 1


@pytest.mark.parametrize(("sent", "said"), [({}, False), ({"left_at": None}, True), ({"left_at": ""}, True)])
def test_an_empty_left_at_says_active_and_an_absent_one_says_nothing(sent: dict[str, Any], said: bool) -> None:
    [record] = admit({**ALICE, **sent}).customers
    assert record.left_said is said
    assert record.left_at is None
