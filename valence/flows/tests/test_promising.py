"""Promises of the ledger of promises: it follows what arrives, says what came due, and outlives a score."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from valence import home, interactions, terms
from valence.customers import actions as customer_actions
from valence.customers.rules import CustomerRecord
from valence.flows.act import promising
from valence.flows.gather import flush, ingest
from valence.ledger.actions import promises as ledger
from valence.ledger.actions import scores
from valence.ledger.models import OpenPromise, PromiseMark
from valence.ledger.queries import promises

NOON = datetime(2026, 5, 12, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home with two customers of whom nothing is known yet."""
    monkeypatch.setattr(settings, "HOME", replace(settings.HOME, folder=tmp_path))
    monkeypatch.setattr(promising._Due, "last", None)
    for name in home.FOLDERS:
        (tmp_path / name).mkdir(exist_ok=True)
    known = [CustomerRecord(customer_id=name, joined_at=NOON, values={}) for name in ("C-1", "C-2")]
    customer_actions.put(records=known, now=NOON)
    interactions.followers.position(name=promising.NAME)


def arrives(*records: dict[str, Any], now: datetime = NOON) -> None:
    names = list(dict.fromkeys(name for record in records for name in record))
    raw = terms.RawRecords(
        numbers=list(range(1, len(records) + 1)),
        columns={name: [record.get(name) for record in records] for name in names},
    )
    brought = ingest.take_interactions(records=raw, desk=ingest.Desk(), now=now)
    assert not brought.refused, brought.refused


def row(name: str, kind: str, at: datetime = NOON, customer: str = "C-1", **more: Any) -> dict[str, Any]:
    plain = {"interaction_id": name, "customer_id": customer, "occurred_at": at.isoformat(), "kind": kind}
    due = {"promised_at": more.pop("due").isoformat()} if "due" in more else {}
    return {**plain, **more, **due}


def looked(now: datetime = NOON) -> dict[str, str]:
    promising.follow(now=now)
    promising.work(now=now)
    return dict(OpenPromise.objects.values_list("interaction_id", "state"))


VISIT = row("order", "order", department="sales", due=NOON + timedelta(days=2))


def test_a_promise_stands_in_the_ledger_as_soon_as_it_arrived_and_is_kept_by_the_visit():
    arrives(VISIT)
    assert looked() == {"order": "open"}
    came = NOON + timedelta(days=2, hours=-1)
    arrives(row("visit", "visit", at=came, department="field", due=NOON + timedelta(days=2)), now=came)
    assert looked(came) == {"order": "kept"}
    kept = OpenPromise.objects.get()
    assert (kept.how, kept.settled_interaction_id, kept.settled_department) == ("appointment", "visit", "field")


def test_what_has_passed_its_day_is_overdue_without_anything_arriving():
    arrives(VISIT)
    looked()
    assert looked(NOON + timedelta(days=2, hours=2)) == {"order": "overdue"}


def test_where_everything_is_silent_nobody_knows_what_became_of_what_came_due_since():
    arrives(VISIT)
    looked()
    assert looked(NOON + timedelta(days=40)) == {"order": "open"}


def test_a_promise_that_a_customer_tells_of_in_words_is_watched_too():
    said = "Your agent promised that somebody will call me back by 15 May 2026."
    arrives(row("call", "contact", text=said, language="en"))
    assert looked() == {"call": "open"}
    assert OpenPromise.objects.get().how == "text"


def test_what_was_heard_in_a_text_stays_when_a_score_takes_its_place_and_nothing_else_does():
    said = "Your agent promised that somebody will call me back by 15 May 2026."
    arrives(VISIT, row("call", "contact", text=said, language="en"))
    looked()
    assert OpenPromise.objects.count() == 2
    of_all = [field.name for field in OpenPromise._meta.fields if not field.primary_key]
    heard = OpenPromise.objects.filter(how="text").values(*of_all).get()
    scores.begin()
    scores.finish(as_of=NOON, model="one", now=NOON, customers=0)
    scores.tidy()
    assert list(OpenPromise.objects.values(*of_all)) == [heard]


def test_only_customers_whose_promises_may_have_changed_are_worked_out():
    arrives(row("bill", "bill"), row("visit", "visit", customer="C-2"), row("call", "contact"))
    assert promising.follow(now=NOON).marked == 0
    arrives(VISIT)
    assert promising.follow(now=NOON).marked == 1


def test_a_step_that_is_killed_forgets_nothing_and_the_log_takes_only_what_was_read(monkeypatch):
    arrives(VISIT)

    def dies(**given: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(ledger, "mark", dies)
        with pytest.raises(KeyboardInterrupt):
            promising.follow(now=NOON)
    assert not PromiseMark.objects.exists()
    flush.run(now=NOON, everything=True)
    assert PromiseMark.objects.count() == 1
    assert looked() == {"order": "open"}


def test_what_was_worked_out_while_a_score_was_made_is_worked_out_again_after_it(monkeypatch):
    arrives(VISIT)
    with monkeypatch.context() as patch:
        patch.setattr(promising.alone, "is_held", lambda **given: True)
        looked()
    assert PromiseMark.objects.get().done_at == NOON
    OpenPromise.objects.all().delete()  # the score takes the place of everything
    ledger.after_score(began=NOON - timedelta(minutes=1))
    assert looked() == {"order": "open"}
    assert not PromiseMark.objects.exists()


def test_what_a_score_has_read_needs_no_second_look():
    arrives(VISIT)
    promising.follow(now=NOON)
    ledger.after_score(began=NOON + timedelta(minutes=1))
    assert promises.marked(limit=10) == []
