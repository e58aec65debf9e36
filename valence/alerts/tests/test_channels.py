"""Webhooks: signed so that another library verifies them; never inside the house, after a redirect, or for ever."""

from __future__ import annotations

import ipaddress
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import svix

from valence.alerts import telling
from valence.alerts.channels import address, slack, teams, webhook
from valence.alerts.channels.event import Event, Request, WrongReceiver
from valence.alerts.models import Delivery

NOW = datetime.now(UTC)
EVENT = Event(name="msg_case_1_7", kind="case.opened", at=NOW, data={"title": "A <visit> & more", "number": "C-1"})
HERE = ("127.0.0.1",)
DRIPS = 600  # a tenth of a second each
INSIDE = (
    "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "017700000001", "0.0.0.0", "0", "127.0.0.1.",
    "localhost", "LOCALHOST", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:127.0.0.1]",
    "[::127.0.0.1]", "[64:ff9b::127.0.0.1]", "[64:ff9b::a00:1]", "[2002:7f00:1::]", "[2002:a00:1::]",
    "[2001:0:0:0:0:0:80ff:fffe]", "[fe80::1]", "[fc00::1]", "[fd00:ec2::254]", "[ff02::1]", "[fec0::1]", "10.0.0.1",
    "10.1", "172.16.0.1", "172.31.255.255", "192.168.0.1", "192.168.1", "169.254.169.254", "0xa9fea9fe",
    "2852039166", "100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
)  # fmt: skip


