"""When much comes at once and receivers misbehave: nothing is lost, nothing is doubled, and the page says it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from valence.alerts import telling as receivers
from valence.alerts.channels import address
from valence.alerts.models import Alert, Delivery
from valence.cases.models import Case, Happening
from valence.flows.act import alerting, casework, telling
from valence.flows.tests import acting
from valence.flows.tests.acting import NOON

if TYPE_CHECKING:
    from pytest_django.fixtures import SettingsWrapper

pytestmark = pytest.mark.django_db
MANY, CUSTOMERS, LINES = 10_000, 40, 2_000
DRIPS = 600  # a tenth of a second each


class Moody(BaseHTTPRequestHandler):
    """A receiver in a mood: /down refuses, /round sends elsewhere, /drip answers a byte at a time, /well takes all."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.server.told.append((self.path, self.headers["webhook-id"]))  # type: ignore[attr-defined]
        mood = self.server.moods.get(self.path, self.path)  # type: ignore[attr-defined]
        if mood == "/drip":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
            with suppress(OSError):
                for _ in range(DRIPS):
                    self.wfile.write(b"a")
                    time.sleep(0.1)
                self.server.told.append(("heard to the end", {}))  # type: ignore[attr-defined]
            return
        self.send_response({"/down": 503, "/round": 302}.get(mood, 204))
        self.send_header("location", "/well")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def moody(settings: SettingsWrapper, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    settings.WEBHOOK_HOSTS = ("127.0.0.1",)
    monkeypatch.setattr(address, "SECONDS", 2.0)
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Moody)
    server.told, server.moods, server.daemon_threads = [], {}, True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    ids = [f"C-{n}" for n in range(CUSTOMERS)]
    return acting.company(folder=tmp_path, patch=monkeypatch, customer_ids=ids)


def test_ten_thousand_events_at_once_raise_one_alert_a_customer_and_none_is_forgotten(company: dict[str, int]):
    acting.arrives(*(acting.late_visit(n, f"C-{n % CUSTOMERS}") for n in range(MANY)))
    rows = 0
    while (found := alerting.follow(now=NOON)).rows:
        rows += found.rows
    assert rows == MANY
    assert Alert.objects.count() == CUSTOMERS
    assert alerting.follow(now=NOON).raised == 0
    while casework.open_cases(now=NOON):
        pass
    held = Alert.objects.filter(state="held").count()
    # What nobody can take today waits for tomorrow, and is counted; nobody gets more than their number a day.
    assert Case.objects.count() + held == CUSTOMERS
    assert held > 0
    casework.look_after(now=NOON + timedelta(days=1))
    assert Alert.objects.filter(state="held").count() < held


def test_many_lines_at_once_wait_for_a_receiver_each_once(company: dict[str, int]):
    now = datetime.now(UTC)
    receivers.add(kind="webhook", name="desk", said={"url": "https://hooks.example.org/"}, events=(), by="t", now=now)
    telling.collect(now=now)
    acting.arrives(acting.late_visit(1, "C-1"))
    alerting.follow(now=NOON)
    casework.open_cases(now=NOON)
    case = Case.objects.get()
    lines = (Happening(case=case, at=now, what="replied", words=f"Line {n}") for n in range(LINES))
    Happening.objects.bulk_create(lines, batch_size=1_000)
    for _ in range(LINES // telling.AT_ONCE + 5):
        telling.collect(now=now)
    assert Delivery.objects.filter(kind="case.replied").count() == LINES
    assert telling.collect(now=now) == 0


def test_receivers_that_misbehave_cost_time_and_nothing_else(company: dict[str, int], moody: Any):
    now = datetime.now(UTC)
    for name in ("well", "down", "round", "drip"):
        url = f"http://127.0.0.1:{moody.server_port}/{name}"
        receivers.add(kind="webhook", name=name, said={"url": url}, events=(), by="test", now=now)
        receivers.queue(event=f"msg_{name}", kind="case.opened", customer=None, body={"id": 1}, now=now)
    for _ in range(4):
        telling.tell(now=now)
    assert {path for path, _ in moody.told} == {"/well", "/down", "/round", "/drip"}
    arrived = set(Delivery.objects.filter(state="done").values_list("receiver__name", "event"))
    assert {("well", f"msg_{name}") for name in ("down", "round", "drip")} <= arrived
    failing = {row.name: row.why for row in receivers.receivers() if row.failing_since}
    assert set(failing) == {"down", "round", "drip"}
    # Once they are well again, everything that waited arrives, each under the name it had, whatever had been tried.
    moody.moods = dict.fromkeys(("/down", "/round", "/drip"), "/well")
    for hours in (1, 3, 9):
        telling.tell(now=now + timedelta(hours=hours))
    assert not Delivery.objects.exclude(state="done").exists()
    assert not [row for row in receivers.receivers() if row.failing_since or row.waiting or row.failed]
