from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.conf import LazySettings
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as fuzz
from hypothesis import strategies as st

from valence.api import bodies, intake
from valence.api.doors import Door
from valence.api.replies import Error, Refusal, Reply
from valence.api.routes import api
from valence.api.writer import Waiting, Writer
from valence.customers import actions as customer_actions
from valence.customers import queries as customers
from valence.flows.gather import ingest
from valence.intake.interactions import KNOWN
from valence.intake.objects import side_by_side
from valence.interactions import StoreUnavailable
from valence.interactions.models import Seen
from valence.people import keys
from valence.terms import EVERYTHING, Verdict
from valence.terms import Refusal as RefusalReason

pytestmark = pytest.mark.django_db
NOW = datetime(2025, 3, 1, 12, tzinfo=UTC)
GOOD = {"interaction_id": "i1", "customer_id": "C-1", "occurred_at": "2025-01-05T10:00:00Z", "kind": "contact"}
JSON = "application/json"


class AtOnce(Writer):
    """Stores each request at once, in the thread that sent it."""

    def submit(self, *, kind: str, items: Sequence[Any], size: int) -> Future[Any]:
        waiting = Waiting(kind=kind, items=items, size=size)
        self.store(requests=[waiting])
        return waiting.answer


@pytest.fixture(autouse=True)
def home(settings: LazySettings, tmp_path: Path) -> None:
    settings.HOME = replace(settings.HOME, folder=tmp_path)


@pytest.fixture
def token() -> str:
    return keys.create(name="till", scopes=["write"], by="alice", now=NOW)


def post(
    token: str, body: Any, *, kind: str = "interactions", media: str = JSON, door: Door | None = None, **more: str
) -> Reply:
    sent = body if isinstance(body, bytes) else msgspec.json.encode(body)
    endpoint = intake.Endpoint(door=door or Door(), writer=AtOnce(clock=lambda: NOW))
    headers = {"authorization": f"Bearer {token}", "content-type": media, **more}
    return endpoint.answer(kind=kind, headers=headers, body=sent)


def said(reply: Reply) -> Any:
    return msgspec.json.decode(reply.body)


def test_one_object_is_answered_by_its_verdict(token: str) -> None:
    assert (post(token, GOOD).status, said(post(token, GOOD))["verdict"]) == (202, "duplicate")
    conflict = post(token, {**GOOD, "kind": "visit"})
    assert (conflict.status, said(conflict)["verdict"]) == (409, "conflict")
    revised = post(token, {**GOOD, "kind": "visit", "revision": 1})
    assert (revised.status, said(revised)["verdict"]) == (202, "revised")
    refused = post(token, {**GOOD, "occurred_at": "soon"})
    assert (refused.status, said(refused)["reason"]) == (422, "bad_time")


def test_a_batch_is_answered_by_a_verdict_per_item_in_order(token: str) -> None:
    reply = post(token, [GOOD, 5, {**GOOD, "kind": "visit"}, GOOD, {**GOOD, "interaction_id": "i2"}])
    assert reply.status == 202
    assert [one["verdict"] for one in said(reply)] == ["created", "refused", "conflict", "duplicate", "created"]
    assert [one["reason"] for one in said(reply)] == [None, "not_an_object", "conflict", None, None]


def test_a_bad_line_is_an_item_of_its_own(token: str) -> None:
    lines = b"\n".join([msgspec.json.encode(GOOD), b"{bad", b"", msgspec.json.encode({**GOOD, "interaction_id": "i2"})])
    reply = post(token, lines, media="application/x-ndjson")
    assert [one["verdict"] for one in said(reply)] == ["created", "refused", "created"]


def test_customers_are_created_and_updated(token: str) -> None:
    sent = {"customer_id": "C-1", "joined_at": "2020-01-01T00:00:00Z", "region": "North"}
    verdicts = [
        said(post(token, body, kind="customers"))["verdict"] for body in (sent, sent, {**sent, "region": "East"})
    ]
    assert verdicts == ["created", "duplicate", "revised"]


@pytest.mark.parametrize(
    ("body", "more", "error"),
    [
        (b"", {}, Error.EMPTY),
        (b"[]", {}, Error.EMPTY),
        (b'{"a', {}, Error.BAD_JSON),
        (b"\xff\xfe", {}, Error.BAD_JSON),
        (b"[" * 100_000, {}, Error.BAD_JSON),
        (b"5", {}, Error.NOT_AN_OBJECT),
        ([{}] * 501, {}, Error.TOO_MANY),
        (b" " * (bodies.LARGEST + 1), {}, Error.TOO_LARGE),
        (b"{}", {"content-length": "9" * 30}, Error.TOO_LARGE),
        (b"{}", {"content-type": "text/csv"}, Error.BAD_TYPE),
        (b"{}", {"content-type": "application/json; charset=latin-1"}, Error.BAD_TYPE),
        (b"{}", {"content-encoding": "gzip"}, Error.BAD_TYPE),
        (b"{}", {"authorization": ""}, Error.NO_KEY),
        (b"{}", {"authorization": "Basic abc"}, Error.NO_KEY),
        (b"{}", {"authorization": "Bearer wrong"}, Error.BAD_KEY),
    ],
)
def test_each_wrong_request_has_its_error(token: str, body: Any, more: dict[str, str], error: Error) -> None:
    reply = post(token, body, **more)
    assert (reply.status, said(reply)["error"]) == (error.status, error.code)
    assert Seen.objects.count() == 0


def test_a_key_may_only_do_what_its_scope_says_and_can_be_closed(token: str) -> None:
    reader = keys.create(name="reader", scopes=["read"], by="alice", now=NOW)
    assert post(reader, GOOD).status == 403
    assert keys.revoke(name="till", by="alice", now=NOW)
    assert post(token, GOOD).status == 401


