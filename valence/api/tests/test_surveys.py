"""Surveys and invitations over the API: made, asked, refused with a reason, counted."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from valence.api.doors import DOOR
from valence.customers import actions as customers
from valence.customers.rules import CustomerRecord
from valence.people import keys

NOW = datetime(2026, 3, 2, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def call(settings: LazySettings, tmp_path: Path, client: Client) -> Any:
    settings.HOME = replace(settings.HOME, folder=tmp_path / "home")
    (tmp_path / "home" / "logs").mkdir(parents=True)
    token = keys.create(name="test", scopes=["write", "read"], by="test", now=NOW)
    DOOR._known.clear()
    customers.put(
        records=[
            CustomerRecord("c1", NOW, personal={"email": "a@example.org"}),
            CustomerRecord("c2", NOW, personal={"email": "b@example.org"}, consents="-feedback"),
            CustomerRecord("c3", NOW),
        ],
        now=NOW,
    )

    def ask(method: str, path: str, body: Any = None) -> tuple[int, Any]:
        data = body if isinstance(body, str) else json.dumps(body)
        sent = client.generic(
            method, f"/api/v1/{path}", data=data, content_type="application/json", HTTP_AUTHORIZATION=f"Bearer {token}"
        )
        return sent.status_code, json.loads(sent.content)

    return ask


def made(call: Any, **more: str) -> str:
    status, said = call("POST", "surveys", {"template": "csat", "name": "After a call", **more})
    assert status == 201, said
    assert said["state"] == "live"
    assert said["version"] == 1
    return str(said["survey_id"])


def test_a_survey_is_made_and_a_customer_answers_by_the_link(call: Any, client: Client) -> None:
    survey = made(call)
    status, said = call("POST", "invitations", {"survey_id": survey, "customer_id": "c1", "channel": "link"})
    assert status == 201, said
    assert said["link"].endswith(said["path"])
    page = client.get(said["path"])
    assert page.status_code == 200
    answers = {"_q": ["satisfied", "settled", "why"], "satisfied": "4", "settled": "yes", "_do": "send"}
    assert client.post(said["path"], answers).status_code == 200
    told = call("GET", f"surveys/{survey}")[1]["results"]
    assert told["funnel"]["answered"] == 1
    assert told["answers"] == 1
    assert told["together"] == {"number": 1, "distribution": None, "figures": None}


def test_a_name_that_is_taken_gets_a_number(call: Any) -> None:
    assert [made(call), made(call)] == ["after-a-call", "after-a-call-2"]
    assert [one["survey_id"] for one in call("GET", "surveys")[1]] == ["after-a-call", "after-a-call-2"]


def test_an_email_leaves_by_itself_and_its_link_is_told_to_nobody_else(call: Any) -> None:
    survey = made(call, channel="email")
    status, said = call("POST", "invitations", {"survey_id": survey, "customer_id": "c1"})
    assert (status, said["channel"]) == (201, "email")
    assert "token" not in said


@pytest.mark.parametrize(
    ("customer", "channel", "reason"),
    [("c2", "email", "no_consent"), ("c3", "email", "no_channel"), ("c1", "sms", "no_channel")],
)
def test_who_is_not_asked_is_refused_with_the_reason(call: Any, customer: str, channel: str, reason: str) -> None:
    status, said = call("POST", "invitations", {"survey_id": made(call), "customer_id": customer, "channel": channel})
    assert (status, said["error"]) == (409, "not_asked")
    assert said["detail"].startswith(reason)


def test_rest_is_heeded_where_it_is_asked_for(call: Any) -> None:
    asked = {"survey_id": made(call), "customer_id": "c1"}
    assert call("POST", "invitations", {**asked, "rest": True})[0] == 201
    status, said = call("POST", "invitations", {**asked, "rest": True})
    assert (status, said["detail"]) == (409, "asked_before: asked by after-a-call 0 days ago")
    assert call("POST", "invitations", asked)[0] == 201


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("surveys", {"template": "nothing", "name": "x"}, 422),
        ("surveys", {"template": "csat", "name": " "}, 422),
        ("surveys", {"template": "csat", "name": "x", "channel": "pigeon"}, 422),
        ("surveys", {"template": "csat", "name": "x", "more": 1}, 422),
        ("surveys", "{", 400),
        ("invitations", {"survey_id": "nothing", "customer_id": "c1"}, 404),
        ("invitations", {"customer_id": "c1"}, 422),
        ("invitations", [], 422),
    ],
)
def test_what_cannot_be_taken_is_refused(call: Any, path: str, body: Any, status: int) -> None:
    assert call("POST", path, body)[0] == status


def test_nobody_is_found_under_an_id_that_was_never_met(call: Any) -> None:
    assert call("POST", "invitations", {"survey_id": made(call), "customer_id": "nobody"})[0] == 404


def test_a_key_that_may_only_write_reads_no_results(call: Any) -> None:
    token = keys.create(name="writer", scopes=["write"], by="test", now=NOW)
    answer = Client().get("/api/v1/surveys", HTTP_AUTHORIZATION=f"Bearer {token}")
    assert answer.status_code == 403
