"""Promises of the limits of scoring: who objects is shown without figures, and the page says what is used for what."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from valence.alerts import queries
from valence.customers import objections
from valence.flows.act import casework
from valence.flows.weigh import minds
from valence.ledger.models import Risk
from valence.web.tests import cast as the_cast
from valence.web.tests.cast import NOON, Cast

pytestmark = pytest.mark.django_db


def client(name: str = "alice") -> Client:
    found = Client()
    found.post("/signin/", {"username": name, "password": the_cast.PASSWORD})
    return found


def test_an_objection_is_recorded_on_the_page_and_figures_go_with_it(cast: Cast) -> None:
    key, alice = cast.present[0], client()
    assert "Record an objection" in alice.get(f"/customers/{key}/").content.decode()
    assert alice.post(f"/customers/{key}/scoring/", {"objects": "yes"}).status_code == 302
    text = alice.get(f"/customers/{key}/").content.decode()
    assert "Not scored: objected on" in text
    assert "by alice" in text
    assert "Likely to leave</span>" not in text
    assert "bond unchanged" not in text
    assert "Not weighed: they object to being scored." in text
    assert not Risk.objects.filter(customer_id=key).exists()
    assert f"/customers/{key}/" not in alice.get("/customers/?likely=1").content.decode()
    alice.post(f"/customers/{key}/scoring/", {"objects": "no"})
    assert "Not scored" not in alice.get(f"/customers/{key}/").content.decode()


def test_only_who_may_correct_records_objections_and_only_of_customers_they_see(cast: Cast) -> None:
    coast, valley = cast.present[0], cast.present[1]
    for name in ("vera", "carl"):
        assert client(name).post(f"/customers/{valley}/scoring/", {"objects": "yes"}).status_code == 403
    assert "Record an objection" not in client("carl").get(f"/customers/{valley}/").content.decode()
    assert client("mark").post(f"/customers/{valley}/scoring/", {"objects": "yes"}).status_code == 404
    assert client("mark").post(f"/customers/{coast}/scoring/", {"objects": "yes"}).status_code == 302
    assert objections.everyone() == {coast}


def test_the_page_counts_who_objected_and_the_number_opens_them(cast: Cast) -> None:
    alice = client()
    for key in cast.present[:3]:
        alice.post(f"/customers/{key}/scoring/", {"objects": "yes"})
    text = alice.get("/settings/limits/").content.decode()
    assert re.findall(r'data-count="(\d+)" href="/settings/limits/#objected"', text) == ["3"]
    assert 'data-total="3"' in text
    assert text.count("By alice") == 3
    assert all(f"/customers/{key}/" in text for key in cast.present[:3])


def test_the_page_names_the_rules_that_are_on_and_ask_for_a_score(cast: Cast) -> None:
    casework.install(now=NOON, on=True)
    text = client().get("/settings/limits/").content.decode()
    asking = [one.rule for one in queries.every(now=NOON) if one.rule.asks & {"p_leave_60d", "likely_to_leave", "bond"}]
    assert asking
    for rule in asking:
        assert f"/cases/rules/{rule.name}/" in text
    assert "/cases/rules/no_show/" not in text


def test_what_may_never_enter_is_said_also_where_no_model_can_be_looked_through(cast: Cast) -> None:
    for kept in (minds._used, minds._model):
        kept.cache_clear()  # another test's model may have had the same version
    assert "There is no model yet that could be looked through" in client().get("/settings/limits/").content.decode()


def test_only_administrators_see_it(cast: Cast) -> None:
    seen = {name: client(name).get("/settings/limits/").status_code for name in the_cast.STAFF}
    assert seen == {"alice": 200, "anna": 403, "mark": 403, "carl": 403, "vera": 403}