def test_a_key_that_sends_too_fast_is_told_when_to_come_back(token: str) -> None:
    door = Door(requests_a_minute=2)
    replies = [post(token, {**GOOD, "interaction_id": str(n)}, door=door) for n in range(3)]
    assert [reply.status for reply in replies] == [202, 202, 429]
    assert int(replies[2].headers["retry-after"]) > 0


def test_a_store_that_cannot_store_is_a_503_and_nothing_was_taken(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(**_: Any) -> None:
        raise StoreUnavailable("database or disk is full")

    monkeypatch.setattr(ingest.inbox, "admit_packed", full)
    reply = post(token, [GOOD, GOOD])
    assert (reply.status, said(reply)["error"], reply.headers["retry-after"]) == (503, "cannot_store", "5")
    assert b"disk" not in reply.body


def test_one_request_that_fails_unexpectedly_does_not_stop_the_others(
    token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    admit = ingest.inbox.admit_packed

    def fails_on_two(*, arrived: Any, **more: Any) -> Any:
        if any(one.interaction_id == "i2" for one, *_ in arrived):
            raise RuntimeError("no path /secret")
        return admit(arrived=arrived, **more)

    monkeypatch.setattr(ingest.inbox, "admit_packed", fails_on_two)
    requests = [Waiting(kind="interactions", items=[{**GOOD, "interaction_id": f"i{n}"}], size=1) for n in range(4)]
    Writer(clock=lambda: NOW).store(requests=requests)
    assert [request.answer.exception() is None for request in requests] == [True, True, False, True]
    failed = requests[2].answer.exception()
    assert isinstance(failed, Refusal)
    assert b"secret" not in failed.reply.body


def test_who_is_erased_between_checking_and_storing_stays_away(token: str) -> None:
    post(token, GOOD)
    desk, records = ingest.Desk(), side_by_side(objects=[{**GOOD, "interaction_id": "i2"}], known=KNOWN, numbers=[1])
    ready = ingest.ready_interactions(records=records, desk=desk, now=NOW)
    assert ready is not None
    key = customers.key_of(scope=EVERYTHING, customer_id="C-1")
    customer_actions.destroy_keys(keys=[key], now=NOW)
    brought = ingest.take_interactions(records=records, desk=desk, now=NOW, ready=ready)
    assert brought.verdicts == [Verdict.REFUSED]
    assert brought.refused[0].reason is RefusalReason.ERASED


def test_making_ready_writes_nobody_down() -> None:
    records = side_by_side(objects=[GOOD], known=KNOWN, numbers=[1])
    assert ingest.ready_interactions(records=records, desk=ingest.Desk(), now=NOW) is None
    with pytest.raises(customers.UnknownCustomer):
        customers.key_of(scope=EVERYTHING, customer_id="C-1")


def test_a_full_queue_says_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    writer = Writer()
    monkeypatch.setattr(writer, "_run", lambda: None)
    writer.submit(kind="interactions", items=[GOOD], size=60 << 20)
    with pytest.raises(Refusal) as refused:
        writer.submit(kind="interactions", items=[GOOD], size=5 << 20)
    assert refused.value.reply.status == 503


def test_a_chunked_body_is_read_and_a_too_large_one_is_stopped_early() -> None:
    async def whole(*parts: bytes) -> bytes:
        sent = iter(parts)

        async def receive() -> Any:
            part = next(sent, None)
            return {"type": "http.request", "body": part or b"", "more_body": part is not None}

        return await intake._whole(receive)

    # On a thread of its own: where a browser was driven before, this one has a running loop already.
    with ThreadPoolExecutor(max_workers=1) as threads:
        assert threads.submit(asyncio.run, whole(b'{"a"', b":1}")).result() == b'{"a":1}'
        with pytest.raises(Refusal):
            threads.submit(asyncio.run, whole(*[b"x" * (1 << 20)] * 9)).result()


@fuzz(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.binary(max_size=200)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from([*GOOD, "score", "facts", "attributes", "source", "x"]), inner, max_size=6
            )
        ),
        max_leaves=20,
    ).map(msgspec.json.encode),
    kind=st.sampled_from(["interactions", "customers"]),
    media=st.sampled_from([JSON, "application/x-ndjson", "", "text/plain", "\x00"]),
)
def test_no_input_is_answered_by_a_failure(token: str, body: bytes, kind: str, media: str) -> None:
    assert post(token, body, kind=kind, media=media).status < 500


def test_every_route_is_described_with_its_errors() -> None:
    described = api.get_openapi_schema(path_prefix="/api/v1/")
    routes = [(path, route) for path, methods in described["paths"].items() for route in methods.values()]
    assert {path.removeprefix("/api/v1/").partition("/")[0] for path, _ in routes} == {
        "interactions", "customers", "identities", "surveys", "invitations", "widget", "alerts", "cases",
        "comments",
    }  # fmt: skip
    for path, route in routes:
        assert {int(status) for status in route["responses"]} >= {403, 503}, path
    answers = described["paths"]["/api/v1/interactions"]["post"]["responses"]
    assert {int(status) for status in answers} >= {202, 400, 401, 403, 409, 413, 415, 422, 429, 503}
    assert "requestBody" in described["paths"]["/api/v1/customers"]["post"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("get", "interactions", 405), ("get", "nothing", 404), ("delete", "customers/x", 401)],
)
def test_errors_of_other_routes_are_json_too(method: str, path: str, status: int, settings: LazySettings) -> None:
    settings.ROOT_URLCONF = "valence.api.tests.addresses"
    reply = getattr(Client(), method)(f"/api/v1/{path}")
    assert (reply.status_code, "error" in reply.json()) == (status, True)
