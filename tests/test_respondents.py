"""The survey page's own way in answers as Django does: the same page and headers, nothing larger, no session."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from valence import asgi, home
from valence.surveys import actions, templates
from valence.surveys.values import Invitee
from valence.web import respondents

if TYPE_CHECKING:
    from pytest_django.fixtures import SettingsWrapper

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime.now(UTC)


@pytest.fixture(autouse=True)
def own_home(settings: SettingsWrapper, tmp_path: Path) -> None:
    settings.HOME = replace(settings.HOME, folder=tmp_path / "home")
    for name in home.FOLDERS:
        (tmp_path / "home" / name).mkdir(parents=True)


def invited() -> str:
    actions.put_draft(slug="one", survey=templates.load(name="nps"), by="test", now=NOW)
    actions.launch(slug="one", by="test", now=NOW)
    person = Invitee(None, "link", "en", {}, {}, NOW + timedelta(days=1))
    return actions.invite(slug="one", people=[person], now=NOW)[0].token


def asked(path: str, *, method: str = "GET", body: bytes = b"", host: str = "localhost") -> tuple[int, dict[str, str]]:
    """Ask the whole product, as a server would; return the status and the headers."""
    said: list[dict[str, Any]] = []
    headers = [(b"host", host.encode()), (b"content-type", b"application/x-www-form-urlencoded")]
    scope = {
        "type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": b"",
        "headers": [*headers, (b"content-length", str(len(body)).encode())], "scheme": "http",
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80), "root_path": "",
    }  # fmt: skip
    parts = iter([body[: len(body) // 2], body[len(body) // 2 :]])

    async def receive() -> dict[str, Any]:
        part = next(parts, None)
        return {"type": "http.request", "body": part or b"", "more_body": part is not None}

    async def send(message: Any) -> None:
        said.append(dict(message))

    # On a thread of its own: where a browser was driven before, this one has a running loop already.
    with ThreadPoolExecutor(max_workers=1) as server:
        server.submit(asyncio.run, asgi.application(scope, receive, send)).result()
    told = {name.decode(): value.decode() for name, value in said[0]["headers"]}
    return said[0]["status"], {**told, "body": b"".join(one.get("body", b"") for one in said[1:]).decode()}


def test_only_the_page_of_one_survey_goes_this_way() -> None:
    token = "A" * 22
    for method, path, is_theirs in (
        ("GET", f"/s/{token}/", True), ("HEAD", f"/s/{token}/", True), ("POST", f"/s/{token}/", True),
        ("OPTIONS", f"/s/{token}/", False), ("GET", f"/s/{token}/privacy/", False), ("GET", f"/s/{token}", False),
        ("GET", "/s/", False), ("GET", "/s/%00/", False),
    ):  # fmt: skip
        assert respondents.is_theirs(scope={"method": method, "path": path}) is is_theirs


def test_both_ways_say_the_same_with_the_same_headers() -> None:
    path = f"/s/{invited()}/"
    status, told = asked(path)
    other = Client().get(path, headers={"host": "localhost"})
    assert status == other.status_code == 200
    there = {name.lower(): value for name, value in other.items()}
    for name in ("content-type", "cache-control", "referrer-policy", "x-robots-tag", "x-frame-options",
                 "x-content-type-options", "permissions-policy", "cross-origin-opener-policy"):  # fmt: skip
        assert told[name] == there[name], name
    assert "style-src 'nonce-" in told["content-security-policy"]
    assert "set-cookie" not in told
    assert told["body"].split("<body>")[1][:500] == other.content.decode().split("<body>")[1][:500]


def test_what_is_sent_in_pieces_is_an_answer() -> None:
    path = f"/s/{invited()}/"
    status, told = asked(path, method="POST", body=b"_q=recommend&_q=why&recommend=9&why=Kind+people&_do=send")
    assert status == 200
    assert "Your answer has arrived" in told["body"]
    assert "Your answer has arrived" in asked(path)[1]["body"]


def test_what_is_too_large_for_a_form_is_refused_before_it_is_read_whole() -> None:
    status, _ = asked(f"/s/{invited()}/", method="POST", body=b"why=" + b"x" * (respondents.LARGEST + 10))
    assert status == 413


def test_a_name_that_is_not_ours_is_refused(settings: SettingsWrapper) -> None:
    settings.ALLOWED_HOSTS = ["valence.example"]
    assert asked(f"/s/{invited()}/", host="elsewhere.example")[0] == 400
    assert asked(f"/s/{invited()}/", host="valence.example")[0] == 200


def test_what_is_not_there_says_so() -> None:
    status, told = asked(f"/s/{'A' * 22}/")
    assert status == 404
    assert "There is nothing to answer here" in told["body"]
