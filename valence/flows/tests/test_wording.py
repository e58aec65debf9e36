from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
from django.conf import LazySettings

from valence.flows.read import wording
from valence.text import digest


class _Fake(ThreadingHTTPServer):
    """A language model that says what a test tells it to."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.said: dict[str, object] = {}
        self.asked: list[dict[str, object]] = []
        self.keys: list[str] = []
        self.status = 200
        self.body: bytes | None = None
        self.wait = 0.0

    @property
    def model(self) -> wording.Model:
        return wording.Model(url=f"http://127.0.0.1:{self.server_address[1]}/v1", name="fake", key="k1")

    def answer(self) -> bytes:
        if self.body is not None:
            return self.body
        return json.dumps({"choices": [{"message": {"content": json.dumps(self.said)}}]}).encode()


class _Handler(BaseHTTPRequestHandler):
    server: _Fake

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.asked.append({"path": self.path, **json.loads(body)})
        self.server.keys.append(self.headers.get("authorization", ""))
        time.sleep(self.server.wait)
        told = self.server.answer()
        self.send_response(self.server.status)
        if 300 <= self.server.status < 400:
            self.send_header("location", "/elsewhere")
        self.send_header("content-length", str(len(told)))
        self.end_headers()
        with suppress(BrokenPipeError):  # who asked may have left
            self.wfile.write(told)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def fake() -> Iterator[_Fake]:
    server = _Fake()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def _digest() -> digest.Digest:
    texts = ("The router broke, call me on +49 151 23456789", "Anna was late again", "My mail is ann@example.org")
    comments = [digest.Said(id=str(at), text=text) for at, text in enumerate(texts)]
    return digest.gather(comments=comments, vectors=np.eye(3, dtype=np.float32))


def _worded(fake: _Fake) -> digest.Told:
    return wording.worded(digest=_digest(), about="repairs", model=fake.model)


def test_no_model_is_asked_unless_one_is_set(settings: LazySettings):
    assert wording.plugged_in() is None
    settings.LLM_URL, settings.LLM_MODEL, settings.LLM_KEY = "http://localhost:1/v1/", "small", ""
    assert wording.plugged_in() == wording.Model(url="http://localhost:1/v1", name="small")


def test_sentences_come_back_with_the_comments_that_carry_them(fake: _Fake):
    fake.said = {"claims": [{"text": "A router broke.", "quotes": [1]}, {"text": "All are happy.", "quotes": []}]}
    told = _worded(fake)
    assert [(one.text, len(one.quotes)) for one in told.claims] == [("A router broke.", 1)]
    assert told.dropped == (("names no quote that was shown", 1),)
    assert fake.asked[0]["path"] == "/v1/chat/completions"
    assert fake.keys == ["Bearer k1"]


def test_what_is_personal_never_leaves(fake: _Fake):
    _worded(fake)
    sent = json.dumps(fake.asked)
    assert "151 23456789" not in sent
    assert "ann@example.org" not in sent
    assert "[phone]" not in sent  # brackets stand for numbers of quotes
    assert "(phone)" in sent


@pytest.mark.parametrize(
    ("status", "body"),
    [(500, b""), (302, b""), (200, b"<html>"), (200, b'{"choices": []}'), (200, b"x" * 1_100_000)],
)
def test_a_model_that_fails_is_said_to_have_failed(fake: _Fake, status: int, body: bytes):
    fake.status, fake.body = status, body
    with pytest.raises(wording.CannotWord):
        _worded(fake)
    assert len(fake.asked) == 1  # a redirect is not followed


def test_a_model_that_does_not_answer_in_time_is_left(fake: _Fake, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(wording, "SECONDS", 0.2)
    fake.wait = 1.0
    with pytest.raises(wording.CannotWord, match="in time"):
        _worded(fake)


@pytest.mark.parametrize(
    "url", ["http://93.184.216.34/v1", "ftp://localhost/v1", "http://u:p@localhost/v1", "x", "http://[/v1"]
)
def test_words_of_customers_travel_over_tls_or_inside_the_house_only(url: str):
    with pytest.raises(wording.CannotWord):
        wording.worded(digest=_digest(), about="x", model=wording.Model(url=url, name="m"))
