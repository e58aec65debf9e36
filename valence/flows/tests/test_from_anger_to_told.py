"""One customer's way with real servers: anger and a broken promise come in over HTTP, and in the end they are told.

The mail server is a real SMTP server, the receiver a real HTTP server that checks each signature with another library.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import svix
from django.test import Client

from valence.alerts import telling as receivers
from valence.alerts.models import Alert
from valence.cases import queries
from valence.channels.tests.servers import MailServer
from valence.flows.act import alerting, casework, recovering, telling
from valence.flows.ask import sending
from valence.flows.tests import acting
from valence.people import actions as people
from valence.people import keys
from valence.people.models import Person
from valence.terms import Role

if TYPE_CHECKING:
    from pytest_django.fixtures import SettingsWrapper

pytestmark = pytest.mark.django_db(transaction=True)
STEPS = (
    "opened", "assigned", "alert", "replied", "promised", "active", "kept", "closed", "verified", "told",
)  # fmt: skip
HEARD = (
    "case.opened", "case.replied", "case.promised", "case.promise_kept", "case.closed", "case.verified", "case.told",
)  # fmt: skip


class Desk:
    """A receiver of webhooks that believes nothing whose signature another library does not verify."""

    def __init__(self) -> None:
        self.secret = ""
        self.heard: list[dict[str, Any]] = []
        self.ids: list[str] = []

    def __enter__(self) -> Desk:
        desk = self

        class Door(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                svix.Webhook(desk.secret).verify(body, dict(self.headers))
                desk.heard.append(json.loads(body))
                desk.ids.append(self.headers["webhook-id"])
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/valence"
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def mail(settings: SettingsWrapper) -> Iterator[MailServer]:
    with MailServer() as server:
        settings.EMAIL_URL = server.url
        yield server


@pytest.fixture
def desk(settings: SettingsWrapper) -> Iterator[Desk]:
    settings.WEBHOOK_HOSTS = ("127.0.0.1",)
    with Desk() as server:
        yield server


def _said_by_everybody(now: datetime) -> list[dict[str, Any]]:
    answer = acting.answer(1, "C-1", at=now) | {"text": "You promised to call me back. Nobody did!", "language": "en"}
    broken = {"interaction_id": "p1", "customer_id": "C-1", "occurred_at": now.isoformat(), "department": "care",
              "kind": "promise", "promise": "broken", "reason": "call_back"}  # fmt: skip
    return [broken, answer]


def _arrives(records: list[dict[str, Any]], now: datetime) -> None:
    key = keys.create(name="crm", scopes=["write"], by="test", now=now)
    came = Client().post(
        "/api/v1/interactions",
        data=json.dumps(records),
        content_type="application/json",
        headers={"authorization": f"Bearer {key}"},
    )
    assert came.status_code == 202, came.content
    assert [one["verdict"] for one in came.json()] == ["created"] * len(records)


def _only_case() -> queries.Whole:
    [case] = acting.every_case()
    return case


def test_from_anger_and_a_broken_promise_to_a_customer_who_was_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mail: MailServer, desk: Desk
):
    staff = acting.company(folder=tmp_path, patch=monkeypatch, customer_ids=["C-1", "C-2"])
    now = datetime.now(UTC)
    people.create_person(
        name="vera", password="correct horse battery", role=Role.CASE_OWNER, by="test", now=now,
        regions=frozenset({"Valley"}),
    )  # fmt: skip
    desk.secret = receivers.add(kind="webhook", name="desk", said={"url": desk.url}, events=(), by="alice", now=now)
    telling.collect(now=now)

    # 1. They arrive, and become one case of the one who has the region, with the playbook of a broken promise.
    _arrives(_said_by_everybody(now), now)
    alerting.follow(now=now)
    casework.open_cases(now=now)
    case = _only_case()
    assert (case.row.owner, case.row.playbook) == (staff["carl"], "broken_promise")
    assert sorted(Alert.objects.values_list("state", flat=True)) == ["joined", "opened"]

    # 2. The owner replies in words of their own, which promise something; it leaves by e-mail.
    carl, act = Client(), f"/cases/{case.row.pk}/act/"
    carl.force_login(Person.objects.get(name="carl"))
    reply = {
        "act": "reply", "channel": "email", "subject": "Your call back", "language": "en", "seen": "1",
        "text": "You were right to be angry. I will call you myself.", "promise": "call you myself",
        "until": (now + timedelta(days=3)).date().isoformat(),
    }  # fmt: skip
    assert carl.post(act, reply).status_code == 302
    assert sum(sending.send_due(now=datetime.now(UTC)).values()) == 1
    assert "I will call you myself" in mail.received[0].message.get_body(("plain",)).get_content()  # type: ignore[union-attr]

    # 3. The promise is kept, the case is closed; it is watched.
    [promise] = _only_case().promises
    assert carl.post(act, {"act": "promise", "promise": str(promise.pk), "kept": "1"}).status_code == 302
    assert carl.post(act, {"act": "state", "state": "closed", "why": "done"}).status_code == 302
    assert recovering.look(now=datetime.now(UTC)) == 0

    # 4. Thirty quiet days later it is shown to be put right, and the customer hears how it ended.
    assert recovering.look(now=now + timedelta(days=31)) == 1
    assert _only_case().row.recovery == "recovered"
    told = {**reply, "text": "It is done, and it holds.", "promise": "", "until": "", "subject": "How it ended"}
    assert carl.post(act, told).status_code == 302
    assert sum(sending.send_due(now=datetime.now(UTC)).values()) == 1
    assert mail.received[1].recipients == ["c-1@example.org"]

    # Every step stands on the timeline, and each was told once to a machine that checked it.
    steps = [line.what for line in reversed(_only_case().lines)]
    assert set(STEPS) <= set(steps), steps
    while telling.tell(now=datetime.now(UTC)):
        pass
    kinds = [event["type"] for event in desk.heard]
    assert sorted(kinds) == sorted(HEARD)
    assert len(set(desk.ids)) == len(desk.ids)
    assert {event["data"]["customer_id"] for event in desk.heard} == {"C-1"}
    assert "Ines" not in json.dumps(desk.heard)
