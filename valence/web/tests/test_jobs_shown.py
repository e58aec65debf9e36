"""Work that runs is told in people's words, and only where it concerns somebody."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client

from valence.flows.run import jobs
from valence.web import jobs_shown
from valence.web.tests import cast as the_cast
from valence.web.tests.cast import Cast

NOW = datetime(2026, 5, 20, tzinfo=UTC)


def test_every_kind_of_work_has_a_name_for_people():
    assert set(jobs_shown.NAMES) == set(jobs.WORK)


@pytest.mark.django_db
def test_what_the_ticker_asked_for_stands_on_data_and_not_on_today(cast: Cast) -> None:
    jobs.enqueue(name="read_texts", by="ticker", arguments={}, now=NOW)
    jobs.enqueue(name="train", by="alice", arguments={}, now=NOW)
    client = Client()
    client.post("/signin/", {"username": "alice", "password": the_cast.PASSWORD})
    today, data, model = (client.get(path).content.decode() for path in ("/", "/data/", "/model/"))
    assert all("Training the model" in page for page in (today, data, model))
    assert "Reading texts" in data
    assert "Reading texts" not in today
    assert "Reading texts" not in model
