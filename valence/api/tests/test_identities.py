"""POST /api/v1/identities: a verdict for each item, the errors of the other routes; a sure link counts at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.conf import LazySettings

from valence.api import identities as endpoint
from valence.api.replies import Reply
from valence.customers import actions, queries
from valence.customers.rules import CustomerRecord
from valence.people import keys
from valence.terms import EVERYTHING

pytestmark = pytest.mark.django_db
NOW = datetime(2025, 3, 1, tzinfo=UTC)
keys_made: list[str] = []


@pytest.fixture(autouse=True)
def home(settings: LazySettings, tmp_path: Path) -> None:
    settings.HOME = replace(settings.HOME, folder=tmp_path)


def post(body: Any, *, scope: str = "write", token: str = "") -> Reply:
    token = token or keys.create(name=f"machine {len(keys_made)}", scopes=[scope], by="alice", now=NOW)
    keys_made.append(token)
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    return endpoint.answer(headers=headers, body=msgspec.json.encode(body), now=NOW)


def test_a_link_counts_at_once_and_each_item_has_its_verdict() -> None:
    actions.put(records=[CustomerRecord(customer_id="A", joined_at=NOW)], now=NOW)
    sent = [
        {"customer_id": "A", "other_id": "W-1", "system": "web"}, {"customer_id": "A", "other_id": "W-1"},
        {"customer_id": "A", "other_id": ""}, 7, {"customer_id": "A", "other_id": "W-2", "confidence": 1.5},
    ]  # fmt: skip
    answer = post(sent)
    said = [(item["verdict"], item["reason"]) for item in msgspec.json.decode(answer.body)]
    assert answer.status == 202
    assert said == [
        ("created", None), ("duplicate", None), ("refused", "missing_field"), ("refused", "not_an_object"),
        ("refused", "out_of_range"),
    ]  # fmt: skip
    key = queries.key_of(scope=EVERYTHING, customer_id="W-1")
    assert key == queries.key_of(scope=EVERYTHING, customer_id="A")


def test_one_object_is_answered_by_its_verdict() -> None:
    assert post({"customer_id": "A", "other_id": "B"}).status == 202
    assert post({"customer_id": "A", "other_id": "A"}).status in (409, 422)


def test_a_key_needs_the_scope_to_write() -> None:
    assert post({"customer_id": "A", "other_id": "B"}, scope="erase").status == 403
    assert post({"customer_id": "A", "other_id": "B"}, token="no key of ours").status == 401
