"""A small client that keeps connections open and costs little: what is measured is the server."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil


def free_port() -> int:
    """Return a port on which nobody listens."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


PORT = free_port()
PATIENCE = 120
"""Seconds a server may take to come up on a machine that does other work."""


@contextmanager
def served(*, application: str, home: Path, port: int = PORT) -> Iterator[psutil.Process]:
    """Serve an ASGI application with uvicorn on loopback for as long as the context lasts."""
    command = [sys.executable, "-m", "uvicorn", f"{application}:application", "--port", str(port)]
    command += ["--log-level", "error", "--no-access-log"]
    process = subprocess.Popen(command, env={**os.environ, "VALENCE_HOME": str(home), "VALENCE_API_RATE": "100000000"})
    try:
        asyncio.run(_ready(port))
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait()


def looked_at(*, path: str, port: int = PORT) -> None:
    """Open a page, whatever it answers: the server has loaded its pages then."""
    with contextlib.suppress(urllib.error.HTTPError):
        urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=120).read()


def posted(*, path: str, bodies: Sequence[bytes], token: str, clients: int) -> float:
    """Post every body from so many clients at once and return how long it took, in seconds. Raises unless 202."""
    return asyncio.run(_posted(path, bodies, token, clients))


async def _posted(path: str, bodies: Sequence[bytes], token: str, clients: int) -> float:
    waiting = iter(bodies)
    head = f"POST {path} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n"
    begun = time.perf_counter()
    await asyncio.gather(*(_client(waiting, head.encode()) for _ in range(clients)))
    return time.perf_counter() - begun


async def _client(waiting: Iterator[bytes], head: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    for body in waiting:
        writer.write(head + b"content-length: %d\r\n\r\n" % len(body) + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        lines = answer.lower().split(b"\r\n")
        length = next(int(line.partition(b":")[2]) for line in lines if line.startswith(b"content-length:"))
        said = await reader.readexactly(length)
        if b" 202 " not in lines[0]:
            raise RuntimeError(f"{lines[0].decode()}: {said[:300].decode()}")
    writer.close()


async def _ready(port: int) -> None:
    for _ in range(PATIENCE * 10):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
        else:
            writer.close()
            return
    raise RuntimeError("the server did not come up")
