"""Promises of the limits of scoring: who objects is shown without figures, and the page says what is used for what."""

from __future__ import annotations

import pytest
from django.test import Client

from valence.customers import objections
from valence.ledger.models import Risk
from valence.web.tests import cast as the_cast
from valence.web.tests.cast import Cast

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
