"""Cases on screen: what needs somebody, one case with all its acts, rules with their dry run, who takes what."""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from valence.alerts import actions, queries
from valence.cases import queries as cases
from valence.channels.models import Outgoing
from valence.customers import actions as customer_actions
from valence.customers import queries as customers
from valence.customers.rules import CustomerRecord
from valence.flows.act import casework
from valence.people.models import Person
from valence.terms import EVERYTHING
from valence.web.tests.cast import Cast
from valence.web.tests.looking import violations

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db


def _in(name: str) -> Client:
    client = Client()
    client.force_login(Person.objects.get(name=name))
    return client


def _raise(key: int, rule: str = "promise_broken") -> None:
    now = datetime.now(UTC)
    found = actions.Raise(queries.one(name=rule).rule, key, "", "", "billing", now, ("promise: broken",))
    actions.raise_alerts(found=[found], now=now)
    casework.open_cases(now=now)


@pytest.fixture
def case(told: Cast) -> cases.CaseRow:
    """A case about Ines of Coast, which Mark, the manager there, owns."""
    casework.install(now=datetime.now(UTC), on=True)
    _raise(told.present[0])
    [row] = cases.rows(seer=cases.Seer(0, EVERYTHING), asked=cases.Asked())
    return row


def _with_email(key: int) -> None:
    named = customers.names(scope=EVERYTHING, keys=[key])[key]
    joined = customers.profile(scope=EVERYTHING, key=key).joined_at
    record = CustomerRecord(named.customer_id, joined or datetime.now(UTC), personal={"email": "ines@example.org"})
    customer_actions.put(records=[record], now=datetime.now(UTC))


def _of(case: cases.CaseRow) -> cases.Whole:
    return cases.whole(seer=cases.Seer(0, EVERYTHING), pk=case.pk)


def test_whoever_owns_it_sees_it_and_its_count_others_do_not(case: cases.CaseRow):
    mark, carl, vera = _in("mark"), _in("carl"), _in("vera")
    listed = mark.get("/cases/").content.decode()
    assert "A promise was broken" in listed
    assert "need you" in listed
    assert mark.get(f"/cases/{case.pk}/").status_code == 200
    assert carl.get(f"/cases/{case.pk}/").status_code == 404
    assert "A promise was broken" not in carl.get("/cases/").content.decode()
    assert vera.get("/cases/").status_code == 403


def test_more_that_came_is_said_and_waits(case: cases.CaseRow, told: Cast):
    mark = _in("mark")
    htmx = {"HX-Request": "true"}
    assert mark.get(f"/cases/?list=all&since={case.pk}", headers=htmx).content.strip() == b""
    _raise(told.present[3])
    said = mark.get(f"/cases/?list=all&since={case.pk - 1}", headers=htmx).content.decode()
    assert "new</a>" in said


def test_a_case_is_worked_on_step_by_step(case: cases.CaseRow):
    mark, act = _in("mark"), f"/cases/{case.pk}/act/"
    assert mark.post(act, {"act": "step", "place": "0", "done": "1"}).status_code == 302
    assert mark.post(act, {"act": "note", "text": "Called, nobody there"}).status_code == 302
    whole = _of(case)
    assert whole.row.state == "active"
    assert whole.tasks[0].done_by == "mark"
    assert "Called, nobody there" in mark.get(f"/cases/{case.pk}/").content.decode()
    assert mark.post(act, {"act": "snooze", "for": "1d"}).status_code == 302
    assert cases.needs(seer=cases.Seer(case.owner, EVERYTHING), now=datetime.now(UTC)) == 0
    assert mark.post(act, {"act": "state", "state": "closed", "why": "done"}).status_code == 302
    assert _of(case).row.closed_at is not None
    closed = mark.get("/cases/?list=closed").content.decode()
    assert 'data-count="1" href="/cases/?list=watched"' in closed
    assert 'data-total="1"' in mark.get("/cases/?list=watched").content.decode()
    assert mark.post(act, {"act": "fly"}).status_code == 404


def test_a_reply_leaves_after_a_person_saw_what_it_promises(case: cases.CaseRow):
    mark, act = _in("mark"), f"/cases/{case.pk}/act/"
    _with_email(case.key)
    form = {
        "act": "reply", "channel": "email", "subject": "Your line", "language": "en",
        "text": "Hello, we will call you back within 3 days.",
    }  # fmt: skip
    first = mark.post(act, form)
    assert first.status_code == 422
    assert "we will call you back within 3 days" in first.content.decode()
    assert not Outgoing.objects.exists()
    due = (datetime.now(UTC).date()).replace(year=datetime.now(UTC).year + 1).isoformat()
    sent = mark.post(act, {**form, "promise": "call back", "until": due, "seen": "1"})
    assert sent.status_code == 302, sent.content.decode()[:3000]
    assert Outgoing.objects.count() == 1
    assert [one.words for one in _of(case).promises] == ["call back"]


def test_what_was_typed_is_not_lost_where_it_cannot_leave(case: cases.CaseRow):
    refused = _in("mark").post(
        f"/cases/{case.pk}/act/", {"act": "reply", "channel": "pigeon", "subject": "S", "text": "Kept words"}
    )
    assert refused.status_code == 422
    assert "Kept words" in refused.content.decode()


