"""The ASGI application: lean intake in front, Django behind."""

from __future__ import annotations

import gc
import os
from typing import Any

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "valence.settings")
django_application: Any = get_asgi_application()

from valence.api import intake  # noqa: E402 - the tables must be ready first


async def application(scope: dict[str, Any], receive: intake.Receive, send: intake.Send) -> None:
    """Answer one connection: what is sent in goes to the lean endpoint, everything else to Django."""
    if scope["type"] == "lifespan":
        await _live(receive, send)
    elif scope["type"] == "http" and scope["method"] == "POST" and scope["path"].rstrip("/") in intake.PATHS:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        kind = intake.PATHS[scope["path"].rstrip("/")]
        await intake.ENDPOINT.serve(kind=kind, headers=headers, receive=receive, send=send)
    else:
        await django_application(scope, receive, send)


async def _live(receive: intake.Receive, send: intake.Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            gc.freeze()  # what was loaded by now stays: the collector need not walk through it again and again
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
