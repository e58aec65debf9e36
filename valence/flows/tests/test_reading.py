"""Texts are read as they arrive: each once, whatever is killed, never in the way of what arrives, never lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from valence import home, interactions, terms
from valence.alerts import queries as alerts
from valence.customers import actions as customers
from valence.customers import lookup
from valence.customers.rules import CustomerRecord
from valence.flows.act import alerting, casework
from valence.flows.gather import flush, ingest
from valence.flows.read import reading, reading_again, reading_changes
from valence.flows.tests import readers
from valence.ledger.actions import annotations as keeping
from valence.ledger.annotated import Said
from valence.ledger.models import Annotation, Correction, Meaning, Mention, Unread
from valence.ledger.queries import readings
from valence.ledger.queries.readings import Asked
from valence.packs import taxonomy
from valence.terms import EVERYTHING, Role, Scope
from valence.text import scoring

NOON = datetime(2026, 5, 12, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An operator with a customer of Coast and one of Hills, who reads with what tests read with."""
    monkeypatch.setattr(settings, "HOME", replace(settings.HOME, folder=tmp_path))
    for name in home.FOLDERS:
        (tmp_path / name).mkdir(exist_ok=True)
    monkeypatch.setattr(reading, "reader", readers.telco)
    customers.put(
        records=[
            CustomerRecord(
                customer_id=name,
                joined_at=NOON - timedelta(days=400),
                values={"region": region},
                personal={"name": "Ines Caldera"},
            )
            for name, region in (("C-1", "Coast"), ("C-2", "Hills"))
        ],
        now=NOON,
    )
    for name in (reading.NAME, alerting.NAME):
        interactions.followers.position(name=name)


def _answer(number: int = 1, text: str = "The bill is too high", customer: str = "C-1", **more: Any) -> dict[str, Any]:
    return {
        "interaction_id": f"a{number}",
        "customer_id": customer,
        "occurred_at": NOON.isoformat(),
        "kind": "feedback",
        "score": 3,
        "scale": "nps",
        "text": text,
        **more,
    }


def _arrives(*records: dict[str, Any], now: datetime = NOON) -> None:
    names = list(dict.fromkeys(name for record in records for name in record))
    raw = terms.RawRecords(
        numbers=list(range(1, len(records) + 1)),
        columns={name: [record.get(name) for record in records] for name in names},
    )
    brought = ingest.take_interactions(records=raw, desk=ingest.Desk(), now=now)
    assert not brought.refused, brought.refused


def _key(customer: str = "C-1") -> int:
    return int(str(next(iter(lookup.keys_of(customer_ids=[customer]).values()))))


def _texts(scope: Scope = EVERYTHING, **asked: Any) -> list[str]:
    return [one.text for one in readings.rows(scope=scope, asked=Asked(**asked))]


def test_what_arrives_with_a_text_is_read_once_with_its_themes_tone_words_and_models():
    _arrives(_answer(), _answer(2, text=""))
    assert reading.follow(now=NOON).texts == 1
    assert reading.read_all(now=NOON) == 1
    assert reading.read_all(now=NOON) == 0
    [one] = readings.rows(scope=EVERYTHING, asked=Asked(theme="bill"))
    assert (one.key, one.score, one.language) == (_key(), 3.0, "en")
    [theme] = [theme for theme in one.found.themes if theme.name == "bill"]
    assert "bill" in [span.of(one.text).lower() for span in theme.rests_on]
    assert 0 < theme.confidence <= 1
    assert "telco" in one.themes_by
    assert Meaning.objects.get().encoder == "pretended"


def test_a_step_that_is_killed_between_reading_and_storing_reads_again_and_stores_once(
    monkeypatch: pytest.MonkeyPatch,
):
    _arrives(_answer())
    reading.catch_up(now=NOON)
    real = keeping.put

    def dies(**given: Any) -> int:
        real(**given)
        raise KeyboardInterrupt

    monkeypatch.setattr(keeping, "put", dies)
    with pytest.raises(KeyboardInterrupt):
        reading.read_waiting(now=NOON)
    assert (Annotation.objects.count(), Unread.objects.count()) == (0, 1)
    monkeypatch.undo()
    monkeypatch.setattr(reading, "reader", readers.telco)
    assert reading.read_waiting(now=NOON) == 1
    assert (Annotation.objects.count(), Unread.objects.count()) == (1, 0)