def test_a_rule_is_looked_at_before_it_is_switched_on(case: cases.CaseRow):
    alice, where = _in("alice"), "/cases/rules/long_outage/"
    alice.post(where, {"act": "switch", "on": "0"})
    assert alice.post(where, {"act": "switch", "on": "1"}).status_code == 422
    assert queries.one(name="long_outage").state == "off"
    actions.note_check(
        name="long_outage",
        version=1,
        found={
            "days": 90, "looked_at": 10, "firings": 2, "customers": 2, "a_day": 0.1, "busiest": 1, "people": 1,
            "a_person_a_day": 0.1, "afterwards": None, "regions": {}, "examples": [], "unknown": [],
        },
        now=datetime.now(UTC),
    )  # fmt: skip
    assert alice.post(where, {"act": "switch", "on": "1"}).status_code == 302
    assert queries.one(name="long_outage").state == "on"


def test_a_rule_that_is_wrong_is_refused_in_words_and_not_lost(case: cases.CaseRow):
    anna = _in("anna")
    for written in ("{", "[]", '{"name": "x"}', '{"name": "good_name", "title": "T", "when": {"field": "nope"}}'):
        refused = anna.post("/cases/rules/new/", {"written": written})
        assert refused.status_code == 422
    kept = '{"name": "good_name", "title": "T", "when": {"field": "kind", "is": "visit"}}'
    assert anna.post("/cases/rules/new/", {"written": kept}).status_code == 302
    assert queries.one(name="good_name").state == "off"
    assert _in("carl").get("/cases/rules/").status_code == 403


def test_a_test_is_added_to_a_rule_by_the_form_and_nothing_is_kept_yet(case: cases.CaseRow):
    alice = _in("alice")
    written = json.dumps({"name": "built", "title": "Built", "when": {"field": "facts", "has": ["late"]}})
    form = {"act": "add", "written": written, "field": "place_failures_1d", "test": "at_least", "value": "3"}
    page = alice.post("/cases/rules/new/", form).content.decode()
    assert "and customers for whom something went wrong at the place in a day at least 3" in page
    built = html.unescape(page.split('maxlength="20000">')[1].split("</textarea>")[0])
    assert json.loads(built)["when"]["all"] == [
        {"field": "facts", "has": ["late"]},
        {"field": "place_failures_1d", "at_least": 3.0},
    ]
    assert "built" not in [one.rule.name for one in queries.every(now=datetime.now(UTC))]
    for wrong in ({"value": "many"}, {"test": "has"}, {"field": "no_such"}, {"field": "hours_until_due"}):
        answer = alice.post("/cases/rules/new/", {**form, **wrong})
        assert answer.status_code == 422, wrong
        assert "place_failures_1d" in answer.content.decode()
    several = {**form, "field": "kind", "test": "in", "value": "visit, install", "act": "add"}
    assert "visit or install" in alice.post("/cases/rules/promise_broken/", several).content.decode().lower()
    assert alice.post("/cases/rules/new/", {"act": "change", "written": built}).status_code == 302


def test_who_takes_what_is_set_by_an_administrator(case: cases.CaseRow):
    pk = Person.objects.get(name="carl").pk
    form = {"departments": "Billing, field", "daily_cases": "7", "most_grant": "20"}
    assert _in("mark").post(f"/cases/people/{pk}/", form).status_code == 403
    assert _in("alice").post(f"/cases/people/{pk}/", form).status_code == 302
    duty = queries.duties()[pk]
    assert (duty.departments, duty.daily_cases, duty.most_grant) == (("billing", "field"), 7, 20)
    assert _in("alice").post(f"/cases/people/{pk}/", {"daily_cases": "-1"}).status_code == 422


def test_a_receiver_inside_the_house_is_refused_and_a_secret_is_shown_once(case: cases.CaseRow):
    alice = _in("alice")
    form = {"act": "add", "kind": "webhook", "name": "desk", "url": "http://10.0.0.1/"}
    assert alice.post("/settings/receivers/", form).status_code == 422
    added = alice.post("/settings/receivers/", {**form, "url": "https://hooks.example.org/in"})
    assert "whsec_" in added.content.decode()
    assert "whsec_" not in alice.get("/settings/receivers/").content.decode()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", ["wide", "phone"])
def test_axe_finds_nothing_on_a_case(told: Cast, sign_in: Callable[..., Page], width: str):
    casework.install(now=datetime.now(UTC), on=True)
    _raise(told.present[0])
    [row] = cases.rows(seer=cases.Seer(0, EVERYTHING), asked=cases.Asked())
    page = sign_in("mark", width=width)
    for where in (f"/cases/{row.pk}/", "/cases/", "/cases/rules/promise_broken/"):
        page.goto(where)
        assert violations(page) == [], where
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), where


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_inbox_says_by_itself_that_more_came(told: Cast, sign_in: Callable[..., Page]):
    casework.install(now=datetime.now(UTC), on=True)
    page = sign_in("mark")
    page.clock.install()
    page.goto("/cases/?list=all")
    page.wait_for_selector("text=No cases yet")
    _raise(told.present[0])
    page.clock.fast_forward(21_000)
    page.wait_for_selector("#news >> text=1 new")
    page.click("#news a")
    page.wait_for_selector("td >> text=New")
    assert page.locator("tbody tr").count() == 1
