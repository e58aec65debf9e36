"""The ASGI application: lean intake in front, Django behind.

What is sent in is taken as soon as the process stands; the pages are loaded beside it, so that a restart is short.
"""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.core.asgi import get_asgi_application
from django.db import connections
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "valence.settings")
django_application: Any = get_asgi_application()

from valence.api import health, intake  # noqa: E402 - the tables must be ready first
from valence.flows.run import collecting  # noqa: E402

MOST_IDLE = 6

_loaded: dict[str, Any] = {}
_idle: list[ThreadPoolExecutor] = []


async def application(scope: dict[str, Any], receive: intake.Receive, send: intake.Send) -> None:
    """Answer one connection: what is sent in goes to the lean endpoint, everything else to Django."""
    if scope["type"] == "lifespan":
        await _live(receive, send)
    elif scope["type"] == "http" and scope["method"] == "POST" and scope["path"].rstrip("/") in intake.PATHS:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        kind = intake.PATHS[scope["path"].rstrip("/")]
        await intake.ENDPOINT.serve(kind=kind, headers=headers, receive=receive, send=send)
    elif scope["type"] == "http" and scope["path"].startswith("/s/"):
        await _show_survey(scope, receive, send)
    elif scope["type"] == "http" and scope["path"] == "/healthz" and scope["method"] in ("GET", "HEAD"):
        await _tell_health(send)
    else:
        await _show_page(scope, receive, send)


async def _show_page(scope: dict[str, Any], receive: intake.Receive, send: intake.Send) -> None:
    """Answer by Django in a thread that has answered before, where there is one, or in a new one.

    Django by itself takes a new thread for each page, and each opens the database anew: nothing that was read is at
    hand, and what the connection before held stays until the collector comes, hundreds of megabytes for a busy server.
    """
    thread = _idle.pop() if _idle else ThreadPoolExecutor(max_workers=1, thread_name_prefix="page")
    try:
        async with ThreadSensitiveContext(executor=thread):
            await django_application(scope, receive, send)
    finally:
        if len(_idle) < MOST_IDLE:
            _idle.append(thread)
        else:
            thread.submit(connections.close_all)
            thread.shutdown(wait=False)


async def _show_survey(scope: dict[str, Any], receive: intake.Receive, send: intake.Send) -> None:
    """Answer who is asked by the survey page's own way in, and whatever else begins so by Django."""
    way_in = _loaded.get("respondents") or await sync_to_async(_load_respondents)()
    if way_in.is_theirs(scope=scope):
        await way_in.serve(scope=scope, receive=receive, send=send)
    else:
        await django_application(scope, receive, send)


def _load_respondents() -> Any:
    from valence.web import respondents

    return _loaded.setdefault("respondents", respondents)


async def _tell_health(send: intake.Send) -> None:
    answer = await sync_to_async(health.told)()
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in answer.items()]
    await send({"type": "http.response.start", "status": answer.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": answer.content})


def _load_pages(stop: threading.Event) -> None:
    """Load every page, leave what is there then to the collector no more, and see that long sums are at hand."""
    _ = get_resolver().url_patterns
    _load_respondents()
    collecting.rarely_and_little()
    from valence.web import warming

    warming.run(stop=stop)


async def _live(receive: intake.Receive, send: intake.Send) -> None:
    stop = threading.Event()
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            threading.Thread(target=_load_pages, args=[stop], name="pages", daemon=True).start()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            stop.set()
            return