def test_the_log_never_waits_for_the_reading_and_nothing_is_passed_over():
    _arrives(_answer())
    assert flush.run(now=NOON + timedelta(minutes=5), everything=True).rows == 1
    assert interactions.inbox.waiting().rows == 0
    assert readings.waits() == 1
    reading.read_all(now=NOON)
    assert _texts() == ["The bill is too high"]


def test_a_revision_takes_the_place_of_what_was_read_and_one_without_words_takes_it_away():
    _arrives(_answer())
    reading.read_all(now=NOON)
    _arrives(_answer(text="The line was down for hours", revision=1))
    reading.read_all(now=NOON)
    assert _texts() == ["The line was down for hours"]
    _arrives(_answer(text="", revision=2))
    reading.read_all(now=NOON)
    assert not Annotation.objects.exists()
    assert not Mention.objects.exists()


def test_texts_of_before_are_read_from_the_log_a_part_at_a_time_and_only_once(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(settings, "READING", reading.OFF)
    _arrives(_answer(), _answer(2, customer="C-2"))
    flush.run(now=NOON + timedelta(minutes=5), everything=True)
    assert not readings.waits()
    monkeypatch.setattr(settings, "READING", "fast")
    told: list[str] = []
    assert reading_again.back_fill(now=NOON, progress=lambda step: told.append(step.words)) == 2
    assert told
    assert reading_again.back_fill(now=NOON) == 0
    assert reading_again.was_filled()
    assert sorted(one.score or 0 for one in readings.rows(scope=EVERYTHING, asked=Asked())) == [3.0, 3.0]


def test_a_million_more_cost_no_more_a_text(django_assert_max_num_queries: Any):
    """What a batch asks of the database does not depend on what was stored before it."""
    _arrives(*(_answer(number) for number in range(60)))
    reading.catch_up(now=NOON)
    with django_assert_max_num_queries(40):
        reading.read_waiting(now=NOON, limit=20)
    with django_assert_max_num_queries(40):
        reading.read_waiting(now=NOON, limit=20)


def test_promises_fall_due_from_the_moment_of_each_text():
    text = "They promised to call back within 3 days."
    later = (NOON + timedelta(days=10)).isoformat()
    _arrives(_answer(text=text), _answer(2, text=text, occurred_at=later), now=NOON + timedelta(days=11))
    reading.read_all(now=NOON)
    due = sorted(
        promise.due_at
        for one in readings.rows(scope=EVERYTHING, asked=Asked())
        for promise in one.found.promises
        if promise.due_at
    )
    assert [at.date().isoformat() for at in due] == ["2026-05-15", "2026-05-25"]


def test_only_who_may_see_the_customer_sees_the_words():
    _arrives(_answer(text="Of the coast"), _answer(2, text="Of the hills", customer="C-2"))
    reading.read_all(now=NOON)
    hills = Scope(role=Role.MANAGER, regions=frozenset({"Hills"}))
    assert _texts(scope=hills) == ["Of the hills"]
    [coast] = readings.rows(scope=EVERYTHING, asked=Asked(key=_key()))
    assert readings.one(scope=hills, number=coast.number) is None
    assert readings.total(scope=hills, asked=Asked()) == 1


def test_what_a_person_puts_right_stands_at_once_and_stays_when_the_text_is_read_again():
    _arrives(_answer())
    reading.read_all(now=NOON)
    [one] = readings.rows(scope=EVERYTHING, asked=Asked())
    keeping.correct(number=one.number, said=Said("themes", "support:negative"), by="anna", now=NOON)
    assert _texts(theme="support", tone="negative") == ["The bill is too high"]
    assert _texts(theme="bill") == []
    reading_again.of_customers(keys=[_key()], now=NOON)
    reading.read_all(now=NOON)
    assert _texts(theme="support") == ["The bill is too high"]
    [kept] = readings.labelled(part="themes")
    assert (kept.said, kept.by) == ("support:negative", "anna")
    assert "bill" in kept.was


def test_what_other_heads_told_is_read_again_and_nothing_else(monkeypatch: pytest.MonkeyPatch):
    _arrives(_answer(), _answer(2))
    reading.read_all(now=NOON)
    assert reading_again.with_heads_in_use(now=NOON) == 0
    Annotation.objects.filter(interaction_id="a1").update(themes_by="head telco 1")
    assert reading_again.with_heads_in_use(now=NOON) == 1
    assert set(Annotation.objects.values_list("themes_by", flat=True)) == {reading.models()["themes_by"]}


def test_a_text_that_cannot_be_read_says_so_and_holds_nothing_up(monkeypatch: pytest.MonkeyPatch):
    real = reading._read

    def fails(sent: Any, using: Any) -> Any:
        if any("cursed" in one.text for _, one in sent):
            raise ValueError
        return real(sent, using)

    monkeypatch.setattr(reading, "_read", fails)
    _arrives(_answer(text="A cursed text"), _answer(2))
    assert reading.read_all(now=NOON) == 2
    cursed = Annotation.objects.get(interaction_id="a1")
    assert (cursed.tone, cursed.language) == ("cannot_tell", "cannot_tell")
    assert _texts(theme="bill") == ["The bill is too high"]


def test_who_is_erased_leaves_no_words_behind():
    _arrives(_answer(), _answer(2, customer="C-2"), _answer(3))
    reading.read_all(now=NOON)
    [one, *_] = readings.rows(scope=EVERYTHING, asked=Asked(key=_key()))
    keeping.correct(number=one.number, said=Said("tone", "positive"), by="anna", now=NOON)
    _arrives(_answer(4))
    reading.catch_up(now=NOON)
    key = _key()
    customers.destroy_keys(keys=[key], now=NOON)
    customers.forget(keys=[key])
    gone = {"customer_id": _key("C-2")}
    for table in (Annotation, Unread, Correction):
        assert not table.objects.exclude(**gone).exists()
    assert Mention.objects.filter(annotation__customer_id=gone["customer_id"]).count() == Mention.objects.count()
    assert Annotation.objects.count() == 1


def test_what_staff_answer_about_their_work_is_not_read():
    _arrives(_answer(attributes='{"purpose":"staff"}'))
    assert reading.follow(now=NOON).texts == 0


def test_a_rule_about_the_words_fires_when_they_are_read_and_only_once():
    casework.install(now=NOON, on=True)
    assert alerting.follow_readings(now=NOON).raised == 0
    _arrives(_answer(text="I want to cancel my contract.", score=None, scale=""))
    assert alerting.follow(now=NOON).raised == 0
    assert alerting.follow_readings(now=NOON).raised == 0
    reading.read_all(now=NOON)
    assert alerting.follow_readings(now=NOON).raised == 1
    assert alerting.follow_readings(now=NOON).rows == 0
    [alert] = alerts.waiting(limit=5)
    assert alert.rule == "wants_to_leave"
    assert any("leaving" in reason for reason in alert.reasons)


def test_what_a_head_would_change_is_kept_without_anybodys_words():
    _arrives(_answer(), _answer(2, text="Twenty minutes on hold"))
    reading.read_all(now=NOON)
    texts = reading_changes.sample(scope=EVERYTHING)
    before, after = readers.telco(), replace(readers.telco(), ruled=_without_bill())
    found = reading_changes.between(before=before, after=after, texts=texts)
    [bill] = [one for one in found.themes if one.name == "bill"]
    assert (bill.now, bill.then, bill.lost) == (1, 0, ("The bill is too high",))
    kept = reading_changes.as_kept(found)
    assert "too high" not in str(kept)
    assert reading_changes.read_back(kept).touched == found.touched


def _without_bill() -> scoring.Ruled:
    themes = taxonomy.load(name="telco")
    left = replace(themes, themes=tuple(theme for theme in themes.themes if theme.name != "bill"))
    return scoring.of(themes=left, encoder=readers.telco().encoders[0])
