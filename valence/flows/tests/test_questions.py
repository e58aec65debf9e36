"""An analyst's SQL is answered from everything that was admitted, and can change nothing."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import LazySettings

from valence.flows.find import questions
from valence.flows.gather import derived, ingest
from valence.intake import customers as customer_intake
from valence.intake import objects
from valence.intake.interactions import KNOWN


@pytest.fixture(autouse=True)
def home(settings: LazySettings, tmp_path: Path) -> None:
    settings.HOME = replace(settings.HOME, folder=tmp_path)


@pytest.mark.parametrize(
    "text", ["", "delete from interactions", "drop table interactions", "copy interactions to 'x'"]
)
def test_only_questions_are_answered(text: str):
    with pytest.raises(questions.NotAQuestion, match="Only questions"):
        questions.answer(query=text)


@pytest.mark.django_db(transaction=True)
def test_a_question_that_makes_no_sense_says_why():
    with pytest.raises(questions.NotAQuestion, match="nonsense"):
        questions.answer(query="select nonsense from interactions")


@pytest.mark.django_db(transaction=True)
def test_an_empty_log_answers_with_nothing():
    assert questions.answer(query="select count(*) as n, count(left_at) as lost from interactions") == [
        {"n": 0, "lost": 0}
    ]


def bring(*records: dict[str, str]) -> None:
    now = datetime(2026, 5, 12, tzinfo=UTC)
    side_by_side = objects.side_by_side(objects=list(records), known=KNOWN, numbers=range(1, len(records) + 1))
    taken = ingest.take_interactions(records=side_by_side, desk=ingest.Desk(), now=now)
    assert not taken.refused


def call(number: str, day: int, source: str = "crm", **more: str) -> dict[str, str]:
    at = f"2026-05-0{day}T10:00:00Z"
    told = {"interaction_id": number, "customer_id": "C1", "source": source, "occurred_at": at, "kind": "contact"}
    return {**told, "reason": "fault", "facts": "", **more}


@pytest.mark.django_db(transaction=True)
def test_what_rules_derive_and_whom_a_cause_means_can_be_asked_for():
    derived.keep(source="crm", said={"repeat": "same reason within 7 days", "unresolved": "followed by a repeat"})
    bring(call("a", 1), call("b", 3, facts="misinformed"), call("t1", 4, source="tickets", caused_by="b"))
    said = questions.answer(
        query="select interaction_id, facts, derived_facts, cause_source, cause_id from interactions order by 1"
    )
    assert [tuple(row.values()) for row in said] == [
        ("a", None, "unresolved", None, None),
        ("b", "misinformed", "repeat", None, None),
        ("t1", None, None, "crm", "b"),
    ]


@pytest.mark.django_db(transaction=True)
def test_a_question_about_what_was_sent_reads_no_journey(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(questions.worked_out, "table", lambda: pytest.fail("every journey was read"))
    bring(call("a", 1))
    assert questions.answer(query="select facts, caused_by from interactions") == [{"facts": None, "caused_by": None}]


@pytest.mark.django_db(transaction=True)
def test_when_customers_came_and_left_is_told_exactly_and_not_where_they_are_here():
    told = {"C1": "2024-03-01T09:30:00.123Z", "C2": "2025-02-07T00:00:00.457Z"}
    people = [{"customer_id": one, "joined_at": at} for one, at in told.items()]
    people[0]["left_at"] = "2026-01-31T23:59:59.999Z"
    known = objects.side_by_side(objects=people, known=customer_intake.KNOWN, numbers=range(1, 3))
    now = datetime(2026, 5, 12, tzinfo=UTC)
    assert not ingest.take_customers(records=known, desk=ingest.Desk(), now=now).refused
    bring(call("a", 1), call("b", 2) | {"customer_id": "C2"})
    said = questions.answer(query="select joined_at, left_at from interactions order by interaction_id")
    assert [row["joined_at"] for row in said] == [datetime.fromisoformat(at) for at in told.values()]
    assert [row["left_at"] for row in said] == [datetime.fromisoformat("2026-01-31T23:59:59.999Z"), None]
