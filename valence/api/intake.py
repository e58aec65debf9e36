"""POST /api/v1/interactions and /customers: a lean endpoint in front of Django, and the same answers behind it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from valence.api import bodies
from valence.api.doors import DOOR, Door
from valence.api.replies import Error, Refusal, Reply, error_reply, json_reply
from valence.api.writer import SHAPES, WRITER, Stored, Writer
from valence.terms import Refused, Verdict

PATHS = {"/api/v1/interactions": "interactions", "/api/v1/customers": "customers"}
SECONDS_TO_STORE = 60.0
TAKEN: Mapping[Verdict, dict[str, str | None]] = {
    verdict: {"verdict": verdict.value, "reason": None} for verdict in Verdict
}
STATUS = {Verdict.CONFLICT: 409, Verdict.REFUSED: 422}

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Gone(Exception):  # noqa: N818 - the sender went away; nobody is left to answer
    """The sender closed the connection before the body was whole."""


class Endpoint:
    """Takes interactions and customers: who sends, how much, what, and the verdicts after the commit."""

    def __init__(self, *, door: Door = DOOR, writer: Writer = WRITER) -> None:
        self._door = door
        self._writer = writer

    async def serve(self, *, kind: str, headers: Mapping[str, str], receive: Receive, send: Send) -> None:
        """Answer one request of an ASGI server."""
        try:
            reply = await self._reply(kind, headers, receive)
        except Refusal as refusal:
            reply = refusal.reply
        except Gone:
            return
        await _send(reply, send)

    def answer(self, *, kind: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Answer one request whose body is at hand."""
        try:
            media = self._may_enter(headers, self._door.look_up(authorization=headers.get("authorization", "")))
            found = bodies.read(body=body, media=media, shape=SHAPES[kind])
            waiting = self._writer.submit(kind=kind, items=found.items, size=len(body))
            return told(stored=waiting.result(timeout=SECONDS_TO_STORE), alone=found.alone)
        except Refusal as refusal:
            return refusal.reply
        except TimeoutError:
            return error_reply(Error.BUSY, retry_after=5)

    async def _reply(self, kind: str, headers: Mapping[str, str], receive: Receive) -> Reply:
        authorization = headers.get("authorization", "")
        key = self._door.remembered(authorization=authorization)
        if key is None:
            key = await asyncio.to_thread(self._door.look_up, authorization=authorization)
        media = self._may_enter(headers, key)
        body = await _whole(receive)
        found = bodies.read(body=body, media=media, shape=SHAPES[kind])
        waiting = self._writer.submit(kind=kind, items=found.items, size=len(body))
        try:
            stored = await asyncio.wait_for(asyncio.wrap_future(waiting), SECONDS_TO_STORE)
        except TimeoutError:
            raise Refusal(Error.BUSY, retry_after=5) from None
        return told(stored=stored, alone=found.alone)

    def _may_enter(self, headers: Mapping[str, str], key: Any) -> str:
        self._door.pass_through(key=key, scope="write")
        bodies.check_length(content_length=headers.get("content-length", ""))
        return bodies.media_type(
            content_type=headers.get("content-type", ""), encoding=headers.get("content-encoding", "")
        )


def told(*, stored: Stored, alone: bool) -> Reply:
    """Return the verdicts as an answer: one object for one object, else an array in order."""
    said = [_said(verdict, why) for verdict, why in stored]
    if alone:
        return json_reply(STATUS.get(stored[0][0], 202), said[0])
    return json_reply(202, said)


def _said(verdict: Verdict, why: Refused | None) -> dict[str, str | None]:
    if why is None:
        return TAKEN[verdict]
    return {"verdict": verdict.value, "reason": why.reason.value, "detail": why.detail}


async def _whole(receive: Receive) -> bytes:
    """Read a body, chunked or not, and stop as soon as it is too large."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        part: bytes = message.get("body", b"")
        size += len(part)
        if size > bodies.LARGEST:
            raise Refusal(Error.TOO_LARGE)
        parts.append(part)
        if not message.get("more_body"):
            return b"".join(parts)


async def _send(reply: Reply, send: Send) -> None:
    headers = {
        "content-type": "application/json",
        "content-length": str(len(reply.body)),
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        **reply.headers,
    }
    if reply.status == 413:
        headers["connection"] = "close"
    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": reply.status, "headers": pairs})
    await send({"type": "http.response.body", "body": reply.body})


ENDPOINT = Endpoint()
