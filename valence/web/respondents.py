"""The survey page's own way in: those who are asked have no session, so nothing of one is looked for.

Only the middleware that speaks to them stands in it, and their requests are answered by a few threads that stay, each
with a connection to the database that stays open. Everything else that begins with `/s/` is answered by Django.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.core.handlers.exception import convert_exception_to_response
from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.security import SecurityMiddleware

from valence.web import manner, security
from valence.web.pages.public import survey

PAGE = re.compile(r"/s/([A-Za-z0-9_-]{22})/")
METHODS = frozenset({"GET", "HEAD", "POST"})
LARGEST = 256 << 10
THREADS = 16  # as many answers at most go into one transaction

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_threads = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="respondents")


class Gone(Exception):  # noqa: N818 - named as people say it
    """Who sent it went away; nobody is left to answer."""


def is_theirs(*, scope: MutableMapping[str, Any]) -> bool:
    """Say whether a request is for a survey page."""
    return scope["method"] in METHODS and PAGE.fullmatch(scope["path"]) is not None


async def serve(*, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
    """Answer one request of an ASGI server."""
    try:
        body = await _whole(receive)
    except Gone:
        return
    if body is None:
        answer = _too_large()
    else:
        answer = await asyncio.get_running_loop().run_in_executor(_threads, _answered, scope, body)
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in answer.items()]
    headers.append((b"content-length", str(len(answer.content)).encode()))
    await send({"type": "http.response.start", "status": answer.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": answer.content})


async def _whole(receive: Receive) -> bytes | None:
    """Return a body, None where it is larger than any form of ours."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        part: bytes = message.get("body", b"")
        size += len(part)
        if size > LARGEST:
            return None
        parts.append(part)
        if not message.get("more_body"):
            return b"".join(parts)


def _too_large() -> HttpResponse:
    return HttpResponse("This is more than a form holds.", status=413, headers={"Connection": "close"})


def _answered(scope: MutableMapping[str, Any], body: bytes) -> HttpResponse:
    close_old_connections()
    return _way_in(ASGIRequest(scope, BytesIO(body)))


def _page(request: HttpRequest) -> HttpResponse:
    request.get_host()  # refuses names that are not ours
    found = PAGE.fullmatch(request.path)
    assert found is not None
    return survey.survey(request, token=found[1])


def _through(view: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Return the view behind the middleware that those who are asked meet, as `settings.MIDDLEWARE` orders it."""
    way: Any = convert_exception_to_response(view)
    for middleware in (
        XFrameOptionsMiddleware, manner.of_the_organisation, security.security_headers, SecurityMiddleware
    ):  # fmt: skip
        way = convert_exception_to_response(middleware(way))
    return way  # type: ignore[no-any-return]


_way_in = _through(_page)
