"""Promises of the server's threads: pages are answered by few, again and again, and none is left behind."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from valence import asgi

STATIC = {
    "type": "http", "http_version": "1.1", "method": "GET", "path": "/static/nothing.css", "raw_path": b"/static/x",
    "query_string": b"", "root_path": "", "scheme": "http", "headers": [(b"host", b"localhost")],
    "server": ("localhost", 80), "client": ("127.0.0.1", 1),
}  # fmt: skip


@pytest.fixture(autouse=True)
def threads(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The threads that Django's part of each page ran in."""
    from asgiref.sync import sync_to_async

    seen: list[int] = []

    async def page(scope: Any, receive: Any, send: Any) -> None:
        seen.append(await sync_to_async(threading.get_ident)())
        await asyncio.sleep(0.01)

    monkeypatch.setattr(asgi, "_idle", [])
    monkeypatch.setattr(asgi, "django_application", page)
    yield seen
    for each in asgi._idle:
        each.shutdown()


def opened(*, times: int, together: bool) -> None:
    async def nothing(*_: Any) -> Any:
        return {"type": "http.disconnect"}

    async def all_of_them() -> None:
        pages = [asgi.application(dict(STATIC), nothing, nothing) for _ in range(times)]
        if together:
            await asyncio.gather(*pages)
        else:
            for each in pages:
                await each

    outer = threading.Thread(target=asyncio.run, args=(all_of_them(),))  # a loop may run in this one
    outer.start()
    outer.join()


def test_pages_one_after_the_other_are_answered_by_one_thread(threads):
    opened(times=10, together=False)
    assert len(threads) == 10
    assert len(set(threads)) == 1


def test_many_pages_at_once_wait_for_nobody_and_leave_few_threads(threads):
    opened(times=3 * asgi.MOST_IDLE, together=True)
    assert len(set(threads)) == 3 * asgi.MOST_IDLE
    assert len(asgi._idle) == asgi.MOST_IDLE
    opened(times=10, together=False)
    assert len(threads) == 3 * asgi.MOST_IDLE + 10
    assert len(asgi._idle) == asgi.MOST_IDLE
