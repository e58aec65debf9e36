"""Promises of the search: whom one may see, how they stand, and interactions by their id."""

from __future__ import annotations

import pytest
from django.test import Client

from valence.ledger.models import OpenPromise
from valence.web.tests import cast as the_cast
from valence.web.tests.cast import Cast

pytestmark = pytest.mark.django_db


def searched(name: str, words: str) -> str:
    client = Client()
    client.post("/signin/", {"username": name, "password": the_cast.PASSWORD})
    answer = client.get("/search/", {"q": words})
    assert answer.status_code == 200
    return answer.content.decode()


def test_somebody_who_was_lost_leads_to_why(cast: Cast) -> None:
    text = searched("alice", "T-300040")
    assert f"/losses/{cast.gone[0]}/" in text
    assert "Why lost" in text


def test_somebody_at_risk_says_so_and_what_is_owed(cast: Cast) -> None:
    text = searched("alice", "caldera")
    assert "Likely to leave" in text
    assert "1 promise overdue" in text
    OpenPromise.objects.update(state="kept")
    assert "overdue" not in searched("alice", "caldera")


def test_an_interaction_is_found_by_its_id_by_those_who_may_see_its_customer(told: Cast) -> None:
    assert "Interactions" in searched("alice", "ines-order")
    assert "id=ines-i-0" in searched("alice", "ines-i-0").replace("&amp;", "&")
    assert "id=ines-i-0" not in searched("carl", "ines-i-0")


def test_nothing_found_says_how_it_looked(cast: Cast) -> None:
    assert "Whole words are compared" in searched("alice", "nobody-9")
