"""Playbooks on screen: written and read back alike, tried within limits, a better one taken by a person only."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client

from valence.cases import playbook, queries, trials
from valence.flows.act import casework
from valence.packs import acting
from valence.people.models import Person
from valence.web.pages.cases import playbook_words
from valence.web.tests.cast import Cast

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)


def _in(name: str) -> Client:
    client = Client()
    client.force_login(Person.objects.get(name=name))
    return client


@pytest.fixture
def there(told: Cast) -> Cast:
    casework.install(now=NOW, on=True)
    return told


@pytest.mark.parametrize("table", acting.playbooks(name="telco"), ids=lambda table: str(table["name"]))
def test_what_a_form_shows_is_read_back_as_it_was(table: dict[str, object]):
    made = playbook.made(table=table)
    assert playbook_words.read(name=made.name, form=playbook_words.form_of(book=made)) == made


def test_a_change_is_a_new_version_and_none_without_one(there: Cast):
    mark, page = _in("mark"), "/cases/playbooks/late_visit/"
    book = queries.playbook_in_force(name="late_visit")
    assert book is not None
    form = {"act": "change", **playbook_words.form_of(book=book[1])}
    assert mark.post(page, form).status_code == 302
    assert len(queries.playbook_versions(name="late_visit")) == 1
    assert mark.post(page, {**form, "title": "Visits, put right"}).status_code == 302
    assert [one.number for one in queries.playbook_versions(name="late_visit")] == [2, 1]
    wrong = mark.post(page, {**form, "steps": "Fly | there | fly", "title": "Kept words"})
    assert wrong.status_code == 422
    assert "there is no act" in wrong.content.decode()
    assert "Kept words" in wrong.content.decode()


def test_a_trial_is_begun_shown_and_ended(there: Cast):
    mark, page = _in("mark"), "/cases/playbooks/late_visit/"
    copied = mark.post(page, {"act": "copy"})
    assert copied["Location"].startswith("/cases/playbooks/late_visit_b/")
    begun = mark.post(page, {"act": "begin", "alternative": "late_visit_b", "held_out": "5", "aim": "recovered"})
    assert begun.status_code == 302, begun.content.decode().split("form-errors")[1][:200]
    shown = mark.get(page).content.decode()
    assert "Nobody goes to them" in shown
    assert "cannot say before 30 of each" in shown
    assert mark.post(page, {"act": "end"}).status_code == 302
    assert trials.running(playbook="late_visit") is None
    assert mark.get("/cases/playbooks/").status_code == 200


def test_what_is_owed_cannot_be_held_out_by_any_form(there: Cast):
    refused = _in("mark").post("/cases/playbooks/broken_promise/", {"act": "begin", "held_out": "5"})
    assert refused.status_code == 422
    assert "nobody may be held out" in refused.content.decode()


def test_whose_work_cases_are_does_not_write_playbooks(there: Cast):
    carl = _in("carl")
    assert carl.get("/cases/playbooks/").status_code == 403
    assert carl.post("/cases/playbooks/late_visit/", {"act": "copy"}).status_code == 403