class _Receiver(BaseHTTPRequestHandler):
    """Keeps what it was told; answers by the path: /ok, /redirect, /drip (a byte at a time, for a minute), /gone."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.told.append((self.path, dict(self.headers), body))  # type: ignore[attr-defined]
        if self.path == "/drip":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            with suppress(OSError):
                for _ in range(DRIPS):
                    self.wfile.write(b"a")
                    time.sleep(0.1)
                self.server.told.append(("heard to the end", {}, b""))  # type: ignore[attr-defined]
            return
        status = {"/redirect": 302, "/gone": 410, "/down": 503}.get(self.path, 204)
        self.send_response(status)
        if status == 302:
            self.send_header("location", "/ok")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  its name there
        return


@pytest.fixture
def receiver() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Receiver)
    server.told = []  # type: ignore[attr-defined]
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()


def _url(server: ThreadingHTTPServer, path: str) -> str:
    return f"http://127.0.0.1:{server.server_port}{path}"


def test_another_library_verifies_what_was_signed():
    kept = webhook.checked(said={"url": "https://hooks.example.org/in"})
    request = webhook.made(settings=kept, event=EVENT, now=datetime.now(UTC))
    svix.Webhook(kept["secret"]).verify(request.body, dict(request.headers))
    assert json.loads(request.body)["type"] == "case.opened"
    with pytest.raises(svix.webhooks.WebhookVerificationError):
        svix.Webhook(kept["secret"]).verify(request.body + b" ", dict(request.headers))


def test_teams_gets_a_card_that_reads_nothing_as_markup():
    data = {"title": "[x](https://evil.example) **b**", "number": "C-7", "url": "https://valence.example/cases/7/"}
    told = replace(EVENT, data=data)
    request = teams.made(settings={"url": "https://flows.example.org/in"}, event=told, now=datetime.now(UTC))
    [attached] = json.loads(request.body)["attachments"]
    [block] = attached["content"]["body"]
    assert attached["contentType"] == teams.CARD
    assert block["type"] == "RichTextBlock"  # a text run knows no Markdown
    assert "[x](https://evil.example) **b**" in block["inlines"][0]["text"]
    assert attached["content"]["actions"][0]["url"] == "https://valence.example/cases/7/"


def test_slack_reads_nothing_as_markup():
    said = json.loads(slack.made(settings={"url": "https://x.example.org/"}, event=EVENT, now=NOW).body)["text"]
    assert "&lt;visit&gt; &amp; more" in said


@pytest.mark.parametrize("host", INSIDE)
def test_no_spelling_of_an_inside_address_is_reached(host: str):
    with pytest.raises((WrongReceiver, address.CannotReach)):
        address.examined(url=f"https://{host}/hook")


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.org/", "ftp://hooks.example.org/", "https://", "https://a:b@hooks.example.org/",
        "https://hooks.example.org/#x", "https://hooks.example.org:99999/", "https://ho st/", "file:///etc/passwd",
        "javascript:alert(1)", "https://hooks.example.org/\r\nX: y", "https://" + "a" * 3_000,
    ],
)  # fmt: skip
def test_what_is_no_address_of_a_receiver_is_refused_in_words(url: str):
    with pytest.raises(WrongReceiver):
        address.parse(url=url)


def test_a_name_that_has_an_inside_address_among_others_is_refused(monkeypatch: pytest.MonkeyPatch):
    def both(*args: object, **more: object) -> list[tuple[object, ...]]:
        return [(0, 0, 0, "", (one, 443)) for one in ("93.184.216.34", "10.0.0.7")]

    monkeypatch.setattr(socket, "getaddrinfo", both)
    with pytest.raises(WrongReceiver):
        address.examined(url="https://hooks.example.org/")


def test_it_connects_where_it_was_looked_up_and_asks_for_the_name(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: [(0, 0, 0, "", ("93.184.216.34", 443))])
    place = address.examined(url="https://hooks.example.org/in?a=1")
    assert place == address.Place("https://93.184.216.34:443/in?a=1", "hooks.example.org", "hooks.example.org")


def test_addresses_on_the_internet_are_outside():
    for one in ("93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34"):
        assert address.is_outside(address=ipaddress.ip_address(one))


def test_a_redirect_is_not_followed(receiver: ThreadingHTTPServer):
    assert address.post(request=Request(_url(receiver, "/redirect"), b"{}"), allowed=HERE) == 302
    assert [path for path, _, _ in receiver.told] == ["/redirect"]  # type: ignore[attr-defined]


def test_an_endless_receiver_is_left_after_a_while(receiver: ThreadingHTTPServer, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(address, "SECONDS", 0.6)
    with pytest.raises(address.CannotReach, match="in time"):
        address.post(request=Request(_url(receiver, "/drip"), b"{}"), allowed=HERE)
    assert "heard to the end" not in [path for path, _, _ in receiver.told]  # type: ignore[attr-defined]


@pytest.mark.django_db
def test_an_event_waits_for_each_receiver_once_is_tried_for_days_and_can_be_sent_again():
    secret = telling.add(
        kind="webhook", name="desk", said={"url": "https://hooks.example.org/"}, events=(), by="test", now=NOW
    )
    assert secret.startswith("whsec_")
    for _ in range(2):
        telling.queue(event="msg_1", kind="case.opened", customer=None, body={"id": 1}, now=NOW)
    telling.queue(event="msg_2", kind="no.such", customer=None, body={}, now=NOW)
    assert Delivery.objects.count() == 1
    at = NOW
    tries = 0
    while found := telling.due(now=at, limit=5):
        telling.note(one=found[0], status=503, why="", lasting=False, now=at)
        tries += 1
        left = Delivery.objects.filter(state="waiting").first()
        at = left.next_try_at if left else at
    assert tries == len(telling.WAITS) + 1
    assert timedelta(days=2) < at - NOW < timedelta(days=5)
    [row] = telling.receivers()
    assert (row.failed, row.failing_since) == (1, NOW)
    assert telling.again(receiver=row.pk, now=at) == 1
    [once_more] = telling.due(now=at, limit=5)
    telling.note(one=once_more, status=204, why="", lasting=False, now=at)
    [row] = telling.receivers()
    assert (row.failed, row.waiting, row.failing_since) == (0, 0, None)


@pytest.mark.django_db
def test_a_receiver_that_says_it_is_gone_is_told_no_more():
    telling.add(kind="slack", name="room", said={"url": "https://hooks.example.org/"}, events=(), by="t", now=NOW)
    telling.queue(event="msg_1", kind="case.opened", customer=None, body={"id": 1}, now=NOW)
    [one] = telling.due(now=NOW, limit=5)
    telling.note(one=one, status=410, why="", lasting=False, now=NOW)
    assert telling.receivers()[0].state == "off"
    assert telling.queue(event="msg_2", kind="case.opened", customer=None, body={}, now=NOW) == 0
