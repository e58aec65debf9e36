from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

from valence.customers import rules
from valence.customers.rules import CustomerRecord, Known
from valence.terms import Verdict

JOINED = datetime(2024, 1, 1, tzinfo=UTC)
NOW = datetime(2025, 3, 1, tzinfo=UTC)


def record(**more: Any) -> CustomerRecord:
    return CustomerRecord(**{"customer_id": "alice", "joined_at": JOINED, **more})


def learn(known: Known, sent: CustomerRecord) -> rules.Learned:
    return rules.learn(known=known, record=sent, now=NOW)


def test_first_values_count_since_the_customer_joined() -> None:
    learned = learn(Known(), record(values={"plan": "A"}))
    assert learned.verdict is Verdict.CREATED
    assert learned.changes == ()


def test_a_later_value_counts_since_it_was_recorded_or_else_since_now() -> None:
    known = learn(Known(), record(values={"plan": "A"})).known
    recorded = JOINED + timedelta(days=90)
    assert learn(known, record(values={"plan": "B"}, recorded_at=recorded)).changes[-1].known_since == recorded
    assert learn(known, record(values={"plan": "B"})).changes[-1].known_since == NOW


def test_the_same_again_changes_nothing() -> None:
    sent = record(values={"plan": "A"}, personal={"name": "Alice"}, left_said=True)
    assert learn(learn(Known(), sent).known, sent).verdict is Verdict.DUPLICATE


def test_the_order_of_arrival_does_not_change_what_is_known_in_the_end() -> None:
    first = learn(Known(), record(values={"plan": "A"})).known
    later = [
        record(values={"plan": plan}, recorded_at=JOINED + timedelta(days=day))
        for plan, day in zip("BCD", (9, 5, 7), strict=True)
    ]
    ends = set()
    for order in permutations(later):
        known = first
        for sent in order:
            known = learn(known, sent).known
        ends.add((known.values["plan"], known.history["plan"]))
    [(plan, history)] = ends
    assert plan == "B"
    assert [change.value for change in history] == ["A", "C", "D", "B"]


def test_a_replay_of_an_old_record_changes_nothing() -> None:
    known = learn(Known(), record(values={"plan": "A"})).known
    old = record(values={"plan": "B"}, recorded_at=JOINED + timedelta(days=5))
    new = record(values={"plan": "C"}, recorded_at=JOINED + timedelta(days=9))
    known = learn(learn(known, old).known, new).known
    assert learn(known, old).verdict is Verdict.DUPLICATE


def test_an_empty_value_says_nothing_but_an_empty_end_says_active() -> None:
    known = learn(Known(), record(values={"plan": "A"}, left_at=NOW, left_said=True)).known
    assert learn(known, record()).verdict is Verdict.DUPLICATE
    back = learn(known, record(left_said=True))
    assert back.verdict is Verdict.REVISED
    assert back.known.left_at is None
