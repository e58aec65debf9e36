"""A mail server and a provider of text messages on this machine, for tests: real wires, nobody behind them."""

from __future__ import annotations

import base64
import json
import socket
import threading
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from aiosmtpd.controller import Controller


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


@dataclass
class Mail:
    sender: str
    recipients: list[str]
    message: EmailMessage


class MailServer:
    """An SMTP server: `received` mails; `answers` by recipient, such as "550 no such user"."""

    def __init__(self) -> None:
        self.host, self.port = "127.0.0.1", free_port()
        self.url = f"smtp://{self.host}:{self.port}"
        self.received: list[Mail] = []
        self.answers: dict[str, str] = {}
        self.breaks_after_data = False
        self._controller: Any = None

    def __enter__(self) -> MailServer:
        self._controller = Controller(self, hostname=self.host, port=self.port)
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        answer = self.answers.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.received.append(Mail(envelope.mail_from, envelope.rcpt_tos, message))
        if self.breaks_after_data:
            server.transport.abort()
        return "250 OK"


@dataclass
class Text:
    path: str
    user: tuple[str, str]
    form: dict[str, str]


@dataclass
class Provider:
    """A provider in Twilio's wire form: `received` messages; `status` and `code` are what it answers."""

    status: int = 201
    code: int = 0
    received: list[Text] = field(default_factory=list)

    def __enter__(self) -> Provider:
        provider = self

        class Door(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                provider.answer(self)

            def log_message(self, *_: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://AC1:secret@127.0.0.1:{self._server.server_address[1]}"

    def answer(self, door: BaseHTTPRequestHandler) -> None:
        body = door.rfile.read(int(door.headers["Content-Length"])).decode()
        name, _, password = base64.b64decode(door.headers["Authorization"].split()[1]).decode().partition(":")
        form = {key: values[0] for key, values in parse_qs(body).items()}
        if self.status == 201:
            self.received.append(Text(door.path, (name, password), form))
        said = json.dumps({"sid": f"SM{len(self.received):032d}", "status": "queued", "code": self.code or None})
        door.send_response(self.status)
        door.send_header("Content-Type", "application/json")
        door.end_headers()
        door.wfile.write(said.encode())
